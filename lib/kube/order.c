#include "kube/order.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define HASH_NONFATAL_OOM 0
#define uthash_malloc(n) mem_alloc(n)
#define uthash_free(p, n) mem_free(p)
#include <uthash.h>

#define LOOSE_MAX 64 /* unsorted items up to which a search goes through them one by one */

struct order_list {
    struct rec ***items; /* owned; the first `sorted` of them are in order */
    size_t count, sorted, room;
    int64_t sum;
    bool has_sum;
    UT_hash_handle hh;
    char name[CACHE_LIST_MAX];
};

static struct order_list *find_list(const struct order *o, const char *name)
{
    struct order_list *l;

    HASH_FIND_STR(o->lists, name, l);
    return l;
}

/* The list in which the record stands, made if need be; NULL: none. */
static struct order_list *list_of(struct order *o, const struct rec *r, bool make)
{
    char name[CACHE_LIST_MAX] = "";
    struct order_list *l;

    if (!o->what->list(r, name)) {
        return NULL;
    }
    l = find_list(o, name);
    if (l == NULL && make) {
        l = mem_alloc(sizeof(*l));
        memcpy(l->name, name, sizeof(name));
        HASH_ADD_STR(o->lists, name, l);
    }
    return l;
}

/* --- sorting --------------------------------------------------------------------------------- */

static int compare_items(const void *x, const void *y, void *what)
{
    return ((const struct cache_order *)what)
        ->compare(**(struct rec * *const *)x, **(struct rec * *const *)y);
}

static void sort_items(const struct order *o, struct rec ***items, size_t n)
{
    if (n > 1) {
        qsort_r(items, n, sizeof(*items), compare_items, (void *)(uintptr_t)o->what);
    }
}

/* The first place among the sorted whose item does not come before r. */
static size_t place_of(const struct order *o, const struct order_list *l, const struct rec *r)
{
    size_t low = 0, high = l->sorted;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (o->what->compare(*l->items[mid], r) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

/* From behind, so that each of the sorted moves once. */
static void merge(const struct order *o, struct order_list *l)
{
    size_t n = l->count - l->sorted, left = l->sorted, at = l->count;
    struct rec ***loose = mem_alloc(n * sizeof(*loose));

    memcpy(loose, l->items + l->sorted, n * sizeof(*loose));
    sort_items(o, loose, n);
    while (n > 0) {
        if (left > 0 && o->what->compare(*l->items[left - 1], *loose[n - 1]) > 0) {
            l->items[--at] = l->items[--left];
        } else {
            l->items[--at] = loose[--n];
        }
    }
    mem_free(loose);
    l->sorted = l->count;
}

/* A few go to their places one by one: reading after each event costs no walk along the list. */
static void insert_loose(const struct order *o, struct order_list *l)
{
    while (l->sorted < l->count) {
        struct rec **item = l->items[l->sorted];
        size_t at = place_of(o, l, *item);

        memmove(l->items + at + 1, l->items + at, (l->sorted - at) * sizeof(*l->items));
        l->items[at] = item;
        l->sorted++;
    }
}

static void settle(const struct order *o, struct order_list *l)
{
    if (l->count - l->sorted > LOOSE_MAX) {
        merge(o, l);
    } else {
        insert_loose(o, l);
    }
}

/* --- changes --------------------------------------------------------------------------------- */

static void add_item(struct order *o, struct rec **item)
{
    struct order_list *l = list_of(o, *item, true);

    if (l == NULL) {
        return;
    }
    if (l->count == l->room) {
        l->room = l->room > 0 ? 2 * l->room : 8;
        l->items = mem_resize(l->items, l->room * sizeof(*l->items));
    }
    l->items[l->count++] = item;
    l->has_sum = false;
}

static size_t find_item(const struct order *o, struct order_list *l, struct rec **item)
{
    size_t at;

    if (l->count - l->sorted > LOOSE_MAX) {
        settle(o, l);
    }
    for (at = l->sorted; at < l->count; at++) {
        if (l->items[at] == item) {
            return at;
        }
    }
    for (at = place_of(o, l, *item); at < l->sorted && l->items[at] != item; at++) {
    }
    return at < l->sorted ? at : l->count;
}

static void remove_item(struct order *o, struct rec **item)
{
    struct order_list *l = list_of(o, *item, false);
    size_t at = l != NULL ? find_item(o, l, item) : 0;

    if (l == NULL || at == l->count) {
        return;
    }
    memmove(l->items + at, l->items + at + 1, (l->count - at - 1) * sizeof(*l->items));
    l->count--;
    l->sorted -= at < l->sorted;
    l->has_sum = false;
    if (l->count == 0) {
        HASH_DEL(o->lists, l);
        mem_free(l->items);
        mem_free(l);
    }
}

/* The item stands where it should with `now` in place of `old`. */
static bool keeps_place(struct order *o, const struct rec *old, const struct rec *now)
{
    char was[CACHE_LIST_MAX] = "", is[CACHE_LIST_MAX] = "";
    bool stood = o->what->list(old, was), stands = o->what->list(now, is);
    struct order_list *l;

    if (!stood && !stands) {
        return true;
    }
    if (stood != stands || strcmp(was, is) != 0 || o->what->compare(old, now) != 0) {
        return false;
    }
    l = find_list(o, is);
    if (l != NULL) {
        l->has_sum = false;
    }
    return true;
}

unsigned orders_leave(struct orders *os, struct rec **item, const struct rec *now)
{
    unsigned left = 0;

    for (size_t i = 0; i < os->count; i++) {
        if (now == NULL || !keeps_place(&os->list[i], *item, now)) {
            remove_item(&os->list[i], item);
            left |= 1u << i;
        }
    }
    return left;
}

void orders_enter(struct orders *os, struct rec **item, unsigned which)
{
    for (size_t i = 0; i < os->count; i++) {
        if ((which >> i & 1u) != 0) {
            add_item(&os->list[i], item);
        }
    }
}

void orders_done(struct orders *os)
{
    for (size_t i = 0; i < os->count; i++) {
        struct order_list *l, *after;

        HASH_ITER (hh, os->list[i].lists, l, after) {
            HASH_DEL(os->list[i].lists, l);
            mem_free(l->items);
            mem_free(l);
        }
    }
}

/* --- reading --------------------------------------------------------------------------------- */

static void add_order(struct caches *c, const struct cache_order *o)
{
    struct orders *os = caches_orders(c, o->kind);

    for (size_t i = 0; i < os->count; i++) {
        if (os->list[i].what == o) {
            return;
        }
    }
    assert(os->count < ORDERS_MAX && cache_count(c, o->kind) == 0);
    os->list[os->count++].what = o;
}

void caches_add_orders(struct caches *c, const struct cache_order *const *list)
{
    for (; list != NULL && *list != NULL; list++) {
        add_order(c, *list);
    }
}

static struct order *order_of(const struct caches *c, const struct cache_order *o)
{
    struct orders *os = caches_orders(c, o->kind);

    for (size_t i = 0; i < os->count; i++) {
        if (os->list[i].what == o) {
            return &os->list[i];
        }
    }
    assert(!"the order was not added");
    return NULL;
}

const struct rec **cache_ordered(struct arena *a, const struct caches *c,
                                 const struct cache_order *o, const char *list, size_t *ret_count)
{
    struct order *order = order_of(c, o);
    struct order_list *l = find_list(order, list);
    const struct rec **all;

    *ret_count = l != NULL ? l->count : 0;
    all = arena_alloc(a, (*ret_count + 1) * sizeof(*all));
    if (l != NULL) {
        settle(order, l);
    }
    for (size_t i = 0; i < *ret_count; i++) {
        all[i] = *l->items[i];
    }
    return all;
}

const char **cache_order_lists(struct arena *a, const struct caches *c, const struct cache_order *o,
                               size_t *ret_count)
{
    const struct order *order = order_of(c, o);
    const char **names = arena_alloc(a, (HASH_COUNT(order->lists) + 1) * sizeof(*names));
    struct order_list *l, *after;

    *ret_count = 0;
    HASH_ITER (hh, order->lists, l, after) {
        names[(*ret_count)++] = arena_strdup(a, l->name);
    }
    return names;
}

int64_t cache_sum(const struct caches *c, const struct cache_order *o, const char *list)
{
    struct order *order = order_of(c, o);
    struct order_list *l = find_list(order, list);
    const struct rec *first[CACHE_SUM_MAX];
    size_t n = 0;

    if (l == NULL || l->has_sum) {
        return l == NULL ? o->sum(first, 0) : l->sum;
    }
    settle(order, l);
    for (; n < l->count && n < CACHE_SUM_MAX; n++) {
        first[n] = *l->items[n];
    }
    l->sum = o->sum(first, n);
    l->has_sum = true;
    return l->sum;
}
