/*
 * stages.h — inside lib/http: which stage of a loop's iteration took the longest, for the log of
 * stuck ones.
 *
 * A stage lasts until the next begins. Only the longest is kept, with a copy of its key; names are
 * static text. Times are milliseconds of one clock. One thread.
 */
#ifndef DKUBE_HTTP_STAGES_H
#define DKUBE_HTTP_STAGES_H

#include <stdint.h>

struct stages {
    const char *name, *who, *key; /* of the present stage; borrowed until it ends */
    int64_t since_ms;
    const char *longest; /* NULL: none so far */
    int64_t longest_ms;
    char longest_key[200]; /* "who key" */
};

void stages_begin(struct stages *s, int64_t now_ms); /* of an iteration */
void stages_enter(struct stages *s, int64_t now_ms, const char *name, const char *who,
                  const char *key);
void stages_warn(const struct stages *s, int64_t took_ms); /* logs the longest */

#endif
