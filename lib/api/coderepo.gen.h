/* coderepo.gen.h — what the cache keeps of a CodeRepo.
 * Made by hack/gen-api from crds/coderepo.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_CODEREPO_GEN_H
#define DKUBE_API_CODEREPO_GEN_H

#include "api/rec.h"

extern const struct kind kind_coderepo;

enum {
    CODEREPO_METADATA_ANNOTATIONS = REC_META_COUNT,
    CODEREPO_METADATA_MANAGED_FIELDS,
    CODEREPO_SPEC,
    CODEREPO_STATUS,
    CODEREPO_SPEC_URL,
    CODEREPO_SPEC_BRANCH,
    CODEREPO_SPEC_SECRET_REF,
    CODEREPO_SPEC_SECRET_REF_NAME,
    CODEREPO_STATUS_OBSERVED_GENERATION,
    CODEREPO_STATUS_CONDITIONS,
    CODEREPO_STATUS_HEAD,
    CODEREPO_STATUS_LAST_FETCHED,
};

static inline uint32_t coderepo_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, CODEREPO_METADATA_ANNOTATIONS);
}

static inline const char *coderepo_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, CODEREPO_METADATA_ANNOTATIONS, i);
}

static inline const char *coderepo_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, CODEREPO_METADATA_ANNOTATIONS, i);
}

static inline const char *coderepo_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, CODEREPO_METADATA_ANNOTATIONS, key);
}

static inline const struct json *coderepo_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, CODEREPO_SPEC, a);
}

static inline bool coderepo_spec_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_SPEC);
}

static inline const struct json *coderepo_status(const struct rec *r, struct arena *a)
{
    return rec_json(r, CODEREPO_STATUS, a);
}

static inline bool coderepo_status_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_STATUS);
}

static inline const char *coderepo_spec_url(const struct rec *r)
{
    return rec_str(r, CODEREPO_SPEC_URL);
}

static inline bool coderepo_spec_url_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_SPEC_URL);
}

static inline const char *coderepo_spec_branch(const struct rec *r)
{
    return rec_str(r, CODEREPO_SPEC_BRANCH);
}

static inline bool coderepo_spec_branch_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_SPEC_BRANCH);
}

static inline bool coderepo_spec_secret_ref_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_SPEC_SECRET_REF);
}

static inline const char *coderepo_spec_secret_ref_name(const struct rec *r)
{
    return rec_str(r, CODEREPO_SPEC_SECRET_REF_NAME);
}

static inline bool coderepo_spec_secret_ref_name_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_SPEC_SECRET_REF_NAME);
}

static inline int64_t coderepo_status_observed_generation(const struct rec *r)
{
    return rec_int(r, CODEREPO_STATUS_OBSERVED_GENERATION);
}

static inline bool coderepo_status_observed_generation_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_STATUS_OBSERVED_GENERATION);
}

static inline uint32_t coderepo_status_conditions_count(const struct rec *r)
{
    return rec_count(r, CODEREPO_STATUS_CONDITIONS);
}

static inline const struct rec *coderepo_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, CODEREPO_STATUS_CONDITIONS, i);
}

static inline const char *coderepo_status_head(const struct rec *r)
{
    return rec_str(r, CODEREPO_STATUS_HEAD);
}

static inline bool coderepo_status_head_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_STATUS_HEAD);
}

static inline int64_t coderepo_status_last_fetched(const struct rec *r)
{
    return rec_int(r, CODEREPO_STATUS_LAST_FETCHED);
}

static inline bool coderepo_status_last_fetched_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_STATUS_LAST_FETCHED);
}

/* an element of status.conditions */

enum {
    CODEREPO_STATUS_CONDITIONS_TYPE,
    CODEREPO_STATUS_CONDITIONS_STATUS,
    CODEREPO_STATUS_CONDITIONS_REASON,
    CODEREPO_STATUS_CONDITIONS_MESSAGE,
    CODEREPO_STATUS_CONDITIONS_OBSERVED_GENERATION,
    CODEREPO_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *coderepo_status_conditions_type(const struct rec *r)
{
    return rec_str(r, CODEREPO_STATUS_CONDITIONS_TYPE);
}

static inline bool coderepo_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_STATUS_CONDITIONS_TYPE);
}

static inline const char *coderepo_status_conditions_status(const struct rec *r)
{
    return rec_str(r, CODEREPO_STATUS_CONDITIONS_STATUS);
}

static inline bool coderepo_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_STATUS_CONDITIONS_STATUS);
}

static inline const char *coderepo_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, CODEREPO_STATUS_CONDITIONS_REASON);
}

static inline bool coderepo_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_STATUS_CONDITIONS_REASON);
}

static inline const char *coderepo_status_conditions_message(const struct rec *r)
{
    return rec_str(r, CODEREPO_STATUS_CONDITIONS_MESSAGE);
}

static inline bool coderepo_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t coderepo_status_conditions_observed_generation(const struct rec *r)
{
    return rec_int(r, CODEREPO_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline bool coderepo_status_conditions_observed_generation_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline int64_t coderepo_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, CODEREPO_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool coderepo_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, CODEREPO_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

#endif
