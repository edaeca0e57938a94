#include "store/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "store/tree.h"

enum { DIGITS = SHA256_HEX - 1 };

static int by_hex(const void *x, const void *y)
{
    return memcmp(x, y, DIGITS);
}

/* The whole file, owned; NULL when it cannot be read. */
static char *slurp(int root, const char *name, size_t *ret_len)
{
    struct stat st;
    int fd = openat(root, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return NULL;
    }
    char *text = NULL;
    if (fstat(fd, &st) == 0 && st.st_size <= TREE_TEXT_MAX) {
        text = mem_alloc((size_t)st.st_size + 1);
        if (read(fd, text, (size_t)st.st_size) != st.st_size) {
            mem_free(text);
            text = NULL;
        }
        *ret_len = (size_t)st.st_size;
    }
    close(fd);
    return text;
}

static void forget(struct listing *l)
{
    mem_free(l->hex);
    *l = (struct listing){0};
}

static bool load(struct listing *l, int root, const char *name)
{
    struct arena a = {0};
    struct tree t;
    struct err e;
    size_t n = 0;
    char *text = slurp(root, name, &n);
    bool ok = text != NULL && tree_parse(&a, text, n, &t, &e) == 0;
    if (ok) {
        forget(l);
        snprintf(l->name, sizeof(l->name), "%s", name);
        l->hex = mem_alloc((t.count + 1) * sizeof(*l->hex));
        l->count = t.count;
        for (size_t i = 0; i < t.count; i++) {
            memcpy(l->hex[i], t.files[i].hex, DIGITS);
        }
        qsort(l->hex, l->count, sizeof(*l->hex), by_hex);
    }
    mem_free(text);
    arena_done(&a);
    return ok;
}

bool listings_have(struct listings *ls, int root, const char *name, const char *hex)
{
    struct listing *oldest = &ls->slots[0], *found = NULL;
    for (size_t i = 0; i < LISTINGS; i++) {
        struct listing *l = &ls->slots[i];
        if (l->hex != NULL && str_eq(l->name, name)) {
            found = l;
        }
        oldest = l->used < oldest->used ? l : oldest;
    }
    errno = 0;
    if (found == NULL && load(oldest, root, name)) {
        found = oldest;
    }
    if (found == NULL) {
        return false;
    }
    found->used = ++ls->clock;
    errno = ENOENT;
    return bsearch(hex, found->hex, found->count, sizeof(*found->hex), by_hex) != NULL;
}

void listings_done(struct listings *ls)
{
    for (size_t i = 0; i < LISTINGS; i++) {
        forget(&ls->slots[i]);
    }
}
