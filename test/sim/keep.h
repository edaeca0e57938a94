/*
 * keep.h — what many schedules came to, and a file of it that a long run adds to batch by batch: an
 * interrupted one goes on behind its last whole batch. One writer. The file is this machine's own:
 * its numbers are as they lie in memory.
 */
#ifndef DKUBE_SIM_KEEP_H
#define DKUBE_SIM_KEEP_H

#include "sim/sim.h"

struct tally {
    uint64_t schedules, steps, faults, violations, seed;
    uint64_t digest; /* of all decisions and ends: the same for the same seeds */
    uint64_t kinds[FAULT_COUNT];
    double seconds;
};
void tally_add(struct tally *sum, const struct tally *t);

struct kept {
    struct tally sum;
    uint64_t next_seed; /* behind all that were run */
    uint64_t *hashes;   /* owned: one a schedule */
    FILE *file;         /* NULL: nothing is kept */
};
/* Reads what the file has; path NULL: there is none. -1: it cannot be written, and it was told. */
int keep_open(struct kept *k, const char *path, uint64_t first_seed);
/* One batch more: t->schedules hashes. */
void keep_add(struct kept *k, const struct tally *t, const uint64_t *hashes);
uint64_t keep_distinct(const struct kept *k);
void keep_tell(const struct kept *k, uint64_t distinct);
void keep_json(const struct kept *k, uint64_t distinct, size_t loads, const char *path);
void keep_close(struct kept *k);

#endif
