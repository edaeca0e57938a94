#include "kube/ryw.h"

#include <string.h>

#include "base/limits.h"
#include "base/span.h"
#include "base/table.h"

struct wait {
    struct wait *next;
    const struct kind *kind;
    char *ns, *name, *uid, *rv; /* owned; rv NULL: unknown */
    bool gone;
    int64_t since_ms;
};

struct holder {
    UT_hash_handle hh;
    struct queue_key key; /* ns, name point into id */
    struct wait *waits;
    bool held; /* ryw_check() said hold: somebody waits to be told */
    char id[];
};

struct moved {
    const struct kind *kind;
    struct moved *next;
};

struct ryw {
    struct holder *holders;
    struct moved *moved; /* kinds that moved since the last ryw_settled() */
    bool cleared;        /* waits were dropped: every held key is looked at */
    size_t count;
    uint64_t given_up;
};

struct ryw *ryw_new(void)
{
    return mem_alloc(sizeof(struct ryw));
}

static void wait_free(struct ryw *r, struct wait *w)
{
    mem_free(w->ns);
    mem_free(w->name);
    mem_free(w->uid);
    mem_free(w->rv);
    mem_free(w);
    r->count--;
}

static void holder_free(struct ryw *r, struct holder *h)
{
    while (h->waits != NULL) {
        struct wait *w = h->waits;
        h->waits = w->next;
        wait_free(r, w);
    }
    HASH_DEL(r->holders, h);
    mem_free(h);
}

static void moved_clear(struct ryw *r)
{
    while (r->moved != NULL) {
        struct moved *m = r->moved;
        r->moved = m->next;
        mem_free(m);
    }
}

void ryw_free(struct ryw *r)
{
    if (r == NULL) {
        return;
    }
    struct holder *h, *tmp;
    HASH_ITER (hh, r->holders, h, tmp) {
        holder_free(r, h);
    }
    moved_clear(r);
    mem_free(r);
}

/* --- holders -----------------------------------------------------------------------------------
 */

static size_t id_write(char *id, const struct queue_key *k)
{
    size_t n = strlen(k->ns) + 1, m = strlen(k->name) + 1;
    if (id != NULL) {
        memcpy(id, &k->who, sizeof(k->who));
        memcpy(id + sizeof(k->who), k->ns, n);
        memcpy(id + sizeof(k->who) + n, k->name, m);
    }
    return sizeof(k->who) + n + m;
}

static struct holder *holder_find(const struct ryw *r, const struct queue_key *k)
{
    struct holder *h = NULL;
    size_t n = id_write(NULL, k);
    char *id = mem_alloc(n);
    id_write(id, k);
    HASH_FIND(hh, r->holders, id, n, h);
    mem_free(id);
    return h;
}

static struct holder *holder_get(struct ryw *r, const struct queue_key *k)
{
    struct holder *h = holder_find(r, k);
    if (h == NULL) {
        size_t n = id_write(NULL, k);
        h = mem_alloc(sizeof(*h) + n);
        id_write(h->id, k);
        h->key = (struct queue_key){k->who, h->id + sizeof(k->who), NULL};
        h->key.name = h->key.ns + strlen(h->key.ns) + 1;
        HASH_ADD_KEYPTR(hh, r->holders, h->id, n, h);
    }
    return h;
}

/* --- waits -------------------------------------------------------------------------------------
 */

static bool is_gone(const struct caches *c, const struct kind *k, const char *ns, const char *name,
                    const char *uid)
{
    const struct rec *live = cache_get(c, k, ns, name);
    return live == NULL || rec_is_deleted(live) || (!str_empty(uid) && !str_eq(rec_uid(live), uid));
}

static bool wait_is_over(const struct caches *c, const struct wait *w)
{
    if (w->gone) {
        return is_gone(c, w->kind, w->ns, w->name, w->uid);
    }
    return w->rv != NULL && cache_has_seen(c, w->kind, w->uid, w->rv);
}

static bool is_unknown(const struct wait *w)
{
    return w->rv == NULL && !w->gone;
}

static bool wait_wants_look(const struct wait *w, int64_t now_ms)
{
    return is_unknown(w) || now_ms - w->since_ms >= limit(LIMIT_RYW_MS);
}

void ryw_add(struct ryw *r, const struct caches *c, const struct queue_key *key,
             const struct ryw_wait *want, int64_t now_ms)
{
    if (!caches_has_kind(c, want->kind)) {
        return;
    }
    struct holder *h = holder_get(r, key);
    struct wait *w = mem_alloc(sizeof(*w));
    *w = (struct wait){
        .kind = want->kind,
        .ns = mem_strdup(want->ns != NULL ? want->ns : ""),
        .name = mem_strdup(want->name),
        .uid = mem_strdup(want->uid != NULL ? want->uid : ""),
        .rv = mem_strdup(want->rv),
        .gone = want->gone,
        .since_ms = now_ms,
        .next = h->waits,
    };
    h->waits = w;
    r->count++;
}

/* Drops what the cache shows; NULL when the holder has no wait left and is gone. */
static struct holder *holder_trim(struct ryw *r, const struct caches *c, struct holder *h)
{
    struct wait **at = &h->waits;
    while (*at != NULL) {
        struct wait *w = *at;
        if (wait_is_over(c, w)) {
            *at = w->next;
            wait_free(r, w);
        } else {
            at = &w->next;
        }
    }
    if (h->waits == NULL) {
        holder_free(r, h);
        return NULL;
    }
    return h;
}

enum ryw_state ryw_check(struct ryw *r, const struct caches *c, const struct queue_key *key,
                         int64_t now_ms)
{
    struct holder *h = holder_find(r, key);
    if (h == NULL || (h = holder_trim(r, c, h)) == NULL) {
        return RYW_CLEAR;
    }
    for (const struct wait *w = h->waits; w != NULL; w = w->next) {
        if (wait_wants_look(w, now_ms)) {
            return RYW_LOOK;
        }
    }
    h->held = true;
    return RYW_HOLD;
}

static struct wait **look_at(struct holder *h, int64_t now_ms)
{
    struct wait **at = &h->waits;
    while (*at != NULL && !wait_wants_look(*at, now_ms)) {
        at = &(*at)->next;
    }
    return at;
}

bool ryw_look(struct ryw *r, const struct queue_key *key, int64_t now_ms, struct ryw_wait *ret)
{
    struct holder *h = holder_find(r, key);
    const struct wait *w = h != NULL ? *look_at(h, now_ms) : NULL;
    if (w == NULL) {
        return false;
    }
    *ret = (struct ryw_wait){w->kind, w->ns, w->name, w->uid, w->rv, w->gone};
    return true;
}

static bool is_of(const struct wait *w, const struct ryw_wait *o)
{
    return w->kind == o->kind && str_eq(w->ns, o->ns != NULL ? o->ns : "") &&
           str_eq(w->name, o->name);
}

/* Not so when the watch leaves the object out, the server's history was replaced, what a delete was
 * said to have ended lives on, or the cache shows another object of the name that is there now. */
static bool is_merely_late(const struct caches *c, const struct wait *w,
                           const struct ryw_wait *found)
{
    if (is_unknown(w)) {
        return false;
    }
    if (found->gone || found->uid == NULL) {
        return found->gone;
    }
    if (!str_eq(found->uid, w->uid)) {
        return !cache_has_seen(c, w->kind, found->uid, found->rv);
    }
    return !w->gone && rv_compare(found->rv, w->rv) >= 0;
}

void ryw_found(struct ryw *r, const struct caches *c, const struct queue_key *key,
               const struct ryw_wait *found, int64_t now_ms)
{
    struct holder *h = holder_find(r, key);
    struct wait **at = h != NULL ? &h->waits : NULL;
    while (at != NULL && *at != NULL && !(wait_wants_look(*at, now_ms) && is_of(*at, found))) {
        at = &(*at)->next;
    }
    if (at == NULL || *at == NULL) {
        return;
    }
    struct wait *w = *at;
    if (is_merely_late(c, w, found)) {
        w->since_ms = now_ms;
    } else if (!is_unknown(w)) {
        *at = w->next;
        wait_free(r, w);
        r->given_up++;
    } else {
        w->since_ms = now_ms; /* however long nobody answered */
        w->gone = found->uid == NULL;
        w->rv = mem_strdup(found->rv);
        if (found->uid != NULL) {
            mem_free(w->uid);
            w->uid = mem_strdup(found->uid);
        }
    }
    holder_trim(r, c, h);
}

int64_t ryw_due_ms(const struct ryw *r, const struct queue_key *key)
{
    const struct holder *h = holder_find(r, key);
    int64_t due = 0;
    for (const struct wait *w = h != NULL ? h->waits : NULL; w != NULL; w = w->next) {
        int64_t at = w->since_ms + limit(LIMIT_RYW_MS);
        due = due == 0 || at < due ? at : due;
    }
    return due;
}

/* --- what the watches tell ---------------------------------------------------------------------
 */

void ryw_moved(struct ryw *r, const struct kind *k)
{
    const struct moved *m = r->moved;
    while (m != NULL && m->kind != k) {
        m = m->next;
    }
    if (m == NULL && r->holders != NULL) {
        struct moved *add = mem_alloc(sizeof(*add));
        *add = (struct moved){k, r->moved};
        r->moved = add;
    }
}

void ryw_clear_kind(struct ryw *r, const struct kind *k)
{
    struct holder *h, *tmp;
    HASH_ITER (hh, r->holders, h, tmp) {
        struct wait **at = &h->waits;
        while (*at != NULL) {
            struct wait *w = *at;
            if (w->kind == k && w->rv != NULL) {
                *at = w->next;
                wait_free(r, w);
            } else {
                at = &w->next;
            }
        }
    }
    r->cleared = true;
}

static bool holder_is_touched(const struct ryw *r, const struct holder *h)
{
    for (const struct wait *w = h->waits; w != NULL; w = w->next) {
        for (const struct moved *m = r->moved; m != NULL; m = m->next) {
            if (m->kind == w->kind) {
                return true;
            }
        }
    }
    return false;
}

static bool holder_is_over(const struct caches *c, const struct holder *h)
{
    for (const struct wait *w = h->waits; w != NULL; w = w->next) {
        if (!wait_is_over(c, w)) {
            return false;
        }
    }
    return true;
}

void ryw_settled(struct ryw *r, const struct caches *c,
                 void (*fn)(void *ctx, const struct queue_key *key), void *ctx)
{
    struct holder *h, *tmp;
    if (r->moved == NULL && !r->cleared) {
        return;
    }
    HASH_ITER (hh, r->holders, h, tmp) {
        if ((r->cleared || holder_is_touched(r, h)) && holder_is_over(c, h)) {
            if (h->held) {
                fn(ctx, &h->key);
            }
            holder_free(r, h);
        }
    }
    r->cleared = false;
    moved_clear(r);
}

void ryw_each(const struct ryw *r, size_t max,
              void (*fn)(void *ctx, const struct queue_key *key, const struct ryw_wait *w,
                         int64_t since_ms),
              void *ctx)
{
    struct holder *h, *tmp;
    HASH_ITER (hh, r->holders, h, tmp) {
        for (const struct wait *w = h->waits; w != NULL; w = w->next) {
            if (max-- == 0) {
                return;
            }
            fn(ctx, &h->key, &(struct ryw_wait){w->kind, w->ns, w->name, w->uid, w->rv, w->gone},
               w->since_ms);
        }
    }
}

size_t ryw_count(const struct ryw *r)
{
    return r->count;
}

uint64_t ryw_given_up(const struct ryw *r)
{
    return r->given_up;
}

/* --- selectors ---------------------------------------------------------------------------------
 */

static const char *label(const struct json *labels, struct span key, char *room, size_t n)
{
    if (key.n == 0 || key.n >= n) {
        return NULL;
    }
    memcpy(room, key.p, key.n);
    room[key.n] = '\0';
    return json_as_str(json_key(labels, room));
}

static bool part_shows(struct span part, const struct json *labels)
{
    char room[320];
    const char *eq = memchr(part.p, '=', part.n);
    if (memchr(part.p, '(', part.n) != NULL || memchr(part.p, ' ', part.n) != NULL) {
        return true;
    }
    if (eq == NULL) {
        bool not = part.n > 0 && part.p[0] == '!';
        struct span key = {part.p + (not ? 1 : 0), part.n - (not ? 1 : 0)};
        return (label(labels, key, room, sizeof(room)) != NULL) != not ;
    }
    bool unequal = eq > part.p && eq[-1] == '!';
    struct span key = {part.p, (size_t)(eq - part.p) - (unequal ? 1 : 0)};
    const char *v = eq[1] == '=' ? eq + 2 : eq + 1;
    const char *have = label(labels, key, room, sizeof(room));
    struct span want = {v, (size_t)(part.p + part.n - v)};
    return (have != NULL && span_eq(span_of(have), want)) != unequal;
}

bool selector_shows(const char *selector, const struct json *labels)
{
    if (str_empty(selector) || strchr(selector, '(') != NULL) {
        return true;
    }
    for (const char *p = selector; *p != '\0';) {
        size_t n = strcspn(p, ",");
        if (!part_shows((struct span){p, n}, labels)) {
            return false;
        }
        p += n + (p[n] == ',' ? 1 : 0);
    }
    return true;
}
