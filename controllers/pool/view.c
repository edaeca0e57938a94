#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/ledger/claim.h"
#include "controllers/pool/pool.h"

#define HOLDERS_NAMED 5

static void add_holder(struct arena *a, struct pool_view *v, const struct rec *r, const char *kind)
{
    v->holder_count++;
    if (v->holder_count <= HOLDERS_NAMED) {
        v->holders = arena_printf(a, "%s%s%s %s/%s", v->holders, *v->holders != '\0' ? ", " : "",
                                  kind, rec_namespace(r), rec_name(r));
    }
}

static void gather_holders(struct arena *a, const struct caches *c, struct pool_view *v)
{
    size_t n = 0;
    const struct rec **runs = cache_list(a, c, &kind_dkuberun, NULL, &n);
    const struct rec **serving;

    for (size_t i = 0; i < n; i++) {
        if (run_is_admitted(runs[i]) &&
            str_eq(dkuberun_status_admission_pool(runs[i]), rec_name(v->live))) {
            add_holder(a, v, runs[i], "run");
        }
    }
    serving = cache_list(a, c, &kind_deployment, NULL, &n);
    for (size_t i = 0; i < n; i++) {
        if (deployment_status_admission_replicas(serving[i]) > 0 &&
            str_eq(deployment_status_admission_pool(serving[i]), rec_name(v->live))) {
            add_holder(a, v, serving[i], "deployment");
        }
    }
}

bool pool_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct pool_view *v = view;

    v->live = cache_get(c, &kind_pool, "", pass->key.name);
    v->now_ms = pass->now_ms;
    v->holders = "";
    if (v->live != NULL) {
        gather_holders(a, c, v);
    }
    return v->live != NULL || str_eq(pass->key.name, POOL_DEFAULT);
}

static void map_run(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
                    const struct rec *now)
{
    const char *pool = dkuberun_status_admission_pool(now != NULL ? now : old);

    bool before = old != NULL && run_is_admitted(old), after = now != NULL && run_is_admitted(now);

    if (!str_empty(pool) && before != after) {
        enqueue(q, "", pool);
    }
}

static void map_deployment(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
                           const struct rec *now)
{
    const struct rec *both[] = {old, now};

    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        if (both[i] != NULL && !str_empty(deployment_status_admission_pool(both[i]))) {
            enqueue(q, "", deployment_status_admission_pool(both[i]));
        }
    }
}

static const struct watch watches[] = {
    {.kind = &kind_pool, .map = map_self},
    {.kind = &kind_dkuberun, .map = map_run},
    {.kind = &kind_deployment, .map = map_deployment},
};

const struct controller pool_controller = {
    .name = "pool",
    .manager = "dkube-resource-controller",
    .root = &kind_pool,
    .start = {"", POOL_DEFAULT},
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct pool_view),
    .gather = pool_gather,
    .plan = pool_plan,
};
