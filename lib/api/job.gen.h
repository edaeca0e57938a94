/* job.gen.h — what the cache keeps of a Job.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_JOB_GEN_H
#define DKUBE_API_JOB_GEN_H

#include "api/rec.h"

extern const struct kind kind_job;

enum {
    JOB_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    JOB_METADATA_ANNOTATIONS,
    JOB_SPEC,
    JOB_STATUS_ACTIVE,
    JOB_STATUS_SUCCEEDED,
    JOB_STATUS_FAILED,
    JOB_STATUS_START_TIME,
    JOB_STATUS_COMPLETION_TIME,
    JOB_STATUS_CONDITIONS,
};

static inline uint32_t job_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, JOB_METADATA_ANNOTATIONS);
}

static inline const char *job_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, JOB_METADATA_ANNOTATIONS, i);
}

static inline const char *job_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, JOB_METADATA_ANNOTATIONS, i);
}

static inline const char *job_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, JOB_METADATA_ANNOTATIONS, key);
}

static inline const struct json *job_spec(const struct rec *r, struct arena *a)
{
    return rec_json(r, JOB_SPEC, a);
}

static inline bool job_spec_set(const struct rec *r)
{
    return rec_has(r, JOB_SPEC);
}

static inline int64_t job_status_active(const struct rec *r)
{
    return rec_int(r, JOB_STATUS_ACTIVE);
}

static inline bool job_status_active_set(const struct rec *r)
{
    return rec_has(r, JOB_STATUS_ACTIVE);
}

static inline int64_t job_status_succeeded(const struct rec *r)
{
    return rec_int(r, JOB_STATUS_SUCCEEDED);
}

static inline bool job_status_succeeded_set(const struct rec *r)
{
    return rec_has(r, JOB_STATUS_SUCCEEDED);
}

static inline int64_t job_status_failed(const struct rec *r)
{
    return rec_int(r, JOB_STATUS_FAILED);
}

static inline bool job_status_failed_set(const struct rec *r)
{
    return rec_has(r, JOB_STATUS_FAILED);
}

static inline int64_t job_status_start_time(const struct rec *r)
{
    return rec_int(r, JOB_STATUS_START_TIME);
}

static inline bool job_status_start_time_set(const struct rec *r)
{
    return rec_has(r, JOB_STATUS_START_TIME);
}

static inline int64_t job_status_completion_time(const struct rec *r)
{
    return rec_int(r, JOB_STATUS_COMPLETION_TIME);
}

static inline bool job_status_completion_time_set(const struct rec *r)
{
    return rec_has(r, JOB_STATUS_COMPLETION_TIME);
}

static inline uint32_t job_status_conditions_count(const struct rec *r)
{
    return rec_count(r, JOB_STATUS_CONDITIONS);
}

static inline const struct rec *job_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, JOB_STATUS_CONDITIONS, i);
}

/* an element of status.conditions */

enum {
    JOB_STATUS_CONDITIONS_TYPE,
    JOB_STATUS_CONDITIONS_STATUS,
    JOB_STATUS_CONDITIONS_REASON,
    JOB_STATUS_CONDITIONS_MESSAGE,
    JOB_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *job_status_conditions_type(const struct rec *r)
{
    return rec_str(r, JOB_STATUS_CONDITIONS_TYPE);
}

static inline bool job_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, JOB_STATUS_CONDITIONS_TYPE);
}

static inline const char *job_status_conditions_status(const struct rec *r)
{
    return rec_str(r, JOB_STATUS_CONDITIONS_STATUS);
}

static inline bool job_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, JOB_STATUS_CONDITIONS_STATUS);
}

static inline const char *job_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, JOB_STATUS_CONDITIONS_REASON);
}

static inline bool job_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, JOB_STATUS_CONDITIONS_REASON);
}

static inline const char *job_status_conditions_message(const struct rec *r)
{
    return rec_str(r, JOB_STATUS_CONDITIONS_MESSAGE);
}

static inline bool job_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, JOB_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t job_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, JOB_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool job_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, JOB_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

#endif
