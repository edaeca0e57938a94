/*
 * queue.h — the work queue of a program: which keys are due, each at most once, never two at a
 * time.
 *
 * A key is (controller index, namespace, name). The laws: a key is handed out iff it was added and
 * is not being processed; adding while it is processed makes it due again after queue_done(); a
 * failing key waits 5 ms × 2ⁿ up to LIMIT_QUEUE_BACKOFF_MAX_MS; low priority (initial lists) is
 * handed out only when nothing else is due, and a later normal add lifts it; controllers take
 * turns. Times are CLOCK_BOOTTIME milliseconds given by the caller. The queue owns its keys. One
 * thread.
 */
#ifndef DKUBE_KUBE_QUEUE_H
#define DKUBE_KUBE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct queue;
struct queue_key {
    unsigned who; /* the controller's index */
    const char *ns, *name;
};

struct queue *queue_new(unsigned controllers); /* owned; `who` is below `controllers` */
void queue_free(struct queue *q);

/* Makes the key due now; a waiting delay is forgotten. low: not before all others. */
void queue_add(struct queue *q, const struct queue_key *k, int64_t now_ms, bool low);

/* Makes the key due at `at_ms` unless it is due sooner. Beyond LIMIT_QUEUE_KEYS a new key is
 * dropped and counted. */
void queue_add_at(struct queue *q, const struct queue_key *k, int64_t at_ms);

/* Counts a failure of the key and makes it due after its back-off, but not before `least_ms` have
 * passed (the server's Retry-After). Returns the pause. */
int64_t queue_retry(struct queue *q, const struct queue_key *k, int64_t now_ms, int64_t least_ms);
void queue_forget(struct queue *q, const struct queue_key *k); /* its failures are history */
unsigned queue_failures(const struct queue *q, const struct queue_key *k);

/* The keys of a paused controller are collected, not handed out. */
void queue_pause(struct queue *q, unsigned who, bool paused);

/* Hands out the next due key, borrowed until queue_done(); false when none is due. */
bool queue_take(struct queue *q, int64_t now_ms, struct queue_key *ret) MUSTCHECK;
void queue_done(struct queue *q, const struct queue_key *k, int64_t now_ms);

/* When the next delayed key falls due; 0: nothing is delayed. */
int64_t queue_next_ms(const struct queue *q);

/* What the gauges say of one controller. Times in milliseconds. */
struct queue_stats {
    size_t depth, low, delayed, processing; /* low: of depth, those of low priority */
    uint64_t adds, retries, dropped;
    uint64_t later;       /* delayed adds */
    uint64_t waits;       /* keys handed out */
    int64_t wait_ms;      /* Σ of their time in the queue */
    int64_t last_wait_ms; /* of the key handed out last */
};
void queue_stats(const struct queue *q, unsigned who, struct queue_stats *ret);

/* What is known of one key; ms: since when it has been due, until when it is delayed. */
struct queue_look {
    struct queue_key key; /* borrowed */
    const char *state;    /* "due", "low", "delayed", "processing", "dirty" (and processing) */
    int64_t ms;
    unsigned failures;
};
/* Calls fn for up to `max` keys, in the order in which they were first added. */
void queue_each(const struct queue *q, size_t max,
                void (*fn)(void *ctx, const struct queue_look *look), void *ctx);
size_t queue_keys(const struct queue *q); /* all keys known, in whatever state */

#endif
