/*
 * cache.h — the objects of the watched kinds, as flat records, on the loop's thread only.
 *
 * One store a kind (two watches of one kind with different selectors are two stores of the
 * program's table, and are refused at start). Reads borrow: a record is valid until the loop takes
 * the next event of its kind, that is, for the whole of one gather+plan; so is a replaced or
 * removed one. Order of iteration is (namespace, name) bytes where it says sorted, else undefined
 * but stable between events. Filling: the watch calls the functions of the second half; tests and
 * the simulator cache_put().
 */
#ifndef DKUBE_KUBE_CACHE_H
#define DKUBE_KUBE_CACHE_H

#include "api/rec.h"

struct caches; /* all stores of a program */

/* NULL when it is not there (or the kind is not watched: a programming error in debug builds). */
const struct rec *cache_get(const struct caches *c, const struct kind *k, const char *ns,
                            const char *name);

/* All objects of a kind; with ns only that namespace. for (it = {0}; (r = cache_next(…)) != NULL;)
 */
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

/* The object of this uid, or NULL. */
const struct rec *cache_by_uid(const struct caches *c, const struct kind *k, const char *uid);

size_t cache_count(const struct caches *c, const struct kind *k);

/* Sorted lists of some objects of a kind, kept up to date with every event, so that a pass which
 * needs a few of many does not look at all. Static data; functions of the record alone. */
#define CACHE_LIST_MAX 144 /* bytes of a list's name */
#define CACHE_SUM_MAX 256
struct cache_order {
    const struct kind *kind;
    bool (*list)(const struct rec *r, char *ret); /* the list in which it stands; false: in none */
    int (*compare)(const struct rec *a, const struct rec *b); /* never 0 for two objects */
    int64_t (*sum)(const struct rec *const *first, size_t n); /* may be NULL: see cache_sum() */
};
/* Ended by NULL; NULL: none. Their kinds are there already, and empty. */
void caches_add_orders(struct caches *c, const struct cache_order *const *list);
const struct rec **cache_ordered(struct arena *a, const struct caches *c,
                                 const struct cache_order *o, const char *list, size_t *ret_count);
/* Names of the lists that are not empty, in any order; arena. */
const char **cache_order_lists(struct arena *a, const struct caches *c, const struct cache_order *o,
                               size_t *ret_count);
/* What `sum` says of the first CACHE_SUM_MAX of the list; asked again only after a change of it. */
int64_t cache_sum(const struct caches *c, const struct cache_order *o, const char *list);

/* False while the kind has not synced or is relisting: then no destructive plan is applied for it.
 */
bool cache_is_steady(const struct caches *c, const struct kind *k);

/* True when a write answered with resourceVersion `rv` for object `uid` is visible: the object is
 * cached with rv or newer, the store has seen rv, or the uid is gone (removed lately). */
bool cache_has_seen(const struct caches *c, const struct kind *k, const char *uid, const char *rv);

/* --- life ------------------------------------------------------------------------------------ */

struct caches *caches_new(void);
void caches_free(struct caches *c);
/* Adds an empty store; the kind is borrowed. Adding a kind twice does nothing. */
void caches_add_kind(struct caches *c, const struct kind *k);
bool caches_has_kind(const struct caches *c, const struct kind *k);

/* Debug builds (-DPOISON_VIEWS): moves every record and overwrites its old place, so that a pointer
 * kept past plan() is found at once. The shell calls it after each plan. Else does nothing. */
void caches_shake(struct caches *c);

/* --- filling --------------------------------------------------------------------------------- */

/* What one event did. Records are borrowed until the kind's next event. */
struct cache_change {
    const struct rec *old; /* the state before; NULL: it was not there */
    const struct rec *now; /* the state now; NULL: it is gone */
    bool replaced;         /* same name, other uid: tell it as a deletion, then as an addition */
};

/* Applies the object of an ADDED or MODIFIED event or of a list page, and marks it seen in a
 * relist. An event no newer than the stored object of the same uid is dropped: both records are
 * NULL and the result is 0. -1 when the object cannot be decoded (then nothing changed). */
int cache_apply(struct caches *c, const struct kind *k, const struct json *object,
                struct cache_change *ret, struct err *e) MUSTCHECK;

/* Applies a DELETED event. `old` is the object's last state as the event tells it; both NULL when
 * the object was not there or a newer one has its name. */
int cache_drop(struct caches *c, const struct kind *k, const struct json *object,
               struct cache_change *ret, struct err *e) MUSTCHECK;

/* The same two for a record of the kind's rows, as the push scanner makes it; it is copied. */
int cache_apply_rec(struct caches *c, const struct kind *k, const struct rec *object,
                    struct cache_change *ret, struct err *e) MUSTCHECK;
int cache_drop_rec(struct caches *c, const struct kind *k, const struct rec *object,
                   struct cache_change *ret, struct err *e) MUSTCHECK;

/* A list or a WatchList stream begins: the kind is not steady until cache_sweep(). The old objects
 * stay readable. Beginning again forgets what the interrupted one had seen, and removes nothing.
 * reset accepts lower resource versions until the sweep (the server's history was replaced). */
void cache_begin_relist(struct caches *c, const struct kind *k, bool reset);

/* The list is complete: removes what it did not contain, telling each to fn (may be NULL), and the
 * kind is steady. fn must not change the cache. Returns how many were removed. */
typedef void cache_removed_fn(void *ctx, const struct kind *k, const struct rec *old);
size_t cache_sweep(struct caches *c, const struct kind *k, cache_removed_fn *fn, void *ctx);

/* The resource version up to which the store has seen everything; "" at first. Copied. */
void cache_set_rv(struct caches *c, const struct kind *k, const char *rv);
const char *cache_rv(const struct caches *c, const struct kind *k); /* borrowed until set again */

/* By hand: put an object whatever its resource version; remove one by namespace and name (true: it
 * was there). */
int cache_put(struct caches *c, const struct kind *k, const struct json *object, struct err *e);
bool cache_remove(struct caches *c, const struct kind *k, const char *ns, const char *name);

#endif
