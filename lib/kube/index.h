/*
 * index.h — inside lib/kube: the cache's hash tables, of pointers and nothing else.
 *
 * Open addressing with linear probing, between a quarter and three quarters full: 11 to 32 bytes an
 * item. Keys live in the items; the caller hashes and compares. Items are borrowed and may stand in
 * several tables; no two in one table need differ. Removing while walking is fine, adding is not.
 */
#ifndef DKUBE_KUBE_INDEX_H
#define DKUBE_KUBE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index { /* zeroed: empty */
    void **slots;
    size_t cap, live, dead;
};
typedef uint64_t index_hash_fn(const void *item);
typedef bool index_same_fn(const void *item, const void *key);

void *index_find(const struct index *x, uint64_t hash, index_same_fn *same, const void *key);
void index_add(struct index *x, void *item, index_hash_fn *hash);
/* True when that very item was there. */
bool index_remove(struct index *x, const void *item, uint64_t hash);
/* The next item from slot *pos on, or NULL; begin with 0. */
void *index_next(const struct index *x, size_t *pos);
void index_done(struct index *x);

/* Of bytes, going on from `seed`. */
uint64_t index_hash(uint64_t seed, const char *p, size_t n);

#endif
