/*
 * quarantine.h — poison: an object whose plan ends the process is set aside after two crashes.
 *
 * C cannot recover from a crash, so the shell writes the object's identity into a mapped 4 KiB file
 * before it plans and wipes it after. The file outlives the process (an emptyDir); an identity
 * found in it at start crashed the last one. After two crashes the object is left alone for ten
 * minutes and the others go on. Times are wall-clock milliseconds. One thread.
 */
#ifndef DKUBE_KUBE_QUARANTINE_H
#define DKUBE_KUBE_QUARANTINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { QUARANTINE_MS = 600000 };

struct quarantine;

/* Maps the file, making it when it is not there; what it names is counted as one more crash. A file
 * of another shape is begun anew. */
struct quarantine *quarantine_open(const char *path, int64_t now_ms, struct err *e);
void quarantine_close(struct quarantine *q); /* NULL is fine */

/* True when the file named this identity as it was opened: it crashed the process before. */
bool quarantine_crashed(const struct quarantine *q, const char *id);

/* When the identity may be planned again; 0: now. */
int64_t quarantine_until_ms(const struct quarantine *q, const char *id, int64_t now_ms);

void quarantine_enter(struct quarantine *q, const char *id); /* just before the view is gathered */
void quarantine_leave(struct quarantine *q); /* the plan is there: it did not crash */

/* How many identities are set aside now: a gauge. */
unsigned quarantine_count(const struct quarantine *q, int64_t now_ms);

#endif
