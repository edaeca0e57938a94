#include "api/artifactversion.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "controllers/model/model.h"

bool model_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct model_view *v = view;
    const struct rec *live = cache_get(c, &kind_model, pass->key.ns, pass->key.name);

    if (live == NULL) {
        return false;
    }
    v->subject = (struct subject){&kind_model, live, MODEL_STATUS, pass->now_ms};
    v->versions = (struct versions){.kind = "Model",
                                    .ns = rec_namespace(live),
                                    .of = rec_name(live),
                                    .last_number = model_status_last_number(live)};
    versions_gather(a, c, &v->versions);
    return true;
}

static const struct watch watches[] = {
    {.kind = &kind_model, .map = map_self},
    {.kind = &kind_artifactversion, .map = map_version_model},
    {.kind = &kind_dkuberun, .map = map_run_models},
    {.kind = &kind_group},
};

const struct controller model_controller = {
    .name = "model",
    .manager = "dkube-model-controller",
    .root = &kind_model,
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct model_view),
    .gather = model_gather,
    .plan = model_plan,
};
