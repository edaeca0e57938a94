#include "kube/queue.h"

#include <string.h>

#include "base/limits.h"
#include "base/table.h"

enum { READY_NORMAL, READY_LOW, READY_LISTS };

struct item {
    UT_hash_handle hh;
    struct queue_key key;     /* ns and name point into id */
    struct item *prev, *next; /* in a ready list */
    int64_t at_ms;            /* delayed until; 0: not delayed */
    size_t slot;              /* heap index + 1; 0: not in the heap */
    int64_t ready_ms;         /* became due at */
    unsigned failures;
    bool ready, low;
    bool processing;
    bool dirty, dirty_low; /* added while processing */
    char id[];             /* who, ns, NUL, name, NUL: the hash key */
};

struct list {
    struct item *first, *last;
};

/* The due keys of one controller. */
struct lane {
    struct list ready[READY_LISTS];
    bool paused;
};

struct queue {
    struct item *items; /* all, hashed by id */
    struct lane *lanes; /* one a controller */
    unsigned turn;      /* the controller that is asked first */
    struct item **heap; /* delayed, earliest first */
    size_t heap_len, heap_cap;
    struct queue_stats *stats; /* one a controller */
    unsigned controllers;
};

struct queue *queue_new(unsigned controllers)
{
    struct queue *q = mem_alloc(sizeof(*q));
    q->stats = mem_alloc(controllers * sizeof(*q->stats) + 1);
    q->lanes = mem_alloc(controllers * sizeof(*q->lanes) + 1);
    q->controllers = controllers;
    return q;
}

void queue_free(struct queue *q)
{
    if (q == NULL) {
        return;
    }
    struct item *it, *tmp;
    HASH_ITER (hh, q->items, it, tmp) {
        HASH_DEL(q->items, it);
        mem_free(it);
    }
    mem_free(q->heap);
    mem_free(q->stats);
    mem_free(q->lanes);
    mem_free(q);
}

/* --- the heap of delayed keys ------------------------------------------------------------------
 */

static void heap_set(struct queue *q, size_t i, struct item *it)
{
    q->heap[i] = it;
    it->slot = i + 1;
}

static void heap_up(struct queue *q, size_t i)
{
    struct item *it = q->heap[i];
    while (i > 0 && q->heap[(i - 1) / 2]->at_ms > it->at_ms) {
        heap_set(q, i, q->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    heap_set(q, i, it);
}

static void heap_down(struct queue *q, size_t i)
{
    struct item *it = q->heap[i];
    for (;;) {
        size_t c = 2 * i + 1;
        if (c + 1 < q->heap_len && q->heap[c + 1]->at_ms < q->heap[c]->at_ms) {
            c++;
        }
        if (c >= q->heap_len || q->heap[c]->at_ms >= it->at_ms) {
            break;
        }
        heap_set(q, i, q->heap[c]);
        i = c;
    }
    heap_set(q, i, it);
}

static void heap_remove(struct queue *q, struct item *it)
{
    if (it->slot == 0) {
        return;
    }
    size_t i = it->slot - 1;
    struct item *last = q->heap[--q->heap_len];
    if (last != it) {
        heap_set(q, i, last);
        heap_up(q, i);
        heap_down(q, last->slot - 1);
    }
    it->slot = 0;
    it->at_ms = 0;
    q->stats[it->key.who].delayed--;
}

static void heap_add(struct queue *q, struct item *it, int64_t at_ms)
{
    heap_remove(q, it);
    if (q->heap_len == q->heap_cap) {
        q->heap_cap = q->heap_cap == 0 ? 64 : 2 * q->heap_cap;
        q->heap = mem_resize(q->heap, q->heap_cap * sizeof(struct item *));
    }
    it->at_ms = at_ms;
    q->heap_len++;
    heap_set(q, q->heap_len - 1, it);
    heap_up(q, q->heap_len - 1);
    q->stats[it->key.who].delayed++;
}

/* --- the lists of due keys ---------------------------------------------------------------------
 */

static void list_remove(struct queue *q, struct item *it)
{
    struct list *l = &q->lanes[it->key.who].ready[it->low ? READY_LOW : READY_NORMAL];
    *(it->prev != NULL ? &it->prev->next : &l->first) = it->next;
    *(it->next != NULL ? &it->next->prev : &l->last) = it->prev;
    it->prev = it->next = NULL;
    it->ready = false;
    q->stats[it->key.who].depth--;
    q->stats[it->key.who].low -= it->low;
}

static void list_add(struct queue *q, struct item *it, int64_t now_ms, bool low)
{
    struct list *l = &q->lanes[it->key.who].ready[low ? READY_LOW : READY_NORMAL];
    it->low = low;
    it->ready = true;
    it->ready_ms = now_ms;
    it->prev = l->last;
    *(l->last != NULL ? &l->last->next : &l->first) = it;
    l->last = it;
    q->stats[it->key.who].depth++;
    q->stats[it->key.who].low += low;
}

/* --- keys --------------------------------------------------------------------------------------
 */

static size_t id_size(const struct queue_key *k)
{
    return sizeof(k->who) + strlen(k->ns) + strlen(k->name) + 2;
}

static void id_write(char *id, const struct queue_key *k)
{
    size_t n = strlen(k->ns);
    memcpy(id, &k->who, sizeof(k->who));
    memcpy(id + sizeof(k->who), k->ns, n + 1);
    memcpy(id + sizeof(k->who) + n + 1, k->name, strlen(k->name) + 1);
}

static struct item *item_find(const struct queue *q, const struct queue_key *k)
{
    struct item *it = NULL;
    size_t n = id_size(k);
    char small[600], *id = n <= sizeof(small) ? small : mem_alloc(n);
    id_write(id, k);
    HASH_FIND(hh, q->items, id, n, it);
    if (id != small) {
        mem_free(id);
    }
    return it;
}

static struct item *item_get(struct queue *q, const struct queue_key *k)
{
    struct item *it = item_find(q, k);
    if (it == NULL) {
        size_t n = id_size(k);
        it = mem_alloc(sizeof(*it) + n);
        id_write(it->id, k);
        it->key = (struct queue_key){k->who, it->id + sizeof(k->who), NULL};
        it->key.name = it->key.ns + strlen(it->key.ns) + 1;
        HASH_ADD_KEYPTR(hh, q->items, it->id, n, it);
    }
    return it;
}

static void item_drop_if_idle(struct queue *q, struct item *it)
{
    if (!it->ready && !it->processing && it->slot == 0 && it->failures == 0) {
        HASH_DEL(q->items, it);
        mem_free(it);
    }
}

static void item_make_ready(struct queue *q, struct item *it, int64_t now_ms, bool low)
{
    heap_remove(q, it);
    if (it->ready && (low || !it->low)) {
        return;
    }
    int64_t since = it->ready ? it->ready_ms : now_ms;
    if (it->ready) {
        list_remove(q, it);
    }
    list_add(q, it, since, low);
}

void queue_add(struct queue *q, const struct queue_key *k, int64_t now_ms, bool low)
{
    struct item *it = item_get(q, k);
    q->stats[k->who].adds++;
    if (it->processing) {
        it->dirty_low = low && (!it->dirty || it->dirty_low);
        it->dirty = true;
        return;
    }
    item_make_ready(q, it, now_ms, low);
}

void queue_add_at(struct queue *q, const struct queue_key *k, int64_t at_ms)
{
    struct item *it = item_find(q, k);
    if (it == NULL && HASH_COUNT(q->items) >= (size_t)limit(LIMIT_QUEUE_KEYS)) {
        q->stats[k->who].dropped++;
        return;
    }
    it = item_get(q, k);
    if (!it->ready && (it->slot == 0 || at_ms < it->at_ms)) {
        heap_add(q, it, at_ms);
        q->stats[k->who].later++;
    }
}

int64_t queue_retry(struct queue *q, const struct queue_key *k, int64_t now_ms, int64_t least_ms)
{
    struct item *it = item_get(q, k);
    int64_t max = limit(LIMIT_QUEUE_BACKOFF_MAX_MS), pause = limit(LIMIT_QUEUE_BACKOFF_MS);
    for (unsigned i = 0; i < it->failures && pause < max; i++) {
        pause *= 2;
    }
    pause = pause > max ? max : pause;
    pause = pause < least_ms ? least_ms : pause;
    it->failures++;
    q->stats[k->who].retries++;
    if (!it->ready) {
        heap_add(q, it, now_ms + pause);
    }
    return pause;
}

void queue_forget(struct queue *q, const struct queue_key *k)
{
    struct item *it = item_find(q, k);
    if (it != NULL) {
        it->failures = 0;
        item_drop_if_idle(q, it);
    }
}

unsigned queue_failures(const struct queue *q, const struct queue_key *k)
{
    const struct item *it = item_find(q, k);
    return it != NULL ? it->failures : 0;
}

static void due_move(struct queue *q, int64_t now_ms)
{
    while (q->heap_len > 0 && q->heap[0]->at_ms <= now_ms) {
        struct item *it = q->heap[0];
        int64_t at = it->at_ms;
        heap_remove(q, it);
        if (it->processing) {
            it->dirty = true;
            it->dirty_low = false;
        } else {
            list_add(q, it, at, false);
        }
    }
}

/* Controllers take turns, so that a busy one does not starve the others. */
static struct item *next_ready(struct queue *q, int which)
{
    for (unsigned i = 0; i < q->controllers; i++) {
        unsigned who = (q->turn + i) % q->controllers;
        struct lane *lane = &q->lanes[who];
        if (!lane->paused && lane->ready[which].first != NULL) {
            q->turn = who + 1;
            return lane->ready[which].first;
        }
    }
    return NULL;
}

void queue_pause(struct queue *q, unsigned who, bool paused)
{
    q->lanes[who].paused = paused;
}

bool queue_take(struct queue *q, int64_t now_ms, struct queue_key *ret)
{
    due_move(q, now_ms);
    struct item *it = next_ready(q, READY_NORMAL);
    it = it != NULL ? it : next_ready(q, READY_LOW);
    if (it == NULL) {
        return false;
    }
    list_remove(q, it);
    it->processing = true;
    struct queue_stats *s = &q->stats[it->key.who];
    s->processing++;
    s->waits++;
    s->last_wait_ms = now_ms > it->ready_ms ? now_ms - it->ready_ms : 0;
    s->wait_ms += s->last_wait_ms;
    *ret = it->key;
    return true;
}

void queue_done(struct queue *q, const struct queue_key *k, int64_t now_ms)
{
    struct item *it = item_find(q, k);
    if (it == NULL || !it->processing) {
        return;
    }
    it->processing = false;
    q->stats[it->key.who].processing--;
    if (it->dirty) {
        it->dirty = false;
        item_make_ready(q, it, now_ms, it->dirty_low);
        return;
    }
    item_drop_if_idle(q, it);
}

int64_t queue_next_ms(const struct queue *q)
{
    return q->heap_len > 0 ? q->heap[0]->at_ms : 0;
}

void queue_stats(const struct queue *q, unsigned who, struct queue_stats *ret)
{
    *ret = q->stats[who];
}

size_t queue_keys(const struct queue *q)
{
    return HASH_COUNT(q->items);
}

void queue_each(const struct queue *q, size_t max,
                void (*fn)(void *ctx, const struct queue_look *look), void *ctx)
{
    struct item *it, *tmp;
    HASH_ITER (hh, q->items, it, tmp) {
        if (max-- == 0) {
            return;
        }
        const char *state = it->processing ? (it->dirty ? "dirty" : "processing")
                            : it->ready    ? (it->low ? "low" : "due")
                                           : "delayed";
        int64_t ms = it->slot != 0 ? it->at_ms : it->ready_ms;
        fn(ctx, &(struct queue_look){it->key, state, ms, it->failures});
    }
}
