#include "kube/cache.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "kube/gone.h"
#include "kube/index.h"
#include "kube/order.h"

#define HASH_NONFATAL_OOM 0
#define uthash_malloc(n) mem_alloc(n)
#define uthash_free(p, n) mem_free(p)
#include <uthash.h>
#include <utlist.h>

/* Entries that share a namespace, or a controller owner; freed when the last one leaves. */
struct bucket {
    char *name; /* owned */
    struct link *links;
    size_t count;
    UT_hash_handle hh;
};

struct link { /* stands in its entry */
    struct bucket *bucket;
    struct link *prev, *next;
};

struct entry {
    struct rec *rec; /* owned, replaced as a whole; holds what the indexes compare */
    struct link in_ns, in_owner;
    unsigned seen; /* the relist that contained it last */
};

struct store {
    const struct kind *kind;
    struct index places, uids; /* of entries, by namespace and name; by uid */
    struct bucket *namespaces, *owners;
    struct orders orders;
    struct rec *dying[2]; /* what the last event replaced: readable until the next one */
    struct rec **swept;   /* what the last sweep removed, likewise */
    size_t swept_count, swept_room;
    struct tombstone *gone;
    unsigned relist;
    bool steady, reset;
    char *rv; /* owned */
};

struct caches {
    struct store **stores;
    size_t count;
};

/* --- stores ---------------------------------------------------------------------------------- */

static struct store *find_store(const struct caches *c, const struct kind *k)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->stores[i]->kind == k) {
            return c->stores[i];
        }
    }
    return NULL;
}

static struct store *store_of(const struct caches *c, const struct kind *k)
{
    struct store *s = find_store(c, k);

    if (s == NULL) {
        fprintf(stderr, "cache: kind %s is not watched\n", k->kind);
    }
    assert(s != NULL);
    return s;
}

struct caches *caches_new(void)
{
    return mem_alloc(sizeof(struct caches));
}

bool caches_has_kind(const struct caches *c, const struct kind *k)
{
    return find_store(c, k) != NULL;
}

void caches_add_kind(struct caches *c, const struct kind *k)
{
    struct store *s;

    if (caches_has_kind(c, k)) {
        return;
    }
    s = mem_alloc(sizeof *s);
    s->kind = k;
    s->rv = mem_strdup("");
    c->stores = mem_resize(c->stores, (c->count + 1) * sizeof *c->stores);
    c->stores[c->count++] = s;
}

struct orders *caches_orders(const struct caches *c, const struct kind *k)
{
    return &store_of(c, k)->orders;
}

/* --- entries and their indexes -----------------------------------------------------------------
 */

static void link_into(struct bucket **buckets, const char *name, struct link *l)
{
    struct bucket *b;

    HASH_FIND_STR(*buckets, name, b);
    if (b == NULL) {
        b = mem_alloc(sizeof *b);
        b->name = mem_strdup(name);
        HASH_ADD_KEYPTR(hh, *buckets, b->name, strlen(b->name), b);
    }
    l->bucket = b;
    DL_APPEND(b->links, l);
    b->count++;
}

static void unlink_from(struct bucket **buckets, struct link *l)
{
    struct bucket *b = l->bucket;

    if (b == NULL) {
        return;
    }
    DL_DELETE(b->links, l);
    l->bucket = NULL;
    if (--b->count == 0) {
        HASH_DEL(*buckets, b);
        mem_free(b->name);
        mem_free(b);
    }
}

static const char *or_empty(const char *s)
{
    return s != NULL ? s : "";
}

struct place {
    const char *ns, *name;
    size_t ns_len, name_len;
};

static struct place place_of(const struct rec *r)
{
    return (struct place){or_empty(rec_namespace(r)), or_empty(rec_name(r)),
                          rec_str_len(r, REC_NAMESPACE), rec_str_len(r, REC_NAME)};
}

static uint64_t hash_place(const struct place *p)
{
    return index_hash(index_hash(0, p->ns, p->ns_len), p->name, p->name_len);
}

static uint64_t hash_entry_place(const void *item)
{
    struct place p = place_of(((const struct entry *)item)->rec);

    return hash_place(&p);
}

static bool is_at(const void *item, const void *key)
{
    const struct place *p = key;
    struct place q = place_of(((const struct entry *)item)->rec);

    return p->name_len == q.name_len && p->ns_len == q.ns_len &&
           memcmp(p->name, q.name, q.name_len) == 0 && memcmp(p->ns, q.ns, q.ns_len) == 0;
}

static struct entry *find_entry(const struct store *s, const char *ns, const char *name)
{
    struct place p = {or_empty(ns), or_empty(name), strlen(or_empty(ns)), strlen(or_empty(name))};

    return index_find(&s->places, hash_place(&p), is_at, &p);
}

static uint64_t hash_uid(const char *uid)
{
    return index_hash(1, uid, strlen(uid));
}

static uint64_t hash_entry_uid(const void *item)
{
    return hash_uid(or_empty(rec_uid(((const struct entry *)item)->rec)));
}

static bool has_uid(const void *item, const void *key)
{
    return str_eq(rec_uid(((const struct entry *)item)->rec), key);
}

static struct entry *find_uid(const struct store *s, const char *uid)
{
    return index_find(&s->uids, hash_uid(uid), has_uid, uid);
}

/* (Re)indexes the entry by its record's uid and controller owner. */
static void index_entry(struct store *s, struct entry *e)
{
    const char *owner = rec_controller_uid(e->rec), *uid = or_empty(rec_uid(e->rec));

    if (owner != NULL) {
        link_into(&s->owners, owner, &e->in_owner);
    }
    if (*uid != '\0' && find_uid(s, uid) == NULL) {
        index_add(&s->uids, e, hash_entry_uid);
    }
}

static void unindex_entry(struct store *s, struct entry *e)
{
    unlink_from(&s->owners, &e->in_owner);
    index_remove(&s->uids, e, hash_entry_uid(e));
}

static void free_rec(struct rec *r)
{
#ifdef POISON_VIEWS
    if (r != NULL) {
        memset(r, 0xdb, rec_size(r));
    }
#endif
    mem_free(r);
}

static void free_entry(struct entry *e)
{
    free_rec(e->rec);
    mem_free(e);
}

static struct entry *add_entry(struct store *s, struct rec *r)
{
    struct entry *e = mem_alloc(sizeof *e);

    e->rec = r;
    index_add(&s->places, e, hash_entry_place);
    link_into(&s->namespaces, or_empty(rec_namespace(r)), &e->in_ns);
    index_entry(s, e);
    orders_enter(&s->orders, &e->rec, ORDERS_ALL);
    return e;
}

/* Takes the entry out of every index; its memory stays. */
static void detach_entry(struct store *s, struct entry *e)
{
    orders_leave(&s->orders, &e->rec, NULL);
    unindex_entry(s, e);
    unlink_from(&s->namespaces, &e->in_ns);
    index_remove(&s->places, e, hash_entry_place(e));
}

/* --- what is readable until the next event -----------------------------------------------------
 */

static void bury_old(struct store *s)
{
    for (size_t i = 0; i < ARRAY_LEN(s->dying); i++) {
        free_rec(s->dying[i]);
        s->dying[i] = NULL;
    }
    while (s->swept_count > 0) {
        free_rec(s->swept[--s->swept_count]);
    }
    mem_free(s->swept);
    s->swept = NULL;
    s->swept_room = 0;
}

void caches_free(struct caches *c)
{
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < c->count; i++) {
        struct store *s = c->stores[i];
        struct entry *e;
        size_t pos = 0;

        bury_old(s);
        while ((e = index_next(&s->places, &pos)) != NULL) {
            detach_entry(s, e);
            free_entry(e);
        }
        orders_done(&s->orders);
        index_done(&s->places);
        index_done(&s->uids);
        gone_free(s->gone);
        mem_free(s->rv);
        mem_free(s);
    }
    mem_free(c->stores);
    mem_free(c);
}

/* --- filling --------------------------------------------------------------------------------- */

/* An owned copy of the record, which must have a name. */
static int own(const struct kind *k, const struct rec *object, struct rec **ret, struct err *e)
{
    if (str_empty(rec_name(object))) {
        return err_set(e, ERR_INVALID, "MalformedObject", "a %s has no metadata.name", k->kind);
    }
    *ret = mem_alloc(rec_size(object));
    memcpy(*ret, object, rec_size(object));
    return 0;
}

static int build(struct arena *a, const struct kind *k, const struct json *object,
                 const struct rec **ret, struct err *e)
{
    uint32_t size;

    return rec_build(a, k->rows, object, ret, &size, e) < 0 ? err_in(e, "%s", k->kind) : 0;
}

static bool is_newer(const struct store *s, const struct rec *old, const struct rec *now)
{
    const char *was = rec_rv(old), *is = rec_rv(now);

    if (s->reset || str_empty(was) || str_empty(is) || !rv_is_valid(was) || !rv_is_valid(is)) {
        return !str_eq(was, is) || str_empty(is);
    }
    return rv_compare(is, was) > 0;
}

static bool same_uid(const struct rec *a, const struct rec *b)
{
    return str_eq(rec_uid(a), rec_uid(b));
}

/* Puts r (taken) in place of the entry's record. */
static void replace_rec(struct store *s, struct entry *e, struct rec *r)
{
    unsigned moved = orders_leave(&s->orders, &e->rec, r);

    unindex_entry(s, e);
    if (!same_uid(e->rec, r)) {
        gone_remember(&s->gone, rec_uid(e->rec));
    }
    s->dying[0] = e->rec;
    e->rec = r;
    index_entry(s, e);
    orders_enter(&s->orders, &e->rec, moved);
}

static void put_rec(struct store *s, struct rec *r, bool force, struct cache_change *ret)
{
    struct entry *e = find_entry(s, rec_namespace(r), rec_name(r));

    *ret = (struct cache_change){0};
    if (e == NULL) {
        e = add_entry(s, r);
    } else if (!force && same_uid(e->rec, r) && !is_newer(s, e->rec, r)) {
        e->seen = s->relist;
        free_rec(r);
        return;
    } else {
        ret->old = e->rec;
        ret->replaced = !same_uid(e->rec, r);
        replace_rec(s, e, r);
    }
    e->seen = s->relist;
    ret->now = e->rec;
}

int cache_apply_rec(struct caches *c, const struct kind *k, const struct rec *object,
                    struct cache_change *ret, struct err *e)
{
    struct store *s = store_of(c, k);
    struct rec *r;

    if (own(k, object, &r, e) < 0) {
        return -1;
    }
    bury_old(s);
    put_rec(s, r, false, ret);
    return 0;
}

int cache_apply(struct caches *c, const struct kind *k, const struct json *object,
                struct cache_change *ret, struct err *e)
{
    struct arena a CLEANUP(arena_done) = {0};
    const struct rec *r;

    return build(&a, k, object, &r, e) < 0 ? -1 : cache_apply_rec(c, k, r, ret, e);
}

int cache_put(struct caches *c, const struct kind *k, const struct json *object, struct err *e)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct store *s = store_of(c, k);
    struct cache_change change;
    const struct rec *built;
    struct rec *r;

    if (build(&a, k, object, &built, e) < 0 || own(k, built, &r, e) < 0) {
        return -1;
    }
    bury_old(s);
    put_rec(s, r, true, &change);
    return 0;
}

int cache_drop_rec(struct caches *c, const struct kind *k, const struct rec *object,
                   struct cache_change *ret, struct err *e)
{
    struct store *s = store_of(c, k);
    struct entry *entry;
    struct rec *last;

    if (own(k, object, &last, e) < 0) {
        return -1;
    }
    bury_old(s);
    *ret = (struct cache_change){0};
    s->dying[0] = last;
    entry = find_entry(s, rec_namespace(last), rec_name(last));
    if (entry == NULL || !same_uid(entry->rec, last)) {
        return 0;
    }
    gone_remember(&s->gone, rec_uid(last));
    detach_entry(s, entry);
    s->dying[1] = entry->rec;
    entry->rec = NULL;
    free_entry(entry);
    ret->old = last;
    return 0;
}

int cache_drop(struct caches *c, const struct kind *k, const struct json *object,
               struct cache_change *ret, struct err *e)
{
    struct arena a CLEANUP(arena_done) = {0};
    const struct rec *r;

    return build(&a, k, object, &r, e) < 0 ? -1 : cache_drop_rec(c, k, r, ret, e);
}

bool cache_remove(struct caches *c, const struct kind *k, const char *ns, const char *name)
{
    struct store *s = store_of(c, k);
    struct entry *e = find_entry(s, ns, name);

    if (e == NULL) {
        return false;
    }
    bury_old(s);
    gone_remember(&s->gone, rec_uid(e->rec));
    detach_entry(s, e);
    s->dying[0] = e->rec;
    e->rec = NULL;
    free_entry(e);
    return true;
}

void cache_begin_relist(struct caches *c, const struct kind *k, bool reset)
{
    struct store *s = store_of(c, k);

    s->relist++;
    s->steady = false;
    s->reset = s->reset || reset;
}

static void keep_swept(struct store *s, struct rec *r)
{
    if (s->swept_count == s->swept_room) {
        s->swept_room = s->swept_room > 0 ? 2 * s->swept_room : 16;
        s->swept = mem_resize(s->swept, s->swept_room * sizeof(struct rec *));
    }
    s->swept[s->swept_count++] = r;
}

size_t cache_sweep(struct caches *c, const struct kind *k, cache_removed_fn *fn, void *ctx)
{
    struct store *s = store_of(c, k);
    struct entry *e;
    size_t pos = 0;

    bury_old(s);
    while ((e = index_next(&s->places, &pos)) != NULL) {
        if (e->seen != s->relist) {
            struct rec *old = e->rec;

            gone_remember(&s->gone, rec_uid(old));
            detach_entry(s, e);
            e->rec = NULL;
            free_entry(e);
            keep_swept(s, old);
            if (fn != NULL) {
                fn(ctx, k, old);
            }
        }
    }
    s->steady = true;
    s->reset = false;
    return s->swept_count;
}

void cache_set_rv(struct caches *c, const struct kind *k, const char *rv)
{
    struct store *s = store_of(c, k);

    if (!str_eq(s->rv, rv)) {
        mem_free(s->rv);
        s->rv = mem_strdup(or_empty(rv));
    }
}

/* --- reading --------------------------------------------------------------------------------- */

const char *cache_rv(const struct caches *c, const struct kind *k)
{
    return store_of(c, k)->rv;
}

bool cache_is_steady(const struct caches *c, const struct kind *k)
{
    return store_of(c, k)->steady;
}

size_t cache_count(const struct caches *c, const struct kind *k)
{
    return store_of(c, k)->places.live;
}

bool cache_has_seen(const struct caches *c, const struct kind *k, const char *uid, const char *rv)
{
    const struct store *s = store_of(c, k);
    struct entry *e;

    if (!str_empty(s->rv) && rv_compare(s->rv, rv) >= 0) {
        return true;
    }
    uid = or_empty(uid);
    e = find_uid(s, uid);
    if (e != NULL) {
        return rv_compare(rec_rv(e->rec), rv) >= 0;
    }
    return gone_has(s->gone, uid);
}

const struct rec *cache_get(const struct caches *c, const struct kind *k, const char *ns,
                            const char *name)
{
    struct entry *e = find_entry(store_of(c, k), ns, name);

    return e != NULL ? e->rec : NULL;
}

const struct rec *cache_by_uid(const struct caches *c, const struct kind *k, const char *uid)
{
    struct entry *e = find_uid(store_of(c, k), or_empty(uid));

    return e != NULL ? e->rec : NULL;
}

static const struct bucket *ns_bucket(const struct store *s, const char *ns)
{
    struct bucket *b;

    HASH_FIND_STR(s->namespaces, ns, b);
    return b;
}

static const struct rec *rec_in_ns(const struct link *l)
{
    return ((const struct entry *)(const void *)((const char *)l - offsetof(struct entry, in_ns)))
        ->rec;
}

static const struct rec *rec_in_owner(const struct link *l)
{
    return ((const struct entry *)(const void *)((const char *)l -
                                                 offsetof(struct entry, in_owner)))
        ->rec;
}

const struct rec *cache_next(const struct caches *c, const struct kind *k, const char *ns,
                             struct cache_iter *it)
{
    const struct store *s = store_of(c, k);
    const struct link *l = it->state;

    if (ns == NULL) {
        const struct entry *e = index_next(&s->places, &it->pos);

        return e != NULL ? e->rec : NULL;
    }
    if (it->pos++ == 0) {
        const struct bucket *b = ns_bucket(s, ns);

        l = b != NULL ? b->links : NULL;
    }
    it->state = l != NULL ? l->next : NULL;
    return l != NULL ? rec_in_ns(l) : NULL;
}

static int by_place(const void *x, const void *y)
{
    const struct rec *a = *(const struct rec *const *)x, *b = *(const struct rec *const *)y;
    int order = strcmp(or_empty(rec_namespace(a)), or_empty(rec_namespace(b)));

    return order != 0 ? order : strcmp(rec_name(a), rec_name(b));
}

static const struct rec **sorted(const struct rec **list, size_t n)
{
    qsort(list, n, sizeof(const struct rec *), by_place);
    return list;
}

const struct rec **cache_list(struct arena *a, const struct caches *c, const struct kind *k,
                              const char *ns, size_t *ret_count)
{
    const struct store *s = store_of(c, k);
    const struct bucket *b = ns != NULL ? ns_bucket(s, ns) : NULL;
    size_t max = ns == NULL ? s->places.live : b != NULL ? b->count : 0, n = 0;
    const struct rec **list = arena_alloc(a, (max + 1) * sizeof *list);
    struct cache_iter it = {0};
    const struct rec *r;

    while ((r = cache_next(c, k, ns, &it)) != NULL) {
        list[n++] = r;
    }
    *ret_count = n;
    return sorted(list, n);
}

const struct rec **cache_owned(struct arena *a, const struct caches *c, const struct kind *k,
                               const char *owner_uid, size_t *ret_count)
{
    const struct store *s = store_of(c, k);
    const struct rec **list;
    struct bucket *b;
    size_t n = 0;

    HASH_FIND_STR(s->owners, or_empty(owner_uid), b);
    list = arena_alloc(a, ((b != NULL ? b->count : 0) + 1) * sizeof *list);
    for (const struct link *l = b != NULL ? b->links : NULL; l != NULL; l = l->next) {
        list[n++] = rec_in_owner(l);
    }
    *ret_count = n;
    return sorted(list, n);
}

void caches_shake(struct caches *c)
{
#ifdef POISON_VIEWS
    for (size_t i = 0; i < c->count; i++) {
        struct store *s = c->stores[i];

        struct entry *e;
        size_t pos = 0;

        while ((e = index_next(&s->places, &pos)) != NULL) {
            struct rec *old = e->rec;

            e->rec = mem_alloc(rec_size(old));
            memcpy(e->rec, old, rec_size(old));
            free_rec(old);
        }
    }
#else
    (void)c;
#endif
}
