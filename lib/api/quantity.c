/* quantity.c — Kubernetes quantities as whole units, and the order of resource versions. */
#include <string.h>

#include "api/rec.h"

#define QUANTITY_DIGITS 27 /* significant digits: more than any sane quantity, and no overflow */
#define DIVISOR_MAX ((unsigned __int128)1 << 120)

struct suffix {
    const char *text;
    int exp10, exp2;
};

static const struct suffix suffixes[] = {
    {"", 0, 0},    {"n", -9, 0},  {"u", -6, 0},  {"m", -3, 0},  {"k", 3, 0},   {"M", 6, 0},
    {"G", 9, 0},   {"T", 12, 0},  {"P", 15, 0},  {"E", 18, 0},  {"Ki", 0, 10}, {"Mi", 0, 20},
    {"Gi", 0, 30}, {"Ti", 0, 40}, {"Pi", 0, 50}, {"Ei", 0, 60},
};

struct number {
    unsigned __int128 digits; /* value = digits × 10^exp10 × 2^exp2 */
    int count;                /* significant digits read */
    bool any;
    int exp10, exp2;
};

static const char *read_digits(const char *s, struct number *n, bool fraction)
{
    for (; *s >= '0' && *s <= '9'; s++) {
        n->any = true;
        n->count += n->digits > 0 || *s != '0' ? 1 : 0;
        if (n->count > QUANTITY_DIGITS) {
            return NULL;
        }
        n->digits = n->digits * 10 + (unsigned)(*s - '0');
        n->exp10 -= fraction ? 1 : 0;
    }
    return s;
}

/* "e3", "E-3": -1 unless a whole exponent of at most two digits follows. */
static int read_exponent(const char *s, struct number *n)
{
    int sign = *s == '-' ? -1 : 1, value = 0, count = 0;

    s += *s == '-' || *s == '+' ? 1 : 0;
    for (; *s >= '0' && *s <= '9' && count < 2; s++, count++) {
        value = value * 10 + (*s - '0');
    }
    n->exp10 += sign * value;
    return count > 0 && *s == '\0' ? 0 : -1;
}

static int read_suffix(const char *s, struct number *n)
{
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
        if (strcmp(s, suffixes[i].text) == 0) {
            n->exp10 += suffixes[i].exp10;
            n->exp2 = suffixes[i].exp2;
            return 0;
        }
    }
    return *s == 'e' || *s == 'E' ? read_exponent(s + 1, n) : -1;
}

/* Rounds up; -1 past INT64_MAX. Divided by the power of ten first, then doubled with its rest. */
static int whole_units(struct number n, int64_t *ret)
{
    unsigned __int128 units = n.digits, divisor = 1, rest;

    for (; n.exp10 > 0 && units > 0; n.exp10--) {
        if (__builtin_mul_overflow(units, (unsigned __int128)10, &units)) {
            return -1;
        }
    }
    for (; n.exp10 < 0 && divisor <= DIVISOR_MAX; n.exp10++) { /* beyond it the result is 0 or 1 */
        divisor *= 10;
    }
    rest = units % divisor;
    units /= divisor;
    for (; n.exp2 > 0 && units <= INT64_MAX; n.exp2--) {
        unsigned carry = rest * 2 >= divisor ? 1 : 0;

        rest = rest * 2 - (carry ? divisor : 0);
        units = units * 2 + carry;
    }
    units += rest != 0 ? 1 : 0;
    if (units > INT64_MAX) {
        return -1;
    }
    *ret = (int64_t)units;
    return 0;
}

int quantity_parse(const char *s, int64_t *ret_units)
{
    struct number n = {0};

    if (s == NULL) {
        return -1;
    }
    s = read_digits(s + (*s == '+' ? 1 : 0), &n, false);
    if (s != NULL && *s == '.') {
        s = read_digits(s + 1, &n, true);
    }
    if (s == NULL || !n.any || read_suffix(s, &n) < 0) {
        return -1;
    }
    return whole_units(n, ret_units);
}

int rv_compare(const char *a, const char *b)
{
    size_t n = a != NULL ? strlen(a) : 0, m = b != NULL ? strlen(b) : 0;

    if (n != m) {
        return n < m ? -1 : 1;
    }
    return n == 0 ? 0 : memcmp(a, b, n);
}

bool rv_is_valid(const char *rv)
{
    if (rv == NULL || (rv[0] == '0' && rv[1] != '\0')) {
        return false;
    }
    return rv[strspn(rv, "0123456789")] == '\0';
}
