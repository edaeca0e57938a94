/*
 * json.c — lib/json/json.h for a program that reads the same few documents a million times: trees
 * of its own instead of json-c's, and a text that was read before is not read again. Only in the
 * build for the long run (SIM_FAST); every other one has lib/json/json.c, and both go the same ways
 * (docs/reference/simulator.md). Documents do not change, so they may be shared; they are all
 * forgotten by sim_json_forget(), when no program lives.
 */
#ifdef SIM_FAST
#include "json/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "json/check.h"
#include "sim/sim.h"

struct member {
    const char *key;
    const struct json *value; /* NULL: null */
};
struct json {
    enum json_kind kind;
    uint32_t len, cap; /* members or bytes */
    union {
        bool flag;
        int64_t n;
        const char *s; /* of a double, too: its text */
        const struct json **item;
        struct member *member;
    } u;
    const char *text; /* once it was printed */
};

/* --- what was read before -------------------------------------------------------------------- */

enum { SLOTS = 1 << 15, MOST_BYTES = 24 << 20, CHUNK = 1 << 16 };

struct known {
    uint64_t hash;
    const char *text;
    size_t n;
    const struct json *j;
};
static struct known known[SLOTS];
static size_t known_count;
static struct arena kept;
static uint64_t forgotten; /* how often all was */

void sim_json_forget(void)
{
    if (kept.used > MOST_BYTES || known_count > SLOTS / 2) {
        memset(known, 0, sizeof(known));
        known_count = 0;
        forgotten++;
        arena_done(&kept);
    }
}

static uint64_t hash_of(const char *p, size_t n)
{
    uint64_t h = n * 0x9e3779b97f4a7c15u, x;

    for (; n >= 8; p += 8, n -= 8) {
        memcpy(&x, p, 8);
        h = (h ^ x) * 0x9fb21c651e98df25u;
        h ^= h >> 32;
    }
    x = 0;
    memcpy(&x, p, n);
    h = (h ^ x) * 0x9fb21c651e98df25u;
    return (h ^ h >> 29) | 1;
}

static struct known *look_up(const char *p, size_t n)
{
    uint64_t h = hash_of(p, n);
    struct known *k;

    for (size_t i = h; (k = &known[i % SLOTS])->hash != 0; i++) {
        if (k->hash == h && k->n == n && memcmp(k->text, p, n) == 0) {
            return k;
        }
    }
    k->hash = h; /* it is its place to be */
    k->text = NULL;
    return k;
}

/* --- memory ---------------------------------------------------------------------------------- */

/* Like an arena's, but what is written at once need not be cleared first. */
static void *fresh(size_t n)
{
    static char *at, *end;
    static uint64_t epoch;

    if (epoch != forgotten || (size_t)(end - at) < n + 16) {
        epoch = forgotten;
        at = arena_alloc(&kept, n > CHUNK ? n + 16 : CHUNK);
        end = at + (n > CHUNK ? n + 16 : CHUNK);
    }
    at += (n + 15) & ~(size_t)15;
    return at - ((n + 15) & ~(size_t)15);
}

static char *copy(const char *p, size_t n)
{
    char *d = fresh(n + 1);

    memcpy(d, p, n);
    d[n] = '\0';
    return d;
}

static struct json *make(enum json_kind kind)
{
    struct json *j = fresh(sizeof(*j));

    *j = (struct json){.kind = kind};
    return j;
}

/* --- reading --------------------------------------------------------------------------------- */

struct reader {
    const char *p; /* ends with a NUL */
    bool bad;
};

/* Nothing more is to be read: the NUL that `p` is left at fits nowhere. */
static const struct json *refuse(struct reader *r)
{
    r->bad = true;
    r->p = "";
    return NULL;
}

static void skip_blanks(struct reader *r)
{
    while (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r') {
        r->p++;
    }
}

static unsigned hex4(const char *p)
{
    char four[5] = {p[0], p[1], p[2], p[3], 0};

    return (unsigned)strtoul(four, NULL, 16);
}

static char *put_utf8(char *to, unsigned c)
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (int i = n - 1; i > 0; i--) {
        to[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    to[0] = (char)(n == 1 ? c : lead[n] | c);
    return to + n;
}

/* Behind a backslash. */
static char *read_escape(struct reader *r, char *to)
{
    static const char from[] = "bfnrt", is[] = "\b\f\n\r\t";
    char c = *r->p++;
    const char *at = strchr(from, c);
    unsigned u;

    if (c != 'u') {
        *to++ = at != NULL ? is[at - from] : c;
        return to;
    }
    u = hex4(r->p);
    r->p += 4;
    if (u >= 0xd800 && u < 0xdc00 && r->p[0] == '\\' && r->p[1] == 'u') {
        u = 0x10000 + ((u - 0xd800) << 10) + (hex4(r->p + 2) - 0xdc00);
        r->p += 6;
    }
    return put_utf8(to, u);
}

/* The closing quote, or NULL. */
static const char *string_end(const char *p, bool *ret_plain)
{
    *ret_plain = true;
    while (*p != '"') {
        if (*p == '\\') {
            *ret_plain = false;
            p++;
        }
        if ((unsigned char)*p < 0x20) {
            return NULL;
        }
        p++;
    }
    return p;
}

static const char *read_string(struct reader *r, uint32_t *ret_len)
{
    bool plain;
    const char *end = *r->p == '"' ? string_end(r->p + 1, &plain) : NULL;
    char *text, *to;

    *ret_len = 0;
    if (end == NULL) {
        refuse(r);
        return "";
    }
    r->p++;
    if (plain) {
        *ret_len = (uint32_t)(end - r->p);
        text = copy(r->p, *ret_len);
        r->p = end + 1;
        return text;
    }
    text = to = fresh((size_t)(end - r->p) + 1);
    while (r->p < end) {
        if (*r->p == '\\') {
            r->p++;
            to = read_escape(r, to);
        } else {
            *to++ = *r->p++;
        }
    }
    *to = '\0';
    r->p = end + 1;
    *ret_len = (uint32_t)(to - text);
    return text;
}

static const struct json *read_value(struct reader *r);

static void *grown(void *list, uint32_t len, uint32_t *cap, size_t each)
{
    void *more;

    if (len < *cap) {
        return list;
    }
    *cap = *cap > 0 ? 2 * *cap : 4;
    more = fresh(*cap * each);
    if (len > 0) {
        memcpy(more, list, len * each);
    }
    return more;
}

/* The last of a name counts, at the place of the first. */
static void add_member(struct json *j, const char *key, const struct json *value)
{
    for (uint32_t i = 0; i < j->len; i++) {
        if (j->u.member[i].key[0] == key[0] && strcmp(j->u.member[i].key, key) == 0) {
            j->u.member[i].value = value;
            return;
        }
    }
    j->u.member = grown(j->u.member, j->len, &j->cap, sizeof(*j->u.member));
    j->u.member[j->len++] = (struct member){key, value};
}

/* Behind a member: another one follows. */
static bool goes_on(struct reader *r, char close)
{
    skip_blanks(r);
    if (*r->p == ',') {
        r->p++;
        skip_blanks(r);
        return true;
    }
    if (*r->p != close) {
        refuse(r);
        return false;
    }
    r->p++;
    return false;
}

static bool is_closed(struct reader *r, char close)
{
    r->p++;
    skip_blanks(r);
    if (*r->p != close) {
        return false;
    }
    r->p++;
    return true;
}

static const struct json *read_object(struct reader *r)
{
    struct json *j = make(JSON_OBJECT);

    if (is_closed(r, '}')) {
        return j;
    }
    do {
        uint32_t n;
        const char *key = read_string(r, &n);

        skip_blanks(r);
        if (*r->p != ':') {
            return refuse(r);
        }
        r->p++;
        add_member(j, key, read_value(r));
    } while (goes_on(r, '}'));
    return j;
}

static const struct json *read_array(struct reader *r)
{
    struct json *j = make(JSON_ARRAY);

    if (is_closed(r, ']')) {
        return j;
    }
    do {
        j->u.item = grown(j->u.item, j->len, &j->cap, sizeof(struct json *));
        j->u.item[j->len] = read_value(r);
        j->len++;
    } while (goes_on(r, ']'));
    return j;
}

static const struct json *read_number(struct reader *r)
{
    size_t n = strspn(r->p, "+-.eE0123456789");
    bool real = strcspn(r->p, ".eE") < n;
    struct json *j = make(real ? JSON_DOUBLE : JSON_INT);

    if (n == 0) {
        return refuse(r);
    }
    if (real) {
        j->u.s = copy(r->p, n);
    } else {
        j->u.n = strtoll(r->p, NULL, 10);
        if (j->u.n == INT64_MAX || j->u.n == INT64_MIN) {
            abort(); /* beyond what this one knows */
        }
    }
    r->p += n;
    return j;
}

static const struct json *read_word(struct reader *r)
{
    bool flag = *r->p == 't';
    struct json *j;

    if (strncmp(r->p, "null", 4) == 0) {
        r->p += 4;
        return NULL;
    }
    if (!flag && strncmp(r->p, "false", 5) != 0) {
        return refuse(r);
    }
    j = make(JSON_BOOL);
    j->u.flag = flag;
    r->p += flag ? 4 : 5;
    return j;
}

static const struct json *read_value(struct reader *r)
{
    struct json *j;

    skip_blanks(r);
    switch (*r->p) {
    case '{':
        return read_object(r);
    case '[':
        return read_array(r);
    case '"':
        j = make(JSON_STRING);
        j->u.s = read_string(r, &j->len);
        return j;
    case 't':
    case 'f':
    case 'n':
        return read_word(r);
    default:
        return read_number(r);
    }
}

static bool read_document(struct known *k)
{
    struct reader r = {.p = k->text};

    k->j = read_value(&r);
    skip_blanks(&r);
    return !r.bad && r.p == k->text + k->n;
}

int json_parse(struct arena *a UNUSED, const char *p, size_t n, const struct json **ret,
               struct err *e)
{
    struct known *k = look_up(p, n);
    struct json_shape shape;
    const char *why;

    if (k->text == NULL) {
        k->text = copy(p, n);
        k->n = n;
        if (!read_document(k)) {
            why = json_check(p, n, (int)limit(LIMIT_JSON_DEPTH), &shape);
            k->hash = 0;
            return err_set(e, ERR_INVALID, "MalformedJSON", "malformed JSON at offset %zu: %s",
                           shape.offset, why != NULL ? why : "?");
        }
        if (++known_count > SLOTS * 3 / 4) {
            abort(); /* one schedule has not so many */
        }
    }
    *ret = k->j;
    return 0;
}

/* --- asking ---------------------------------------------------------------------------------- */

enum json_kind json_kind(const struct json *j)
{
    return j != NULL ? j->kind : JSON_NULL;
}

static const struct json *key_n(const struct json *j, const char *key, size_t n)
{
    for (uint32_t i = 0; j != NULL && j->kind == JSON_OBJECT && i < j->len; i++) {
        const char *k = j->u.member[i].key;

        if (k[0] == key[0] && strncmp(k, key, n) == 0 && k[n] == '\0') {
            return j->u.member[i].value;
        }
    }
    return NULL;
}

const struct json *json_key(const struct json *j, const char *key)
{
    return key_n(j, key, strlen(key));
}

static const char *next_segment(const char *path, char *seg, size_t size)
{
    size_t n = 0;

    while (*path != '\0' && *path != '.') {
        if (*path == '\\' && path[1] == '.') {
            path++;
        }
        if (n + 1 < size) {
            seg[n++] = *path;
        }
        path++;
    }
    seg[n] = '\0';
    return *path == '.' ? path + 1 : path;
}

const struct json *json_get(const struct json *j, const char *path)
{
    char seg[320];

    while (*path != '\0' && j != NULL) {
        path = next_segment(path, seg, sizeof(seg));
        j = json_key(j, seg);
    }
    return j;
}

const char *json_as_str(const struct json *j)
{
    return json_kind(j) == JSON_STRING ? j->u.s : NULL;
}

size_t json_as_str_len(const struct json *j)
{
    return json_kind(j) == JSON_STRING ? j->len : 0;
}

int json_as_int(const struct json *j, int64_t *ret)
{
    double d;

    if (json_kind(j) == JSON_INT) {
        *ret = j->u.n;
        return 0;
    }
    if (json_kind(j) != JSON_DOUBLE) {
        return -1;
    }
    d = strtod(j->u.s, NULL);
    if (d >= -9007199254740992.0 && d <= 9007199254740992.0 && (double)(int64_t)d == d) {
        *ret = (int64_t)d;
        return 0;
    }
    return -1;
}

int json_as_flag(const struct json *j, bool *ret)
{
    if (json_kind(j) != JSON_BOOL) {
        return -1;
    }
    *ret = j->u.flag;
    return 0;
}

const char *json_str(const struct json *j, const char *path, const char *dflt)
{
    const char *s = json_as_str(json_get(j, path));

    return s != NULL ? s : dflt;
}

int64_t json_int(const struct json *j, const char *path, int64_t dflt)
{
    int64_t v;

    return json_as_int(json_get(j, path), &v) == 0 ? v : dflt;
}

bool json_flag(const struct json *j, const char *path, bool dflt)
{
    bool v;

    return json_as_flag(json_get(j, path), &v) == 0 ? v : dflt;
}

size_t json_len(const struct json *array)
{
    return json_kind(array) == JSON_ARRAY ? array->len : 0;
}

const struct json *json_at(const struct json *array, size_t i)
{
    return i < json_len(array) ? array->u.item[i] : NULL;
}

bool json_next(const struct json *object, struct json_iter *it)
{
    const struct member *m = it->state;

    if (json_kind(object) != JSON_OBJECT) {
        return false;
    }
    m = it->begun && m != NULL ? m + 1 : object->u.member;
    it->begun = true;
    if (object->len == 0 || m == object->u.member + object->len) {
        return false;
    }
    it->state = (void *)(uintptr_t)m;
    it->key = m->key;
    it->value = m->value;
    return true;
}

/* --- printing -------------------------------------------------------------------------------- */

static struct {
    char *data;
    size_t len, cap;
} out;

static char *room(size_t n)
{
    if (out.len + n > out.cap) {
        out.cap = (out.len + n) * 2;
        out.data = mem_resize(out.data, out.cap);
    }
    return out.data + out.len;
}

static void put(const char *p, size_t n)
{
    memcpy(room(n), p, n);
    out.len += n;
}

static void put_string(const char *s, size_t n)
{
    static const char from[] = "\b\n\r\t\f\"\\", to[] = "bnrtf\"\\";
    char *o = room(6 * n + 2), *begin = o;

    *o++ = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        const char *at = c < 0x20 || c == '"' || c == '\\' ? strchr(from, c) : NULL;

        if (at != NULL && c != '\0') {
            *o++ = '\\';
            *o++ = to[at - from];
        } else if (c < 0x20) {
            o += snprintf(o, 7, "\\u00%02x", c);
        } else {
            *o++ = (char)c;
        }
    }
    *o++ = '"';
    out.len += (size_t)(o - begin);
}

static void put_value(const struct json *j);

static void put_members(const struct json *j)
{
    bool object = j->kind == JSON_OBJECT;

    put(object ? "{" : "[", 1);
    for (uint32_t i = 0; i < j->len; i++) {
        if (i > 0) {
            put(",", 1);
        }
        if (object) {
            put_string(j->u.member[i].key, strlen(j->u.member[i].key));
            put(":", 1);
        }
        put_value(object ? j->u.member[i].value : j->u.item[i]);
    }
    put(object ? "}" : "]", 1);
}

static void put_value(const struct json *j)
{
    char number[24];

    switch (json_kind(j)) {
    case JSON_NULL:
        put("null", 4);
        return;
    case JSON_BOOL:
        put(j->u.flag ? "true" : "false", j->u.flag ? 4 : 5);
        return;
    case JSON_INT:
        put(number, (size_t)snprintf(number, sizeof(number), "%" PRId64, j->u.n));
        return;
    case JSON_DOUBLE:
        put(j->u.s, strlen(j->u.s));
        return;
    case JSON_STRING:
        put_string(j->u.s, j->len);
        return;
    case JSON_ARRAY:
    case JSON_OBJECT:
        put_members(j);
        return;
    }
}

const char *json_text(struct arena *a, const struct json *j)
{
    struct json *kept_here = (struct json *)(uintptr_t)j;

    if (j == NULL) {
        return arena_strdup(a, "null");
    }
    if (j->text == NULL) {
        out.len = 0;
        put_value(j);
        kept_here->text = copy(out.data, out.len);
    }
    return arena_strdup(a, j->text);
}
#else
#include "sim/sim.h"

void sim_json_forget(void)
{
}
#endif
