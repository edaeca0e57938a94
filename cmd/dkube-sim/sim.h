/*
 * sim.h — dkube-sim: a trace of jobs through the ledger's own queue, on a clock that is a number.
 *
 *     trace.c   jobs and pools from CSV        engine.c   time, starts, ends, estimates
 *     bound.c   what no schedule can beat      report.c   tables, JSON        plot.c   SVG
 *
 * Times are milliseconds since the first submission. One thread; what is here lives in the arena.
 */
#ifndef DKUBE_CMD_SIM_H
#define DKUBE_CMD_SIM_H

#include <stdio.h>

#include "base/err.h"
#include "controllers/ledger/schedule.h"

#define LIST_MAX 8

enum estimate { ESTIMATE_EXACT, ESTIMATE_NOISY, ESTIMATE_LEARNED, ESTIMATE_NONE };

struct job {
    int64_t submit_ms, lasts_ms;
    int64_t gpus, pods; /* of each pod; pods */
    int pool;
    int64_t start_ms;    /* of the last simulation */
    int64_t eta_ms;      /* as forecast when it was submitted; SCHED_NEVER: nobody knew */
    int64_t expected_ms; /* the estimate of its length */
    bool forecast;       /* the forecast was made */
};
struct sim_pool {
    const char *name;
    int64_t nodes, node_gpus;
    size_t jobs;
    int64_t work; /* GPU milliseconds */
};
struct trace {
    struct arena *a;
    struct job *jobs; /* by submission */
    size_t count, left_out;
    struct sim_pool *pools; /* by name */
    size_t pool_count;
    int64_t span_ms; /* first to last submission */
};
struct options {
    const char *trace, *pools, *svg, *json;
    const char *policies, *estimates; /* lists, and what they name */
    int policy[LIST_MAX], estimate[LIST_MAX];
    size_t policy_count, estimate_count;
    double load; /* pools sized from the trace */
    int64_t node_gpus, add_gpus, forecast_every, from_percent;
    uint64_t seed;
};

/* Reads and checks; pools are named by the trace. */
int trace_read(struct arena *a, const char *file, struct trace *ret, struct err *e);
/* Sizes of pools from a CSV file `pool,nodes,gpus`. */
int trace_read_pools(struct trace *t, const char *file, struct err *e);
/* Sizes that give each pool this load over the span of the trace, in whole nodes; pools with less
 * than one node's work are left out with their jobs. */
void trace_size_pools(struct trace *t, double load, int64_t node_gpus);
/* More GPUs for every pool, in whole nodes. */
void trace_add(struct trace *t, int64_t gpus);
/* Splits jobs into pods (rule 8), leaves out those that fit no pool. */
void trace_split(struct trace *t);

struct sample {
    int64_t at_ms, used, waiting;
};
struct result {
    enum sched_policy policy;
    enum estimate estimate;
    uint64_t decisions; /* jobs looked at by the plan */
    uint64_t plans;
    double seconds;
    int64_t end_ms; /* of the last job */
    struct sample *samples;
    size_t sample_count;
};
void simulate(struct trace *t, const struct options *o, enum sched_policy p, enum estimate e,
              struct result *ret);

/* The lower bound on the mean time from submission to end, in ms: no schedule of this pool beats
 * the mean length, nor one machine that does all its work divisibly, shortest remaining first. */
double lower_bound_ms(const struct trace *t, int pool);

void report(const struct trace *t, const struct options *o, const struct result *r);
/* One line of JSON. */
int report_json(const struct trace *t, const struct options *o, const struct result *r, FILE *out);
int plot(const struct trace *t, const struct result *r, const char *file, struct err *e);
const char *policy_name(enum sched_policy p);
const char *estimate_name(enum estimate e);

#endif
