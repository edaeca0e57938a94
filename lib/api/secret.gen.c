/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/secret.gen.h"

#include "base/attr.h"

static const struct row secret_row[] = {
    REC_META_ROWS,
};
static const struct rows secret_rows = {
    .name = "secret",
    .row = secret_row,
    .count = ARRAY_LEN(secret_row),
};

const struct kind kind_secret = {
    .group = "",
    .version = "v1",
    .kind = "Secret",
    .plural = "secrets",
    .namespaced = true,
    .rows = &secret_rows,
};
