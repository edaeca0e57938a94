/* Made by hack/gen-api from crds/model.yaml; do not edit. */
#include "api/model.gen.h"

#include "base/attr.h"

static const struct row model_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"observedGeneration", REC_INT, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows model_status_conditions_rows = {
    .name = "model_status_conditions",
    .row = model_status_conditions_row,
    .count = ARRAY_LEN(model_status_conditions_row),
};

static const struct row model_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"spec", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
    {"spec.description", REC_STR, NULL},
    {"status.observedGeneration", REC_INT, NULL},
    {"status.conditions", REC_LIST, &model_status_conditions_rows},
    {"status.latest", REC_STR, NULL},
    {"status.published", REC_STR, NULL},
    {"status.lastNumber", REC_INT, NULL},
    {"status.versions", REC_INT, NULL},
};
static const struct rows model_rows = {
    .name = "model",
    .row = model_row,
    .count = ARRAY_LEN(model_row),
};

const struct kind kind_model = {
    .group = "dkube.io",
    .version = "v1alpha1",
    .kind = "Model",
    .plural = "models",
    .namespaced = true,
    .rows = &model_rows,
};
