/*
 * pass.h — inside lib/kube: the shell's insides, shared by shell.c (queue, watches), pass.c (one
 * pass as a small state machine), need.c (what plans ask for) and meter.c (figures).
 */
#ifndef DKUBE_KUBE_PASS_H
#define DKUBE_KUBE_PASS_H

#include "kube/queue.h"
#include "kube/refused.h"
#include "kube/ryw.h"
#include "kube/shell.h"
#include "kube/write.h"

enum stage { STAGE_FREE, STAGE_SETTLE, STAGE_PLAN, STAGE_NEED, STAGE_WRITE, STAGE_OWNER };

/* One pass: a slot that is used again, with an arena of its own. */
struct pass_run {
    struct shell *s;
    enum stage stage;
    bool waiting;  /* for a reply */
    bool stepping; /* pass_go() is on the stack */
    struct arena a;
    struct queue_key key; /* arena */
    const struct controller *c;
    const char *object; /* arena: "ns/name", for logs */
    char id[17];        /* reconcileID: the same in all log lines of a pass */
    struct plan plan;
    struct answer *answers; /* arena */
    size_t answer_count, op_at;
    size_t needs_sent, needs_open; /* of the plan's needs, in order; replies to come */
    bool needs_sending;
    http_done_fn *done;     /* of the request under way; not of needs */
    struct ryw_wait looked; /* what a live GET is under way for; arena */
    int rounds;
    bool *failed;                  /* arena, one an operation: left out (singletons) */
    enum write_next bad;           /* the worst so far; WRITE_DONE: none */
    struct err e;                  /* of the first failure */
    const struct refused *refused; /* arena: by the pass before; NULL: nothing */
    int64_t least_ms;              /* Retry-After */
    int64_t began_ms;
};

/* A kind of the program, with the one watch that fills its store. */
struct shell_kind {
    const struct watch *watch;
    bool synced, optional;
    int64_t bytes;       /* of the records in its store */
    char *rv;            /* owned: the highest seen since the last sync; NULL: none */
    const char *trouble; /* the reason last told of; NULL: none since it synced */
};

struct shell_controller {
    const struct controller *c;
    char *manager; /* owned: the field manager of its writes */
    bool started;
    uint64_t passes, skipped;
};

struct shell {
    struct shell_conf conf;
    struct transport *t;
    struct queue *queue;
    struct ryw *ryw;
    struct refusals *refusals;
    struct shell_controller *controllers;
    size_t controller_count;
    struct shell_kind *kinds;
    const struct watch **watches;
    size_t kind_count;
    struct pass_run *slots;
    size_t slot_count, in_flight;
    bool acting;
    uint64_t serial;  /* of passes, mixed into their ids */
    uint64_t unknown; /* writes whose outcome was unknown */
};

/* Takes the key (copied) into a free slot and goes as far as it can without a reply. */
void pass_start(struct shell *s, struct pass_run *p, const struct queue_key *key);

const struct shell_kind *shell_kind_of(const struct shell *s, const struct kind *k); /* or NULL */

/* For need.c: fetches what the plan needs, several at the same time, then the stage is PLAN again
 * or the pass has failed. */
void needs_fetch(struct pass_run *p);
void pass_go_on(struct pass_run *p); /* the reply is here */
bool pass_is_transient(const struct http_response *r);
void pass_fail(struct pass_run *p, enum write_next bad, const struct err *e);
void pass_end_failed(struct pass_run *p);

/* A Warning about the key's root object, if it is there. */
void pass_warn(struct pass_run *p, const char *reason, const char *note);

/* Metrics under controller-runtime's names, and our own. */
extern const struct metric metric_reconcile_total, metric_reconcile_errors, metric_reconcile_time,
    metric_active_workers, metric_max_workers, metric_queue_depth, metric_queue_adds,
    metric_queue_wait, metric_queue_work, metric_queue_retries, metric_writes, metric_quarantined,
    metric_unknown_writes, metric_ryw_waits, metric_ryw_given_up, metric_queue_keys,
    metric_queue_unfinished, metric_queue_longest, metric_queue_dropped, metric_skipped,
    metric_events_pending, metric_events_sent, metric_events_dropped, metric_cache_objects,
    metric_passes, metric_limit, metric_reconcile_terminal, metric_reconcile_panics,
    metric_reconcile_timeouts, metric_cache_bytes;

void meter_begin(struct metrics *m, const char *controller);

#endif
