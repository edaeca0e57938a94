/*
 * cache.h — the objects of the watched kinds, as flat records, on the loop's thread only.
 *
 * One store a kind (two watches of one kind with different selectors are two stores of the program's
 * table, and are refused at start). Reads borrow: a record is valid until the loop takes the next event,
 * that is, for the whole of one gather+plan. Order of iteration is (namespace, name) bytes where it
 * says sorted, else undefined but stable between events.
 */
#ifndef DKUBE_KUBE_CACHE_H
#define DKUBE_KUBE_CACHE_H

#include "api/rec.h"

struct caches; /* all stores of a program */

/* NULL when it is not there (or the kind is not watched: a programming error in debug builds). */
const struct rec *cache_get(const struct caches *c, const struct kind *k, const char *ns,
                            const char *name);

/* All objects of a kind; with ns only that namespace. for (it = {0}; (r = cache_next(…)) != NULL;) */
struct cache_iter {
    size_t pos;
    void *state;
};
const struct rec *cache_next(const struct caches *c, const struct kind *k, const char *ns,
                             struct cache_iter *it);

/* Arena array sorted by (namespace, name); count in *ret_count. ns NULL: all namespaces. */
const struct rec **cache_list(struct arena *a, const struct caches *c, const struct kind *k,
                              const char *ns, size_t *ret_count);

/* Objects whose controller owner has this uid, sorted by name. */
const struct rec **cache_owned(struct arena *a, const struct caches *c, const struct kind *k,
                               const char *owner_uid, size_t *ret_count);

size_t cache_count(const struct caches *c, const struct kind *k);

/* False while the kind has not synced or is relisting: then no destructive plan is applied for it. */
bool cache_is_steady(const struct caches *c, const struct kind *k);

/* Filling: the watch does it; tests and the simulator by hand. */
struct caches *caches_new(void);
void caches_free(struct caches *c);
/* Adds an empty store; the kind is borrowed. */
void caches_add_kind(struct caches *c, const struct kind *k);
/* Applies one object (JSON) as an ADDED/MODIFIED event does; -1 when it cannot be decoded. */
int cache_put(struct caches *c, const struct kind *k, const struct json *object, struct err *e);
/* Removes by namespace/name; true when it was there. */
bool cache_remove(struct caches *c, const struct kind *k, const char *ns, const char *name);

#endif
