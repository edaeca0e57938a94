/* scan.c — a JSON tokenizer that can stop at any byte, and the path it is at. */
#include "api/scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "api/scanner.h"
#include "base/limits.h"
#include "base/mem.h"

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
        place_scalar(s, JSON_STRING);
        return;
    }
    if (s->keep) {
        place_pieced_key(s);
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
            scan_fail(s, "invalid UTF-8");
            return p;
        }
        p++;
    }
    keep_bytes(s, from, (size_t)(p - from));
    if (p == end) {
        return p;
    }
    if (s->tail > 0) {
        scan_fail(s, "invalid UTF-8");
    } else if ((unsigned char)*p < 0x20) {
        scan_fail(s, "a control character within a string");
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
        scan_fail(s, "an unknown escape");
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
        scan_fail(s, "four hexadecimal digits were expected");
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

enum { BYTE_ZERO = 1, BYTE_DIGIT, BYTE_POINT, BYTE_EXP, BYTE_SIGN, BYTE_KINDS };

static unsigned number_kind(char c)
{
    return c == '0'               ? BYTE_ZERO
           : is_digit(c)          ? BYTE_DIGIT
           : c == '.'             ? BYTE_POINT
           : (c | 0x20) == 'e'    ? BYTE_EXP
           : c == '+' || c == '-' ? BYTE_SIGN
                                  : 0;
}

/* What a number is after one more byte, plus one; 0: the byte does not belong to it. */
static const unsigned char next_digits[][BYTE_KINDS] = {
    [MINUS] = {[BYTE_ZERO] = ZERO + 1, [BYTE_DIGIT] = WHOLE + 1},
    [ZERO] = {[BYTE_POINT] = POINT + 1, [BYTE_EXP] = EXP + 1},
    [WHOLE] = {[BYTE_ZERO] = WHOLE + 1,
               [BYTE_DIGIT] = WHOLE + 1,
               [BYTE_POINT] = POINT + 1,
               [BYTE_EXP] = EXP + 1},
    [POINT] = {[BYTE_ZERO] = FRACTION + 1, [BYTE_DIGIT] = FRACTION + 1},
    [FRACTION] = {[BYTE_ZERO] = FRACTION + 1, [BYTE_DIGIT] = FRACTION + 1, [BYTE_EXP] = EXP + 1},
    [EXP] =
        {[BYTE_ZERO] = EXP_DIGITS + 1, [BYTE_DIGIT] = EXP_DIGITS + 1, [BYTE_SIGN] = EXP_SIGN + 1},
    [EXP_SIGN] = {[BYTE_ZERO] = EXP_DIGITS + 1, [BYTE_DIGIT] = EXP_DIGITS + 1},
    [EXP_DIGITS] = {[BYTE_ZERO] = EXP_DIGITS + 1, [BYTE_DIGIT] = EXP_DIGITS + 1},
};

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
        scan_fail(s, s->digits == MINUS ? "a value was expected" : "a digit was expected");
        return;
    }
    if (s->keep) {
        settle_number(s);
    }
    place_scalar(s, s->digits > WHOLE ? JSON_DOUBLE : JSON_INT);
}

static const char *number_bytes(struct scan *s, const char *p, const char *end)
{
    const char *from = p;

    for (; p < end; p++) {
        unsigned next = next_digits[s->digits][number_kind(*p)];

        if (next == 0) {
            keep_bytes(s, from, (size_t)(p - from));
            end_number(s);
            return p;
        }
        s->digits = (enum digits)(next - 1);
    }
    keep_bytes(s, from, (size_t)(p - from));
    return p;
}

static const char *word_bytes(struct scan *s, const char *p, const char *end)
{
    for (; p < end && *s->word != '\0'; p++, s->word++) {
        if (*p != *s->word) {
            scan_fail(s, "a value was expected");
            return p;
        }
    }
    if (*s->word == '\0') {
        place_scalar(s, s->word_kind);
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

static const char *value_byte(struct scan *s, const char *p, const char *end)
{
    if (s->state == FIRST_VALUE && *p == ']') {
        place_close(s);
        return p + 1;
    }
    if (!place_begin(s)) {
        return p;
    }
    switch (*p) {
    case '{':
    case '[':
        place_open(s, *p == '{');
        return p + 1;
    case '"':
        begin_string(s, false);
        return p + 1 < end ? string_bytes(s, p + 1, end) : p + 1;
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
            scan_fail(s, "a value was expected");
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
        place_close(s);
        return p + 1;
    }
    if (*p != '"') {
        scan_fail(s, "a string was expected");
        return p;
    }
    s->keep = scan_is_live(s);
    q = special(p + 1, end);
    if (q < end && *q == '"') { /* whole and plain, as nearly all are */
        if (s->keep) {
            place_key(s, (struct span){p + 1, (size_t)(q - p - 1)});
        }
        if (end - q > 1 && q[1] == ':') {
            s->state = VALUE;
            return q + 2;
        }
        s->state = COLON;
        return q + 1;
    }
    begin_string(s, true);
    return p + 1;
}

static bool in_object(const struct scan *s)
{
    unsigned i = s->depth - 1;

    return (s->kinds[i / 64] >> i % 64 & 1) != 0;
}

static const char *after_byte(struct scan *s, const char *p)
{
    bool object = in_object(s);

    if (*p == ',') {
        s->state = object ? KEY : VALUE;
    } else if (*p == (object ? '}' : ']')) {
        place_close(s);
    } else {
        scan_fail(s, "',' or a closing bracket was expected");
        return p;
    }
    return p + 1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *colon_byte(struct scan *s, const char *p)
{
    if (*p != ':') {
        scan_fail(s, "':' was expected");
        return p;
    }
    s->state = VALUE;
    return p + 1;
}

/* One token, or as much of it as there is; p < end. */
static const char *step(struct scan *s, const char *p, const char *end)
{
    switch (s->state) {
    case VALUE:
    case FIRST_VALUE:
        return value_byte(s, p, end);
    case KEY:
    case FIRST_KEY:
        return key_byte(s, p, end);
    case COLON:
        return colon_byte(s, p);
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
        p = s->state < STRING && is_blank(*p) ? p + 1 : step(s, p, end);
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
    scan_fail(s, "the document does not end");
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
