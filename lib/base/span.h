/*
 * span.h — a borrowed run of bytes: not NUL-terminated, owned by whatever it was cut from.
 */
#ifndef DKUBE_BASE_SPAN_H
#define DKUBE_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *p;
    size_t n;
};

static inline struct span span_of(const char *s)
{
    return (struct span){s, s != NULL ? strlen(s) : 0};
}

static inline bool span_eq(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* NULL-safe comparison of C strings: NULL equals "". */
static inline bool str_eq(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static inline bool str_empty(const char *s)
{
    return s == NULL || *s == '\0';
}

#endif
