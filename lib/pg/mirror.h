/*
 * mirror.h — the PostgreSQL mirror: every object's last state and history, written by one thread.
 *
 * The loop hands in states (mirror_put, mirror_delete, mirror_sweep: never block, copy what they
 * need); the thread writes them with blocking libpq, one transaction a batch. A state is durable
 * once mirror_committed() says so: only then may a finalizer go. Rows are ordered by
 * resourceVersion (by length, then bytes), so a replay or a late duplicate never overwrites a newer
 * state. The queue is bounded by MIRROR_QUEUE_MAX: when it is full it is dropped whole and
 * mirror_overflowed() turns true until the caller has handed in everything again. Without a
 * database everything queues, nothing blocks. A state that the database can never hold (a number
 * too large for it) is left out and counted, and is never committed.
 */
#ifndef DKUBE_PG_MIRROR_H
#define DKUBE_PG_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define MIRROR_QUEUE_MAX 20000

struct mirror;

struct mirror_state {
    const char *kind, *ns, *name, *uid, *rv;
    int64_t created_ms;
    const char *body; /* the object as JSON text; metadata.managedFields is dropped on the way */
};

/* url: a libpq connection string. The thread connects, makes the schema, and retries for ever. */
struct mirror *mirror_new(const char *url);
void mirror_free(struct mirror *m); /* writes what is queued if the database answers within 5 s */

void mirror_put(struct mirror *m, const struct mirror_state *s);
/* The object is gone; s is its last known state. */
void mirror_delete(struct mirror *m, const struct mirror_state *s);
/* Marks rows of `kind` whose uid is not in uids[], all there were at resource version rv, as
 * deleted: what vanished while nobody watched. Rows of a later version are another's to judge. */
void mirror_sweep(struct mirror *m, const char *kind, const char *const *uids, size_t count,
                  const char *rv);

/* True when a state of uid at rv or newer has been committed by this process. */
bool mirror_committed(struct mirror *m, const char *uid, const char *rv);
bool mirror_overflowed(struct mirror *m); /* and clears the flag */

struct mirror_stats {
    bool connected;
    uint64_t written, batches, failures;
    uint64_t overflows, dropped; /* times that the queue was full; what was in it */
    size_t queued;
    uint64_t refused; /* states that the database can never hold: left out */
    char last_error[256], last_refusal[256];
};
void mirror_stats(struct mirror *m, struct mirror_stats *ret);

#endif
