/*
 * artifactversion.h — one ArtifactVersion: ready, and the stage it has reached (Deployed is
 * computed). Versions are made by their Model's or Dataset's plan (versions.h). Pure plan; the view
 * borrows from the cache.
 */
#ifndef DKUBE_CONTROLLERS_ARTIFACTVERSION_H
#define DKUBE_CONTROLLERS_ARTIFACTVERSION_H

#include "controllers/artifactversion/versions.h"
#include "controllers/common/standing.h"

struct artifactversion_view {
    struct subject subject; /* the version */
    bool is_deployed;       /* a Deployment with ready replicas serves it */
    bool is_owner_there;    /* its Model or Dataset */
    int64_t last_number;    /* the owner's status.lastNumber */
    bool is_owed;           /* its run does not name it yet: it would be made again */
};
extern const struct controller artifactversion_controller;

bool artifactversion_gather(struct arena *a, const struct caches *c, const struct pass *pass,
                            void *view);
void artifactversion_plan(const void *view, struct plan *p);

#endif
