/*
 * schedule.h — who of a pool's queue starts now, and what is set aside for the first that cannot:
 * EASY backfill, exact to the node (rules 6, 13, 14). It knows no Kubernetes: the ledger and
 * dkube-sim call it with arrays.
 *
 * Jobs come in the order of the queue. A job is a gang: `count` pods of `gpus` each on GPUs of one
 * type, all or none; each goes where the smallest hole holds it. They start in order until one does
 * not fit: the head. What runs is expected to end at some time; the first time at which the head
 * fits then is its shadow time, and the nodes on which it would stand are set aside from then on. A
 * job behind the head may start if it is over by then, or leaves alone what is set aside. When
 * nothing says that the head ever fits, only what is not set aside may be used. So no job delays
 * the head, as long as no job runs for longer than it was said to.
 *
 * Times are milliseconds on any one clock. Answers are the arena's. Pure; the same input gives the
 * same answer.
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_SCHEDULE_H
#define DKUBE_CONTROLLERS_LEDGER_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define SCHED_NEVER INT64_MAX

enum sched_policy {
    SCHED_STRICT,   /* first in, first out: nobody passes the head */
    SCHED_BACKFILL, /* the head is reserved for; the others in the order of the queue */
    SCHED_SHORTEST, /* as that, and of the others those that are over first come first */
    SCHED_SKIP      /* nobody is reserved for: for comparison in dkube-sim */
};

struct sched_node {
    int type;     /* a number for each GPU type, in the order of their names */
    int64_t free; /* usable now */
};
struct sched_hold { /* GPUs that are in use and come back */
    size_t node;
    int64_t gpus;
    int64_t ends_ms; /* SCHED_NEVER: nobody knows */
};
struct sched_job {
    int64_t gpus, count; /* of each pod, both at least 1; pods */
    int type;            /* -1: any */
    size_t avoid;        /* a node to take only when no other fits; SIZE_MAX: none */
    int64_t lasts_ms;    /* expected; SCHED_NEVER: unknown */
    bool stands;         /* in: could never fit, stands in nobody's way, is left alone */

    size_t *nodes; /* out: where its pods start; NULL: it waits */
};
struct sched {
    enum sched_policy policy;
    int64_t now_ms;
    const struct sched_node *nodes; /* by name */
    size_t node_count;
    const struct sched_hold *holds; /* in any order, unless `sorted`: then by their ends */
    size_t hold_count;
    bool sorted;
    size_t plans_most; /* decisions that a forecast looks ahead, then nobody passes; 0: all */

    /* the answer */
    size_t head;       /* the job for which is set aside; SIZE_MAX: none */
    int64_t shadow_ms; /* when it starts at the latest; SCHED_NEVER: nobody knows */
    int64_t *aside;    /* of each node from then on; NULL without a head */
    int64_t *spare;    /* what else is free on each node then, started jobs off; NULL likewise */
};

/* Decides for all jobs; at most one reservation. */
void sched_plan(struct arena *a, struct sched *s, struct sched_job *jobs, size_t n);

/* When a job would start if all lasted as expected and nothing else came: the ETA. */
struct sched_eta {
    int64_t start_ms; /* SCHED_NEVER: nobody knows */
    size_t node;      /* of its first pod; SIZE_MAX: nobody knows */
};
/* For each job; jobs keep their `nodes` of a sched_plan() before. */
void sched_forecast(struct arena *a, const struct sched *s, const struct sched_job *jobs, size_t n,
                    struct sched_eta *etas);

/* When something ends that began at `since` and was expected to last so long: what has outlived its
 * estimate is expected to last as long again (rule 14: an estimate never kills). */
int64_t sched_ends_ms(int64_t since_ms, int64_t lasts_ms, int64_t now_ms);

#endif
