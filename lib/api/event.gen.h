/* event.gen.h — what the cache keeps of a Event.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_EVENT_GEN_H
#define DKUBE_API_EVENT_GEN_H

#include "api/rec.h"

extern const struct kind kind_event;

enum {
    EVENT_METADATA_MANAGED_FIELDS = REC_META_COUNT,
    EVENT_TYPE,
    EVENT_REASON,
    EVENT_ACTION,
    EVENT_NOTE,
    EVENT_REGARDING_KIND,
    EVENT_REGARDING_NAMESPACE,
    EVENT_REGARDING_NAME,
    EVENT_REGARDING_UID,
    EVENT_EVENT_TIME,
    EVENT_SERIES,
};

static inline const char *event_type(const struct rec *r)
{
    return rec_str(r, EVENT_TYPE);
}

static inline bool event_type_set(const struct rec *r)
{
    return rec_has(r, EVENT_TYPE);
}

static inline const char *event_reason(const struct rec *r)
{
    return rec_str(r, EVENT_REASON);
}

static inline bool event_reason_set(const struct rec *r)
{
    return rec_has(r, EVENT_REASON);
}

static inline const char *event_action(const struct rec *r)
{
    return rec_str(r, EVENT_ACTION);
}

static inline bool event_action_set(const struct rec *r)
{
    return rec_has(r, EVENT_ACTION);
}

static inline const char *event_note(const struct rec *r)
{
    return rec_str(r, EVENT_NOTE);
}

static inline bool event_note_set(const struct rec *r)
{
    return rec_has(r, EVENT_NOTE);
}

static inline const char *event_regarding_kind(const struct rec *r)
{
    return rec_str(r, EVENT_REGARDING_KIND);
}

static inline bool event_regarding_kind_set(const struct rec *r)
{
    return rec_has(r, EVENT_REGARDING_KIND);
}

static inline const char *event_regarding_namespace(const struct rec *r)
{
    return rec_str(r, EVENT_REGARDING_NAMESPACE);
}

static inline bool event_regarding_namespace_set(const struct rec *r)
{
    return rec_has(r, EVENT_REGARDING_NAMESPACE);
}

static inline const char *event_regarding_name(const struct rec *r)
{
    return rec_str(r, EVENT_REGARDING_NAME);
}

static inline bool event_regarding_name_set(const struct rec *r)
{
    return rec_has(r, EVENT_REGARDING_NAME);
}

static inline const char *event_regarding_uid(const struct rec *r)
{
    return rec_str(r, EVENT_REGARDING_UID);
}

static inline bool event_regarding_uid_set(const struct rec *r)
{
    return rec_has(r, EVENT_REGARDING_UID);
}

static inline int64_t event_event_time(const struct rec *r)
{
    return rec_int(r, EVENT_EVENT_TIME);
}

static inline bool event_event_time_set(const struct rec *r)
{
    return rec_has(r, EVENT_EVENT_TIME);
}

static inline const struct json *event_series(const struct rec *r, struct arena *a)
{
    return rec_json(r, EVENT_SERIES, a);
}

static inline bool event_series_set(const struct rec *r)
{
    return rec_has(r, EVENT_SERIES);
}

#endif
