/* Made by hack/gen-api from crds/artifactversion.yaml; do not edit. */
#include "api/artifactversion.gen.h"

#include "base/attr.h"

static const struct row artifactversion_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"observedGeneration", REC_INT, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows artifactversion_status_conditions_rows = {
    .name = "artifactversion_status_conditions",
    .row = artifactversion_status_conditions_row,
    .count = ARRAY_LEN(artifactversion_status_conditions_row),
};

static const struct row artifactversion_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"spec", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
    {"spec.of", REC_OBJ, NULL},
    {"spec.of.kind", REC_STR, NULL},
    {"spec.of.name", REC_STR, NULL},
    {"spec.number", REC_INT, NULL},
    {"spec.digest", REC_STR, NULL},
    {"spec.runUID", REC_STR, NULL},
    {"spec.run", REC_STR, NULL},
    {"spec.output", REC_STR, NULL},
    {"spec.source", REC_STR, NULL},
    {"spec.size", REC_INT, NULL},
    {"spec.files", REC_INT, NULL},
    {"spec.stage", REC_STR, NULL},
    {"status.observedGeneration", REC_INT, NULL},
    {"status.conditions", REC_LIST, &artifactversion_status_conditions_rows},
    {"status.ready", REC_BOOL, NULL},
    {"status.stage", REC_STR, NULL},
};
static const struct rows artifactversion_rows = {
    .name = "artifactversion",
    .row = artifactversion_row,
    .count = ARRAY_LEN(artifactversion_row),
};

const struct kind kind_artifactversion = {
    .group = "dkube.io",
    .version = "v1alpha1",
    .kind = "ArtifactVersion",
    .plural = "artifactversions",
    .namespaced = true,
    .rows = &artifactversion_rows,
};
