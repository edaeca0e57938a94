#include "yaml/scalar.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/span.h"
#include "json/jsonw.h"

#define DIGITS "0123456789"

const char *scalar_string(struct arena *a, const char *s)
{
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_str(&w, NULL, s);
    return jsonw_text(&w);
}

static bool is_one_of(const char *s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(s, words[i])) {
            return true;
        }
    }
    return false;
}

static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
static const char *const trues[] = {"true", "True", "TRUE"};
static const char *const falses[] = {"false", "False", "FALSE"};
static const char *const specials[] = {
    ".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf", "+.INF",
    "-.inf", "-.Inf", "-.INF", ".nan",  ".NaN",  ".NAN",
};

/* The base of an integer and where its digits begin; 0 when it is none. */
static int int_base(const char *s, const char **ret_digits)
{
    const char *d = s + (*s == '-' || *s == '+' ? 1 : 0);

    *ret_digits = s;
    if (*d != '\0' && d[strspn(d, DIGITS)] == '\0') {
        return 10;
    }
    *ret_digits = s + 2;
    if (strncmp(s, "0o", 2) == 0 && s[2] != '\0' && s[2 + strspn(s + 2, "01234567")] == '\0') {
        return 8;
    }
    if (strncmp(s, "0x", 2) == 0 && s[2] != '\0' &&
        s[2 + strspn(s + 2, DIGITS "abcdefABCDEF")] == '\0') {
        return 16;
    }
    return 0;
}

/* The parts of [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
struct decimal {
    bool negative;
    struct span whole, part; /* digits before and after the point */
    const char *power;       /* "e3", or "" */
};

static struct span digits_at(const char *s)
{
    return (struct span){s, strspn(s, DIGITS)};
}

/* "", or "e", a sign and digits up to the end. */
static bool is_power(const char *s)
{
    size_t n;

    if (*s == '\0') {
        return true;
    }
    if (*s != 'e' && *s != 'E') {
        return false;
    }
    s += s[1] == '-' || s[1] == '+' ? 2 : 1;
    n = strspn(s, DIGITS);
    return n > 0 && s[n] == '\0';
}

static bool split_decimal(const char *s, struct decimal *d)
{
    d->negative = *s == '-';
    d->whole = digits_at(s + (*s == '-' || *s == '+' ? 1 : 0));
    d->power = d->whole.p + d->whole.n;
    d->part = (struct span){d->power, 0};
    if (*d->power == '.') {
        d->part = digits_at(d->power + 1);
        d->power = d->part.p + d->part.n;
    }
    return d->whole.n + d->part.n > 0 && is_power(d->power);
}

/* A decimal in JSON's spelling; NULL when it is none. */
static const char *decimal(struct arena *a, const char *s)
{
    struct decimal d;

    if (!split_decimal(s, &d)) {
        return NULL;
    }
    for (; d.whole.n > 1 && *d.whole.p == '0'; d.whole.n--) {
        d.whole.p++;
    }
    if (d.whole.n == 0) {
        d.whole = span_of("0");
    }
    return arena_printf(a, "%s%.*s%s%.*s%s", d.negative ? "-" : "", (int)d.whole.n, d.whole.p,
                        d.part.n > 0 ? "." : "", (int)d.part.n, d.part.p, d.power);
}

const char *scalar_plain(struct arena *a, const char *s, const char **why)
{
    const char *digits, *number;
    int base = int_base(s, &digits);

    if (is_one_of(s, nulls, ARRAY_LEN(nulls))) {
        return "null";
    }
    if (is_one_of(s, trues, ARRAY_LEN(trues))) {
        return "true";
    }
    if (is_one_of(s, falses, ARRAY_LEN(falses))) {
        return "false";
    }
    if (base > 0) {
        long long v;

        errno = 0;
        v = strtoll(digits, NULL, base);
        *why = "an integer does not fit 64 bits; write it in quotes if it is text";
        return errno == 0 ? arena_printf(a, "%lld", v) : NULL;
    }
    if (is_one_of(s, specials, ARRAY_LEN(specials))) {
        *why = "infinity and not-a-number are refused; write it in quotes if it is text";
        return NULL;
    }
    number = decimal(a, s);
    return number != NULL ? number : scalar_string(a, s);
}

void keys_add(struct keys *k, const char *key, size_t n)
{
    if ((k->count & (k->count - 1)) == 0) { /* the capacity is the next power of two */
        k->list = mem_resize(k->list, (k->count > 0 ? k->count * 2 : 1) * sizeof *k->list);
    }
    k->list[k->count++] = mem_strndup(key, n);
}

static int by_bytes(const void *x, const void *y)
{
    return strcmp(*(char *const *)x, *(char *const *)y);
}

bool keys_differ(struct keys *k)
{
    if (k->count > 1) {
        qsort(k->list, k->count, sizeof *k->list, by_bytes);
    }
    for (size_t i = 1; i < k->count; i++) {
        if (strcmp(k->list[i - 1], k->list[i]) == 0) {
            return false;
        }
    }
    return true;
}

void keys_done(struct keys *k)
{
    for (size_t i = 0; i < k->count; i++) {
        mem_free(k->list[i]);
    }
    mem_free(k->list);
}
