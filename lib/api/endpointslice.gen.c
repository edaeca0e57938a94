/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/endpointslice.gen.h"

#include "base/attr.h"

static const struct row endpointslice_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"addressType", REC_STR, NULL},
    {"endpoints", REC_RAW, NULL},
    {"ports", REC_RAW, NULL},
};
static const struct rows endpointslice_rows = {
    .name = "endpointslice",
    .row = endpointslice_row,
    .count = ARRAY_LEN(endpointslice_row),
};

const struct kind kind_endpointslice = {
    .group = "discovery.k8s.io",
    .version = "v1",
    .kind = "EndpointSlice",
    .plural = "endpointslices",
    .namespaced = true,
    .rows = &endpointslice_rows,
};
