/*
 * table.h — hash tables: uthash with this project's allocation rule (memory never runs out, mem.h).
 * Elements embed a `UT_hash_handle hh` and are owned by whoever allocated them; see uthash's
 * HASH_FIND, HASH_ADD_KEYPTR, HASH_DEL and HASH_ITER. Not thread-safe.
 */
#ifndef DKUBE_BASE_TABLE_H
#define DKUBE_BASE_TABLE_H

#include "base/mem.h"

#define uthash_malloc(n) mem_alloc(n)
#define uthash_free(p, n) mem_free(p)
#define uthash_fatal(msg) mem_exhausted()

#include <uthash.h>

#endif
