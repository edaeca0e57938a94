#include <stdlib.h>

#include "api/dkuberun.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/common/duration.h"
#include "controllers/ledger/admit.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/free.h"
#include "controllers/ledger/queue.h"
#include "controllers/ledger/schedule.h"

#define FORECAST_PLANS 64 /* decisions that a forecast looks ahead before it is a cautious one */

/* The queues of all pools. */
struct queues {
    struct snapshot *s;
    struct plan *p;
    struct recs *lines;       /* of each pool: runs that wait, in order */
    struct sched *scheds;     /* of each pool: what was decided; nodes NULL: its queue is empty */
    const struct rec **heads; /* of each pool: the first run that waits, or NULL */
    const bool *blocked;      /* of each pool: a deployment waits there */
    const char **names;       /* of GPU types */
    size_t type_count;
    int *types; /* by node: its type's place among them */
};

/* A run that has GPUs of the pool: where (in the line's numbers), and until when; SCHED_NEVER:
 * nobody knows. */
struct stay {
    const struct rec *run;
    size_t node;
    int64_t ends_ms;
};

/* One queue at work. Nodes have numbers of its own: those of which the pool has a share. */
struct line {
    const struct queues *q;
    struct pool_state *pool;
    const struct rec **runs;
    struct sched_job *jobs;
    bool *learned; /* of each job: its length is a learned one */
    size_t count;
    size_t *nodes;   /* by its own number: which node */
    size_t *numbers; /* by node: its own number; SIZE_MAX: no share */
    struct sched sched;
    struct stay *stays;
    size_t stay_count;
    int64_t learned_ms; /* the first time at which something ends by a learned estimate */
    int64_t *most;      /* by type: the largest share of a node */
    int64_t most_of_all;
};

/* --- what the planner is told ---------------------------------------------------------------- */

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

static enum sched_policy policy_of(const struct pool_state *pool)
{
    const char *policy = pool->live != NULL ? pool_spec_policy(pool->live) : NULL;

    if (str_eq(policy, "strict")) {
        return SCHED_STRICT;
    }
    return str_eq(policy, "shortest-first") ? SCHED_SHORTEST : SCHED_BACKFILL;
}

/* How long a run may be expected to last (rule 14). */
static int64_t lasts_ms(const struct pool_state *pool, const struct rec *run, bool *ret_learned)
{
    int64_t ms = duration_ms(dkuberun_spec_max_runtime(run));

    *ret_learned = ms <= 0;
    if (ms > 0) {
        return ms;
    }
    return pool->learned != NULL ? pool->learned[learn_class(run_asks(run))] : SCHED_NEVER;
}

static void hold(struct line *l, struct sched_hold **holds, struct sched_hold h)
{
    *(struct sched_hold *)arena_push(l->q->s->a, (void **)holds, &l->sched.hold_count, sizeof(h)) =
        h;
}

static size_t number_of(const struct line *l, size_t node)
{
    return node == SIZE_MAX ? SIZE_MAX : l->numbers[node];
}

/* One of its pods; ends_ms: when the run does. False: it holds nothing there any more. */
static bool hold_pod(struct line *l, struct sched_hold **holds, const struct rec *e,
                     struct stay stay, int64_t *used)
{
    size_t n = number_of(l, snapshot_node(l->q->s, dkuberun_status_admission_nodes_name(e)));

    if (n == SIZE_MAX || used[n] == 0) { /* none: its pod has ended already */
        return false;
    }
    stay.node = n;
    l->stays[l->stay_count++] = stay;
    if (stay.ends_ms != SCHED_NEVER) {
        int64_t gpus = gpu_min(dkuberun_status_admission_nodes_gpus(e), used[n]);

        used[n] -= gpus;
        hold(l, holds, (struct sched_hold){n, gpus, stay.ends_ms});
    }
    return true;
}

static void hold_run(struct line *l, struct sched_hold **holds, const struct rec *run,
                     int64_t *used)
{
    int64_t now = l->sched.now_ms, ends;
    int64_t since = dkuberun_status_start_time_set(run) ? dkuberun_status_start_time(run) : now;
    bool learned, holds_any = false;

    ends = sched_ends_ms(since, lasts_ms(l->pool, run, &learned), now);
    for (uint32_t i = 0; i < dkuberun_status_admission_nodes_count(run); i++) {
        const struct rec *e = dkuberun_status_admission_nodes_at(run, i);

        holds_any = hold_pod(l, holds, e, (struct stay){run, 0, ends}, used) || holds_any;
    }
    if (holds_any && learned && ends < l->learned_ms) {
        l->learned_ms = ends;
    }
}

static int by_end(const void *x, const void *y)
{
    const struct sched_hold *a = x, *b = y;

    if (a->ends_ms != b->ends_ms) {
        return a->ends_ms < b->ends_ms ? -1 : 1;
    }
    return (a->node > b->node) - (a->node < b->node);
}

/* A pod of a run each, of those that run and of all that could start. */
static size_t most_stays(const struct line *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->pool->run_count; i++) {
        n += dkuberun_status_admission_nodes_count(l->pool->runs[i]) + 1;
    }
    for (size_t i = 0; i < l->count; i++) {
        n += (size_t)l->jobs[i].count;
    }
    return n;
}

/* What is in use and comes back at a known time; all else of the pool's shares comes back some
 * time: pods of others, seats of deployments, GPUs that are broken now. */
static void list_holds(struct line *l)
{
    size_t count = l->sched.node_count;
    int64_t *used = arena_alloc(l->q->s->a, count * sizeof(*used) + 1);
    struct sched_hold *holds = NULL;

    l->stays = arena_alloc(l->q->s->a, most_stays(l) * sizeof(*l->stays) + 1);
    l->learned_ms = SCHED_NEVER;
    for (size_t n = 0; n < count; n++) {
        used[n] = gpu_minus(l->pool->part->share[l->nodes[n]], l->pool->free[l->nodes[n]]);
    }
    for (size_t i = 0; i < l->pool->run_count; i++) {
        hold_run(l, &holds, l->pool->runs[i], used);
    }
    for (size_t n = 0; n < count; n++) {
        if (used[n] > 0) {
            hold(l, &holds, (struct sched_hold){n, used[n], SCHED_NEVER});
        }
    }
    if (l->sched.hold_count > 1) {
        qsort(holds, l->sched.hold_count, sizeof(*holds), by_end);
    }
    l->sched.holds = holds;
    l->sched.sorted = true;
}

static size_t number_nodes(struct line *l)
{
    const struct snapshot *s = l->q->s;
    size_t count = 0;

    l->nodes = arena_alloc(s->a, s->node_count * sizeof(*l->nodes) + 1);
    l->numbers = arena_alloc(s->a, s->node_count * sizeof(*l->numbers) + 1);
    l->most = arena_alloc(s->a, l->q->type_count * sizeof(*l->most) + 1);
    for (size_t n = 0; n < s->node_count; n++) {
        int64_t *most = &l->most[l->q->types[n]], share = l->pool->part->share[n];

        l->numbers[n] = share > 0 ? count : SIZE_MAX;
        l->nodes[count] = n;
        count += share > 0;
        *most = share > *most ? share : *most;
        l->most_of_all = share > l->most_of_all ? share : l->most_of_all;
    }
    return count;
}

static void describe_pool(struct line *l)
{
    const struct snapshot *s = l->q->s;
    size_t count = number_nodes(l);
    struct sched_node *nodes = arena_alloc(s->a, count * sizeof(*nodes) + 1);

    for (size_t n = 0; n < count; n++) {
        nodes[n] = (struct sched_node){l->q->types[l->nodes[n]], l->pool->free[l->nodes[n]]};
    }
    l->sched = (struct sched){.policy = policy_of(l->pool),
                              .now_ms = s->v->now_ms,
                              .nodes = nodes,
                              .node_count = count,
                              .plans_most = FORECAST_PLANS};
}

static size_t node_of_last_attempt(const struct snapshot *s, const struct rec *run)
{
    if (dkuberun_status_admission_nodes_count(run) == 0) {
        return SIZE_MAX;
    }
    return snapshot_node(
        s, dkuberun_status_admission_nodes_name(dkuberun_status_admission_nodes_at(run, 0)));
}

/* Whether nodes of one type, all free and well, would hold so many pods of this size. */
static bool could_hold(const struct line *l, int type, int64_t gpus, int64_t count)
{
    for (size_t t = 0; t < l->q->type_count; t++) {
        int64_t pods = 0;

        for (size_t n = 0; n < l->sched.node_count && (type < 0 || (size_t)type == t); n++) {
            pods +=
                (size_t)l->sched.nodes[n].type == t ? l->pool->part->share[l->nodes[n]] / gpus : 0;
        }
        if (pods >= count) {
            return true;
        }
    }
    return false;
}

static void describe_job(struct line *l, size_t i)
{
    const struct rec *run = l->runs[i];
    const char *type = dkuberun_spec_gpu_type(run);
    int number = str_empty(type) ? -1 : type_number(l->q, type);
    int64_t most = str_empty(type) ? l->most_of_all : number >= 0 ? l->most[number] : 0;
    struct sched_job *job = &l->jobs[i];

    *job = (struct sched_job){.type = number,
                              .avoid = number_of(l, node_of_last_attempt(l->q->s, run)),
                              .lasts_ms = lasts_ms(l->pool, run, &l->learned[i])};
    run_shape(run, most, &job->gpus, &job->count);
    job->stands = job->gpus > most || (!str_empty(type) && number < 0) ||
                  (job->count > 1 && !could_hold(l, number, job->gpus, job->count));
}

/* --- what those that wait are told ------------------------------------------------------------
 */

static void stay_at(struct line *l, struct stay stay)
{
    size_t at = l->stay_count++;

    for (; at > 0 && run_place_order(l->stays[at - 1].run, stay.run) > 0; at--) {
        l->stays[at] = l->stays[at - 1];
    }
    l->stays[at] = stay;
}

/* Those that start now hold GPUs as well; by namespace and name. */
static void stay_started(struct line *l)
{
    int64_t now = l->sched.now_ms;

    for (size_t i = 0; i < l->count; i++) {
        const struct sched_job *j = &l->jobs[i];

        for (int64_t k = 0; j->nodes != NULL && k < j->count; k++) {
            stay_at(l,
                    (struct stay){l->runs[i], j->nodes[k], sched_ends_ms(now, j->lasts_ms, now)});
        }
    }
}

/* Who must end so that the i-th starts where and when it is expected to; without that, all of
 * whom nobody knows when they end. */
static void find_blockers(const struct line *l, const struct sched_job *job,
                          const struct sched_eta *eta, struct queue_fact *f)
{
    const struct rec *last = NULL;

    for (size_t i = 0; i < l->stay_count; i++) {
        const struct stay *s = &l->stays[i];
        bool blocks = eta->node != SIZE_MAX
                          ? s->node == eta->node && s->ends_ms <= eta->start_ms
                          : s->ends_ms == SCHED_NEVER &&
                                (job->type < 0 || job->type == l->sched.nodes[s->node].type);

        if (blocks && s->run != last && f->blocker_count++ < QUEUE_BLOCKERS) {
            f->blockers[f->blocker_count - 1] = s->run;
        }
        last = blocks ? s->run : last;
    }
}

/* Jobs that start now, and the first that wait: their places in the line. */
static size_t list_forecast(const struct line *l, struct sched_job *jobs, size_t *whose)
{
    size_t n = 0, waiting = 0;

    for (size_t i = 0; i < l->count; i++) {
        const struct sched_job *j = &l->jobs[i];

        if (j->nodes != NULL || (!j->stands && waiting < QUEUE_FORECASTS)) {
            waiting += j->nodes == NULL;
            jobs[n] = *j;
            whose[n++] = i;
        }
    }
    return n;
}

/* The first time at which something ends by a learned estimate, those that wait included. */
static int64_t first_learned(const struct line *l, const size_t *whose,
                             const struct sched_eta *etas, size_t n)
{
    int64_t first = l->learned_ms;

    for (size_t i = 0; i < n; i++) {
        if (l->learned[whose[i]] && etas[i].start_ms != SCHED_NEVER) {
            int64_t ends =
                sched_ends_ms(etas[i].start_ms, l->jobs[whose[i]].lasts_ms, etas[i].start_ms);

            first = ends < first ? ends : first;
        }
    }
    return first;
}

/* Of the first QUEUE_FORECASTS that wait, in their order. */
static void forecast(struct line *l, struct queue_fact *facts)
{
    struct arena *a = l->q->s->a;
    struct sched_job *jobs = arena_alloc(a, l->count * sizeof(*jobs) + 1);
    size_t *whose = arena_alloc(a, l->count * sizeof(*whose) + 1);
    size_t n = list_forecast(l, jobs, whose), k = 0;
    struct sched_eta *etas = arena_alloc(a, n * sizeof(*etas) + 1);
    int64_t learned;

    stay_started(l);
    sched_forecast(a, &l->sched, jobs, n, etas);
    learned = first_learned(l, whose, etas, n);
    for (size_t i = 0; i < n; i++) {
        if (jobs[i].nodes == NULL) {
            struct queue_fact *f = &facts[k++];

            if (etas[i].start_ms != SCHED_NEVER) {
                f->start_ms = etas[i].start_ms;
                f->learned = learned <= f->start_ms;
            }
            find_blockers(l, &jobs[i], &etas[i], f);
        }
    }
}

/* --- serving --------------------------------------------------------------------------------- */

static void admit(struct line *l, size_t i)
{
    const struct snapshot *s = l->q->s;
    const struct sched_job *job = &l->jobs[i];
    const struct gpu_node **nodes = arena_alloc(s->a, (size_t)job->count * sizeof(*nodes));

    for (int64_t k = 0; k < job->count; k++) {
        size_t node = l->nodes[job->nodes[k]];

        snapshot_give(l->pool, node, job->gpus);
        nodes[k] = &s->nodes[node];
    }
    snapshot_list(s, l->pool, l->runs[i]);
    queue_admit(l->q->p, l->runs[i], &(struct grant){l->pool, nodes, job->gpus, job->count});
}

static bool was_told(const struct rec *run)
{
    return dkuberun_status_position(run) > 0 || dkuberun_status_queue_set(run);
}

/* facts: of the first that wait. */
static void tell_all(struct line *l, struct queue_fact *facts)
{
    struct queue_fact behind = {0};
    int64_t position = 0, now = l->q->s->v->now_ms;

    for (size_t i = 0; i < l->count; i++) {
        if (l->jobs[i].nodes != NULL) {
            admit(l, i);
        } else if (!l->jobs[i].stands) {
            struct queue_fact *f = position < QUEUE_FORECASTS ? &facts[position] : &behind;

            f->position = ++position;
            queue_tell(l->q->p, l->runs[i], f, now);
        } else if (was_told(l->runs[i])) {
            queue_leave(l->q->p, l->runs[i]);
        }
    }
}

static void serve_line(struct line *l, bool blocked)
{
    struct arena *a = l->q->s->a;
    struct queue_fact *facts = arena_alloc(a, QUEUE_FORECASTS * sizeof(*facts));

    l->jobs = arena_alloc(a, l->count * sizeof(*l->jobs) + 1);
    l->learned = arena_alloc(a, l->count * sizeof(*l->learned) + 1);
    describe_pool(l);
    for (size_t i = 0; i < l->count; i++) {
        describe_job(l, i);
    }
    if (!blocked) {
        list_holds(l);
        sched_plan(a, &l->sched, l->jobs, l->count);
        forecast(l, facts);
    }
    tell_all(l, facts);
}

/* By node instead of by the line's numbers, for free-only runs. */
static void spread_spare(struct line *l)
{
    int64_t *spare = arena_alloc(l->q->s->a, l->q->s->node_count * sizeof(*spare) + 1);

    for (size_t n = 0; l->sched.spare != NULL && n < l->sched.node_count; n++) {
        spare[l->nodes[n]] = l->sched.spare[n];
    }
    l->sched.spare = l->sched.spare != NULL ? spare : NULL;
}

static void serve_all(struct queues *q)
{
    for (size_t i = 0; i < q->s->pool_count; i++) {
        struct line l = {
            .q = q, .pool = &q->s->pools[i], .runs = q->lines[i].list, .count = q->lines[i].count};

        if (l.count > 0) {
            serve_line(&l, q->blocked[i]);
            spread_spare(&l);
            q->scheds[i] = l.sched;
            q->heads[i] = !q->blocked[i] && l.sched.head < l.count ? l.runs[l.sched.head] : NULL;
        }
    }
}

static void leave(const struct queues *q, const struct recs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        if (was_told(runs->list[i])) {
            queue_leave(q->p, runs->list[i]);
        }
    }
}

/* Each queue to its pool; those without one are told of none. */
static void sort_out(struct queues *q)
{
    const struct ledger_view *v = q->s->v;

    q->lines = arena_alloc(q->s->a, q->s->pool_count * sizeof(*q->lines) + 1);
    for (size_t i = 0; i < v->line_count; i++) {
        const struct pool_state *pool = snapshot_pool_for(q->s, v->lines[i].ns);

        if (pool != NULL) {
            q->lines[pool - q->s->pools] = v->lines[i].runs;
        } else {
            leave(q, &v->lines[i].runs);
        }
    }
    leave(q, &v->leaving);
}

void ledger_serve_runs(struct snapshot *s, struct plan *p, const bool *blocked)
{
    struct queues q = {.s = s, .p = p, .blocked = blocked};
    struct free_view v;

    q.heads = arena_alloc(s->a, s->pool_count * sizeof(*q.heads) + 1);
    q.scheds = arena_alloc(s->a, s->pool_count * sizeof(*q.scheds) + 1);
    number_types(&q);
    sort_out(&q);
    serve_all(&q);
    v = (struct free_view){q.scheds, q.heads, q.blocked};
    for (size_t i = 0; i < s->v->loose.count; i++) {
        free_serve(s, p, &v, s->v->loose.list[i]);
    }
    for (size_t i = 0; i < s->pool_count; i++) {
        free_recall(s, p, &v, i);
    }
}
