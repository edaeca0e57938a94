/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/configmap.gen.h"

#include "base/attr.h"

static const struct row configmap_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"data", REC_RAW, NULL},
};
static const struct rows configmap_rows = {
    .name = "configmap",
    .row = configmap_row,
    .count = ARRAY_LEN(configmap_row),
};

const struct kind kind_configmap = {
    .group = "",
    .version = "v1",
    .kind = "ConfigMap",
    .plural = "configmaps",
    .namespaced = true,
    .rows = &configmap_rows,
};
