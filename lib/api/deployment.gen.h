/* deployment.gen.h — what the cache keeps of a Deployment.
 * Made by hack/gen-api from crds/deployment.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_DEPLOYMENT_GEN_H
#define DKUBE_API_DEPLOYMENT_GEN_H

#include "api/rec.h"

extern const struct kind kind_deployment;

enum {
    DEPLOYMENT_METADATA_ANNOTATIONS = REC_META_COUNT,
    DEPLOYMENT_METADATA_MANAGED_FIELDS,
    DEPLOYMENT_SPEC,
    DEPLOYMENT_STATUS,
    DEPLOYMENT_SPEC_MODEL,
    DEPLOYMENT_SPEC_VERSION,
    DEPLOYMENT_SPEC_TYPE,
    DEPLOYMENT_SPEC_SERVING_IMAGE,
    DEPLOYMENT_SPEC_COMMAND,
    DEPLOYMENT_SPEC_PORT,
    DEPLOYMENT_SPEC_READINESS_PATH,
    DEPLOYMENT_SPEC_MOUNT_PATH,
    DEPLOYMENT_SPEC_PARAMETERS,
    DEPLOYMENT_SPEC_GPUS,
    DEPLOYMENT_SPEC_RESOURCES,
    DEPLOYMENT_SPEC_RESOURCES_CPU,
    DEPLOYMENT_SPEC_RESOURCES_MEMORY,
    DEPLOYMENT_SPEC_MIN_REPLICAS,
    DEPLOYMENT_SPEC_OWNER,
    DEPLOYMENT_STATUS_OBSERVED_GENERATION,
    DEPLOYMENT_STATUS_CONDITIONS,
    DEPLOYMENT_STATUS_URL,
    DEPLOYMENT_STATUS_REPLICAS,
    DEPLOYMENT_STATUS_READY_REPLICAS,
    DEPLOYMENT_STATUS_MODEL_VERSION,
    DEPLOYMENT_STATUS_DIGEST,
    DEPLOYMENT_STATUS_SELECTOR,
    DEPLOYMENT_STATUS_ADMISSION,
    DEPLOYMENT_STATUS_ADMISSION_REPLICAS,
    DEPLOYMENT_STATUS_ADMISSION_POOL,
    DEPLOYMENT_STATUS_ADMISSION_TYPE,
    DEPLOYMENT_STATUS_ADMISSION_NODES,
};

static inline uint32_t deployment_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, DEPLOYMENT_METADATA_ANNOTATIONS);
}

static inline const char *deployment_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, DEPLOYMENT_METADATA_ANNOTATIONS, i);
}

static inline const char *deployment_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, DEPLOYMENT_METADATA_ANNOTATIONS, i);
}

static inline const char *deployment_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, DEPLOYMENT_METADATA_ANNOTATIONS, key);
}

static inline const struct json *deployment_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, DEPLOYMENT_SPEC, a);
}

static inline bool deployment_spec_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC);
}

static inline const struct json *deployment_status(const struct rec *r, struct arena *a)
{
    return rec_json(r, DEPLOYMENT_STATUS, a);
}

static inline bool deployment_status_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS);
}

static inline const char *deployment_spec_model(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_SPEC_MODEL);
}

static inline bool deployment_spec_model_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_MODEL);
}

static inline int64_t deployment_spec_version(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_SPEC_VERSION);
}

static inline bool deployment_spec_version_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_VERSION);
}

static inline const char *deployment_spec_type(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_SPEC_TYPE);
}

static inline bool deployment_spec_type_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_TYPE);
}

static inline const char *deployment_spec_serving_image(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_SPEC_SERVING_IMAGE);
}

static inline bool deployment_spec_serving_image_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_SERVING_IMAGE);
}

static inline uint32_t deployment_spec_command_count(const struct rec *r)
{
    return rec_count(r, DEPLOYMENT_SPEC_COMMAND);
}

static inline const char *deployment_spec_command_at(const struct rec *r, uint32_t i)
{
    return rec_text(r, DEPLOYMENT_SPEC_COMMAND, i);
}

static inline int64_t deployment_spec_port(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_SPEC_PORT);
}

static inline bool deployment_spec_port_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_PORT);
}

static inline const char *deployment_spec_readiness_path(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_SPEC_READINESS_PATH);
}

static inline bool deployment_spec_readiness_path_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_READINESS_PATH);
}

static inline const char *deployment_spec_mount_path(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_SPEC_MOUNT_PATH);
}

static inline bool deployment_spec_mount_path_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_MOUNT_PATH);
}

static inline uint32_t deployment_spec_parameters_count(const struct rec *r)
{
    return rec_count(r, DEPLOYMENT_SPEC_PARAMETERS);
}

static inline const struct rec *deployment_spec_parameters_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DEPLOYMENT_SPEC_PARAMETERS, i);
}

static inline int64_t deployment_spec_gpus(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_SPEC_GPUS);
}

static inline bool deployment_spec_gpus_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_GPUS);
}

static inline bool deployment_spec_resources_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_RESOURCES);
}

static inline const char *deployment_spec_resources_cpu(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_SPEC_RESOURCES_CPU);
}

static inline bool deployment_spec_resources_cpu_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_RESOURCES_CPU);
}

static inline const char *deployment_spec_resources_memory(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_SPEC_RESOURCES_MEMORY);
}

static inline bool deployment_spec_resources_memory_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_RESOURCES_MEMORY);
}

static inline int64_t deployment_spec_min_replicas(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_SPEC_MIN_REPLICAS);
}

static inline bool deployment_spec_min_replicas_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_MIN_REPLICAS);
}

static inline const char *deployment_spec_owner(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_SPEC_OWNER);
}

static inline bool deployment_spec_owner_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_OWNER);
}

static inline int64_t deployment_status_observed_generation(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_STATUS_OBSERVED_GENERATION);
}

static inline bool deployment_status_observed_generation_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_OBSERVED_GENERATION);
}

static inline uint32_t deployment_status_conditions_count(const struct rec *r)
{
    return rec_count(r, DEPLOYMENT_STATUS_CONDITIONS);
}

static inline const struct rec *deployment_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DEPLOYMENT_STATUS_CONDITIONS, i);
}

static inline const char *deployment_status_url(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_URL);
}

static inline bool deployment_status_url_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_URL);
}

static inline int64_t deployment_status_replicas(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_STATUS_REPLICAS);
}

static inline bool deployment_status_replicas_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_REPLICAS);
}

static inline int64_t deployment_status_ready_replicas(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_STATUS_READY_REPLICAS);
}

static inline bool deployment_status_ready_replicas_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_READY_REPLICAS);
}

static inline const char *deployment_status_model_version(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_MODEL_VERSION);
}

static inline bool deployment_status_model_version_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_MODEL_VERSION);
}

static inline const char *deployment_status_digest(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_DIGEST);
}

static inline bool deployment_status_digest_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_DIGEST);
}

static inline const char *deployment_status_selector(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_SELECTOR);
}

static inline bool deployment_status_selector_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_SELECTOR);
}

static inline bool deployment_status_admission_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_ADMISSION);
}

static inline int64_t deployment_status_admission_replicas(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_STATUS_ADMISSION_REPLICAS);
}

static inline bool deployment_status_admission_replicas_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_ADMISSION_REPLICAS);
}

static inline const char *deployment_status_admission_pool(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_ADMISSION_POOL);
}

static inline bool deployment_status_admission_pool_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_ADMISSION_POOL);
}

static inline const char *deployment_status_admission_type(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_ADMISSION_TYPE);
}

static inline bool deployment_status_admission_type_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_ADMISSION_TYPE);
}

static inline uint32_t deployment_status_admission_nodes_count(const struct rec *r)
{
    return rec_count(r, DEPLOYMENT_STATUS_ADMISSION_NODES);
}

static inline const struct rec *deployment_status_admission_nodes_at(const struct rec *r,
    uint32_t i)
{
    return rec_item(r, DEPLOYMENT_STATUS_ADMISSION_NODES, i);
}

/* an element of spec.parameters */

enum {
    DEPLOYMENT_SPEC_PARAMETERS_NAME,
    DEPLOYMENT_SPEC_PARAMETERS_VALUE,
};

static inline const char *deployment_spec_parameters_name(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_SPEC_PARAMETERS_NAME);
}

static inline bool deployment_spec_parameters_name_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_PARAMETERS_NAME);
}

static inline const char *deployment_spec_parameters_value(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_SPEC_PARAMETERS_VALUE);
}

static inline bool deployment_spec_parameters_value_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_SPEC_PARAMETERS_VALUE);
}

/* an element of status.conditions */

enum {
    DEPLOYMENT_STATUS_CONDITIONS_TYPE,
    DEPLOYMENT_STATUS_CONDITIONS_STATUS,
    DEPLOYMENT_STATUS_CONDITIONS_REASON,
    DEPLOYMENT_STATUS_CONDITIONS_MESSAGE,
    DEPLOYMENT_STATUS_CONDITIONS_OBSERVED_GENERATION,
    DEPLOYMENT_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *deployment_status_conditions_type(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_CONDITIONS_TYPE);
}

static inline bool deployment_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_CONDITIONS_TYPE);
}

static inline const char *deployment_status_conditions_status(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_CONDITIONS_STATUS);
}

static inline bool deployment_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_CONDITIONS_STATUS);
}

static inline const char *deployment_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_CONDITIONS_REASON);
}

static inline bool deployment_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_CONDITIONS_REASON);
}

static inline const char *deployment_status_conditions_message(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_CONDITIONS_MESSAGE);
}

static inline bool deployment_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t deployment_status_conditions_observed_generation(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline bool deployment_status_conditions_observed_generation_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline int64_t deployment_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool deployment_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

/* an element of status.admission.nodes */

enum {
    DEPLOYMENT_STATUS_ADMISSION_NODES_NAME,
    DEPLOYMENT_STATUS_ADMISSION_NODES_GPUS,
};

static inline const char *deployment_status_admission_nodes_name(const struct rec *r)
{
    return rec_str(r, DEPLOYMENT_STATUS_ADMISSION_NODES_NAME);
}

static inline bool deployment_status_admission_nodes_name_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_ADMISSION_NODES_NAME);
}

static inline int64_t deployment_status_admission_nodes_gpus(const struct rec *r)
{
    return rec_int(r, DEPLOYMENT_STATUS_ADMISSION_NODES_GPUS);
}

static inline bool deployment_status_admission_nodes_gpus_set(const struct rec *r)
{
    return rec_has(r, DEPLOYMENT_STATUS_ADMISSION_NODES_GPUS);
}

#endif
