/*
 * queue.h — what runs are told while they wait: position, estimated start, and who holds the GPUs.
 *
 * Writes are scarce. A run is told at once when it enters the queue, when it becomes the first or
 * ceases to be, and when it leaves; else at most every TELL_MS, and only of what matters: a
 * position off by more than a tenth, an estimate that moved by TELL_MOVED_MS or more and a tenth of
 * what was left to wait, other holders. Pure.
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_QUEUE_H
#define DKUBE_CONTROLLERS_LEDGER_QUEUE_H

#include "controllers/ledger/ledger.h"

#define QUEUE_FORECASTS 32 /* the first so many of a queue are told when they start */
#define QUEUE_BLOCKERS 5
#define TELL_MS 30000
#define TELL_MOVED_MS 60000

struct queue_fact {
    int64_t position;
    int64_t start_ms; /* 0: nobody knows */
    bool learned;     /* a learned estimate takes part in it */
    const struct rec *blockers[QUEUE_BLOCKERS];
    size_t blocker_count; /* all of them */
};

/* Tells it if it is time to; else wakes the ledger when it is. */
void queue_tell(struct plan *p, const struct rec *run, const struct queue_fact *fact,
                int64_t now_ms);
/* It is not in the queue any more. */
void queue_leave(struct plan *p, const struct rec *run);
/* It was given so many GPUs on each of these nodes, one for each pod; count 0: a free-only run for
 * which nothing was free. */
struct grant {
    const struct pool_state *pool; /* NULL: none */
    const struct gpu_node *const *nodes;
    int64_t gpus, count;
};
void queue_admit(struct plan *p, const struct rec *run, const struct grant *g);
/* What it was lent is needed: its admission says so from now on. */
void queue_recall(struct plan *p, const struct rec *run);

#endif
