/* poddisruptionbudget.gen.h — what the cache keeps of a PodDisruptionBudget.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_PODDISRUPTIONBUDGET_GEN_H
#define DKUBE_API_PODDISRUPTIONBUDGET_GEN_H

#include "api/rec.h"

extern const struct kind kind_poddisruptionbudget;

enum {
    PODDISRUPTIONBUDGET_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    PODDISRUPTIONBUDGET_METADATA_ANNOTATIONS,
    PODDISRUPTIONBUDGET_SPEC,
};

static inline uint32_t poddisruptionbudget_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, PODDISRUPTIONBUDGET_METADATA_ANNOTATIONS);
}

static inline const char *poddisruptionbudget_metadata_annotations_key(const struct rec *r,
    uint32_t i)
{
    return rec_map_key(r, PODDISRUPTIONBUDGET_METADATA_ANNOTATIONS, i);
}

static inline const char *poddisruptionbudget_metadata_annotations_value(const struct rec *r,
    uint32_t i)
{
    return rec_map_value(r, PODDISRUPTIONBUDGET_METADATA_ANNOTATIONS, i);
}

static inline const char *poddisruptionbudget_metadata_annotations_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, PODDISRUPTIONBUDGET_METADATA_ANNOTATIONS, key);
}

static inline const struct json *poddisruptionbudget_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, PODDISRUPTIONBUDGET_SPEC, a);
}

static inline bool poddisruptionbudget_spec_set(const struct rec *r)
{
    return rec_has(r, PODDISRUPTIONBUDGET_SPEC);
}

#endif
