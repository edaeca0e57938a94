/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/limitrange.gen.h"

#include "base/attr.h"

static const struct row limitrange_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"spec", REC_RAW, NULL},
};
static const struct rows limitrange_rows = {
    .name = "limitrange",
    .row = limitrange_row,
    .count = ARRAY_LEN(limitrange_row),
};

const struct kind kind_limitrange = {
    .group = "",
    .version = "v1",
    .kind = "LimitRange",
    .plural = "limitranges",
    .namespaced = true,
    .rows = &limitrange_rows,
};
