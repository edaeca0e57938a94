#include "support/benchkinds.h"

#include "base/attr.h"

static const struct row container_row[] = {{"image", REC_STR, NULL}};
static const struct rows container_rows = {"container", container_row, 1};

static const struct row condition_row[] = {
    [BENCH_CONDITION_TYPE] = {"type", REC_STR, NULL},
    [BENCH_CONDITION_STATUS] = {"status", REC_STR, NULL},
};
static const struct rows condition_rows = {"condition", condition_row, ARRAY_LEN(condition_row)};

static const struct row pod_row[] = {
    REC_META_ROWS,
    {"metadata.annotations", REC_MAP, NULL},
    {"spec.nodeName", REC_STR, NULL},
    {"spec.containers", REC_LIST, &container_rows},
    {"status.phase", REC_STR, NULL},
    {"status.podIP", REC_STR, NULL},
    {"status.conditions", REC_LIST, &condition_rows},
};
static const struct rows pod_rows = {"bench_pod", pod_row, ARRAY_LEN(pod_row)};

static const struct row parent_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"status", REC_RAW, NULL},
};
static const struct rows parent_rows = {"bench_parent", parent_row, ARRAY_LEN(parent_row)};

static const struct row meta_row[] = {REC_META_ROWS};
static const struct rows meta_rows = {"bench_meta", meta_row, ARRAY_LEN(meta_row)};

const struct kind bench_kinds[BENCH_KINDS] = {
    {"", "v1", "Pod", "pods", true, &pod_rows},
    {"", "v1", "Service", "services", true, &parent_rows},
    {"", "v1", "Node", "nodes", false, &meta_rows},
    {"", "v1", "Namespace", "namespaces", false, &meta_rows},
    {"", "v1", "ServiceAccount", "serviceaccounts", true, &meta_rows},
    {"", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true, &meta_rows},
    {"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true, &meta_rows},
    {"batch", "v1", "Job", "jobs", true, &meta_rows},
};
