/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/serviceaccount.gen.h"

#include "base/attr.h"

static const struct row serviceaccount_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"automountServiceAccountToken", REC_BOOL, NULL},
    {"imagePullSecrets", REC_RAW, NULL},
};
static const struct rows serviceaccount_rows = {
    .name = "serviceaccount",
    .row = serviceaccount_row,
    .count = ARRAY_LEN(serviceaccount_row),
};

const struct kind kind_serviceaccount = {
    .group = "",
    .version = "v1",
    .kind = "ServiceAccount",
    .plural = "serviceaccounts",
    .namespaced = true,
    .rows = &serviceaccount_rows,
};
