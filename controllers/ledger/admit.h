/*
 * admit.h — what serving deployments (admit.c) and serving queued runs (runs.c) share. Pure.
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_ADMIT_H
#define DKUBE_CONTROLLERS_LEDGER_ADMIT_H

#include "controllers/ledger/ledger.h"

/* Some pods of one size and of one GPU type; type NULL: any. */
struct gang {
    const char *type;
    int64_t gpus; /* of each */
    int64_t count;
    size_t avoid; /* a node to take only when no other fits; SIZE_MAX: none */
};

/* With every GPU of the pool free and well, it would fit; else it must not stop the others. */
bool gang_could_fit(const struct snapshot *s, const struct pool_state *pool, const struct gang *g);
/* {"name", "gpus"} of an admission. */
void ledger_write_node(struct jsonw *w, const char *name, int64_t gpus);
/* Queued runs, pool by pool; blocked: a deployment waits there, and no run passes it. */
void ledger_serve_runs(struct snapshot *s, struct plan *p, const bool *blocked);

#endif
