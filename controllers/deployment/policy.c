#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "base/span.h"
#include "controllers/deployment/serving.h"

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
