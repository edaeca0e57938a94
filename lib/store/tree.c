#include "store/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"

bool hex_valid(const char *s)
{
    return s != NULL && strspn(s, "0123456789abcdef") == SHA256_HEX - 1 &&
           s[SHA256_HEX - 1] == '\0';
}

const char *digest_hex(const char *digest)
{
    bool ok = digest != NULL && strncmp(digest, "sha256:", 7) == 0 && hex_valid(digest + 7);
    return ok ? digest + 7 : NULL;
}

/* --- Paths ---------------------------------------------------------------------------------------
 */

/* Controls of the second kind (C1), surrogates, what is written too long or lies beyond Unicode. */
static bool is_bad_character(unsigned c, size_t len)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    return c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
           (c >= 0x80 && c < 0xa0);
}

/* Bytes of the UTF-8 character at p, at most n; 0 when there is none. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    size_t len = p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
    if (p[0] < 0x80) {
        return 1;
    }
    if (len == 0 || len > n) {
        return 0;
    }
    unsigned c = p[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if (p[i] >> 6 != 2) {
            return 0;
        }
        c = c << 6 | (p[i] & 0x3f);
    }
    return is_bad_character(c, len) ? 0 : len;
}

static bool text_valid(const char *path, size_t n)
{
    for (size_t i = 0; i < n;) {
        const unsigned char *p = (const unsigned char *)path + i;
        size_t len = utf8_length(p, n - i);
        if (len == 0 || p[0] < 0x20 || p[0] == 0x7f) {
            return false;
        }
        i += len;
    }
    return true;
}

bool tree_path_valid(const char *path, size_t n)
{
    if (n == 0 || n > TREE_PATH_MAX || !text_valid(path, n)) {
        return false;
    }
    for (size_t i = 0; i <= n;) {
        const char *slash = memchr(path + i, '/', n - i);
        size_t len = slash != NULL ? (size_t)(slash - path) - i : n - i;
        if (len == 0 || len > 255 || (len == 1 && path[i] == '.') ||
            (len == 2 && path[i] == '.' && path[i + 1] == '.')) {
            return false;
        }
        i += len + 1;
    }
    return true;
}

/* --- Reading -------------------------------------------------------------------------------------
 */

static int bad_line(size_t line, const char *what, struct err *e)
{
    return err_set(e, ERR_INVALID, "InvalidTree", "line %zu of the manifest: %s", line, what);
}

/* A canonical decimal number that ends at a blank. */
static bool take_number(struct span *s, int64_t *ret)
{
    int64_t v = 0;
    size_t i = 0;
    for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
        if (i == 18) {
            return false;
        }
        v = v * 10 + (s->p[i] - '0');
    }
    if (i == 0 || (i > 1 && s->p[0] == '0') || i == s->n || s->p[i] != ' ') {
        return false;
    }
    *s = (struct span){s->p + i + 1, s->n - i - 1};
    *ret = v;
    return true;
}

static int parse_line(struct arena *a, struct span s, size_t line, struct tree_file *f,
                      struct err *e)
{
    int64_t mode = 0;
    if (!take_number(&s, &mode) || (mode != 100644 && mode != 100755)) {
        return bad_line(line, "the mode is not 100644 or 100755", e);
    }
    if (!take_number(&s, &f->size)) {
        return bad_line(line, "the size is not a number", e);
    }
    if (s.n < SHA256_HEX || s.p[SHA256_HEX - 1] != ' ') {
        return bad_line(line, "the digest is not 64 hexadecimal digits", e);
    }
    memcpy(f->hex, s.p, SHA256_HEX - 1);
    if (!hex_valid(f->hex)) {
        return bad_line(line, "the digest is not 64 hexadecimal digits", e);
    }
    s = (struct span){s.p + SHA256_HEX, s.n - SHA256_HEX};
    if (!tree_path_valid(s.p, s.n)) {
        return bad_line(line, "the path is not a relative path without '..' or control characters",
                        e);
    }
    f->path = arena_strndup(a, s.p, s.n);
    f->executable = mode == 100755;
    return 0;
}

static int by_path(const void *x, const void *y)
{
    const struct tree_file *f = x, *g = y;
    return strcmp(f->path, g->path);
}

/* True when one of the path's folders is a file of the tree. */
static bool is_below_file(struct arena *a, const struct tree *t, const char *path)
{
    char *prefix = arena_strdup(a, path);
    for (char *slash = strrchr(prefix, '/'); slash != NULL; slash = strrchr(prefix, '/')) {
        *slash = '\0';
        struct tree_file want = {.path = prefix};
        if (bsearch(&want, t->files, t->count, sizeof(want), by_path) != NULL) {
            return true;
        }
    }
    return false;
}

static int check_order(struct arena *a, const struct tree *t, struct err *e)
{
    for (size_t i = 1; i < t->count; i++) {
        if (by_path(&t->files[i - 1], &t->files[i]) >= 0) {
            return bad_line(i + 1, "the paths are not in order, or one stands twice", e);
        }
    }
    for (size_t i = 1; i < t->count; i++) {
        const char *path = t->files[i].path, *before = t->files[i - 1].path;
        const char *slash = strrchr(path, '/');
        bool same_folder = slash != NULL && strncmp(path, before, (size_t)(slash - path) + 1) == 0;
        if (slash != NULL && !same_folder && is_below_file(a, t, path)) {
            return bad_line(i + 1, "the path lies below a file", e);
        }
    }
    return 0;
}

int tree_parse(struct arena *a, const char *text, size_t n, struct tree *ret, struct err *e)
{
    struct tree t = {0};
    void *files = NULL;
    if (n > TREE_TEXT_MAX) {
        return err_set(e, ERR_INVALID, "InvalidTree", "the manifest is larger than %d bytes",
                       TREE_TEXT_MAX);
    }
    for (size_t i = 0; i < n;) {
        const char *end = memchr(text + i, '\n', n - i);
        size_t len = end != NULL ? (size_t)(end - text) - i : 0;
        if (end == NULL) {
            return bad_line(t.count + 1, "it does not end with a line feed", e);
        }
        if (t.count == TREE_FILES_MAX) {
            return bad_line(t.count + 1, "there are too many files", e);
        }
        struct tree_file *f = arena_push(a, &files, &t.count, sizeof(*f));
        if (parse_line(a, (struct span){text + i, len}, t.count, f, e) < 0) {
            return -1;
        }
        if (__builtin_add_overflow(t.size, f->size, &t.size)) {
            return bad_line(t.count, "the sizes are too large", e);
        }
        i += len + 1;
    }
    t.files = files;
    if (check_order(a, &t, e) < 0) {
        return -1;
    }
    *ret = t;
    return 0;
}

/* --- Writing -------------------------------------------------------------------------------------
 */

const char *tree_text(struct arena *a, const struct tree *t, size_t *ret_len)
{
    struct buf b;
    buf_init(&b, SIZE_MAX / 4);
    for (size_t i = 0; i < t->count; i++) {
        const struct tree_file *f = &t->files[i];
        if (buf_printf(&b, "%s %lld %s %s\n", f->executable ? "100755" : "100644",
                       (long long)f->size, f->hex, f->path) < 0) {
            mem_exhausted();
        }
    }
    const char *text = arena_strndup(a, buf_str(&b), b.len);
    *ret_len = b.len;
    buf_done(&b);
    return text;
}
