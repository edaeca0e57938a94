/* model.gen.h — what the cache keeps of a Model.
 * Made by hack/gen-api from crds/model.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_MODEL_GEN_H
#define DKUBE_API_MODEL_GEN_H

#include "api/rec.h"

extern const struct kind kind_model;

enum {
    MODEL_METADATA_ANNOTATIONS = REC_META_COUNT,
    MODEL_METADATA_MANAGED_FIELDS,
    MODEL_SPEC,
    MODEL_STATUS,
    MODEL_SPEC_DESCRIPTION,
    MODEL_STATUS_OBSERVED_GENERATION,
    MODEL_STATUS_CONDITIONS,
    MODEL_STATUS_LATEST,
    MODEL_STATUS_PUBLISHED,
    MODEL_STATUS_LAST_NUMBER,
    MODEL_STATUS_VERSIONS,
};

static inline uint32_t model_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, MODEL_METADATA_ANNOTATIONS);
}

static inline const char *model_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, MODEL_METADATA_ANNOTATIONS, i);
}

static inline const char *model_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, MODEL_METADATA_ANNOTATIONS, i);
}

static inline const char *model_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, MODEL_METADATA_ANNOTATIONS, key);
}

static inline const struct json *model_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, MODEL_SPEC, a);
}

static inline bool model_spec_set(const struct rec *r)
{
    return rec_has(r, MODEL_SPEC);
}

static inline const struct json *model_status(const struct rec *r, struct arena *a)
{
    return rec_json(r, MODEL_STATUS, a);
}

static inline bool model_status_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS);
}

static inline const char *model_spec_description(const struct rec *r)
{
    return rec_str(r, MODEL_SPEC_DESCRIPTION);
}

static inline bool model_spec_description_set(const struct rec *r)
{
    return rec_has(r, MODEL_SPEC_DESCRIPTION);
}

static inline int64_t model_status_observed_generation(const struct rec *r)
{
    return rec_int(r, MODEL_STATUS_OBSERVED_GENERATION);
}

static inline bool model_status_observed_generation_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_OBSERVED_GENERATION);
}

static inline uint32_t model_status_conditions_count(const struct rec *r)
{
    return rec_count(r, MODEL_STATUS_CONDITIONS);
}

static inline const struct rec *model_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, MODEL_STATUS_CONDITIONS, i);
}

static inline const char *model_status_latest(const struct rec *r)
{
    return rec_str(r, MODEL_STATUS_LATEST);
}

static inline bool model_status_latest_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_LATEST);
}

static inline const char *model_status_published(const struct rec *r)
{
    return rec_str(r, MODEL_STATUS_PUBLISHED);
}

static inline bool model_status_published_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_PUBLISHED);
}

static inline int64_t model_status_last_number(const struct rec *r)
{
    return rec_int(r, MODEL_STATUS_LAST_NUMBER);
}

static inline bool model_status_last_number_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_LAST_NUMBER);
}

static inline int64_t model_status_versions(const struct rec *r)
{
    return rec_int(r, MODEL_STATUS_VERSIONS);
}

static inline bool model_status_versions_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_VERSIONS);
}

/* an element of status.conditions */

enum {
    MODEL_STATUS_CONDITIONS_TYPE,
    MODEL_STATUS_CONDITIONS_STATUS,
    MODEL_STATUS_CONDITIONS_REASON,
    MODEL_STATUS_CONDITIONS_MESSAGE,
    MODEL_STATUS_CONDITIONS_OBSERVED_GENERATION,
    MODEL_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *model_status_conditions_type(const struct rec *r)
{
    return rec_str(r, MODEL_STATUS_CONDITIONS_TYPE);
}

static inline bool model_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_CONDITIONS_TYPE);
}

static inline const char *model_status_conditions_status(const struct rec *r)
{
    return rec_str(r, MODEL_STATUS_CONDITIONS_STATUS);
}

static inline bool model_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_CONDITIONS_STATUS);
}

static inline const char *model_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, MODEL_STATUS_CONDITIONS_REASON);
}

static inline bool model_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_CONDITIONS_REASON);
}

static inline const char *model_status_conditions_message(const struct rec *r)
{
    return rec_str(r, MODEL_STATUS_CONDITIONS_MESSAGE);
}

static inline bool model_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t model_status_conditions_observed_generation(const struct rec *r)
{
    return rec_int(r, MODEL_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline bool model_status_conditions_observed_generation_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline int64_t model_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, MODEL_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool model_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, MODEL_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

#endif
