/* Quantities against exact arithmetic in big numbers, and the order of resource versions. */
#include <openssl/bn.h>
#include <string.h>

#include "api/rec.h"
#include "support/fuzz.h"

struct reading {
    char digits[64]; /* significant, without a point */
    long exp10, exp2;
    bool ok;
};

/* Digits with a point perhaps; NULL without any, or with more than 27 significant ones. */
static const char *read_digits(const char *s, struct reading *r)
{
    size_t n = 0, any = 0;
    bool point = false;

    for (; (*s >= '0' && *s <= '9') || (*s == '.' && !point); s++) {
        point = point || *s == '.';
        any += *s != '.';
        r->exp10 -= point && *s != '.';
        if (*s != '.' && (n > 0 || *s != '0')) {
            r->digits[n++] = *s;
        }
        if (n > 27) {
            return NULL;
        }
    }
    r->digits[n] = '\0';
    return any > 0 ? s : NULL;
}

static bool read_suffix(const char *s, struct reading *r)
{
    static const char *const suffix[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
    static const char *const binary[] = {"Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

    for (size_t i = 0; i < ARRAY_LEN(suffix); i++) {
        if (strcmp(s, suffix[i]) == 0) {
            r->exp10 += 3 * ((long)i - 3);
            return true;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(binary); i++) {
        if (strcmp(s, binary[i]) == 0) {
            r->exp2 = 10 * ((long)i + 1);
            return true;
        }
    }
    return false;
}

static bool read_exponent(const char *s, struct reading *r)
{
    size_t sign = (*s | 32) == 'e' && (s[1] == '+' || s[1] == '-') ? 2 : 1;
    size_t len = (*s | 32) == 'e' ? strspn(s + sign, "0123456789") : 0;

    if (len < 1 || len > 2 || s[sign + len] != '\0') {
        return false;
    }
    r->exp10 += strtol(s + 1, NULL, 10);
    return true;
}

/* The grammar of apimachinery's quantities, without a minus; at most 27 significant digits. */
static struct reading read_quantity(const char *s)
{
    struct reading r = {.ok = false};

    s = read_digits(s + (*s == '+'), &r);
    r.ok = s != NULL && (read_suffix(s, &r) || read_exponent(s, &r));
    return r;
}

/* Whole units, rounded up; -1 past 64 bits. */
static int64_t exactly(const struct reading *r)
{
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *value = NULL, *ten = BN_new(), *power = BN_new(), *rest = BN_new();
    int64_t ret = -1;

    BN_dec2bn(&value, *r->digits != '\0' ? r->digits : "0");
    BN_lshift(value, value, (int)r->exp2);
    BN_set_word(ten, 10);
    BN_set_word(power, (BN_ULONG)labs(r->exp10));
    BN_exp(power, ten, power, ctx);
    if (r->exp10 >= 0) {
        BN_mul(value, value, power, ctx);
    } else {
        BN_div(value, rest, value, power, ctx);
        BN_add_word(value, BN_is_zero(rest) ? 0 : 1);
    }
    if (BN_num_bits(value) < 64) {
        ret = (int64_t)BN_get_word(value);
    }
    BN_free(value);
    BN_free(ten);
    BN_free(power);
    BN_free(rest);
    BN_CTX_free(ctx);
    return ret;
}

static void check_quantity(const char *s)
{
    struct reading r = read_quantity(s);
    int64_t want = r.ok ? exactly(&r) : -1, have = -1;

    if (quantity_parse(s, &have) < 0) {
        have = -1;
    }
    law(have == want, "'%s' is %lld, not %lld", s, (long long)want, (long long)have);
}

static int sign_of(int v)
{
    return (v > 0) - (v < 0);
}

static void check_versions(const char *x, const char *y)
{
    BIGNUM *a = NULL, *b = NULL;

    law(rv_compare(x, y) == -rv_compare(y, x) ||
            sign_of(rv_compare(x, y)) == -sign_of(rv_compare(y, x)),
        "'%s' '%s'", x, y);
    if (*x == '\0' || *y == '\0' || !rv_is_valid(x) || !rv_is_valid(y)) {
        return;
    }
    BN_dec2bn(&a, x);
    BN_dec2bn(&b, y);
    law(sign_of(rv_compare(x, y)) == sign_of(BN_cmp(a, b)), "'%s' '%s'", x, y);
    BN_free(a);
    BN_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[128] = "";

    if (n >= sizeof text) {
        return 0;
    }
    memcpy(text, data, n);
    check_quantity(text);
    check_versions(text, text + strnlen(text, n) + (strnlen(text, n) < n));
    return 0;
}

FUZZ_TARGET("quantity", a_quantity_is_what_exact_arithmetic_says);
