/*
 * part.h — one container of a pod, of either kind, as the kubelet tells of it. Borrows from the
 * record; pure.
 */
#ifndef DKUBE_CONTROLLERS_DKUBERUN_PART_H
#define DKUBE_CONTROLLERS_DKUBERUN_PART_H

#include "json/json.h"

struct rec;

struct part {
    bool is_running, has_ended;
    bool is_lost; /* the kubelet knows nothing of its end: it counts as not ended */
    const char *waiting, *waiting_message; /* NULL: it does not wait */
    int64_t exit_code;                     /* has_ended */
    const char *end_reason, *end_message;
    int64_t started_ms, ended_ms; /* 0: not yet */
    const char *image_id;
};
/* All empty when the pod has no such container, or none yet. */
struct part part_of(const struct rec *pod, const char *container);

/* The JSON object of its termination message, or NULL. */
const struct json *part_report(struct arena *a, const struct part *part);
/* The report's error: its message, and its reason in *ret_reason; NULL: none. */
const char *part_error(struct arena *a, const struct part *part, const char **ret_reason);

/* How a container that cannot get its image waits: PULL_BAD for good, PULL_FAILING perhaps not. */
enum pull { PULL_FINE, PULL_FAILING, PULL_BAD };
enum pull part_pull(const struct part *part);

/* One line of at most 300 bytes, without what would break a sentence; arena. */
const char *one_line(struct arena *a, const char *text);

#endif
