#include "controllers/ledger/schedule.h"

#include <stdlib.h>
#include <string.h>

/* One plan at work. Room for a job that is over before the shadow time is what is free; for a
 * longer one, what is free and not set aside. */
struct desk {
    struct arena *a;
    struct sched *s;
    int64_t *free;
    int64_t *spare;   /* free at the shadow time and not set aside; NULL: no head yet */
    int64_t *most[2]; /* by type: no node has more room, for short and for long jobs */
    int types;
    const struct sched_hold *holds; /* those of s, by time; NULL: not yet sorted */
    struct sched_hold *late;        /* of what has just started */
    size_t late_count;
};

static int64_t room(const struct desk *d, size_t n, bool is_long)
{
    return is_long && d->spare != NULL && d->spare[n] < d->free[n] ? d->spare[n] : d->free[n];
}

int64_t sched_ends_ms(int64_t since_ms, int64_t lasts_ms, int64_t now_ms)
{
    int64_t gone = now_ms > since_ms ? now_ms - since_ms : 0;

    if (lasts_ms == SCHED_NEVER || lasts_ms >= SCHED_NEVER - since_ms) {
        return SCHED_NEVER;
    }
    return gone < lasts_ms ? since_ms + lasts_ms : now_ms + gone;
}

static int64_t end_of(const struct sched *s, const struct sched_job *j)
{
    return sched_ends_ms(s->now_ms, j->lasts_ms, s->now_ms);
}

/* --- where? ---------------------------------------------------------------------------------- */

static size_t best_node(const struct desk *d, const struct sched_job *j, int type, bool is_long)
{
    size_t best = SIZE_MAX;
    int64_t least = INT64_MAX;

    for (size_t n = 0; n < d->s->node_count; n++) {
        int64_t has = d->s->nodes[n].type == type ? room(d, n, is_long) : -1;

        if (has >= j->gpus && (best == SIZE_MAX || (best == j->avoid && n != j->avoid) ||
                               (n != j->avoid && d->free[n] < least))) {
            best = n;
            least = d->free[n];
        }
    }
    return best;
}

static void take(struct desk *d, size_t n, int64_t gpus, bool is_long)
{
    d->free[n] -= gpus;
    if (is_long && d->spare != NULL) {
        d->spare[n] -= gpus;
    }
}

/* A type on which a pod of this size has failed has no more than that. */
static bool is_known_to_fail(const struct desk *d, const struct sched_job *j, int type,
                             bool is_long)
{
    return d->most[is_long][type] < j->gpus;
}

static bool place_type(struct desk *d, struct sched_job *j, int type, bool is_long)
{
    int64_t placed = 0;

    if (is_known_to_fail(d, j, type, is_long)) {
        return false;
    }
    if (j->nodes == NULL) {
        j->nodes = arena_alloc(d->a, (size_t)j->count * sizeof(*j->nodes));
    }
    while (placed < j->count) {
        size_t n = best_node(d, j, type, is_long);

        if (n == SIZE_MAX) {
            if (placed == 0) {
                d->most[is_long][type] = j->gpus - 1;
            }
            break;
        }
        take(d, n, j->gpus, is_long);
        j->nodes[placed++] = n;
    }
    if (placed == j->count) {
        return true;
    }
    while (placed > 0) {
        take(d, j->nodes[--placed], -j->gpus, is_long);
    }
    return false;
}

static void hold(struct desk *d, size_t node, int64_t gpus, int64_t ends_ms)
{
    struct sched_hold *h = arena_push(d->a, (void **)&d->late, &d->late_count, sizeof(*h));

    *h = (struct sched_hold){node, gpus, ends_ms};
}

/* Starts the job if it finds room; all of it on one type, the first by name. */
static bool start(struct desk *d, struct sched_job *j)
{
    bool is_long =
        d->spare != NULL && (d->s->shadow_ms == SCHED_NEVER || end_of(d->s, j) > d->s->shadow_ms);

    for (int type = 0; type < d->types; type++) {
        if ((j->type < 0 || j->type == type) && place_type(d, j, type, is_long)) {
            for (int64_t i = 0; i < j->count; i++) {
                hold(d, j->nodes[i], j->gpus, end_of(d->s, j));
            }
            return true;
        }
    }
    j->nodes = NULL;
    return false;
}

/* --- the head -------------------------------------------------------------------------------- */

static int by_end(const void *x, const void *y)
{
    const struct sched_hold *a = x, *b = y;

    if (a->ends_ms != b->ends_ms) {
        return a->ends_ms < b->ends_ms ? -1 : 1;
    }
    return (a->node > b->node) - (a->node < b->node);
}

static void sort_by_end(struct sched_hold *holds, size_t n)
{
    if (n > 1) {
        qsort(holds, n, sizeof(*holds), by_end);
    }
}

static void sort_holds(struct desk *d)
{
    sort_by_end(d->late, d->late_count);
    if (d->holds == NULL) {
        struct sched_hold *sorted =
            arena_memdup(d->a, d->s->holds, d->s->hold_count * sizeof(*sorted));

        sort_by_end(sorted, d->s->hold_count);
        d->holds = sorted;
    }
}

/* The next hold to end, of both lists; NULL: no more. */
static const struct sched_hold *next_hold(const struct desk *d, size_t *at, size_t *late)
{
    const struct sched_hold *h = *at < d->s->hold_count ? &d->holds[*at] : NULL;
    const struct sched_hold *l = *late < d->late_count ? &d->late[*late] : NULL;

    if (l != NULL && (h == NULL || by_end(l, h) < 0)) {
        ++*late;
        return l;
    }
    ++*at;
    return h;
}

/* Pods of the job that each type has room for. */
static void count_slots(const struct desk *d, const struct sched_job *j, const int64_t *free,
                        int64_t *slots)
{
    for (size_t n = 0; n < d->s->node_count; n++) {
        slots[d->s->nodes[n].type] += free[n] > 0 ? free[n] / j->gpus : 0;
    }
}

static int fitting_type(const struct desk *d, const struct sched_job *j, const int64_t *slots)
{
    for (int type = 0; type < d->types; type++) {
        if ((j->type < 0 || j->type == type) && slots[type] >= j->count) {
            return type;
        }
    }
    return -1;
}

/* The type and time of the head, and what is free then. -1: even with all back it fits nowhere. */
static int find_shadow(struct desk *d, const struct sched_job *j, int64_t *free, int64_t *ret_ms)
{
    int64_t *slots = arena_alloc(d->a, (size_t)d->types * sizeof(*slots) + 1);
    const struct sched_hold *h;
    size_t at = 0, late = 0;
    int type;

    count_slots(d, j, free, slots);
    sort_holds(d);
    *ret_ms = d->s->now_ms;
    type = fitting_type(d, j, slots);
    for (h = next_hold(d, &at, &late); h != NULL && type < 0;) {
        for (*ret_ms = h->ends_ms; h != NULL && h->ends_ms == *ret_ms;
             h = next_hold(d, &at, &late)) {
            int64_t before = free[h->node] > 0 ? free[h->node] / j->gpus : 0;

            free[h->node] += h->gpus;
            slots[d->s->nodes[h->node].type] +=
                (free[h->node] > 0 ? free[h->node] / j->gpus : 0) - before;
        }
        type = fitting_type(d, j, slots);
    }
    return type;
}

/* The fullest nodes first, so that large holes stay for others. */
static void set_aside(struct desk *d, const struct sched_job *j, int type, const int64_t *free)
{
    struct sched *s = d->s;

    for (int64_t left = j->count; left > 0;) {
        size_t best = SIZE_MAX;

        for (size_t n = 0; n < s->node_count; n++) {
            if (s->nodes[n].type == type && free[n] - s->aside[n] >= j->gpus &&
                (best == SIZE_MAX || free[n] - s->aside[n] < free[best] - s->aside[best])) {
                best = n;
            }
        }
        if (best == SIZE_MAX) {
            return;
        }
        s->aside[best] += j->gpus;
        left--;
    }
}

static void reserve(struct desk *d, const struct sched_job *j, size_t index)
{
    struct sched *s = d->s;
    size_t size = s->node_count * sizeof(int64_t);
    int64_t *free = arena_memdup(d->a, d->free, size);
    int type = find_shadow(d, j, free, &s->shadow_ms);

    s->head = index;
    s->aside = arena_alloc(d->a, size);
    if (type >= 0) {
        set_aside(d, j, type, free);
    } else {
        s->shadow_ms = SCHED_NEVER;
    }
    d->spare = s->spare = free;
    for (size_t n = 0; n < s->node_count; n++) {
        d->spare[n] -= s->aside[n];
    }
    for (int t = 0; t < d->types; t++) {
        d->most[0][t] = d->most[1][t] = INT64_MAX;
    }
}

/* --- all ------------------------------------------------------------------------------------- */

static void open_desk(struct desk *d, struct arena *a, struct sched *s)
{
    *d = (struct desk){.a = a, .s = s, .types = 1};
    d->free = arena_alloc(a, s->node_count * sizeof(*d->free) + 1);
    for (size_t n = 0; n < s->node_count; n++) {
        d->free[n] = s->nodes[n].free;
        d->types = s->nodes[n].type >= d->types ? s->nodes[n].type + 1 : d->types;
    }
    for (int i = 0; i < 2; i++) {
        d->most[i] = arena_alloc(a, (size_t)d->types * sizeof(int64_t));
        for (int t = 0; t < d->types; t++) {
            d->most[i][t] = INT64_MAX;
        }
    }
    d->holds = s->sorted ? s->holds : NULL;
}

struct turn {
    struct sched_job *job;
    size_t index;
};

static int by_length(const void *x, const void *y)
{
    const struct turn *a = x, *b = y;

    if (a->job->lasts_ms != b->job->lasts_ms) {
        return a->job->lasts_ms < b->job->lasts_ms ? -1 : 1;
    }
    return (a->index > b->index) - (a->index < b->index);
}

static void backfill(struct desk *d, struct sched_job *jobs, size_t from, size_t n)
{
    struct turn *turns = arena_alloc(d->a, (n - from) * sizeof(*turns) + 1);
    size_t count = 0;

    for (size_t i = from; i < n; i++) {
        if (!jobs[i].stands) {
            turns[count++] = (struct turn){&jobs[i], i};
        }
    }
    if (d->s->policy == SCHED_SHORTEST && count > 1) {
        qsort(turns, count, sizeof(*turns), by_length);
    }
    for (size_t i = 0; i < count; i++) {
        (void)start(d, turns[i].job);
    }
}

void sched_plan(struct arena *a, struct sched *s, struct sched_job *jobs, size_t n)
{
    struct desk d;

    open_desk(&d, a, s);
    s->head = SIZE_MAX;
    s->shadow_ms = SCHED_NEVER;
    s->aside = s->spare = NULL;
    for (size_t i = 0; i < n; i++) {
        jobs[i].nodes = NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (jobs[i].stands || start(&d, &jobs[i]) || s->policy == SCHED_SKIP) {
            continue;
        }
        reserve(&d, &jobs[i], i);
        if (s->policy != SCHED_STRICT) {
            backfill(&d, jobs, i + 1, n);
        }
        return;
    }
}

/* --- when? ----------------------------------------------------------------------------------- */

struct forecast {
    struct arena a; /* of one step */
    struct sched s;
    struct sched_node *nodes;
    struct sched_hold *holds; /* by their ends */
    size_t first, hold_count; /* those before the first have ended */
    struct sched_job *jobs;   /* those that wait, and whose they are */
    size_t *whose;
    size_t left, plans;
    bool moved; /* something has just started: what is set aside may change */
};

static void forecast_hold(struct forecast *f, const struct sched_job *j, int64_t now_ms)
{
    for (int64_t i = 0; i < j->count; i++) {
        struct sched_hold h = {j->nodes[i], j->gpus, sched_ends_ms(now_ms, j->lasts_ms, now_ms)};
        size_t low = f->first, high = f->hold_count;

        while (low < high) {
            size_t mid = low + (high - low) / 2;

            if (by_end(&f->holds[mid], &h) < 0) {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        memmove(&f->holds[low + 1], &f->holds[low], (f->hold_count++ - low) * sizeof(h));
        f->holds[low] = h;
        f->nodes[h.node].free -= h.gpus;
    }
}

static bool has_room_for_any(const struct forecast *f, const struct sched_node *n)
{
    for (size_t i = 0; i < f->left; i++) {
        if (f->jobs[i].gpus <= n->free && (f->jobs[i].type < 0 || f->jobs[i].type == n->type)) {
            return true;
        }
    }
    return false;
}

/* The next time at which something ends so that something else may start; what ends is given back.
 * False: nothing ever will. */
static bool forecast_step(struct forecast *f)
{
    bool useful = false, any = f->moved;

    while (!useful && f->first < f->hold_count && f->holds[f->first].ends_ms != SCHED_NEVER) {
        int64_t next = f->holds[f->first].ends_ms;

        for (; f->first < f->hold_count && f->holds[f->first].ends_ms == next; f->first++) {
            struct sched_node *n = &f->nodes[f->holds[f->first].node];

            n->free += f->holds[f->first].gpus;
            useful = useful || any || has_room_for_any(f, n);
        }
        f->s.now_ms = next;
    }
    return useful;
}

static void forecast_admit(struct forecast *f, struct sched_eta *etas)
{
    size_t kept = 0;

    f->s.holds = f->holds + f->first;
    f->s.hold_count = f->hold_count - f->first;
    f->s.policy = f->s.plans_most > 0 && f->plans++ >= f->s.plans_most ? SCHED_STRICT : f->s.policy;
    sched_plan(&f->a, &f->s, f->jobs, f->left);
    for (size_t i = 0; i < f->left; i++) {
        if (f->jobs[i].nodes != NULL) {
            etas[f->whose[i]] = (struct sched_eta){f->s.now_ms, f->jobs[i].nodes[0]};
            forecast_hold(f, &f->jobs[i], f->s.now_ms);
        } else {
            f->jobs[kept] = f->jobs[i];
            f->whose[kept++] = f->whose[i];
        }
    }
    f->moved = kept < f->left;
    f->left = kept;
    arena_reset(&f->a);
}

static void forecast_begin(struct arena *a, struct forecast *f, const struct sched *s,
                           const struct sched_job *jobs, size_t n, struct sched_eta *etas)
{
    size_t pods = s->hold_count;

    for (size_t i = 0; i < n; i++) {
        pods += (size_t)jobs[i].count;
    }
    *f = (struct forecast){.s = *s, .hold_count = s->hold_count, .moved = true};
    f->nodes = arena_memdup(a, s->nodes, s->node_count * sizeof(*f->nodes));
    f->holds = arena_alloc(a, pods * sizeof(*f->holds) + 1);
    f->jobs = arena_alloc(a, n * sizeof(*f->jobs) + 1);
    f->whose = arena_alloc(a, n * sizeof(*f->whose) + 1);
    for (size_t i = 0; i < s->hold_count; i++) {
        f->holds[i] = s->holds[i];
    }
    if (!s->sorted) {
        sort_by_end(f->holds, f->hold_count);
    }
    f->s.sorted = true;
    f->s.nodes = f->nodes;
    for (size_t i = 0; i < n; i++) {
        etas[i] = (struct sched_eta){SCHED_NEVER, SIZE_MAX};
        if (jobs[i].nodes != NULL) {
            etas[i] = (struct sched_eta){s->now_ms, jobs[i].nodes[0]};
            forecast_hold(f, &jobs[i], s->now_ms);
        } else if (!jobs[i].stands) {
            f->jobs[f->left] = jobs[i];
            f->whose[f->left++] = i;
        }
    }
}

void sched_forecast(struct arena *a, const struct sched *s, const struct sched_job *jobs, size_t n,
                    struct sched_eta *etas)
{
    struct forecast f;

    forecast_begin(a, &f, s, jobs, n, etas);
    while (f.left > 0 && forecast_step(&f)) {
        forecast_admit(&f, etas);
    }
    arena_done(&f.a);
}
