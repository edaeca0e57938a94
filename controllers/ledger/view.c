#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "controllers/common/podlook.h"
#include "controllers/ledger/ledger.h"

static struct recs list_of(struct arena *a, const struct caches *c, const struct kind *k)
{
    struct recs r = {0};

    r.list = cache_list(a, c, k, NULL, &r.count);
    return r;
}

static struct recs pods_with_gpus(struct arena *a, const struct caches *c)
{
    struct recs all = list_of(a, c, &kind_pod), kept = {all.list, 0};

    for (size_t i = 0; i < all.count; i++) {
        if (pod_gpus(all.list[i]) > 0) {
            kept.list[kept.count++] = all.list[i];
        }
    }
    return kept;
}

bool ledger_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct ledger_view *v = view;

    v->now_ms = pass->now_ms;
    v->nodes = list_of(a, c, &kind_node);
    v->pools = list_of(a, c, &kind_pool);
    v->groups = list_of(a, c, &kind_group);
    v->runs = list_of(a, c, &kind_dkuberun);
    v->deployments = list_of(a, c, &kind_deployment);
    v->pods = pods_with_gpus(a, c);
    return true;
}

/* --- What concerns the ledger: heartbeats and pods without GPUs do not ----------------------- */

static void look(struct enqueuer *q)
{
    enqueue(q, "", LEDGER_KEY);
}

static bool same_node(const struct rec *old, const struct rec *now)
{
    struct gpu_node x = {0}, y = {0};
    bool is_x = gpu_node_read(old, &x), is_y = gpu_node_read(now, &y);

    return is_x == is_y && str_eq(x.type, y.type) && str_eq(x.resource, y.resource) &&
           x.total == y.total && x.healthy == y.healthy && x.ready == y.ready &&
           x.cordoned == y.cordoned;
}

static void map_node(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
                     const struct rec *now)
{
    if (old == NULL || now == NULL || !same_node(old, now)) {
        look(q);
    }
}

static void map_pool(struct enqueuer *q, const struct caches *c UNUSED,
                     const struct rec *old UNUSED, const struct rec *now UNUSED)
{
    look(q);
}

static void map_group(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
                      const struct rec *now)
{
    if (old == NULL || now == NULL || rec_generation(old) != rec_generation(now) ||
        rec_is_deleted(old) != rec_is_deleted(now) ||
        !str_eq(group_status_namespace(old), group_status_namespace(now))) {
        look(q);
    }
}

static void map_run(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
                    const struct rec *now)
{
    if (dkuberun_spec_gpus(now != NULL ? now : old) == 0) {
        return;
    }
    if (old == NULL || now == NULL || rec_generation(old) != rec_generation(now) ||
        rec_is_deleted(old) != rec_is_deleted(now) ||
        !str_eq(dkuberun_status_phase(old), dkuberun_status_phase(now)) ||
        dkuberun_status_attempt(old) != dkuberun_status_attempt(now) ||
        dkuberun_status_retry_time_set(old) != dkuberun_status_retry_time_set(now) ||
        dkuberun_status_position(old) != dkuberun_status_position(now) ||
        dkuberun_status_admission_set(old) != dkuberun_status_admission_set(now)) {
        look(q);
    }
}

static void map_deployment(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
                           const struct rec *now)
{
    const struct rec *r = now != NULL ? now : old;

    if (deployment_spec_gpus(r) > 0 || deployment_status_admission_set(r)) {
        look(q);
    }
}

static void map_pod(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
                    const struct rec *now)
{
    if (pod_gpus(now != NULL ? now : old) == 0) {
        return;
    }
    if (old == NULL || now == NULL || pod_has_ended(old) != pod_has_ended(now) ||
        !str_eq(pod_spec_node_name(old), pod_spec_node_name(now))) {
        look(q);
    }
}

static const struct watch watches[] = {
    {.kind = &kind_node, .map = map_node},
    {.kind = &kind_pool, .map = map_pool},
    {.kind = &kind_group, .map = map_group},
    {.kind = &kind_dkuberun, .map = map_run},
    {.kind = &kind_deployment, .map = map_deployment},
    {.kind = &kind_pod, .map = map_pod},
};

const struct controller ledger_controller = {
    .name = "ledger",
    .manager = LEDGER_MANAGER,
    .root = NULL,
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct ledger_view),
    .gather = ledger_gather,
    .plan = ledger_plan,
};
