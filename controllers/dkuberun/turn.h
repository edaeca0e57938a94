/*
 * turn.h — inside controllers/dkuberun: one pass over one run, shared by plan.c (what is found, and
 * the status that follows) and pods.c (pods of a phase that stands). Pure; borrows from the view.
 */
#ifndef DKUBE_CONTROLLERS_DKUBERUN_TURN_H
#define DKUBE_CONTROLLERS_DKUBERUN_TURN_H

#include "controllers/dkuberun/dkuberun.h"

/* One pass over one run. */
struct turn {
    const struct run_view *v;
    const struct rec *live;
    struct plan *p;
    struct arena *a;
    struct run_status st; /* as it stands, then as it shall stand */
    struct worker w;      /* while there is, or was, one */
    struct finding f;
    bool is_resolving; /* nothing speaks against the resolve pod */
};

/* plan.c */
bool turn_is_resting(const struct turn *t);     /* no pod is made before status.retryTime */
bool turn_is_giving_back(const struct turn *t); /* its pod goes first, then it queues again */
int64_t turn_pause_of(const struct turn *t);    /* between attempts that failed without its fault */

/* pods.c */
void turn_act(struct turn *t); /* makes and removes pods, as the phase says */
void turn_look_again(struct turn *t, int64_t at_ms);

#endif
