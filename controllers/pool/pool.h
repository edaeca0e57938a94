/*
 * pool.h — the resource-controller's part of a Pool: the one named default exists, and no pool goes
 * while somebody holds GPUs of it (finalizer dkube.io/pool, rule 36). Pool.status is the ledger's.
 * Pure plan.
 */
#ifndef DKUBE_CONTROLLERS_POOL_H
#define DKUBE_CONTROLLERS_POOL_H

#include "kube/controller.h"

#define POOL_FINALIZER "dkube.io/pool"
#define POOL_DEFAULT "default"

struct pool_view {
    const struct rec *live; /* NULL: the default one is missing */
    const char *holders;    /* "vision/r1, vision/r2"; the first few; arena, "" if none */
    int64_t holder_count;
    int64_t now_ms;
};
extern const struct controller pool_controller;

bool pool_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view);
void pool_plan(const void *view, struct plan *p);

#endif
