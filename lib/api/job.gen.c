/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/job.gen.h"

#include "base/attr.h"

static const struct row job_status_conditions_row[] = {
    {"type", REC_STR, NULL},
    {"status", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"message", REC_STR, NULL},
    {"lastTransitionTime", REC_TIME, NULL},
};
static const struct rows job_status_conditions_rows = {
    .name = "job_status_conditions",
    .row = job_status_conditions_row,
    .count = ARRAY_LEN(job_status_conditions_row),
};

static const struct row job_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"spec", REC_RAW, NULL},
    {"status.active", REC_INT, NULL},
    {"status.succeeded", REC_INT, NULL},
    {"status.failed", REC_INT, NULL},
    {"status.startTime", REC_TIME, NULL},
    {"status.completionTime", REC_TIME, NULL},
    {"status.conditions", REC_LIST, &job_status_conditions_rows},
};
static const struct rows job_rows = {
    .name = "job",
    .row = job_row,
    .count = ARRAY_LEN(job_row),
};

const struct kind kind_job = {
    .group = "batch",
    .version = "v1",
    .kind = "Job",
    .plural = "jobs",
    .namespaced = true,
    .rows = &job_rows,
};
