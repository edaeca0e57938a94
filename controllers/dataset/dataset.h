/*
 * dataset.h — one Dataset: imports its git source in a pod of its own namespace and makes versions
 * of what came; with the source none, makes versions of the outputs of runs. Pure plan; the view
 * borrows from the cache.
 */
#ifndef DKUBE_CONTROLLERS_DATASET_H
#define DKUBE_CONTROLLERS_DATASET_H

#include "controllers/artifactversion/versions.h"
#include "controllers/common/attempt.h"
#include "controllers/common/child.h"

#define DATASET_CONTAINER "import"
#define DATASET_DEADLINE_S 3600

struct dataset_view {
    struct subject subject;
    const struct step_conf *conf;
    const struct rec *store; /* the DataStore that spec.dataStoreRef names, or NULL */
    struct versions versions;
    const char *pod_name;          /* <dataset>-import-<generation>; arena */
    const struct rec *named;       /* the pod of that name */
    const struct refused *refused; /* its last write, by the API server; NULL: it was not */
    const struct rec **pods;       /* all that the Dataset owns */
    size_t pod_count;
};
extern const struct controller dataset_controller;

bool dataset_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view);
void dataset_plan(const void *view, struct plan *p);

/* Whether an import may begin; else *ret says why not. */
bool dataset_may_import(const struct dataset_view *v, struct arena *a, struct standing *ret);
/* The body of the import's pod; arena. */
const char *dataset_pod(const struct dataset_view *v, struct arena *a);
/* "<url>@<commit>:<path>"; arena. */
const char *dataset_source(const struct dataset_view *v, struct arena *a, const char *commit);
/* Writes the status; true when it stands. */
bool dataset_say(const struct dataset_view *v, struct plan *p, const struct standing *st);

#endif
