#include "kube/index.h"

#include <string.h>

#include "base/mem.h"

enum { LEAST = 16 };

static char removed; /* its address marks a slot that searches must pass */

static bool is_item(const void *p)
{
    return p != NULL && p != &removed;
}

uint64_t index_hash(uint64_t seed, const char *p, size_t n)
{
    uint64_t h = seed ^ (n * UINT64_C(0x9e3779b97f4a7c15)), x;

    for (; n > 0; p += sizeof(x)) {
        size_t part = n < sizeof(x) ? n : sizeof(x);

        x = 0;
        memcpy(&x, p, part);
        h = (h ^ x) * UINT64_C(0xd6e8feb86659fd93);
        h ^= h >> 32;
        n -= part;
    }
    return h;
}

void *index_find(const struct index *x, uint64_t hash, index_same_fn *same, const void *key)
{
    if (x->cap == 0) {
        return NULL;
    }
    for (size_t i = hash & (x->cap - 1); x->slots[i] != NULL; i = (i + 1) & (x->cap - 1)) {
        if (is_item(x->slots[i]) && same(x->slots[i], key)) {
            return x->slots[i];
        }
    }
    return NULL;
}

static void place(struct index *x, void *item, uint64_t hash)
{
    size_t i = hash & (x->cap - 1);

    while (x->slots[i] != NULL) {
        i = (i + 1) & (x->cap - 1);
    }
    x->slots[i] = item;
}

/* A table in which the live items fill at most half; what was removed is forgotten. */
static void rebuild(struct index *x, index_hash_fn *hash)
{
    struct index old = *x;
    size_t pos = 0;
    void *item;

    for (x->cap = LEAST; x->cap < (old.live + 1) * 2; x->cap *= 2) {
    }
    x->slots = mem_alloc(x->cap * sizeof(*x->slots));
    x->dead = 0;
    while ((item = index_next(&old, &pos)) != NULL) {
        place(x, item, hash(item));
    }
    mem_free(old.slots);
}

void index_add(struct index *x, void *item, index_hash_fn *hash)
{
    if ((x->live + x->dead + 1) * 4 > x->cap * 3) {
        rebuild(x, hash);
    }
    place(x, item, hash(item));
    x->live++;
}

bool index_remove(struct index *x, const void *item, uint64_t hash)
{
    if (x->cap == 0) {
        return false;
    }
    for (size_t i = hash & (x->cap - 1); x->slots[i] != NULL; i = (i + 1) & (x->cap - 1)) {
        if (x->slots[i] == item) {
            x->slots[i] = &removed;
            x->live--;
            x->dead++;
            return true;
        }
    }
    return false;
}

void *index_next(const struct index *x, size_t *pos)
{
    while (*pos < x->cap) {
        void *item = x->slots[(*pos)++];

        if (is_item(item)) {
            return item;
        }
    }
    return NULL;
}

void index_done(struct index *x)
{
    mem_free(x->slots);
    *x = (struct index){0};
}
