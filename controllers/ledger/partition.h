/*
 * partition.h — which pool owns which GPUs: a pure function of nodes, pools, what their pods use,
 * and the last answer as a hint (rules 3 to 6). It knows no Kubernetes.
 *
 * For every node the shares of all pools add up to its GPUs, whatever comes in. The last pool, the
 * rest, gets what no other takes. GPUs that a pool's pods use stay with that pool until they end,
 * whatever its target says; what lies above the target, or is of another type, is draining. Idle
 * ones are kept while the target allows. A pool of N takes whole nodes first, the largest that
 * fits, then by name, and at most one node in part: it is short rather than scattered. Pools that
 * name nodes come before the growth of others. Arrays are the arena's, one entry a node.
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_PARTITION_H
#define DKUBE_CONTROLLERS_LEDGER_PARTITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct part_node {
    const char *name, *type;
    int64_t gpus;
    bool good; /* preferred when a pool grows */
};
struct part_share {
    size_t node;
    int64_t gpus;
};
struct part_pool {
    const char *type;               /* the only type it takes; NULL: that of what it has, or any */
    bool by_nodes;                  /* target: wants; else gpus */
    int64_t gpus;                   /* how many it should have, also where nodes are named */
    const struct part_share *wants; /* by_nodes; in the order of the spec */
    size_t want_count;
    const struct part_share *last; /* what it had, each node once */
    size_t last_count;
    const int64_t *use; /* in use by its pods and claims */

    /* the answer */
    int64_t *share, *had;
    int64_t draining;     /* above the target, still in use */
    int64_t missing;      /* below the target */
    const char *got_type; /* NULL: none yet */
};
struct partition {
    const struct part_node *nodes; /* by name */
    size_t node_count;
    struct part_pool *pools; /* in the order of service; the last is the rest */
    size_t pool_count;       /* at least 1 */
};

void partition_compute(struct arena *a, struct partition *pt);

/* The law: every GPU of every node is in exactly one pool. */
bool partition_holds(const struct partition *pt);

#endif
