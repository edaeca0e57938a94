/*
 * place.h — queues as a client sees them: which pool a namespace has, who waits in which order.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_PLACE_H
#define DKUBE_CMD_KUBECTL_DKUBE_PLACE_H

#include "cmd/kubectl-dkube/session.h"

struct place {
    size_t position, length; /* from 1; 0: it is not in the queue */
};

/* It waits for GPUs, and the ledger has seen it. */
bool waits_in_queue(const struct json *run);
/* By the rules of the queue: priority, age, name; qsort over const struct json *. */
int queue_order(const void *x, const void *y);
/* Among all runs of its namespace: more exact than status.position, which is written seldom. */
struct place place_of(struct arena *a, const struct json *runs, const struct json *run);
/* Those of `runs` that wait, in order; arena. */
const struct json **queue_of(struct arena *a, const struct json *runs, size_t *ret_count);

/* GPUs of all its pods together: what it was given, or asks for. */
int64_t place_gpus(const struct json *run);

/* The Pool whose GPUs a namespace has; NULL: none, or *e says why it cannot be seen. */
const struct json *place_pool(struct session *s, const char *ns, struct err *e);

#endif
