#include "controllers/common/podlook.h"

#include "base/attr.h"
#include "base/span.h"

bool pod_is_ready(const struct rec *pod)
{
    for (uint32_t i = 0; i < pod_status_conditions_count(pod); i++) {
        const struct rec *c = pod_status_conditions_at(pod, i);

        if (str_eq(pod_status_conditions_type(c), "Ready")) {
            return str_eq(pod_status_conditions_status(c), "True") && !rec_is_deleted(pod);
        }
    }
    return false;
}

const char *pod_held(const struct rec *pod)
{
    for (uint32_t i = 0; i < pod_status_conditions_count(pod); i++) {
        const struct rec *c = pod_status_conditions_at(pod, i);

        if (str_eq(pod_status_conditions_type(c), "PodScheduled") &&
            str_eq(pod_status_conditions_status(c), "False")) {
            const char *said = pod_status_conditions_message(c);

            return str_empty(said) ? "no node fits" : said;
        }
    }
    return NULL;
}

bool pod_has_ended(const struct rec *pod)
{
    return str_eq(pod_status_phase(pod), "Succeeded") || str_eq(pod_status_phase(pod), "Failed");
}

bool pod_is_disrupted(const struct rec *pod)
{
    static const char *const reasons[] = {"Evicted",    "NodeShutdown", "NodeLost",
                                          "Preempting", "Terminated",   "Shutdown"};

    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        if (str_eq(pod_status_reason(pod), reasons[i])) {
            return true;
        }
    }
    for (uint32_t i = 0; i < pod_status_conditions_count(pod); i++) {
        const struct rec *c = pod_status_conditions_at(pod, i);

        if (str_eq(pod_status_conditions_type(c), "DisruptionTarget")) {
            return str_eq(pod_status_conditions_status(c), "True");
        }
    }
    return false;
}

static bool was_started(const struct rec *pod, unsigned slot)
{
    for (uint32_t i = 0; i < rec_count(pod, slot); i++) {
        const struct rec *c = rec_item(pod, slot, i);

        if (pod_status_container_statuses_state_running_set(c) ||
            pod_status_container_statuses_state_terminated_set(c)) {
            return true;
        }
    }
    return false;
}

bool pod_is_rejected(const struct rec *pod)
{
    return str_eq(pod_status_phase(pod), "Failed") && !str_empty(pod_spec_node_name(pod)) &&
           !pod_is_disrupted(pod) && !was_started(pod, POD_STATUS_CONTAINER_STATUSES) &&
           !was_started(pod, POD_STATUS_INIT_CONTAINER_STATUSES);
}

static const struct rec *container_status(const struct rec *pod, const char *name)
{
    for (uint32_t i = 0; i < pod_status_container_statuses_count(pod); i++) {
        const struct rec *c = pod_status_container_statuses_at(pod, i);

        if (str_eq(pod_status_container_statuses_name(c), name)) {
            return c;
        }
    }
    return NULL;
}

static const struct json *parse_report(struct arena *a, const char *text)
{
    const struct json *j = NULL;
    struct err e = {0};

    if (str_empty(text) || json_parse(a, text, strlen(text), &j, &e) < 0) {
        return NULL;
    }
    return json_kind(j) == JSON_OBJECT ? j : NULL;
}

static struct pod_report lost(struct arena *a, const struct rec *pod, const struct rec *c)
{
    struct pod_report r = {.end = POD_LOST, .reason = "PodFailed"};
    const char *why = pod_status_reason(pod);

    if (str_eq(why, "DeadlineExceeded")) {
        r.reason = "DeadlineExceeded";
        r.message = arena_printf(a, "the pod '%s' took too long and was ended", rec_name(pod));
    } else if (!str_empty(why)) {
        r.message =
            arena_printf(a, "the pod '%s' ended without a report: %s", rec_name(pod),
                         str_empty(pod_status_message(pod)) ? why : pod_status_message(pod));
    } else if (c != NULL && pod_status_container_statuses_state_terminated_set(c)) {
        why = pod_status_container_statuses_state_terminated_reason(c);
        r.message = arena_printf(
            a, "the pod '%s' ended without a report, with exit code %lld%s%s", rec_name(pod),
            (long long)pod_status_container_statuses_state_terminated_exit_code(c),
            str_empty(why) ? "" : ", ", str_empty(why) ? "" : why);
    } else {
        r.message = arena_printf(a, "the pod '%s' ended without a report", rec_name(pod));
    }
    return r;
}

struct pod_report pod_report(struct arena *a, const struct rec *pod, const char *container)
{
    const struct rec *c = container_status(pod, container);
    struct pod_report r = {.end = POD_RUNNING};
    const struct json *error;

    if (!pod_has_ended(pod)) {
        return r;
    }
    if (c != NULL) {
        r.result = parse_report(a, pod_status_container_statuses_state_terminated_message(c));
    }
    error = json_key(r.result, "error");
    if (error != NULL) {
        r.end = POD_REFUSED;
        r.reason = json_str(error, "reason", "StepFailed");
        r.message = json_str(error, "message", "it gave no message");
        return r;
    }
    if (r.result == NULL || !str_eq(pod_status_phase(pod), "Succeeded")) {
        return lost(a, pod, c);
    }
    r.end = POD_REPORTED;
    return r;
}

/* --- What holds a pod up
 * --------------------------------------------------------------------------- */

static const struct {
    const char *waiting, *reason;
} troubles[] = {
    {"ErrImagePull", "ImagePullFailed"},           {"ImagePullBackOff", "ImagePullFailed"},
    {"ErrImageNeverPull", "ImagePullFailed"},      {"RegistryUnavailable", "ImagePullFailed"},
    {"ImageInspectError", "ImagePullFailed"},      {"InvalidImageName", "InvalidImage"},
    {"CreateContainerConfigError", "StartFailed"}, {"CreateContainerError", "StartFailed"},
    {"RunContainerError", "StartFailed"},          {"CrashLoopBackOff", "CrashLoop"},
};

static const char *reason_of(const char *waiting)
{
    for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
        if (str_eq(troubles[i].waiting, waiting)) {
            return troubles[i].reason;
        }
    }
    return NULL;
}

/* The report of the last end, else its exit code. */
static const char *last_end(struct arena *a, const struct rec *c)
{
    const char *text = pod_status_container_statuses_last_state_terminated_message(c);
    const char *said = json_str(parse_report(a, text), "error.message", NULL);
    long long code = (long long)pod_status_container_statuses_last_state_terminated_exit_code(c);

    if (said != NULL) {
        return said;
    }
    return arena_printf(a, "it ended with exit code %lld%s%s", code, str_empty(text) ? "" : ": ",
                        str_empty(text) ? "" : text);
}

/* Between two starts of a crash loop the container runs: that is no progress. */
static bool keeps_ending(const struct rec *c)
{
    return !pod_status_container_statuses_ready(c) &&
           pod_status_container_statuses_restart_count(c) >= 2 &&
           pod_status_container_statuses_last_state_terminated_set(c);
}

static bool look_at(struct arena *a, const struct rec *c, bool init, struct pod_trouble *ret)
{
    const char *reason = reason_of(pod_status_container_statuses_state_waiting_reason(c));

    if (reason == NULL && keeps_ending(c)) {
        reason = "CrashLoop";
    }
    if (reason == NULL) {
        return false;
    }
    ret->reason = reason;
    ret->container = pod_status_container_statuses_name(c);
    if (str_eq(reason, "CrashLoop")) {
        ret->reason = init ? "FetchFailed" : reason;
        ret->message = last_end(a, c);
    } else {
        const char *said = pod_status_container_statuses_state_waiting_message(c);

        ret->message =
            str_empty(said) ? pod_status_container_statuses_state_waiting_reason(c) : said;
    }
    return true;
}

/* The rows of container and init container statuses are one shape (lib/api/native.yaml). */
_Static_assert((int)POD_STATUS_INIT_CONTAINER_STATUSES_STATE_WAITING_REASON ==
                   (int)POD_STATUS_CONTAINER_STATUSES_STATE_WAITING_REASON,
               "one shape");

struct pod_trouble pod_trouble(struct arena *a, const struct rec *pod)
{
    struct pod_trouble t = {0};

    for (uint32_t i = 0; i < pod_status_init_container_statuses_count(pod); i++) {
        if (look_at(a, pod_status_init_container_statuses_at(pod, i), true, &t)) {
            return t;
        }
    }
    for (uint32_t i = 0; i < pod_status_container_statuses_count(pod); i++) {
        if (look_at(a, pod_status_container_statuses_at(pod, i), false, &t)) {
            return t;
        }
    }
    return t;
}
