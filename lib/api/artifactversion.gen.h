/* artifactversion.gen.h — what the cache keeps of a ArtifactVersion.
 * Made by hack/gen-api from crds/artifactversion.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_ARTIFACTVERSION_GEN_H
#define DKUBE_API_ARTIFACTVERSION_GEN_H

#include "api/rec.h"

extern const struct kind kind_artifactversion;

enum {
    ARTIFACTVERSION_METADATA_ANNOTATIONS = REC_META_COUNT,
    ARTIFACTVERSION_METADATA_MANAGED_FIELDS,
    ARTIFACTVERSION_SPEC,
    ARTIFACTVERSION_STATUS,
    ARTIFACTVERSION_SPEC_OF,
    ARTIFACTVERSION_SPEC_OF_KIND,
    ARTIFACTVERSION_SPEC_OF_NAME,
    ARTIFACTVERSION_SPEC_NUMBER,
    ARTIFACTVERSION_SPEC_DIGEST,
    ARTIFACTVERSION_SPEC_RUN_UID,
    ARTIFACTVERSION_SPEC_RUN,
    ARTIFACTVERSION_SPEC_OUTPUT,
    ARTIFACTVERSION_SPEC_SOURCE,
    ARTIFACTVERSION_SPEC_SIZE,
    ARTIFACTVERSION_SPEC_FILES,
    ARTIFACTVERSION_SPEC_STAGE,
    ARTIFACTVERSION_STATUS_OBSERVED_GENERATION,
    ARTIFACTVERSION_STATUS_CONDITIONS,
    ARTIFACTVERSION_STATUS_READY,
    ARTIFACTVERSION_STATUS_STAGE,
};

static inline uint32_t artifactversion_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, ARTIFACTVERSION_METADATA_ANNOTATIONS);
}

static inline const char *artifactversion_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, ARTIFACTVERSION_METADATA_ANNOTATIONS, i);
}

static inline const char *artifactversion_metadata_annotations_value(const struct rec *r,
    uint32_t i)
{
    return rec_map_value(r, ARTIFACTVERSION_METADATA_ANNOTATIONS, i);
}

static inline const char *artifactversion_metadata_annotations_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, ARTIFACTVERSION_METADATA_ANNOTATIONS, key);
}

static inline const struct json *artifactversion_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, ARTIFACTVERSION_SPEC, a);
}

static inline bool artifactversion_spec_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC);
}

static inline const struct json *artifactversion_status(const struct rec *r, struct arena *a)
{
    return rec_json(r, ARTIFACTVERSION_STATUS, a);
}

static inline bool artifactversion_status_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_STATUS);
}

static inline bool artifactversion_spec_of_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_OF);
}

static inline const char *artifactversion_spec_of_kind(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_SPEC_OF_KIND);
}

static inline bool artifactversion_spec_of_kind_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_OF_KIND);
}

static inline const char *artifactversion_spec_of_name(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_SPEC_OF_NAME);
}

static inline bool artifactversion_spec_of_name_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_OF_NAME);
}

static inline int64_t artifactversion_spec_number(const struct rec *r)
{
    return rec_int(r, ARTIFACTVERSION_SPEC_NUMBER);
}

static inline bool artifactversion_spec_number_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_NUMBER);
}

static inline const char *artifactversion_spec_digest(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_SPEC_DIGEST);
}

static inline bool artifactversion_spec_digest_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_DIGEST);
}

static inline const char *artifactversion_spec_run_uid(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_SPEC_RUN_UID);
}

static inline bool artifactversion_spec_run_uid_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_RUN_UID);
}

static inline const char *artifactversion_spec_run(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_SPEC_RUN);
}

static inline bool artifactversion_spec_run_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_RUN);
}

static inline const char *artifactversion_spec_output(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_SPEC_OUTPUT);
}

static inline bool artifactversion_spec_output_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_OUTPUT);
}

static inline const char *artifactversion_spec_source(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_SPEC_SOURCE);
}

static inline bool artifactversion_spec_source_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_SOURCE);
}

static inline int64_t artifactversion_spec_size(const struct rec *r)
{
    return rec_int(r, ARTIFACTVERSION_SPEC_SIZE);
}

static inline bool artifactversion_spec_size_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_SIZE);
}

static inline int64_t artifactversion_spec_files(const struct rec *r)
{
    return rec_int(r, ARTIFACTVERSION_SPEC_FILES);
}

static inline bool artifactversion_spec_files_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_FILES);
}

static inline const char *artifactversion_spec_stage(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_SPEC_STAGE);
}

static inline bool artifactversion_spec_stage_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_SPEC_STAGE);
}

static inline int64_t artifactversion_status_observed_generation(const struct rec *r)
{
    return rec_int(r, ARTIFACTVERSION_STATUS_OBSERVED_GENERATION);
}

static inline bool artifactversion_status_observed_generation_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_STATUS_OBSERVED_GENERATION);
}

static inline uint32_t artifactversion_status_conditions_count(const struct rec *r)
{
    return rec_count(r, ARTIFACTVERSION_STATUS_CONDITIONS);
}

static inline const struct rec *artifactversion_status_conditions_at(const struct rec *r,
    uint32_t i)
{
    return rec_item(r, ARTIFACTVERSION_STATUS_CONDITIONS, i);
}

static inline bool artifactversion_status_ready(const struct rec *r)
{
    return rec_bool(r, ARTIFACTVERSION_STATUS_READY);
}

static inline bool artifactversion_status_ready_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_STATUS_READY);
}

static inline const char *artifactversion_status_stage(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_STATUS_STAGE);
}

static inline bool artifactversion_status_stage_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_STATUS_STAGE);
}

/* an element of status.conditions */

enum {
    ARTIFACTVERSION_STATUS_CONDITIONS_TYPE,
    ARTIFACTVERSION_STATUS_CONDITIONS_STATUS,
    ARTIFACTVERSION_STATUS_CONDITIONS_REASON,
    ARTIFACTVERSION_STATUS_CONDITIONS_MESSAGE,
    ARTIFACTVERSION_STATUS_CONDITIONS_OBSERVED_GENERATION,
    ARTIFACTVERSION_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *artifactversion_status_conditions_type(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_STATUS_CONDITIONS_TYPE);
}

static inline bool artifactversion_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_STATUS_CONDITIONS_TYPE);
}

static inline const char *artifactversion_status_conditions_status(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_STATUS_CONDITIONS_STATUS);
}

static inline bool artifactversion_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_STATUS_CONDITIONS_STATUS);
}

static inline const char *artifactversion_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_STATUS_CONDITIONS_REASON);
}

static inline bool artifactversion_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_STATUS_CONDITIONS_REASON);
}

static inline const char *artifactversion_status_conditions_message(const struct rec *r)
{
    return rec_str(r, ARTIFACTVERSION_STATUS_CONDITIONS_MESSAGE);
}

static inline bool artifactversion_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t artifactversion_status_conditions_observed_generation(const struct rec *r)
{
    return rec_int(r, ARTIFACTVERSION_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline bool artifactversion_status_conditions_observed_generation_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline int64_t artifactversion_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, ARTIFACTVERSION_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool artifactversion_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, ARTIFACTVERSION_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

#endif
