/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/clusterrole.gen.h"

#include "base/attr.h"

static const struct row clusterrole_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"rules", REC_RAW, NULL},
};
static const struct rows clusterrole_rows = {
    .name = "clusterrole",
    .row = clusterrole_row,
    .count = ARRAY_LEN(clusterrole_row),
};

const struct kind kind_clusterrole = {
    .group = "rbac.authorization.k8s.io",
    .version = "v1",
    .kind = "ClusterRole",
    .plural = "clusterroles",
    .namespaced = false,
    .rows = &clusterrole_rows,
};
