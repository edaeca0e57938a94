#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "cmd/dkube-sim/sim.h"
#include "controllers/ledger/learn.h"

#define SAMPLES 2000
#define FORECAST_MOST 400 /* jobs in the queue up to which a forecast is made */

struct history {
    int64_t last[LEARN_MOST];
    size_t count;
    int64_t p90; /* of `count` ends */
};
struct running {
    int64_t ends_ms;
    size_t job;
    size_t *nodes;
};
struct world { /* one pool */
    struct arena a, scratch;
    struct trace *t;
    const struct options *o;
    struct result *ret;
    enum estimate estimate;
    struct sched s;
    struct sched_node *nodes;
    struct sched_hold *holds;
    struct running *heap; /* by end */
    size_t running;
    size_t *queue;          /* jobs in order */
    struct sched_job *jobs; /* the same for the plan */
    size_t waiting;
    struct history *history;
    uint64_t dice;
    int pool;
    int64_t used;
};

static size_t class_of(const struct job *j)
{
    return learn_class(j->gpus * j->pods);
}

/* --- estimates ------------------------------------------------------------------------------- */

static double dice(struct world *w)
{
    w->dice ^= w->dice << 13;
    w->dice ^= w->dice >> 7;
    w->dice ^= w->dice << 17;
    return (double)(w->dice >> 11) / (double)(1ull << 53);
}

static void learn(struct world *w, const struct job *j)
{
    struct history *h = &w->history[class_of(j)];
    int64_t sorted[LEARN_MOST];
    size_t n;

    h->last[h->count++ % LEARN_MOST] = j->lasts_ms;
    n = h->count < LEARN_MOST ? h->count : LEARN_MOST;
    if (n < LEARN_LEAST || (h->count % 16 != 0 && n > LEARN_LEAST)) {
        return;
    }
    memcpy(sorted, h->last, n * sizeof(*sorted));
    h->p90 = learn_estimate(sorted, n);
}

static int64_t expect(struct world *w, const struct job *j)
{
    const struct history *h = &w->history[class_of(j)];

    switch (w->estimate) {
    case ESTIMATE_EXACT:
        return j->lasts_ms;
    case ESTIMATE_NOISY:
        return (int64_t)((double)j->lasts_ms * (1 + 9 * dice(w)));
    case ESTIMATE_LEARNED:
        return h->count >= LEARN_LEAST ? h->p90 : SCHED_NEVER;
    case ESTIMATE_NONE:
        break;
    }
    return SCHED_NEVER;
}

/* --- what runs: a heap by end ---------------------------------------------------------------- */

static void sink(struct world *w, size_t i)
{
    for (;;) {
        size_t least = i, l = 2 * i + 1, r = l + 1;
        struct running swap;

        least = l < w->running && w->heap[l].ends_ms < w->heap[least].ends_ms ? l : least;
        least = r < w->running && w->heap[r].ends_ms < w->heap[least].ends_ms ? r : least;
        if (least == i) {
            return;
        }
        swap = w->heap[i];
        w->heap[i] = w->heap[least];
        w->heap[least] = swap;
        i = least;
    }
}

static void rise(struct world *w, size_t i)
{
    while (i > 0 && w->heap[i].ends_ms < w->heap[(i - 1) / 2].ends_ms) {
        struct running swap = w->heap[i];

        w->heap[i] = w->heap[(i - 1) / 2];
        w->heap[(i - 1) / 2] = swap;
        i = (i - 1) / 2;
    }
}

static void begin_job(struct world *w, size_t index, const struct sched_job *sj)
{
    struct job *j = &w->t->jobs[index];
    struct running *r = &w->heap[w->running];

    j->start_ms = w->s.now_ms;
    *r = (struct running){j->start_ms + j->lasts_ms, index,
                          mem_alloc((size_t)j->pods * sizeof(*r->nodes))};
    memcpy(r->nodes, sj->nodes, (size_t)j->pods * sizeof(*r->nodes));
    for (int64_t i = 0; i < j->pods; i++) {
        w->nodes[r->nodes[i]].free -= j->gpus;
    }
    w->used += j->pods * j->gpus;
    rise(w, w->running++);
}

static void end_first(struct world *w)
{
    struct running r = w->heap[0];
    const struct job *j = &w->t->jobs[r.job];

    for (int64_t i = 0; i < j->pods; i++) {
        w->nodes[r.nodes[i]].free += j->gpus;
    }
    w->used -= j->pods * j->gpus;
    learn(w, j);
    mem_free(r.nodes);
    w->ret->end_ms = r.ends_ms > w->ret->end_ms ? r.ends_ms : w->ret->end_ms;
    w->heap[0] = w->heap[--w->running];
    sink(w, 0);
}

/* --- one decision ---------------------------------------------------------------------------- */

static void list_holds(struct world *w)
{
    w->s.hold_count = 0;
    for (size_t i = 0; i < w->running; i++) {
        const struct job *j = &w->t->jobs[w->heap[i].job];
        int64_t ends = sched_ends_ms(j->start_ms, j->expected_ms, w->s.now_ms);

        for (int64_t k = 0; k < j->pods; k++) {
            w->holds[w->s.hold_count++] = (struct sched_hold){w->heap[i].nodes[k], j->gpus, ends};
        }
    }
    w->s.holds = w->holds;
}

static void enqueue(struct world *w, size_t index)
{
    struct job *j = &w->t->jobs[index];

    j->expected_ms = expect(w, j);
    w->jobs[w->waiting] = (struct sched_job){.gpus = j->gpus,
                                             .count = j->pods,
                                             .type = -1,
                                             .avoid = SIZE_MAX,
                                             .lasts_ms = j->expected_ms};
    w->queue[w->waiting++] = index;
}

/* Something may have been learned since they were submitted. */
static void expect_unknown(struct world *w)
{
    for (size_t i = 0; i < w->waiting && w->estimate == ESTIMATE_LEARNED; i++) {
        struct job *j = &w->t->jobs[w->queue[i]];

        if (j->expected_ms == SCHED_NEVER) {
            w->jobs[i].lasts_ms = j->expected_ms = expect(w, j);
        }
    }
}

/* What was submitted just now is told when it starts. */
static void forecast(struct world *w, const struct sched_job *jobs, size_t fresh)
{
    struct sched_eta *etas;

    if (fresh == 0 || w->o->forecast_every == 0 || w->waiting > FORECAST_MOST ||
        w->queue[w->waiting - 1] % (size_t)w->o->forecast_every != 0) {
        return;
    }
    etas = arena_alloc(&w->scratch, w->waiting * sizeof(*etas));
    sched_forecast(&w->scratch, &w->s, jobs, w->waiting, etas);
    for (size_t i = w->waiting - fresh; i < w->waiting; i++) {
        w->t->jobs[w->queue[i]].eta_ms = etas[i].start_ms;
        w->t->jobs[w->queue[i]].forecast = true;
    }
}

static void decide(struct world *w, size_t fresh)
{
    struct sched_job *jobs = w->jobs;
    size_t kept = 0;

    if (w->waiting == 0) {
        return;
    }
    list_holds(w);
    expect_unknown(w);
    sched_plan(&w->scratch, &w->s, jobs, w->waiting);
    w->ret->plans++;
    w->ret->decisions += w->waiting;
    forecast(w, jobs, fresh);
    for (size_t i = 0; i < w->waiting; i++) {
        if (jobs[i].nodes != NULL) {
            begin_job(w, w->queue[i], &jobs[i]);
        } else {
            jobs[kept] = jobs[i];
            w->queue[kept++] = w->queue[i];
        }
    }
    w->waiting = kept;
    arena_reset(&w->scratch);
}

static void take_sample(struct world *w)
{
    struct result *r = w->ret;
    int64_t step = w->t->span_ms / SAMPLES + 1;
    size_t at = (size_t)(w->s.now_ms / step);

    if (at < r->sample_count) {
        r->samples[at].used += w->used;
        r->samples[at].waiting += (int64_t)w->waiting;
    }
}

/* --- time ------------------------------------------------------------------------------------ */

static void open_world(struct world *w, int pool)
{
    const struct sim_pool *p = &w->t->pools[pool];

    w->pool = pool;
    w->nodes = arena_alloc(&w->a, (size_t)p->nodes * sizeof(*w->nodes) + 1);
    for (int64_t n = 0; n < p->nodes; n++) {
        w->nodes[n].free = p->node_gpus;
    }
    w->s.nodes = w->nodes;
    w->s.node_count = (size_t)p->nodes;
    w->holds = arena_alloc(&w->a, (size_t)(p->nodes * p->node_gpus) * sizeof(*w->holds) + 1);
    w->heap = arena_alloc(&w->a, (size_t)(p->nodes * p->node_gpus) * sizeof(*w->heap) + 1);
    w->queue = arena_alloc(&w->a, p->jobs * sizeof(*w->queue) + 1);
    w->jobs = arena_alloc(&w->a, p->jobs * sizeof(*w->jobs) + 1);
    w->history = arena_alloc(&w->a, LEARN_CLASSES * sizeof(*w->history));
    w->running = w->waiting = 0;
    w->used = 0;
}

static size_t next_of(const struct world *w, size_t i)
{
    while (i < w->t->count && w->t->jobs[i].pool != w->pool) {
        i++;
    }
    return i;
}

static void run_pool(struct world *w)
{
    struct trace *t = w->t;
    size_t next = next_of(w, 0), sample = 0;
    int64_t step = t->span_ms / SAMPLES + 1;

    while (next < t->count || w->running > 0) {
        int64_t arrives = next < t->count ? t->jobs[next].submit_ms : SCHED_NEVER;
        int64_t ends = w->running > 0 ? w->heap[0].ends_ms : SCHED_NEVER;
        int64_t now = ends <= arrives ? ends : arrives;
        size_t fresh = 0;

        for (; sample < w->ret->sample_count && (int64_t)sample * step < now; sample++) {
            w->s.now_ms = (int64_t)sample * step;
            take_sample(w);
        }
        w->s.now_ms = now;
        while (w->running > 0 && w->heap[0].ends_ms <= now) {
            end_first(w);
        }
        for (; next < t->count && t->jobs[next].submit_ms <= now; next = next_of(w, next + 1)) {
            enqueue(w, next);
            fresh++;
        }
        decide(w, fresh);
    }
}

void simulate(struct trace *t, const struct options *o, enum sched_policy p, enum estimate e,
              struct result *ret)
{
    struct timespec begin, end;

    *ret = (struct result){.policy = p, .estimate = e, .sample_count = SAMPLES};
    ret->samples = arena_alloc(t->a, SAMPLES * sizeof(*ret->samples));
    for (size_t i = 0; i < t->count; i++) {
        t->jobs[i].forecast = false;
    }
    for (size_t i = 0; i < SAMPLES; i++) {
        ret->samples[i].at_ms = (int64_t)i * (t->span_ms / SAMPLES + 1);
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (size_t i = 0; i < t->pool_count; i++) {
        struct world w = {.t = t,
                          .o = o,
                          .ret = ret,
                          .estimate = e,
                          .s.policy = p,
                          .dice = (o->seed + i) * 0x9e3779b97f4a7c15u | 1};

        open_world(&w, (int)i);
        run_pool(&w);
        arena_done(&w.a);
        arena_done(&w.scratch);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    ret->seconds =
        (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
}
