/*
 * replay.h — makes the plans of a journal (journal.h) again and compares: nothing is sent, no
 * server is needed.
 *
 * A plan is pure, so the same program gives the same plans; another version, or another machine,
 * shows what it would decide otherwise. A journal that ends within a plan (the program died in it)
 * is replayed up to and with that plan.
 */
#ifndef DKUBE_KUBE_REPLAY_H
#define DKUBE_KUBE_REPLAY_H

#include <stdio.h>

#include "kube/controller.h"

struct replay {
    size_t plans, changed;
    size_t skipped;  /* their first half is in FILE.old */
    bool unfinished; /* the last plan was never finished when it was recorded */
};

/* Tells each changed plan to `out` as a diff. -1: the file is no journal of this program. */
int replay_run(const struct program *p, const char *path, FILE *out, struct replay *ret,
               struct err *e) MUSTCHECK;

/* Which program recorded it. */
int replay_program(struct arena *a, const char *path, const char **ret_name,
                   struct err *e) MUSTCHECK;

/* Sets the environment variables that the program names as the journal has them (no others: a file
 * from elsewhere must not choose); true when one differed: then the program, which has read them
 * before, must be executed anew. */
int replay_env(const struct program *p, const char *path, bool *ret_changed,
               struct err *e) MUSTCHECK;

#endif
