/*
 * activity.h — which DkubeRuns have not ended, counted for those who show or wait for them.
 * Borrows; pure.
 */
#ifndef DKUBE_CONTROLLERS_COMMON_ACTIVITY_H
#define DKUBE_CONTROLLERS_COMMON_ACTIVITY_H

#include "api/rec.h"

/* Complete, Error and Stopped are final (rule 9). */
bool run_is_active(const struct rec *run);

/* True when an event changes who counts: a run came, went, or ended. */
bool run_activity_changed(const struct rec *old, const struct rec *now);

#endif
