/*
 * controller.h — the declarative surface of the runtime: what a controller watches and how it
 * plans.
 *
 * A program is a list of controllers over one set of caches, one event loop and one Lease:
 *
 *     static const struct watch watches[] = {
 *         { .kind = &kind_dkuberun, .map = map_self },
 *         { .kind = &kind_pod, .selector = "app.kubernetes.io/managed-by=dkube", .map = map_owner
 * },
 *     };
 *     static const struct controller run = { .name = "dkuberun", .watches = watches, .watch_count =
 * 2, .root = &kind_dkuberun, .view_size = sizeof(struct run_view), .gather = run_gather, .plan =
 * run_plan }; int main(…) { return manager_main(argc, argv, &(struct program){ .name =
 * "run-controller", .controllers = …, .count = … }); }
 *
 * The shell (shell.c) does everything else, once: queue, gather → plan → apply, needs, the write
 * law, read-your-writes, back-off, Events, metrics. One key of one controller is never planned
 * twice at the same time. Workers start when every watched kind has synced.
 */
#ifndef DKUBE_KUBE_CONTROLLER_H
#define DKUBE_KUBE_CONTROLLER_H

#include "api/rec.h"
#include "base/metrics.h"
#include "kube/cache.h"
#include "kube/plan.h"

/* The key of a reconcile: an object's place. For singletons (the ledger) ns and name are constants.
 */
struct key {
    const char *ns; /* "" for cluster-scoped */
    const char *name;
};

/* Called while an event is applied to the cache; enqueues the keys that this object concerns by
 * calling enqueue(). `old` is NULL for a new object, `now` NULL for a deleted one. Must not write.
 */
struct enqueuer;
typedef void map_fn(struct enqueuer *q, const struct caches *c, const struct rec *old,
                    const struct rec *now);
void enqueue(struct enqueuer *q, const char *ns, const char *name);

map_fn map_self;  /* the object's own key */
map_fn map_owner; /* the key (owner's name in the object's namespace) of the controller owner whose
                     kind is the controller's root kind */

/* Does this change concern anybody? Asked before map; the cache has it in any case. */
typedef bool when_fn(const struct rec *old, const struct rec *now);
/* It came, went, or its generation, deletion mark, finalizers or labels changed: not its status. */
when_fn when_spec_changed;

struct watch {
    const struct kind *kind; /* its rows are what the cache keeps: see hack/gen-api */
    const char *selector;    /* label selector or NULL */
    const char *ns;          /* one namespace or NULL for all */
    map_fn *map;             /* NULL: cached only, triggers nothing */
    bool optional;           /* may not be served: then there are none of it (watch.h) */
    when_fn *when;           /* NULL: after every change */
};

/* What gather and plan get besides the cache. */
struct pass {
    struct key key;
    int64_t now_ms; /* wall clock, read once for the pass */
    struct answers answers;
    const struct refused *refused; /* what ended the key's last pass; NULL: nothing (plan.h) */
    const void *conf;              /* the program's own configuration, constant */
};

struct controller {
    const char *name;        /* metric label and log field */
    const char *manager;     /* field manager of its writes */
    const struct kind *root; /* what keys name; NULL for singletons */
    struct key start; /* enqueued when the controller starts, whatever there is; name NULL: none */
    const struct watch *watches;
    size_t watch_count;
    const struct cache_order *const *orders; /* that gather reads, ended by NULL; NULL: none */
    size_t view_size; /* the shell zeroes this many arena bytes for the view */
    /* Fills *view with pointers borrowed from the cache and arena arrays. Returns false when there
     * is nothing to plan (the object is gone and owns nothing): the pass ends. */
    bool (*gather)(struct arena *a, const struct caches *c, const struct pass *pass, void *view);
    void (*plan)(const void *view, struct plan *p);
    /* Sets metrics of its own from the cache, every few seconds on the loop. May be NULL. */
    void (*measure)(const struct caches *c, struct metrics *m);
};

struct program {
    const char *name;            /* also the Lease's, and in the default field manager's */
    const char *prefix;          /* of field managers, before `name`; NULL: "dkube-" */
    const char *domain;          /* Events are reported by "<domain>/<name>"; NULL: "dkube.io" */
    const char *lease_namespace; /* unless --lease-namespace says; NULL: "dkube-system" */
    const char *version;         /* NULL: that of this library */
    const char *const *env;      /* variables that plans depend on through conf, ended by NULL: kept
                                    in a recording; never secrets. NULL: none */
    bool impure; /* its plans have effects elsewhere: --record and --replay are refused */
    const struct controller *const *controllers;
    size_t count;
    const void *conf;
    /* Parses one own option "--name", value (NULL at the end: check). May be NULL. */
    int (*option)(void *ctx, const char *name, const char *value, struct err *e);
    /* Sets the program's own metrics, every few seconds on the loop. May be NULL. */
    void (*measure)(void *ctx, struct metrics *m);
    void *ctx;                /* of both */
    const char *options_help; /* lines for --help */
};

/* Options, kubeconfig, watches, lease, loop, shutdown. Returns the exit status. */
int manager_main(int argc, char **argv, const struct program *p);

#endif
