#include <stdlib.h>

#include "api/dkuberun.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/common/duration.h"
#include "controllers/ledger/admit.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/schedule.h"

/* The queues of all pools. */
struct queues {
    struct snapshot *s;
    struct plan *p;
    const struct rec **runs; /* that wait, in order */
    size_t *pool;            /* of each: its index; SIZE_MAX: it may not have GPUs now */
    size_t count;
    const char **names; /* of GPU types */
    size_t type_count;
    int *types; /* by node: its type's place among them */
};

/* --- writing --------------------------------------------------------------------------------- */

/* node SIZE_MAX: the admission stays as it is, as the record of an attempt. */
static void write_run(const struct snapshot *s, struct plan *p, const struct rec *run,
                      const struct pool_state *pool, size_t node, int64_t position)
{
    const struct json *was = json_get(dkuberun_status(run, p->a), "admission");
    struct jsonw w;

    jsonw_init(&w, p->a);
    jsonw_obj(&w, NULL);
    if (position > 0) {
        jsonw_int(&w, "position", position);
    }
    if (node != SIZE_MAX) {
        jsonw_obj(&w, "admission");
        jsonw_int(&w, "attempt", dkuberun_status_attempt(run));
        jsonw_str(&w, "pool", pool->name);
        jsonw_str(&w, "type", s->nodes[node].type);
        jsonw_arr(&w, "nodes");
        ledger_write_node(&w, s->nodes[node].name, dkuberun_spec_gpus(run));
        jsonw_end(&w);
        jsonw_end(&w);
    } else if (was != NULL) {
        jsonw_json(&w, "admission", was);
    }
    jsonw_end(&w);
    plan_status(p, &kind_dkuberun, run, LEDGER_MANAGER, jsonw_text(&w));
}

static void list_admitted(struct snapshot *s, struct pool_state *pool, const struct rec *run)
{
    const char **slot = arena_push(s->a, (void **)&pool->runs, &pool->run_count, sizeof(*slot));

    *slot = arena_printf(s->a, "%s/%s", rec_namespace(run), rec_name(run));
}

/* --- what the planner is told ---------------------------------------------------------------- */

static struct gang gang_of(const struct snapshot *s, const struct rec *run)
{
    struct gang g = {.type = dkuberun_spec_gpu_type(run),
                     .gpus = dkuberun_spec_gpus(run),
                     .count = 1,
                     .avoid = SIZE_MAX};

    if (dkuberun_status_admission_nodes_count(run) > 0) { /* an earlier attempt ended badly there */
        g.avoid = snapshot_node(
            s, dkuberun_status_admission_nodes_name(dkuberun_status_admission_nodes_at(run, 0)));
    }
    return g;
}

static int by_name(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* -1: no node has it. */
static int type_number(const struct queues *q, const char *type)
{
    const char *const *found = NULL;

    if (q->type_count > 0) {
        found = bsearch(&type, q->names, q->type_count, sizeof(*found), by_name);
    }
    return found == NULL ? -1 : (int)(found - (const char *const *)q->names);
}

/* GPU types numbered in the order of their names, so that the first by name is tried first. */
static void number_types(struct queues *q)
{
    const struct snapshot *s = q->s;
    size_t kept = 0;

    q->names = arena_alloc(s->a, s->node_count * sizeof(*q->names) + 1);
    q->types = arena_alloc(s->a, s->node_count * sizeof(*q->types) + 1);
    for (size_t n = 0; n < s->node_count; n++) {
        q->names[n] = s->nodes[n].type;
    }
    if (s->node_count > 0) {
        qsort(q->names, s->node_count, sizeof(*q->names), by_name);
    }
    for (size_t n = 0; n < s->node_count; n++) {
        if (kept == 0 || !str_eq(q->names[kept - 1], q->names[n])) {
            q->names[kept++] = q->names[n];
        }
    }
    q->type_count = kept;
    for (size_t n = 0; n < s->node_count; n++) {
        q->types[n] = type_number(q, s->nodes[n].type);
    }
}

/* How long a run may be expected to last (rule 14); learned estimates are not there yet. */
static int64_t lasts_ms(const struct rec *run)
{
    int64_t ms = duration_ms(dkuberun_spec_max_runtime(run));

    return ms > 0 ? ms : SCHED_NEVER;
}

static enum sched_policy policy_of(const struct pool_state *pool)
{
    const char *policy = pool->live != NULL ? pool_spec_policy(pool->live) : NULL;

    if (str_eq(policy, "strict")) {
        return SCHED_STRICT;
    }
    return str_eq(policy, "shortest-first") ? SCHED_SHORTEST : SCHED_BACKFILL;
}

static void hold(const struct queues *q, struct sched *sc, struct sched_hold **holds,
                 struct sched_hold h)
{
    *(struct sched_hold *)arena_push(q->s->a, (void **)holds, &sc->hold_count, sizeof(h)) = h;
}

static void hold_run(const struct queues *q, struct sched *sc, struct sched_hold **holds,
                     const struct rec *run, int64_t *used)
{
    int64_t since =
        dkuberun_status_start_time_set(run) ? dkuberun_status_start_time(run) : sc->now_ms;
    int64_t ends = sched_ends_ms(since, lasts_ms(run), sc->now_ms);

    for (uint32_t i = 0; i < dkuberun_status_admission_nodes_count(run) && ends != SCHED_NEVER;
         i++) {
        const struct rec *e = dkuberun_status_admission_nodes_at(run, i);
        size_t n = snapshot_node(q->s, dkuberun_status_admission_nodes_name(e));

        if (n != SIZE_MAX && used[n] > 0) { /* none: its pod has ended already */
            int64_t gpus = gpu_min(dkuberun_status_admission_nodes_gpus(e), used[n]);

            used[n] -= gpus;
            hold(q, sc, holds, (struct sched_hold){n, gpus, ends});
        }
    }
}

/* What is in use and comes back at a known time; all else of the pool's shares comes back some
 * time: pods of others, seats of deployments, GPUs that are broken now. */
static void list_holds(const struct queues *q, const struct pool_state *pool, struct sched *sc)
{
    const struct snapshot *s = q->s;
    int64_t *used = arena_alloc(s->a, s->node_count * sizeof(*used) + 1);
    struct sched_hold *holds = NULL;

    for (size_t n = 0; n < s->node_count; n++) {
        used[n] = gpu_minus(pool->part->share[n], pool->free[n]);
    }
    for (size_t i = 0; i < s->v->runs.count; i++) {
        const struct rec *run = s->v->runs.list[i];

        if (run_is_admitted(run) && str_eq(dkuberun_status_admission_pool(run), pool->name)) {
            hold_run(q, sc, &holds, run, used);
        }
    }
    for (size_t n = 0; n < s->node_count; n++) {
        if (used[n] > 0) {
            hold(q, sc, &holds, (struct sched_hold){n, used[n], SCHED_NEVER});
        }
    }
    sc->holds = holds;
}

static void describe_pool(const struct queues *q, const struct pool_state *pool, struct sched *sc)
{
    const struct snapshot *s = q->s;
    struct sched_node *nodes = arena_alloc(s->a, s->node_count * sizeof(*nodes) + 1);

    for (size_t n = 0; n < s->node_count; n++) {
        nodes[n] = (struct sched_node){q->types[n], pool->free[n]};
    }
    *sc = (struct sched){.policy = policy_of(pool),
                         .now_ms = s->v->now_ms,
                         .nodes = nodes,
                         .node_count = s->node_count};
    list_holds(q, pool, sc);
}

/* --- serving --------------------------------------------------------------------------------- */

static struct sched_job job_of(const struct queues *q, const struct pool_state *pool,
                               const struct rec *run)
{
    struct gang g = gang_of(q->s, run);

    return (struct sched_job){.gpus = g.gpus,
                              .count = 1,
                              .type = str_empty(g.type) ? -1 : type_number(q, g.type),
                              .avoid = g.avoid,
                              .lasts_ms = lasts_ms(run),
                              .stands = !gang_could_fit(q->s, pool, &g)};
}

/* What has come of the i-th run of the queue: admitted, or at a position. */
static void tell(const struct queues *q, struct pool_state *pool, const struct rec *run,
                 const struct sched_job *job, int64_t *length)
{
    size_t node = job != NULL && job->nodes != NULL ? job->nodes[0] : SIZE_MAX;
    int64_t position = 0;

    if (node != SIZE_MAX) {
        snapshot_give(pool, node, job->gpus);
        list_admitted(q->s, pool, run);
    } else if (job != NULL && !job->stands) {
        position = ++*length;
    }
    if (node != SIZE_MAX || position != dkuberun_status_position(run)) {
        write_run(q->s, q->p, run, pool, node, position);
    }
}

static void serve_pool(const struct queues *q, size_t index, bool blocked)
{
    struct pool_state *pool = &q->s->pools[index];
    struct sched_job *jobs = arena_alloc(q->s->a, q->count * sizeof(*jobs) + 1);
    struct sched sc;
    int64_t length = 0;
    size_t n = 0;

    for (size_t i = 0; i < q->count; i++) {
        if (q->pool[i] == index) {
            jobs[n++] = job_of(q, pool, q->runs[i]);
        }
    }
    if (n == 0) {
        return;
    }
    if (!blocked) {
        describe_pool(q, pool, &sc);
        sched_plan(q->s->a, &sc, jobs, n);
    }
    for (size_t i = 0, k = 0; i < q->count; i++) {
        if (q->pool[i] == index) {
            tell(q, pool, q->runs[i], &jobs[k++], &length);
        }
    }
}

static int by_order(const void *x, const void *y)
{
    return run_order(*(const struct rec *const *)x, *(const struct rec *const *)y);
}

static void list_queued(struct queues *q)
{
    const struct recs *runs = &q->s->v->runs;

    q->runs = arena_alloc(q->s->a, runs->count * sizeof(*q->runs) + 1);
    q->pool = arena_alloc(q->s->a, runs->count * sizeof(*q->pool) + 1);
    for (size_t i = 0; i < runs->count; i++) {
        if (run_is_queued(runs->list[i])) {
            q->runs[q->count++] = runs->list[i];
        } else if (dkuberun_status_position(runs->list[i]) > 0) {
            write_run(q->s, q->p, runs->list[i], NULL, SIZE_MAX, 0);
        }
    }
    if (q->count > 0) {
        qsort(q->runs, q->count, sizeof(*q->runs), by_order);
    }
    for (size_t i = 0; i < q->count; i++) {
        struct pool_state *pool = snapshot_pool_for(q->s, rec_namespace(q->runs[i]));

        q->pool[i] = pool != NULL ? (size_t)(pool - q->s->pools) : SIZE_MAX;
    }
}

void ledger_serve_runs(struct snapshot *s, struct plan *p, const bool *blocked)
{
    struct queues q = {.s = s, .p = p};
    int64_t none = 0;

    number_types(&q);
    list_queued(&q);
    for (size_t i = 0; i < s->pool_count; i++) {
        serve_pool(&q, i, blocked[i]);
    }
    for (size_t i = 0; i < q.count; i++) {
        if (q.pool[i] == SIZE_MAX) {
            tell(&q, NULL, q.runs[i], NULL, &none);
        }
    }
}
