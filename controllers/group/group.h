/*
 * group.h — one Group: its namespace, the account of its pods, their network policy, its members'
 * rights and its pool. The group named default is made when it is missing. Pure plan; the view
 * borrows from the cache.
 */
#ifndef DKUBE_CONTROLLERS_GROUP_H
#define DKUBE_CONTROLLERS_GROUP_H

#include "controllers/common/child.h"
#include "controllers/common/standing.h"
#include "kube/controller.h"

#define GROUP_FINALIZER "dkube.io/group"
#define GROUP_DEFAULT "default"
#define LABEL_ADOPT "dkube.io/adopt"
#define LABEL_ENFORCE "pod-security.kubernetes.io/enforce"
#define NETWORK_POLICY "dkube-run"

/* X(constant, role of a User, ClusterRole, external groups have it too) */
#define GROUP_ROLES(X)                                           \
    X(SCIENTIST, "data-scientist", "dkube-data-scientist", true) \
    X(ENGINEER, "ml-engineer", "dkube-ml-engineer", false)       \
    X(PRODUCTION, "production-engineer", "dkube-production-engineer", false)
enum group_role {
#define GROUP_ROLE_ENUM(c, role, cluster_role, external) GROUP_ROLE_##c,
    GROUP_ROLES(GROUP_ROLE_ENUM)
#undef GROUP_ROLE_ENUM
        GROUP_ROLE_COUNT
};

struct group_view {
    struct subject subject;     /* live NULL: the default one is missing */
    struct answers answers;     /* about children that the cache does not show */
    const char *system_ns;      /* the install namespace */
    const char *ns;             /* the namespace it wants */
    const struct rec *space;    /* the Namespace of that name, or NULL */
    bool is_space_orphan;       /* its label names a Group that is no more */
    const char *pool_name;      /* NULL: it has none */
    const struct rec *pool;     /* the Pool of that name, or NULL */
    const char *pool_taken_by;  /* an older Group with that pool, or NULL */
    const struct rec **members; /* Users that count, by name */
    size_t member_count;
    const char *unknown; /* members without a User, "a, b"; arena, "" if none */
    const struct rec *account, *policy, *bindings[GROUP_ROLE_COUNT]; /* of the names we use */
    int64_t active_runs, deployments;
    const char *holders; /* the first of them, "r1, r2, deployment/d"; arena */
};
extern const struct controller group_controller;

bool group_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view);
void group_plan(const void *view, struct plan *p);

/* policy.c: where the group stands with its namespace and its pool; the first that fails is said.
 */
enum space_state { SPACE_MISSING, SPACE_OURS, SPACE_TO_ADOPT, SPACE_REFUSED, SPACE_ENDING };
enum space_state group_space(const struct group_view *v, struct arena *a, struct standing *ret);
struct standing group_standing(const struct group_view *v, struct arena *a);

/* children.c: what the group keeps in its namespace. */
void group_make_space(const struct group_view *v, struct plan *p);
void group_keep_children(const struct group_view *v, struct plan *p);
/* Deletes them; true when none is left. */
bool group_drop_children(const struct group_view *v, struct plan *p);
const char *group_role_binding(enum group_role role);

/* status.c */
void group_say(const struct group_view *v, struct plan *p, struct standing st);

#endif
