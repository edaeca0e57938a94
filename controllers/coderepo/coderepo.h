/*
 * coderepo.h — one CodeRepo: looks up the branch's head in a pod of the repository's own namespace.
 * Pure plan; the view borrows from the cache.
 */
#ifndef DKUBE_CONTROLLERS_CODEREPO_H
#define DKUBE_CONTROLLERS_CODEREPO_H

#include "controllers/common/attempt.h"
#include "controllers/common/child.h"
#include "kube/controller.h"

#define CODEREPO_CONTAINER "resolve"
#define CODEREPO_DEADLINE_S 300

struct coderepo_view {
    struct subject subject;
    const struct step_conf *conf;
    const char *group;
    const char *pod_name;          /* <repo>-head-<generation>; arena */
    const struct rec *named;       /* the pod of that name */
    const struct refused *refused; /* its last write, by the API server; NULL: it was not */
    const struct rec **pods;       /* all that the CodeRepo owns */
    size_t pod_count;
};
extern const struct controller coderepo_controller;

bool coderepo_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view);
void coderepo_plan(const void *view, struct plan *p);

/* The body of the pod; arena. */
const char *coderepo_pod(const struct coderepo_view *v, struct arena *a);
/* Writes the status; head NULL keeps the one that stands. fetched_ms 0: likewise. True when it
 * stands. */
bool coderepo_say(const struct coderepo_view *v, struct plan *p, const struct standing *st,
                  const char *head, int64_t fetched_ms);

#endif
