#include "cmd/kubectl-dkube/top.h"

#include <stdio.h>

#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "cmd/kubectl-dkube/place.h"

struct pool_row {
    const struct json *pool;
    int64_t capacity, used, free, unhealthy, foreign;
    int64_t queued, longest_ms;
    bool sees_queue;
};

static const char *namespace_of(const struct json *groups, const char *group)
{
    for (size_t i = 0; i < json_len(groups); i++) {
        const struct json *g = json_at(groups, i);

        if (str_eq(json_str(g, "metadata.name", ""), group)) {
            return json_str(g, "status.namespace", json_str(g, "spec.namespace", group));
        }
    }
    return NULL;
}

static void count_queue(struct session *s, struct pool_row *r, const struct json *runs,
                        const char *ns)
{
    r->sees_queue = runs != NULL;
    for (size_t i = 0; i < json_len(runs); i++) {
        const struct json *run = json_at(runs, i);
        int64_t waits = s->now_ms - time_at(run, "metadata.creationTimestamp");

        if (waits_in_queue(run) && str_eq(json_str(run, "metadata.namespace", ""), ns)) {
            r->queued++;
            r->longest_ms = waits > r->longest_ms ? waits : r->longest_ms;
        }
    }
}

static struct pool_row row_of(struct session *s, const struct json *pool, const struct json *groups,
                              const struct json *runs)
{
    struct pool_row r = {.pool = pool,
                         .capacity = json_int(pool, "status.capacity", 0),
                         .used = json_int(pool, "status.allocated", 0),
                         .free = json_int(pool, "status.free", 0),
                         .unhealthy = json_int(pool, "status.unhealthy", 0),
                         .foreign = json_int(pool, "status.foreign", 0)};

    count_queue(s, &r, runs, namespace_of(groups, json_str(pool, "status.group", "")));
    return r;
}

static int percent(const struct pool_row *r)
{
    return r->capacity > 0 ? (int)(100 * r->used / r->capacity) : 0;
}

static void print_row(struct session *s, const struct pool_row *r)
{
    const char *queue = r->sees_queue ? arena_printf(s->a, "%lld", (long long)r->queued) : "?";
    const char *longest = r->queued > 0 ? length_text(s->a, r->longest_ms) : "-";

    printf("%-20s %-12s %8lld %6lld %6lld %10lld %8lld %6s %13s %4d%%\n",
           json_str(r->pool, "metadata.name", "?"), json_str(r->pool, "status.group", "-"),
           (long long)r->capacity, (long long)r->used, (long long)r->free, (long long)r->unhealthy,
           (long long)r->foreign, queue, longest, percent(r));
}

static void write_row(struct jsonw *w, const struct pool_row *r)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "pool", json_str(r->pool, "metadata.name", "?"));
    jsonw_opt(w, "group", json_str(r->pool, "status.group", NULL));
    jsonw_int(w, "capacity", r->capacity);
    jsonw_int(w, "used", r->used);
    jsonw_int(w, "free", r->free);
    jsonw_int(w, "unhealthy", r->unhealthy);
    jsonw_int(w, "foreign", r->foreign);
    if (r->sees_queue) {
        jsonw_int(w, "queue", r->queued);
        jsonw_int(w, "longestWaitSeconds", r->longest_ms / 1000);
    }
    jsonw_int(w, "usePercent", percent(r));
    jsonw_end(w);
}

int top(struct session *s, const char *what UNUSED, struct err *e)
{
    const struct json *pools = session_list(s, &kind_pool, NULL, e), *groups, *runs;
    struct err unseen = {0};
    struct jsonw w;

    if (pools == NULL) {
        return -1;
    }
    groups = session_list(s, &kind_group, NULL, &unseen);
    runs = session_list(s, &kind_dkuberun, NULL, &unseen);
    jsonw_init(&w, s->a);
    jsonw_arr(&w, NULL);
    if (!s->as_json) {
        printf("%-20s %-12s %8s %6s %6s %10s %8s %6s %13s %5s\n", "POOL", "GROUP", "CAPACITY",
               "USED", "FREE", "UNHEALTHY", "FOREIGN", "QUEUE", "LONGEST WAIT", "USE");
    }
    for (size_t i = 0; i < json_len(pools); i++) {
        struct pool_row r = row_of(s, json_at(pools, i), groups, runs);

        if (s->as_json) {
            write_row(&w, &r);
        } else {
            print_row(s, &r);
        }
    }
    jsonw_end(&w);
    if (s->as_json) {
        puts(jsonw_text(&w));
    } else if (runs == NULL) {
        fprintf(stderr, "queues are not shown: %s\n", unseen.text);
    }
    return 0;
}
