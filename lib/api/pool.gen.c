/* Made by hack/gen-api from crds/pool.yaml; do not edit. */
#include "api/pool.gen.h"

#include "base/attr.h"

static const struct row pool_spec_nodes_row[] = {
    {"name", REC_STR, NULL},
    {"gpus", REC_INT, NULL},
};
static const struct rows pool_spec_nodes_rows = {
    .name = "pool_spec_nodes",
    .row = pool_spec_nodes_row,
    .count = ARRAY_LEN(pool_spec_nodes_row),
};

static const struct row pool_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"observedGeneration", REC_INT, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows pool_status_conditions_rows = {
    .name = "pool_status_conditions",
    .row = pool_status_conditions_row,
    .count = ARRAY_LEN(pool_status_conditions_row),
};

static const struct row pool_status_nodes_rejected_row[] = {
    {"pod", REC_STR, NULL},
    {"time", REC_TIME, NULL},
};
static const struct rows pool_status_nodes_rejected_rows = {
    .name = "pool_status_nodes_rejected",
    .row = pool_status_nodes_rejected_row,
    .count = ARRAY_LEN(pool_status_nodes_rejected_row),
};

static const struct row pool_status_nodes_row[] = {
    {"name", REC_STR, NULL},
    {"gpus", REC_INT, NULL},
    {"free", REC_INT, NULL},
    {"type", REC_STR, NULL},
    {"rejected", REC_LIST, &pool_status_nodes_rejected_rows},
    {"quarantinedUntil", REC_TIME, NULL},
};
static const struct rows pool_status_nodes_rows = {
    .name = "pool_status_nodes",
    .row = pool_status_nodes_row,
    .count = ARRAY_LEN(pool_status_nodes_row),
};

static const struct row pool_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"spec", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
    {"spec.gpuType", REC_STR, NULL},
    {"spec.gpus", REC_INT, NULL},
    {"spec.nodes", REC_LIST, &pool_spec_nodes_rows},
    {"spec.policy", REC_STR, NULL},
    {"spec.lend", REC_BOOL, NULL},
    {"spec.description", REC_STR, NULL},
    {"status.observedGeneration", REC_INT, NULL},
    {"status.conditions", REC_LIST, &pool_status_conditions_rows},
    {"status.capacity", REC_INT, NULL},
    {"status.allocated", REC_INT, NULL},
    {"status.free", REC_INT, NULL},
    {"status.unhealthy", REC_INT, NULL},
    {"status.foreign", REC_INT, NULL},
    {"status.draining", REC_INT, NULL},
    {"status.nodes", REC_LIST, &pool_status_nodes_rows},
    {"status.runs", REC_LIST, &rec_string_rows},
    {"status.runCount", REC_INT, NULL},
    {"status.group", REC_STR, NULL},
};
static const struct rows pool_rows = {
    .name = "pool",
    .row = pool_row,
    .count = ARRAY_LEN(pool_row),
};

const struct kind kind_pool = {
    .group = "dkube.io",
    .version = "v1alpha1",
    .kind = "Pool",
    .plural = "pools",
    .namespaced = false,
    .rows = &pool_rows,
};
