/*
 * clock.h — the one now(). Plans never call it: they get `now_ms` in their view. Tests and the
 * simulator replace the source with clock_set_fake(). Wall time is for objects that people read;
 * boot time (CLOCK_BOOTTIME, which counts suspend) is for leases, deadlines and back-off.
 */
#ifndef DKUBE_BASE_CLOCK_H
#define DKUBE_BASE_CLOCK_H

#include <stdint.h>

#include "base/arena.h"

int64_t clock_wall_ms(void); /* milliseconds since 1970 UTC */
int64_t clock_boot_ms(void); /* milliseconds since boot, never steps back */

/* From now on both clocks return *ms (borrowed until replaced); NULL restores the real ones. */
void clock_set_fake(const int64_t *ms);

/* RFC 3339 in UTC, whole seconds ("2026-11-23T04:05:06Z"), as metav1.Time wants it; arena. */
const char *clock_rfc3339(struct arena *a, int64_t wall_ms);
/* The same with microseconds, as metav1.MicroTime (Lease, Event) wants it; arena. */
const char *clock_rfc3339_micro(struct arena *a, int64_t wall_ms);
/* Parses either form, and any offset in place of the Z; returns -1 for anything else. */
int clock_parse_rfc3339(const char *s, int64_t *ret_wall_ms);

#endif
