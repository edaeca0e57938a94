/* datastore.gen.h — what the cache keeps of a DataStore.
 * Made by hack/gen-api from crds/datastore.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_DATASTORE_GEN_H
#define DKUBE_API_DATASTORE_GEN_H

#include "api/rec.h"

extern const struct kind kind_datastore;

enum {
    DATASTORE_METADATA_ANNOTATIONS = REC_META_COUNT,
    DATASTORE_METADATA_MANAGED_FIELDS,
    DATASTORE_SPEC,
    DATASTORE_STATUS,
    DATASTORE_SPEC_STORAGE,
    DATASTORE_SPEC_STORAGE_LOCAL,
    DATASTORE_STATUS_OBSERVED_GENERATION,
    DATASTORE_STATUS_CONDITIONS,
    DATASTORE_STATUS_READY,
    DATASTORE_STATUS_VERSIONS,
    DATASTORE_STATUS_BYTES_STORED,
};

static inline uint32_t datastore_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, DATASTORE_METADATA_ANNOTATIONS);
}

static inline const char *datastore_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, DATASTORE_METADATA_ANNOTATIONS, i);
}

static inline const char *datastore_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, DATASTORE_METADATA_ANNOTATIONS, i);
}

static inline const char *datastore_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, DATASTORE_METADATA_ANNOTATIONS, key);
}

static inline const struct json *datastore_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, DATASTORE_SPEC, a);
}

static inline bool datastore_spec_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_SPEC);
}

static inline const struct json *datastore_status(const struct rec *r, struct arena *a)
{
    return rec_json(r, DATASTORE_STATUS, a);
}

static inline bool datastore_status_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS);
}

static inline bool datastore_spec_storage_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_SPEC_STORAGE);
}

static inline bool datastore_spec_storage_local_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_SPEC_STORAGE_LOCAL);
}

static inline int64_t datastore_status_observed_generation(const struct rec *r)
{
    return rec_int(r, DATASTORE_STATUS_OBSERVED_GENERATION);
}

static inline bool datastore_status_observed_generation_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS_OBSERVED_GENERATION);
}

static inline uint32_t datastore_status_conditions_count(const struct rec *r)
{
    return rec_count(r, DATASTORE_STATUS_CONDITIONS);
}

static inline const struct rec *datastore_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, DATASTORE_STATUS_CONDITIONS, i);
}

static inline bool datastore_status_ready(const struct rec *r)
{
    return rec_bool(r, DATASTORE_STATUS_READY);
}

static inline bool datastore_status_ready_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS_READY);
}

static inline int64_t datastore_status_versions(const struct rec *r)
{
    return rec_int(r, DATASTORE_STATUS_VERSIONS);
}

static inline bool datastore_status_versions_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS_VERSIONS);
}

static inline int64_t datastore_status_bytes_stored(const struct rec *r)
{
    return rec_int(r, DATASTORE_STATUS_BYTES_STORED);
}

static inline bool datastore_status_bytes_stored_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS_BYTES_STORED);
}

/* an element of status.conditions */

enum {
    DATASTORE_STATUS_CONDITIONS_TYPE,
    DATASTORE_STATUS_CONDITIONS_STATUS,
    DATASTORE_STATUS_CONDITIONS_REASON,
    DATASTORE_STATUS_CONDITIONS_MESSAGE,
    DATASTORE_STATUS_CONDITIONS_OBSERVED_GENERATION,
    DATASTORE_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *datastore_status_conditions_type(const struct rec *r)
{
    return rec_str(r, DATASTORE_STATUS_CONDITIONS_TYPE);
}

static inline bool datastore_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS_CONDITIONS_TYPE);
}

static inline const char *datastore_status_conditions_status(const struct rec *r)
{
    return rec_str(r, DATASTORE_STATUS_CONDITIONS_STATUS);
}

static inline bool datastore_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS_CONDITIONS_STATUS);
}

static inline const char *datastore_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, DATASTORE_STATUS_CONDITIONS_REASON);
}

static inline bool datastore_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS_CONDITIONS_REASON);
}

static inline const char *datastore_status_conditions_message(const struct rec *r)
{
    return rec_str(r, DATASTORE_STATUS_CONDITIONS_MESSAGE);
}

static inline bool datastore_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t datastore_status_conditions_observed_generation(const struct rec *r)
{
    return rec_int(r, DATASTORE_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline bool datastore_status_conditions_observed_generation_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS_CONDITIONS_OBSERVED_GENERATION);
}

static inline int64_t datastore_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, DATASTORE_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool datastore_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, DATASTORE_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

#endif
