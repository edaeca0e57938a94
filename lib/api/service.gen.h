/* service.gen.h — what the cache keeps of a Service.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_SERVICE_GEN_H
#define DKUBE_API_SERVICE_GEN_H

#include "api/rec.h"

extern const struct kind kind_service;

enum {
    SERVICE_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    SERVICE_METADATA_ANNOTATIONS,
    SERVICE_SPEC,
    SERVICE_SPEC_CLUSTER_IP,
    SERVICE_SPEC_TYPE,
};

static inline uint32_t service_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, SERVICE_METADATA_ANNOTATIONS);
}

static inline const char *service_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, SERVICE_METADATA_ANNOTATIONS, i);
}

static inline const char *service_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, SERVICE_METADATA_ANNOTATIONS, i);
}

static inline const char *service_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, SERVICE_METADATA_ANNOTATIONS, key);
}

static inline const struct json *service_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, SERVICE_SPEC, a);
}

static inline bool service_spec_set(const struct rec *r)
{
    return rec_has(r, SERVICE_SPEC);
}

static inline const char *service_spec_cluster_ip(const struct rec *r)
{
    return rec_str(r, SERVICE_SPEC_CLUSTER_IP);
}

static inline bool service_spec_cluster_ip_set(const struct rec *r)
{
    return rec_has(r, SERVICE_SPEC_CLUSTER_IP);
}

static inline const char *service_spec_type(const struct rec *r)
{
    return rec_str(r, SERVICE_SPEC_TYPE);
}

static inline bool service_spec_type_set(const struct rec *r)
{
    return rec_has(r, SERVICE_SPEC_TYPE);
}

#endif
