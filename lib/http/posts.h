/*
 * posts.h — the loop's inbox: calls that other threads hand over, in order, without a bound.
 *
 * posts_add() may be called from any thread; the rest belongs to the loop's thread. Never fails.
 */
#ifndef DKUBE_HTTP_POSTS_H
#define DKUBE_HTTP_POSTS_H

#include <pthread.h>
#include <stddef.h>

struct post;
struct posts {
    pthread_mutex_t lock; /* guards the rest */
    struct post *list;    /* owned */
    size_t len, cap;
};

void posts_init(struct posts *q);
void posts_done(struct posts *q); /* what waits is dropped */
void posts_add(struct posts *q, void (*fn)(void *ctx), void *ctx);
/* Calls those that wait now; what they add waits for the next time. */
void posts_run(struct posts *q);

#endif
