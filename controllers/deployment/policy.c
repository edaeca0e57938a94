#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/deployment/serving.h"
#include "controllers/ledger/gpu.h"

static bool is_production(const struct deployment_view *v)
{
    return str_eq(deployment_spec_type(v->subject.live), "Production");
}

static bool is_published(const struct rec *version)
{
    return str_eq(artifactversion_spec_stage(version), "Published");
}

static const struct rec *by_name(const struct deployment_view *v, const char *name)
{
    for (size_t i = 0; i < v->versions.count; i++) {
        if (str_eq(rec_name(v->versions.list[i]), name) && !rec_is_deleted(v->versions.list[i])) {
            return v->versions.list[i];
        }
    }
    return NULL;
}

/* Scaling is an edit too, and must not change what is served: so the version that was taken stays
 * while there are replicas made from what the spec says now, or, before the first one, until the
 * next edit. */
static bool is_pinned(const struct deployment_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    const char *template = deployment_hash(v, a, NULL);

    if (str_empty(deployment_status_model_version(live))) {
        return false;
    }
    for (size_t i = 0; i < v->pod_count; i++) {
        if (str_eq(rec_label(v->pods[i], LABEL_TEMPLATE), template)) {
            return true;
        }
    }
    return v->pod_count == 0 && deployment_status_observed_generation(live) == rec_generation(live);
}

static struct standing unknown(const struct deployment_view *v, struct arena *a, const char *name)
{
    const struct rec *live = v->subject.live;
    const struct rec *newest = versions_newest(&v->versions, NULL);

    if (newest == NULL && v->model == NULL) {
        return standing_of(a, STANDING_STALLED, "UnknownModel",
                           "spec.model names no Model '%s' in this namespace; make it, or correct "
                           "the name",
                           deployment_spec_model(live));
    }
    if (newest == NULL) {
        return standing_of(a, STANDING_STALLED, "UnknownVersion",
                           "the Model '%s' of spec.model has no ready version yet; let a run make "
                           "one",
                           deployment_spec_model(live));
    }
    return standing_of(a, STANDING_STALLED, "UnknownVersion",
                       "there is no version '%s'; the newest is '%s', so set spec.version to %lld "
                       "or another that there is",
                       name, rec_name(newest), (long long)artifactversion_spec_number(newest));
}

static struct standing unpublished(const struct deployment_view *v, struct arena *a,
                                   const struct rec *version)
{
    if (version == NULL) {
        return standing_of(a, STANDING_STALLED, "NotPublished",
                           "no version of the Model '%s' is Published, as spec.type Production "
                           "needs; publish one (its spec.stage), or set spec.type to Test",
                           deployment_spec_model(v->subject.live));
    }
    return standing_of(a, STANDING_STALLED, "NotPublished",
                       "the version '%s' is %s, and spec.type Production needs it Published; "
                       "publish it (its spec.stage), or set spec.type to Test",
                       rec_name(version), artifactversion_spec_stage(version));
}

static const struct rec *check(const struct deployment_view *v, struct arena *a,
                               const struct rec *version, struct standing *ret)
{
    if (is_production(v) && !is_published(version)) {
        *ret = unpublished(v, a, version);
        return NULL;
    }
    if (!artifactversion_status_ready(version)) {
        *ret = standing_of(a, STANDING_WAITING, "VersionNotReady",
                           "the version '%s' is not in the store yet", rec_name(version));
        return NULL;
    }
    return version;
}

static const struct rec *newest(const struct deployment_view *v, struct arena *a,
                                struct standing *ret)
{
    const struct rec *version =
        versions_newest(&v->versions, is_production(v) ? "Published" : NULL);

    if (version == NULL && is_production(v) && versions_newest(&v->versions, NULL) != NULL) {
        *ret = unpublished(v, a, NULL);
    } else if (version == NULL) {
        *ret = unknown(v, a, "");
    }
    return version;
}

const struct rec *deployment_resolve(const struct deployment_view *v, struct arena *a,
                                     struct standing *ret)
{
    const struct rec *live = v->subject.live, *version;
    const char *name;

    if (deployment_spec_version_set(live)) {
        name = version_name(a, "Model", deployment_spec_model(live), deployment_spec_version(live));
    } else if (is_pinned(v, a)) {
        name = deployment_status_model_version(live);
    } else {
        return newest(v, a, ret);
    }
    version = by_name(v, name);
    if (version == NULL) {
        *ret = unknown(v, a, name);
        return NULL;
    }
    return check(v, a, version, ret);
}

/* --- GPUs ------------------------------------------------------------------------------------ */

/* Replicas of one GPU type that the pool could seat, were all of it free. */
static int64_t seats_of_type(const struct rec *pool, const char *type, int64_t gpus)
{
    int64_t seats = 0;

    for (uint32_t i = 0; i < pool_status_nodes_count(pool); i++) {
        const struct rec *e = pool_status_nodes_at(pool, i);

        if (str_eq(pool_status_nodes_type(e), type)) {
            seats += pool_status_nodes_gpus(e) / gpus;
        }
    }
    return seats;
}

/* A pool that is short of what its spec says, or not counted yet, may still grow. */
static bool is_settled(const struct rec *pool)
{
    int64_t meant = pool_spec_gpus(pool);

    for (uint32_t i = 0; i < pool_spec_nodes_count(pool); i++) {
        meant = gpu_add(meant, pool_spec_nodes_gpus(pool_spec_nodes_at(pool, i)));
    }
    return pool_status_observed_generation(pool) == rec_generation(pool) && !rec_is_deleted(pool) &&
           pool_status_capacity(pool) >= meant;
}

static struct standing no_pool(const struct deployment_view *v, struct arena *a)
{
    long long gpus = (long long)deployment_spec_gpus(v->subject.live);

    if (v->space.pool != NULL) {
        return standing_of(a, STANDING_STALLED, "UnknownPool",
                           "spec.gpus is %lld, but there is no Pool '%s', which the group '%s' "
                           "names; ask an operator to make it",
                           gpus, v->space.pool, v->space.group);
    }
    return standing_of(a, STANDING_STALLED, "NoPool",
                       "spec.gpus is %lld, but the group has no pool of its own; ask an operator "
                       "for one, or set spec.gpus to 0",
                       gpus);
}

bool deployment_fits(const struct deployment_view *v, struct arena *a, struct standing *ret)
{
    int64_t gpus = deployment_spec_gpus(v->subject.live), best = 0;
    int64_t wanted = deployment_wanted(v->subject.live);

    if (gpus == 0 || wanted == 0) {
        return true;
    }
    if (v->pool == NULL) {
        *ret = no_pool(v, a);
        return false;
    }
    for (uint32_t i = 0; i < pool_status_nodes_count(v->pool); i++) {
        const char *type = pool_status_nodes_type(pool_status_nodes_at(v->pool, i));
        int64_t seats = seats_of_type(v->pool, type, gpus);

        best = seats > best ? seats : best;
    }
    if (best >= wanted || !is_settled(v->pool)) {
        return true;
    }
    *ret = standing_of(a, STANDING_STALLED, "ExceedsPool",
                       "spec.minReplicas is %lld with spec.gpus %lld each, but the pool '%s' can "
                       "seat %lld at most (a replica on one node, all of one type); lower one of "
                       "them, or have the pool enlarged",
                       (long long)wanted, (long long)gpus, v->space.pool, (long long)best);
    return false;
}
