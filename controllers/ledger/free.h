/*
 * free.h — free-only runs (rule 13), which never wait, and lending: idle GPUs of a pool for such
 * runs of other groups, until the pool itself needs them. Pure.
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_FREE_H
#define DKUBE_CONTROLLERS_LEDGER_FREE_H

#include "controllers/ledger/ledger.h"
#include "controllers/ledger/schedule.h"

/* What the queues have decided before, by pool. */
struct free_view {
    struct sched *scheds;     /* nodes NULL: the queue is empty, or nobody was let pass */
    const struct rec **heads; /* the first run that waits, or NULL */
    const bool *blocked;      /* a deployment waits there */
};

/* Gives the run what is free on one node, from its own pool, else from those that lend, by name; or
 * tells it that nothing is; one that has run before waits instead. */
void free_serve(struct snapshot *s, struct plan *p, const struct free_view *v,
                const struct rec *run);
/* Recalls what the pool has lent and its queue's head could use; all of it for a head of several
 * pods, or a deployment that waits. */
void free_recall(struct snapshot *s, struct plan *p, const struct free_view *v, size_t pool);

#endif
