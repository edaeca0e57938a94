/*
 * arena.h — all memory of one pass: what a plan points at dies together.
 *
 * Bump allocation in chunks; arena_reset() runs the deferred calls last-in-first-out, then keeps
 * the newest chunk for the next pass. Not thread-safe. Never fails (see mem.h). Built with
 * -DARENA_MALLOC every allocation is its own malloc, so that ASan sees each overrun.
 */
#ifndef DKUBE_BASE_ARENA_H
#define DKUBE_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/attr.h"

struct arena {
    struct arena_chunk *chunks;
    struct arena_deferred *deferred;
    size_t used; /* bytes handed out since the last reset: a gauge */
};

void arena_init(struct arena *a);  /* caller's storage; `struct arena a = {0}` is the same */
void arena_reset(struct arena *a); /* runs deferred calls; all arena pointers die */
void arena_done(struct arena *a);  /* reset, and gives the memory back; also for CLEANUP */

void *arena_alloc(struct arena *a, size_t n) MUSTCHECK; /* zeroed, 16-byte aligned, never NULL */
char *arena_strdup(struct arena *a, const char *s) MUSTCHECK; /* NULL gives NULL */
char *arena_strndup(struct arena *a, const char *s, size_t n) MUSTCHECK;
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3) MUSTCHECK;
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF(2, 0) MUSTCHECK;
void *arena_memdup(struct arena *a, const void *p, size_t n) MUSTCHECK;

/* fn(p) runs at the next reset: how foreign handles (json_object, PGresult) join the arena. */
void arena_defer(struct arena *a, void (*fn)(void *), void *p);

/* Grows an arena array by one zeroed element and returns it; *len counts, capacity doubles.
 * `*arr` must be NULL at first or have come from here. */
void *arena_push(struct arena *a, void **arr, size_t *len, size_t elem);

#endif
