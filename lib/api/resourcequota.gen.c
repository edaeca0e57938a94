/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/resourcequota.gen.h"

#include "base/attr.h"

static const struct row resourcequota_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"spec", REC_RAW, NULL},
    {"status.hard", REC_MAP, NULL},
    {"status.used", REC_MAP, NULL},
};
static const struct rows resourcequota_rows = {
    .name = "resourcequota",
    .row = resourcequota_row,
    .count = ARRAY_LEN(resourcequota_row),
};

const struct kind kind_resourcequota = {
    .group = "",
    .version = "v1",
    .kind = "ResourceQuota",
    .plural = "resourcequotas",
    .namespaced = true,
    .rows = &resourcequota_rows,
};
