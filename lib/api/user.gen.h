/* user.gen.h — what the cache keeps of a User.
 * Made by hack/gen-api from crds/user.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_USER_GEN_H
#define DKUBE_API_USER_GEN_H

#include "api/rec.h"

extern const struct kind kind_user;

enum {
    USER_METADATA_ANNOTATIONS = REC_META_COUNT,
    USER_METADATA_MANAGED_FIELDS,
    USER_SPEC,
    USER_STATUS,
    USER_SPEC_USERNAME,
    USER_SPEC_ROLES,
    USER_SPEC_DEFAULT_GROUP,
    USER_STATUS_OBSERVED_GENERATION,
    USER_STATUS_CONDITIONS,
    USER_STATUS_GROUPS,
    USER_STATUS_ACTIVE_RUNS,
};

static inline uint32_t user_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, USER_METADATA_ANNOTATIONS);
}

static inline const char *user_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, USER_METADATA_ANNOTATIONS, i);
}

static inline const char *user_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, USER_METADATA_ANNOTATIONS, i);
}

static inline const char *user_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, USER_METADATA_ANNOTATIONS, key);
}

static inline const struct json *user_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, USER_SPEC, a);
}

static inline bool user_spec_set(const struct rec *r)
{
    return rec_has(r, USER_SPEC);
}

static inline const struct json *user_status(const struct rec *r, struct arena *a)
{
    return rec_json(r, USER_STATUS, a);
}

static inline bool user_status_set(const struct rec *r)
{
    return rec_has(r, USER_STATUS);
}

static inline const char *user_spec_username(const struct rec *r)
{
    return rec_str(r, USER_SPEC_USERNAME);
}

static inline bool user_spec_username_set(const struct rec *r)
{
    return rec_has(r, USER_SPEC_USERNAME);
}

static inline uint32_t user_spec_roles_count(const struct rec *r)
{
    return rec_count(r, USER_SPEC_ROLES);
}

static inline const char *user_spec_roles_at(const struct rec *r, uint32_t i)
{
    return rec_text(r, USER_SPEC_ROLES, i);
}

static inline const char *user_spec_default_group(const struct rec *r)
{
    return rec_str(r, USER_SPEC_DEFAULT_GROUP);
}

static inline bool user_spec_default_group_set(const struct rec *r)
{
    return rec_has(r, USER_SPEC_DEFAULT_GROUP);
}

static inline int64_t user_status_observed_generation(const struct rec *r)
{
    return rec_int(r, USER_STATUS_OBSERVED_GENERATION);
}

static inline bool user_status_observed_generation_set(const struct rec *r)
{
    return rec_has(r, USER_STATUS_OBSERVED_GENERATION);
}

static inline uint32_t user_status_conditions_count(const struct rec *r)
{
    return rec_count(r, USER_STATUS_CONDITIONS);
}

static inline const struct rec *user_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, USER_STATUS_CONDITIONS, i);
}

static inline uint32_t user_status_groups_count(const struct rec *r)
{
    return rec_count(r, USER_STATUS_GROUPS);
}

static inline const char *user_status_groups_at(const struct rec *r, uint32_t i)
{
    return rec_text(r, USER_STATUS_GROUPS, i);
}

static inline int64_t user_status_active_runs(const struct rec *r)
{
    return rec_int(r, USER_STATUS_ACTIVE_RUNS);
}

static inline bool user_status_active_runs_set(const struct rec *r)
{
    return rec_has(r, USER_STATUS_ACTIVE_RUNS);
}

/* an element of status.conditions */

enum {
    USER_STATUS_CONDITIONS_TYPE,
    USER_STATUS_CONDITIONS_STATUS,
    USER_STATUS_CONDITIONS_REASON,
    USER_STATUS_CONDITIONS_MESSAGE,
    USER_STATUS_CONDITIONS_OBSERVED_GENERATION,
    USER_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *user_status_conditions_type(const struct rec *r)
{
    return rec_str(r, USER_STATUS_CONDITIONS_TYPE);
}

static inline bool user_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, USER_STATUS_CONDITIONS_TYPE);
}

static inline const char *user_status_conditions_status(const struct rec *r)
{
    return rec_str(r, USER_STATUS_CONDITIONS_STATUS);
}

static inline bool user_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, USER_STATUS_CONDITIONS_STATUS);
}

static inline const char *user_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, USER_STATUS_CONDITIONS_REASON);
}

static inline bool user_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, USER_STATUS_CONDITIONS_REASON);
}

static inline const char *user_status_conditions_message(const struct rec *r)
{
    return rec_str(r, USER_STATUS_CONDITIONS_MESSAGE);
}

static inline bool user_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, USER_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t user_status_conditions_observed_generation(const struct rec *r)
{
    return rec_int(r, USER_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline bool user_status_conditions_observed_generation_set(const struct rec *r)
{
    return rec_has(r, USER_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline int64_t user_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, USER_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool user_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, USER_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

#endif
