/*
 * serving.h — one Deployment: which version it serves, its replicas, their Service, and what it
 * says about it.
 *
 *     gather (view.c) → resolve (policy.c) → replicas (replicas.c, pod.c) → Service → status
 * (status.c)
 *
 * Replicas are bare pods <deployment>-replica-<i>, i in 0 … wanted: one index more than wanted, so
 * that a new replica can be ready before an old one goes. Pure plan; the view borrows from the
 * cache.
 */
#ifndef DKUBE_CONTROLLERS_DEPLOYMENT_SERVING_H
#define DKUBE_CONTROLLERS_DEPLOYMENT_SERVING_H

#include "controllers/artifactversion/versions.h"
#include "controllers/common/child.h"
#include "controllers/common/podlook.h"
#include "controllers/common/standing.h"
#include "controllers/ledger/groups.h"
#include "kube/controller.h"

#define LABEL_DEPLOYMENT "dkube.io/deployment"
#define LABEL_REVISION "dkube.io/revision" /* hash of all that a replica is made of */
#define LABEL_TEMPLATE "dkube.io/template" /* the same without the version */
#define NOTE_NODE "dkube.io/node"          /* annotation: the ledger's node for its seat */
#define REPLICA_ROLE "replica"

struct deployment_view {
    struct subject subject;
    const struct step_conf *conf;
    const char *group;
    struct ns_pool space;      /* whose GPUs it may use; ns NULL: the namespace is no group's */
    const struct rec *pool;    /* that pool, or NULL */
    const struct rec *model;   /* that spec.model names, or NULL */
    struct versions versions;  /* of that model */
    const struct rec *service; /* of the deployment's name, whoever's it is */
    const struct rec **pods;   /* all that it owns, by name */
    size_t pod_count;
    const struct refused *refused; /* its last write, by the API server; NULL: it was not */
    const struct rec **taken; /* wanted names that are another's: [0 … wanted]; NULL where free */
};
extern const struct controller deployment_controller;

bool deployment_gather(struct arena *a, const struct caches *c, const struct pass *pass,
                       void *view);
void deployment_plan(const void *view, struct plan *p);

int64_t deployment_wanted(const struct rec *live); /* replicas */
const char *deployment_replica_name(struct arena *a, const struct rec *live, int64_t i);

/* policy.c: the version to serve, or NULL and *ret says why not. */
const struct rec *deployment_resolve(const struct deployment_view *v, struct arena *a,
                                     struct standing *ret);

/* Can the pool of its group ever seat all replicas? STANDING_STALLED and why, where it cannot. */
bool deployment_fits(const struct deployment_view *v, struct arena *a, struct standing *ret);

/* pod.c */
const char *deployment_hash(const struct deployment_view *v, struct arena *a,
                            const struct rec *version); /* version NULL: of the template alone */
struct replica {
    int64_t index;
    const char *node; /* the ledger's, or NULL */
    const struct rec *version;
};
const char *deployment_pod(const struct deployment_view *v, struct arena *a,
                           const struct replica *r);

/* replicas.c: creates and deletes at most what the rules allow now; what was found. */
struct replicas {
    int64_t wanted, allowed;        /* allowed: what the ledger gave, else wanted */
    int64_t there, ready;           /* not being deleted; of those, ready */
    int64_t current, current_ready; /* of those, of the present revision */
    const char *taken;              /* a name that is another's, or NULL */
};
struct replicas deployment_count(const struct deployment_view *v, const char *revision);
/* The replica whose creation the API server has just refused, or NULL. */
const struct refused *deployment_refusal(const struct deployment_view *v);
void deployment_roll(const struct deployment_view *v, struct plan *p, const struct rec *version);
/* While there is no version to follow: replicas go on, but never more than are wanted. */
void deployment_shrink(const struct deployment_view *v, struct plan *p);

/* status.c */
void deployment_say(const struct deployment_view *v, struct plan *p, const struct rec *version,
                    const struct standing *held);

#endif
