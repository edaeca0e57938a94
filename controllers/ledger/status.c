#include "api/pool.gen.h"
#include "base/clock.h"
#include "base/span.h"
#include "controllers/common/standing.h"
#include "controllers/ledger/ledger.h"

#define RUNS_SHOWN 100

static const char *of_type(const struct snapshot *s, const struct pool_state *pool)
{
    const char *type = pool->part->got_type;

    return type == NULL ? "" : arena_printf(s->a, " of type %s", type);
}

static struct standing missing(const struct snapshot *s, const struct pool_state *pool)
{
    const struct part_pool *p = pool->part;

    if (pool->absent_node != NULL) {
        return standing_of(s->a, STANDING_WAITING, "NotEnoughGPUs",
                           "spec.nodes names '%s', but there is no such node with GPUs; add the "
                           "node, or remove its name",
                           pool->absent_node);
    }
    return standing_of(s->a, STANDING_WAITING, "NotEnoughGPUs",
                       "%s asks for %lld GPUs%s, of which %lld are not there or in use by other "
                       "pools; add nodes, or lower it",
                       p->by_nodes ? "spec.nodes" : "spec.gpus", (long long)p->gpus,
                       of_type(s, pool), (long long)p->missing);
}

static struct standing standing_of_pool(const struct snapshot *s, const struct pool_state *pool)
{
    if (pool->ending) {
        return standing_of(s->a, STANDING_WAITING, "Ending",
                           "the pool is being deleted; it goes when its last run ends");
    }
    if (pool->wrong_node != NULL) {
        return standing_of(s->a, STANDING_STALLED, "WrongGPUType",
                           "spec.nodes names '%s', whose GPUs are not%s; a pool has one type, so "
                           "remove the node from spec.nodes",
                           pool->wrong_node, of_type(s, pool));
    }
    if (pool->part->missing > 0) {
        return missing(s, pool);
    }
    if (pool->part->draining > 0) {
        return standing_of(s->a, STANDING_READY, "Draining",
                           "%lld GPUs leave the pool when the pods that use them end",
                           (long long)pool->part->draining);
    }
    return standing_of(s->a, STANDING_READY, "Ready", "all GPUs that it asks for are there");
}

static bool had_rejections(const struct rec *pool)
{
    for (uint32_t i = 0; i < pool_status_nodes_count(pool); i++) {
        if (pool_status_nodes_rejected_count(pool_status_nodes_at(pool, i)) > 0) {
            return true;
        }
    }
    return false;
}

static void write_nodes(struct jsonw *w, const struct snapshot *s, const struct pool_state *pool)
{
    bool had = had_rejections(pool->live);

    jsonw_arr(w, "nodes");
    for (size_t n = 0; n < s->node_count; n++) {
        if (pool->part->share[n] > 0) {
            jsonw_obj(w, NULL);
            jsonw_str(w, "name", s->nodes[n].name);
            jsonw_int(w, "gpus", pool->part->share[n]);
            jsonw_int(w, "free", pool->free[n]);
            jsonw_str(w, "type", s->nodes[n].type);
            quarantine_write(w, &s->quarantine[n], had);
            jsonw_end(w);
        }
    }
    jsonw_end(w);
}

static int64_t shown(int64_t n) /* the schema's integers have 32 bits */
{
    return gpu_min(n, INT32_MAX);
}

static void write_runs(struct jsonw *w, const struct pool_state *pool)
{
    jsonw_arr(w, "runs");
    for (size_t i = 0; i < pool->run_count && i < RUNS_SHOWN; i++) {
        jsonw_fmt(w, NULL, "%s/%s", rec_namespace(pool->runs[i]), rec_name(pool->runs[i]));
    }
    jsonw_end(w);
    jsonw_int(w, "runCount", (int64_t)pool->run_count);
}

static bool was_quarantined(const struct rec *pool, const char *node)
{
    for (uint32_t i = 0; i < pool_status_nodes_count(pool); i++) {
        const struct rec *e = pool_status_nodes_at(pool, i);

        if (str_eq(pool_status_nodes_name(e), node)) {
            return pool_status_nodes_quarantined_until_set(e);
        }
    }
    return false;
}

/* Told once, and looked at again when it is over. */
static void tell_quarantines(const struct snapshot *s, struct plan *p,
                             const struct pool_state *pool)
{
    for (size_t n = 0; n < s->node_count; n++) {
        const struct quarantine *q = &s->quarantine[n];

        if (q->until_ms == 0 || pool->part->share[n] == 0) {
            continue;
        }
        plan_wake_at(p, q->until_ms);
        if (!was_quarantined(pool->live, s->nodes[n].name)) {
            plan_event(
                p, &kind_pool, pool->live, EVENT_WARNING, "NodeQuarantined",
                "the kubelet of node '%s' refused 3 pods in ten minutes, the last '%s'; none "
                "of its GPUs is given out until %s",
                s->nodes[n].name, q->last[QUARANTINE_PODS - 1].pod,
                clock_rfc3339(p->a, q->until_ms));
        }
    }
}

static void say(const struct snapshot *s, struct plan *p, const struct pool_state *pool)
{
    struct subject subject = {&kind_pool, pool->live, POOL_STATUS, s->v->now_ms};
    struct standing st = standing_of_pool(s, pool);
    struct jsonw w;

    tell_quarantines(s, p, pool);
    status_begin(&w, p, &subject, &st);
    jsonw_int(&w, "capacity", shown(pool->capacity));
    jsonw_int(&w, "allocated", shown(pool->allocated));
    jsonw_int(&w, "free", shown(pool->available));
    jsonw_int(&w, "unhealthy", shown(pool->unhealthy));
    jsonw_int(&w, "foreign", shown(pool->foreign));
    jsonw_int(&w, "draining", shown(pool->part->draining));
    write_nodes(&w, s, pool);
    write_runs(&w, pool);
    jsonw_opt(&w, "group", pool->group);
    (void)status_end(&w, p, &subject, &st);
}

void ledger_say(const struct snapshot *s, struct plan *p)
{
    for (size_t i = 0; i < s->pool_count; i++) {
        if (s->pools[i].live != NULL) {
            say(s, p, &s->pools[i]);
        }
    }
}
