#include "kube/cache.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"

#define HASH_NONFATAL_OOM 0
#define uthash_malloc(n) mem_alloc(n)
#define uthash_free(p, n) mem_free(p)
#include <uthash.h>
#include <utlist.h>

#define TOMBSTONES 1024 /* removed uids remembered per kind; older ones are forgotten */

/* Entries that share a namespace, or a controller owner; freed when the last one leaves. */
struct bucket {
    char *name; /* owned */
    struct link *links;
    size_t count;
    UT_hash_handle hh;
};

struct link {
    struct entry *entry;
    struct bucket *bucket;
    struct link *prev, *next;
};

struct entry {
    char *key;       /* owned: "namespace\0name" */
    struct rec *rec; /* owned, replaced as a whole */
    struct link in_ns, in_owner;
    unsigned seen; /* the relist that contained it last */
    UT_hash_handle hh;
    UT_hash_handle by_uid;
};

struct tombstone {
    char uid[64];
    UT_hash_handle hh;
};

struct store {
    const struct kind *kind;
    struct entry *entries, *uids;
    struct bucket *namespaces, *owners;
    struct rec *dying[2]; /* what the last event replaced: readable until the next one */
    struct entry *swept;  /* what the last sweep removed, likewise */
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

/* --- entries and their indexes -----------------------------------------------------------------
 */

static void link_into(struct bucket **buckets, const char *name, struct link *l, struct entry *e)
{
    struct bucket *b;

    HASH_FIND_STR(*buckets, name, b);
    if (b == NULL) {
        b = mem_alloc(sizeof *b);
        b->name = mem_strdup(name);
        HASH_ADD_KEYPTR(hh, *buckets, b->name, strlen(b->name), b);
    }
    l->entry = e;
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

/* "ns\0name" in a buffer of the caller; Kubernetes bounds both to 253 bytes. */
struct place {
    char bytes[640];
    size_t n;
};

static struct place place_of(const char *ns, const char *name)
{
    struct place p;

    ns = or_empty(ns);
    name = or_empty(name);
    p.n = (size_t)snprintf(p.bytes, sizeof p.bytes, "%.300s%c%.300s", ns, '\0', name);
    return p;
}

static struct entry *find_entry(const struct store *s, const char *ns, const char *name)
{
    struct place p = place_of(ns, name);
    struct entry *e;

    HASH_FIND(hh, s->entries, p.bytes, p.n, e);
    return e;
}

/* (Re)indexes the entry by its record's uid and controller owner. */
static void index_entry(struct store *s, struct entry *e)
{
    const char *owner = rec_controller_uid(e->rec), *uid = or_empty(rec_uid(e->rec));
    struct entry *other;

    if (owner != NULL) {
        link_into(&s->owners, owner, &e->in_owner, e);
    }
    HASH_FIND(by_uid, s->uids, uid, strlen(uid), other);
    if (other == NULL && *uid != '\0') {
        HASH_ADD_KEYPTR(by_uid, s->uids, uid, strlen(uid), e);
    }
}

static void unindex_entry(struct store *s, struct entry *e)
{
    const char *uid = or_empty(rec_uid(e->rec));
    struct entry *indexed;

    unlink_from(&s->owners, &e->in_owner);
    HASH_FIND(by_uid, s->uids, uid, strlen(uid), indexed);
    if (indexed == e) {
        HASH_DELETE(by_uid, s->uids, e);
    }
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
    mem_free(e->key);
    mem_free(e);
}

static struct entry *add_entry(struct store *s, struct rec *r)
{
    struct place p = place_of(rec_namespace(r), rec_name(r));
    struct entry *e = mem_alloc(sizeof *e);

    e->key = mem_alloc(p.n);
    memcpy(e->key, p.bytes, p.n);
    e->rec = r;
    HASH_ADD_KEYPTR(hh, s->entries, e->key, p.n, e);
    link_into(&s->namespaces, or_empty(rec_namespace(r)), &e->in_ns, e);
    index_entry(s, e);
    return e;
}

/* Takes the entry out of every index; its memory stays. */
static void detach_entry(struct store *s, struct entry *e)
{
    unindex_entry(s, e);
    unlink_from(&s->namespaces, &e->in_ns);
    HASH_DEL(s->entries, e);
}

/* --- what is readable until the next event -----------------------------------------------------
 */

static void bury_old(struct store *s)
{
    for (size_t i = 0; i < ARRAY_LEN(s->dying); i++) {
        free_rec(s->dying[i]);
        s->dying[i] = NULL;
    }
    while (s->swept != NULL) {
        struct entry *next = s->swept->hh.next;

        free_entry(s->swept);
        s->swept = next;
    }
}

static void remember_gone(struct store *s, const struct rec *r)
{
    struct tombstone *t, *oldest = s->gone;
    const char *uid = rec_uid(r);

    if (uid == NULL || strlen(uid) >= sizeof t->uid) {
        return;
    }
    HASH_FIND_STR(s->gone, uid, t);
    if (t != NULL) {
        return;
    }
    if (HASH_COUNT(s->gone) >= TOMBSTONES) {
        HASH_DEL(s->gone, oldest);
        mem_free(oldest);
    }
    t = mem_alloc(sizeof *t);
    memcpy(t->uid, uid, strlen(uid) + 1);
    HASH_ADD_STR(s->gone, uid, t);
}

void caches_free(struct caches *c)
{
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < c->count; i++) {
        struct store *s = c->stores[i];
        struct entry *e, *next;
        struct tombstone *t, *after;

        bury_old(s);
        HASH_ITER (hh, s->entries, e, next) {
            detach_entry(s, e);
            free_entry(e);
        }
        HASH_ITER (hh, s->gone, t, after) {
            HASH_DEL(s->gone, t);
            mem_free(t);
        }
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
    unindex_entry(s, e);
    if (!same_uid(e->rec, r)) {
        remember_gone(s, e->rec);
    }
    s->dying[0] = e->rec;
    e->rec = r;
    index_entry(s, e);
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
    remember_gone(s, last);
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
    remember_gone(s, e->rec);
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

size_t cache_sweep(struct caches *c, const struct kind *k, cache_removed_fn *fn, void *ctx)
{
    struct store *s = store_of(c, k);
    struct entry *e, *next;
    size_t removed = 0;

    bury_old(s);
    HASH_ITER (hh, s->entries, e, next) {
        if (e->seen != s->relist) {
            remember_gone(s, e->rec);
            detach_entry(s, e);
            e->hh.next = s->swept; /* free to use: the entry is in no table any more */
            s->swept = e;
            removed++;
            if (fn != NULL) {
                fn(ctx, k, e->rec);
            }
        }
    }
    s->steady = true;
    s->reset = false;
    return removed;
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
    return HASH_COUNT(store_of(c, k)->entries);
}

bool cache_has_seen(const struct caches *c, const struct kind *k, const char *uid, const char *rv)
{
    const struct store *s = store_of(c, k);
    struct tombstone *t;
    struct entry *e;

    if (!str_empty(s->rv) && rv_compare(s->rv, rv) >= 0) {
        return true;
    }
    uid = or_empty(uid);
    HASH_FIND(by_uid, s->uids, uid, strlen(uid), e);
    if (e != NULL) {
        return rv_compare(rec_rv(e->rec), rv) >= 0;
    }
    HASH_FIND_STR(s->gone, uid, t);
    return t != NULL;
}

const struct rec *cache_get(const struct caches *c, const struct kind *k, const char *ns,
                            const char *name)
{
    struct entry *e = find_entry(store_of(c, k), ns, name);

    return e != NULL ? e->rec : NULL;
}

static const struct bucket *ns_bucket(const struct store *s, const char *ns)
{
    struct bucket *b;

    HASH_FIND_STR(s->namespaces, ns, b);
    return b;
}

static const struct rec *next_link(struct cache_iter *it)
{
    struct link *l = it->state;

    it->state = l != NULL ? l->next : NULL;
    return l != NULL ? l->entry->rec : NULL;
}

const struct rec *cache_next(const struct caches *c, const struct kind *k, const char *ns,
                             struct cache_iter *it)
{
    const struct store *s = store_of(c, k);

    if (ns == NULL) {
        struct entry *e = it->pos == 0 ? s->entries : it->state;

        it->pos++;
        it->state = e != NULL ? e->hh.next : NULL;
        return e != NULL ? e->rec : NULL;
    }
    if (it->pos++ == 0) {
        const struct bucket *b = ns_bucket(s, ns);

        it->state = b != NULL ? b->links : NULL;
    }
    return next_link(it);
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
    size_t max = ns == NULL ? HASH_COUNT(s->entries) : b != NULL ? b->count : 0, n = 0;
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
        list[n++] = l->entry->rec;
    }
    *ret_count = n;
    return sorted(list, n);
}

void caches_shake(struct caches *c)
{
#ifdef POISON_VIEWS
    for (size_t i = 0; i < c->count; i++) {
        struct store *s = c->stores[i];

        for (struct entry *e = s->entries; e != NULL; e = e->hh.next) {
            struct rec *old = e->rec, *moved = mem_alloc(rec_size(old));

            unindex_entry(s, e); /* the index by uid points into the record */
            memcpy(moved, old, rec_size(old));
            e->rec = moved;
            index_entry(s, e);
            free_rec(old);
        }
    }
#else
    (void)c;
#endif
}
