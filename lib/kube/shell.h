/*
 * shell.h — the one shell around all controllers: queue, gather → plan → apply, and nothing else
 * decides.
 *
 * A pass of a key: wait until its own earlier writes are in the cache (ryw.h) → gather and plan →
 * fetch what the plan needs and plan again (≤ LIMIT_NEED_ROUNDS) → send the operations one after
 * another (write.h) → Events, wake-up. It stops at the first operation that fails and the key comes
 * back with back-off; a singleton (root NULL, the ledger) leaves out only the operations that were
 * refused or stale. A refusal (403, 422, NameTaken …) becomes a Warning Event on the root object
 * and is handed to the key's next plan (struct refused), but for a singleton's. A delete waits
 * while its kind or the root's kind relists. No write is sent without time left on the lease.
 *
 * It needs a transport, caches and somebody who calls shell_step(): the manager with a loop, tests
 * and the simulator with neither network nor clock. One thread.
 */
#ifndef DKUBE_KUBE_SHELL_H
#define DKUBE_KUBE_SHELL_H

#include "base/metrics.h"
#include "kube/controller.h"
#include "kube/events.h"
#include "kube/journal.h"
#include "kube/lease.h"
#include "kube/quarantine.h"
#include "kube/watch.h"

struct shell;
struct shell_conf { /* all borrowed for the shell's life */
    struct transport *transport;
    struct caches *caches; /* the shell adds the kinds that controllers watch */
    const struct program *program;
    struct metrics *metrics;       /* NULL: none */
    struct lease *lease;           /* NULL: writes are always allowed */
    struct quarantine *quarantine; /* NULL: none */
    struct events *events;         /* NULL: Events are not sent */
    struct journal *journal;       /* NULL: plans are not recorded */
    bool dry_run;      /* every write goes out with dryRun=All, is logged, and is not waited for */
    struct loop *loop; /* is told what is being done; NULL: nobody is */
    uint64_t seed;     /* of the passes' ids */
};

/* NULL with *e when two watches of one kind differ in selector or namespace. No key is handed out
 * before shell_act(). */
struct shell *shell_new(const struct shell_conf *conf, struct err *e) MUSTCHECK;
void shell_free(struct shell *s); /* passes in flight are abandoned; no reply may come any more */

/* The watches of all controllers, each kind once; borrowed. */
const struct watch *const *shell_watches(const struct shell *s, size_t *ret_count);
/* No controller insists on the kind: its watch starts and stops with its CustomResourceDefinition.
 */
bool shell_is_optional(const struct shell *s, const struct kind *k);
/* What a watcher calls; or by hand: a kind counts as synced from its first `synced` on. */
struct watch_sink shell_sink(struct shell *s);

/* Keys are handed out from now on (we lead), or not (standby, shutting down). A controller starts
 * when all its kinds have synced. */
void shell_act(struct shell *s, bool act);
void shell_enqueue(struct shell *s, const char *controller, const char *ns, const char *name);

/* Starts what is due and sends Events; returns the boot time at which to call again, 0: when
 * something changes. */
int64_t shell_step(struct shell *s);

size_t shell_in_flight(const struct shell *s);
/* No pass is in flight and no started controller has a key due now; delayed keys may wait. */
bool shell_is_idle(const struct shell *s);
/* Every kind has synced; else *ret_waiting (may be NULL) is one that has not. */
bool shell_is_synced(const struct shell *s, const struct kind **ret_waiting);

/* Sets the gauges of the registry. */
void shell_measure(struct shell *s);
/* Writes members of a JSON object: controllers, passes in flight, kinds. */
void shell_describe(const struct shell *s, struct jsonw *w);

#endif
