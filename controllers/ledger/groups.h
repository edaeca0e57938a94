/*
 * groups.h — whose GPUs a namespace may use: namespace → Group → Pool (rules 17 and 18).
 *
 * The Group `default` has the Pool `default` unless it names another; any other Group without
 * poolRef has none. Of two Groups with one Pool the oldest has it. Borrows from the cache; pure.
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_GROUPS_H
#define DKUBE_CONTROLLERS_LEDGER_GROUPS_H

#include "kube/cache.h"

#define POOL_REST "default"  /* holds what no other pool takes */
#define GROUP_REST "default" /* has it */

struct ns_pool {
    const char *ns, *group;
    const char *pool;     /* NULL: none */
    const char *taken_by; /* the older Group that has the pool which this one names */
    bool ending;          /* the Group is being deleted: nothing new is admitted */
};
struct groups {
    const struct ns_pool *list; /* by namespace */
    size_t count;
};

/* From all Groups, in any order; arena. */
struct groups groups_of(struct arena *a, const struct rec *const *list, size_t count);
const struct ns_pool *groups_find(const struct groups *g, const char *ns); /* NULL: no Group's */
/* The namespace's alone, out of the cache. False: no Group's. */
bool groups_look(struct arena *a, const struct caches *c, const char *ns, struct ns_pool *ret);
/* The Group that has this pool, or NULL. */
const char *groups_owner(const struct groups *g, const char *pool);

#endif
