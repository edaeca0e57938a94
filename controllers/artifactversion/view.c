#include "api/artifactversion.gen.h"
#include "api/dataset.gen.h"
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/model.gen.h"
#include "base/span.h"
#include "controllers/artifactversion/artifactversion.h"

static bool is_deployed(const struct caches *c, const struct rec *version)
{
    struct cache_iter it = {0};
    const struct rec *d;

    while ((d = cache_next(c, &kind_deployment, rec_namespace(version), &it)) != NULL) {
        if (str_eq(deployment_status_model_version(d), rec_name(version)) &&
            deployment_status_ready_replicas(d) > 0 && !rec_is_deleted(d)) {
            return true;
        }
    }
    return false;
}

bool artifactversion_gather(struct arena *a UNUSED, const struct caches *c, const struct pass *pass,
                            void *view)
{
    struct artifactversion_view *v = view;
    const struct rec *live = cache_get(c, &kind_artifactversion, pass->key.ns, pass->key.name);
    const struct rec *owner;
    bool is_model;

    if (live == NULL) {
        return false;
    }
    is_model = str_eq(artifactversion_spec_of_kind(live), "Model");
    owner = cache_get(c, is_model ? &kind_model : &kind_dataset, pass->key.ns,
                      artifactversion_spec_of_name(live));
    v->subject =
        (struct subject){&kind_artifactversion, live, ARTIFACTVERSION_STATUS, pass->now_ms};
    v->is_deployed = is_deployed(c, live);
    v->is_owner_there = owner != NULL;
    v->is_owed = version_is_owed(c, live);
    if (owner != NULL) {
        v->last_number =
            is_model ? model_status_last_number(owner) : dataset_status_last_number(owner);
    }
    return true;
}

static void map_deployment(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
                           const struct rec *now)
{
    const struct rec *both[] = {old, now};

    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        if (both[i] != NULL && !str_empty(deployment_status_model_version(both[i]))) {
            enqueue(q, rec_namespace(both[i]), deployment_status_model_version(both[i]));
        }
    }
}

/* Versions that wait for their number to be recorded. */
static void map_owner_of_versions(struct enqueuer *q, const struct caches *c, const struct rec *old,
                                  const struct rec *now)
{
    const struct rec *owner = now != NULL ? now : old, *r;
    struct cache_iter it = {0};

    while ((r = cache_next(c, &kind_artifactversion, rec_namespace(owner), &it)) != NULL) {
        if (rec_is_deleted(r) && str_eq(artifactversion_spec_of_name(r), rec_name(owner))) {
            enqueue(q, rec_namespace(r), rec_name(r));
        }
    }
}

/* Versions that wait for their run to name them, or to go. */
static void map_deleted_versions(struct enqueuer *q, const struct caches *c, const struct rec *old,
                                 const struct rec *now)
{
    const struct rec *run = now != NULL ? now : old, *r;
    struct cache_iter it = {0};

    if (dkuberun_status_outputs_count(run) == 0) {
        return;
    }
    while ((r = cache_next(c, &kind_artifactversion, rec_namespace(run), &it)) != NULL) {
        if (rec_is_deleted(r) && str_eq(artifactversion_spec_run(r), rec_name(run))) {
            enqueue(q, rec_namespace(r), rec_name(r));
        }
    }
}

static const struct watch watches[] = {
    {.kind = &kind_artifactversion, .map = map_self},
    {.kind = &kind_deployment, .map = map_deployment},
    {.kind = &kind_model, .map = map_owner_of_versions},
    {.kind = &kind_dataset, .map = map_owner_of_versions},
    {.kind = &kind_dkuberun, .map = map_deleted_versions},
};

const struct controller artifactversion_controller = {
    .name = "artifactversion",
    .manager = "dkube-model-controller",
    .root = &kind_artifactversion,
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct artifactversion_view),
    .gather = artifactversion_gather,
    .plan = artifactversion_plan,
};
