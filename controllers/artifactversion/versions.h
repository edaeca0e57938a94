/*
 * versions.h — the versions of one Model or Dataset: which there are, and which runs still owe one
 * (rule 21).
 *
 * A version is made for every output of a Complete run, once for (run uid, output); numbers rise
 * strictly and are never used twice: the owner's status.lastNumber remembers the highest, and a
 * version is not gone (finalizer dkube.io/numbered) before it stands there and in its run's status.
 * Borrows from the cache; pure.
 */
#ifndef DKUBE_CONTROLLERS_ARTIFACTVERSION_VERSIONS_H
#define DKUBE_CONTROLLERS_ARTIFACTVERSION_VERSIONS_H

#include "kube/cache.h"
#include "kube/controller.h"
#include "kube/plan.h"

#define VERSION_FINALIZER "dkube.io/numbered"
#define VERSION_NUMBER_MAX 99999

/* An output of a Complete run without its version. */
struct owed {
    const struct rec *run, *output;
};
struct versions {
    const char *kind, *ns, *of; /* "Model" or "Dataset" */
    const char *group;          /* label dkube.io/group */
    int64_t last_number;        /* the owner's status.lastNumber */
    const struct rec **list;    /* by number, those being deleted included */
    size_t count;
    const struct owed *owed; /* in the order that the runs completed */
    size_t owed_count;
};
/* Fills list alone, or list, owed and group, for kind, ns, of. */
void versions_list(struct arena *a, const struct caches *c, struct versions *v);
void versions_gather(struct arena *a, const struct caches *c, struct versions *v);

/* True while a version would be made again if this one went: its run is there, and the run's status
 * does not name it yet. */
bool version_is_owed(const struct caches *c, const struct rec *version);

/* The highest number ever given. */
int64_t versions_highest(const struct versions *v);
/* The newest that is ready and not being deleted (of that stage; NULL: of any), or NULL. */
const struct rec *versions_newest(const struct versions *v, const char *stage);
/* How many are ready and not being deleted. */
int64_t versions_ready_count(const struct versions *v);

/* A version to be made; absent texts NULL. */
struct new_version {
    int64_t number;
    const char *digest, *run_uid, *run, *output, *source;
    int64_t size, files;
};
/* "model-digits-v3"; arena. */
const char *version_name(struct arena *a, const char *kind, const char *of, int64_t number);
void version_create(struct plan *p, const struct versions *v, const struct new_version *nv);
/* Makes what the runs are owed; the number of the last one. */
int64_t versions_make_owed(struct plan *p, const struct versions *v);

/* Enqueues the Models (or Datasets) that a run's outputs name, or that a version is of. */
map_fn map_run_models, map_run_datasets, map_version_model, map_version_dataset;

#endif
