/* Made by hack/gen-api from crds/group.yaml; do not edit. */
#include "api/group.gen.h"

#include "base/attr.h"

static const struct row group_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"observedGeneration", REC_INT, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows group_status_conditions_rows = {
    .name = "group_status_conditions",
    .row = group_status_conditions_row,
    .count = ARRAY_LEN(group_status_conditions_row),
};

static const struct row group_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"spec", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
    {"spec.users", REC_LIST, &rec_string_rows},
    {"spec.externalGroups", REC_LIST, &rec_string_rows},
    {"spec.poolRef", REC_STR, NULL},
    {"spec.namespace", REC_STR, NULL},
    {"spec.description", REC_STR, NULL},
    {"status.observedGeneration", REC_INT, NULL},
    {"status.conditions", REC_LIST, &group_status_conditions_rows},
    {"status.namespace", REC_STR, NULL},
    {"status.pool", REC_STR, NULL},
    {"status.activeRuns", REC_INT, NULL},
};
static const struct rows group_rows = {
    .name = "group",
    .row = group_row,
    .count = ARRAY_LEN(group_row),
};

const struct kind kind_group = {
    .group = "dkube.io",
    .version = "v1alpha1",
    .kind = "Group",
    .plural = "groups",
    .namespaced = false,
    .rows = &group_rows,
};
