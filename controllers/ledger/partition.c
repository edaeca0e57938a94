#include "controllers/ledger/partition.h"

#include <stdlib.h>

#include "base/span.h"
#include "controllers/ledger/gpu.h"

#define ROUNDS 16 /* a bound, never met: each turn that changes anything makes some pool larger */

struct work {
    struct partition *pt;
    int64_t *rest; /* GPUs that nobody has yet */
    bool changed;
};

static void take(struct work *w, struct part_pool *p, size_t node, int64_t gpus)
{
    p->share[node] += gpus;
    w->rest[node] -= gpus;
    w->changed = w->changed || gpus != 0;
}

static int64_t sum(const int64_t *list, size_t count)
{
    int64_t total = 0;

    for (size_t i = 0; i < count; i++) {
        total = gpu_add(total, list[i]);
    }
    return total;
}

static int64_t owned(const struct work *w, const struct part_pool *p)
{
    return sum(p->share, w->pt->node_count);
}

static bool fits_type(const struct work *w, const struct part_pool *p, size_t node)
{
    return p->got_type == NULL || str_eq(w->pt->nodes[node].type, p->got_type);
}

/* What counts towards the target; the rest, of another type, is on its way out. */
static int64_t owned_of_type(const struct work *w, const struct part_pool *p)
{
    int64_t total = 0;

    for (size_t n = 0; n < w->pt->node_count; n++) {
        total = gpu_add(total, fits_type(w, p, n) ? p->share[n] : 0);
    }
    return total;
}

/* --- what is in use stays -------------------------------------------------------------------- */

static void hold_used(struct work *w)
{
    for (size_t i = 0; i < w->pt->pool_count; i++) {
        struct part_pool *p = &w->pt->pools[i];

        for (size_t n = 0; n < w->pt->node_count; n++) {
            take(w, p, n, gpu_min(p->use[n], w->rest[n]));
        }
    }
}

/* --- the type of a pool that names none ------------------------------------------------------ */

/* GPUs of this type that the pool uses, had, or could have. */
enum weigh { WEIGH_USED, WEIGH_LAST, WEIGH_FREE };
static int64_t weight(const struct work *w, const struct part_pool *p, size_t n, enum weigh of)
{
    return of == WEIGH_USED ? p->share[n] : of == WEIGH_FREE ? w->rest[n] : p->had[n];
}

static int64_t weigh_type(const struct work *w, const struct part_pool *p, const char *type,
                          enum weigh of)
{
    int64_t total = 0;

    for (size_t n = 0; n < w->pt->node_count; n++) {
        if (str_eq(w->pt->nodes[n].type, type)) {
            total = gpu_add(total, weight(w, p, n, of));
        }
    }
    return of == WEIGH_FREE ? gpu_min(total, p->gpus) : total;
}

/* The type with most; ties by name. */
static const char *heaviest(const struct work *w, const struct part_pool *p, enum weigh of)
{
    const char *best = NULL, *seen = NULL;
    int64_t most = 0;

    for (size_t n = 0; n < w->pt->node_count; n++) {
        const char *type = w->pt->nodes[n].type;
        int64_t have;

        if (weight(w, p, n, of) == 0 || (seen != NULL && str_eq(type, seen))) {
            continue;
        }
        seen = type;
        have = weigh_type(w, p, type, of);
        if (have > most || (have == most && have > 0 && strcmp(type, best) < 0)) {
            best = type;
            most = have;
        }
    }
    return best;
}

static void choose_type(struct work *w, struct part_pool *p)
{
    p->got_type = p->type != NULL ? p->type : heaviest(w, p, WEIGH_USED);
    if (p->got_type == NULL && p->by_nodes && p->want_count > 0) {
        p->got_type = w->pt->nodes[p->wants[0].node].type;
    }
    if (p->got_type == NULL && !p->by_nodes) {
        p->got_type = heaviest(w, p, WEIGH_LAST);
    }
}

/* --- a pool of named nodes ------------------------------------------------------------------- */

static void serve_nodes(struct work *w, struct part_pool *p)
{
    int64_t met = 0;

    for (size_t i = 0; i < p->want_count; i++) {
        size_t n = p->wants[i].node;

        if (fits_type(w, p, n)) {
            take(w, p, n, gpu_min(gpu_minus(p->wants[i].gpus, p->share[n]), w->rest[n]));
            met = gpu_add(met, gpu_min(p->share[n], p->wants[i].gpus));
        }
    }
    p->draining = gpu_minus(owned(w, p), met);
    p->missing = gpu_minus(p->gpus, met);
}

/* --- a pool of N ----------------------------------------------------------------------------- */

struct kept {
    size_t node;
    int64_t gpus;
    bool used;
};

static int by_worth(const void *x, const void *y)
{
    const struct kept *a = x, *b = y;

    if (a->used != b->used) {
        return a->used ? -1 : 1;
    }
    if (a->gpus != b->gpus) {
        return a->gpus > b->gpus ? -1 : 1;
    }
    return (a->node > b->node) - (a->node < b->node);
}

/* Keeps what it had: nodes that it uses first, then the largest part, then by name. */
static void keep_last(struct arena *a, struct work *w, struct part_pool *p)
{
    struct kept *list = arena_alloc(a, w->pt->node_count * sizeof(*list) + 1);
    int64_t need = gpu_minus(p->gpus, owned_of_type(w, p));
    size_t count = 0;

    for (size_t n = 0; n < w->pt->node_count; n++) {
        if (p->had[n] > p->share[n] && fits_type(w, p, n)) {
            list[count++] = (struct kept){n, p->had[n], p->use[n] > 0};
        }
    }
    qsort(list, count, sizeof(*list), by_worth);
    for (size_t i = 0; i < count && need > 0; i++) {
        int64_t more = gpu_minus(list[i].gpus, p->share[list[i].node]);

        more = gpu_min(gpu_min(more, w->rest[list[i].node]), need);
        take(w, p, list[i].node, more);
        need -= more;
    }
}

/* Completes nodes that it has in part, so that there is at most one such. */
static int64_t complete(struct work *w, struct part_pool *p, int64_t need)
{
    for (size_t n = 0; n < w->pt->node_count && need > 0; n++) {
        if (p->share[n] > 0 && w->rest[n] > 0 && fits_type(w, p, n)) {
            int64_t more = gpu_min(w->rest[n], need);

            take(w, p, n, more);
            need -= more;
        }
    }
    return need;
}

/* Good nodes before others, the larger before the smaller, then by name. */
static bool is_better_whole(const struct part_node *a, const struct part_node *b)
{
    return a->good != b->good ? a->good : a->gpus > b->gpus;
}

static int64_t add_whole(struct work *w, struct part_pool *p, int64_t need)
{
    while (need > 0) {
        size_t best = SIZE_MAX;

        for (size_t n = 0; n < w->pt->node_count; n++) {
            const struct part_node *node = &w->pt->nodes[n];
            bool whole = w->rest[n] == node->gpus && node->gpus > 0 && node->gpus <= need;

            if (whole && fits_type(w, p, n) &&
                (best == SIZE_MAX || is_better_whole(node, &w->pt->nodes[best]))) {
                best = n;
            }
        }
        if (best == SIZE_MAX) {
            break;
        }
        need -= w->rest[best];
        take(w, p, best, w->rest[best]);
    }
    return need;
}

static bool is_better_part(const struct work *w, size_t x, size_t y, int64_t need)
{
    int64_t a = w->rest[x], b = w->rest[y];
    const struct part_node *nx = &w->pt->nodes[x], *ny = &w->pt->nodes[y];

    if ((a >= need) != (b >= need)) {
        return a >= need;
    }
    if (a >= need) {
        return nx->good != ny->good ? nx->good : a < b;
    }
    return a != b ? a > b : nx->good && !ny->good;
}

/* The node to take a part of: the smallest rest that suffices, else the largest there is. */
static size_t best_part(const struct work *w, const struct part_pool *p, int64_t need)
{
    size_t best = SIZE_MAX;

    for (size_t n = 0; n < w->pt->node_count; n++) {
        if (w->rest[n] > 0 && fits_type(w, p, n) &&
            (best == SIZE_MAX || is_better_part(w, n, best, need))) {
            best = n;
        }
    }
    return best;
}

/* The node that it has in part, if any: one is allowed. One that is in use comes first. */
static size_t part_of(const struct work *w, const struct part_pool *p)
{
    size_t idle = SIZE_MAX;

    for (size_t n = 0; n < w->pt->node_count; n++) {
        if (p->share[n] > 0 && p->share[n] < w->pt->nodes[n].gpus && fits_type(w, p, n)) {
            if (p->use[n] > 0) {
                return n;
            }
            idle = n;
        }
    }
    return idle;
}

/* Takes a part of one node; the idle part that it has is given up only for a larger one. */
static int64_t add_part(struct work *w, struct part_pool *p, int64_t need)
{
    size_t part = part_of(w, p), best;
    int64_t back = part != SIZE_MAX ? p->share[part] : 0, more;

    if (need == 0 || (part != SIZE_MAX && p->use[part] > 0)) {
        return need;
    }
    best = best_part(w, p, need + back);
    if (best == SIZE_MAX || w->rest[best] <= back) {
        return need;
    }
    if (part != SIZE_MAX) {
        take(w, p, part, -back);
    }
    more = gpu_min(need + back, w->rest[best]);
    take(w, p, best, more);
    return need + back - more;
}

static void grow(struct work *w, struct part_pool *p)
{
    int64_t have, need;

    if (p->type == NULL && owned(w, p) == 0) {
        p->got_type = heaviest(w, p, WEIGH_FREE);
    }
    have = owned_of_type(w, p);
    need = gpu_minus(p->gpus, have);
    p->draining = owned(w, p) - have + gpu_minus(have, p->gpus);
    need = complete(w, p, need);
    need = add_whole(w, p, need);
    p->missing = add_part(w, p, need);
}

/* --- all of them -------------------------------------------------------------------------------
 */

static void spread_last(struct arena *a, struct work *w, struct part_pool *p)
{
    p->share = arena_alloc(a, w->pt->node_count * sizeof(int64_t) + 1);
    p->had = arena_alloc(a, w->pt->node_count * sizeof(int64_t) + 1);
    for (size_t i = 0; i < p->last_count; i++) {
        p->had[p->last[i].node] = p->last[i].gpus;
    }
}

/* Until nobody gains: what one gives up, it or an older one may want. */
static void grow_all(struct work *w, size_t count)
{
    size_t turns = count * ROUNDS;

    for (size_t i = 0; i < count && turns > 0; turns--) {
        struct part_pool *p = &w->pt->pools[i];

        w->changed = false;
        if (p->by_nodes) {
            serve_nodes(w, p);
        } else {
            grow(w, p);
        }
        i = w->changed ? 0 : i + 1;
    }
}

/* Named nodes and what pools have come before what pools still want. */
static void serve(struct arena *a, struct work *w)
{
    size_t count = w->pt->pool_count - 1;

    for (size_t i = 0; i < count; i++) {
        struct part_pool *p = &w->pt->pools[i];

        choose_type(w, p);
        if (p->by_nodes) {
            serve_nodes(w, p);
        } else {
            keep_last(a, w, p);
        }
    }
    grow_all(w, count);
}

void partition_compute(struct arena *a, struct partition *pt)
{
    struct work w = {.pt = pt, .rest = arena_alloc(a, pt->node_count * sizeof(int64_t) + 1)};

    for (size_t n = 0; n < pt->node_count; n++) {
        w.rest[n] = pt->nodes[n].gpus;
    }
    for (size_t i = 0; i < pt->pool_count; i++) {
        spread_last(a, &w, &pt->pools[i]);
    }
    hold_used(&w);
    serve(a, &w);
    for (size_t n = 0; n < pt->node_count; n++) {
        take(&w, &pt->pools[pt->pool_count - 1], n, w.rest[n]);
    }
}

bool partition_holds(const struct partition *pt)
{
    for (size_t n = 0; n < pt->node_count; n++) {
        int64_t total = 0;

        for (size_t i = 0; i < pt->pool_count; i++) {
            if (pt->pools[i].share[n] < 0) {
                return false;
            }
            total = gpu_add(total, pt->pools[i].share[n]);
        }
        if (total != pt->nodes[n].gpus) {
            return false;
        }
    }
    return true;
}
