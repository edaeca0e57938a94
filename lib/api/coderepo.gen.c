/* Made by hack/gen-api from crds/coderepo.yaml; do not edit. */
#include "api/coderepo.gen.h"

#include "base/attr.h"

static const struct row coderepo_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"observedGeneration", REC_INT, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows coderepo_status_conditions_rows = {
    .name = "coderepo_status_conditions",
    .row = coderepo_status_conditions_row,
    .count = ARRAY_LEN(coderepo_status_conditions_row),
};

static const struct row coderepo_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"spec", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
    {"spec.url", REC_STR, NULL},
    {"spec.branch", REC_STR, NULL},
    {"spec.secretRef", REC_OBJ, NULL},
    {"spec.secretRef.name", REC_STR, NULL},
    {"status.observedGeneration", REC_INT, NULL},
    {"status.conditions", REC_LIST, &coderepo_status_conditions_rows},
    {"status.head", REC_STR, NULL},
    {"status.lastFetched", REC_TIME, NULL},
};
static const struct rows coderepo_rows = {
    .name = "coderepo",
    .row = coderepo_row,
    .count = ARRAY_LEN(coderepo_row),
};

const struct kind kind_coderepo = {
    .group = "dkube.io",
    .version = "v1alpha1",
    .kind = "CodeRepo",
    .plural = "coderepos",
    .namespaced = true,
    .rows = &coderepo_rows,
};
