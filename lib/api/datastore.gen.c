/* Made by hack/gen-api from crds/datastore.yaml; do not edit. */
#include "api/datastore.gen.h"

#include "base/attr.h"

static const struct row datastore_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"observedGeneration", REC_INT, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows datastore_status_conditions_rows = {
    .name = "datastore_status_conditions",
    .row = datastore_status_conditions_row,
    .count = ARRAY_LEN(datastore_status_conditions_row),
};

static const struct row datastore_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"spec", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
    {"spec.storage", REC_OBJ, NULL},
    {"spec.storage.local", REC_OBJ, NULL},
    {"status.observedGeneration", REC_INT, NULL},
    {"status.conditions", REC_LIST, &datastore_status_conditions_rows},
    {"status.ready", REC_BOOL, NULL},
    {"status.versions", REC_INT, NULL},
    {"status.bytesStored", REC_INT, NULL},
};
static const struct rows datastore_rows = {
    .name = "datastore",
    .row = datastore_row,
    .count = ARRAY_LEN(datastore_row),
};

const struct kind kind_datastore = {
    .group = "dkube.io",
    .version = "v1alpha1",
    .kind = "DataStore",
    .plural = "datastores",
    .namespaced = false,
    .rows = &datastore_rows,
};
