/*
 * laws.h — the laws of the ledger, checked over objects as the API server shows them, for whoever
 * does not trust the ledger: `kubectl dkube verify`.
 *
 * Written apart from controllers/ledger and sharing nothing with it: it reads JSON documents, adds
 * up, and knows neither plans nor pools' shares. Lists are arrays of objects; texts are arena
 * memory. Pure.
 */
#ifndef DKUBE_CONTROLLERS_COMMON_LAWS_H
#define DKUBE_CONTROLLERS_COMMON_LAWS_H

#include "json/json.h"

struct law_view {
    const struct json *nodes, *pods, *pools, *runs, *deployments;
};
enum law {
    LAW_NODES,     /* no node gives more GPUs than it has */
    LAW_PARTITION, /* every GPU is in exactly one pool */
    LAW_SUMS,      /* a pool's figures add up */
    LAW_SEATS,     /* what is admitted has GPUs of a node, as many as it asks for */
    LAW_ONCE,      /* no run has two pods that run */
    LAW_ENDED,     /* what has ended holds nothing */
    LAW_FIRST,     /* of each queue one run is the first */
    LAW_COUNT
};
struct law_break {
    enum law law;
    const char *what; /* who broke it, and by how much: one clause */
};
struct law_report {
    struct law_break *breaks;
    size_t count;
    int64_t nodes, gpus, used; /* nodes with GPUs, their GPUs, those in use or promised */
};

const char *law_text(enum law l); /* static: a sentence */
void laws_check(struct arena *a, const struct law_view *v, struct law_report *ret);

#endif
