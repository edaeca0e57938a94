/*
 * turn.h — inside controllers/dkuberun: one pass over one run, shared by plan.c (what is found, and
 * the status that follows) and pods.c (pods of a phase that stands). Pure; borrows from the view.
 */
#ifndef DKUBE_CONTROLLERS_DKUBERUN_TURN_H
#define DKUBE_CONTROLLERS_DKUBERUN_TURN_H

#include "controllers/dkuberun/dkuberun.h"

/* One pass over one run. A run of several pods is seen through one of them: the one that decides
 * how it goes on. */
struct turn {
    const struct run_view *v;    /* as that one sees it */
    const struct run_view *root; /* as rank 0 does */
    const struct rec *live;
    struct plan *p;
    struct arena *a;
    struct run_status st; /* as it stands, then as it shall stand */
    struct worker w;      /* while there is, or was, one: that one */
    struct worker *each;  /* all, by rank; NULL in a phase without workers */
    struct finding f;
    bool is_resolving; /* nothing speaks against the resolve pod */
};

/* plan.c */
bool turn_is_resting(const struct turn *t);     /* no pod is made before status.retryTime */
bool turn_is_giving_back(const struct turn *t); /* its pod goes first, then it queues again */
int64_t turn_pause_of(const struct turn *t);    /* between attempts that failed without its fault */

/* crew.c: all pods of the run. */
void crew_look(struct turn *t);       /* sets each, v and w */
void crew_look_again(struct turn *t); /* when any of them has to be looked at */
bool crew_is_gone(const struct turn *t);
bool crew_is_over(const struct turn *t); /* each has ended or is not there */
/* Pods of earlier attempts, not yet ended. */
bool crew_has_strays(const struct turn *t);
bool crew_is_of(const struct turn *t, const struct rec *pod); /* one of this attempt's */
/* act(t) once for each, seen through that one. */
void crew_each(struct turn *t, void (*act)(struct turn *));

/* pods.c */
void turn_act(struct turn *t);          /* makes and removes pods, as the phase says */
bool turn_drop_unbound(struct turn *t); /* pods that are on no node; false: there are none */
void turn_look_again(struct turn *t, int64_t at_ms);

#endif
