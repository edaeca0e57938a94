#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "api/service.gen.h"
#include "base/span.h"
#include "controllers/deployment/serving.h"

int64_t deployment_wanted(const struct rec *live)
{
    return deployment_spec_min_replicas_set(live) ? deployment_spec_min_replicas(live) : 1;
}

const char *deployment_replica_name(struct arena *a, const struct rec *live, int64_t i)
{
    return arena_printf(a, "%s-replica-%lld", rec_name(live), (long long)i);
}

static void gather_taken(struct arena *a, const struct caches *c, struct deployment_view *v)
{
    const struct rec *live = v->subject.live;
    size_t n = (size_t)deployment_wanted(live) + 1;

    v->taken = arena_alloc(a, n * sizeof(*v->taken));
    for (size_t i = 0; i < n; i++) {
        const struct rec *pod = cache_get(c, &kind_pod, rec_namespace(live),
                                          deployment_replica_name(a, live, (int64_t)i));

        v->taken[i] = pod != NULL && !is_owned(pod, live) ? pod : NULL;
    }
}

bool deployment_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct deployment_view *v = view;
    const struct rec *live = cache_get(c, &kind_deployment, pass->key.ns, pass->key.name);

    if (live == NULL) {
        return false;
    }
    v->subject = (struct subject){&kind_deployment, live, DEPLOYMENT_STATUS, pass->now_ms};
    v->conf = pass->conf;
    v->refused = pass->refused;
    v->model = cache_get(c, &kind_model, pass->key.ns, deployment_spec_model(live));
    v->versions = (struct versions){
        .kind = "Model", .ns = rec_namespace(live), .of = deployment_spec_model(live)};
    versions_list(a, c, &v->versions);
    v->group = group_of_namespace(c, pass->key.ns);
    if (groups_look(a, c, pass->key.ns, &v->space) && v->space.pool != NULL) {
        v->pool = cache_get(c, &kind_pool, "", v->space.pool);
    }
    v->service = cache_get(c, &kind_service, pass->key.ns, rec_name(live));
    v->pods = cache_owned(a, c, &kind_pod, rec_uid(live), &v->pod_count);
    gather_taken(a, c, v);
    return true;
}

/* --- Whom an event concerns
 * ------------------------------------------------------------------------ */

static void enqueue_of_model(struct enqueuer *q, const struct caches *c, const char *ns,
                             const char *model)
{
    struct cache_iter it = {0};
    const struct rec *d;

    while ((d = cache_next(c, &kind_deployment, ns, &it)) != NULL) {
        if (str_eq(deployment_spec_model(d), model)) {
            enqueue(q, rec_namespace(d), rec_name(d));
        }
    }
}

static void map_version(struct enqueuer *q, const struct caches *c, const struct rec *old,
                        const struct rec *now)
{
    const struct rec *r = now != NULL ? now : old;

    if (str_eq(artifactversion_spec_of_kind(r), "Model")) {
        enqueue_of_model(q, c, rec_namespace(r), artifactversion_spec_of_name(r));
    }
}

static void map_model(struct enqueuer *q, const struct caches *c, const struct rec *old,
                      const struct rec *now)
{
    if (old == NULL || now == NULL) {
        const struct rec *r = now != NULL ? now : old;

        enqueue_of_model(q, c, rec_namespace(r), rec_name(r));
    }
}

/* A Service stands under its Deployment's name, also when it is another's and goes. */
static void map_service(struct enqueuer *q, const struct caches *c, const struct rec *old,
                        const struct rec *now)
{
    const struct rec *r = now != NULL ? now : old;

    if (cache_get(c, &kind_deployment, rec_namespace(r), rec_name(r)) != NULL) {
        enqueue(q, rec_namespace(r), rec_name(r));
    }
}

/* What the pool can ever seat has changed. */
static void map_pool(struct enqueuer *q, const struct caches *c, const struct rec *old,
                     const struct rec *now)
{
    struct cache_iter it = {0};
    const struct rec *d;

    if (old != NULL && now != NULL && rec_generation(old) == rec_generation(now) &&
        pool_status_observed_generation(old) == pool_status_observed_generation(now) &&
        pool_status_capacity(old) == pool_status_capacity(now)) {
        return;
    }
    while ((d = cache_next(c, &kind_deployment, NULL, &it)) != NULL) {
        if (deployment_spec_gpus(d) > 0) {
            enqueue(q, rec_namespace(d), rec_name(d));
        }
    }
}

static const struct watch watches[] = {
    {.kind = &kind_deployment, .map = map_self},
    {.kind = &kind_pod, .selector = LABEL_MANAGED "=dkube," LABEL_DEPLOYMENT, .map = map_owner},
    {.kind = &kind_service, .map = map_service},
    {.kind = &kind_artifactversion, .map = map_version},
    {.kind = &kind_model, .map = map_model},
    {.kind = &kind_group},
    {.kind = &kind_pool, .map = map_pool},
};

const struct controller deployment_controller = {
    .name = "deployment",
    .manager = "dkube-deployment-controller",
    .root = &kind_deployment,
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct deployment_view),
    .gather = deployment_gather,
    .plan = deployment_plan,
};
