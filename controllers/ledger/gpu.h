/*
 * gpu.h — GPUs as the ledger counts them: those of a node, and those that a pod asks for. Whole
 * numbers; arithmetic saturates, so no figure that somebody else wrote can wrap. Borrows; pure.
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_GPU_H
#define DKUBE_CONTROLLERS_LEDGER_GPU_H

#include "api/rec.h"

#define GPU_TYPE_UNKNOWN "unknown" /* a node without the product's label */
#define GPU_RESOURCE_DEFAULT "nvidia.com/gpu"
#define NODE_LOST_MS 60000 /* a node not ready for so long is given up */
#define GPU_MAX (1 << 20)  /* a larger figure of one node or pod is cut to this */

struct gpu_node {
    const char *name, *type, *resource; /* borrowed; resource is static */
    int64_t total;                      /* capacity */
    int64_t healthy;                    /* allocatable, at most total */
    bool ready, cordoned;
    bool quarantined; /* said by the ledger (quarantine.h), not by the node */
    int64_t lost_ms;  /* when it ceased to be ready; 0: it is, or nobody knows */
};

/* Its condition Ready is True, and it is not being deleted. */
bool node_is_ready(const struct rec *node);
/* When that ceased to be so; 0: it is so, or nobody knows. */
int64_t node_lost_ms(const struct rec *node);
/* When it is given up, so that what stands on it begins again elsewhere; 0: it is ready, or nobody
 * knows. */
int64_t node_given_up_ms(const struct rec *node);
/* False when the node has no GPU. */
bool gpu_node_read(const struct rec *node, struct gpu_node *ret);
/* GPUs of it that may be used at all: none unless it is ready, not cordoned and not
 * quarantined. */
int64_t gpu_node_usable(const struct gpu_node *n);

/* What the pod asks of its node: containers and sidecars together, or the largest init container.
 */
int64_t pod_gpus(const struct rec *pod);

int64_t gpu_add(int64_t a, int64_t b); /* saturating */
int64_t gpu_min(int64_t a, int64_t b);
/* a − b, never below 0. */
int64_t gpu_minus(int64_t a, int64_t b);

#endif
