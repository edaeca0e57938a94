#include <ctype.h>

#include "base/span.h"
#include "controllers/dkuberun/dkuberun.h"

#define NAME_MAX_BYTES 128
#define VALUE_MAX_BYTES 64

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static size_t digits(const char *s)
{
    size_t n = 0;

    while (isdigit((unsigned char)s[n])) {
        n++;
    }
    return n;
}

/* Length of a number at s, with sign, fraction and exponent; 0: none. */
static size_t number_length(const char *s)
{
    size_t n = *s == '+' || *s == '-' ? 1 : 0, whole = digits(s + n), part = 0, e;

    n += whole;
    if (s[n] == '.') {
        part = digits(s + n + 1);
        n += 1 + part;
    }
    if (whole + part == 0) {
        return 0;
    }
    if (s[n] == 'e' || s[n] == 'E') {
        e = s[n + 1] == '+' || s[n + 1] == '-' ? 2 : 1;
        n += digits(s + n + e) > 0 ? e + digits(s + n + e) : 0;
    }
    return n;
}

static bool ends_value(char c)
{
    return c == '\0' || isspace((unsigned char)c) || strchr(",;)]}\"'%", c) != NULL;
}

static size_t set(struct metric_value *list, size_t count, size_t max, struct metric_value m)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(list[i].name, m.name)) {
            list[i].value = m.value;
            return count;
        }
    }
    if (count < max) {
        list[count++] = m;
    }
    return count;
}

size_t metrics_parse(struct arena *a, const char *log, struct metric_value *ret, size_t max)
{
    size_t count = 0;

    for (const char *p = log; p != NULL && (p = strchr(p, '=')) != NULL; p++) {
        const char *name = p, *end = p, *value = p + 1;
        size_t n;

        while (end > log && (end[-1] == ' ' || end[-1] == '\t')) {
            end--;
        }
        for (name = end; name > log && is_name(name[-1]);) {
            name--;
        }
        name += strspn(name, "-");
        while (*value == ' ' || *value == '\t') {
            value++;
        }
        n = number_length(value);
        if (name >= end || end - name > NAME_MAX_BYTES || n == 0 || n > VALUE_MAX_BYTES ||
            !ends_value(value[n])) {
            continue;
        }
        count = set(ret, count, max,
                    (struct metric_value){arena_strndup(a, name, (size_t)(end - name)),
                                          arena_strndup(a, value, n)});
    }
    return count;
}
