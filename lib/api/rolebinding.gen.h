/* rolebinding.gen.h — what the cache keeps of a RoleBinding.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_ROLEBINDING_GEN_H
#define DKUBE_API_ROLEBINDING_GEN_H

#include "api/rec.h"

extern const struct kind kind_rolebinding;

enum {
    ROLEBINDING_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    ROLEBINDING_METADATA_ANNOTATIONS,
    ROLEBINDING_SUBJECTS,
    ROLEBINDING_ROLE_REF,
};

static inline uint32_t rolebinding_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, ROLEBINDING_METADATA_ANNOTATIONS);
}

static inline const char *rolebinding_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, ROLEBINDING_METADATA_ANNOTATIONS, i);
}

static inline const char *rolebinding_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, ROLEBINDING_METADATA_ANNOTATIONS, i);
}

static inline const char *rolebinding_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, ROLEBINDING_METADATA_ANNOTATIONS, key);
}

static inline const struct json *rolebinding_subjects(const struct rec *r, struct arena *a)
{
    return rec_json(r, ROLEBINDING_SUBJECTS, a);
}

static inline bool rolebinding_subjects_set(const struct rec *r)
{
    return rec_has(r, ROLEBINDING_SUBJECTS);
}

static inline const struct json *rolebinding_role_ref(const struct rec *r, struct arena *a)
{
    return rec_json(r, ROLEBINDING_ROLE_REF, a);
}

static inline bool rolebinding_role_ref_set(const struct rec *r)
{
    return rec_has(r, ROLEBINDING_ROLE_REF);
}

#endif
