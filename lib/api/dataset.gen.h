/* dataset.gen.h — what the cache keeps of a Dataset.
 * Made by hack/gen-api from crds/dataset.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_DATASET_GEN_H
#define DKUBE_API_DATASET_GEN_H

#include "api/rec.h"

extern const struct kind kind_dataset;

enum {
    DATASET_METADATA_ANNOTATIONS = REC_META_COUNT,
    DATASET_METADATA_MANAGED_FIELDS,
    DATASET_SPEC,
    DATASET_STATUS,
    DATASET_SPEC_SOURCE,
    DATASET_SPEC_SOURCE_GIT,
    DATASET_SPEC_SOURCE_GIT_URL,
    DATASET_SPEC_SOURCE_GIT_REF,
    DATASET_SPEC_SOURCE_GIT_PATH,
    DATASET_SPEC_SOURCE_GIT_SECRET_REF,
    DATASET_SPEC_SOURCE_GIT_SECRET_REF_NAME,
    DATASET_SPEC_SOURCE_NONE,
    DATASET_SPEC_DATA_STORE_REF,
    DATASET_SPEC_DESCRIPTION,
    DATASET_STATUS_OBSERVED_GENERATION,
    DATASET_STATUS_CONDITIONS,
    DATASET_STATUS_LATEST,
    DATASET_STATUS_LAST_NUMBER,
    DATASET_STATUS_VERSIONS,
    DATASET_STATUS_SIZE,
};

static inline uint32_t dataset_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, DATASET_METADATA_ANNOTATIONS);
}

static inline const char *dataset_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, DATASET_METADATA_ANNOTATIONS, i);
}

static inline const char *dataset_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, DATASET_METADATA_ANNOTATIONS, i);
}

static inline const char *dataset_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, DATASET_METADATA_ANNOTATIONS, key);
}

static inline const struct json *dataset_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, DATASET_SPEC, a);
}

static inline bool dataset_spec_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC);
}

static inline const struct json *dataset_status(const struct rec *r, struct arena *a)
{
    return rec_json(r, DATASET_STATUS, a);
}

static inline bool dataset_status_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS);
}

static inline bool dataset_spec_source_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC_SOURCE);
}

static inline bool dataset_spec_source_git_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC_SOURCE_GIT);
}

static inline const char *dataset_spec_source_git_url(const struct rec *r)
{
    return rec_str(r, DATASET_SPEC_SOURCE_GIT_URL);
}

static inline bool dataset_spec_source_git_url_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC_SOURCE_GIT_URL);
}

static inline const char *dataset_spec_source_git_ref(const struct rec *r)
{
    return rec_str(r, DATASET_SPEC_SOURCE_GIT_REF);
}

static inline bool dataset_spec_source_git_ref_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC_SOURCE_GIT_REF);
}

static inline const char *dataset_spec_source_git_path(const struct rec *r)
{
    return rec_str(r, DATASET_SPEC_SOURCE_GIT_PATH);
}

static inline bool dataset_spec_source_git_path_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC_SOURCE_GIT_PATH);
}

static inline bool dataset_spec_source_git_secret_ref_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC_SOURCE_GIT_SECRET_REF);
}

static inline const char *dataset_spec_source_git_secret_ref_name(const struct rec *r)
{
    return rec_str(r, DATASET_SPEC_SOURCE_GIT_SECRET_REF_NAME);
}

static inline bool dataset_spec_source_git_secret_ref_name_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC_SOURCE_GIT_SECRET_REF_NAME);
}

static inline bool dataset_spec_source_none_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC_SOURCE_NONE);
}

static inline const char *dataset_spec_data_store_ref(const struct rec *r)
{
    return rec_str(r, DATASET_SPEC_DATA_STORE_REF);
}

static inline bool dataset_spec_data_store_ref_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC_DATA_STORE_REF);
}

static inline const char *dataset_spec_description(const struct rec *r)
{
    return rec_str(r, DATASET_SPEC_DESCRIPTION);
}

static inline bool dataset_spec_description_set(const struct rec *r)
{
    return rec_has(r, DATASET_SPEC_DESCRIPTION);
}

static inline int64_t dataset_status_observed_generation(const struct rec *r)
{
    return rec_int(r, DATASET_STATUS_OBSERVED_GENERATION);
}

static inline bool dataset_status_observed_generation_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_OBSERVED_GENERATION);
}

static inline uint32_t dataset_status_conditions_count(const struct rec *r)
{
    return rec_count(r, DATASET_STATUS_CONDITIONS);
}

static inline const struct rec *dataset_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DATASET_STATUS_CONDITIONS, i);
}

static inline const char *dataset_status_latest(const struct rec *r)
{
    return rec_str(r, DATASET_STATUS_LATEST);
}

static inline bool dataset_status_latest_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_LATEST);
}

static inline int64_t dataset_status_last_number(const struct rec *r)
{
    return rec_int(r, DATASET_STATUS_LAST_NUMBER);
}

static inline bool dataset_status_last_number_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_LAST_NUMBER);
}

static inline int64_t dataset_status_versions(const struct rec *r)
{
    return rec_int(r, DATASET_STATUS_VERSIONS);
}

static inline bool dataset_status_versions_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_VERSIONS);
}

static inline int64_t dataset_status_size(const struct rec *r)
{
    return rec_int(r, DATASET_STATUS_SIZE);
}

static inline bool dataset_status_size_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_SIZE);
}

/* an element of status.conditions */

enum {
    DATASET_STATUS_CONDITIONS_TYPE,
    DATASET_STATUS_CONDITIONS_STATUS,
    DATASET_STATUS_CONDITIONS_REASON,
    DATASET_STATUS_CONDITIONS_MESSAGE,
    DATASET_STATUS_CONDITIONS_OBSERVED_GENERATION,
    DATASET_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *dataset_status_conditions_type(const struct rec *r)
{
    return rec_str(r, DATASET_STATUS_CONDITIONS_TYPE);
}

static inline bool dataset_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_CONDITIONS_TYPE);
}

static inline const char *dataset_status_conditions_status(const struct rec *r)
{
    return rec_str(r, DATASET_STATUS_CONDITIONS_STATUS);
}

static inline bool dataset_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_CONDITIONS_STATUS);
}

static inline const char *dataset_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, DATASET_STATUS_CONDITIONS_REASON);
}

static inline bool dataset_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_CONDITIONS_REASON);
}

static inline const char *dataset_status_conditions_message(const struct rec *r)
{
    return rec_str(r, DATASET_STATUS_CONDITIONS_MESSAGE);
}

static inline bool dataset_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t dataset_status_conditions_observed_generation(const struct rec *r)
{
    return rec_int(r, DATASET_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline bool dataset_status_conditions_observed_generation_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline int64_t dataset_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, DATASET_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool dataset_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, DATASET_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

#endif
