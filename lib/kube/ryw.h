/*
 * ryw.h — read-your-writes: a key is not planned while a write of its own is unseen in the cache.
 *
 * Each answered write leaves a wait for (kind, uid, resourceVersion); a delete waits until the uid
 * is gone or marked; a write without an answer leaves a wait that only a live GET can name. Writes
 * that no watch of the program would show are not waited for. A wait older than LIMIT_RYW_MS asks
 * for a live GET: while that finds what was written, the watch is merely late and the key is held
 * on; else the wait is given up and counted: also that of a delete, when what the server said was
 * gone lives on. The keys are copied. One thread.
 */
#ifndef DKUBE_KUBE_RYW_H
#define DKUBE_KUBE_RYW_H

#include "kube/cache.h"
#include "kube/controller.h"
#include "kube/queue.h"

struct ryw;

enum ryw_state {
    RYW_CLEAR, /* every own write is in the cache: plan */
    RYW_HOLD,  /* wait; ryw_settled() will name the key */
    RYW_LOOK,  /* one live GET is due: ryw_look() says of what */
};

/* What a write waits for. Strings are borrowed during the call. */
struct ryw_wait {
    const struct kind *kind;
    const char *ns, *name;
    const char *uid; /* "" when the outcome is unknown and there was none yet */
    const char *rv;  /* NULL: unknown, a live GET decides */
    bool gone;       /* a delete: waits until the uid is gone or marked for deletion */
};

struct ryw *ryw_new(void);
void ryw_free(struct ryw *r);

/* Notes a write of `key` whose outcome came at boot time now_ms. */
void ryw_add(struct ryw *r, const struct caches *c, const struct queue_key *key,
             const struct ryw_wait *w, int64_t now_ms);

enum ryw_state ryw_check(struct ryw *r, const struct caches *c, const struct queue_key *key,
                         int64_t now_ms);
/* The wait that needs a GET, borrowed until the next call; false when none does. */
bool ryw_look(struct ryw *r, const struct queue_key *key, int64_t now_ms, struct ryw_wait *ret);
/* The GET's answer for the object that ryw_look() named: kind, ns and name say which, for other
 * waits may have fallen due meanwhile; uid and rv are what was found and would be shown, gone says
 * that it is not there or marked for deletion. An unknown outcome now waits for what was found. An
 * overdue one is held on for another LIMIT_RYW_MS when its write was found, or has been deleted
 * since: the watch is late, and planning before it tells could give away twice. Else it is given up
 * and counted. */
void ryw_found(struct ryw *r, const struct caches *c, const struct queue_key *key,
               const struct ryw_wait *found, int64_t now_ms);
/* When a held key must be looked at again (boot time); 0: it has no wait. */
int64_t ryw_due_ms(const struct ryw *r, const struct queue_key *key);

/* The kind's store has moved on; ryw_settled() tells which keys that freed. */
void ryw_moved(struct ryw *r, const struct kind *k);
/* A relist that lowered the kind's resource version: its waits can never be seen. */
void ryw_clear_kind(struct ryw *r, const struct kind *k);
/* Calls fn for each held key whose waits are over since the last call. fn must not change r. */
void ryw_settled(struct ryw *r, const struct caches *c,
                 void (*fn)(void *ctx, const struct queue_key *key), void *ctx);

/* Calls fn for up to `max` waits; since_ms: boot time. */
void ryw_each(const struct ryw *r, size_t max,
              void (*fn)(void *ctx, const struct queue_key *key, const struct ryw_wait *w,
                         int64_t since_ms),
              void *ctx);
size_t ryw_count(const struct ryw *r);      /* a gauge: waits open */
uint64_t ryw_given_up(const struct ryw *r); /* a counter: waits that LIMIT_RYW_MS ended */

/* True when an object in `ns` with these labels is shown by the watch: a selector of `k=v`, `k==v`,
 * `k!=v`, `k` and `!k` parts; any other form counts as shown. labels may be NULL: none. */
bool selector_shows(const char *selector, const struct json *labels);

#endif
