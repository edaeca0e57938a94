/*
 * mirror.h — decides when the lineage finalizer comes and goes; touches nothing. Same view, same
 * plan.
 */
#ifndef DKUBE_CONTROLLERS_MIRROR_H
#define DKUBE_CONTROLLERS_MIRROR_H

#include "kube/plan.h"

#define MIRROR_FINALIZER "dkube.io/lineage"

/* Slots of every mirrored kind's rows: the metadata, the whole object, its status. */
enum { MIRROR_WHOLE = REC_META_COUNT, MIRROR_STATUS };
extern const struct rows mirror_rows;

/* X(constant, kind, plural, namespaced, keeps the finalizer) */
#define MIRROR_KINDS(X)                                                   \
    X(pool, "Pool", "pools", false, false)                                \
    X(group, "Group", "groups", false, false)                             \
    X(user, "User", "users", false, false)                                \
    X(datastore, "DataStore", "datastores", false, false)                 \
    X(coderepo, "CodeRepo", "coderepos", true, false)                     \
    X(dataset, "Dataset", "datasets", true, false)                        \
    X(model, "Model", "models", true, false)                              \
    X(artifactversion, "ArtifactVersion", "artifactversions", true, true) \
    X(dkuberun, "DkubeRun", "dkuberuns", true, true)                      \
    X(deployment, "Deployment", "deployments", true, true)

struct mirror_kind {
    struct kind kind;
    bool finalizer;
};
#define MIRROR_ENUM(c, k, p, n, f) MIRROR_KIND_##c,
enum mirror_kind_index { MIRROR_KINDS(MIRROR_ENUM) MIRROR_KIND_COUNT };
#undef MIRROR_ENUM
extern const struct mirror_kind mirror_kinds[MIRROR_KIND_COUNT];

struct mirror_view {
    const struct mirror_kind *mk;
    const struct rec *live; /* borrowed from the cache */
    bool committed;         /* the mirror holds this resourceVersion or a newer one */
    int64_t now_ms;
};
void mirror_plan(const void *view, struct plan *p);

#endif
