/* Made by hack/gen-api from crds/deployment.yaml; do not edit. */
#include "api/deployment.gen.h"

#include "base/attr.h"

static const struct row deployment_spec_parameters_row[] = {
    {"name", REC_STR, NULL},
    {"value", REC_STR, NULL},
};
static const struct rows deployment_spec_parameters_rows = {
    .name = "deployment_spec_parameters",
    .row = deployment_spec_parameters_row,
    .count = ARRAY_LEN(deployment_spec_parameters_row),
};

static const struct row deployment_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"observedGeneration", REC_INT, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows deployment_status_conditions_rows = {
    .name = "deployment_status_conditions",
    .row = deployment_status_conditions_row,
    .count = ARRAY_LEN(deployment_status_conditions_row),
};

static const struct row deployment_status_admission_nodes_row[] = {
    {"name", REC_STR, NULL},
    {"gpus", REC_INT, NULL},
};
static const struct rows deployment_status_admission_nodes_rows = {
    .name = "deployment_status_admission_nodes",
    .row = deployment_status_admission_nodes_row,
    .count = ARRAY_LEN(deployment_status_admission_nodes_row),
};

static const struct row deployment_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"spec", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
    {"spec.model", REC_STR, NULL},
    {"spec.version", REC_INT, NULL},
    {"spec.type", REC_STR, NULL},
    {"spec.servingImage", REC_STR, NULL},
    {"spec.command", REC_LIST, &rec_string_rows},
    {"spec.port", REC_INT, NULL},
    {"spec.readinessPath", REC_STR, NULL},
    {"spec.mountPath", REC_STR, NULL},
    {"spec.parameters", REC_LIST, &deployment_spec_parameters_rows},
    {"spec.gpus", REC_INT, NULL},
    {"spec.resources", REC_OBJ, NULL},
    {"spec.resources.cpu", REC_TEXT, NULL},
    {"spec.resources.memory", REC_TEXT, NULL},
    {"spec.minReplicas", REC_INT, NULL},
    {"spec.owner", REC_STR, NULL},
    {"status.observedGeneration", REC_INT, NULL},
    {"status.conditions", REC_LIST, &deployment_status_conditions_rows},
    {"status.url", REC_STR, NULL},
    {"status.replicas", REC_INT, NULL},
    {"status.readyReplicas", REC_INT, NULL},
    {"status.modelVersion", REC_STR, NULL},
    {"status.digest", REC_STR, NULL},
    {"status.selector", REC_STR, NULL},
    {"status.admission", REC_OBJ, NULL},
    {"status.admission.replicas", REC_INT, NULL},
    {"status.admission.pool", REC_STR, NULL},
    {"status.admission.type", REC_STR, NULL},
    {"status.admission.nodes", REC_LIST, &deployment_status_admission_nodes_rows},
};
static const struct rows deployment_rows = {
    .name = "deployment",
    .row = deployment_row,
    .count = ARRAY_LEN(deployment_row),
};

const struct kind kind_deployment = {
    .group = "dkube.io",
    .version = "v1alpha1",
    .kind = "Deployment",
    .plural = "deployments",
    .namespaced = true,
    .rows = &deployment_rows,
};
