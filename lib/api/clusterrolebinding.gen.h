/* clusterrolebinding.gen.h — what the cache keeps of a ClusterRoleBinding.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_CLUSTERROLEBINDING_GEN_H
#define DKUBE_API_CLUSTERROLEBINDING_GEN_H

#include "api/rec.h"

extern const struct kind kind_clusterrolebinding;

enum {
    CLUSTERROLEBINDING_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    CLUSTERROLEBINDING_METADATA_ANNOTATIONS,
    CLUSTERROLEBINDING_SUBJECTS,
    CLUSTERROLEBINDING_ROLE_REF,
};

static inline uint32_t clusterrolebinding_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, CLUSTERROLEBINDING_METADATA_ANNOTATIONS);
}

static inline const char *clusterrolebinding_metadata_annotations_key(const struct rec *r,
    uint32_t i)
{
    return rec_map_key(r, CLUSTERROLEBINDING_METADATA_ANNOTATIONS, i);
}

static inline const char *clusterrolebinding_metadata_annotations_value(const struct rec *r,
    uint32_t i)
{
    return rec_map_value(r, CLUSTERROLEBINDING_METADATA_ANNOTATIONS, i);
}

static inline const char *clusterrolebinding_metadata_annotations_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, CLUSTERROLEBINDING_METADATA_ANNOTATIONS, key);
}

static inline const struct json *clusterrolebinding_subjects(const struct rec *r, struct arena *a)
{
    return rec_json(r, CLUSTERROLEBINDING_SUBJECTS, a);
}

static inline bool clusterrolebinding_subjects_set(const struct rec *r)
{
    return rec_has(r, CLUSTERROLEBINDING_SUBJECTS);
}

static inline const struct json *clusterrolebinding_role_ref(const struct rec *r, struct arena *a)
{
    return rec_json(r, CLUSTERROLEBINDING_ROLE_REF, a);
}

static inline bool clusterrolebinding_role_ref_set(const struct rec *r)
{
    return rec_has(r, CLUSTERROLEBINDING_ROLE_REF);
}

#endif
