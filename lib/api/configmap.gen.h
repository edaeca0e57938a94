/* configmap.gen.h — what the cache keeps of a ConfigMap.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_CONFIGMAP_GEN_H
#define DKUBE_API_CONFIGMAP_GEN_H

#include "api/rec.h"

extern const struct kind kind_configmap;

enum {
    CONFIGMAP_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    CONFIGMAP_METADATA_ANNOTATIONS,
    CONFIGMAP_DATA,
};

static inline uint32_t configmap_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, CONFIGMAP_METADATA_ANNOTATIONS);
}

static inline const char *configmap_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, CONFIGMAP_METADATA_ANNOTATIONS, i);
}

static inline const char *configmap_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, CONFIGMAP_METADATA_ANNOTATIONS, i);
}

static inline const char *configmap_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, CONFIGMAP_METADATA_ANNOTATIONS, key);
}

static inline const struct json *configmap_data(const struct rec *r, struct arena *a)
{
    return rec_json(r, CONFIGMAP_DATA, a);
}

static inline bool configmap_data_set(const struct rec *r)
{
    return rec_has(r, CONFIGMAP_DATA);
}

#endif
