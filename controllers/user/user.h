/*
 * user.h — one User: whether its username counts, its groups and active runs, and the cluster-wide
 * binding of an operator. The rights inside namespaces are the Group's to give. Pure plan; borrows
 * from the cache.
 */
#ifndef DKUBE_CONTROLLERS_USER_H
#define DKUBE_CONTROLLERS_USER_H

#include "controllers/common/standing.h"
#include "kube/controller.h"

#define OPERATOR_ROLE "dkube-operator"

struct user_view {
    struct subject subject;
    const struct rec *first; /* an older User with this username, or NULL */
    const char **groups;     /* names, sorted; arena array */
    size_t group_count;
    int64_t active_runs;
    const struct rec *default_group; /* that spec.defaultGroup names, or NULL */
    const char *binding_name;        /* dkube-operator-<user>; arena */
    const struct rec *binding;       /* of that name */
};
extern const struct controller user_controller;

bool user_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view);
void user_plan(const void *view, struct plan *p);

/* The oldest User with this username: by (creation, name). Also for the Group's bindings. */
const struct rec *user_first(const struct caches *c, const char *username);
bool user_has_role(const struct rec *user, const char *role);

#endif
