/* persistentvolumeclaim.gen.h — what the cache keeps of a PersistentVolumeClaim.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_PERSISTENTVOLUMECLAIM_GEN_H
#define DKUBE_API_PERSISTENTVOLUMECLAIM_GEN_H

#include "api/rec.h"

extern const struct kind kind_persistentvolumeclaim;

enum {
    PERSISTENTVOLUMECLAIM_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    PERSISTENTVOLUMECLAIM_METADATA_ANNOTATIONS,
    PERSISTENTVOLUMECLAIM_SPEC,
    PERSISTENTVOLUMECLAIM_SPEC_VOLUME_NAME,
    PERSISTENTVOLUMECLAIM_STATUS_PHASE,
    PERSISTENTVOLUMECLAIM_STATUS_CAPACITY,
};

static inline uint32_t persistentvolumeclaim_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, PERSISTENTVOLUMECLAIM_METADATA_ANNOTATIONS);
}

static inline const char *persistentvolumeclaim_metadata_annotations_key(const struct rec *r,
    uint32_t i)
{
    return rec_map_key(r, PERSISTENTVOLUMECLAIM_METADATA_ANNOTATIONS, i);
}

static inline const char *persistentvolumeclaim_metadata_annotations_value(const struct rec *r,
    uint32_t i)
{
    return rec_map_value(r, PERSISTENTVOLUMECLAIM_METADATA_ANNOTATIONS, i);
}

static inline const char *persistentvolumeclaim_metadata_annotations_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, PERSISTENTVOLUMECLAIM_METADATA_ANNOTATIONS, key);
}

static inline const struct json *persistentvolumeclaim_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, PERSISTENTVOLUMECLAIM_SPEC, a);
}

static inline bool persistentvolumeclaim_spec_set(const struct rec *r)
{
    return rec_has(r, PERSISTENTVOLUMECLAIM_SPEC);
}

static inline const char *persistentvolumeclaim_spec_volume_name(const struct rec *r)
{
    return rec_str(r, PERSISTENTVOLUMECLAIM_SPEC_VOLUME_NAME);
}

static inline bool persistentvolumeclaim_spec_volume_name_set(const struct rec *r)
{
    return rec_has(r, PERSISTENTVOLUMECLAIM_SPEC_VOLUME_NAME);
}

static inline const char *persistentvolumeclaim_status_phase(const struct rec *r)
{
    return rec_str(r, PERSISTENTVOLUMECLAIM_STATUS_PHASE);
}

static inline bool persistentvolumeclaim_status_phase_set(const struct rec *r)
{
    return rec_has(r, PERSISTENTVOLUMECLAIM_STATUS_PHASE);
}

static inline uint32_t persistentvolumeclaim_status_capacity_count(const struct rec *r)
{
    return rec_count(r, PERSISTENTVOLUMECLAIM_STATUS_CAPACITY);
}

static inline const char *persistentvolumeclaim_status_capacity_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, PERSISTENTVOLUMECLAIM_STATUS_CAPACITY, i);
}

static inline const char *persistentvolumeclaim_status_capacity_value(const struct rec *r,
    uint32_t i)
{
    return rec_map_value(r, PERSISTENTVOLUMECLAIM_STATUS_CAPACITY, i);
}

static inline const char *persistentvolumeclaim_status_capacity_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, PERSISTENTVOLUMECLAIM_STATUS_CAPACITY, key);
}

#endif
