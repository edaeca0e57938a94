/* resourcequota.gen.h — what the cache keeps of a ResourceQuota.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_RESOURCEQUOTA_GEN_H
#define DKUBE_API_RESOURCEQUOTA_GEN_H

#include "api/rec.h"

extern const struct kind kind_resourcequota;

enum {
    RESOURCEQUOTA_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    RESOURCEQUOTA_METADATA_ANNOTATIONS,
    RESOURCEQUOTA_SPEC,
    RESOURCEQUOTA_STATUS_HARD,
    RESOURCEQUOTA_STATUS_USED,
};

static inline uint32_t resourcequota_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, RESOURCEQUOTA_METADATA_ANNOTATIONS);
}

static inline const char *resourcequota_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, RESOURCEQUOTA_METADATA_ANNOTATIONS, i);
}

static inline const char *resourcequota_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, RESOURCEQUOTA_METADATA_ANNOTATIONS, i);
}

static inline const char *resourcequota_metadata_annotations_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, RESOURCEQUOTA_METADATA_ANNOTATIONS, key);
}

static inline const struct json *resourcequota_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, RESOURCEQUOTA_SPEC, a);
}

static inline bool resourcequota_spec_set(const struct rec *r)
{
    return rec_has(r, RESOURCEQUOTA_SPEC);
}

static inline uint32_t resourcequota_status_hard_count(const struct rec *r)
{
    return rec_count(r, RESOURCEQUOTA_STATUS_HARD);
}

static inline const char *resourcequota_status_hard_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, RESOURCEQUOTA_STATUS_HARD, i);
}

static inline const char *resourcequota_status_hard_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, RESOURCEQUOTA_STATUS_HARD, i);
}

static inline const char *resourcequota_status_hard_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, RESOURCEQUOTA_STATUS_HARD, key);
}

static inline uint32_t resourcequota_status_used_count(const struct rec *r)
{
    return rec_count(r, RESOURCEQUOTA_STATUS_USED);
}

static inline const char *resourcequota_status_used_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, RESOURCEQUOTA_STATUS_USED, i);
}

static inline const char *resourcequota_status_used_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, RESOURCEQUOTA_STATUS_USED, i);
}

static inline const char *resourcequota_status_used_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, RESOURCEQUOTA_STATUS_USED, key);
}

#endif
