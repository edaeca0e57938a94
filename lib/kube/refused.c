#include "kube/refused.h"

#include <string.h>

#include "base/table.h"

struct kept {
    UT_hash_handle hh;
    struct refused r; /* texts owned */
    char id[];
};
struct refusals {
    struct kept *list;
};

struct refusals *refusals_new(void)
{
    return mem_alloc(sizeof(struct refusals));
}

static void kept_free(struct refusals *l, struct kept *k)
{
    HASH_DEL(l->list, k);
    mem_free((char *)k->r.ns);
    mem_free((char *)k->r.name);
    mem_free((char *)k->r.reason);
    mem_free((char *)k->r.message);
    mem_free(k);
}

void refusals_free(struct refusals *l)
{
    struct kept *k, *tmp;
    if (l == NULL) {
        return;
    }
    HASH_ITER (hh, l->list, k, tmp) {
        kept_free(l, k);
    }
    mem_free(l);
}

static size_t id_size(const struct queue_key *k)
{
    return sizeof(k->who) + strlen(k->ns) + 1 + strlen(k->name) + 1;
}

static void id_write(char *id, const struct queue_key *k)
{
    size_t n = strlen(k->ns) + 1;
    memcpy(id, &k->who, sizeof(k->who));
    memcpy(id + sizeof(k->who), k->ns, n);
    memcpy(id + sizeof(k->who) + n, k->name, strlen(k->name) + 1);
}

static struct kept *find(const struct refusals *l, const struct queue_key *key)
{
    struct kept *k = NULL;
    size_t n = id_size(key);
    char *id = mem_alloc(n);
    id_write(id, key);
    HASH_FIND(hh, l->list, id, n, k);
    mem_free(id);
    return k;
}

void refusals_keep(struct refusals *l, const struct queue_key *key, const struct refused *r)
{
    size_t n = id_size(key);
    struct kept *k = find(l, key);
    if (k != NULL) {
        kept_free(l, k);
    }
    k = mem_alloc(sizeof(*k) + n);
    id_write(k->id, key);
    k->r = *r;
    k->r.ns = mem_strdup(r->ns != NULL ? r->ns : "");
    k->r.name = mem_strdup(r->name);
    k->r.reason = mem_strdup(r->reason != NULL ? r->reason : "");
    k->r.message = mem_strdup(r->message);
    HASH_ADD_KEYPTR(hh, l->list, k->id, n, k);
}

const struct refused *refusals_take(struct refusals *l, struct arena *a,
                                    const struct queue_key *key)
{
    struct kept *k = find(l, key);
    struct refused *ret;
    if (k == NULL) {
        return NULL;
    }
    ret = arena_memdup(a, &k->r, sizeof(k->r));
    ret->ns = arena_strdup(a, k->r.ns);
    ret->name = arena_strdup(a, k->r.name);
    ret->reason = arena_strdup(a, k->r.reason);
    ret->message = arena_strdup(a, k->r.message);
    kept_free(l, k);
    return ret;
}

size_t refusals_count(const struct refusals *l)
{
    return HASH_COUNT(l->list);
}
