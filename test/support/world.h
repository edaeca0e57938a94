/*
 * world.h — a cluster on paper for tests of controllers: objects put by hand, one reconcile, a look
 * at its plan.
 *
 * JSON is written with ' for " so that it reads in C. Objects get a uid ("uid-<kind>-<name>"), a
 * resourceVersion and generation 1 unless they say otherwise. Everything lives until world_done();
 * the last plan until the next reconcile. One thread.
 */
#ifndef DKUBE_TEST_WORLD_H
#define DKUBE_TEST_WORLD_H

#include "kube/cache.h"
#include "kube/controller.h"
#include "kube/plan.h"

#define WORLD_NOW_MS 1790000000000 /* the first pass's clock: 2026-09-21T14:13:20Z */

struct world {
    struct arena a;
    struct caches *c;
    const struct controller *controller;
    const void *conf;
    int64_t now_ms;
    struct plan plan;              /* of the last reconcile */
    bool gathered;                 /* it had something to plan */
    const struct refused *refused; /* told to each reconcile; NULL: nothing */
    struct answers answers;        /* likewise */
};

/* Stores for every kind that the controller watches. */
void world_init(struct world *w, const struct controller *controller, const void *conf);
void world_done(struct world *w);

/* Adds or replaces an object; fails the test when it is no JSON. Printf's arguments as usual. */
void put(struct world *w, const struct kind *k, const char *json, ...) PRINTF(3, 4);
/* Puts the body of an operation, as the API server would keep it. */
void put_body(struct world *w, const struct op *op);
void drop(struct world *w, const struct kind *k, const char *ns, const char *name);
/* The cached object gets the status that the last plan wrote on it, if any. */
void keep_status(struct world *w, const struct kind *k, const char *ns, const char *name);

void reconcile(struct world *w, const char *ns, const char *name);

/* The last plan's operation, or NULL. */
const struct op *op_on(const struct world *w, enum op_verb verb, const struct kind *k,
                       const char *name);
size_t count_ops(const struct world *w, enum op_verb verb, const struct kind *k);
/* A text, number or flag in an operation's body as text, by dotted path
 * ("spec.containers.0.image"); "" where absent. */
const char *at(struct world *w, const struct op *op, const char *path);
/* "status/reason" of a condition in the plan's only status operation; "" where absent. */
const char *condition(struct world *w, const char *type);
const char *message(struct world *w);                /* of Ready there */
const char *said(struct world *w, const char *path); /* a field of that status */
bool has_event(const struct world *w, const char *reason);

#endif
