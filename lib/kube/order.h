/*
 * order.h — inside lib/kube: the lists of one cache_order (cache.h), kept sorted while objects
 * come, change and go.
 *
 * An item is the address of a record's pointer, so that it stays the same while the record is
 * replaced. New items wait at the end of their list until somebody reads it: a first list of
 * thousands is sorted once. Items are borrowed; the caller tells of every change before it makes
 * it. Not thread-safe.
 */
#ifndef DKUBE_KUBE_ORDER_H
#define DKUBE_KUBE_ORDER_H

#include "kube/cache.h"

#define ORDERS_MAX 8 /* of one kind */
#define ORDERS_ALL 0xffu

struct order_list;
struct orders { /* zeroed: none */
    struct order {
        const struct cache_order *what; /* borrowed */
        struct order_list *lists;       /* owned */
    } list[ORDERS_MAX];
    size_t count;
};

/* Takes the item out of its lists, but for those in which the record `now` will stand at the same
 * place; NULL: out of all. Returns which ones it has left, for orders_enter(). */
unsigned orders_leave(struct orders *os, struct rec **item, const struct rec *now);
void orders_enter(struct orders *os, struct rec **item, unsigned which);
void orders_done(struct orders *os);

/* In cache.c: those of a kind. */
struct orders *caches_orders(const struct caches *c, const struct kind *k);

#endif
