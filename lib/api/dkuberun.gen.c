/* Made by hack/gen-api from crds/dkuberun.yaml; do not edit. */
#include "api/dkuberun.gen.h"

#include "base/attr.h"

static const struct row dkuberun_spec_inputs_row[] = {
    {"name", REC_STR, NULL},
    {"kind", REC_STR, NULL},
    {"version", REC_INT, NULL},
    {"mountPath", REC_STR, NULL},
};
static const struct rows dkuberun_spec_inputs_rows = {
    .name = "dkuberun_spec_inputs",
    .row = dkuberun_spec_inputs_row,
    .count = ARRAY_LEN(dkuberun_spec_inputs_row),
};

static const struct row dkuberun_spec_outputs_row[] = {
    {"name", REC_STR, NULL},
    {"kind", REC_STR, NULL},
    {"mountPath", REC_STR, NULL},
};
static const struct rows dkuberun_spec_outputs_rows = {
    .name = "dkuberun_spec_outputs",
    .row = dkuberun_spec_outputs_row,
    .count = ARRAY_LEN(dkuberun_spec_outputs_row),
};

static const struct row dkuberun_spec_parameters_row[] = {
    {"name", REC_STR, NULL},
    {"value", REC_STR, NULL},
};
static const struct rows dkuberun_spec_parameters_rows = {
    .name = "dkuberun_spec_parameters",
    .row = dkuberun_spec_parameters_row,
    .count = ARRAY_LEN(dkuberun_spec_parameters_row),
};

static const struct row dkuberun_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"observedGeneration", REC_INT, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows dkuberun_status_conditions_rows = {
    .name = "dkuberun_status_conditions",
    .row = dkuberun_status_conditions_row,
    .count = ARRAY_LEN(dkuberun_status_conditions_row),
};

static const struct row dkuberun_status_admission_nodes_row[] = {
    {"name", REC_STR, NULL},
    {"gpus", REC_INT, NULL},
};
static const struct rows dkuberun_status_admission_nodes_rows = {
    .name = "dkuberun_status_admission_nodes",
    .row = dkuberun_status_admission_nodes_row,
    .count = ARRAY_LEN(dkuberun_status_admission_nodes_row),
};

static const struct row dkuberun_status_inputs_row[] = {
    {"kind", REC_STR, NULL},
    {"name", REC_STR, NULL},
    {"version", REC_INT, NULL},
    {"digest", REC_STR, NULL},
};
static const struct rows dkuberun_status_inputs_rows = {
    .name = "dkuberun_status_inputs",
    .row = dkuberun_status_inputs_row,
    .count = ARRAY_LEN(dkuberun_status_inputs_row),
};

static const struct row dkuberun_status_outputs_row[] = {
    {"kind", REC_STR, NULL},
    {"name", REC_STR, NULL},
    {"digest", REC_STR, NULL},
    {"size", REC_INT, NULL},
    {"files", REC_INT, NULL},
    {"version", REC_STR, NULL},
};
static const struct rows dkuberun_status_outputs_rows = {
    .name = "dkuberun_status_outputs",
    .row = dkuberun_status_outputs_row,
    .count = ARRAY_LEN(dkuberun_status_outputs_row),
};

static const struct row dkuberun_status_metrics_row[] = {
    {"name", REC_STR, NULL},
    {"value", REC_STR, NULL},
};
static const struct rows dkuberun_status_metrics_rows = {
    .name = "dkuberun_status_metrics",
    .row = dkuberun_status_metrics_row,
    .count = ARRAY_LEN(dkuberun_status_metrics_row),
};

static const struct row dkuberun_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"spec", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
    {"spec.kind", REC_STR, NULL},
    {"spec.code", REC_OBJ, NULL},
    {"spec.code.repo", REC_STR, NULL},
    {"spec.code.commit", REC_STR, NULL},
    {"spec.code.workdir", REC_STR, NULL},
    {"spec.image", REC_STR, NULL},
    {"spec.command", REC_LIST, &rec_string_rows},
    {"spec.inputs", REC_LIST, &dkuberun_spec_inputs_rows},
    {"spec.outputs", REC_LIST, &dkuberun_spec_outputs_rows},
    {"spec.parameters", REC_LIST, &dkuberun_spec_parameters_rows},
    {"spec.gpus", REC_INT, NULL},
    {"spec.distribution", REC_OBJ, NULL},
    {"spec.distribution.auto", REC_OBJ, NULL},
    {"spec.distribution.manual", REC_OBJ, NULL},
    {"spec.distribution.manual.workers", REC_INT, NULL},
    {"spec.distribution.manual.gpusPerWorker", REC_INT, NULL},
    {"spec.freeOnly", REC_BOOL, NULL},
    {"spec.gpuType", REC_STR, NULL},
    {"spec.resources", REC_OBJ, NULL},
    {"spec.resources.cpu", REC_TEXT, NULL},
    {"spec.resources.memory", REC_TEXT, NULL},
    {"spec.resources.shm", REC_TEXT, NULL},
    {"spec.priority", REC_INT, NULL},
    {"spec.owner", REC_STR, NULL},
    {"spec.maxRuntime", REC_STR, NULL},
    {"spec.restarts", REC_INT, NULL},
    {"spec.terminationGracePeriodSeconds", REC_INT, NULL},
    {"spec.tags", REC_LIST, &rec_string_rows},
    {"spec.description", REC_STR, NULL},
    {"spec.stop", REC_BOOL, NULL},
    {"spec.archived", REC_BOOL, NULL},
    {"status.observedGeneration", REC_INT, NULL},
    {"status.conditions", REC_LIST, &dkuberun_status_conditions_rows},
    {"status.phase", REC_STR, NULL},
    {"status.state", REC_STR, NULL},
    {"status.reason", REC_STR, NULL},
    {"status.message", REC_STR, NULL},
    {"status.attempt", REC_INT, NULL},
    {"status.restarts", REC_INT, NULL},
    {"status.nodeLosses", REC_INT, NULL},
    {"status.retryTime", REC_TIME, NULL},
    {"status.totalGPUs", REC_INT, NULL},
    {"status.gpus", REC_INT, NULL},
    {"status.position", REC_INT, NULL},
    {"status.queue", REC_OBJ, NULL},
    {"status.queue.asOf", REC_TIME, NULL},
    {"status.queue.estimatedStart", REC_TIME, NULL},
    {"status.queue.confidence", REC_STR, NULL},
    {"status.queue.blockedBy", REC_LIST, &rec_string_rows},
    {"status.queue.blockers", REC_INT, NULL},
    {"status.admission", REC_OBJ, NULL},
    {"status.admission.attempt", REC_INT, NULL},
    {"status.admission.pool", REC_STR, NULL},
    {"status.admission.type", REC_STR, NULL},
    {"status.admission.recalled", REC_BOOL, NULL},
    {"status.admission.nodes", REC_LIST, &dkuberun_status_admission_nodes_rows},
    {"status.commit", REC_STR, NULL},
    {"status.imageDigest", REC_STR, NULL},
    {"status.inputs", REC_LIST, &dkuberun_status_inputs_rows},
    {"status.outputs", REC_LIST, &dkuberun_status_outputs_rows},
    {"status.podName", REC_STR, NULL},
    {"status.exitCode", REC_INT, NULL},
    {"status.startTime", REC_TIME, NULL},
    {"status.completionTime", REC_TIME, NULL},
    {"status.metrics", REC_LIST, &dkuberun_status_metrics_rows},
};
static const struct rows dkuberun_rows = {
    .name = "dkuberun",
    .row = dkuberun_row,
    .count = ARRAY_LEN(dkuberun_row),
};

const struct kind kind_dkuberun = {
    .group = "dkube.io",
    .version = "v1alpha1",
    .kind = "DkubeRun",
    .plural = "dkuberuns",
    .namespaced = true,
    .rows = &dkuberun_rows,
};
