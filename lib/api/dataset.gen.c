/* Made by hack/gen-api from crds/dataset.yaml; do not edit. */
#include "api/dataset.gen.h"

#include "base/attr.h"

static const struct row dataset_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"observedGeneration", REC_INT, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows dataset_status_conditions_rows = {
    .name = "dataset_status_conditions",
    .row = dataset_status_conditions_row,
    .count = ARRAY_LEN(dataset_status_conditions_row),
};

static const struct row dataset_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"spec", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
    {"spec.source", REC_OBJ, NULL},
    {"spec.source.git", REC_OBJ, NULL},
    {"spec.source.git.url", REC_STR, NULL},
    {"spec.source.git.ref", REC_STR, NULL},
    {"spec.source.git.path", REC_STR, NULL},
    {"spec.source.git.secretRef", REC_OBJ, NULL},
    {"spec.source.git.secretRef.name", REC_STR, NULL},
    {"spec.source.none", REC_OBJ, NULL},
    {"spec.dataStoreRef", REC_STR, NULL},
    {"spec.description", REC_STR, NULL},
    {"status.observedGeneration", REC_INT, NULL},
    {"status.conditions", REC_LIST, &dataset_status_conditions_rows},
    {"status.latest", REC_STR, NULL},
    {"status.lastNumber", REC_INT, NULL},
    {"status.versions", REC_INT, NULL},
    {"status.size", REC_INT, NULL},
};
static const struct rows dataset_rows = {
    .name = "dataset",
    .row = dataset_row,
    .count = ARRAY_LEN(dataset_row),
};

const struct kind kind_dataset = {
    .group = "dkube.io",
    .version = "v1alpha1",
    .kind = "Dataset",
    .plural = "datasets",
    .namespaced = true,
    .rows = &dataset_rows,
};
