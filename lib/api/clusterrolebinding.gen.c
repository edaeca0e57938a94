/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/clusterrolebinding.gen.h"

#include "base/attr.h"

static const struct row clusterrolebinding_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"subjects", REC_RAW, NULL},
    {"roleRef", REC_RAW, NULL},
};
static const struct rows clusterrolebinding_rows = {
    .name = "clusterrolebinding",
    .row = clusterrolebinding_row,
    .count = ARRAY_LEN(clusterrolebinding_row),
};

const struct kind kind_clusterrolebinding = {
    .group = "rbac.authorization.k8s.io",
    .version = "v1",
    .kind = "ClusterRoleBinding",
    .plural = "clusterrolebindings",
    .namespaced = false,
    .rows = &clusterrolebinding_rows,
};
