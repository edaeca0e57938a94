/* pod.gen.h — what the cache keeps of a Pod.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_POD_GEN_H
#define DKUBE_API_POD_GEN_H

#include "api/rec.h"

extern const struct kind kind_pod;

enum {
    POD_METADATA_ANNOTATIONS = REC_META_COUNT,
    POD_METADATA_DELETION_GRACE_PERIOD_SECONDS,
    POD_SPEC_NODE_NAME,
    POD_SPEC_SCHEDULER_NAME,
    POD_SPEC_PRIORITY_CLASS_NAME,
    POD_SPEC_PRIORITY,
    POD_SPEC_RESTART_POLICY,
    POD_SPEC_TERMINATION_GRACE_PERIOD_SECONDS,
    POD_SPEC_OVERHEAD,
    POD_SPEC_CONTAINERS,
    POD_SPEC_INIT_CONTAINERS,
    POD_STATUS_PHASE,
    POD_STATUS_REASON,
    POD_STATUS_MESSAGE,
    POD_STATUS_START_TIME,
    POD_STATUS_POD_IP,
    POD_STATUS_HOST_IP,
    POD_STATUS_QOS_CLASS,
    POD_STATUS_CONDITIONS,
    POD_STATUS_CONTAINER_STATUSES,
    POD_STATUS_INIT_CONTAINER_STATUSES,
};

static inline uint32_t pod_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, POD_METADATA_ANNOTATIONS);
}

static inline const char *pod_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, POD_METADATA_ANNOTATIONS, i);
}

static inline const char *pod_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, POD_METADATA_ANNOTATIONS, i);
}

static inline const char *pod_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, POD_METADATA_ANNOTATIONS, key);
}

static inline int64_t pod_metadata_deletion_grace_period_seconds(const struct rec *r)
{
    return rec_int(r, POD_METADATA_DELETION_GRACE_PERIOD_SECONDS);
}

static inline bool pod_metadata_deletion_grace_period_seconds_set(const struct rec *r)
{
    return rec_has(r, POD_METADATA_DELETION_GRACE_PERIOD_SECONDS);
}

static inline const char *pod_spec_node_name(const struct rec *r)
{
    return rec_str(r, POD_SPEC_NODE_NAME);
}

static inline bool pod_spec_node_name_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_NODE_NAME);
}

static inline const char *pod_spec_scheduler_name(const struct rec *r)
{
    return rec_str(r, POD_SPEC_SCHEDULER_NAME);
}

static inline bool pod_spec_scheduler_name_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_SCHEDULER_NAME);
}

static inline const char *pod_spec_priority_class_name(const struct rec *r)
{
    return rec_str(r, POD_SPEC_PRIORITY_CLASS_NAME);
}

static inline bool pod_spec_priority_class_name_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_PRIORITY_CLASS_NAME);
}

static inline int64_t pod_spec_priority(const struct rec *r)
{
    return rec_int(r, POD_SPEC_PRIORITY);
}

static inline bool pod_spec_priority_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_PRIORITY);
}

static inline const char *pod_spec_restart_policy(const struct rec *r)
{
    return rec_str(r, POD_SPEC_RESTART_POLICY);
}

static inline bool pod_spec_restart_policy_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_RESTART_POLICY);
}

static inline int64_t pod_spec_termination_grace_period_seconds(const struct rec *r)
{
    return rec_int(r, POD_SPEC_TERMINATION_GRACE_PERIOD_SECONDS);
}

static inline bool pod_spec_termination_grace_period_seconds_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_TERMINATION_GRACE_PERIOD_SECONDS);
}

static inline uint32_t pod_spec_overhead_count(const struct rec *r)
{
    return rec_count(r, POD_SPEC_OVERHEAD);
}

static inline const char *pod_spec_overhead_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, POD_SPEC_OVERHEAD, i);
}

static inline const char *pod_spec_overhead_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, POD_SPEC_OVERHEAD, i);
}

static inline const char *pod_spec_overhead_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, POD_SPEC_OVERHEAD, key);
}

static inline uint32_t pod_spec_containers_count(const struct rec *r)
{
    return rec_count(r, POD_SPEC_CONTAINERS);
}

static inline const struct rec *pod_spec_containers_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, POD_SPEC_CONTAINERS, i);
}

static inline uint32_t pod_spec_init_containers_count(const struct rec *r)
{
    return rec_count(r, POD_SPEC_INIT_CONTAINERS);
}

static inline const struct rec *pod_spec_init_containers_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, POD_SPEC_INIT_CONTAINERS, i);
}

static inline const char *pod_status_phase(const struct rec *r)
{
    return rec_str(r, POD_STATUS_PHASE);
}

static inline bool pod_status_phase_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_PHASE);
}

static inline const char *pod_status_reason(const struct rec *r)
{
    return rec_str(r, POD_STATUS_REASON);
}

static inline bool pod_status_reason_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_REASON);
}

static inline const char *pod_status_message(const struct rec *r)
{
    return rec_str(r, POD_STATUS_MESSAGE);
}

static inline bool pod_status_message_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_MESSAGE);
}

static inline int64_t pod_status_start_time(const struct rec *r)
{
    return rec_int(r, POD_STATUS_START_TIME);
}

static inline bool pod_status_start_time_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_START_TIME);
}

static inline const char *pod_status_pod_ip(const struct rec *r)
{
    return rec_str(r, POD_STATUS_POD_IP);
}

static inline bool pod_status_pod_ip_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_POD_IP);
}

static inline const char *pod_status_host_ip(const struct rec *r)
{
    return rec_str(r, POD_STATUS_HOST_IP);
}

static inline bool pod_status_host_ip_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_HOST_IP);
}

static inline const char *pod_status_qos_class(const struct rec *r)
{
    return rec_str(r, POD_STATUS_QOS_CLASS);
}

static inline bool pod_status_qos_class_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_QOS_CLASS);
}

static inline uint32_t pod_status_conditions_count(const struct rec *r)
{
    return rec_count(r, POD_STATUS_CONDITIONS);
}

static inline const struct rec *pod_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, POD_STATUS_CONDITIONS, i);
}

static inline uint32_t pod_status_container_statuses_count(const struct rec *r)
{
    return rec_count(r, POD_STATUS_CONTAINER_STATUSES);
}

static inline const struct rec *pod_status_container_statuses_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, POD_STATUS_CONTAINER_STATUSES, i);
}

static inline uint32_t pod_status_init_container_statuses_count(const struct rec *r)
{
    return rec_count(r, POD_STATUS_INIT_CONTAINER_STATUSES);
}

static inline const struct rec *pod_status_init_container_statuses_at(const struct rec *r,
    uint32_t i)
{
    return rec_item(r, POD_STATUS_INIT_CONTAINER_STATUSES, i);
}

/* an element of spec.containers */

enum {
    POD_SPEC_CONTAINERS_NAME,
    POD_SPEC_CONTAINERS_IMAGE,
    POD_SPEC_CONTAINERS_RESOURCES_REQUESTS,
    POD_SPEC_CONTAINERS_RESOURCES_LIMITS,
};

static inline const char *pod_spec_containers_name(const struct rec *r)
{
    return rec_str(r, POD_SPEC_CONTAINERS_NAME);
}

static inline bool pod_spec_containers_name_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_CONTAINERS_NAME);
}

static inline const char *pod_spec_containers_image(const struct rec *r)
{
    return rec_str(r, POD_SPEC_CONTAINERS_IMAGE);
}

static inline bool pod_spec_containers_image_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_CONTAINERS_IMAGE);
}

static inline uint32_t pod_spec_containers_resources_requests_count(const struct rec *r)
{
    return rec_count(r, POD_SPEC_CONTAINERS_RESOURCES_REQUESTS);
}

static inline const char *pod_spec_containers_resources_requests_key(const struct rec *r,
    uint32_t i)
{
    return rec_map_key(r, POD_SPEC_CONTAINERS_RESOURCES_REQUESTS, i);
}

static inline const char *pod_spec_containers_resources_requests_value(const struct rec *r,
    uint32_t i)
{
    return rec_map_value(r, POD_SPEC_CONTAINERS_RESOURCES_REQUESTS, i);
}

static inline const char *pod_spec_containers_resources_requests_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, POD_SPEC_CONTAINERS_RESOURCES_REQUESTS, key);
}

static inline uint32_t pod_spec_containers_resources_limits_count(const struct rec *r)
{
    return rec_count(r, POD_SPEC_CONTAINERS_RESOURCES_LIMITS);
}

static inline const char *pod_spec_containers_resources_limits_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, POD_SPEC_CONTAINERS_RESOURCES_LIMITS, i);
}

static inline const char *pod_spec_containers_resources_limits_value(const struct rec *r,
    uint32_t i)
{
    return rec_map_value(r, POD_SPEC_CONTAINERS_RESOURCES_LIMITS, i);
}

static inline const char *pod_spec_containers_resources_limits_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, POD_SPEC_CONTAINERS_RESOURCES_LIMITS, key);
}

/* an element of spec.initContainers */

enum {
    POD_SPEC_INIT_CONTAINERS_NAME,
    POD_SPEC_INIT_CONTAINERS_IMAGE,
    POD_SPEC_INIT_CONTAINERS_RESTART_POLICY,
    POD_SPEC_INIT_CONTAINERS_RESOURCES_REQUESTS,
    POD_SPEC_INIT_CONTAINERS_RESOURCES_LIMITS,
};

static inline const char *pod_spec_init_containers_name(const struct rec *r)
{
    return rec_str(r, POD_SPEC_INIT_CONTAINERS_NAME);
}

static inline bool pod_spec_init_containers_name_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_INIT_CONTAINERS_NAME);
}

static inline const char *pod_spec_init_containers_image(const struct rec *r)
{
    return rec_str(r, POD_SPEC_INIT_CONTAINERS_IMAGE);
}

static inline bool pod_spec_init_containers_image_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_INIT_CONTAINERS_IMAGE);
}

static inline const char *pod_spec_init_containers_restart_policy(const struct rec *r)
{
    return rec_str(r, POD_SPEC_INIT_CONTAINERS_RESTART_POLICY);
}

static inline bool pod_spec_init_containers_restart_policy_set(const struct rec *r)
{
    return rec_has(r, POD_SPEC_INIT_CONTAINERS_RESTART_POLICY);
}

static inline uint32_t pod_spec_init_containers_resources_requests_count(const struct rec *r)
{
    return rec_count(r, POD_SPEC_INIT_CONTAINERS_RESOURCES_REQUESTS);
}

static inline const char *pod_spec_init_containers_resources_requests_key(const struct rec *r,
    uint32_t i)
{
    return rec_map_key(r, POD_SPEC_INIT_CONTAINERS_RESOURCES_REQUESTS, i);
}

static inline const char *pod_spec_init_containers_resources_requests_value(const struct rec *r,
    uint32_t i)
{
    return rec_map_value(r, POD_SPEC_INIT_CONTAINERS_RESOURCES_REQUESTS, i);
}

static inline const char *pod_spec_init_containers_resources_requests_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, POD_SPEC_INIT_CONTAINERS_RESOURCES_REQUESTS, key);
}

static inline uint32_t pod_spec_init_containers_resources_limits_count(const struct rec *r)
{
    return rec_count(r, POD_SPEC_INIT_CONTAINERS_RESOURCES_LIMITS);
}

static inline const char *pod_spec_init_containers_resources_limits_key(const struct rec *r,
    uint32_t i)
{
    return rec_map_key(r, POD_SPEC_INIT_CONTAINERS_RESOURCES_LIMITS, i);
}

static inline const char *pod_spec_init_containers_resources_limits_value(const struct rec *r,
    uint32_t i)
{
    return rec_map_value(r, POD_SPEC_INIT_CONTAINERS_RESOURCES_LIMITS, i);
}

static inline const char *pod_spec_init_containers_resources_limits_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, POD_SPEC_INIT_CONTAINERS_RESOURCES_LIMITS, key);
}

/* an element of status.conditions */

enum {
    POD_STATUS_CONDITIONS_TYPE,
    POD_STATUS_CONDITIONS_STATUS,
    POD_STATUS_CONDITIONS_REASON,
    POD_STATUS_CONDITIONS_MESSAGE,
    POD_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *pod_status_conditions_type(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONDITIONS_TYPE);
}

static inline bool pod_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONDITIONS_TYPE);
}

static inline const char *pod_status_conditions_status(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONDITIONS_STATUS);
}

static inline bool pod_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONDITIONS_STATUS);
}

static inline const char *pod_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONDITIONS_REASON);
}

static inline bool pod_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONDITIONS_REASON);
}

static inline const char *pod_status_conditions_message(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONDITIONS_MESSAGE);
}

static inline bool pod_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t pod_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, POD_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool pod_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

/* an element of status.containerStatuses */

enum {
    POD_STATUS_CONTAINER_STATUSES_NAME,
    POD_STATUS_CONTAINER_STATUSES_READY,
    POD_STATUS_CONTAINER_STATUSES_STARTED,
    POD_STATUS_CONTAINER_STATUSES_IMAGE,
    POD_STATUS_CONTAINER_STATUSES_IMAGE_ID,
    POD_STATUS_CONTAINER_STATUSES_RESTART_COUNT,
    POD_STATUS_CONTAINER_STATUSES_STATE_WAITING,
    POD_STATUS_CONTAINER_STATUSES_STATE_WAITING_REASON,
    POD_STATUS_CONTAINER_STATUSES_STATE_WAITING_MESSAGE,
    POD_STATUS_CONTAINER_STATUSES_STATE_RUNNING,
    POD_STATUS_CONTAINER_STATUSES_STATE_RUNNING_STARTED_AT,
    POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED,
    POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_EXIT_CODE,
    POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_SIGNAL,
    POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_REASON,
    POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_MESSAGE,
    POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_STARTED_AT,
    POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_FINISHED_AT,
    POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED,
    POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED_EXIT_CODE,
    POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED_REASON,
    POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED_MESSAGE,
};

static inline const char *pod_status_container_statuses_name(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONTAINER_STATUSES_NAME);
}

static inline bool pod_status_container_statuses_name_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_NAME);
}

static inline bool pod_status_container_statuses_ready(const struct rec *r)
{
    return rec_bool(r, POD_STATUS_CONTAINER_STATUSES_READY);
}

static inline bool pod_status_container_statuses_ready_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_READY);
}

static inline bool pod_status_container_statuses_started(const struct rec *r)
{
    return rec_bool(r, POD_STATUS_CONTAINER_STATUSES_STARTED);
}

static inline bool pod_status_container_statuses_started_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STARTED);
}

static inline const char *pod_status_container_statuses_image(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONTAINER_STATUSES_IMAGE);
}

static inline bool pod_status_container_statuses_image_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_IMAGE);
}

static inline const char *pod_status_container_statuses_image_id(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONTAINER_STATUSES_IMAGE_ID);
}

static inline bool pod_status_container_statuses_image_id_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_IMAGE_ID);
}

static inline int64_t pod_status_container_statuses_restart_count(const struct rec *r)
{
    return rec_int(r, POD_STATUS_CONTAINER_STATUSES_RESTART_COUNT);
}

static inline bool pod_status_container_statuses_restart_count_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_RESTART_COUNT);
}

static inline bool pod_status_container_statuses_state_waiting_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_WAITING);
}

static inline const char *pod_status_container_statuses_state_waiting_reason(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONTAINER_STATUSES_STATE_WAITING_REASON);
}

static inline bool pod_status_container_statuses_state_waiting_reason_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_WAITING_REASON);
}

static inline const char *pod_status_container_statuses_state_waiting_message(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONTAINER_STATUSES_STATE_WAITING_MESSAGE);
}

static inline bool pod_status_container_statuses_state_waiting_message_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_WAITING_MESSAGE);
}

static inline bool pod_status_container_statuses_state_running_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_RUNNING);
}

static inline int64_t pod_status_container_statuses_state_running_started_at(const struct rec *r)
{
    return rec_int(r, POD_STATUS_CONTAINER_STATUSES_STATE_RUNNING_STARTED_AT);
}

static inline bool pod_status_container_statuses_state_running_started_at_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_RUNNING_STARTED_AT);
}

static inline bool pod_status_container_statuses_state_terminated_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED);
}

static inline int64_t pod_status_container_statuses_state_terminated_exit_code(const struct rec *r)
{
    return rec_int(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_EXIT_CODE);
}

static inline bool pod_status_container_statuses_state_terminated_exit_code_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_EXIT_CODE);
}

static inline int64_t pod_status_container_statuses_state_terminated_signal(const struct rec *r)
{
    return rec_int(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_SIGNAL);
}

static inline bool pod_status_container_statuses_state_terminated_signal_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_SIGNAL);
}

static inline const char *pod_status_container_statuses_state_terminated_reason(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_REASON);
}

static inline bool pod_status_container_statuses_state_terminated_reason_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_REASON);
}

static inline const char *
    pod_status_container_statuses_state_terminated_message(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_MESSAGE);
}

static inline bool pod_status_container_statuses_state_terminated_message_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_MESSAGE);
}

static inline int64_t pod_status_container_statuses_state_terminated_started_at(const struct rec *r)
{
    return rec_int(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_STARTED_AT);
}

static inline bool
    pod_status_container_statuses_state_terminated_started_at_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_STARTED_AT);
}

static inline int64_t
    pod_status_container_statuses_state_terminated_finished_at(const struct rec *r)
{
    return rec_int(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_FINISHED_AT);
}

static inline bool
    pod_status_container_statuses_state_terminated_finished_at_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_STATE_TERMINATED_FINISHED_AT);
}

static inline bool pod_status_container_statuses_last_state_terminated_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED);
}

static inline int64_t
    pod_status_container_statuses_last_state_terminated_exit_code(const struct rec *r)
{
    return rec_int(r, POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED_EXIT_CODE);
}

static inline bool
    pod_status_container_statuses_last_state_terminated_exit_code_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED_EXIT_CODE);
}

static inline const char *
    pod_status_container_statuses_last_state_terminated_reason(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED_REASON);
}

static inline bool
    pod_status_container_statuses_last_state_terminated_reason_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED_REASON);
}

static inline const char *
    pod_status_container_statuses_last_state_terminated_message(const struct rec *r)
{
    return rec_str(r, POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED_MESSAGE);
}

static inline bool
    pod_status_container_statuses_last_state_terminated_message_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_CONTAINER_STATUSES_LAST_STATE_TERMINATED_MESSAGE);
}

/* an element of status.initContainerStatuses */

enum {
    POD_STATUS_INIT_CONTAINER_STATUSES_NAME,
    POD_STATUS_INIT_CONTAINER_STATUSES_READY,
    POD_STATUS_INIT_CONTAINER_STATUSES_STARTED,
    POD_STATUS_INIT_CONTAINER_STATUSES_IMAGE,
    POD_STATUS_INIT_CONTAINER_STATUSES_IMAGE_ID,
    POD_STATUS_INIT_CONTAINER_STATUSES_RESTART_COUNT,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_WAITING,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_WAITING_REASON,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_WAITING_MESSAGE,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_RUNNING,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_RUNNING_STARTED_AT,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_EXIT_CODE,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_SIGNAL,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_REASON,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_MESSAGE,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_STARTED_AT,
    POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_FINISHED_AT,
    POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED,
    POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED_EXIT_CODE,
    POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED_REASON,
    POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED_MESSAGE,
};

static inline const char *pod_status_init_container_statuses_name(const struct rec *r)
{
    return rec_str(r, POD_STATUS_INIT_CONTAINER_STATUSES_NAME);
}

static inline bool pod_status_init_container_statuses_name_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_NAME);
}

static inline bool pod_status_init_container_statuses_ready(const struct rec *r)
{
    return rec_bool(r, POD_STATUS_INIT_CONTAINER_STATUSES_READY);
}

static inline bool pod_status_init_container_statuses_ready_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_READY);
}

static inline bool pod_status_init_container_statuses_started(const struct rec *r)
{
    return rec_bool(r, POD_STATUS_INIT_CONTAINER_STATUSES_STARTED);
}

static inline bool pod_status_init_container_statuses_started_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STARTED);
}

static inline const char *pod_status_init_container_statuses_image(const struct rec *r)
{
    return rec_str(r, POD_STATUS_INIT_CONTAINER_STATUSES_IMAGE);
}

static inline bool pod_status_init_container_statuses_image_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_IMAGE);
}

static inline const char *pod_status_init_container_statuses_image_id(const struct rec *r)
{
    return rec_str(r, POD_STATUS_INIT_CONTAINER_STATUSES_IMAGE_ID);
}

static inline bool pod_status_init_container_statuses_image_id_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_IMAGE_ID);
}

static inline int64_t pod_status_init_container_statuses_restart_count(const struct rec *r)
{
    return rec_int(r, POD_STATUS_INIT_CONTAINER_STATUSES_RESTART_COUNT);
}

static inline bool pod_status_init_container_statuses_restart_count_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_RESTART_COUNT);
}

static inline bool pod_status_init_container_statuses_state_waiting_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_WAITING);
}

static inline const char *
    pod_status_init_container_statuses_state_waiting_reason(const struct rec *r)
{
    return rec_str(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_WAITING_REASON);
}

static inline bool pod_status_init_container_statuses_state_waiting_reason_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_WAITING_REASON);
}

static inline const char *
    pod_status_init_container_statuses_state_waiting_message(const struct rec *r)
{
    return rec_str(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_WAITING_MESSAGE);
}

static inline bool pod_status_init_container_statuses_state_waiting_message_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_WAITING_MESSAGE);
}

static inline bool pod_status_init_container_statuses_state_running_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_RUNNING);
}

static inline int64_t
    pod_status_init_container_statuses_state_running_started_at(const struct rec *r)
{
    return rec_int(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_RUNNING_STARTED_AT);
}

static inline bool
    pod_status_init_container_statuses_state_running_started_at_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_RUNNING_STARTED_AT);
}

static inline bool pod_status_init_container_statuses_state_terminated_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED);
}

static inline int64_t
    pod_status_init_container_statuses_state_terminated_exit_code(const struct rec *r)
{
    return rec_int(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_EXIT_CODE);
}

static inline bool
    pod_status_init_container_statuses_state_terminated_exit_code_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_EXIT_CODE);
}

static inline int64_t
    pod_status_init_container_statuses_state_terminated_signal(const struct rec *r)
{
    return rec_int(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_SIGNAL);
}

static inline bool
    pod_status_init_container_statuses_state_terminated_signal_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_SIGNAL);
}

static inline const char *
    pod_status_init_container_statuses_state_terminated_reason(const struct rec *r)
{
    return rec_str(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_REASON);
}

static inline bool
    pod_status_init_container_statuses_state_terminated_reason_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_REASON);
}

static inline const char *
    pod_status_init_container_statuses_state_terminated_message(const struct rec *r)
{
    return rec_str(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_MESSAGE);
}

static inline bool
    pod_status_init_container_statuses_state_terminated_message_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_MESSAGE);
}

static inline int64_t
    pod_status_init_container_statuses_state_terminated_started_at(const struct rec *r)
{
    return rec_int(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_STARTED_AT);
}

static inline bool
    pod_status_init_container_statuses_state_terminated_started_at_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_STARTED_AT);
}

static inline int64_t
    pod_status_init_container_statuses_state_terminated_finished_at(const struct rec *r)
{
    return rec_int(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_FINISHED_AT);
}

static inline bool
    pod_status_init_container_statuses_state_terminated_finished_at_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_STATE_TERMINATED_FINISHED_AT);
}

static inline bool pod_status_init_container_statuses_last_state_terminated_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED);
}

static inline int64_t
    pod_status_init_container_statuses_last_state_terminated_exit_code(const struct rec *r)
{
    return rec_int(r, POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED_EXIT_CODE);
}

static inline bool
    pod_status_init_container_statuses_last_state_terminated_exit_code_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED_EXIT_CODE);
}

static inline const char *
    pod_status_init_container_statuses_last_state_terminated_reason(const struct rec *r)
{
    return rec_str(r, POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED_REASON);
}

static inline bool
    pod_status_init_container_statuses_last_state_terminated_reason_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED_REASON);
}

static inline const char *
    pod_status_init_container_statuses_last_state_terminated_message(const struct rec *r)
{
    return rec_str(r, POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED_MESSAGE);
}

static inline bool
    pod_status_init_container_statuses_last_state_terminated_message_set(const struct rec *r)
{
    return rec_has(r, POD_STATUS_INIT_CONTAINER_STATUSES_LAST_STATE_TERMINATED_MESSAGE);
}

#endif
