/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/node.gen.h"

#include "base/attr.h"

static const struct row node_spec_taints_row[] = {
    {"key", REC_STR, NULL},
    {"value", REC_STR, NULL},
    {"effect", REC_STR, NULL},
    {"timeAdded", REC_TIME, NULL},
};
static const struct rows node_spec_taints_rows = {
    .name = "node_spec_taints",
    .row = node_spec_taints_row,
    .count = ARRAY_LEN(node_spec_taints_row),
};

static const struct row node_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows node_status_conditions_rows = {
    .name = "node_status_conditions",
    .row = node_status_conditions_row,
    .count = ARRAY_LEN(node_status_conditions_row),
};

static const struct row node_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"spec.unschedulable", REC_BOOL, NULL},
    {"spec.taints", REC_LIST, &node_spec_taints_rows},
    {"status.capacity", REC_MAP, NULL},
    {"status.allocatable", REC_MAP, NULL},
    {"status.conditions", REC_LIST, &node_status_conditions_rows},
};
static const struct rows node_rows = {
    .name = "node",
    .row = node_row,
    .count = ARRAY_LEN(node_row),
};

const struct kind kind_node = {
    .group = "",
    .version = "v1",
    .kind = "Node",
    .plural = "nodes",
    .namespaced = false,
    .rows = &node_rows,
};
