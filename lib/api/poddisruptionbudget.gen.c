/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/poddisruptionbudget.gen.h"

#include "base/attr.h"

static const struct row poddisruptionbudget_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"spec", REC_RAW, NULL},
};
static const struct rows poddisruptionbudget_rows = {
    .name = "poddisruptionbudget",
    .row = poddisruptionbudget_row,
    .count = ARRAY_LEN(poddisruptionbudget_row),
};

const struct kind kind_poddisruptionbudget = {
    .group = "policy",
    .version = "v1",
    .kind = "PodDisruptionBudget",
    .plural = "poddisruptionbudgets",
    .namespaced = true,
    .rows = &poddisruptionbudget_rows,
};
