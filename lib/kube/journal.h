/*
 * journal.h — inside lib/kube: what a program's plans were made of and what they decided, as a file
 * of JSON lines from which `PROGRAM --replay FILE` makes them again (replay.h).
 *
 *     {"journal":1,"program":…,"version":…,"env":{…}}
 *     {"put":"Pod","o":{"metadata.name":…}}            an object as the cache keeps it
 *     {"drop":"Pod","ns":…,"name":…}
 *     {"plan":CONTROLLER,"ns":…,"name":…,"now":…,"answers":[…]}   written before plan() is called
 *     {"out":[…]}                                       the plan's lines (script.h)
 *
 * No secrets: mask.h. The file is readable by its owner alone. It is bounded: at half of max_bytes
 * it becomes FILE.old and a new one begins with all objects, so each of the two replays by itself.
 * A file that can not be written, or whose objects alone exceed the half, ends the recording, never
 * the program. One thread; the write is buffered by the kernel alone, so a crash loses no line.
 */
#ifndef DKUBE_KUBE_JOURNAL_H
#define DKUBE_KUBE_JOURNAL_H

#include "kube/controller.h"

struct journal;

/* All borrowed but the path. Begins anew: what was in FILE is FILE.old then. */
struct journal *journal_open(const char *path, int64_t max_bytes, const struct program *p,
                             const struct caches *c, struct err *e) MUSTCHECK;
void journal_close(struct journal *j); /* NULL is fine, as below */

/* All objects of the caches, as a journal of their own; the file appears whole. -1: it could not be
 * written. */
int journal_dump(const char *path, const struct program *p, const struct caches *c) MUSTCHECK;

void journal_change(struct journal *j, const struct kind *k, const struct rec *old,
                    const struct rec *now);
void journal_inputs(struct journal *j, const struct controller *c, const struct pass *pass);
void journal_outcome(struct journal *j, const struct plan *p); /* NULL: nothing to plan */

struct journal_stats {
    uint64_t plans, bytes, parts;
    const char *trouble; /* why the recording ended; NULL: it goes on */
};
void journal_stats(const struct journal *j, struct journal_stats *ret);

/* "Pod", "Pool.dkube.io"; arena. */
const char *journal_kind(struct arena *a, const struct kind *k);

#endif
