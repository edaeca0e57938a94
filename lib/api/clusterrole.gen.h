/* clusterrole.gen.h — what the cache keeps of a ClusterRole.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_CLUSTERROLE_GEN_H
#define DKUBE_API_CLUSTERROLE_GEN_H

#include "api/rec.h"

extern const struct kind kind_clusterrole;

enum {
    CLUSTERROLE_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    CLUSTERROLE_METADATA_ANNOTATIONS,
    CLUSTERROLE_RULES,
};

static inline uint32_t clusterrole_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, CLUSTERROLE_METADATA_ANNOTATIONS);
}

static inline const char *clusterrole_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, CLUSTERROLE_METADATA_ANNOTATIONS, i);
}

static inline const char *clusterrole_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, CLUSTERROLE_METADATA_ANNOTATIONS, i);
}

static inline const char *clusterrole_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, CLUSTERROLE_METADATA_ANNOTATIONS, key);
}

static inline const struct json *clusterrole_rules(const struct rec *r, struct arena *a)
{
    return rec_json(r, CLUSTERROLE_RULES, a);
}

static inline bool clusterrole_rules_set(const struct rec *r)
{
    return rec_has(r, CLUSTERROLE_RULES);
}

#endif
