#include "sim/api/tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"

/* --- making ---------------------------------------------------------------------------------- */

static struct tree *make(struct arena *a, enum jt_type type)
{
    struct tree *t = arena_alloc(a, sizeof(*t));

    t->type = type;
    return t;
}

const struct tree *jt_null(struct arena *a)
{
    return make(a, TREE_NULL);
}

struct tree *jt_map(struct arena *a)
{
    return make(a, TREE_MAP);
}

struct tree *jt_list(struct arena *a)
{
    return make(a, TREE_LIST);
}

const struct tree *jt_str(struct arena *a, const char *s)
{
    struct tree *t = make(a, TREE_STR);

    t->len = (uint32_t)strlen(s);
    t->u.s = arena_strndup(a, s, t->len);
    return t;
}

const struct tree *jt_fmt(struct arena *a, const char *fmt, ...)
{
    struct tree *t = make(a, TREE_STR);
    va_list ap;

    va_start(ap, fmt);
    t->u.s = arena_vprintf(a, fmt, ap);
    va_end(ap);
    t->len = (uint32_t)strlen(t->u.s);
    return t;
}

const struct tree *jt_int(struct arena *a, int64_t n)
{
    struct tree *t = make(a, TREE_INT);

    t->u.n = n;
    return t;
}

const struct tree *jt_bool(struct arena *a, bool flag)
{
    struct tree *t = make(a, TREE_BOOL);

    t->u.flag = flag;
    return t;
}

struct tree *jt_dup(struct arena *a, const struct tree *t)
{
    struct tree *copy = make(a, TREE_MAP);

    if (t == NULL) {
        return copy;
    }
    *copy = *t;
    copy->text = NULL;
    copy->pe = NULL;
    if ((t->type == TREE_MAP || t->type == TREE_LIST) && t->len > 0) {
        copy->cap = t->len + 2;
        copy->u.at = arena_alloc(a, copy->cap * sizeof(*copy->u.at));
        memcpy(copy->u.at, t->u.at, t->len * sizeof(*copy->u.at));
    }
    return copy;
}

static void push(struct arena *a, struct tree *t, const char *key, const struct tree *value)
{
    if (t->len == t->cap) {
        struct jt_member *old = t->u.at;

        t->cap = t->cap > 0 ? t->cap * 2 : 4;
        t->u.at = arena_alloc(a, t->cap * sizeof(*t->u.at));
        if (t->len > 0) {
            memcpy(t->u.at, old, t->len * sizeof(*t->u.at));
        }
    }
    t->u.at[t->len++] = (struct jt_member){key, value};
}

void jt_set(struct arena *a, struct tree *map, const char *key, const struct tree *value)
{
    for (uint32_t i = 0; i < map->len; i++) {
        if (map->u.at[i].key[0] != key[0] || strcmp(map->u.at[i].key, key) != 0) {
            continue;
        }
        if (value != NULL) {
            map->u.at[i].value = value;
        } else {
            map->len--;
            memmove(&map->u.at[i], &map->u.at[i + 1], (map->len - i) * sizeof(*map->u.at));
        }
        return;
    }
    if (value != NULL) {
        push(a, map, arena_strdup(a, key), value);
    }
}

void jt_add(struct arena *a, struct tree *list, const struct tree *value)
{
    push(a, list, NULL, value);
}

/* --- parsing --------------------------------------------------------------------------------- */

struct parser {
    struct arena *a;
    const char *p, *end;
    int depth;
};

static const struct tree *parse_value(struct parser *ps);

static void skip_blanks(struct parser *ps)
{
    while (ps->p < ps->end &&
           (*ps->p == ' ' || *ps->p == '\n' || *ps->p == '\t' || *ps->p == '\r')) {
        ps->p++;
    }
}

static bool take(struct parser *ps, char c)
{
    skip_blanks(ps);
    if (ps->p < ps->end && *ps->p == c) {
        ps->p++;
        return true;
    }
    return false;
}

static unsigned hex4(const char *p)
{
    char four[5] = {p[0], p[1], p[2], p[3], 0};

    return (unsigned)strtoul(four, NULL, 16);
}

static char *put_utf8(char *out, unsigned c)
{
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3f));
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    }
    return out;
}

/* Behind a backslash; the text ends well past it. */
static char *parse_escape(struct parser *ps, char *out)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    char c = *ps->p++;
    const char *at = strchr(from, c);

    if (c == 'u' && ps->end - ps->p >= 4) {
        unsigned u = hex4(ps->p);

        ps->p += 4;
        if (u >= 0xd800 && u < 0xdc00 && ps->end - ps->p >= 6 && ps->p[0] == '\\') {
            u = 0x10000 + ((u - 0xd800) << 10) + (hex4(ps->p + 2) - 0xdc00);
            ps->p += 6;
        }
        return put_utf8(out, u);
    }
    *out++ = at != NULL && c != '\0' ? to[at - from] : c;
    return out;
}

/* Behind the opening quote. */
static char *parse_string(struct parser *ps, uint32_t *ret_len)
{
    const char *q = ps->p;
    char *text, *out;

    while (q < ps->end && *q != '"') {
        q += *q == '\\' ? 2 : 1;
    }
    if (q >= ps->end) {
        return NULL;
    }
    text = out = arena_alloc(ps->a, (size_t)(q - ps->p) + 1);
    while (ps->p < q) {
        if (*ps->p == '\\') {
            ps->p++;
            out = parse_escape(ps, out);
        } else {
            *out++ = *ps->p++;
        }
    }
    ps->p = q + 1;
    *ret_len = (uint32_t)(out - text);
    return text;
}

static const struct tree *parse_map(struct parser *ps)
{
    struct tree *t = jt_map(ps->a);
    uint32_t n;

    if (take(ps, '}')) {
        return t;
    }
    do {
        const struct tree *v;
        const char *key;

        if (!take(ps, '"') || (key = parse_string(ps, &n)) == NULL || !take(ps, ':') ||
            (v = parse_value(ps)) == NULL) {
            return NULL;
        }
        push(ps->a, t, key, v);
    } while (take(ps, ','));
    return take(ps, '}') ? t : NULL;
}

static const struct tree *parse_list(struct parser *ps)
{
    struct tree *t = jt_list(ps->a);

    if (take(ps, ']')) {
        return t;
    }
    do {
        const struct tree *v = parse_value(ps);

        if (v == NULL) {
            return NULL;
        }
        push(ps->a, t, NULL, v);
    } while (take(ps, ','));
    return take(ps, ']') ? t : NULL;
}

static const struct tree *parse_number(struct parser *ps)
{
    const char *begin = ps->p;
    bool real = false;
    struct tree *t;

    while (ps->p < ps->end && *ps->p != '\0' && strchr("+-.eE0123456789", *ps->p) != NULL) {
        real = real || strchr(".eE", *ps->p) != NULL;
        ps->p++;
    }
    if (ps->p == begin) {
        return NULL;
    }
    t = make(ps->a, real ? TREE_REAL : TREE_INT);
    t->len = (uint32_t)(ps->p - begin);
    if (real) {
        t->u.s = arena_strndup(ps->a, begin, t->len);
    } else {
        t->len = 0;
        t->u.n = strtoll(begin, NULL, 10);
    }
    return t;
}

static const struct tree *parse_word(struct parser *ps)
{
    static const struct {
        const char *word;
        enum jt_type type;
        bool flag;
    } words[] = {
        {"null", TREE_NULL, false}, {"true", TREE_BOOL, true}, {"false", TREE_BOOL, false}};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = strlen(words[i].word);

        if ((size_t)(ps->end - ps->p) >= n && memcmp(ps->p, words[i].word, n) == 0) {
            struct tree *t = make(ps->a, words[i].type);

            t->u.flag = words[i].flag;
            ps->p += n;
            return t;
        }
    }
    return parse_number(ps);
}

static const struct tree *parse_value(struct parser *ps)
{
    const struct tree *t;

    if (++ps->depth > 200) {
        return NULL;
    }
    if (take(ps, '{')) {
        t = parse_map(ps);
    } else if (take(ps, '[')) {
        t = parse_list(ps);
    } else if (take(ps, '"')) {
        struct tree *s = make(ps->a, TREE_STR);

        s->u.s = parse_string(ps, &s->len);
        t = s->u.s != NULL ? s : NULL;
    } else {
        t = parse_word(ps);
    }
    ps->depth--;
    return t;
}

const struct tree *jt_parse(struct arena *a, const char *text, size_t n)
{
    struct parser ps = {.a = a, .p = text, .end = text + n};
    const struct tree *t = parse_value(&ps);

    skip_blanks(&ps);
    return ps.p == ps.end ? t : NULL;
}

/* --- printing -------------------------------------------------------------------------------- */

struct printer {
    struct arena *a; /* where texts of parts are kept; NULL: they are not */
    char *data;
    size_t len, cap;
};

static char *room(struct printer *pr, size_t n)
{
    if (pr->len + n > pr->cap) {
        pr->cap = (pr->len + n) * 2;
        pr->data = mem_resize(pr->data, pr->cap);
    }
    return pr->data + pr->len;
}

static void print_bytes(struct printer *pr, const char *p, size_t n)
{
    memcpy(room(pr, n), p, n);
    pr->len += n;
}

static void print_string(struct printer *pr, const char *s, size_t n)
{
    char *out = room(pr, 6 * n + 2), *begin = out;

    *out++ = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        if (c >= 0x20 && c != '"' && c != '\\') {
            *out++ = (char)c;
        } else if (c == '"' || c == '\\') {
            *out++ = '\\';
            *out++ = (char)c;
        } else {
            out += snprintf(out, 7, "\\u%04x", c);
        }
    }
    *out++ = '"';
    pr->len += (size_t)(out - begin);
}

static void print(struct printer *pr, const struct tree *t);

static void print_members(struct printer *pr, const struct tree *t)
{
    size_t begin = pr->len;

    if (t->text != NULL) {
        print_bytes(pr, t->text, t->text_len);
        return;
    }
    print_bytes(pr, t->type == TREE_MAP ? "{" : "[", 1);
    for (uint32_t i = 0; i < t->len; i++) {
        if (i > 0) {
            print_bytes(pr, ",", 1);
        }
        if (t->type == TREE_MAP) {
            print_string(pr, t->u.at[i].key, strlen(t->u.at[i].key));
            print_bytes(pr, ":", 1);
        }
        print(pr, t->u.at[i].value);
    }
    print_bytes(pr, t->type == TREE_MAP ? "}" : "]", 1);
    if (t->len > 2 && pr->a != NULL) {
        struct tree *kept = (struct tree *)t;

        kept->text_len = (uint32_t)(pr->len - begin);
        kept->text = arena_strndup(pr->a, pr->data + begin, kept->text_len);
    }
}

static void print(struct printer *pr, const struct tree *t)
{
    char number[24];

    switch (t->type) {
    case TREE_NULL:
        print_bytes(pr, "null", 4);
        return;
    case TREE_BOOL:
        print_bytes(pr, t->u.flag ? "true" : "false", t->u.flag ? 4 : 5);
        return;
    case TREE_INT:
        print_bytes(pr, number, (size_t)snprintf(number, sizeof(number), "%" PRId64, t->u.n));
        return;
    case TREE_REAL:
        print_bytes(pr, t->u.s, t->len);
        return;
    case TREE_STR:
        print_string(pr, t->u.s, t->len);
        return;
    case TREE_LIST:
    case TREE_MAP:
        print_members(pr, t);
        return;
    }
}

const char *jt_text(struct arena *a, const struct tree *t)
{
    static struct printer pr; /* kept for the next text */

    pr.len = 0;
    pr.a = a;
    print(&pr, t);
    return arena_strndup(a, pr.data, pr.len);
}

/* --- reading --------------------------------------------------------------------------------- */

bool jt_is_map(const struct tree *t)
{
    return t != NULL && t->type == TREE_MAP;
}

bool jt_is_list(const struct tree *t)
{
    return t != NULL && t->type == TREE_LIST;
}

bool jt_is_str(const struct tree *t)
{
    return t != NULL && t->type == TREE_STR;
}

uint32_t jt_len(const struct tree *t)
{
    return jt_is_map(t) || jt_is_list(t) ? t->len : 0;
}

const struct tree *jt_key(const struct tree *map, const char *key)
{
    for (uint32_t i = 0; jt_is_map(map) && i < map->len; i++) {
        const char *k = map->u.at[i].key;

        if (k[0] == key[0] && strcmp(k, key) == 0) {
            return map->u.at[i].value;
        }
    }
    return NULL;
}

static const struct tree *key_n(const struct tree *map, const char *key, size_t n)
{
    for (uint32_t i = 0; jt_is_map(map) && i < map->len; i++) {
        if (map->u.at[i].key[0] == *key && strncmp(map->u.at[i].key, key, n) == 0 &&
            map->u.at[i].key[n] == '\0') {
            return map->u.at[i].value;
        }
    }
    return NULL;
}

const struct tree *jt_get(const struct tree *t, const char *path)
{
    while (t != NULL && *path != '\0') {
        size_t n = strcspn(path, ".");

        t = key_n(t, path, n);
        path += n + (path[n] == '.');
    }
    return t;
}

const char *jt_get_str(const struct tree *t, const char *path, const char *dflt)
{
    const struct tree *v = jt_get(t, path);

    return jt_is_str(v) ? v->u.s : dflt;
}

int64_t jt_get_int(const struct tree *t, const char *path, int64_t dflt)
{
    const struct tree *v = jt_get(t, path);

    return v != NULL && v->type == TREE_INT ? v->u.n : dflt;
}

const struct tree *jt_with(struct arena *a, const struct tree *t, const char *path,
                           const struct tree *value)
{
    size_t n = strcspn(path, ".");
    struct tree *copy = jt_dup(a, jt_is_map(t) ? t : NULL);
    const char *key = arena_strndup(a, path, n);

    if (path[n] == '.') {
        const struct tree *below = jt_key(copy, key);

        if (below != NULL || value != NULL) {
            jt_set(a, copy, key, jt_with(a, below, path + n + 1, value));
        }
    } else {
        jt_set(a, copy, key, value);
    }
    return copy;
}

static bool members_equal(const struct tree *a, const struct tree *b)
{
    if (a->len != b->len) {
        return false;
    }
    for (uint32_t i = 0; i < a->len; i++) {
        const struct tree *other =
            a->type == TREE_LIST ? b->u.at[i].value : jt_key(b, a->u.at[i].key);

        if (other == NULL || !jt_equal(a->u.at[i].value, other)) {
            return false;
        }
    }
    return true;
}

bool jt_equal(const struct tree *a, const struct tree *b)
{
    if (a == b || a == NULL || b == NULL || a->type != b->type) {
        return a == b;
    }
    switch (a->type) {
    case TREE_NULL:
        return true;
    case TREE_BOOL:
        return a->u.flag == b->u.flag;
    case TREE_INT:
        return a->u.n == b->u.n;
    case TREE_REAL:
    case TREE_STR:
        return a->len == b->len && memcmp(a->u.s, b->u.s, a->len) == 0;
    case TREE_LIST:
    case TREE_MAP:
    default:
        return members_equal(a, b);
    }
}

static int by_key(const void *x, const void *y)
{
    return strcmp(((const struct jt_member *)x)->key, ((const struct jt_member *)y)->key);
}

const struct tree *jt_canonical(struct arena *a, const struct tree *t)
{
    struct tree *out;

    if (jt_len(t) == 0) {
        return t;
    }
    out = jt_dup(a, t);
    for (uint32_t i = 0; i < out->len; i++) {
        out->u.at[i].value = jt_canonical(a, out->u.at[i].value);
    }
    if (out->type == TREE_MAP) {
        qsort(out->u.at, out->len, sizeof(*out->u.at), by_key);
    }
    return out;
}
