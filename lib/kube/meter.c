/* meter.c — what the shell says of itself: its metrics, under controller-runtime's own names so
 * that its dashboards work, and its state. */
#include "kube/pass.h"

#include "base/limits.h"
#include "base/span.h"

/* The bounds that controller-runtime has, so that quantiles on its dashboards mean the same. */
static const double reconcile_seconds[] = {
    0.005, 0.01, 0.025, 0.05, 0.1,  0.15, 0.2,  0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6,
    0.7,   0.8,  0.9,   1,    1.25, 1.5,  1.75, 2,    2.5, 3,    3.5, 4,    4.5, 5,
    6,     7,    8,     9,    10,   15,   20,   25,   30,  40,   50,  60,   0};
static const double queue_seconds[] = {1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2,
                                       0.1,  1,    10,   100,  1000, 0};

#define METRIC_WITH(id, type_, name_, labels_, help_, buckets_) \
    const struct metric metric_##id = {.name = name_,           \
                                       .help = help_,           \
                                       .type = METRIC_##type_,  \
                                       .labels = labels_,       \
                                       .buckets = buckets_};
#define METRIC(id, type_, name_, labels_, help_) METRIC_WITH(id, type_, name_, labels_, help_, NULL)

METRIC(reconcile_total, COUNTER, "controller_runtime_reconcile_total", "controller,result",
       "passes by result: success, requeue_after, requeue (stale), error")
METRIC(reconcile_errors, COUNTER, "controller_runtime_reconcile_errors_total", "controller",
       "passes that failed")
METRIC(reconcile_terminal, COUNTER, "controller_runtime_terminal_reconcile_errors_total",
       "controller", "passes that the API server refused: nothing changes until somebody acts")
METRIC(reconcile_panics, COUNTER, "controller_runtime_reconcile_panics_total", "controller",
       "1 when the process before this one ended within a plan (needs --poison-file)")
METRIC(reconcile_timeouts, COUNTER, "controller_runtime_reconcile_timeouts_total", "controller",
       "always 0: requests have time-outs, passes have none of their own")
METRIC_WITH(reconcile_time, HISTOGRAM, "controller_runtime_reconcile_time_seconds", "controller",
            "length of a pass, its requests included", reconcile_seconds)
METRIC(active_workers, GAUGE, "controller_runtime_active_workers", "controller", "passes under way")
METRIC(max_workers, GAUGE, "controller_runtime_max_concurrent_reconciles", "controller",
       "passes that may be under way, of all controllers together")
METRIC(queue_depth, GAUGE, "workqueue_depth", "name,controller,priority",
       "keys due and not yet taken; priority -100: of an initial list")
METRIC(queue_adds, COUNTER, "workqueue_adds_total", "name,controller", "times a key was added")
METRIC_WITH(queue_wait, HISTOGRAM, "workqueue_queue_duration_seconds", "name,controller",
            "time from due to taken", queue_seconds)
METRIC_WITH(queue_work, HISTOGRAM, "workqueue_work_duration_seconds", "name,controller",
            "time from taken to done", queue_seconds)
METRIC(queue_retries, COUNTER, "workqueue_retries_total", "name,controller",
       "times a key was delayed: by back-off or by its own wish")
METRIC(queue_unfinished, GAUGE, "workqueue_unfinished_work_seconds", "name,controller",
       "age of the passes under way, added up")
METRIC(queue_longest, GAUGE, "workqueue_longest_running_processor_seconds", "name,controller",
       "age of the oldest pass under way")
METRIC(queue_keys, GAUGE, "dkube_queue_keys", "controller,state", "keys delayed and processing")
METRIC(queue_dropped, COUNTER, "dkube_queue_dropped_total", "controller",
       "delayed keys dropped at the limit QUEUE_KEYS")
METRIC(writes, COUNTER, "dkube_writes_total", "controller,verb,kind,code",
       "operations sent, by the reply's code; 0: no reply")
METRIC(skipped, COUNTER, "dkube_writes_skipped_total", "controller",
       "operations that would have changed nothing")
METRIC(unknown_writes, COUNTER, "dkube_writes_unknown_total", NULL,
       "writes whose outcome a live GET had to tell")
METRIC(quarantined, COUNTER, "dkube_quarantined_total", "controller",
       "times an object was set aside because planning it ended the process twice")
METRIC(ryw_waits, GAUGE, "dkube_unseen_writes", NULL, "own writes that the cache does not show yet")
METRIC(ryw_given_up, COUNTER, "dkube_unseen_writes_given_up_total", NULL,
       "own writes not seen within the limit RYW_MS")
METRIC(events_pending, GAUGE, "dkube_events_pending", NULL, "Events waiting to be sent")
METRIC(events_sent, COUNTER, "dkube_events_sent_total", NULL, "Events created or counted up")
METRIC(events_dropped, COUNTER, "dkube_events_dropped_total", NULL,
       "Events over the rate or the limit EVENTS_PENDING, or refused")
METRIC(cache_bytes, GAUGE, "dkube_cache_bytes", "kind", "bytes of their records")
METRIC(cache_objects, GAUGE, "dkube_cache_objects", "kind", "objects in the cache")
METRIC(passes, GAUGE, "dkube_passes_in_flight", NULL, "passes under way, at most PASSES_IN_FLIGHT")
METRIC(limit, GAUGE, "dkube_limit", "name", "the limit in force: milliseconds, bytes or a count")

/* --- what it says of itself --------------------------------------------------------------------
 */

static const char *const stage_names[] = {
    [STAGE_FREE] = "free", [STAGE_SETTLE] = "settle", [STAGE_PLAN] = "plan",
    [STAGE_NEED] = "need", [STAGE_WRITE] = "write",   [STAGE_OWNER] = "owner"};

static void describe_controllers(const struct shell *s, struct jsonw *w)
{
    jsonw_arr(w, "controllers");
    for (size_t i = 0; i < s->controller_count; i++) {
        struct queue_stats q;
        queue_stats(s->queue, (unsigned)i, &q);
        jsonw_obj(w, NULL);
        jsonw_str(w, "name", s->controllers[i].c->name);
        jsonw_bool(w, "started", s->controllers[i].started);
        jsonw_int(w, "queued", (int64_t)q.depth);
        jsonw_int(w, "delayed", (int64_t)q.delayed);
        jsonw_int(w, "processing", (int64_t)q.processing);
        jsonw_int(w, "passes", (int64_t)s->controllers[i].passes);
        jsonw_int(w, "retries", (int64_t)q.retries);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void describe_passes(const struct shell *s, struct jsonw *w)
{
    int64_t now = s->t->boot_ms(s->t->self);
    jsonw_arr(w, "passes");
    for (size_t i = 0; i < s->slot_count; i++) {
        const struct pass_run *p = &s->slots[i];
        if (p->stage != STAGE_FREE) {
            jsonw_obj(w, NULL);
            jsonw_str(w, "controller", p->c->name);
            jsonw_str(w, "object", p->object);
            jsonw_str(w, "reconcileID", p->id);
            jsonw_str(w, "stage", stage_names[p->stage]);
            jsonw_int(w, "operation", (int64_t)p->op_at);
            jsonw_int(w, "operations", (int64_t)p->plan.op_count);
            jsonw_int(w, "ms", now - p->began_ms);
            jsonw_end(w);
        }
    }
    jsonw_end(w);
}

enum { SHOWN_MAX = 50 };

struct describing {
    const struct shell *s;
    struct jsonw *w;
    int64_t now_ms;
};

static void describe_key(const struct describing *d, const struct queue_key *key)
{
    jsonw_str(d->w, "controller", d->s->controllers[key->who].c->name);
    jsonw_opt(d->w, "namespace", key->ns);
    jsonw_str(d->w, "name", key->name);
}

static void describe_queued(void *ctx, const struct queue_look *look)
{
    const struct describing *d = ctx;
    bool delayed = str_eq(look->state, "delayed");
    jsonw_obj(d->w, NULL);
    describe_key(d, &look->key);
    jsonw_str(d->w, "state", look->state);
    jsonw_int(d->w, delayed ? "dueInMs" : "sinceMs",
              delayed ? look->ms - d->now_ms : d->now_ms - look->ms);
    jsonw_int(d->w, "failures", look->failures);
    jsonw_end(d->w);
}

static void describe_wait(void *ctx, const struct queue_key *key, const struct ryw_wait *w,
                          int64_t since_ms)
{
    const struct describing *d = ctx;
    jsonw_obj(d->w, NULL);
    describe_key(d, key);
    jsonw_obj(d->w, "write");
    jsonw_str(d->w, "kind", w->kind->kind);
    jsonw_opt(d->w, "namespace", w->ns);
    jsonw_str(d->w, "name", w->name);
    jsonw_opt(d->w, "uid", w->uid);
    jsonw_opt(d->w, "resourceVersion", w->rv);
    jsonw_bool(d->w, "gone", w->gone);
    jsonw_end(d->w);
    jsonw_int(d->w, "ms", d->now_ms - since_ms);
    jsonw_end(d->w);
}

void shell_describe(const struct shell *s, struct jsonw *w)
{
    struct describing d = {s, w, s->t->boot_ms(s->t->self)};
    jsonw_bool(w, "acting", s->acting);
    describe_controllers(s, w);
    describe_passes(s, w);
    jsonw_arr(w, "queue");
    queue_each(s->queue, SHOWN_MAX, describe_queued, &d);
    jsonw_end(w);
    jsonw_arr(w, "waits");
    ryw_each(s->ryw, SHOWN_MAX, describe_wait, &d);
    jsonw_end(w);
    jsonw_arr(w, "kinds");
    for (size_t i = 0; i < s->kind_count; i++) {
        const struct kind *k = s->kinds[i].watch->kind;
        jsonw_obj(w, NULL);
        jsonw_str(w, "kind", k->kind);
        jsonw_bool(w, "synced", s->kinds[i].synced);
        jsonw_bool(w, "steady", cache_is_steady(s->conf.caches, k));
        jsonw_int(w, "objects", (int64_t)cache_count(s->conf.caches, k));
        jsonw_int(w, "bytes", s->kinds[i].bytes);
        jsonw_str(w, "resourceVersion", cache_rv(s->conf.caches, k));
        jsonw_end(w);
    }
    jsonw_end(w);
    jsonw_int(w, "unseenWrites", (int64_t)ryw_count(s->ryw));
}

static void measure_queue(struct shell *s, unsigned who)
{
    struct metrics *m = s->conf.metrics;
    const char *name = s->controllers[who].c->name;
    struct queue_stats q;
    queue_stats(s->queue, who, &q);
    metrics_set(m, &metric_queue_depth, (double)(q.depth - q.low), name, name, "0", NULL);
    metrics_set(m, &metric_queue_depth, (double)q.low, name, name, "-100", NULL);
    metrics_set(m, &metric_queue_adds, (double)q.adds, name, name, NULL);
    metrics_set(m, &metric_queue_retries, (double)(q.retries + q.later), name, name, NULL);
    metrics_set(m, &metric_queue_dropped, (double)q.dropped, name, NULL);
    metrics_set(m, &metric_queue_keys, (double)q.delayed, name, "delayed", NULL);
    metrics_set(m, &metric_queue_keys, (double)q.processing, name, "processing", NULL);
    metrics_set(m, &metric_active_workers, (double)q.processing, name, NULL);
    metrics_set(m, &metric_max_workers, (double)s->slot_count, name, NULL);
}

/* They are there from the beginning, as controller-runtime's are. */
void meter_begin(struct metrics *m, const char *name)
{
    static const char *const results[] = {"success", "requeue", "requeue_after", "error"};
    static const struct metric *const counters[] = {
        &metric_reconcile_errors, &metric_reconcile_terminal, &metric_reconcile_panics,
        &metric_reconcile_timeouts};
    for (size_t i = 0; i < ARRAY_LEN(results); i++) {
        metrics_add(m, &metric_reconcile_total, 0, name, results[i], NULL);
    }
    for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
        metrics_add(m, counters[i], 0, name, NULL);
    }
}

static void measure_ages(struct shell *s, unsigned who)
{
    const char *name = s->controllers[who].c->name;
    int64_t now = s->t->boot_ms(s->t->self), sum = 0, oldest = 0;
    for (size_t i = 0; i < s->slot_count; i++) {
        const struct pass_run *p = &s->slots[i];
        int64_t age = p->stage != STAGE_FREE && p->key.who == who ? now - p->began_ms : 0;
        sum += age;
        oldest = age > oldest ? age : oldest;
    }
    metrics_set(s->conf.metrics, &metric_queue_unfinished, (double)sum / 1000, name, name, NULL);
    metrics_set(s->conf.metrics, &metric_queue_longest, (double)oldest / 1000, name, name, NULL);
}

static void measure_events(struct shell *s)
{
    struct metrics *m = s->conf.metrics;
    struct events_stats ev;
    if (s->conf.events != NULL) {
        events_stats(s->conf.events, &ev);
        metrics_set(m, &metric_events_pending, (double)ev.pending, NULL);
        metrics_set(m, &metric_events_sent, (double)ev.sent, NULL);
        metrics_set(m, &metric_events_dropped, (double)ev.dropped, NULL);
    }
}

void shell_measure(struct shell *s)
{
    struct metrics *m = s->conf.metrics;
    for (size_t i = 0; i < s->controller_count; i++) {
        measure_queue(s, (unsigned)i);
        measure_ages(s, (unsigned)i);
        if (m != NULL && s->controllers[i].c->measure != NULL) {
            s->controllers[i].c->measure(s->conf.caches, m);
        }
    }
    for (size_t i = 0; i < s->kind_count; i++) {
        const struct kind *k = s->kinds[i].watch->kind;
        metrics_set(m, &metric_cache_objects, (double)cache_count(s->conf.caches, k), k->kind,
                    NULL);
        metrics_set(m, &metric_cache_bytes, (double)s->kinds[i].bytes, k->kind, NULL);
    }
    measure_events(s);
    metrics_set(m, &metric_passes, (double)s->in_flight, NULL);
    metrics_set(m, &metric_ryw_waits, (double)ryw_count(s->ryw), NULL);
    metrics_set(m, &metric_ryw_given_up, (double)ryw_given_up(s->ryw), NULL);
    metrics_set(m, &metric_unknown_writes, (double)s->unknown, NULL);
    for (int i = 0; m != NULL && i < LIMIT_COUNT; i++) {
        metrics_set(m, &metric_limit, (double)limit((enum limit)i), limit_name((enum limit)i),
                    NULL);
    }
}
