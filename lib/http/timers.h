/*
 * timers.h — the loop's timers, ordered by deadline: a binary heap of borrowed `struct loop_timer`.
 *
 * Zero-initialised is empty. A timer knows its place in the heap (slot, index + 1), so removal
 * needs no search. Not thread-safe; never fails.
 */
#ifndef DKUBE_HTTP_TIMERS_H
#define DKUBE_HTTP_TIMERS_H

#include "http/loop.h"

struct timers {
    struct loop_timer **heap; /* owned array of borrowed timers; heap[0] is the earliest */
    uint32_t len, cap;
};

/* Adds by t->at_ms; t must not be in any heap. */
void timers_add(struct timers *ts, struct loop_timer *t);
/* Takes t out and sets at_ms and slot to 0; nothing when it is not in. */
void timers_remove(struct timers *ts, struct loop_timer *t);
/* The earliest, borrowed; NULL when empty. */
struct loop_timer *timers_first(const struct timers *ts);
/* Frees the heap, not the timers. */
void timers_done(struct timers *ts);

#endif
