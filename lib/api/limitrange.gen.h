/* limitrange.gen.h — what the cache keeps of a LimitRange.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_LIMITRANGE_GEN_H
#define DKUBE_API_LIMITRANGE_GEN_H

#include "api/rec.h"

extern const struct kind kind_limitrange;

enum {
    LIMITRANGE_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    LIMITRANGE_METADATA_ANNOTATIONS,
    LIMITRANGE_SPEC,
};

static inline uint32_t limitrange_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, LIMITRANGE_METADATA_ANNOTATIONS);
}

static inline const char *limitrange_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, LIMITRANGE_METADATA_ANNOTATIONS, i);
}

static inline const char *limitrange_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, LIMITRANGE_METADATA_ANNOTATIONS, i);
}

static inline const char *limitrange_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, LIMITRANGE_METADATA_ANNOTATIONS, key);
}

static inline const struct json *limitrange_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, LIMITRANGE_SPEC, a);
}

static inline bool limitrange_spec_set(const struct rec *r)
{
    return rec_has(r, LIMITRANGE_SPEC);
}

#endif
