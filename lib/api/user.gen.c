/* Made by hack/gen-api from crds/user.yaml; do not edit. */
#include "api/user.gen.h"

#include "base/attr.h"

static const struct row user_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"observedGeneration", REC_INT, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows user_status_conditions_rows = {
    .name = "user_status_conditions",
    .row = user_status_conditions_row,
    .count = ARRAY_LEN(user_status_conditions_row),
};

static const struct row user_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"spec", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
    {"spec.username", REC_STR, NULL},
    {"spec.roles", REC_LIST, &rec_string_rows},
    {"spec.defaultGroup", REC_STR, NULL},
    {"status.observedGeneration", REC_INT, NULL},
    {"status.conditions", REC_LIST, &user_status_conditions_rows},
    {"status.groups", REC_LIST, &rec_string_rows},
    {"status.activeRuns", REC_INT, NULL},
};
static const struct rows user_rows = {
    .name = "user",
    .row = user_row,
    .count = ARRAY_LEN(user_row),
};

const struct kind kind_user = {
    .group = "dkube.io",
    .version = "v1alpha1",
    .kind = "User",
    .plural = "users",
    .namespaced = false,
    .rows = &user_rows,
};
