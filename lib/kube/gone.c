#include "kube/gone.h"

#include <string.h>

#include "base/mem.h"

#define HASH_NONFATAL_OOM 0
#define uthash_malloc(n) mem_alloc(n)
#define uthash_free(p, n) mem_free(p)
#include <uthash.h>

struct tombstone {
    char uid[64];
    UT_hash_handle hh;
};

bool gone_has(struct tombstone *set, const char *uid)
{
    struct tombstone *t;

    HASH_FIND_STR(set, uid, t);
    return t != NULL;
}

void gone_remember(struct tombstone **set, const char *uid)
{
    struct tombstone *t, *oldest = *set;

    if (uid == NULL || strlen(uid) >= sizeof t->uid || gone_has(*set, uid)) {
        return;
    }
    if (HASH_COUNT(*set) >= TOMBSTONES) {
        HASH_DEL(*set, oldest);
        mem_free(oldest);
    }
    t = mem_alloc(sizeof *t);
    memcpy(t->uid, uid, strlen(uid) + 1);
    HASH_ADD_STR(*set, uid, t);
}

void gone_free(struct tombstone *set)
{
    struct tombstone *t, *after;

    HASH_ITER (hh, set, t, after) {
        HASH_DEL(set, t);
        mem_free(t);
    }
}
