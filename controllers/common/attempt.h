/*
 * attempt.h — one pod of `step` for each generation of an object, tried again when it fails.
 *
 *     START → RUNNING → DONE   → (result stands, pod deleted) SETTLED
 *       ^        |
 *       |        └────→ FAILED → (status stands, pod deleted) RESTING ─ after 30 s, doubling to 10
 * min ┐
 *       └──────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * No counter is kept: Stalled's lastTransitionTime is the first failure, Reconciling's the end of
 * the last attempt, and the pause is their distance. An edit starts anew at once. Pure.
 */
#ifndef DKUBE_CONTROLLERS_COMMON_ATTEMPT_H
#define DKUBE_CONTROLLERS_COMMON_ATTEMPT_H

#include "controllers/common/podlook.h"
#include "controllers/common/standing.h"

#define ATTEMPT_PAUSE_MS 30000
#define ATTEMPT_PAUSE_MAX_MS 600000
#define ATTEMPT_SECRET_MS 20000 /* a pod not started by then may lack its Secret */

enum attempt_state {
    ATTEMPT_START,   /* make the pod */
    ATTEMPT_RUNNING, /* it is there */
    ATTEMPT_DONE,    /* it has reported: result */
    ATTEMPT_FAILED,  /* it has failed, or was refused (then pod is NULL): standing says how */
    ATTEMPT_SETTLED, /* this generation is Ready */
    ATTEMPT_RESTING, /* this generation failed and is tried again at wake_at_ms */
    ATTEMPT_TAKEN,   /* another object's pod has the name */
};
struct attempt {
    enum attempt_state state;
    const struct rec *pod;     /* of this generation, or NULL */
    const struct json *result; /* DONE */
    struct standing standing;  /* what to say; not for DONE and SETTLED */
    int64_t wake_at_ms;        /* when to look again without being told; 0: never */
};

/* What an attempt is made of: the owner's pods and the pod that has the name, if any. */
struct attempt_of {
    const char *name;              /* of the pod for this generation */
    const char *container;         /* whose report counts */
    const char *doing;             /* "the import", for messages */
    const char *reason;            /* Reconciling's reason while it goes on: "Importing" */
    const char *secret;            /* the Secret that the pod mounts, or NULL */
    const char *held;              /* Stalled's reason when no attempt may begin yet, or NULL */
    const struct rec *named;       /* the pod of that name, or NULL */
    const struct refused *refused; /* what the API server refused in the last pass, or NULL */
};
struct attempt attempt_look(struct arena *a, const struct subject *s, const struct attempt_of *of);

/* Deletes the owner's pods other than `keep` (may be NULL). */
void attempt_sweep(struct plan *p, const struct rec **pods, size_t count, const struct rec *keep);

#endif
