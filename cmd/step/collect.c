/*
 * collect.c — the native sidecar: waits until the kubelet ends it, which is after the user's
 * container has ended, and then keeps what that left in the outputs. It may run again: what is
 * there is not sent twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/span.h"
#include "cmd/step/step.h"
#include "json/jsonw.h"

/* The startup probe sees by this file that SIGTERM is no longer lost. */
static int say_ready(const struct step *s, struct err *e)
{
    int fd = open(s->ready_file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        return err_set(e, ERR_RETRY, "NotReady", "'%s' cannot be written: %s", s->ready_file,
                       strerror(errno));
    }
    close(fd);
    return 0;
}

static void wait_for_the_end(void)
{
    sigset_t ends;
    int signo = 0;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    while (sigwait(&ends, &signo) != 0) {
        continue;
    }
}

static int keep(struct store_client *c, const struct step_output *out, struct store_tree *t,
                struct err *e)
{
    if (store_put(c, out->dir, t, e) == 0) {
        LOG_I("stored", "output", out->name, "digest", t->digest, NULL);
        return 0;
    }
    if (str_eq(e->reason, "EmptyFolder")) {
        return err_set(
            e, ERR_INVALID, "OutputMissing",
            "the output '%s' is empty; the command must write files below its mountPath '%s'",
            out->name, out->dir);
    }
    return err_in(e, "the output '%s'", out->name);
}

static int keep_all(struct step *s, struct store_client *c, struct progress *p, const char **ret,
                    struct err *e)
{
    struct jsonw w;
    jsonw_init(&w, &s->a);
    jsonw_obj(&w, NULL);
    jsonw_arr(&w, "outputs");
    for (size_t i = 0; i < s->output_count; i++) {
        struct store_tree t;
        *p = (struct progress){.what = s->outputs[i].name};
        if (keep(c, &s->outputs[i], &t, e) < 0) {
            return -1;
        }
        jsonw_obj(&w, NULL);
        jsonw_str(&w, "name", s->outputs[i].name);
        jsonw_str(&w, "digest", t.digest);
        jsonw_int(&w, "size", t.size);
        jsonw_int(&w, "files", (int64_t)t.files);
        jsonw_end(&w);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    *ret = jsonw_text(&w);
    return 0;
}

int step_collect(struct step *s, const char **ret, struct err *e)
{
    struct progress p = {0};
    if (s->output_count > 0 && (str_empty(s->store) || str_empty(s->ns))) {
        return err_set(e, ERR_INVALID, "InvalidConfig", "store or namespace is missing");
    }
    if (say_ready(s, e) < 0) {
        return -1;
    }
    LOG_I("waiting for the program to end", NULL);
    wait_for_the_end();
    struct store_client_conf conf = {.url = s->store,
                                     .ns = s->ns,
                                     .token_file = s->token_file,
                                     .patience_ms = s->patience_s * 1000,
                                     .progress = {progress_tree, &p}};
    struct store_client *c = store_client_new(&conf);
    int r = keep_all(s, c, &p, ret, e);
    store_client_free(c);
    return r;
}
