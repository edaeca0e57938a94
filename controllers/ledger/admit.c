#include <stdlib.h>

#include "api/deployment.gen.h"
#include "base/span.h"
#include "controllers/ledger/admit.h"

static bool is_of_type(const struct snapshot *s, size_t n, const char *type)
{
    return str_empty(type) || str_eq(s->nodes[n].type, type);
}

/* --- could it ever? -------------------------------------------------------------------------- */

static int64_t room_of_type(const struct snapshot *s, const struct pool_state *pool,
                            const struct gang *g, const char *type)
{
    int64_t count = 0;

    for (size_t n = 0; n < s->node_count; n++) {
        if (str_eq(s->nodes[n].type, type)) {
            count = gpu_add(count, pool->part->share[n] / g->gpus);
        }
    }
    return count;
}

bool gang_could_fit(const struct snapshot *s, const struct pool_state *pool, const struct gang *g)
{
    for (size_t n = 0; n < s->node_count; n++) {
        if (pool->part->share[n] >= g->gpus && is_of_type(s, n, g->type) &&
            (g->count == 1 || room_of_type(s, pool, g, s->nodes[n].type) >= g->count)) {
            return true;
        }
    }
    return false;
}

/* --- where? ---------------------------------------------------------------------------------- */

/* The smaller hole, so that large ones stay; then by name. */
static size_t best_node(const struct snapshot *s, const struct pool_state *pool,
                        const struct gang *g, const char *type)
{
    size_t best = SIZE_MAX;

    for (size_t n = 0; n < s->node_count; n++) {
        bool better = best == SIZE_MAX || (best == g->avoid && n != g->avoid) ||
                      (n != g->avoid && pool->free[n] < pool->free[best]);

        if (pool->free[n] >= g->gpus && is_of_type(s, n, type) && better) {
            best = n;
        }
    }
    return best;
}

/* All of the gang on nodes of this type, or nothing. ret: a node each. */
static bool place_type(const struct snapshot *s, struct pool_state *pool, const struct gang *g,
                       const char *type, size_t *ret)
{
    int64_t placed = 0;

    while (placed < g->count) {
        size_t n = best_node(s, pool, g, type);

        if (n == SIZE_MAX) {
            break;
        }
        snapshot_give(pool, n, g->gpus);
        ret[placed++] = n;
    }
    if (placed == g->count) {
        return true;
    }
    while (placed > 0) {
        snapshot_give(pool, ret[--placed], -g->gpus);
    }
    return false;
}

/* The type after `last` by name that the pool has free GPUs of. */
static const char *next_type(const struct snapshot *s, const struct pool_state *pool,
                             const char *last)
{
    const char *next = NULL;

    for (size_t n = 0; n < s->node_count; n++) {
        const char *type = s->nodes[n].type;

        if (pool->free[n] > 0 && (last == NULL || strcmp(type, last) > 0) &&
            (next == NULL || strcmp(type, next) < 0)) {
            next = type;
        }
    }
    return next;
}

/* One gang gets one type: the first by name that holds all of it now (rule 6). */
static bool place(const struct snapshot *s, struct pool_state *pool, const struct gang *g,
                  size_t *ret)
{
    const char *type = NULL;

    if (!str_empty(g->type)) {
        return place_type(s, pool, g, g->type, ret);
    }
    while ((type = next_type(s, pool, type)) != NULL) {
        if (place_type(s, pool, g, type, ret)) {
            return true;
        }
    }
    return false;
}

/* --- what both kinds need --- */

void ledger_write_node(struct jsonw *w, const char *name, int64_t gpus)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_int(w, "gpus", gpus);
    jsonw_end(w);
}

/* --- deployments ----------------------------------------------------------------------------- */

#define REPLICAS_MAX 100

/* What a deployment is to have: a node for each replica, SIZE_MAX while it has none. */
struct seats {
    size_t node[REPLICAS_MAX];
    int64_t count;
    int64_t empty;
    const char *type; /* of those that it has */
};

static bool is_given_up(const struct snapshot *s, size_t n)
{
    return s->nodes[n].lost_ms > 0 && s->v->now_ms >= s->nodes[n].lost_ms + NODE_LOST_MS;
}

/* What it has, where that is still what it asks for and its node is not given up. */
static void read_seats(const struct snapshot *s, const struct rec *d, const struct pool_state *pool,
                       struct seats *ret)
{
    bool ours = str_eq(deployment_status_admission_pool(d), pool->name);

    *ret = (struct seats){.count = gpu_min(deployment_spec_min_replicas(d), REPLICAS_MAX)};
    for (int64_t i = 0; i < ret->count; i++) {
        const struct rec *e = deployment_status_admission_nodes_at(d, (uint32_t)i);
        size_t n = snapshot_node(s, deployment_status_admission_nodes_name(e));

        if (!ours || n == SIZE_MAX || is_given_up(s, n) ||
            deployment_status_admission_nodes_gpus(e) != deployment_spec_gpus(d) ||
            (ret->type != NULL && !str_eq(ret->type, s->nodes[n].type))) {
            n = SIZE_MAX;
        } else {
            ret->type = s->nodes[n].type;
        }
        ret->node[i] = n;
        ret->empty += n == SIZE_MAX;
    }
}

/* When the node of a seat is given up, unless it answers until then. */
static void look_again(const struct snapshot *s, struct plan *p, const struct seats *seats)
{
    for (int64_t i = 0; i < seats->count; i++) {
        size_t n = seats->node[i];

        if (n != SIZE_MAX && s->nodes[n].lost_ms > 0) {
            plan_wake_at(p, s->nodes[n].lost_ms + NODE_LOST_MS);
        }
    }
}

static void write_deployment(const struct snapshot *s, struct plan *p, const struct rec *d,
                             const struct pool_state *pool, const struct seats *seats)
{
    struct jsonw w;

    jsonw_init(&w, p->a);
    jsonw_obj(&w, NULL);
    jsonw_obj(&w, "admission");
    jsonw_int(&w, "replicas", seats->count);
    jsonw_str(&w, "pool", pool->name);
    jsonw_opt(&w, "type", seats->type);
    jsonw_arr(&w, "nodes");
    for (int64_t i = 0; i < seats->count; i++) {
        ledger_write_node(&w, s->nodes[seats->node[i]].name, deployment_spec_gpus(d));
    }
    jsonw_end(&w);
    jsonw_end(&w);
    jsonw_end(&w);
    plan_status(p, &kind_deployment, d, LEDGER_MANAGER, jsonw_text(&w));
}

/* Fills the empty seats, all or none. */
static bool seat(const struct snapshot *s, const struct rec *d, struct pool_state *pool,
                 struct seats *seats)
{
    size_t placed[REPLICAS_MAX] = {0};
    struct gang g = {.type = seats->type,
                     .gpus = deployment_spec_gpus(d),
                     .count = seats->empty,
                     .avoid = SIZE_MAX};
    int64_t next = 0;

    if (g.count > 0 && !place(s, pool, &g, placed)) {
        return false;
    }
    for (int64_t i = 0; i < seats->count; i++) {
        if (seats->node[i] == SIZE_MAX) {
            seats->node[i] = placed[next++];
            seats->type = s->nodes[seats->node[i]].type;
        }
    }
    return true;
}

static void serve_deployment(struct snapshot *s, struct plan *p, const struct rec *d, bool *blocked)
{
    struct pool_state *pool = snapshot_pool_for(s, rec_namespace(d));
    struct gang whole = {.gpus = deployment_spec_gpus(d), .avoid = SIZE_MAX};
    struct seats seats;

    if (rec_is_deleted(d) || whole.gpus <= 0) {
        if (deployment_status_admission_set(d)) {
            plan_status(p, &kind_deployment, d, LEDGER_MANAGER, "{}");
        }
        return;
    }
    if (pool == NULL) {
        return;
    }
    read_seats(s, d, pool, &seats);
    look_again(s, p, &seats);
    whole.count = seats.count;
    if (seat(s, d, pool, &seats)) {
        write_deployment(s, p, d, pool, &seats);
    } else if (gang_could_fit(s, pool, &whole)) {
        blocked[pool - s->pools] = true;
    }
}

static int by_age(const void *x, const void *y)
{
    const struct rec *a = *(const struct rec *const *)x, *b = *(const struct rec *const *)y;
    int64_t s = rec_created_ms(a), t = rec_created_ms(b);
    int order = strcmp(rec_namespace(a), rec_namespace(b));

    if (s != t) {
        return s < t ? -1 : 1;
    }
    return order != 0 ? order : strcmp(rec_name(a), rec_name(b));
}

/* Ahead of queued runs (rule 1). */
static void serve_deployments(struct snapshot *s, struct plan *p, bool *blocked)
{
    const struct recs *all = &s->v->deployments;
    const struct rec **sorted = arena_memdup(s->a, all->list, all->count * sizeof(*sorted));

    if (all->count > 0) {
        qsort(sorted, all->count, sizeof(*sorted), by_age);
    }
    for (size_t i = 0; i < all->count; i++) {
        serve_deployment(s, p, sorted[i], blocked);
    }
}

void ledger_admit(struct snapshot *s, struct plan *p)
{
    bool *blocked = arena_alloc(s->a, s->pool_count * sizeof(*blocked) + 1);

    serve_deployments(s, p, blocked);
    ledger_serve_runs(s, p, blocked);
}
