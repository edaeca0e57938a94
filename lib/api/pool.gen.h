/* pool.gen.h — what the cache keeps of a Pool.
 * Made by hack/gen-api from crds/pool.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_POOL_GEN_H
#define DKUBE_API_POOL_GEN_H

#include "api/rec.h"

extern const struct kind kind_pool;

enum {
    POOL_METADATA_ANNOTATIONS = REC_META_COUNT,
    POOL_METADATA_MANAGED_FIELDS,
    POOL_SPEC,
    POOL_STATUS,
    POOL_SPEC_GPU_TYPE,
    POOL_SPEC_GPUS,
    POOL_SPEC_NODES,
    POOL_SPEC_POLICY,
    POOL_SPEC_LEND,
    POOL_SPEC_DESCRIPTION,
    POOL_STATUS_OBSERVED_GENERATION,
    POOL_STATUS_CONDITIONS,
    POOL_STATUS_CAPACITY,
    POOL_STATUS_ALLOCATED,
    POOL_STATUS_FREE,
    POOL_STATUS_UNHEALTHY,
    POOL_STATUS_FOREIGN,
    POOL_STATUS_DRAINING,
    POOL_STATUS_NODES,
    POOL_STATUS_RUNS,
    POOL_STATUS_RUN_COUNT,
    POOL_STATUS_GROUP,
};

static inline uint32_t pool_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, POOL_METADATA_ANNOTATIONS);
}

static inline const char *pool_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, POOL_METADATA_ANNOTATIONS, i);
}

static inline const char *pool_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, POOL_METADATA_ANNOTATIONS, i);
}

static inline const char *pool_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, POOL_METADATA_ANNOTATIONS, key);
}

static inline const struct json *pool_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, POOL_SPEC, a);
}

static inline bool pool_spec_set(const struct rec *r)
{
    return rec_has(r, POOL_SPEC);
}

static inline const struct json *pool_status(const struct rec *r, struct arena *a)
{
    return rec_json(r, POOL_STATUS, a);
}

static inline bool pool_status_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS);
}

static inline const char *pool_spec_gpu_type(const struct rec *r)
{
    return rec_str(r, POOL_SPEC_GPU_TYPE);
}

static inline bool pool_spec_gpu_type_set(const struct rec *r)
{
    return rec_has(r, POOL_SPEC_GPU_TYPE);
}

static inline int64_t pool_spec_gpus(const struct rec *r)
{
    return rec_int(r, POOL_SPEC_GPUS);
}

static inline bool pool_spec_gpus_set(const struct rec *r)
{
    return rec_has(r, POOL_SPEC_GPUS);
}

static inline uint32_t pool_spec_nodes_count(const struct rec *r)
{
    return rec_count(r, POOL_SPEC_NODES);
}

static inline const struct rec *pool_spec_nodes_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, POOL_SPEC_NODES, i);
}

static inline const char *pool_spec_policy(const struct rec *r)
{
    return rec_str(r, POOL_SPEC_POLICY);
}

static inline bool pool_spec_policy_set(const struct rec *r)
{
    return rec_has(r, POOL_SPEC_POLICY);
}

static inline bool pool_spec_lend(const struct rec *r)
{
    return rec_bool(r, POOL_SPEC_LEND);
}

static inline bool pool_spec_lend_set(const struct rec *r)
{
    return rec_has(r, POOL_SPEC_LEND);
}

static inline const char *pool_spec_description(const struct rec *r)
{
    return rec_str(r, POOL_SPEC_DESCRIPTION);
}

static inline bool pool_spec_description_set(const struct rec *r)
{
    return rec_has(r, POOL_SPEC_DESCRIPTION);
}

static inline int64_t pool_status_observed_generation(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_OBSERVED_GENERATION);
}

static inline bool pool_status_observed_generation_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_OBSERVED_GENERATION);
}

static inline uint32_t pool_status_conditions_count(const struct rec *r)
{
    return rec_count(r, POOL_STATUS_CONDITIONS);
}

static inline const struct rec *pool_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, POOL_STATUS_CONDITIONS, i);
}

static inline int64_t pool_status_capacity(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_CAPACITY);
}

static inline bool pool_status_capacity_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_CAPACITY);
}

static inline int64_t pool_status_allocated(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_ALLOCATED);
}

static inline bool pool_status_allocated_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_ALLOCATED);
}

static inline int64_t pool_status_free(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_FREE);
}

static inline bool pool_status_free_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_FREE);
}

static inline int64_t pool_status_unhealthy(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_UNHEALTHY);
}

static inline bool pool_status_unhealthy_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_UNHEALTHY);
}

static inline int64_t pool_status_foreign(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_FOREIGN);
}

static inline bool pool_status_foreign_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_FOREIGN);
}

static inline int64_t pool_status_draining(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_DRAINING);
}

static inline bool pool_status_draining_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_DRAINING);
}

static inline uint32_t pool_status_nodes_count(const struct rec *r)
{
    return rec_count(r, POOL_STATUS_NODES);
}

static inline const struct rec *pool_status_nodes_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, POOL_STATUS_NODES, i);
}

static inline uint32_t pool_status_runs_count(const struct rec *r)
{
    return rec_count(r, POOL_STATUS_RUNS);
}

static inline const char *pool_status_runs_at(const struct rec *r, uint32_t i)
{
    return rec_text(r, POOL_STATUS_RUNS, i);
}

static inline int64_t pool_status_run_count(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_RUN_COUNT);
}

static inline bool pool_status_run_count_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_RUN_COUNT);
}

static inline const char *pool_status_group(const struct rec *r)
{
    return rec_str(r, POOL_STATUS_GROUP);
}

static inline bool pool_status_group_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_GROUP);
}

/* an element of spec.nodes */

enum {
    POOL_SPEC_NODES_NAME,
    POOL_SPEC_NODES_GPUS,
};

static inline const char *pool_spec_nodes_name(const struct rec *r)
{
    return rec_str(r, POOL_SPEC_NODES_NAME);
}

static inline bool pool_spec_nodes_name_set(const struct rec *r)
{
    return rec_has(r, POOL_SPEC_NODES_NAME);
}

static inline int64_t pool_spec_nodes_gpus(const struct rec *r)
{
    return rec_int(r, POOL_SPEC_NODES_GPUS);
}

static inline bool pool_spec_nodes_gpus_set(const struct rec *r)
{
    return rec_has(r, POOL_SPEC_NODES_GPUS);
}

/* an element of status.conditions */

enum {
    POOL_STATUS_CONDITIONS_TYPE,
    POOL_STATUS_CONDITIONS_STATUS,
    POOL_STATUS_CONDITIONS_REASON,
    POOL_STATUS_CONDITIONS_MESSAGE,
    POOL_STATUS_CONDITIONS_OBSERVED_GENERATION,
    POOL_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *pool_status_conditions_type(const struct rec *r)
{
    return rec_str(r, POOL_STATUS_CONDITIONS_TYPE);
}

static inline bool pool_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_CONDITIONS_TYPE);
}

static inline const char *pool_status_conditions_status(const struct rec *r)
{
    return rec_str(r, POOL_STATUS_CONDITIONS_STATUS);
}

static inline bool pool_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_CONDITIONS_STATUS);
}

static inline const char *pool_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, POOL_STATUS_CONDITIONS_REASON);
}

static inline bool pool_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_CONDITIONS_REASON);
}

static inline const char *pool_status_conditions_message(const struct rec *r)
{
    return rec_str(r, POOL_STATUS_CONDITIONS_MESSAGE);
}

static inline bool pool_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t pool_status_conditions_observed_generation(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline bool pool_status_conditions_observed_generation_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline int64_t pool_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool pool_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

/* an element of status.nodes */

enum {
    POOL_STATUS_NODES_NAME,
    POOL_STATUS_NODES_GPUS,
    POOL_STATUS_NODES_FREE,
    POOL_STATUS_NODES_TYPE,
    POOL_STATUS_NODES_REJECTED,
    POOL_STATUS_NODES_QUARANTINED_UNTIL,
};

static inline const char *pool_status_nodes_name(const struct rec *r)
{
    return rec_str(r, POOL_STATUS_NODES_NAME);
}

static inline bool pool_status_nodes_name_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_NODES_NAME);
}

static inline int64_t pool_status_nodes_gpus(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_NODES_GPUS);
}

static inline bool pool_status_nodes_gpus_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_NODES_GPUS);
}

static inline int64_t pool_status_nodes_free(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_NODES_FREE);
}

static inline bool pool_status_nodes_free_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_NODES_FREE);
}

static inline const char *pool_status_nodes_type(const struct rec *r)
{
    return rec_str(r, POOL_STATUS_NODES_TYPE);
}

static inline bool pool_status_nodes_type_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_NODES_TYPE);
}

static inline uint32_t pool_status_nodes_rejected_count(const struct rec *r)
{
    return rec_count(r, POOL_STATUS_NODES_REJECTED);
}

static inline const struct rec *pool_status_nodes_rejected_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, POOL_STATUS_NODES_REJECTED, i);
}

static inline int64_t pool_status_nodes_quarantined_until(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_NODES_QUARANTINED_UNTIL);
}

static inline bool pool_status_nodes_quarantined_until_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_NODES_QUARANTINED_UNTIL);
}

/* an element of rejected */

enum {
    POOL_STATUS_NODES_REJECTED_POD,
    POOL_STATUS_NODES_REJECTED_TIME,
};

static inline const char *pool_status_nodes_rejected_pod(const struct rec *r)
{
    return rec_str(r, POOL_STATUS_NODES_REJECTED_POD);
}

static inline bool pool_status_nodes_rejected_pod_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_NODES_REJECTED_POD);
}

static inline int64_t pool_status_nodes_rejected_time(const struct rec *r)
{
    return rec_int(r, POOL_STATUS_NODES_REJECTED_TIME);
}

static inline bool pool_status_nodes_rejected_time_set(const struct rec *r)
{
    return rec_has(r, POOL_STATUS_NODES_REJECTED_TIME);
}

#endif
