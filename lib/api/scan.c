/* scan.c — a JSON tokenizer that can stop at any byte, and the path it is at. */
#include "api/scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "api/draft.h"
#include "base/limits.h"
#include "base/mem.h"

enum { DEPTH_MAX = 255, NOWHERE = -1 };

/* What is expected, or under way. */
enum state {
    VALUE,
    FIRST_VALUE,
    KEY,
    FIRST_KEY,
    COLON,
    AFTER,
    STRING,
    ESCAPE,
    HEX,
    NUMBER,
    WORD,
    DONE,
    FAILED
};

/* How far a number is. */
enum digits { MINUS, ZERO, WHOLE, POINT, FRACTION, EXP, EXP_SIGN, EXP_DIGITS };

struct where { /* the place of a value */
    const struct trie *trie;
    uint32_t cells; /* of the trie */
    int node;       /* NOWHERE: no row is interested */
    uint32_t entry; /* of a map; 0: none */
};

struct level { /* an open object or array in which something is wanted */
    struct where at;
    const struct trie *items; /* of a list */
    uint64_t serial;
    struct draft_mark mark; /* before the element, when they are handed out */
    uint32_t raw_start;
    bool object, map, raw, raw_here, comma, each;
};

struct scan {
    struct trie *trie;
    size_t max, bytes;
    unsigned max_depth, depth, live; /* open values; how many of them, from the root, are levels */
    uint64_t kinds[4];               /* a bit for each open value: is it an object? */
    struct level *level;
    unsigned level_cap;
    enum state state;
    const char *why;
    struct draft d;
    struct where at; /* of the value that is under way */
    uint32_t root, token, raw_start, item_at;
    unsigned raw_on;
    uint64_t serial;
    bool begun, keep, key, raw_here, fraction;
    unsigned tail, hex_n, hex, high; /* UTF-8 bytes to come; of an escape */
    enum digits digits;
    const char *word;
    enum json_kind word_kind;
    int each_node; /* NOWHERE: lists are kept */
    scan_item_fn *each;
    void *each_ctx;
    struct err each_err;
    bool each_failed;
};

struct scan *scan_new(const struct scan_part *parts, size_t n, size_t max)
{
    struct scan *s = mem_alloc(sizeof *s);
    int64_t depth = limit(LIMIT_JSON_DEPTH);

    s->trie = trie_new(parts, n);
    s->max = max;
    s->max_depth = depth < DEPTH_MAX ? (unsigned)depth : DEPTH_MAX;
    s->each_node = NOWHERE;
    scan_reset(s);
    return s;
}

void scan_free(struct scan *s)
{
    if (s == NULL) {
        return;
    }
    trie_free(s->trie);
    draft_done(&s->d);
    mem_free(s->level);
    mem_free(s);
}

void scan_each(struct scan *s, unsigned row, scan_item_fn *fn, void *ctx)
{
    s->each_node = s->trie->row_nodes[0][row];
    s->each = fn;
    s->each_ctx = ctx;
}

void scan_reset(struct scan *s)
{
    draft_clear(&s->d);
    s->root = draft_cells(&s->d, s->trie);
    s->at = (struct where){s->trie, s->root, 0, 0};
    s->state = VALUE;
    s->why = NULL;
    s->bytes = 0;
    s->depth = s->live = s->raw_on = 0;
    s->begun = s->each_failed = false;
}

bool scan_is_idle(const struct scan *s)
{
    return !s->begun || s->state == DONE;
}

static void fail(struct scan *s, const char *why)
{
    s->state = FAILED;
    s->why = why;
}

/* --- values ---------------------------------------------------------------------------------- */

static bool is_live(const struct scan *s)
{
    return s->depth == s->live;
}

static struct level *top(const struct scan *s)
{
    return &s->level[s->live - 1];
}

static struct cell *cell_at(struct scan *s)
{
    return &s->d.cell[s->at.cells + (unsigned)s->at.node];
}

static bool in_object(const struct scan *s)
{
    unsigned i = s->depth - 1;

    return (s->kinds[i / 64] >> i % 64 & 1) != 0;
}

/* An element of a list begins: it gets cells of its own. */
static void begin_item(struct scan *s, struct level *l)
{
    struct cell *list;
    uint32_t item;

    if (l->each) {
        l->mark = draft_mark(&s->d);
    }
    item = draft_cells(&s->d, l->items);
    list = &s->d.cell[l->at.cells + (unsigned)l->at.node];
    s->at = (struct where){l->items, item, 0, 0};
    s->item_at = l->each ? item : s->item_at;
    if (l->each) {
        return;
    }
    if (list->count++ == 0) {
        list->first = item;
    } else {
        s->d.cell[list->last].next = item;
    }
    list->last = item;
}

/* A value begins here: false when it is too deep. */
static bool begin_value(struct scan *s)
{
    if (s->depth + 1 > s->max_depth) {
        fail(s, "nested too deeply");
        return false;
    }
    s->raw_here = false;
    if (!is_live(s)) {
        s->keep = false;
        return true;
    }
    if (s->depth > 0 && !top(s)->object) {
        struct level *l = top(s);

        if (l->raw && l->comma) {
            bytes_add(&s->d.raw, ",", 1);
        }
        l->comma = true;
        s->at.node = NOWHERE;
        s->at.entry = 0;
        if (l->items != NULL) {
            begin_item(s, l);
        }
    }
    s->keep = s->raw_on > 0 || s->at.entry != 0;
    if (s->at.node != NOWHERE) {
        unsigned flags = s->at.trie->nodes[s->at.node].flags;

        s->keep = s->keep || (flags & (NODE_TEXT | NODE_RAW)) != 0;
        if ((flags & NODE_RAW) != 0) {
            s->raw_here = true;
            s->raw_on++;
            s->raw_start = s->d.raw.len;
        }
    }
    return true;
}

/* The place gets a value of this kind: what an equal key before it had is forgotten. */
static void claim(struct scan *s, enum json_kind kind)
{
    if (s->at.node != NOWHERE) {
        struct cell *c = cell_at(s);

        if (c->there) {
            const struct node *n = &s->at.trie->nodes[s->at.node];

            memset(c, 0, (size_t)(n->end - s->at.node) * sizeof *c);
        }
        c->there = true;
        c->kind = (uint8_t)kind;
    }
}

static void end_raw(struct scan *s, uint32_t start)
{
    struct cell *c = cell_at(s);

    c->raw = start;
    c->raw_len = s->d.raw.len - start;
    s->raw_on--;
}

static void hand_out(struct scan *s, struct level *l)
{
    if (s->each(s->each_ctx, s, &s->each_err) < 0) {
        s->each_failed = true;
        fail(s, "an element was refused");
        return;
    }
    draft_back(&s->d, l->mark);
}

static void end_value(struct scan *s)
{
    s->state = s->depth == 0 ? DONE : AFTER;
    if (s->depth > 0 && is_live(s) && top(s)->each) {
        hand_out(s, top(s));
    }
}

/* A kept scalar has come whole: its text is [token, len) of the texts. */
static void keep_scalar(struct scan *s, enum json_kind kind)
{
    uint32_t n = s->d.text.len - s->token;
    const char *text;

    bytes_add(&s->d.text, "", 1);
    text = s->d.text.p + s->token;
    claim(s, kind);
    if (s->at.node != NOWHERE) {
        cell_at(s)->text = s->token;
        cell_at(s)->text_len = n;
    }
    if (s->at.entry != 0) {
        s->d.entry[s->at.entry].value = s->token;
        s->d.entry[s->at.entry].kept =
            kind == JSON_STRING || kind == JSON_INT || kind == JSON_DOUBLE;
    }
    if (s->raw_on > 0 && kind == JSON_STRING) {
        bytes_escaped(&s->d.raw, text, n);
    } else if (s->raw_on > 0) {
        bytes_add(&s->d.raw, text, n);
    }
    if (s->raw_here) {
        end_raw(s, s->raw_start);
    }
}

static void end_scalar(struct scan *s, enum json_kind kind)
{
    if (s->keep) {
        keep_scalar(s, kind);
    } else if (is_live(s)) {
        claim(s, kind);
    }
    end_value(s);
}

static void push_level(struct scan *s, bool object)
{
    struct level *l;
    unsigned flags = s->at.node != NOWHERE ? s->at.trie->nodes[s->at.node].flags : 0;

    if (s->live == s->level_cap) {
        s->level_cap = s->level_cap > 0 ? s->level_cap * 2 : 8;
        s->level = mem_resize(s->level, s->level_cap * sizeof *s->level);
    }
    l = &s->level[s->live++];
    *l = (struct level){.at = s->at,
                        .serial = s->serial++,
                        .object = object,
                        .map = object && (flags & NODE_MAP) != 0,
                        .raw = s->raw_on > 0,
                        .raw_here = s->raw_here,
                        .raw_start = s->raw_start};
    if (!object && (flags & NODE_LIST) != 0) {
        l->items = s->at.trie->nodes[s->at.node].items;
        l->each = s->each_node == s->at.node && s->at.cells == s->root;
    }
    if (l->raw) {
        bytes_add(&s->d.raw, object ? "{" : "[", 1);
    }
}

static bool wants_inside(const struct scan *s, bool object)
{
    const struct node *n;

    if (s->raw_on > 0 || s->at.node == NOWHERE) {
        return s->raw_on > 0;
    }
    n = &s->at.trie->nodes[s->at.node];
    return object ? n->child != 0 || (n->flags & NODE_MAP) != 0 : (n->flags & NODE_LIST) != 0;
}

static void open_value(struct scan *s, bool object)
{
    uint64_t bit = UINT64_C(1) << s->depth % 64;

    if (is_live(s)) {
        claim(s, object ? JSON_OBJECT : JSON_ARRAY);
        if (wants_inside(s, object)) {
            push_level(s, object);
        }
    }
    if (object) {
        s->kinds[s->depth / 64] |= bit;
    } else {
        s->kinds[s->depth / 64] &= ~bit;
    }
    s->depth++;
    s->state = object ? FIRST_KEY : FIRST_VALUE;
}

static void close_value(struct scan *s)
{
    if (is_live(s)) {
        struct level *l = top(s);

        s->at = l->at;
        if (l->raw) {
            bytes_add(&s->d.raw, l->object ? "}" : "]", 1);
        }
        if (l->raw_here) {
            end_raw(s, l->raw_start);
        }
        s->live--;
    }
    s->depth--;
    end_value(s);
}

/* --- keys ------------------------------------------------------------------------------------ */

/* The entry of this key, fresh or of an equal key before. key: place of its text. */
static uint32_t entry_of(struct scan *s, struct level *l, uint32_t key, size_t n)
{
    struct cell *map = &s->d.cell[l->at.cells + (unsigned)l->at.node];
    uint32_t e = s->d.entries > 0 ? s->d.entries : 1;

    if (!draft_seen(&s->d, l->serial, (struct span){s->d.text.p + key, n}, &e)) {
        return draft_entry(&s->d, map, key);
    }
    s->d.twice = true;
    if (strcmp(s->d.text.p + s->d.entry[e].key, s->d.text.p + key) != 0) {
        for (e = map->first; e != 0; e = s->d.entry[e].next) {
            if (strcmp(s->d.text.p + s->d.entry[e].key, s->d.text.p + key) == 0) {
                break;
            }
        }
    }
    if (e == 0) {
        return draft_entry(&s->d, map, key);
    }
    s->d.entry[e].kept = false;
    return e;
}

/* In an entry of managedFields that is not ours the fields need not be kept. */
static bool is_foreign(const struct scan *s, const struct level *l)
{
    const struct cell *c = &s->d.cell[l->at.cells + l->at.trie->manager];

    return l->at.node == 0 && c->there &&
           (c->kind != JSON_STRING || strncmp(s->d.text.p + c->text, "dkube-", 6) != 0);
}

/* The place of the member's value. */
static void find_member(struct scan *s, struct level *l, struct span key)
{
    s->at.trie = l->at.trie;
    s->at.cells = l->at.cells;
    s->at.entry = 0;
    s->at.node = l->at.node != NOWHERE ? trie_child(l->at.trie, l->at.node, key.p, key.n) : NOWHERE;
    if (s->at.node != NOWHERE && l->at.trie->owned && is_foreign(s, l) &&
        (l->at.trie->nodes[s->at.node].flags & NODE_RAW) != 0) {
        s->at.node = NOWHERE;
    }
}

/* A key has come whole; what follows a NUL is no part of it, as in json-c. */
static void on_key(struct scan *s, struct span key)
{
    struct level *l = top(s);

    key.n = strnlen(key.p, key.n);
    find_member(s, l, key);
    if (l->raw) {
        uint32_t none = 0;

        if (l->comma) {
            bytes_add(&s->d.raw, ",", 1);
        }
        l->comma = true;
        bytes_escaped(&s->d.raw, key.p, key.n);
        bytes_add(&s->d.raw, ":", 1);
        if (!l->map && draft_seen(&s->d, l->serial, key, &none)) {
            s->d.twice = true;
        }
    }
    if (l->map) {
        uint32_t at = s->d.text.len;

        bytes_add(&s->d.text, key.p, key.n);
        bytes_add(&s->d.text, "", 1);
        s->at.entry = entry_of(s, l, at, key.n);
    }
}

/* The same for a key that came in pieces: it lies behind the texts. */
static void on_pieced_key(struct scan *s)
{
    size_t n = s->d.text.len - s->token;
    char *key = mem_alloc(n + 1); /* on_key() may move the texts */

    if (n > 0) {
        memcpy(key, s->d.text.p + s->token, n);
    }
    s->d.text.len = s->token;
    on_key(s, (struct span){key, n});
    mem_free(key);
}

/* --- strings --------------------------------------------------------------------------------- */

/* The first byte that is not a plain character of a string. */
static const char *special(const char *p, const char *end)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i low = _mm_set1_epi8(0x1f);

    for (; end - p >= 16; p += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(x, quote), _mm_cmpeq_epi8(x, slash));
        unsigned mask;

        hit = _mm_or_si128(hit, _mm_cmpeq_epi8(_mm_min_epu8(x, low), x));
        mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(hit, x));
        if (mask != 0) {
            return p + __builtin_ctz(mask);
        }
    }
#endif
    while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' &&
           *p != '\\') {
        p++;
    }
    return p;
}

static void keep_bytes(struct scan *s, const char *p, size_t n)
{
    if (s->keep && n > 0) {
        bytes_add(&s->d.text, p, n);
    }
}

static void begin_string(struct scan *s, bool key)
{
    s->key = key;
    s->token = s->d.text.len;
    s->tail = s->high = 0;
    s->state = STRING;
}

static void end_string(struct scan *s)
{
    if (!s->key) {
        end_scalar(s, JSON_STRING);
        return;
    }
    if (s->keep) {
        on_pieced_key(s);
    }
    s->state = COLON;
}

/* A high surrogate stayed alone: it becomes U+FFFD. */
static void drop_high(struct scan *s)
{
    if (s->high != 0) {
        keep_bytes(s, "\xef\xbf\xbd", 3);
        s->high = 0;
    }
}

/* UTF-8 as json-c checks it: lead bytes and their number of trails. */
static bool utf8_byte(struct scan *s, unsigned char c)
{
    if (s->tail > 0) {
        s->tail--;
        return (c & 0xc0) == 0x80;
    }
    s->tail = (c & 0xe0) == 0xc0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : (c & 0xf8) == 0xf0 ? 3 : 0;
    return s->tail > 0;
}

static const char *string_bytes(struct scan *s, const char *p, const char *end)
{
    const char *from = p;

    if (s->high != 0 && *p != '\\') {
        drop_high(s);
    }
    for (;;) {
        if (s->tail == 0) {
            p = special(p, end);
        }
        if (p == end || ((unsigned char)*p < 0x80)) {
            break;
        }
        if (!utf8_byte(s, (unsigned char)*p)) {
            fail(s, "invalid UTF-8");
            return p;
        }
        p++;
    }
    keep_bytes(s, from, (size_t)(p - from));
    if (p == end) {
        return p;
    }
    if (s->tail > 0) {
        fail(s, "invalid UTF-8");
    } else if ((unsigned char)*p < 0x20) {
        fail(s, "a control character within a string");
    } else if (*p++ == '"') {
        end_string(s);
    } else {
        s->state = ESCAPE;
    }
    return p;
}

static const char *escape_byte(struct scan *s, const char *p)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *at = *p != '\0' ? strchr(from, *p) : NULL;

    if (*p == 'u') {
        s->hex = s->hex_n = 0;
        s->state = HEX;
        return p + 1;
    }
    if (at == NULL) {
        fail(s, "an unknown escape");
        return p;
    }
    drop_high(s);
    keep_bytes(s, &to[at - from], 1);
    s->state = STRING;
    return p + 1;
}

static void keep_rune(struct scan *s, unsigned c)
{
    char u[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = n; i-- > 1; c >>= 6) {
        u[i] = (char)(0x80 | (c & 0x3f));
    }
    u[0] = (char)((n == 1 ? 0 : 0xf00u >> n & 0xffu) | c);
    keep_bytes(s, u, n);
}

static void end_hex(struct scan *s)
{
    unsigned c = s->hex;

    s->state = STRING;
    if (s->high != 0 && c >= 0xdc00 && c <= 0xdfff) {
        c = 0x10000 + ((s->high - 0xd800) << 10) + (c - 0xdc00);
        s->high = 0;
        keep_rune(s, c);
        return;
    }
    drop_high(s);
    if (c >= 0xd800 && c <= 0xdbff) {
        s->high = c;
    } else {
        keep_rune(s, c >= 0xdc00 && c <= 0xdfff ? 0xfffd : c);
    }
}

static const char *hex_byte(struct scan *s, const char *p)
{
    static const char hex[] = "0123456789abcdef";
    char c = *p >= 'A' && *p <= 'F' ? (char)(*p + 32) : *p;
    const char *at = c != '\0' ? strchr(hex, c) : NULL;

    if (at == NULL) {
        fail(s, "four hexadecimal digits were expected");
        return p;
    }
    s->hex = s->hex * 16 + (unsigned)(at - hex);
    if (++s->hex_n == 4) {
        end_hex(s);
    }
    return p + 1;
}

/* --- numbers and words ----------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes the byte into the number: false when it does not belong to it. */
static bool number_byte(struct scan *s, char c)
{
    switch (s->digits) {
    case MINUS:
        s->digits = c == '0' ? ZERO : WHOLE;
        return is_digit(c);
    case WHOLE:
        if (is_digit(c)) {
            return true;
        }
        /* fall through */
    case ZERO:
        s->digits = c == '.' ? POINT : c == 'e' || c == 'E' ? EXP : s->digits;
        return c == '.' || c == 'e' || c == 'E';
    case POINT:
        s->digits = is_digit(c) ? FRACTION : POINT;
        return is_digit(c);
    case FRACTION:
        s->digits = c == 'e' || c == 'E' ? EXP : FRACTION;
        return is_digit(c) || c == 'e' || c == 'E';
    case EXP:
        s->digits = is_digit(c) ? EXP_DIGITS : c == '+' || c == '-' ? EXP_SIGN : EXP;
        return is_digit(c) || c == '+' || c == '-';
    case EXP_SIGN:
        s->digits = is_digit(c) ? EXP_DIGITS : EXP_SIGN;
        return is_digit(c);
    case EXP_DIGITS:
    default:
        return is_digit(c);
    }
}

/* Whole numbers read as json-c writes them: clamped, and without a minus before 0. */
static void settle_number(struct scan *s)
{
    uint32_t n = s->d.text.len - s->token;
    char text[24];
    int len;

    if (s->digits > WHOLE || (n < 19 && !(n == 2 && s->d.text.p[s->token] == '-'))) {
        return;
    }
    bytes_add(&s->d.text, "", 1);
    if (s->d.text.p[s->token] == '-') {
        len = snprintf(text, sizeof text, "%lld", strtoll(s->d.text.p + s->token, NULL, 10));
    } else {
        len = snprintf(text, sizeof text, "%llu", strtoull(s->d.text.p + s->token, NULL, 10));
    }
    s->d.text.len = s->token;
    bytes_add(&s->d.text, text, (size_t)len);
}

static bool number_is_whole(const struct scan *s)
{
    return s->digits == ZERO || s->digits == WHOLE || s->digits == FRACTION ||
           s->digits == EXP_DIGITS;
}

static void end_number(struct scan *s)
{
    if (!number_is_whole(s)) {
        fail(s, s->digits == MINUS ? "a value was expected" : "a digit was expected");
        return;
    }
    if (s->keep) {
        settle_number(s);
    }
    end_scalar(s, s->digits > WHOLE ? JSON_DOUBLE : JSON_INT);
}

static const char *number_bytes(struct scan *s, const char *p, const char *end)
{
    const char *from = p;

    for (; p < end; p++) {
        enum digits before = s->digits;

        if (!number_byte(s, *p)) {
            s->digits = before;
            keep_bytes(s, from, (size_t)(p - from));
            end_number(s);
            return p;
        }
    }
    keep_bytes(s, from, (size_t)(p - from));
    return p;
}

static const char *word_bytes(struct scan *s, const char *p, const char *end)
{
    for (; p < end && *s->word != '\0'; p++, s->word++) {
        if (*p != *s->word) {
            fail(s, "a value was expected");
            return p;
        }
    }
    if (*s->word == '\0') {
        end_scalar(s, s->word_kind);
    }
    return p;
}

static void begin_word(struct scan *s, const char *word, enum json_kind kind)
{
    s->token = s->d.text.len;
    keep_bytes(s, word, strlen(word));
    s->word = word;
    s->word_kind = kind;
    s->state = WORD;
}

/* --- the machine ----------------------------------------------------------------------------- */

static const char *value_byte(struct scan *s, const char *p)
{
    if (s->state == FIRST_VALUE && *p == ']') {
        close_value(s);
        return p + 1;
    }
    if (!begin_value(s)) {
        return p;
    }
    switch (*p) {
    case '{':
    case '[':
        open_value(s, *p == '{');
        return p + 1;
    case '"':
        begin_string(s, false);
        return p + 1;
    case 't':
        begin_word(s, "true", JSON_BOOL);
        return p;
    case 'f':
        begin_word(s, "false", JSON_BOOL);
        return p;
    case 'n':
        begin_word(s, "null", JSON_NULL);
        return p;
    default:
        if (*p != '-' && !is_digit(*p)) {
            fail(s, "a value was expected");
            return p;
        }
        s->digits = *p == '-' ? MINUS : *p == '0' ? ZERO : WHOLE;
        s->token = s->d.text.len;
        keep_bytes(s, p, 1);
        s->state = NUMBER;
        return p + 1;
    }
}

static const char *key_byte(struct scan *s, const char *p, const char *end)
{
    const char *q;

    if (s->state == FIRST_KEY && *p == '}') {
        close_value(s);
        return p + 1;
    }
    if (*p != '"') {
        fail(s, "a string was expected");
        return p;
    }
    s->keep = is_live(s);
    q = s->keep ? special(p + 1, end) : end;
    if (q < end && *q == '"') {
        on_key(s, (struct span){p + 1, (size_t)(q - p - 1)});
        s->state = COLON;
        return q + 1;
    }
    begin_string(s, true);
    return p + 1;
}

static const char *after_byte(struct scan *s, const char *p)
{
    bool object = in_object(s);

    if (*p == ',') {
        s->state = object ? KEY : VALUE;
    } else if (*p == (object ? '}' : ']')) {
        close_value(s);
    } else {
        fail(s, "',' or a closing bracket was expected");
        return p;
    }
    return p + 1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* One token, or as much of it as there is; p < end. */
static const char *step(struct scan *s, const char *p, const char *end)
{
    if (s->state < STRING && is_blank(*p)) {
        return p + 1;
    }
    switch (s->state) {
    case VALUE:
    case FIRST_VALUE:
        return value_byte(s, p);
    case KEY:
    case FIRST_KEY:
        return key_byte(s, p, end);
    case COLON:
        if (*p != ':') {
            fail(s, "':' was expected");
            return p;
        }
        s->state = VALUE;
        return p + 1;
    case AFTER:
        return after_byte(s, p);
    case STRING:
        return string_bytes(s, p, end);
    case ESCAPE:
        return escape_byte(s, p);
    case HEX:
        return hex_byte(s, p);
    case NUMBER:
        return number_bytes(s, p, end);
    case WORD:
        return word_bytes(s, p, end);
    case DONE:
    case FAILED:
    default:
        return p;
    }
}

static int refuse(struct scan *s, struct err *e)
{
    if (s->each_failed) {
        *e = s->each_err;
        return -1;
    }
    return err_set(e, ERR_INVALID, "MalformedJSON", "malformed JSON at offset %zu: %s", s->bytes,
                   s->why);
}

static int outcome(struct scan *s, struct err *e)
{
    if (s->state == FAILED) {
        return refuse(s, e);
    }
    if (s->bytes > s->max) {
        s->state = FAILED;
        s->why = "too large";
        return err_set(e, ERR_INVALID, "ValueTooLarge", "a value is larger than %zu bytes", s->max);
    }
    return s->state == DONE ? 1 : 0;
}

int scan_feed(struct scan *s, struct span *chunk, struct err *e)
{
    const char *p = chunk->p, *end = p != NULL ? p + chunk->n : p;

    if (s->state == DONE) {
        scan_reset(s);
    }
    while (!s->begun && p < end && is_blank(*p)) {
        p++;
    }
    *chunk = (struct span){p, (size_t)(end - p)};
    if (p == end && s->state != FAILED) {
        return 0;
    }
    s->begun = true;
    while (p < end && s->state < DONE) {
        p = step(s, p, end);
    }
    s->bytes += (size_t)(p - chunk->p);
    *chunk = (struct span){p, (size_t)(end - p)};
    return outcome(s, e);
}

int scan_end(struct scan *s, struct err *e)
{
    if (s->state == NUMBER && s->depth == 0) {
        end_number(s);
        return outcome(s, e);
    }
    if (s->state == FAILED || scan_is_idle(s)) {
        return s->state == FAILED ? refuse(s, e) : 0;
    }
    fail(s, "the document does not end");
    return refuse(s, e);
}

int scan_rec(struct scan *s, size_t part, struct arena *a, const struct rec **ret,
             uint32_t *ret_size, struct err *e)
{
    struct recbuf b = {.a = a};

    draft_rec(&s->d, s->trie, part, s->root, &b);
    return recbuf_seal(&b, ret, ret_size, e);
}

int scan_item(struct scan *s, struct arena *a, const struct rec **ret, uint32_t *ret_size,
              struct err *e)
{
    struct recbuf b = {.a = a};

    draft_rec(&s->d, s->trie->nodes[s->each_node].items, 0, s->item_at, &b);
    return recbuf_seal(&b, ret, ret_size, e);
}
