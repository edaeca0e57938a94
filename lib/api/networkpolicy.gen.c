/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/networkpolicy.gen.h"

#include "base/attr.h"

static const struct row networkpolicy_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"spec", REC_RAW, NULL},
};
static const struct rows networkpolicy_rows = {
    .name = "networkpolicy",
    .row = networkpolicy_row,
    .count = ARRAY_LEN(networkpolicy_row),
};

const struct kind kind_networkpolicy = {
    .group = "networking.k8s.io",
    .version = "v1",
    .kind = "NetworkPolicy",
    .plural = "networkpolicies",
    .namespaced = true,
    .rows = &networkpolicy_rows,
};
