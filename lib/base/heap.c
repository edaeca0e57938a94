/* heap.c — malloc() of the whole process, of libraries too: see mem.h. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

bool (*mem_denied)(void);

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OTHERS_HEAP /* the sanitizer's */
#endif

#if defined(__GLIBC__) && !defined(OTHERS_HEAP)

/* More than this is somebody else's number: it is refused to the library that asked. */
#define SANE ((size_t)1 << 30)

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

static bool is_denied(void)
{
    return mem_denied != NULL && mem_denied();
}

static void *given(void *p, size_t n)
{
    if (p == NULL && n > 0 && n <= SANE) {
        mem_exhausted();
    }
    return p;
}

void *malloc(size_t n)
{
    return given(is_denied() ? NULL : __libc_malloc(n), n);
}

void *calloc(size_t n, size_t size)
{
    size_t all;
    bool fits = !__builtin_mul_overflow(n, size, &all);

    return given(is_denied() ? NULL : __libc_calloc(n, size), fits ? all : SIZE_MAX);
}

void *realloc(void *p, size_t n)
{
    return given(is_denied() ? NULL : __libc_realloc(p, n), n);
}

#endif
