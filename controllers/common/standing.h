/*
 * standing.h — how an object stands, said once: the three kstatus conditions, the Event when it
 * changes, and the write of the whole status. Every controller of DKube's kinds ends its plan here.
 *
 *     ready     Ready=True
 *     waiting   Ready=False, Reconciling=True               it goes on by itself
 *     stalled   Ready=False, Stalled=True                   somebody must act
 *     retrying  Ready=False, Stalled=True, Reconciling=True it failed, and is being tried again
 *
 * Texts are arena memory or static; messages are one sentence, lower case, without full stop. Pure.
 */
#ifndef DKUBE_CONTROLLERS_COMMON_STANDING_H
#define DKUBE_CONTROLLERS_COMMON_STANDING_H

#include "kube/plan.h"

enum standing_kind { STANDING_READY, STANDING_WAITING, STANDING_STALLED, STANDING_RETRYING };

struct standing {
    enum standing_kind kind;
    const char *reason;            /* CamelCase */
    const char *message;           /* names the field and what to do */
    const struct condition *extra; /* one condition of the kind's own, or NULL */
};

/* The object that a plan is about. */
struct subject {
    const struct kind *kind;
    const struct rec *live; /* borrowed */
    unsigned status_slot;   /* RAW row "status" */
    int64_t now_ms;
};

struct standing standing_of(struct arena *a, enum standing_kind kind, const char *reason,
                            const char *fmt, ...) PRINTF(4, 5);

/* Opens the status object and writes observedGeneration and conditions; the caller adds its fields.
 */
void status_begin(struct jsonw *w, struct plan *p, const struct subject *s,
                  const struct standing *st);
/* Closes and writes it, with an Event when Ready's status or reason changes. True when the cached
 * status already says all of it: only then may what it was computed from be deleted. */
bool status_end(struct jsonw *w, struct plan *p, const struct subject *s,
                const struct standing *st);

/* A condition of the cached status; absent: all fields empty. Texts are arena memory. */
struct seen {
    bool there, is_true;
    const char *reason, *message;
    int64_t generation, since_ms;
};
struct seen condition_seen(struct arena *a, const struct subject *s, const char *type);

#endif
