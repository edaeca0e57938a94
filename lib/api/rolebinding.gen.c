/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/rolebinding.gen.h"

#include "base/attr.h"

static const struct row rolebinding_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"subjects", REC_RAW, NULL},
    {"roleRef", REC_RAW, NULL},
};
static const struct rows rolebinding_rows = {
    .name = "rolebinding",
    .row = rolebinding_row,
    .count = ARRAY_LEN(rolebinding_row),
};

const struct kind kind_rolebinding = {
    .group = "rbac.authorization.k8s.io",
    .version = "v1",
    .kind = "RoleBinding",
    .plural = "rolebindings",
    .namespaced = true,
    .rows = &rolebinding_rows,
};
