#include "json/check.h"

#include <stdbool.h>
#include <string.h>

struct scan {
    const char *p;
    size_t n, i;
    int depth, max_depth, deepest;
    const char *why;
};

static bool fail(struct scan *s, const char *why)
{
    s->why = s->why != NULL ? s->why : why;
    return false;
}

/* The next byte, or NUL at the end (a NUL is nowhere allowed either). */
static char peek(const struct scan *s)
{
    return s->i < s->n ? s->p[s->i] : '\0';
}

static bool take(struct scan *s, char c)
{
    if (peek(s) != c || c == '\0') {
        return false;
    }
    s->i++;
    return true;
}

static void skip_blanks(struct scan *s)
{
    while (take(s, ' ') || take(s, '\n') || take(s, '\t') || take(s, '\r')) {
    }
}

static size_t take_digits(struct scan *s)
{
    size_t start = s->i;

    while (peek(s) >= '0' && peek(s) <= '9') {
        s->i++;
    }
    return s->i - start;
}

static bool number(struct scan *s)
{
    take(s, '-');
    if (!take(s, '0') && take_digits(s) == 0) {
        return fail(s, "a value was expected");
    }
    if (take(s, '.') && take_digits(s) == 0) {
        return fail(s, "a digit was expected");
    }
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+')) {
            take(s, '-');
        }
        return take_digits(s) > 0 || fail(s, "a digit was expected");
    }
    return true;
}

static bool escape(struct scan *s)
{
    static const char hex[] = "0123456789abcdefABCDEF";

    if (!take(s, 'u')) {
        if (peek(s) == '\0' || strchr("\"\\/bfnrt", peek(s)) == NULL) {
            return fail(s, "an unknown escape");
        }
        s->i++;
        return true;
    }
    for (int k = 0; k < 4; k++, s->i++) {
        if (peek(s) == '\0' || strchr(hex, peek(s)) == NULL) {
            return fail(s, "four hexadecimal digits were expected");
        }
    }
    return true;
}

static bool string(struct scan *s)
{
    if (!take(s, '"')) {
        return fail(s, "a string was expected");
    }
    while (!take(s, '"')) {
        if (s->i >= s->n) {
            return fail(s, "a string does not end");
        }
        if ((unsigned char)peek(s) < 0x20) {
            return fail(s, "a control character within a string");
        }
        if (s->p[s->i++] == '\\' && !escape(s)) {
            return false;
        }
    }
    return true;
}

static bool word(struct scan *s, const char *text)
{
    size_t n = strlen(text);

    if (s->n - s->i < n || memcmp(s->p + s->i, text, n) != 0) {
        return fail(s, "a value was expected");
    }
    s->i += n;
    return true;
}

static bool value(struct scan *s);

/* The inside of an array or object, behind the opening bracket. */
static bool members(struct scan *s, char close, bool keys)
{
    skip_blanks(s);
    if (take(s, close)) {
        return true;
    }
    for (;;) {
        skip_blanks(s);
        if (keys) {
            if (!string(s)) {
                return false;
            }
            skip_blanks(s);
            if (!take(s, ':')) {
                return fail(s, "':' was expected");
            }
        }
        if (!value(s)) {
            return false;
        }
        if (take(s, close)) {
            return true;
        }
        if (!take(s, ',')) {
            return fail(s, "',' or a closing bracket was expected");
        }
    }
}

/* A value and the blanks around it. */
static bool value(struct scan *s)
{
    bool ok;

    skip_blanks(s);
    if (++s->depth > s->max_depth) {
        return fail(s, "nested too deeply");
    }
    s->deepest = s->depth > s->deepest ? s->depth : s->deepest;
    if (take(s, '{')) {
        ok = members(s, '}', true);
    } else if (take(s, '[')) {
        ok = members(s, ']', false);
    } else if (peek(s) == '"') {
        ok = string(s);
    } else if (peek(s) == 't') {
        ok = word(s, "true");
    } else if (peek(s) == 'f') {
        ok = word(s, "false");
    } else if (peek(s) == 'n') {
        ok = word(s, "null");
    } else {
        ok = number(s);
    }
    s->depth--;
    skip_blanks(s);
    return ok;
}

const char *json_check(const char *p, size_t n, int max_depth, struct json_shape *ret)
{
    struct scan s = {.p = p, .n = n, .max_depth = max_depth};

    if (value(&s) && s.i < s.n) {
        fail(&s, "unexpected bytes after the document");
    }
    *ret = (struct json_shape){s.i, s.deepest};
    return s.why;
}
