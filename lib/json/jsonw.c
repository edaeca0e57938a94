#include "json/jsonw.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

void jsonw_init(struct jsonw *w, struct arena *a)
{
    memset(w, 0, sizeof *w);
    w->a = a;
}

static void put(struct jsonw *w, const char *p, size_t n)
{
    if (w->len + n + 1 > w->cap) {
        size_t cap = w->cap > 0 ? w->cap : 256;
        char *bigger;

        while (cap < w->len + n + 1) {
            cap *= 2;
        }
        bigger = arena_alloc(w->a, cap);
        if (w->len > 0) {
            memcpy(bigger, w->data, w->len);
        }
        w->data = bigger;
        w->cap = cap;
    }
    memcpy(w->data + w->len, p, n);
    w->len += n;
    w->data[w->len] = '\0';
}

/* Bytes from p on that stand for themselves. */
static size_t plain_run(const unsigned char *p)
{
    size_t n = 0;

    while (p[n] >= 0x20 && p[n] < 0x7f && p[n] != '"' && p[n] != '\\') {
        n++;
    }
    return n;
}

static void put_string(struct jsonw *w, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    char esc[8];

    put(w, "\"", 1);
    while (*p != '\0') {
        size_t run = plain_run(p), n;

        if (run > 0) {
            put(w, (const char *)p, run);
            p += run;
            continue;
        }
        n = utf8_len((const char *)p);
        if (n == 0) {
            put(w, UTF8_REPLACEMENT, 3);
            p++;
            continue;
        }
        if (*p == '"' || *p == '\\') {
            put(w, "\\", 1);
            put(w, (const char *)p, 1);
        } else if (*p < 0x20 || *p == 0x7f) {
            put(w, esc, (size_t)snprintf(esc, sizeof esc, "\\u%04x", *p));
        } else {
            put(w, (const char *)p, n);
        }
        p += n;
    }
    put(w, "\"", 1);
}

static void lead(struct jsonw *w, const char *key)
{
    if (w->comma) {
        put(w, ",", 1);
    }
    w->comma = true;
    assert(w->depth == 0 || (w->close[w->depth - 1] == '}') == (key != NULL));
    if (key != NULL) {
        put_string(w, key);
        put(w, ":", 1);
    }
}

static void open_level(struct jsonw *w, const char *key, char opening, char closing)
{
    lead(w, key);
    assert(w->depth < JSONW_DEPTH);
    put(w, &opening, 1);
    w->close[w->depth++] = closing;
    w->comma = false;
}

void jsonw_obj(struct jsonw *w, const char *key)
{
    open_level(w, key, '{', '}');
}

void jsonw_arr(struct jsonw *w, const char *key)
{
    open_level(w, key, '[', ']');
}

void jsonw_end(struct jsonw *w)
{
    assert(w->depth > 0);
    put(w, &w->close[--w->depth], 1);
    w->comma = true;
}

void jsonw_str(struct jsonw *w, const char *key, const char *value)
{
    lead(w, key);
    if (value == NULL) {
        put(w, "null", 4);
    } else {
        put_string(w, value);
    }
}

void jsonw_opt(struct jsonw *w, const char *key, const char *value)
{
    if (value != NULL && *value != '\0') {
        jsonw_str(w, key, value);
    }
}

void jsonw_fmt(struct jsonw *w, const char *key, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    jsonw_str(w, key, arena_vprintf(w->a, fmt, ap));
    va_end(ap);
}

void jsonw_int(struct jsonw *w, const char *key, int64_t value)
{
    char text[24];

    lead(w, key);
    put(w, text, (size_t)snprintf(text, sizeof text, "%" PRId64, value));
}

void jsonw_bool(struct jsonw *w, const char *key, bool value)
{
    lead(w, key);
    put(w, value ? "true" : "false", value ? 4 : 5);
}

void jsonw_raw(struct jsonw *w, const char *key, const char *json, size_t n)
{
    lead(w, key);
    put(w, json, n);
}

void jsonw_json(struct jsonw *w, const char *key, const struct json *j)
{
    const char *text = json_text(w->a, j);

    jsonw_raw(w, key, text, strlen(text));
}

const char *jsonw_text(struct jsonw *w)
{
    assert(w->depth == 0);
    return w->data != NULL ? w->data : "";
}
