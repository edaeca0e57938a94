/*
 * model.h — one Model: makes its versions from Complete runs and says which there are. Pure plan;
 * the view borrows from the cache.
 */
#ifndef DKUBE_CONTROLLERS_MODEL_H
#define DKUBE_CONTROLLERS_MODEL_H

#include "controllers/artifactversion/versions.h"
#include "controllers/common/standing.h"

struct model_view {
    struct subject subject; /* the Model */
    struct versions versions;
};
extern const struct controller model_controller;

bool model_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view);
void model_plan(const void *view, struct plan *p);
/* Writes the status from the view. */
void model_say(const struct model_view *v, struct plan *p);

#endif
