/* namespace.gen.h — what the cache keeps of a Namespace.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_NAMESPACE_GEN_H
#define DKUBE_API_NAMESPACE_GEN_H

#include "api/rec.h"

extern const struct kind kind_namespace;

enum {
    NAMESPACE_METADATA_ANNOTATIONS = REC_META_COUNT,
    NAMESPACE_STATUS_PHASE,
    NAMESPACE_STATUS_CONDITIONS,
};

static inline uint32_t namespace_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, NAMESPACE_METADATA_ANNOTATIONS);
}

static inline const char *namespace_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, NAMESPACE_METADATA_ANNOTATIONS, i);
}

static inline const char *namespace_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, NAMESPACE_METADATA_ANNOTATIONS, i);
}

static inline const char *namespace_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, NAMESPACE_METADATA_ANNOTATIONS, key);
}

static inline const char *namespace_status_phase(const struct rec *r)
{
    return rec_str(r, NAMESPACE_STATUS_PHASE);
}

static inline bool namespace_status_phase_set(const struct rec *r)
{
    return rec_has(r, NAMESPACE_STATUS_PHASE);
}

static inline uint32_t namespace_status_conditions_count(const struct rec *r)
{
    return rec_count(r, NAMESPACE_STATUS_CONDITIONS);
}

static inline const struct rec *namespace_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, NAMESPACE_STATUS_CONDITIONS, i);
}

/* an element of status.conditions */

enum {
    NAMESPACE_STATUS_CONDITIONS_TYPE,
    NAMESPACE_STATUS_CONDITIONS_STATUS,
    NAMESPACE_STATUS_CONDITIONS_REASON,
    NAMESPACE_STATUS_CONDITIONS_MESSAGE,
    NAMESPACE_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *namespace_status_conditions_type(const struct rec *r)
{
    return rec_str(r, NAMESPACE_STATUS_CONDITIONS_TYPE);
}

static inline bool namespace_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, NAMESPACE_STATUS_CONDITIONS_TYPE);
}

static inline const char *namespace_status_conditions_status(const struct rec *r)
{
    return rec_str(r, NAMESPACE_STATUS_CONDITIONS_STATUS);
}

static inline bool namespace_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, NAMESPACE_STATUS_CONDITIONS_STATUS);
}

static inline const char *namespace_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, NAMESPACE_STATUS_CONDITIONS_REASON);
}

static inline bool namespace_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, NAMESPACE_STATUS_CONDITIONS_REASON);
}

static inline const char *namespace_status_conditions_message(const struct rec *r)
{
    return rec_str(r, NAMESPACE_STATUS_CONDITIONS_MESSAGE);
}

static inline bool namespace_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, NAMESPACE_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t namespace_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, NAMESPACE_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool namespace_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, NAMESPACE_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

#endif
