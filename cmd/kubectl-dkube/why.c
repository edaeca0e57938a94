#include "cmd/kubectl-dkube/why.h"

#include <stdio.h>
#include <string.h>

#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/pool.gen.h"
#include "base/clock.h"
#include "base/span.h"
#include "cmd/kubectl-dkube/place.h"

/* All that is known of it; the pool and its runs are NULL where the caller may not see them. */
struct question {
    struct session *s;
    const struct json *run, *pool;
    struct place place;
};

static const char *phase_of(const struct json *run)
{
    return json_str(run, "status.phase", "Queued");
}

static void line(const char *label, const char *fmt, ...) PRINTF(2, 3);
static void line(const char *label, const char *fmt, ...)
{
    va_list ap;

    printf("  %-10s ", label);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
}

static void say_blockers(const struct question *q)
{
    const struct json *names = json_get(q->run, "status.queue.blockedBy");
    long long all = json_int(q->run, "status.queue.blockers", 0);
    const char *list = "";

    for (size_t i = 0; i < json_len(names); i++) {
        list = arena_printf(q->s->a, "%s%s%s", list, i > 0 ? ", " : "",
                            json_as_str(json_at(names, i)));
    }
    if (all > (long long)json_len(names)) {
        list = arena_printf(q->s->a, "%s and %lld more", list, all - (long long)json_len(names));
    }
    if (all > 0) {
        line("waits for", "%s to end: %s the GPUs", list, all == 1 ? "it holds" : "they hold");
    }
}

static void say_start(const struct question *q)
{
    int64_t at = time_at(q->run, "status.queue.estimatedStart");
    bool learned = str_eq(json_str(q->run, "status.queue.confidence", ""), "learned");

    if (at == 0) {
        line("starts", "nobody knows when: without spec.maxRuntime, and before ten runs of a size "
                       "have ended, no end is known");
        return;
    }
    line("starts", "in about %s, at %s (%s)", length_text(q->s->a, at - q->s->now_ms),
         json_str(q->run, "status.queue.estimatedStart", ""),
         learned ? "learned: nine of ten earlier runs took no longer"
                 : "bound: spec.maxRuntime of all before it says so");
}

static void say_pool(const struct question *q)
{
    long long ill = json_int(q->pool, "status.unhealthy", 0);

    if (q->pool == NULL) {
        return;
    }
    line("pool", "%s: %lld GPUs, %lld used, %lld free%s; policy %s",
         json_str(q->pool, "metadata.name", "?"),
         (long long)json_int(q->pool, "status.capacity", 0),
         (long long)json_int(q->pool, "status.allocated", 0),
         (long long)json_int(q->pool, "status.free", 0),
         ill > 0 ? arena_printf(q->s->a, ", %lld unhealthy", ill) : "",
         json_str(q->pool, "spec.policy", "backfill"));
}

/* How its GPUs have to lie. */
static const char *shape_of(const struct question *q)
{
    const struct json *d = json_get(q->run, "spec.distribution");
    const struct json *manual = json_get(d, "manual");

    if (manual != NULL) {
        return arena_printf(q->s->a, "in %lld pods of %lld that start together",
                            (long long)json_int(manual, "workers", 0) + 1,
                            (long long)json_int(manual, "gpusPerWorker", 0));
    }
    return d != NULL ? "in as few equal pods as fit, which start together" : "on one node";
}

static void say_waiting(const struct question *q)
{
    const char *type = json_str(q->run, "spec.gpuType", "any type");

    if (q->place.position == 0) {
        printf(", %s\n", json_str(q->run, "status.message", "the ledger has not looked at it yet"));
        say_pool(q);
        return;
    }
    printf(", number %zu of %zu in the queue\n", q->place.position, q->place.length);
    line("needs", "%lld GPUs of %s, %s", (long long)place_gpus(q->run), type, shape_of(q));
    say_blockers(q);
    if (json_get(q->run, "status.queue.blockedBy") == NULL && q->place.position > 1) {
        line("waits for", "its turn: %zu run%s before it", q->place.position - 1,
             q->place.position == 2 ? "" : "s");
    }
    say_start(q);
    say_pool(q);
}

/* "the node n1 (4), n2 (4)" of the pods in turn. */
static const char *nodes_of(const struct question *q, const struct json *nodes)
{
    const char *text = json_len(nodes) > 1 ? "the nodes" : "the node";

    for (size_t i = 0; i < json_len(nodes); i++) {
        const struct json *n = json_at(nodes, i);

        text = arena_printf(q->s->a, "%s%s %s", text, i > 0 ? "," : "", json_str(n, "name", "?"));
        if (json_len(nodes) > 1) {
            text = arena_printf(q->s->a, "%s (%lld)", text, (long long)json_int(n, "gpus", 0));
        }
    }
    return text;
}

static void say(const struct question *q)
{
    const char *phase = phase_of(q->run);

    printf("run %s/%s: %s", json_str(q->run, "metadata.namespace", ""),
           json_str(q->run, "metadata.name", ""), phase);
    if (str_eq(phase, "WaitingForGPUs")) {
        say_waiting(q);
        return;
    }
    printf(", %s\n", json_str(q->run, "status.message", "the controller has not looked at it yet"));
    if (json_get(q->run, "status.admission") != NULL) {
        line("GPUs", "%lld of the pool %s, on %s", (long long)place_gpus(q->run),
             json_str(q->run, "status.admission.pool", "?"),
             nodes_of(q, json_get(q->run, "status.admission.nodes")));
    }
}

static void say_json(const struct question *q)
{
    struct jsonw w;

    jsonw_init(&w, q->s->a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "namespace", json_str(q->run, "metadata.namespace", ""));
    jsonw_str(&w, "run", json_str(q->run, "metadata.name", ""));
    jsonw_str(&w, "phase", phase_of(q->run));
    jsonw_opt(&w, "reason", json_str(q->run, "status.reason", NULL));
    jsonw_opt(&w, "message", json_str(q->run, "status.message", NULL));
    if (q->place.position > 0) {
        jsonw_int(&w, "position", (int64_t)q->place.position);
        jsonw_int(&w, "queueLength", (int64_t)q->place.length);
        if (json_get(q->run, "status.queue") != NULL) {
            jsonw_json(&w, "queue", json_get(q->run, "status.queue"));
        }
    }
    jsonw_opt(&w, "pool", json_str(q->pool, "metadata.name", NULL));
    jsonw_end(&w);
    puts(jsonw_text(&w));
}

int why(struct session *s, const char *what, struct err *e)
{
    const char *slash = strrchr(what, '/');
    struct question q = {.s = s};
    struct err unseen = {0};

    q.run = session_get(s, &kind_dkuberun, s->ns, slash != NULL ? slash + 1 : what, e);
    if (q.run == NULL) {
        return e->kind == ERR_NOT_FOUND
                   ? err_set(e, ERR_NOT_FOUND, "UnknownRun",
                             "there is no run '%s' in namespace '%s'", what, s->ns)
                   : -1;
    }
    q.pool = place_pool(s, s->ns, &unseen);
    if (str_eq(phase_of(q.run), "WaitingForGPUs") && json_int(q.run, "status.position", 0) > 0) {
        const struct json *runs = session_list(s, &kind_dkuberun, s->ns, e);

        if (runs == NULL) {
            return -1;
        }
        q.place = place_of(s->a, runs, q.run);
    }
    if (s->as_json) {
        say_json(&q);
    } else {
        say(&q);
    }
    return 0;
}
