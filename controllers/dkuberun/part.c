#include "controllers/dkuberun/part.h"

#include "api/pod.gen.h"
#include "base/span.h"

#define LINE_BYTES 300

/* The rows of both kinds of status are one shape (lib/api/native.yaml). */
_Static_assert((int)POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_MESSAGE ==
                   (int)POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_MESSAGE,
               "one shape");

static const struct rec *status_of(const struct rec *pod, unsigned slot, const char *name)
{
    for (uint32_t i = 0; i < rec_count(pod, slot); i++) {
        const struct rec *c = rec_item(pod, slot, i);

        if (str_eq(pod_status_container_statuses_name(c), name)) {
            return c;
        }
    }
    return NULL;
}

struct part part_of(const struct rec *pod, const char *container)
{
    const struct rec *c = status_of(pod, POD_STATUS_CONTAINER_STATUSES, container);
    struct part p = {0};

    if (c == NULL) {
        c = status_of(pod, POD_STATUS_INIT_CONTAINER_STATUSES, container);
    }
    if (c == NULL) {
        return p;
    }
    p.is_running = pod_status_container_statuses_state_running_set(c);
    p.is_lost = str_eq(pod_status_container_statuses_state_terminated_reason(c),
                       "ContainerStatusUnknown"); /* its exit code is made up */
    p.has_ended = pod_status_container_statuses_state_terminated_set(c) && !p.is_lost;
    p.waiting = pod_status_container_statuses_state_waiting_reason(c);
    p.waiting_message = pod_status_container_statuses_state_waiting_message(c);
    p.exit_code = pod_status_container_statuses_state_terminated_exit_code(c);
    p.end_reason = pod_status_container_statuses_state_terminated_reason(c);
    p.end_message = pod_status_container_statuses_state_terminated_message(c);
    p.started_ms = p.is_running ? pod_status_container_statuses_state_running_started_at(c)
                                : pod_status_container_statuses_state_terminated_started_at(c);
    p.ended_ms = pod_status_container_statuses_state_terminated_finished_at(c);
    p.image_id = pod_status_container_statuses_image_id(c);
    return p;
}

const struct json *part_report(struct arena *a, const struct part *part)
{
    const struct json *j = NULL;
    struct err e = {0};

    if (str_empty(part->end_message) ||
        json_parse(a, part->end_message, strlen(part->end_message), &j, &e) < 0) {
        return NULL;
    }
    return json_kind(j) == JSON_OBJECT ? j : NULL;
}

const char *part_error(struct arena *a, const struct part *part, const char **ret_reason)
{
    const struct json *error = json_key(part_report(a, part), "error");

    *ret_reason = json_str(error, "reason", "");
    return error == NULL ? NULL : one_line(a, json_str(error, "message", "it gave no message"));
}

enum pull part_pull(const struct part *part)
{
    static const char *const bad[] = {"InvalidImageName", "ErrImageNeverPull"};
    static const char *const failing[] = {"ErrImagePull", "ImagePullBackOff", "ImageInspectError",
                                          "RegistryUnavailable"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (str_eq(part->waiting, bad[i])) {
            return PULL_BAD;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(failing); i++) {
        if (str_eq(part->waiting, failing[i])) {
            return PULL_FAILING;
        }
    }
    return PULL_FINE;
}

const char *one_line(struct arena *a, const char *text)
{
    size_t n = text != NULL ? strlen(text) : 0;
    char *line;

    if (n > LINE_BYTES) {
        for (n = LINE_BYTES; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80;) {
            n--;
        }
    }
    line = arena_strndup(a, text != NULL ? text : "", n);
    for (char *p = line; *p != '\0'; p++) {
        *p = (unsigned char)*p < ' ' ? ' ' : *p;
    }
    while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '.')) {
        line[--n] = '\0';
    }
    return line;
}
