/*
 * quarantine.h — nodes whose kubelet refuses pods (rule 11): three with GPUs in ten minutes, and
 * none of the node's GPUs is given out for half an hour; then it is tried again.
 *
 * The refused pods go, so what is known of them stands in Pool.status.nodes of every pool that has
 * a share of the node, and is read from there. Pure.
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_QUARANTINE_H
#define DKUBE_CONTROLLERS_LEDGER_QUARANTINE_H

#include "api/rec.h"
#include "json/jsonw.h"

#define QUARANTINE_PODS 3
#define QUARANTINE_WINDOW_MS 600000
#define QUARANTINE_MS 1800000

struct rejection {
    const char *pod; /* "ns/name" */
    int64_t at_ms;
};
struct quarantine {                         /* of a node */
    struct rejection last[QUARANTINE_PODS]; /* the oldest first */
    size_t count;
    int64_t until_ms; /* 0: it is in none */
};

/* One more; the same pod twice is one. */
void quarantine_add(struct quarantine *q, struct rejection r);
/* Forgets what is too old to matter, and decides. */
void quarantine_judge(struct quarantine *q, int64_t now_ms);
/* Members of an element of Pool.status.nodes. was_there: it had some. */
void quarantine_write(struct jsonw *w, const struct quarantine *q, bool was_there);

#endif
