/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/service.gen.h"

#include "base/attr.h"

static const struct row service_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"spec", REC_RAW, NULL},
    {"spec.clusterIP", REC_STR, NULL},
    {"spec.type", REC_STR, NULL},
};
static const struct rows service_rows = {
    .name = "service",
    .row = service_row,
    .count = ARRAY_LEN(service_row),
};

const struct kind kind_service = {
    .group = "",
    .version = "v1",
    .kind = "Service",
    .plural = "services",
    .namespaced = true,
    .rows = &service_rows,
};
