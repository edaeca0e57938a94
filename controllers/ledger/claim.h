/*
 * claim.h — who holds GPUs by the ledger's word: runs and replicas that were admitted, and the
 * names of the pods that make the word true. Borrows; pure.
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_CLAIM_H
#define DKUBE_CONTROLLERS_LEDGER_CLAIM_H

#include "api/rec.h"

#define LABEL_RUN "dkube.io/run"
#define LABEL_ATTEMPT "dkube.io/attempt"
#define LABEL_RANK "dkube.io/rank" /* of runs with spec.distribution */

#define RUN_WORKERS_MAX 64 /* pods of a run */

/* "<run>-worker-<i>", or "<run>-worker-<i>-a<n>" for attempt n > 0; arena. */
const char *worker_pod_name(struct arena *a, const struct rec *run, uint32_t i);
#define WORKER_NAME_MAX 128
void worker_pod_name_into(char *ret, size_t size, const struct rec *run, uint32_t i);
/* "<deployment>-replica-<i>"; arena. */
const char *replica_pod_name(struct arena *a, const char *deployment, uint32_t i);

/* Admitted for the attempt that it is in, and not ended: it holds what status.admission says. */
bool run_is_admitted(const struct rec *run);
bool run_is_gang(const struct rec *run); /* spec.distribution: several pods, together or not */
/* GPUs that it asks for, of all its pods together (rule 7). */
int64_t run_asks(const struct rec *run);
/* How it is shared out where one node gives at most `most` (rule 8): GPUs of each pod, and pods. */
void run_shape(const struct rec *run, int64_t most, int64_t *ret_gpus, int64_t *ret_count);
/* Pods of this attempt, as it was admitted; 1 for one that was not. */
uint32_t run_workers(const struct rec *run);
/* GPUs that it was given for this attempt; for one that has none yet, what it asks for. */
int64_t run_gpus(const struct rec *run);
/* Resolved, waiting and wanted, and not resting (status.retryTime): it stands in its pool's queue.
 */
bool run_is_queued(const struct rec *run);
/* By namespace, then name. */
int run_place_order(const struct rec *a, const struct rec *b);
/* The order of the queue: priority, then age, then namespace/name (rule 15); <0: a goes first. */
int run_order(const struct rec *a, const struct rec *b);

#endif
