/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/role.gen.h"

#include "base/attr.h"

static const struct row role_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"rules", REC_RAW, NULL},
};
static const struct rows role_rows = {
    .name = "role",
    .row = role_row,
    .count = ARRAY_LEN(role_row),
};

const struct kind kind_role = {
    .group = "rbac.authorization.k8s.io",
    .version = "v1",
    .kind = "Role",
    .plural = "roles",
    .namespaced = true,
    .rows = &role_rows,
};
