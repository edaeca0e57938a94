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
    ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
    ".nan", ".NaN", ".NAN",
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

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? in JSON's spelling; NULL when it is no such. */
static const char *decimal(struct arena *a, const char *s)
{
    const char *sign = *s == '-' ? "-" : "", *whole, *part = "", *power = "";
    size_t whole_n, part_n = 0;

    whole = s + (*s == '-' || *s == '+' ? 1 : 0);
    whole_n = strspn(whole, DIGITS);
    s = whole + whole_n;
    if (*s == '.') {
        part = s + 1;
        part_n = strspn(part, DIGITS);
        s = part + part_n;
    }
    if (whole_n + part_n == 0) {
        return NULL;
    }
    if (*s == 'e' || *s == 'E') {
        power = s;
        s += s[1] == '-' || s[1] == '+' ? 2 : 1;
        if (*s == '\0') {
            return NULL;
        }
        s += strspn(s, DIGITS);
    }
    if (*s != '\0') {
        return NULL;
    }
    for (; whole_n > 1 && *whole == '0'; whole_n--) {
        whole++;
    }
    return arena_printf(a, "%s%.*s%s%.*s%s", sign, whole_n > 0 ? (int)whole_n : 1,
                        whole_n > 0 ? whole : "0", part_n > 0 ? "." : "", (int)part_n, part, power);
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
