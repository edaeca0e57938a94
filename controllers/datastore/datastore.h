/*
 * datastore.h — the DataStore: made under the name default, ready while the program store is. Pure
 * plan; the view borrows from the cache.
 */
#ifndef DKUBE_CONTROLLERS_DATASTORE_H
#define DKUBE_CONTROLLERS_DATASTORE_H

#include "controllers/common/standing.h"
#include "kube/controller.h"

#define DATASTORE_DEFAULT "default"

struct datastore_view {
    struct subject subject; /* live NULL: the default one is missing */
    bool is_store_ready;    /* a pod of the program store is Ready */
    const char *store_held; /* why it is not, or NULL; arena */
    int64_t versions, bytes;
};
extern const struct controller datastore_controller;

bool datastore_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view);
void datastore_plan(const void *view, struct plan *p);

#endif
