/*
 * mem.h — allocation that cannot fail: when memory is exhausted the process says so on one line and
 * ends (exit status 70); Kubernetes restarts it, and every write is safe to be sent twice. Owned
 * results are freed with mem_free(). Raw malloc/free are banned outside lib/base. Libraries are not
 * trusted to notice: with glibc and without sanitizers a program that links this has malloc(),
 * calloc() and realloc() that end the process alike; only what is larger than 1 GiB fails.
 */
#ifndef DKUBE_BASE_MEM_H
#define DKUBE_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

void *mem_alloc(size_t n) MUSTCHECK;           /* zeroed, owned, never NULL */
void *mem_resize(void *p, size_t n) MUSTCHECK; /* owned; the tail is not zeroed */
char *mem_strdup(const char *s) MUSTCHECK;     /* owned; NULL gives NULL */
char *mem_strndup(const char *s, size_t n) MUSTCHECK;
void mem_free(void *p);   /* NULL is fine */
void mem_freep(void *pp); /* for CLEANUP: frees *(void **)pp */

/* Says "out of memory" once on stderr and ends the process. */
void mem_exhausted(void) __attribute__((noreturn));

/* Tests: asked before each allocation of the process; true: there is none. NULL in programs. */
extern bool (*mem_denied)(void);

#endif
