/* Laws of the queue over random pools and over whole lives of them, with a second, plain way to
 * compute what the planner claims. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "controllers/ledger/schedule.h"
#include "support/prop.h"

#define SEEDS "10000" /* unless PROP_SEEDS says otherwise */
#define NODES 6
#define JOBS 24
#define HOLDS 64

struct scene {
    struct sched s;
    struct sched_node nodes[NODES];
    struct sched_hold holds[HOLDS];
    struct sched_job jobs[JOBS];
    size_t count;
};

static struct sched_job random_job(struct dice *d)
{
    return (struct sched_job){.gpus = 1 + roll(d, 8),
                              .count = chance(d, 25) ? 1 + roll(d, 4) : 1,
                              .type = chance(d, 30) ? (int)roll(d, 2) : -1,
                              .avoid = chance(d, 10) ? roll(d, NODES) : SIZE_MAX,
                              .stands = chance(d, 5),
                              .lasts_ms = chance(d, 20) ? SCHED_NEVER : 1 + roll(d, 200)};
}

static void random_scene(struct dice *d, struct scene *c)
{
    *c = (struct scene){.s = {.policy = (enum sched_policy)roll(d, 4), .now_ms = 1000}};
    c->s.node_count = 1 + roll(d, NODES);
    for (size_t n = 0; n < c->s.node_count; n++) {
        int64_t size = 1 + roll(d, 8);

        c->nodes[n] = (struct sched_node){(int)roll(d, 2), size};
        while (c->nodes[n].free > 0 && chance(d, 60)) {
            int64_t gpus = 1 + roll(d, (unsigned)c->nodes[n].free);

            c->nodes[n].free -= gpus;
            c->holds[c->s.hold_count++] = (struct sched_hold){
                n, gpus, chance(d, 20) ? SCHED_NEVER : 1001 + (int64_t)roll(d, 150)};
        }
    }
    c->s.nodes = c->nodes;
    c->s.holds = c->holds;
    c->count = roll(d, JOBS + 1);
    for (size_t i = 0; i < c->count; i++) {
        c->jobs[i] = random_job(d);
    }
}

/* What is free on a node at a time if all that runs ends as expected. "Some time" is no time: then
 * what has passed the head may still be there. */
static int64_t free_at(const struct scene *c, size_t n, int64_t at_ms)
{
    int64_t free = c->nodes[n].free;

    for (size_t i = 0; i < c->s.hold_count; i++) {
        free += c->holds[i].node == n && c->holds[i].ends_ms <= at_ms ? c->holds[i].gpus : 0;
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct sched_job *j = &c->jobs[i];

        for (int64_t k = 0; j->nodes != NULL && k < j->count; k++) {
            bool passed = at_ms == SCHED_NEVER && i > c->s.head;
            bool over = j->lasts_ms != SCHED_NEVER && c->s.now_ms + j->lasts_ms <= at_ms && !passed;

            free -= j->nodes[k] == n && !over ? j->gpus : 0;
        }
    }
    return free;
}

static bool fits_at(const struct scene *c, const struct sched_job *j, int64_t at_ms)
{
    for (int type = 0; type < 2; type++) {
        int64_t slots = 0;

        for (size_t n = 0; n < c->s.node_count; n++) {
            int64_t free = c->nodes[n].type == type ? free_at(c, n, at_ms) : 0;

            slots += free > 0 ? free / j->gpus : 0;
        }
        if ((j->type < 0 || j->type == type) && slots >= j->count) {
            return true;
        }
    }
    return false;
}

LAW(no_gpu_is_given_twice_and_a_gang_is_whole_and_of_one_type)
{
    struct scene c;

    random_scene(d, &c);
    sched_plan(a, &c.s, c.jobs, c.count);
    for (size_t n = 0; n < c.s.node_count; n++) {
        holds(free_at(&c, n, c.s.now_ms) >= 0, "node %zu has given more than it had", n);
    }
    for (size_t i = 0; i < c.count; i++) {
        const struct sched_job *j = &c.jobs[i];

        holds(!j->stands || j->nodes == NULL, "job %zu was to stand aside", i);
        for (int64_t k = 0; j->nodes != NULL && k < j->count; k++) {
            int type = c.nodes[j->nodes[k]].type;

            holds(type == c.nodes[j->nodes[0]].type, "job %zu stands on two types", i);
            holds(j->type < 0 || j->type == type, "job %zu stands on a type it has not asked", i);
        }
    }
}

LAW(what_passes_the_head_does_not_delay_it)
{
    struct scene c, alone;

    random_scene(d, &c);
    c.s.policy = chance(d, 50) ? SCHED_BACKFILL : SCHED_SHORTEST;
    alone = c;
    alone.s.policy = SCHED_STRICT;
    alone.s.nodes = alone.nodes;
    alone.s.holds = alone.holds;
    sched_plan(a, &c.s, c.jobs, c.count);
    sched_plan(a, &alone.s, alone.jobs, alone.count);
    holds(c.s.head == alone.s.head, "another head: %zu, strictly %zu", c.s.head, alone.s.head);
    if (c.s.head == SIZE_MAX) {
        return;
    }
    holds(!fits_at(&c, &c.jobs[c.s.head], c.s.now_ms), "the head fits, and waits");
    holds(c.s.shadow_ms == alone.s.shadow_ms, "another shadow time");
    if (c.s.shadow_ms != SCHED_NEVER) {
        holds(fits_at(&c, &c.jobs[c.s.head], c.s.shadow_ms), "the head was delayed");
        holds(!fits_at(&alone, &c.jobs[c.s.head], c.s.shadow_ms - 1),
              "the head would have fitted sooner");
    }
    for (size_t i = 0; i < c.s.head; i++) {
        holds((c.jobs[i].nodes != NULL) == (alone.jobs[i].nodes != NULL),
              "job %zu ahead of the head fares otherwise", i);
    }
}

/* A job may start on what is free and not set aside, or be over in time: then it must not wait. */
static bool could_start(const struct scene *c, const struct sched_job *j)
{
    bool in_time =
        c->s.head == SIZE_MAX || (c->s.shadow_ms != SCHED_NEVER && j->lasts_ms != SCHED_NEVER &&
                                  c->s.now_ms + j->lasts_ms <= c->s.shadow_ms);

    for (int type = 0; type < 2; type++) {
        int64_t slots = 0;

        for (size_t n = 0; n < c->s.node_count; n++) {
            int64_t free = free_at(c, n, c->s.now_ms), later = SCHED_NEVER - 1;

            if (!in_time) {
                later =
                    free_at(c, n, c->s.shadow_ms == SCHED_NEVER ? SCHED_NEVER : c->s.shadow_ms) -
                    c->s.aside[n];
            }
            free = later < free ? later : free;
            slots += c->nodes[n].type == type && free > 0 ? free / j->gpus : 0;
        }
        if ((j->type < 0 || j->type == type) && slots >= j->count) {
            return true;
        }
    }
    return false;
}

LAW(nothing_waits_that_could_start_without_delaying_the_head)
{
    struct scene c;

    random_scene(d, &c);
    c.s.policy = chance(d, 50) ? SCHED_BACKFILL : SCHED_SHORTEST;
    sched_plan(a, &c.s, c.jobs, c.count);
    for (size_t i = 0; i < c.count; i++) {
        holds(c.jobs[i].nodes != NULL || c.jobs[i].stands || i == c.s.head ||
                  !could_start(&c, &c.jobs[i]),
              "job %zu waits, and need not", i);
    }
}

LAW(under_skip_everything_starts_that_fits)
{
    struct scene c;

    random_scene(d, &c);
    c.s.policy = SCHED_SKIP;
    sched_plan(a, &c.s, c.jobs, c.count);
    for (size_t i = 0; i < c.count; i++) {
        holds(c.jobs[i].nodes != NULL || c.jobs[i].stands || !fits_at(&c, &c.jobs[i], c.s.now_ms),
              "job %zu waits, and fits", i);
    }
}

LAW(the_same_queue_is_decided_in_the_same_way)
{
    struct scene c, again;

    random_scene(d, &c);
    again = c;
    again.s.nodes = again.nodes;
    again.s.holds = again.holds;
    for (size_t i = 0; i + 1 < again.s.hold_count; i++) { /* in whatever order holds come */
        size_t k = i + roll(d, (unsigned)(again.s.hold_count - i));
        struct sched_hold swap = again.holds[i];

        again.holds[i] = again.holds[k];
        again.holds[k] = swap;
    }
    sched_plan(a, &c.s, c.jobs, c.count);
    sched_plan(a, &again.s, again.jobs, again.count);
    for (size_t i = 0; i < c.count; i++) {
        holds((c.jobs[i].nodes == NULL) == (again.jobs[i].nodes == NULL), "job %zu differs", i);
        for (int64_t k = 0; c.jobs[i].nodes != NULL && k < c.jobs[i].count; k++) {
            holds(c.jobs[i].nodes[k] == again.jobs[i].nodes[k], "job %zu stands elsewhere", i);
        }
    }
}

/* Another way to look ahead: a whole plan at each end, whatever it is of. */
struct ahead {
    struct scene *c;
    struct sched_hold *later;
    size_t count, left, at[JOBS];
};

static void begin_planned(struct ahead *h, int64_t *starts)
{
    struct scene *c = h->c;
    size_t kept = 0;

    for (size_t i = 0; i < h->left; i++) {
        const struct sched_job j = c->jobs[i];

        for (int64_t k = 0; j.nodes != NULL && k < j.count; k++) {
            c->nodes[j.nodes[k]].free -= j.gpus;
            h->later[h->count++] = (struct sched_hold){
                j.nodes[k], j.gpus, sched_ends_ms(c->s.now_ms, j.lasts_ms, c->s.now_ms)};
        }
        if (j.nodes != NULL) {
            starts[h->at[i]] = c->s.now_ms;
        } else {
            h->at[kept] = h->at[i];
            c->jobs[kept++] = j;
        }
    }
    h->left = kept;
}

static bool end_next(struct ahead *h)
{
    int64_t next = SCHED_NEVER;
    size_t kept = 0;

    for (size_t i = 0; i < h->count; i++) {
        next = h->later[i].ends_ms < next ? h->later[i].ends_ms : next;
    }
    for (size_t i = 0; i < h->count; i++) {
        if (h->later[i].ends_ms == next && next != SCHED_NEVER) {
            h->c->nodes[h->later[i].node].free += h->later[i].gpus;
        } else {
            h->later[kept++] = h->later[i];
        }
    }
    h->count = kept;
    h->c->s.now_ms = next;
    return next != SCHED_NEVER;
}

static void look_ahead(struct arena *a, struct scene *c, int64_t *starts)
{
    struct ahead h = {.c = c, .count = c->s.hold_count, .left = c->count};

    h.later = arena_alloc(a, (HOLDS + 4 * JOBS) * sizeof(*h.later));
    memcpy(h.later, c->holds, sizeof(c->holds));
    for (size_t i = 0; i < c->count; i++) {
        starts[i] = SCHED_NEVER;
        h.at[i] = i;
    }
    do {
        c->s.holds = h.later;
        c->s.hold_count = h.count;
        sched_plan(a, &c->s, c->jobs, h.left);
        begin_planned(&h, starts);
    } while (h.left > 0 && end_next(&h));
}

LAW(what_is_forecast_is_what_happens_when_all_last_as_they_said)
{
    struct scene c, slow;
    struct sched_eta etas[JOBS + 1];
    int64_t starts[JOBS + 1];

    random_scene(d, &c);
    slow = c;
    slow.s.nodes = slow.nodes;
    sched_plan(a, &c.s, c.jobs, c.count);
    sched_forecast(a, &c.s, c.jobs, c.count, etas);
    look_ahead(a, &slow, starts);
    for (size_t i = 0; i < c.count; i++) {
        holds(etas[i].start_ms == starts[i], "job %zu is to start at %lld, and does at %lld", i,
              (long long)etas[i].start_ms, (long long)starts[i]);
        holds((etas[i].node == SIZE_MAX) == (starts[i] == SCHED_NEVER), "job %zu: no place", i);
    }
}

/* --- a whole life: jobs come, last as they said or shorter, and go --------------------------- */

struct life {
    struct scene c;
    int64_t left_ms[HOLDS]; /* real end of each hold */
    int64_t promised_ms;    /* the head's */
    int64_t waits_since[JOBS];
};

static void begin_started(struct life *l, struct dice *d)
{
    struct scene *c = &l->c;
    size_t kept = 0;

    for (size_t i = 0; i < c->count; i++) {
        const struct sched_job *j = &c->jobs[i];
        int64_t real =
            j->lasts_ms == SCHED_NEVER ? 1 + roll(d, 300) : 1 + roll(d, (unsigned)j->lasts_ms);

        for (int64_t k = 0; j->nodes != NULL && k < j->count; k++) {
            c->nodes[j->nodes[k]].free -= j->gpus;
            l->left_ms[c->s.hold_count] = c->s.now_ms + real;
            c->holds[c->s.hold_count++] = (struct sched_hold){
                j->nodes[k], j->gpus, sched_ends_ms(c->s.now_ms, j->lasts_ms, c->s.now_ms)};
        }
        if (j->nodes == NULL) {
            c->jobs[kept++] = *j;
        }
    }
    c->count = kept;
}

static void end_over(struct life *l)
{
    struct scene *c = &l->c;
    size_t kept = 0;

    for (size_t i = 0; i < c->s.hold_count; i++) {
        if (l->left_ms[i] <= c->s.now_ms) {
            c->nodes[c->holds[i].node].free += c->holds[i].gpus;
        } else {
            l->left_ms[kept] = l->left_ms[i];
            c->holds[kept++] = c->holds[i];
        }
    }
    c->s.hold_count = kept;
}

LAW(the_head_starts_when_it_was_told_or_sooner)
{
    struct life l = {.promised_ms = SCHED_NEVER};
    struct scene *c = &l.c;

    c->s = (struct sched){.policy = chance(d, 50) ? SCHED_BACKFILL : SCHED_SHORTEST,
                          .nodes = c->nodes,
                          .holds = c->holds,
                          .node_count = 1 + roll(d, 3)};
    for (size_t n = 0; n < c->s.node_count; n++) {
        c->nodes[n].free = 8;
    }
    for (int step = 0; step < 120; step++) {
        size_t first = 0;

        c->s.now_ms += 1 + roll(d, 10);
        end_over(&l);
        if (c->count < JOBS && chance(d, 50)) {
            struct sched_job j = random_job(d);

            j.type = -1;
            j.stands = false;
            j.count = j.count > (int64_t)c->s.node_count ? 1 : j.count;
            c->jobs[c->count++] = j;
        }
        sched_plan(a, &c->s, c->jobs, c->count);
        first = c->count > 0 && c->jobs[0].nodes != NULL;
        holds(first > 0 || l.promised_ms == SCHED_NEVER || c->s.now_ms < l.promised_ms,
              "the head was told %lld, and still waits at %lld", (long long)l.promised_ms,
              (long long)c->s.now_ms);
        if (first > 0) {
            l.promised_ms = SCHED_NEVER;
        }
        begin_started(&l, d);
        if (c->count > 0 && c->s.head != SIZE_MAX && c->s.shadow_ms < l.promised_ms) {
            l.promised_ms = c->s.shadow_ms;
        }
    }
}

static void __attribute__((constructor)) play_many(void)
{
    setenv("PROP_SEEDS", SEEDS, 0);
}

SPEC_MAIN()
