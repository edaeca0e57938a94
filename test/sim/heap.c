/*
 * heap.c — malloc for a program that makes the same small world a million times: free lists by
 * size, one thread, memory is never given back. Sanitizers keep their own.
 */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/attr.h"

enum { SMALL = 1024, STEP = 16, SMALLS = SMALL / STEP + 1, POWERS = 40, CHUNK = 1 << 20 };

struct block {   /* 16 bytes before what the caller gets */
    size_t size; /* usable */
    struct block *next;
};
static struct block *lists[SMALLS + POWERS];
static char *at, *end;

static size_t class_of(size_t n, size_t *ret_size)
{
    if (n <= SMALL) {
        *ret_size = (n + STEP - 1) / STEP * STEP;
        return *ret_size / STEP;
    }
    size_t power = 64 - (size_t)__builtin_clzl(n - 1);
    *ret_size = (size_t)1 << power;
    return SMALLS + power;
}

static void *fresh(size_t n)
{
    if ((size_t)(end - at) < n) {
        size_t size = n > CHUNK ? n : CHUNK;
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED) {
            return NULL;
        }
        at = p;
        end = at + size;
    }
    at += n;
    return at - n;
}

/* Under a name of its own: a malloc() that is cleared is what compilers take for a calloc(). */
static void *get(size_t n)
{
    size_t size, class;
    struct block *b;

    if (n > SIZE_MAX / 4) {
        errno = ENOMEM;
        return NULL;
    }
    class = class_of(n > 0 ? n : 1, &size);
    b = lists[class];
    if (b != NULL) {
        lists[class] = b->next;
    } else {
        b = fresh(sizeof(*b) + size);
    }
    if (b == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    b->size = size;
    return b + 1;
}

void *malloc(size_t n)
{
    return get(n);
}

void free(void *p)
{
    struct block *b = (struct block *)p - 1;
    size_t size, class;

    if (p == NULL || b->size == 0) { /* 0: an aligned one stays */
        return;
    }
    class = class_of(b->size, &size);
    b->next = lists[class];
    lists[class] = b;
}

void *calloc(size_t n, size_t each)
{
    size_t all;
    void *p = __builtin_mul_overflow(n, each, &all) ? NULL : get(all);

    return p != NULL ? memset(p, 0, all) : NULL;
}

void *realloc(void *p, size_t n)
{
    struct block *b = (struct block *)p - 1;
    void *more;

    if (p != NULL && b->size >= n && n > 0) {
        return p;
    }
    more = get(n);
    if (more != NULL && p != NULL) {
        memcpy(more, p, b->size < n ? b->size : n);
        free(p);
    }
    return more;
}

void *memalign(size_t align, size_t n);
void *memalign(size_t align, size_t n)
{
    char *p = get(n + align + sizeof(struct block));
    char *out =
        (char *)(((uintptr_t)p + sizeof(struct block) + align - 1) & ~(uintptr_t)(align - 1));

    if (p == NULL) {
        return NULL;
    }
    ((struct block *)(void *)out - 1)->size = 0;
    return out;
}

void *aligned_alloc(size_t align, size_t n)
{
    return memalign(align, n);
}

int posix_memalign(void **ret, size_t align, size_t n)
{
    *ret = memalign(align, n);
    return *ret != NULL ? 0 : ENOMEM;
}
#else
typedef int heap_is_the_sanitizers;
#endif
