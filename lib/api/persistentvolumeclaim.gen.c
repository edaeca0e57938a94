/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/persistentvolumeclaim.gen.h"

#include "base/attr.h"

static const struct row persistentvolumeclaim_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"spec", REC_RAW, NULL},
    {"spec.volumeName", REC_STR, NULL},
    {"status.phase", REC_STR, NULL},
    {"status.capacity", REC_MAP, NULL},
};
static const struct rows persistentvolumeclaim_rows = {
    .name = "persistentvolumeclaim",
    .row = persistentvolumeclaim_row,
    .count = ARRAY_LEN(persistentvolumeclaim_row),
};

const struct kind kind_persistentvolumeclaim = {
    .group = "",
    .version = "v1",
    .kind = "PersistentVolumeClaim",
    .plural = "persistentvolumeclaims",
    .namespaced = true,
    .rows = &persistentvolumeclaim_rows,
};
