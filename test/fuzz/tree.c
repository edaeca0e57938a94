/* Manifests of the store: what parses is canonical, so it is written as it was read, and no path in
 * it leaves its folder. */
#include "store/tree.h"

#include "support/fuzz.h"

static void check_paths(const struct tree *t)
{
    int64_t size = 0;

    for (size_t i = 0; i < t->count; i++) {
        const char *path = t->files[i].path;

        size += t->files[i].size;
        law(hex_valid(t->files[i].hex) && t->files[i].size >= 0, "%s", path);
        law(*path != '/' && strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0, "%s", path);
        law(strstr(path, "/../") == NULL && strstr(path, "//") == NULL, "%s", path);
        law(i == 0 || strcmp(t->files[i - 1].path, path) < 0, "%s", path);
        for (size_t k = 0; k < i; k++) {
            size_t n = strlen(t->files[k].path);

            law(strncmp(path, t->files[k].path, n) != 0 || path[n] != '/', "%s is below a file",
                path);
        }
    }
    law(size == t->size, "%lld", (long long)t->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = {0};
    struct tree t;
    struct err e = {0};
    size_t len = 0;

    if (tree_parse(&a, (const char *)data, n, &t, &e) == 0) {
        const char *text = tree_text(&a, &t, &len);

        law(len == n && memcmp(text, data, n) == 0, "%s", text);
        check_paths(&t);
    } else {
        law(strcmp(e.reason, "InvalidTree") == 0, "%s", e.reason);
    }
    arena_done(&a);
    return 0;
}

FUZZ_TARGET("tree", a_manifest_that_parses_is_written_as_it_was_read);
