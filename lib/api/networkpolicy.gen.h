/* networkpolicy.gen.h — what the cache keeps of a NetworkPolicy.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_NETWORKPOLICY_GEN_H
#define DKUBE_API_NETWORKPOLICY_GEN_H

#include "api/rec.h"

extern const struct kind kind_networkpolicy;

enum {
    NETWORKPOLICY_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    NETWORKPOLICY_METADATA_ANNOTATIONS,
    NETWORKPOLICY_SPEC,
};

static inline uint32_t networkpolicy_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, NETWORKPOLICY_METADATA_ANNOTATIONS);
}

static inline const char *networkpolicy_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, NETWORKPOLICY_METADATA_ANNOTATIONS, i);
}

static inline const char *networkpolicy_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, NETWORKPOLICY_METADATA_ANNOTATIONS, i);
}

static inline const char *networkpolicy_metadata_annotations_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, NETWORKPOLICY_METADATA_ANNOTATIONS, key);
}

static inline const struct json *networkpolicy_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, NETWORKPOLICY_SPEC, a);
}

static inline bool networkpolicy_spec_set(const struct rec *r)
{
    return rec_has(r, NETWORKPOLICY_SPEC);
}

#endif
