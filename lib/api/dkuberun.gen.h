/* dkuberun.gen.h — what the cache keeps of a DkubeRun.
 * Made by hack/gen-api from crds/dkuberun.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_DKUBERUN_GEN_H
#define DKUBE_API_DKUBERUN_GEN_H

#include "api/rec.h"

extern const struct kind kind_dkuberun;

enum {
    DKUBERUN_METADATA_ANNOTATIONS = REC_META_COUNT,
    DKUBERUN_METADATA_MANAGED_FIELDS,
    DKUBERUN_SPEC,
    DKUBERUN_STATUS,
    DKUBERUN_SPEC_KIND,
    DKUBERUN_SPEC_CODE,
    DKUBERUN_SPEC_CODE_REPO,
    DKUBERUN_SPEC_CODE_COMMIT,
    DKUBERUN_SPEC_CODE_WORKDIR,
    DKUBERUN_SPEC_IMAGE,
    DKUBERUN_SPEC_COMMAND,
    DKUBERUN_SPEC_INPUTS,
    DKUBERUN_SPEC_OUTPUTS,
    DKUBERUN_SPEC_PARAMETERS,
    DKUBERUN_SPEC_GPUS,
    DKUBERUN_SPEC_DISTRIBUTION,
    DKUBERUN_SPEC_DISTRIBUTION_AUTO,
    DKUBERUN_SPEC_DISTRIBUTION_MANUAL,
    DKUBERUN_SPEC_DISTRIBUTION_MANUAL_WORKERS,
    DKUBERUN_SPEC_DISTRIBUTION_MANUAL_GPUS_PER_WORKER,
    DKUBERUN_SPEC_FREE_ONLY,
    DKUBERUN_SPEC_GPU_TYPE,
    DKUBERUN_SPEC_RESOURCES,
    DKUBERUN_SPEC_RESOURCES_CPU,
    DKUBERUN_SPEC_RESOURCES_MEMORY,
    DKUBERUN_SPEC_RESOURCES_SHM,
    DKUBERUN_SPEC_PRIORITY,
    DKUBERUN_SPEC_OWNER,
    DKUBERUN_SPEC_MAX_RUNTIME,
    DKUBERUN_SPEC_RESTARTS,
    DKUBERUN_SPEC_TERMINATION_GRACE_PERIOD_SECONDS,
    DKUBERUN_SPEC_TAGS,
    DKUBERUN_SPEC_DESCRIPTION,
    DKUBERUN_SPEC_STOP,
    DKUBERUN_SPEC_ARCHIVED,
    DKUBERUN_STATUS_OBSERVED_GENERATION,
    DKUBERUN_STATUS_CONDITIONS,
    DKUBERUN_STATUS_PHASE,
    DKUBERUN_STATUS_STATE,
    DKUBERUN_STATUS_REASON,
    DKUBERUN_STATUS_MESSAGE,
    DKUBERUN_STATUS_ATTEMPT,
    DKUBERUN_STATUS_RESTARTS,
    DKUBERUN_STATUS_NODE_LOSSES,
    DKUBERUN_STATUS_RETRY_TIME,
    DKUBERUN_STATUS_TOTAL_GPUS,
    DKUBERUN_STATUS_GPUS,
    DKUBERUN_STATUS_POSITION,
    DKUBERUN_STATUS_QUEUE,
    DKUBERUN_STATUS_QUEUE_AS_OF,
    DKUBERUN_STATUS_QUEUE_ESTIMATED_START,
    DKUBERUN_STATUS_QUEUE_CONFIDENCE,
    DKUBERUN_STATUS_QUEUE_BLOCKED_BY,
    DKUBERUN_STATUS_QUEUE_BLOCKERS,
    DKUBERUN_STATUS_ADMISSION,
    DKUBERUN_STATUS_ADMISSION_ATTEMPT,
    DKUBERUN_STATUS_ADMISSION_POOL,
    DKUBERUN_STATUS_ADMISSION_TYPE,
    DKUBERUN_STATUS_ADMISSION_RECALLED,
    DKUBERUN_STATUS_ADMISSION_NODES,
    DKUBERUN_STATUS_COMMIT,
    DKUBERUN_STATUS_IMAGE_DIGEST,
    DKUBERUN_STATUS_INPUTS,
    DKUBERUN_STATUS_OUTPUTS,
    DKUBERUN_STATUS_POD_NAME,
    DKUBERUN_STATUS_EXIT_CODE,
    DKUBERUN_STATUS_START_TIME,
    DKUBERUN_STATUS_COMPLETION_TIME,
    DKUBERUN_STATUS_METRICS,
};

static inline uint32_t dkuberun_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_METADATA_ANNOTATIONS);
}

static inline const char *dkuberun_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, DKUBERUN_METADATA_ANNOTATIONS, i);
}

static inline const char *dkuberun_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, DKUBERUN_METADATA_ANNOTATIONS, i);
}

static inline const char *dkuberun_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, DKUBERUN_METADATA_ANNOTATIONS, key);
}

static inline const struct json *dkuberun_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, DKUBERUN_SPEC, a);
}

static inline bool dkuberun_spec_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC);
}

static inline const struct json *dkuberun_status(const struct rec *r, struct arena *a)
{
    return rec_json(r, DKUBERUN_STATUS, a);
}

static inline bool dkuberun_status_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS);
}

static inline const char *dkuberun_spec_kind(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_KIND);
}

static inline bool dkuberun_spec_kind_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_KIND);
}

static inline bool dkuberun_spec_code_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_CODE);
}

static inline const char *dkuberun_spec_code_repo(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_CODE_REPO);
}

static inline bool dkuberun_spec_code_repo_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_CODE_REPO);
}

static inline const char *dkuberun_spec_code_commit(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_CODE_COMMIT);
}

static inline bool dkuberun_spec_code_commit_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_CODE_COMMIT);
}

static inline const char *dkuberun_spec_code_workdir(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_CODE_WORKDIR);
}

static inline bool dkuberun_spec_code_workdir_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_CODE_WORKDIR);
}

static inline const char *dkuberun_spec_image(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_IMAGE);
}

static inline bool dkuberun_spec_image_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_IMAGE);
}

static inline uint32_t dkuberun_spec_command_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_SPEC_COMMAND);
}

static inline const char *dkuberun_spec_command_at(const struct rec *r, uint32_t i)
{
    return rec_text(r, DKUBERUN_SPEC_COMMAND, i);
}

static inline uint32_t dkuberun_spec_inputs_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_SPEC_INPUTS);
}

static inline const struct rec *dkuberun_spec_inputs_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DKUBERUN_SPEC_INPUTS, i);
}

static inline uint32_t dkuberun_spec_outputs_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_SPEC_OUTPUTS);
}

static inline const struct rec *dkuberun_spec_outputs_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DKUBERUN_SPEC_OUTPUTS, i);
}

static inline uint32_t dkuberun_spec_parameters_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_SPEC_PARAMETERS);
}

static inline const struct rec *dkuberun_spec_parameters_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DKUBERUN_SPEC_PARAMETERS, i);
}

static inline int64_t dkuberun_spec_gpus(const struct rec *r)
{
    return rec_int(r, DKUBERUN_SPEC_GPUS);
}

static inline bool dkuberun_spec_gpus_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_GPUS);
}

static inline bool dkuberun_spec_distribution_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_DISTRIBUTION);
}

static inline bool dkuberun_spec_distribution_auto_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_DISTRIBUTION_AUTO);
}

static inline bool dkuberun_spec_distribution_manual_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_DISTRIBUTION_MANUAL);
}

static inline int64_t dkuberun_spec_distribution_manual_workers(const struct rec *r)
{
    return rec_int(r, DKUBERUN_SPEC_DISTRIBUTION_MANUAL_WORKERS);
}

static inline bool dkuberun_spec_distribution_manual_workers_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_DISTRIBUTION_MANUAL_WORKERS);
}

static inline int64_t dkuberun_spec_distribution_manual_gpus_per_worker(const struct rec *r)
{
    return rec_int(r, DKUBERUN_SPEC_DISTRIBUTION_MANUAL_GPUS_PER_WORKER);
}

static inline bool dkuberun_spec_distribution_manual_gpus_per_worker_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_DISTRIBUTION_MANUAL_GPUS_PER_WORKER);
}

static inline bool dkuberun_spec_free_only(const struct rec *r)
{
    return rec_bool(r, DKUBERUN_SPEC_FREE_ONLY);
}

static inline bool dkuberun_spec_free_only_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_FREE_ONLY);
}

static inline const char *dkuberun_spec_gpu_type(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_GPU_TYPE);
}

static inline bool dkuberun_spec_gpu_type_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_GPU_TYPE);
}

static inline bool dkuberun_spec_resources_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_RESOURCES);
}

static inline const char *dkuberun_spec_resources_cpu(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_RESOURCES_CPU);
}

static inline bool dkuberun_spec_resources_cpu_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_RESOURCES_CPU);
}

static inline const char *dkuberun_spec_resources_memory(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_RESOURCES_MEMORY);
}

static inline bool dkuberun_spec_resources_memory_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_RESOURCES_MEMORY);
}

static inline const char *dkuberun_spec_resources_shm(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_RESOURCES_SHM);
}

static inline bool dkuberun_spec_resources_shm_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_RESOURCES_SHM);
}

static inline int64_t dkuberun_spec_priority(const struct rec *r)
{
    return rec_int(r, DKUBERUN_SPEC_PRIORITY);
}

static inline bool dkuberun_spec_priority_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_PRIORITY);
}

static inline const char *dkuberun_spec_owner(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_OWNER);
}

static inline bool dkuberun_spec_owner_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_OWNER);
}

static inline const char *dkuberun_spec_max_runtime(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_MAX_RUNTIME);
}

static inline bool dkuberun_spec_max_runtime_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_MAX_RUNTIME);
}

static inline int64_t dkuberun_spec_restarts(const struct rec *r)
{
    return rec_int(r, DKUBERUN_SPEC_RESTARTS);
}

static inline bool dkuberun_spec_restarts_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_RESTARTS);
}

static inline int64_t dkuberun_spec_termination_grace_period_seconds(const struct rec *r)
{
    return rec_int(r, DKUBERUN_SPEC_TERMINATION_GRACE_PERIOD_SECONDS);
}

static inline bool dkuberun_spec_termination_grace_period_seconds_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_TERMINATION_GRACE_PERIOD_SECONDS);
}

static inline uint32_t dkuberun_spec_tags_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_SPEC_TAGS);
}

static inline const char *dkuberun_spec_tags_at(const struct rec *r, uint32_t i)
{
    return rec_text(r, DKUBERUN_SPEC_TAGS, i);
}

static inline const char *dkuberun_spec_description(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_DESCRIPTION);
}

static inline bool dkuberun_spec_description_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_DESCRIPTION);
}

static inline bool dkuberun_spec_stop(const struct rec *r)
{
    return rec_bool(r, DKUBERUN_SPEC_STOP);
}

static inline bool dkuberun_spec_stop_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_STOP);
}

static inline bool dkuberun_spec_archived(const struct rec *r)
{
    return rec_bool(r, DKUBERUN_SPEC_ARCHIVED);
}

static inline bool dkuberun_spec_archived_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_ARCHIVED);
}

static inline int64_t dkuberun_status_observed_generation(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_OBSERVED_GENERATION);
}

static inline bool dkuberun_status_observed_generation_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_OBSERVED_GENERATION);
}

static inline uint32_t dkuberun_status_conditions_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_STATUS_CONDITIONS);
}

static inline const struct rec *dkuberun_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DKUBERUN_STATUS_CONDITIONS, i);
}

static inline const char *dkuberun_status_phase(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_PHASE);
}

static inline bool dkuberun_status_phase_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_PHASE);
}

static inline const char *dkuberun_status_state(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_STATE);
}

static inline bool dkuberun_status_state_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_STATE);
}

static inline const char *dkuberun_status_reason(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_REASON);
}

static inline bool dkuberun_status_reason_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_REASON);
}

static inline const char *dkuberun_status_message(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_MESSAGE);
}

static inline bool dkuberun_status_message_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_MESSAGE);
}

static inline int64_t dkuberun_status_attempt(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_ATTEMPT);
}

static inline bool dkuberun_status_attempt_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_ATTEMPT);
}

static inline int64_t dkuberun_status_restarts(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_RESTARTS);
}

static inline bool dkuberun_status_restarts_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_RESTARTS);
}

static inline int64_t dkuberun_status_node_losses(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_NODE_LOSSES);
}

static inline bool dkuberun_status_node_losses_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_NODE_LOSSES);
}

static inline int64_t dkuberun_status_retry_time(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_RETRY_TIME);
}

static inline bool dkuberun_status_retry_time_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_RETRY_TIME);
}

static inline int64_t dkuberun_status_total_gpus(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_TOTAL_GPUS);
}

static inline bool dkuberun_status_total_gpus_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_TOTAL_GPUS);
}

static inline int64_t dkuberun_status_gpus(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_GPUS);
}

static inline bool dkuberun_status_gpus_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_GPUS);
}

static inline int64_t dkuberun_status_position(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_POSITION);
}

static inline bool dkuberun_status_position_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_POSITION);
}

static inline bool dkuberun_status_queue_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_QUEUE);
}

static inline int64_t dkuberun_status_queue_as_of(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_QUEUE_AS_OF);
}

static inline bool dkuberun_status_queue_as_of_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_QUEUE_AS_OF);
}

static inline int64_t dkuberun_status_queue_estimated_start(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_QUEUE_ESTIMATED_START);
}

static inline bool dkuberun_status_queue_estimated_start_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_QUEUE_ESTIMATED_START);
}

static inline const char *dkuberun_status_queue_confidence(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_QUEUE_CONFIDENCE);
}

static inline bool dkuberun_status_queue_confidence_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_QUEUE_CONFIDENCE);
}

static inline uint32_t dkuberun_status_queue_blocked_by_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_STATUS_QUEUE_BLOCKED_BY);
}

static inline const char *dkuberun_status_queue_blocked_by_at(const struct rec *r, uint32_t i)
{
    return rec_text(r, DKUBERUN_STATUS_QUEUE_BLOCKED_BY, i);
}

static inline int64_t dkuberun_status_queue_blockers(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_QUEUE_BLOCKERS);
}

static inline bool dkuberun_status_queue_blockers_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_QUEUE_BLOCKERS);
}

static inline bool dkuberun_status_admission_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_ADMISSION);
}

static inline int64_t dkuberun_status_admission_attempt(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_ADMISSION_ATTEMPT);
}

static inline bool dkuberun_status_admission_attempt_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_ADMISSION_ATTEMPT);
}

static inline const char *dkuberun_status_admission_pool(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_ADMISSION_POOL);
}

static inline bool dkuberun_status_admission_pool_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_ADMISSION_POOL);
}

static inline const char *dkuberun_status_admission_type(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_ADMISSION_TYPE);
}

static inline bool dkuberun_status_admission_type_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_ADMISSION_TYPE);
}

static inline bool dkuberun_status_admission_recalled(const struct rec *r)
{
    return rec_bool(r, DKUBERUN_STATUS_ADMISSION_RECALLED);
}

static inline bool dkuberun_status_admission_recalled_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_ADMISSION_RECALLED);
}

static inline uint32_t dkuberun_status_admission_nodes_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_STATUS_ADMISSION_NODES);
}

static inline const struct rec *dkuberun_status_admission_nodes_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DKUBERUN_STATUS_ADMISSION_NODES, i);
}

static inline const char *dkuberun_status_commit(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_COMMIT);
}

static inline bool dkuberun_status_commit_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_COMMIT);
}

static inline const char *dkuberun_status_image_digest(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_IMAGE_DIGEST);
}

static inline bool dkuberun_status_image_digest_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_IMAGE_DIGEST);
}

static inline uint32_t dkuberun_status_inputs_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_STATUS_INPUTS);
}

static inline const struct rec *dkuberun_status_inputs_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DKUBERUN_STATUS_INPUTS, i);
}

static inline uint32_t dkuberun_status_outputs_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_STATUS_OUTPUTS);
}

static inline const struct rec *dkuberun_status_outputs_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DKUBERUN_STATUS_OUTPUTS, i);
}

static inline const char *dkuberun_status_pod_name(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_POD_NAME);
}

static inline bool dkuberun_status_pod_name_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_POD_NAME);
}

static inline int64_t dkuberun_status_exit_code(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_EXIT_CODE);
}

static inline bool dkuberun_status_exit_code_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_EXIT_CODE);
}

static inline int64_t dkuberun_status_start_time(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_START_TIME);
}

static inline bool dkuberun_status_start_time_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_START_TIME);
}

static inline int64_t dkuberun_status_completion_time(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_COMPLETION_TIME);
}

static inline bool dkuberun_status_completion_time_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_COMPLETION_TIME);
}

static inline uint32_t dkuberun_status_metrics_count(const struct rec *r)
{
    return rec_count(r, DKUBERUN_STATUS_METRICS);
}

static inline const struct rec *dkuberun_status_metrics_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DKUBERUN_STATUS_METRICS, i);
}

/* an element of spec.inputs */

enum {
    DKUBERUN_SPEC_INPUTS_NAME,
    DKUBERUN_SPEC_INPUTS_KIND,
    DKUBERUN_SPEC_INPUTS_VERSION,
    DKUBERUN_SPEC_INPUTS_MOUNT_PATH,
};

static inline const char *dkuberun_spec_inputs_name(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_INPUTS_NAME);
}

static inline bool dkuberun_spec_inputs_name_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_INPUTS_NAME);
}

static inline const char *dkuberun_spec_inputs_kind(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_INPUTS_KIND);
}

static inline bool dkuberun_spec_inputs_kind_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_INPUTS_KIND);
}

static inline int64_t dkuberun_spec_inputs_version(const struct rec *r)
{
    return rec_int(r, DKUBERUN_SPEC_INPUTS_VERSION);
}

static inline bool dkuberun_spec_inputs_version_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_INPUTS_VERSION);
}

static inline const char *dkuberun_spec_inputs_mount_path(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_INPUTS_MOUNT_PATH);
}

static inline bool dkuberun_spec_inputs_mount_path_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_INPUTS_MOUNT_PATH);
}

/* an element of spec.outputs */

enum {
    DKUBERUN_SPEC_OUTPUTS_NAME,
    DKUBERUN_SPEC_OUTPUTS_KIND,
    DKUBERUN_SPEC_OUTPUTS_MOUNT_PATH,
};

static inline const char *dkuberun_spec_outputs_name(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_OUTPUTS_NAME);
}

static inline bool dkuberun_spec_outputs_name_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_OUTPUTS_NAME);
}

static inline const char *dkuberun_spec_outputs_kind(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_OUTPUTS_KIND);
}

static inline bool dkuberun_spec_outputs_kind_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_OUTPUTS_KIND);
}

static inline const char *dkuberun_spec_outputs_mount_path(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_OUTPUTS_MOUNT_PATH);
}

static inline bool dkuberun_spec_outputs_mount_path_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_OUTPUTS_MOUNT_PATH);
}

/* an element of spec.parameters */

enum {
    DKUBERUN_SPEC_PARAMETERS_NAME,
    DKUBERUN_SPEC_PARAMETERS_VALUE,
};

static inline const char *dkuberun_spec_parameters_name(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_PARAMETERS_NAME);
}

static inline bool dkuberun_spec_parameters_name_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_PARAMETERS_NAME);
}

static inline const char *dkuberun_spec_parameters_value(const struct rec *r)
{
    return rec_str(r, DKUBERUN_SPEC_PARAMETERS_VALUE);
}

static inline bool dkuberun_spec_parameters_value_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_SPEC_PARAMETERS_VALUE);
}

/* an element of status.conditions */

enum {
    DKUBERUN_STATUS_CONDITIONS_TYPE,
    DKUBERUN_STATUS_CONDITIONS_STATUS,
    DKUBERUN_STATUS_CONDITIONS_REASON,
    DKUBERUN_STATUS_CONDITIONS_MESSAGE,
    DKUBERUN_STATUS_CONDITIONS_OBSERVED_GENERATION,
    DKUBERUN_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *dkuberun_status_conditions_type(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_CONDITIONS_TYPE);
}

static inline bool dkuberun_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_CONDITIONS_TYPE);
}

static inline const char *dkuberun_status_conditions_status(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_CONDITIONS_STATUS);
}

static inline bool dkuberun_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_CONDITIONS_STATUS);
}

static inline const char *dkuberun_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_CONDITIONS_REASON);
}

static inline bool dkuberun_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_CONDITIONS_REASON);
}

static inline const char *dkuberun_status_conditions_message(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_CONDITIONS_MESSAGE);
}

static inline bool dkuberun_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t dkuberun_status_conditions_observed_generation(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline bool dkuberun_status_conditions_observed_generation_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline int64_t dkuberun_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool dkuberun_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

/* an element of status.admission.nodes */

enum {
    DKUBERUN_STATUS_ADMISSION_NODES_NAME,
    DKUBERUN_STATUS_ADMISSION_NODES_GPUS,
};

static inline const char *dkuberun_status_admission_nodes_name(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_ADMISSION_NODES_NAME);
}

static inline bool dkuberun_status_admission_nodes_name_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_ADMISSION_NODES_NAME);
}

static inline int64_t dkuberun_status_admission_nodes_gpus(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_ADMISSION_NODES_GPUS);
}

static inline bool dkuberun_status_admission_nodes_gpus_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_ADMISSION_NODES_GPUS);
}

/* an element of status.inputs */

enum {
    DKUBERUN_STATUS_INPUTS_KIND,
    DKUBERUN_STATUS_INPUTS_NAME,
    DKUBERUN_STATUS_INPUTS_VERSION,
    DKUBERUN_STATUS_INPUTS_DIGEST,
};

static inline const char *dkuberun_status_inputs_kind(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_INPUTS_KIND);
}

static inline bool dkuberun_status_inputs_kind_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_INPUTS_KIND);
}

static inline const char *dkuberun_status_inputs_name(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_INPUTS_NAME);
}

static inline bool dkuberun_status_inputs_name_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_INPUTS_NAME);
}

static inline int64_t dkuberun_status_inputs_version(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_INPUTS_VERSION);
}

static inline bool dkuberun_status_inputs_version_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_INPUTS_VERSION);
}

static inline const char *dkuberun_status_inputs_digest(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_INPUTS_DIGEST);
}

static inline bool dkuberun_status_inputs_digest_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_INPUTS_DIGEST);
}

/* an element of status.outputs */

enum {
    DKUBERUN_STATUS_OUTPUTS_KIND,
    DKUBERUN_STATUS_OUTPUTS_NAME,
    DKUBERUN_STATUS_OUTPUTS_DIGEST,
    DKUBERUN_STATUS_OUTPUTS_SIZE,
    DKUBERUN_STATUS_OUTPUTS_FILES,
    DKUBERUN_STATUS_OUTPUTS_VERSION,
};

static inline const char *dkuberun_status_outputs_kind(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_OUTPUTS_KIND);
}

static inline bool dkuberun_status_outputs_kind_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_OUTPUTS_KIND);
}

static inline const char *dkuberun_status_outputs_name(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_OUTPUTS_NAME);
}

static inline bool dkuberun_status_outputs_name_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_OUTPUTS_NAME);
}

static inline const char *dkuberun_status_outputs_digest(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_OUTPUTS_DIGEST);
}

static inline bool dkuberun_status_outputs_digest_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_OUTPUTS_DIGEST);
}

static inline int64_t dkuberun_status_outputs_size(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_OUTPUTS_SIZE);
}

static inline bool dkuberun_status_outputs_size_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_OUTPUTS_SIZE);
}

static inline int64_t dkuberun_status_outputs_files(const struct rec *r)
{
    return rec_int(r, DKUBERUN_STATUS_OUTPUTS_FILES);
}

static inline bool dkuberun_status_outputs_files_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_OUTPUTS_FILES);
}

static inline const char *dkuberun_status_outputs_version(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_OUTPUTS_VERSION);
}

static inline bool dkuberun_status_outputs_version_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_OUTPUTS_VERSION);
}

/* an element of status.metrics */

enum {
    DKUBERUN_STATUS_METRICS_NAME,
    DKUBERUN_STATUS_METRICS_VALUE,
};

static inline const char *dkuberun_status_metrics_name(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_METRICS_NAME);
}

static inline bool dkuberun_status_metrics_name_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_METRICS_NAME);
}

static inline const char *dkuberun_status_metrics_value(const struct rec *r)
{
    return rec_str(r, DKUBERUN_STATUS_METRICS_VALUE);
}

static inline bool dkuberun_status_metrics_value_set(const struct rec *r)
{
    return rec_has(r, DKUBERUN_STATUS_METRICS_VALUE);
}

#endif
