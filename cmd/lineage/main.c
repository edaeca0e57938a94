/*
 * lineage — mirrors every kind into PostgreSQL, so that history outlives the objects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "cmd/lineage/feed.h"
#include "cmd/lineage/figures.h"

struct conf {
    const char *database;
    struct mirror *mirror; /* owned */
};

static int own_option(void *ctx, const char *name, const char *value, struct err *e)
{
    struct conf *c = ctx;

    if (name != NULL && strcmp(name, "database") == 0) {
        c->database = value;
        return 0;
    }
    if (name != NULL) {
        return err_set(e, ERR_INVALID, "UnknownOption", "unknown option '--%s', see --help", name);
    }
    if (str_empty(c->database)) {
        return err_set(e, ERR_INVALID, "NoDatabase",
                       "no database: set DKUBE_DATABASE_URL or --database to a PostgreSQL URL");
    }
    c->mirror = mirror_new(c->database);
    feed_init(c->mirror);
    return 0;
}

static void measure(void *ctx, struct metrics *m)
{
    const struct conf *c = ctx;

    figures_measure(c->mirror, m);
}

int main(int argc, char **argv)
{
    static const struct controller *const list[] = {&feed_controller};
    struct conf conf = {.database = getenv("DKUBE_DATABASE_URL")};
    const struct program program = {
        .name = "lineage",
        .controllers = list,
        .count = ARRAY_LEN(list),
        .impure = true,
        .option = own_option,
        .measure = measure,
        .ctx = &conf,
        .options_help = "      --database=URL         PostgreSQL, default: $DKUBE_DATABASE_URL\n",
    };
    int status = manager_main(argc, argv, &program);

    feed_done();
    mirror_free(conf.mirror);
    return status;
}
