/*
 * ledger.h — who owns which GPUs, who uses them, and who gets the next (rules 1 to 6, 15, 18).
 *
 * A singleton controller: one pass looks at all Nodes, Pools, Groups, runs, deployments and pods,
 * and computes everything anew; nothing is counted or stored but what stands in Pool.status and in
 * the admissions. It is the only writer of both, as field manager dkube-ledger. Pure plan; the view
 * borrows from the cache.
 *
 *     snapshot (snapshot.c, partition.c)  →  admissions (admit.c)  →  Pool.status (status.c)
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_H
#define DKUBE_CONTROLLERS_LEDGER_H

#include "controllers/ledger/gpu.h"
#include "controllers/ledger/groups.h"
#include "controllers/ledger/learn.h"
#include "controllers/ledger/partition.h"
#include "controllers/ledger/quarantine.h"
#include "kube/controller.h"

#define LEDGER_KEY "ledger"
#define LEDGER_MANAGER "dkube-ledger"

struct recs {
    const struct rec **list;
    size_t count;
};
struct ledger_claim {
    const struct rec *run;   /* admitted and not ended */
    const struct rec **pods; /* of its attempt, ended or not, by worker; NULL: not there */
};
struct ledger_pod {
    const struct rec *pod; /* asks for GPUs, stands on a node, has not ended */
    const char *pool;      /* that its owner was admitted to; NULL: none */
};
struct ledger_line {
    const char *ns;
    struct recs runs; /* that wait for GPUs, in the order of the queue */
};
struct ledger_view {
    int64_t now_ms;
    struct recs nodes;              /* with GPUs, by name */
    struct recs pools, deployments; /* by namespace and name */
    struct recs groups;
    const struct ledger_line *lines; /* by namespace */
    size_t line_count;
    struct recs loose;   /* free-only runs that ask, in order */
    struct recs leaving; /* runs that are told of a queue in which they do not stand */
    const struct ledger_claim *claims; /* by namespace and name */
    size_t claim_count;
    const struct ledger_pod *pods; /* by namespace and name */
    size_t pod_count;
    struct recs rejected;                    /* pods with GPUs that a kubelet refused */
    const int64_t (*learned)[LEARN_CLASSES]; /* of each pool: how long runs of a size last */
};
extern const struct controller ledger_controller;

bool ledger_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view);
void ledger_plan(const void *view, struct plan *p);

/* --- one pass ----------------------------------------------------------------------------------
 */

struct pool_state {
    const struct rec *live; /* NULL: the pool default while it is not there */
    const char *name, *group;
    bool ending;            /* the Pool is being deleted: nothing is admitted */
    struct part_pool *part; /* share by node */
    int64_t *use, *free;    /* by node; use: its pods and claims */
    int64_t capacity, allocated, available, unhealthy, foreign;
    const char *absent_node, *wrong_node; /* named by spec.nodes: not there, or of another type */
    const struct rec **runs;              /* admitted and not ended, by namespace and name */
    size_t run_count;
    const int64_t *learned; /* by class; NULL: nothing */
};
struct snapshot {
    struct arena *a;
    const struct ledger_view *v;
    struct gpu_node *nodes; /* by name */
    size_t node_count;
    size_t *node_slots, node_mask; /* of a hash table by name: 1 + index, or 0 */
    struct quarantine *quarantine; /* by node */
    struct pool_state *pools;      /* by age and name; default last */
    size_t pool_count;
    struct pool_state **by_name;
    struct groups groups;
    struct pool_state **pool_of; /* of each of the groups: whose GPUs it may have now, or NULL */
    struct partition partition;
    int64_t *foreign; /* by node */
};

/* Σ pools = Σ nodes holds for the result; a process in which it does not ends. */
void snapshot_build(struct snapshot *s, struct arena *a, const struct ledger_view *v);
/* Index of a node by name; SIZE_MAX: no such GPU node. */
size_t snapshot_node(const struct snapshot *s, const char *name);
struct pool_state *snapshot_pool(const struct snapshot *s, const char *name); /* or NULL */
/* The pool whose GPUs this namespace may have now, or NULL. */
struct pool_state *snapshot_pool_for(const struct snapshot *s, const char *ns);
/* The run is one of the pool's from now on. */
void snapshot_list(const struct snapshot *s, struct pool_state *pool, const struct rec *run);
/* GPUs of the pool that change from free to used. */
void snapshot_give(struct pool_state *pool, size_t node, int64_t gpus);

/* Admits, and writes what changes in runs and deployments. */
void ledger_admit(struct snapshot *s, struct plan *p);
/* Writes Pool.status of every pool. */
void ledger_say(const struct snapshot *s, struct plan *p);

/* figures.c: Σ pools beside Σ nodes, for who watches from outside. */
extern const struct metric ledger_node_gpus, ledger_pool_gpus;
void ledger_measure(const struct caches *c, struct metrics *m);

#endif
