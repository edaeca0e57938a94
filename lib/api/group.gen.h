/* group.gen.h — what the cache keeps of a Group.
 * Made by hack/gen-api from crds/group.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_GROUP_GEN_H
#define DKUBE_API_GROUP_GEN_H

#include "api/rec.h"

extern const struct kind kind_group;

enum {
    GROUP_METADATA_ANNOTATIONS = REC_META_COUNT,
    GROUP_METADATA_MANAGED_FIELDS,
    GROUP_SPEC,
    GROUP_STATUS,
    GROUP_SPEC_USERS,
    GROUP_SPEC_EXTERNAL_GROUPS,
    GROUP_SPEC_POOL_REF,
    GROUP_SPEC_NAMESPACE,
    GROUP_SPEC_DESCRIPTION,
    GROUP_STATUS_OBSERVED_GENERATION,
    GROUP_STATUS_CONDITIONS,
    GROUP_STATUS_NAMESPACE,
    GROUP_STATUS_POOL,
    GROUP_STATUS_ACTIVE_RUNS,
};

static inline uint32_t group_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, GROUP_METADATA_ANNOTATIONS);
}

static inline const char *group_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, GROUP_METADATA_ANNOTATIONS, i);
}

static inline const char *group_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, GROUP_METADATA_ANNOTATIONS, i);
}

static inline const char *group_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, GROUP_METADATA_ANNOTATIONS, key);
}

static inline const struct json *group_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, GROUP_SPEC, a);
}

static inline bool group_spec_set(const struct rec *r)
{
    return rec_has(r, GROUP_SPEC);
}

static inline const struct json *group_status(const struct rec *r, struct arena *a)
{
    return rec_json(r, GROUP_STATUS, a);
}

static inline bool group_status_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS);
}

static inline uint32_t group_spec_users_count(const struct rec *r)
{
    return rec_count(r, GROUP_SPEC_USERS);
}

static inline const char *group_spec_users_at(const struct rec *r, uint32_t i)
{
    return rec_text(r, GROUP_SPEC_USERS, i);
}

static inline uint32_t group_spec_external_groups_count(const struct rec *r)
{
    return rec_count(r, GROUP_SPEC_EXTERNAL_GROUPS);
}

static inline const char *group_spec_external_groups_at(const struct rec *r, uint32_t i)
{
    return rec_text(r, GROUP_SPEC_EXTERNAL_GROUPS, i);
}

static inline const char *group_spec_pool_ref(const struct rec *r)
{
    return rec_str(r, GROUP_SPEC_POOL_REF);
}

static inline bool group_spec_pool_ref_set(const struct rec *r)
{
    return rec_has(r, GROUP_SPEC_POOL_REF);
}

static inline const char *group_spec_namespace(const struct rec *r)
{
    return rec_str(r, GROUP_SPEC_NAMESPACE);
}

static inline bool group_spec_namespace_set(const struct rec *r)
{
    return rec_has(r, GROUP_SPEC_NAMESPACE);
}

static inline const char *group_spec_description(const struct rec *r)
{
    return rec_str(r, GROUP_SPEC_DESCRIPTION);
}

static inline bool group_spec_description_set(const struct rec *r)
{
    return rec_has(r, GROUP_SPEC_DESCRIPTION);
}

static inline int64_t group_status_observed_generation(const struct rec *r)
{
    return rec_int(r, GROUP_STATUS_OBSERVED_GENERATION);
}

static inline bool group_status_observed_generation_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS_OBSERVED_GENERATION);
}

static inline uint32_t group_status_conditions_count(const struct rec *r)
{
    return rec_count(r, GROUP_STATUS_CONDITIONS);
}

static inline const struct rec *group_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, GROUP_STATUS_CONDITIONS, i);
}

static inline const char *group_status_namespace(const struct rec *r)
{
    return rec_str(r, GROUP_STATUS_NAMESPACE);
}

static inline bool group_status_namespace_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS_NAMESPACE);
}

static inline const char *group_status_pool(const struct rec *r)
{
    return rec_str(r, GROUP_STATUS_POOL);
}

static inline bool group_status_pool_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS_POOL);
}

static inline int64_t group_status_active_runs(const struct rec *r)
{
    return rec_int(r, GROUP_STATUS_ACTIVE_RUNS);
}

static inline bool group_status_active_runs_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS_ACTIVE_RUNS);
}

/* an element of status.conditions */

enum {
    GROUP_STATUS_CONDITIONS_TYPE,
    GROUP_STATUS_CONDITIONS_STATUS,
    GROUP_STATUS_CONDITIONS_REASON,
    GROUP_STATUS_CONDITIONS_MESSAGE,
    GROUP_STATUS_CONDITIONS_OBSERVED_GENERATION,
    GROUP_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *group_status_conditions_type(const struct rec *r)
{
    return rec_str(r, GROUP_STATUS_CONDITIONS_TYPE);
}

static inline bool group_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS_CONDITIONS_TYPE);
}

static inline const char *group_status_conditions_status(const struct rec *r)
{
    return rec_str(r, GROUP_STATUS_CONDITIONS_STATUS);
}

static inline bool group_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS_CONDITIONS_STATUS);
}

static inline const char *group_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, GROUP_STATUS_CONDITIONS_REASON);
}

static inline bool group_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS_CONDITIONS_REASON);
}

static inline const char *group_status_conditions_message(const struct rec *r)
{
    return rec_str(r, GROUP_STATUS_CONDITIONS_MESSAGE);
}

static inline bool group_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t group_status_conditions_observed_generation(const struct rec *r)
{
    return rec_int(r, GROUP_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline bool group_status_conditions_observed_generation_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline int64_t group_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, GROUP_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool group_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, GROUP_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

#endif
