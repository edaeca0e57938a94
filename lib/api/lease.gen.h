/* lease.gen.h — what the cache keeps of a Lease.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_LEASE_GEN_H
#define DKUBE_API_LEASE_GEN_H

#include "api/rec.h"

extern const struct kind kind_lease;

enum {
    LEASE_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    LEASE_METADATA_ANNOTATIONS,
    LEASE_SPEC,
    LEASE_SPEC_HOLDER_IDENTITY,
    LEASE_SPEC_LEASE_DURATION_SECONDS,
    LEASE_SPEC_ACQUIRE_TIME,
    LEASE_SPEC_RENEW_TIME,
    LEASE_SPEC_LEASE_TRANSITIONS,
};

static inline uint32_t lease_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, LEASE_METADATA_ANNOTATIONS);
}

static inline const char *lease_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, LEASE_METADATA_ANNOTATIONS, i);
}

static inline const char *lease_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, LEASE_METADATA_ANNOTATIONS, i);
}

static inline const char *lease_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, LEASE_METADATA_ANNOTATIONS, key);
}

static inline const struct json *lease_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, LEASE_SPEC, a);
}

static inline bool lease_spec_set(const struct rec *r)
{
    return rec_has(r, LEASE_SPEC);
}

static inline const char *lease_spec_holder_identity(const struct rec *r)
{
    return rec_str(r, LEASE_SPEC_HOLDER_IDENTITY);
}

static inline bool lease_spec_holder_identity_set(const struct rec *r)
{
    return rec_has(r, LEASE_SPEC_HOLDER_IDENTITY);
}

static inline int64_t lease_spec_lease_duration_seconds(const struct rec *r)
{
    return rec_int(r, LEASE_SPEC_LEASE_DURATION_SECONDS);
}

static inline bool lease_spec_lease_duration_seconds_set(const struct rec *r)
{
    return rec_has(r, LEASE_SPEC_LEASE_DURATION_SECONDS);
}

static inline int64_t lease_spec_acquire_time(const struct rec *r)
{
    return rec_int(r, LEASE_SPEC_ACQUIRE_TIME);
}

static inline bool lease_spec_acquire_time_set(const struct rec *r)
{
    return rec_has(r, LEASE_SPEC_ACQUIRE_TIME);
}

static inline int64_t lease_spec_renew_time(const struct rec *r)
{
    return rec_int(r, LEASE_SPEC_RENEW_TIME);
}

static inline bool lease_spec_renew_time_set(const struct rec *r)
{
    return rec_has(r, LEASE_SPEC_RENEW_TIME);
}

static inline int64_t lease_spec_lease_transitions(const struct rec *r)
{
    return rec_int(r, LEASE_SPEC_LEASE_TRANSITIONS);
}

static inline bool lease_spec_lease_transitions_set(const struct rec *r)
{
    return rec_has(r, LEASE_SPEC_LEASE_TRANSITIONS);
}

#endif
