/* node.gen.h — what the cache keeps of a Node.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_NODE_GEN_H
#define DKUBE_API_NODE_GEN_H

#include "api/rec.h"

extern const struct kind kind_node;

enum {
    NODE_METADATA_ANNOTATIONS = REC_META_COUNT,
    NODE_SPEC_UNSCHEDULABLE,
    NODE_SPEC_TAINTS,
    NODE_STATUS_CAPACITY,
    NODE_STATUS_ALLOCATABLE,
    NODE_STATUS_CONDITIONS,
};

static inline uint32_t node_metadata_annotations_count(const struct rec *r)
{
    return rec_count(r, NODE_METADATA_ANNOTATIONS);
}

static inline const char *node_metadata_annotations_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, NODE_METADATA_ANNOTATIONS, i);
}

static inline const char *node_metadata_annotations_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, NODE_METADATA_ANNOTATIONS, i);
}

static inline const char *node_metadata_annotations_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, NODE_METADATA_ANNOTATIONS, key);
}

static inline bool node_spec_unschedulable(const struct rec *r)
{
    return rec_bool(r, NODE_SPEC_UNSCHEDULABLE);
}

static inline bool node_spec_unschedulable_set(const struct rec *r)
{
    return rec_has(r, NODE_SPEC_UNSCHEDULABLE);
}

static inline uint32_t node_spec_taints_count(const struct rec *r)
{
    return rec_count(r, NODE_SPEC_TAINTS);
}

static inline const struct rec *node_spec_taints_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, NODE_SPEC_TAINTS, i);
}

static inline uint32_t node_status_capacity_count(const struct rec *r)
{
    return rec_count(r, NODE_STATUS_CAPACITY);
}

static inline const char *node_status_capacity_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, NODE_STATUS_CAPACITY, i);
}

static inline const char *node_status_capacity_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, NODE_STATUS_CAPACITY, i);
}

static inline const char *node_status_capacity_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, NODE_STATUS_CAPACITY, key);
}

static inline uint32_t node_status_allocatable_count(const struct rec *r)
{
    return rec_count(r, NODE_STATUS_ALLOCATABLE);
}

static inline const char *node_status_allocatable_key(const struct rec *r, uint32_t i)
{
    return rec_map_key(r, NODE_STATUS_ALLOCATABLE, i);
}

static inline const char *node_status_allocatable_value(const struct rec *r, uint32_t i)
{
    return rec_map_value(r, NODE_STATUS_ALLOCATABLE, i);
}

static inline const char *node_status_allocatable_get(const struct rec *r, const char *key)
{
    return rec_map_get(r, NODE_STATUS_ALLOCATABLE, key);
}

static inline uint32_t node_status_conditions_count(const struct rec *r)
{
    return rec_count(r, NODE_STATUS_CONDITIONS);
}

static inline const struct rec *node_status_conditions_at(const struct rec *r, uint32_t i)
{
    return rec_item(r, NODE_STATUS_CONDITIONS, i);
}

/* an element of spec.taints */

enum {
    NODE_SPEC_TAINTS_KEY,
    NODE_SPEC_TAINTS_VALUE,
    NODE_SPEC_TAINTS_EFFECT,
    NODE_SPEC_TAINTS_TIME_ADDED,
};

static inline const char *node_spec_taints_key(const struct rec *r)
{
    return rec_str(r, NODE_SPEC_TAINTS_KEY);
}

static inline bool node_spec_taints_key_set(const struct rec *r)
{
    return rec_has(r, NODE_SPEC_TAINTS_KEY);
}

static inline const char *node_spec_taints_value(const struct rec *r)
{
    return rec_str(r, NODE_SPEC_TAINTS_VALUE);
}

static inline bool node_spec_taints_value_set(const struct rec *r)
{
    return rec_has(r, NODE_SPEC_TAINTS_VALUE);
}

static inline const char *node_spec_taints_effect(const struct rec *r)
{
    return rec_str(r, NODE_SPEC_TAINTS_EFFECT);
}

static inline bool node_spec_taints_effect_set(const struct rec *r)
{
    return rec_has(r, NODE_SPEC_TAINTS_EFFECT);
}

static inline int64_t node_spec_taints_time_added(const struct rec *r)
{
    return rec_int(r, NODE_SPEC_TAINTS_TIME_ADDED);
}

static inline bool node_spec_taints_time_added_set(const struct rec *r)
{
    return rec_has(r, NODE_SPEC_TAINTS_TIME_ADDED);
}

/* an element of status.conditions */

enum {
    NODE_STATUS_CONDITIONS_TYPE,
    NODE_STATUS_CONDITIONS_STATUS,
    NODE_STATUS_CONDITIONS_REASON,
    NODE_STATUS_CONDITIONS_MESSAGE,
    NODE_STATUS_CONDITIONS_LAST_TRANSITION_TIME,
};

static inline const char *node_status_conditions_type(const struct rec *r)
{
    return rec_str(r, NODE_STATUS_CONDITIONS_TYPE);
}

static inline bool node_status_conditions_type_set(const struct rec *r)
{
    return rec_has(r, NODE_STATUS_CONDITIONS_TYPE);
}

static inline const char *node_status_conditions_status(const struct rec *r)
{
    return rec_str(r, NODE_STATUS_CONDITIONS_STATUS);
}

static inline bool node_status_conditions_status_set(const struct rec *r)
{
    return rec_has(r, NODE_STATUS_CONDITIONS_STATUS);
}

static inline const char *node_status_conditions_reason(const struct rec *r)
{
    return rec_str(r, NODE_STATUS_CONDITIONS_REASON);
}

static inline bool node_status_conditions_reason_set(const struct rec *r)
{
    return rec_has(r, NODE_STATUS_CONDITIONS_REASON);
}

static inline const char *node_status_conditions_message(const struct rec *r)
{
    return rec_str(r, NODE_STATUS_CONDITIONS_MESSAGE);
}

static inline bool node_status_conditions_message_set(const struct rec *r)
{
    return rec_has(r, NODE_STATUS_CONDITIONS_MESSAGE);
}

static inline int64_t node_status_conditions_last_transition_time(const struct rec *r)
{
    return rec_int(r, NODE_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

static inline bool node_status_conditions_last_transition_time_set(const struct rec *r)
{
    return rec_has(r, NODE_STATUS_CONDITIONS_LAST_TRANSITION_TIME);
}

#endif
