#include "api/artifactversion.gen.h"
#include "api/dataset.gen.h"
#include "api/datastore.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "base/span.h"
#include "controllers/dataset/dataset.h"

static const char *store_of(const struct rec *dataset)
{
    const char *name = dataset_spec_data_store_ref(dataset);

    return str_empty(name) ? "default" : name;
}

bool dataset_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct dataset_view *v = view;
    const struct rec *live = cache_get(c, &kind_dataset, pass->key.ns, pass->key.name);

    if (live == NULL) {
        return false;
    }
    v->subject = (struct subject){&kind_dataset, live, DATASET_STATUS, pass->now_ms};
    v->conf = pass->conf;
    v->refused = pass->refused;
    v->store = cache_get(c, &kind_datastore, "", store_of(live));
    v->versions = (struct versions){.kind = "Dataset",
                                    .ns = rec_namespace(live),
                                    .of = rec_name(live),
                                    .last_number = dataset_status_last_number(live)};
    versions_gather(a, c, &v->versions);
    v->pod_name =
        arena_printf(a, "%s-import-%lld", rec_name(live), (long long)rec_generation(live));
    v->named = cache_get(c, &kind_pod, pass->key.ns, v->pod_name);
    v->pods = cache_owned(a, c, &kind_pod, rec_uid(live), &v->pod_count);
    return true;
}

/* Imports wait for their store, so its coming and going concerns the Datasets that name it. */
static void map_store(struct enqueuer *q, const struct caches *c, const struct rec *old,
                      const struct rec *now)
{
    struct cache_iter it = {0};
    const struct rec *r;

    if (old != NULL && now != NULL && datastore_status_ready(old) == datastore_status_ready(now)) {
        return;
    }
    while ((r = cache_next(c, &kind_dataset, NULL, &it)) != NULL) {
        if (str_eq(store_of(r), rec_name(now != NULL ? now : old))) {
            enqueue(q, rec_namespace(r), rec_name(r));
        }
    }
}

static const struct watch watches[] = {
    {.kind = &kind_dataset, .map = map_self},
    {.kind = &kind_artifactversion, .map = map_version_dataset},
    {.kind = &kind_dkuberun, .map = map_run_datasets},
    {.kind = &kind_datastore, .map = map_store},
    {.kind = &kind_pod, .selector = LABEL_PART_OF "=dkube", .map = map_owner},
    {.kind = &kind_group},
};

const struct controller dataset_controller = {
    .name = "dataset",
    .manager = "dkube-model-controller",
    .root = &kind_dataset,
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct dataset_view),
    .gather = dataset_gather,
    .plan = dataset_plan,
};
