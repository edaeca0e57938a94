/* posts.c — a locked array, taken whole by its reader. */
#include "http/posts.h"

#include "base/mem.h"

struct post {
    void (*fn)(void *ctx);
    void *ctx;
};

void posts_init(struct posts *q)
{
    pthread_mutex_init(&q->lock, NULL);
    q->list = NULL;
    q->len = q->cap = 0;
}

void posts_done(struct posts *q)
{
    pthread_mutex_destroy(&q->lock);
    mem_free(q->list);
}

void posts_add(struct posts *q, void (*fn)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&q->lock);
    if (q->len == q->cap) {
        q->cap = q->cap * 2 + 16;
        q->list = mem_resize(q->list, q->cap * sizeof(*q->list));
    }
    q->list[q->len++] = (struct post){fn, ctx};
    pthread_mutex_unlock(&q->lock);
}

void posts_run(struct posts *q)
{
    pthread_mutex_lock(&q->lock);
    struct post *list = q->list;
    size_t n = q->len;
    q->list = NULL;
    q->len = q->cap = 0;
    pthread_mutex_unlock(&q->lock);
    for (size_t i = 0; i < n; i++) {
        list[i].fn(list[i].ctx);
    }
    mem_free(list);
}
