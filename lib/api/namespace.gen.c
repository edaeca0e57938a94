/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/namespace.gen.h"

#include "base/attr.h"

static const struct row namespace_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows namespace_status_conditions_rows = {
    .name = "namespace_status_conditions",
    .row = namespace_status_conditions_row,
    .count = ARRAY_LEN(namespace_status_conditions_row),
};

static const struct row namespace_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"status.phase", REC_STR, NULL},
    {"status.conditions", REC_LIST, &namespace_status_conditions_rows},
};
static const struct rows namespace_rows = {
    .name = "namespace",
    .row = namespace_row,
    .count = ARRAY_LEN(namespace_row),
};

const struct kind kind_namespace = {
    .group = "",
    .version = "v1",
    .kind = "Namespace",
    .plural = "namespaces",
    .namespaced = false,
    .rows = &namespace_rows,
};
