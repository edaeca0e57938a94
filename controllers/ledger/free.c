#include "controllers/ledger/free.h"

#include "api/dkuberun.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/common/duration.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/queue.h"

/* --- what is free ---------------------------------------------------------------------------- */

/* GPUs of the node that it may use without delaying the head of the pool's queue. */
static int64_t room_on(const struct snapshot *s, const struct free_view *v,
                       const struct pool_state *pool, const struct rec *run, size_t n)
{
    const struct sched *sc = &v->scheds[pool - s->pools];
    int64_t lasts = duration_ms(dkuberun_spec_max_runtime(run));
    const char *type = dkuberun_spec_gpu_type(run);

    if (!str_empty(type) && !str_eq(type, s->nodes[n].type)) {
        return 0;
    }
    if (sc->spare == NULL ||
        (lasts > 0 && sc->shadow_ms != SCHED_NEVER && lasts <= sc->shadow_ms - s->v->now_ms)) {
        return pool->free[n];
    }
    return gpu_min(pool->free[n], gpu_minus(sc->spare[n], 0));
}

struct place {
    struct pool_state *pool;
    const struct gpu_node *node; /* NULL: none */
    int64_t gpus;
};

/* The node with the most for it; of those the smallest hole, then by name. */
static struct place best_of(const struct snapshot *s, const struct free_view *v,
                            struct pool_state *pool, const struct rec *run)
{
    struct place best = {.pool = pool};

    for (size_t n = 0; n < s->node_count && !v->blocked[pool - s->pools]; n++) {
        int64_t gpus = gpu_min(room_on(s, v, pool, run, n), dkuberun_spec_gpus(run));
        size_t at = best.node != NULL ? (size_t)(best.node - s->nodes) : 0;

        if (gpus > best.gpus || (gpus > 0 && gpus == best.gpus && pool->free[n] < pool->free[at])) {
            best.gpus = gpus;
            best.node = &s->nodes[n];
        }
    }
    return best;
}

static bool lends(const struct pool_state *pool)
{
    return pool->live != NULL && !pool->ending && pool_spec_lend(pool->live);
}

/* It will want all back: its queue's head is several pods, for which recalling spares nothing. */
static bool wants_all_back(const struct snapshot *s, const struct free_view *v,
                           const struct pool_state *pool)
{
    const struct rec *head = v->heads[pool - s->pools];

    return head != NULL && run_is_gang(head);
}

static void take(const struct snapshot *s, const struct free_view *v, const struct place *g)
{
    struct pool_state *pool = g->pool;
    struct sched *sc = &v->scheds[pool - s->pools];
    size_t n = (size_t)(g->node - s->nodes);

    snapshot_give(pool, n, g->gpus);
    if (sc->spare != NULL) {
        sc->spare[n] = gpu_minus(sc->spare[n], g->gpus);
    }
}

void free_serve(struct snapshot *s, struct plan *p, const struct free_view *v,
                const struct rec *run)
{
    struct pool_state *own = snapshot_pool_for(s, rec_namespace(run));
    struct place g = {0};

    if (own != NULL) {
        g = best_of(s, v, own, run);
    }
    for (size_t i = 0; i < s->pool_count && g.gpus == 0; i++) {
        if (s->by_name[i] != own && lends(s->by_name[i]) && !wants_all_back(s, v, s->by_name[i])) {
            g = best_of(s, v, s->by_name[i], run);
        }
    }
    if (g.gpus > 0) {
        take(s, v, &g);
        snapshot_list(s, g.pool, run);
    } else if (dkuberun_status_admission_set(run)) {
        return; /* it has run before: recalled, or lost with its node, it waits */
    } else {
        g = (struct place){.pool = own};
    }
    queue_admit(p, run, &(struct grant){g.pool, &g.node, g.gpus, g.gpus > 0 ? 1 : 0});
}

/* --- recalling ------------------------------------------------------------------------------- */

struct lent {
    const struct rec *run;
    size_t node;
    int64_t gpus;
    bool recalled; /* on its way back */
};
struct loans {
    struct lent *list;
    size_t count;
};

/* What a pool that is gone has left to the rest was not lent by the rest. */
static bool is_lent(const struct snapshot *s, const struct pool_state *pool, const struct rec *run)
{
    return dkuberun_spec_free_only(run) && run_is_admitted(run) &&
           str_eq(dkuberun_status_admission_pool(run), pool->name) &&
           snapshot_pool_for(s, rec_namespace(run)) != pool;
}

static struct loans loans_of(const struct snapshot *s, const struct pool_state *pool)
{
    struct loans l = {0};

    for (size_t i = 0; i < pool->run_count; i++) {
        const struct rec *run = pool->runs[i];
        const struct rec *e = dkuberun_status_admission_nodes_at(run, 0);

        if (is_lent(s, pool, run)) {
            *(struct lent *)arena_push(s->a, (void **)&l.list, &l.count, sizeof(*l.list)) =
                (struct lent){run, snapshot_node(s, dkuberun_status_admission_nodes_name(e)),
                              run_gpus(run), dkuberun_status_admission_recalled(run)};
        }
    }
    return l;
}

/* From the last by name on, until so many more are on their way back. */
static void recall_on(struct plan *p, struct loans *l, size_t node, int64_t gpus)
{
    for (size_t i = l->count; i > 0 && gpus > 0; i--) {
        struct lent *x = &l->list[i - 1];

        if ((node == SIZE_MAX || x->node == node) && !x->recalled) {
            queue_recall(p, x->run);
            x->recalled = true;
            gpus -= x->gpus;
        }
    }
}

/* What the head lacks on the node, when all that is recalled has come back; INT64_MAX: recalling
 * the rest would not help. */
static int64_t lacks_on(const struct snapshot *s, const struct pool_state *pool,
                        const struct loans *l, const struct rec *head, size_t node)
{
    const char *type = dkuberun_spec_gpu_type(head);
    int64_t all = pool->free[node], soon = pool->free[node];

    for (size_t i = 0; i < l->count; i++) {
        if (l->list[i].node == node) {
            all += l->list[i].gpus;
            soon += l->list[i].recalled ? l->list[i].gpus : 0;
        }
    }
    if (all < run_asks(head) || (!str_empty(type) && !str_eq(type, s->nodes[node].type))) {
        return INT64_MAX;
    }
    return gpu_minus(run_asks(head), soon);
}

/* On the node where the fewest GPUs have to come back; nothing if those on their way suffice. */
static void recall_for(const struct snapshot *s, struct plan *p, const struct pool_state *pool,
                       struct loans *l, const struct rec *head)
{
    size_t best = SIZE_MAX;
    int64_t least = INT64_MAX;

    for (size_t i = 0; i < l->count; i++) {
        size_t n = l->list[i].node;
        int64_t lacks = n != SIZE_MAX ? lacks_on(s, pool, l, head, n) : INT64_MAX;

        if (lacks < least) {
            least = lacks;
            best = n;
        }
    }
    if (best != SIZE_MAX) {
        recall_on(p, l, best, least);
    }
}

void free_recall(struct snapshot *s, struct plan *p, const struct free_view *v, size_t pool)
{
    struct loans l;

    if (!v->blocked[pool] && v->heads[pool] == NULL) {
        return;
    }
    l = loans_of(s, &s->pools[pool]);
    if (v->blocked[pool] || run_is_gang(v->heads[pool])) {
        recall_on(p, &l, SIZE_MAX, INT64_MAX);
    } else {
        recall_for(s, p, &s->pools[pool], &l, v->heads[pool]);
    }
}
