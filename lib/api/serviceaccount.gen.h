/* serviceaccount.gen.h — what the cache keeps of a ServiceAccount.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_SERVICEACCOUNT_GEN_H
#define DKUBE_API_SERVICEACCOUNT_GEN_H

#include "api/rec.h"

extern const struct kind kind_serviceaccount;

enum {
    SERVICEACCOUNT_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    SERVICEACCOUNT_METADATA_ANNOTATIONS,
    SERVICEACCOUNT_AUTOMOUNT_SERVICE_ACCOUNT_TOKEN,
    SERVICEACCOUNT_IMAGE_PULL_SECRETS,
};

static inline uint32_t serviceaccount_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, SERVICEACCOUNT_METADATA_ANNOTATIONS);
}

static inline const char *serviceaccount_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, SERVICEACCOUNT_METADATA_ANNOTATIONS, i);
}

static inline const char *serviceaccount_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, SERVICEACCOUNT_METADATA_ANNOTATIONS, i);
}

static inline const char *serviceaccount_metadata_annotations_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, SERVICEACCOUNT_METADATA_ANNOTATIONS, key);
}

static inline bool serviceaccount_automount_service_account_token(const struct rec *r)
{
    return rec_bool(r, SERVICEACCOUNT_AUTOMOUNT_SERVICE_ACCOUNT_TOKEN);
}

static inline bool serviceaccount_automount_service_account_token_set(const struct rec *r)
{
    return rec_has(r, SERVICEACCOUNT_AUTOMOUNT_SERVICE_ACCOUNT_TOKEN);
}

static inline const struct json *serviceaccount_image_pull_secrets(const struct rec *r,
    struct arena *a)
{
    return rec_json(r, SERVICEACCOUNT_IMAGE_PULL_SECRETS, a);
}

static inline bool serviceaccount_image_pull_secrets_set(const struct rec *r)
{
    return rec_has(r, SERVICEACCOUNT_IMAGE_PULL_SECRETS);
}

#endif
