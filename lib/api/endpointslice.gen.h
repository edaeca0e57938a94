/* endpointslice.gen.h — what the cache keeps of a EndpointSlice.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_ENDPOINTSLICE_GEN_H
#define DKUBE_API_ENDPOINTSLICE_GEN_H

#include "api/rec.h"

extern const struct kind kind_endpointslice;

enum {
    ENDPOINTSLICE_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    ENDPOINTSLICE_METADATA_ANNOTATIONS,
    ENDPOINTSLICE_ADDRESS_TYPE,
    ENDPOINTSLICE_ENDPOINTS,
    ENDPOINTSLICE_PORTS,
};

static inline uint32_t endpointslice_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, ENDPOINTSLICE_METADATA_ANNOTATIONS);
}

static inline const char *endpointslice_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, ENDPOINTSLICE_METADATA_ANNOTATIONS, i);
}

static inline const char *endpointslice_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, ENDPOINTSLICE_METADATA_ANNOTATIONS, i);
}

static inline const char *endpointslice_metadata_annotations_get(const struct rec *r,
    const char *key)
{
    return rec_map_get(r, ENDPOINTSLICE_METADATA_ANNOTATIONS, key);
}

static inline const char *endpointslice_address_type(const struct rec *r)
{
    return rec_str(r, ENDPOINTSLICE_ADDRESS_TYPE);
}

static inline bool endpointslice_address_type_set(const struct rec *r)
{
    return rec_has(r, ENDPOINTSLICE_ADDRESS_TYPE);
}

static inline const struct json *endpointslice_endpoints(const struct rec *r, struct arena *a)
{
    return rec_json(r, ENDPOINTSLICE_ENDPOINTS, a);
}

static inline bool endpointslice_endpoints_set(const struct rec *r)
{
    return rec_has(r, ENDPOINTSLICE_ENDPOINTS);
}

static inline const struct json *endpointslice_ports(const struct rec *r, struct arena *a)
{
    return rec_json(r, ENDPOINTSLICE_PORTS, a);
}

static inline bool endpointslice_ports_set(const struct rec *r)
{
    return rec_has(r, ENDPOINTSLICE_PORTS);
}

#endif
