/* role.gen.h — what the cache keeps of a Role.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_ROLE_GEN_H
#define DKUBE_API_ROLE_GEN_H

#include "api/rec.h"

extern const struct kind kind_role;

enum {
    ROLE_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    ROLE_METADATA_ANNOTATIONS,
    ROLE_RULES,
};

static inline uint32_t role_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, ROLE_METADATA_ANNOTATIONS);
}

static inline const char *role_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, ROLE_METADATA_ANNOTATIONS, i);
}

static inline const char *role_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, ROLE_METADATA_ANNOTATIONS, i);
}

static inline const char *role_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, ROLE_METADATA_ANNOTATIONS, key);
}

static inline const struct json *role_rules(const struct rec *r, struct arena *a)
{
    return rec_json(r, ROLE_RULES, a);
}

static inline bool role_rules_set(const struct rec *r)
{
    return rec_has(r, ROLE_RULES);
}

#endif
