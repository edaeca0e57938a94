/*
 * paper.h — an API server on paper for tests that take several passes: what a plan says is done to
 * the cache, as the shell and the server would do it.
 *
 * Objects keep what each field manager applied to their status; creating, deleting and applying
 * work, nothing else does. JSON is written with ' for ". Everything lives until paper_done(). One
 * thread.
 */
#ifndef DKUBE_TEST_PAPER_H
#define DKUBE_TEST_PAPER_H

#include "kube/cache.h"
#include "kube/controller.h"
#include "kube/plan.h"

#define PAPER_NOW_MS 1790000000000 /* 2026-09-21T14:13:20Z */
#define PAPER_PARTS 4

struct paper_part {
    const char *manager;
    const struct json *status;
};
struct paper_object {
    const struct kind *kind;
    const char *ns, *name, *uid;
    const struct json *base; /* without status */
    struct paper_part parts[PAPER_PARTS];
    int64_t created_ms, deleted_ms;
    int64_t generation;
    bool gone;
};
struct paper {
    struct arena a;
    struct caches *c;
    int64_t now_ms;
    const void *conf;
    const char *log;       /* the answer to every need for a log; NULL: status 500 */
    struct refused refuse; /* creating pods: code 0: it does not */
    const char *refuses;   /* the one pod that it refuses; NULL: any */
    bool told;             /* the last pass was refused: the next is told */
    int forgets;           /* so many refusals are lost, as when the process ends */
    const char *late; /* this is there for a GET and not yet in the cache; others are as cached */
    bool keep_pods;   /* deleting a pod only marks it; drop it by hand */
    struct plan plan; /* of the last pass */
    struct paper_object *objects;
    size_t count, serial;
    size_t creates, deletes, refusals; /* of pods, so far */
};

void paper_init(struct paper *w, const struct controller *const *list, size_t count);
void paper_done(struct paper *w);

/* Adds an object, or replaces its metadata and spec; a status in it becomes the manager "test"'s.
 * It keeps its uid, age and the other managers' status. */
void paper_put(struct paper *w, const struct kind *k, const char *json, ...) PRINTF(3, 4);
void paper_drop(struct paper *w, const struct kind *k, const char *ns, const char *name);
/* Marks it as being deleted. */
void paper_delete(struct paper *w, const struct kind *k, const char *ns, const char *name);
const struct paper_object *paper_find(const struct paper *w, const struct kind *k, const char *ns,
                                      const char *name);

/* One gather and plan, needs answered; the plan is not carried out. */
void paper_plan(struct paper *w, const struct controller *c, const char *ns, const char *name);
/* Carries out the last plan. */
void paper_apply(struct paper *w);
/* Plans and applies until nothing is left to do; fails the test after 20 passes. */
void paper_settle(struct paper *w, const struct controller *c, const char *ns, const char *name);

/* A text, number or flag of an object, by dotted path with numbers for lists; "" where absent. */
const char *paper_at(struct paper *w, const struct kind *k, const char *ns, const char *name,
                     const char *path);
bool paper_has_event(const struct paper *w, const char *reason); /* of the last plan */

#endif
