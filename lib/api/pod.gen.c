/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/pod.gen.h"

#include "base/attr.h"

static const struct row pod_spec_containers_row[] = {
    {"name", REC_STR, NULL},
    {"image", REC_STR, NULL},
    {"resources.requests", REC_MAP, NULL},
    {"resources.limits", REC_MAP, NULL},
};
static const struct rows pod_spec_containers_rows = {
    .name = "pod_spec_containers",
    .row = pod_spec_containers_row,
    .count = ARRAY_LEN(pod_spec_containers_row),
};

static const struct row pod_spec_init_containers_row[] = {
    {"name", REC_STR, NULL},
    {"image", REC_STR, NULL},
    {"restartPolicy", REC_STR, NULL},
    {"resources.requests", REC_MAP, NULL},
    {"resources.limits", REC_MAP, NULL},
};
static const struct rows pod_spec_init_containers_rows = {
    .name = "pod_spec_init_containers",
    .row = pod_spec_init_containers_row,
    .count = ARRAY_LEN(pod_spec_init_containers_row),
};

static const struct row pod_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows pod_status_conditions_rows = {
    .name = "pod_status_conditions",
    .row = pod_status_conditions_row,
    .count = ARRAY_LEN(pod_status_conditions_row),
};

static const struct row pod_status_container_statuses_row[] = {
    {"name", REC_STR, NULL},
    {"ready", REC_BOOL, NULL},
    {"started", REC_BOOL, NULL},
    {"image", REC_STR, NULL},
    {"imageID", REC_STR, NULL},
    {"restartCount", REC_INT, NULL},
    {"state.waiting", REC_OBJ, NULL},
    {"state.waiting.reason", REC_STR, NULL},
    {"state.waiting.message", REC_STR, NULL},
    {"state.running", REC_OBJ, NULL},
    {"state.running.startedAt", REC_TIME, NULL},
    {"state.terminated", REC_OBJ, NULL},
    {"state.terminated.exitCode", REC_INT, NULL},
    {"state.terminated.signal", REC_INT, NULL},
    {"state.terminated.reason", REC_STR, NULL},
    {"state.terminated.message", REC_STR, NULL},
    {"state.terminated.startedAt", REC_TIME, NULL},
    {"state.terminated.finishedAt", REC_TIME, NULL},
    {"lastState.terminated", REC_OBJ, NULL},
    {"lastState.terminated.exitCode", REC_INT, NULL},
    {"lastState.terminated.reason", REC_STR, NULL},
    {"lastState.terminated.message", REC_STR, NULL},
};
static const struct rows pod_status_container_statuses_rows = {
    .name = "pod_status_container_statuses",
    .row = pod_status_container_statuses_row,
    .count = ARRAY_LEN(pod_status_container_statuses_row),
};

static const struct row pod_status_init_container_statuses_row[] = {
    {"name", REC_STR, NULL},
    {"ready", REC_BOOL, NULL},
    {"started", REC_BOOL, NULL},
    {"image", REC_STR, NULL},
    {"imageID", REC_STR, NULL},
    {"restartCount", REC_INT, NULL},
    {"state.waiting", REC_OBJ, NULL},
    {"state.waiting.reason", REC_STR, NULL},
    {"state.waiting.message", REC_STR, NULL},
    {"state.running", REC_OBJ, NULL},
    {"state.running.startedAt", REC_TIME, NULL},
    {"state.terminated", REC_OBJ, NULL},
    {"state.terminated.exitCode", REC_INT, NULL},
    {"state.terminated.signal", REC_INT, NULL},
    {"state.terminated.reason", REC_STR, NULL},
    {"state.terminated.message", REC_STR, NULL},
    {"state.terminated.startedAt", REC_TIME, NULL},
    {"state.terminated.finishedAt", REC_TIME, NULL},
    {"lastState.terminated", REC_OBJ, NULL},
    {"lastState.terminated.exitCode", REC_INT, NULL},
    {"lastState.terminated.reason", REC_STR, NULL},
    {"lastState.terminated.message", REC_STR, NULL},
};
static const struct rows pod_status_init_container_statuses_rows = {
    .name = "pod_status_init_container_statuses",
    .row = pod_status_init_container_statuses_row,
    .count = ARRAY_LEN(pod_status_init_container_statuses_row),
};

static const struct row pod_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.deletionGracePeriodSeconds", REC_INT, NULL},
    {"spec.nodeName", REC_STR, NULL},
    {"spec.schedulerName", REC_STR, NULL},
    {"spec.priorityClassName", REC_STR, NULL},
    {"spec.priority", REC_INT, NULL},
    {"spec.restartPolicy", REC_STR, NULL},
    {"spec.terminationGracePeriodSeconds", REC_INT, NULL},
    {"spec.overhead", REC_MAP, NULL},
    {"spec.containers", REC_LIST, &pod_spec_containers_rows},
    {"spec.initContainers", REC_LIST, &pod_spec_init_containers_rows},
    {"status.phase", REC_STR, NULL},
    {"status.reason", REC_STR, NULL},
    {"status.message", REC_STR, NULL},
    {"status.startTime", REC_TIME, NULL},
    {"status.podIP", REC_STR, NULL},
    {"status.hostIP", REC_STR, NULL},
    {"status.qosClass", REC_STR, NULL},
    {"status.conditions", REC_LIST, &pod_status_conditions_rows},
    {"status.containerStatuses", REC_LIST, &pod_status_container_statuses_rows},
    {"status.initContainerStatuses", REC_LIST, &pod_status_init_container_statuses_rows},
};
static const struct rows pod_rows = {
    .name = "pod",
    .row = pod_row,
    .count = ARRAY_LEN(pod_row),
};

const struct kind kind_pod = {
    .group = "",
    .version = "v1",
    .kind = "Pod",
    .plural = "pods",
    .namespaced = true,
    .rows = &pod_rows,
};
