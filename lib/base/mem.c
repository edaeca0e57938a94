#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void mem_exhausted(void)
{
    static const char line[] = "level=error msg=\"out of memory, ending\"\n";

    if (write(STDERR_FILENO, line, sizeof line - 1) < 0) {
        _exit(71);
    }
    _exit(70);
}

void *mem_alloc(size_t n)
{
    void *p = calloc(1, n > 0 ? n : 1);

    if (p == NULL) {
        mem_exhausted();
    }
    return p;
}

void *mem_resize(void *p, size_t n)
{
    p = realloc(p, n > 0 ? n : 1);
    if (p == NULL) {
        mem_exhausted();
    }
    return p;
}

char *mem_strndup(const char *s, size_t n)
{
    char *d = mem_alloc(n + 1);

    memcpy(d, s, n);
    return d;
}

char *mem_strdup(const char *s)
{
    return s == NULL ? NULL : mem_strndup(s, strlen(s));
}

void mem_free(void *p)
{
    free(p);
}

void mem_freep(void *pp)
{
    void *p;

    memcpy(&p, pp, sizeof p);
    free(p);
    memset(pp, 0, sizeof p);
}
