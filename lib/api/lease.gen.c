/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/lease.gen.h"

#include "base/attr.h"

static const struct row lease_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"metadata.annotations", REC_MAP, NULL},
    {"spec", REC_RAW, NULL},
    {"spec.holderIdentity", REC_STR, NULL},
    {"spec.leaseDurationSeconds", REC_INT, NULL},
    {"spec.acquireTime", REC_TIME, NULL},
    {"spec.renewTime", REC_TIME, NULL},
    {"spec.leaseTransitions", REC_INT, NULL},
};
static const struct rows lease_rows = {
    .name = "lease",
    .row = lease_row,
    .count = ARRAY_LEN(lease_row),
};

const struct kind kind_lease = {
    .group = "coordination.k8s.io",
    .version = "v1",
    .kind = "Lease",
    .plural = "leases",
    .namespaced = true,
    .rows = &lease_rows,
};
