/*
 * podlook.h — reads a pod for what matters here: has it ended, what did it report, what holds it
 * up.
 *
 * A pod of `step` reports through its termination message: one JSON object, or {"error":{"reason",
 * "message"}}. Texts are arena memory or borrowed from the record. Pure.
 */
#ifndef DKUBE_CONTROLLERS_COMMON_PODLOOK_H
#define DKUBE_CONTROLLERS_COMMON_PODLOOK_H

#include "api/pod.gen.h"
#include "json/json.h"

bool pod_is_ready(const struct rec *pod); /* condition Ready, and not being deleted */
/* What the scheduler says while no node takes it, else NULL; borrowed. */
const char *pod_held(const struct rec *pod);
bool pod_has_ended(const struct rec *pod); /* Succeeded or Failed */

/* Ended by the cluster (eviction, node shutdown, preemption): no fault of its programs. */
bool pod_is_disrupted(const struct rec *pod);
/* The kubelet refused it: none of its containers was ever started. */
bool pod_is_rejected(const struct rec *pod);

enum pod_end {
    POD_RUNNING,  /* not ended */
    POD_REPORTED, /* ended well; result is its report */
    POD_REFUSED,  /* ended badly, with reason and message of its own */
    POD_LOST,     /* ended without a report: evicted, out of time, killed */
};
struct pod_report {
    enum pod_end end;
    const struct json *result;
    const char *reason, *message;
};
struct pod_report pod_report(struct arena *a, const struct rec *pod, const char *container);

/* Why a pod that has not ended does not get on, or reason NULL. */
struct pod_trouble {
    const char *reason; /* ImagePullFailed, InvalidImage, StartFailed, CrashLoop or FetchFailed */
    const char *container; /* borrowed */
    const char *message;   /* a clause without full stop */
};
struct pod_trouble pod_trouble(struct arena *a, const struct rec *pod);

#endif
