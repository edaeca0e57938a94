#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define ARENA_CHUNK 4096
#define ARENA_GROWN (8 * ARENA_CHUNK) /* chunks do not double beyond */
#define ARENA_ALIGN 16

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used;
    _Alignas(ARENA_ALIGN) unsigned char data[];
};

struct arena_deferred {
    struct arena_deferred *next;
    void (*fn)(void *);
    void *p;
};

void arena_init(struct arena *a)
{
    memset(a, 0, sizeof *a);
}

static void run_deferred(struct arena *a)
{
    while (a->deferred != NULL) {
        struct arena_deferred *d = a->deferred;

        a->deferred = d->next;
        d->fn(d->p);
    }
}

static void free_chunks(struct arena_chunk *c)
{
    while (c != NULL) {
        struct arena_chunk *next = c->next;

        mem_free(c);
        c = next;
    }
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *first = a->chunks;

    run_deferred(a);
    a->used = 0;
    if (first == NULL) {
        return;
    }
#ifdef ARENA_MALLOC
    free_chunks(first);
    a->chunks = NULL;
#else
    free_chunks(first->next);
    first->next = NULL;
    first->used = 0;
    if (first->size > 16 * ARENA_CHUNK) { /* one large pass must not pin its memory */
        mem_free(first);
        a->chunks = NULL;
    }
#endif
}

void arena_done(struct arena *a)
{
    run_deferred(a);
    free_chunks(a->chunks);
    memset(a, 0, sizeof *a);
}

#ifndef ARENA_MALLOC
/* Chunks double, and the newest is kept: so a pass like the last one finds its memory in one. */
static size_t next_size(const struct arena *a)
{
    size_t twice = a->chunks != NULL ? 2 * a->chunks->size : ARENA_CHUNK;

    return twice < ARENA_GROWN ? twice : ARENA_GROWN;
}
#endif

static struct arena_chunk *add_chunk(struct arena *a, size_t n)
{
    struct arena_chunk *c;
#ifdef ARENA_MALLOC
    size_t size = n;
#else
    size_t size = next_size(a);

    size = n > size ? n : size;
#endif

    if (size > SIZE_MAX - sizeof *c) {
        mem_exhausted();
    }
    c = mem_resize(NULL, sizeof *c + size); /* what is handed out is cleared then */
    c->size = size;
    c->used = 0;
    c->next = a->chunks;
    a->chunks = c;
    return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
    struct arena_chunk *c = a->chunks;
    void *p;

    if (n > SIZE_MAX - ARENA_ALIGN) {
        mem_exhausted();
    }
#ifdef ARENA_MALLOC
    c = add_chunk(a, n > 0 ? n : 1);
    c->used = c->size;
    p = c->data;
#else
    n = (n + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (c == NULL || c->size - c->used < n) {
        c = add_chunk(a, n);
    }
    p = c->data + c->used;
    c->used += n;
#endif
    memset(p, 0, n);
    a->used += n;
    return p;
}

void *arena_memdup(struct arena *a, const void *p, size_t n)
{
    void *d = arena_alloc(a, n);

    if (n > 0) {
        memcpy(d, p, n);
    }
    return d;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *d = arena_alloc(a, n + 1);

    if (n > 0) {
        memcpy(d, s, n);
    }
    return d;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return s == NULL ? NULL : arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    char most[256]; /* what nearly every text fits into */
    va_list again;
    char *s;
    int n;

    va_copy(again, ap);
    n = vsnprintf(most, sizeof(most), fmt, ap);
    s = arena_alloc(a, (size_t)(n < 0 ? 0 : n) + 1);
    if (n >= (int)sizeof(most)) {
        vsnprintf(s, (size_t)n + 1, fmt, again);
    } else if (n >= 0) {
        memcpy(s, most, (size_t)n);
    }
    va_end(again);
    return s;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *s;

    va_start(ap, fmt);
    s = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return s;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *p)
{
    struct arena_deferred *d = arena_alloc(a, sizeof *d);

    d->fn = fn;
    d->p = p;
    d->next = a->deferred;
    a->deferred = d;
}

/* Capacity is implied: arrays are re-allocated when len is 0 or a power of two from 4 on. */
void *arena_push(struct arena *a, void **arr, size_t *len, size_t elem)
{
    size_t n = *len;
    int full = n == 0 || (n >= 4 && (n & (n - 1)) == 0);

    if (full) {
        size_t cap = n == 0 ? 4 : n * 2;
        void *bigger;

        if (cap > SIZE_MAX / elem) {
            mem_exhausted();
        }
        bigger = arena_alloc(a, cap * elem);
        if (n > 0) {
            memcpy(bigger, *arr, n * elem);
        }
        *arr = bigger;
    }
    *len = n + 1;
    return (unsigned char *)*arr + n * elem;
}
