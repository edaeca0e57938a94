#include <stdlib.h>

#include "api/artifactversion.gen.h"
#include "api/datastore.gen.h"
#include "base/span.h"
#include "controllers/common/child.h"
#include "controllers/common/podlook.h"
#include "controllers/datastore/datastore.h"

static bool is_store_pod(const struct rec *pod)
{
    return str_eq(rec_label(pod, "app.kubernetes.io/name"), "store");
}

static void look_at_store(struct arena *a, const struct caches *c, const char *ns,
                          struct datastore_view *v)
{
    struct cache_iter it = {0};
    const struct rec *pod;

    while ((pod = cache_next(c, &kind_pod, ns, &it)) != NULL) {
        if (!is_store_pod(pod)) {
            continue;
        }
        if (pod_is_ready(pod)) {
            v->is_store_ready = true;
        } else if (v->store_held == NULL) {
            v->store_held = pod_trouble(a, pod).message;
        }
    }
}

static int by_digest(const void *x, const void *y)
{
    return strcmp(artifactversion_spec_digest(*(const struct rec *const *)x),
                  artifactversion_spec_digest(*(const struct rec *const *)y));
}

static void add_up(struct arena *a, const struct caches *c, struct datastore_view *v)
{
    struct cache_iter it = {0};
    const struct rec *r, **list;
    void *all = NULL;
    size_t n = 0;

    while ((r = cache_next(c, &kind_artifactversion, NULL, &it)) != NULL) {
        if (artifactversion_spec_digest(r) != NULL) {
            *(const struct rec **)arena_push(a, &all, &n, sizeof(r)) = r;
        }
    }
    list = all;
    if (n > 0) {
        qsort(all, n, sizeof(r), by_digest);
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || by_digest(&list[i - 1], &list[i]) != 0) {
            v->bytes += artifactversion_spec_size(list[i]);
        }
    }
    v->versions = (int64_t)n;
}

bool datastore_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct datastore_view *v = view;
    const struct step_conf *conf = pass->conf;
    const struct rec *live = cache_get(c, &kind_datastore, "", pass->key.name);

    if (live == NULL && !str_eq(pass->key.name, DATASTORE_DEFAULT)) {
        return false;
    }
    v->subject = (struct subject){&kind_datastore, live, DATASTORE_STATUS, pass->now_ms};
    look_at_store(a, c, conf->system_ns, v);
    add_up(a, c, v);
    return true;
}

static void enqueue_all(struct enqueuer *q, const struct caches *c)
{
    struct cache_iter it = {0};
    const struct rec *r;

    while ((r = cache_next(c, &kind_datastore, NULL, &it)) != NULL) {
        enqueue(q, "", rec_name(r));
    }
}

static void map_pod(struct enqueuer *q, const struct caches *c, const struct rec *old,
                    const struct rec *now)
{
    if (is_store_pod(now != NULL ? now : old)) {
        enqueue_all(q, c);
    }
}

static void map_version(struct enqueuer *q, const struct caches *c, const struct rec *old,
                        const struct rec *now)
{
    if (old == NULL || now == NULL) {
        enqueue_all(q, c);
    }
}

static const struct watch watches[] = {
    {.kind = &kind_datastore, .map = map_self},
    {.kind = &kind_artifactversion, .map = map_version},
    {.kind = &kind_pod, .selector = LABEL_PART_OF "=dkube", .map = map_pod},
};

const struct controller datastore_controller = {
    .name = "datastore",
    .manager = "dkube-model-controller",
    .root = &kind_datastore,
    .start = {"", DATASTORE_DEFAULT},
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct datastore_view),
    .gather = datastore_gather,
    .plan = datastore_plan,
};
