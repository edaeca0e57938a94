/* compare.c — equality and the write law's "unchanged". */
#include <string.h>

#include "base/span.h"
#include "json/json.h"

static bool number_equal(const struct json *a, const struct json *b)
{
    struct arena tmp CLEANUP(arena_done) = {0};
    int64_t x, y;

    if (json_as_int(a, &x) == 0 && json_as_int(b, &y) == 0) {
        return x == y;
    }
    return strcmp(json_text(&tmp, a), json_text(&tmp, b)) == 0;
}

static bool is_number(enum json_kind t)
{
    return t == JSON_INT || t == JSON_DOUBLE;
}

static bool scalar_equal(const struct json *a, const struct json *b)
{
    enum json_kind t = json_kind(a);
    bool x = false, y = false;

    if (is_number(t) && is_number(json_kind(b))) {
        return number_equal(a, b);
    }
    if (t != json_kind(b)) {
        return false;
    }
    if (t == JSON_STRING) {
        return json_as_str_len(a) == json_as_str_len(b) &&
               memcmp(json_as_str(a), json_as_str(b), json_as_str_len(a)) == 0;
    }
    if (t == JSON_BOOL) {
        return json_as_flag(a, &x) == 0 && json_as_flag(b, &y) == 0 && x == y;
    }
    return t == JSON_NULL;
}

static size_t member_count(const struct json *j)
{
    struct json_iter it = {0};
    size_t n = 0;

    while (json_next(j, &it)) {
        n++;
    }
    return n;
}

static bool object_within(const struct json *have, const struct json *want,
                          bool (*same)(const struct json *, const struct json *))
{
    struct json_iter it = {0};

    while (json_next(want, &it)) {
        if (!same(json_key(have, it.key), it.value)) {
            return false;
        }
    }
    return true;
}

/* json_key() reads a null member like an absent one. */
static bool has_nulls_of(const struct json *have, const struct json *want)
{
    struct json_iter w = {0};

    while (json_next(want, &w)) {
        struct json_iter h = {0};
        bool found = w.value != NULL;

        while (!found && json_next(have, &h)) {
            found = h.value == NULL && str_eq(h.key, w.key);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

bool json_equal(const struct json *a, const struct json *b)
{
    if (json_kind(a) == JSON_OBJECT && json_kind(b) == JSON_OBJECT) {
        return member_count(a) == member_count(b) && object_within(a, b, json_equal) &&
               has_nulls_of(a, b);
    }
    if (json_kind(a) == JSON_ARRAY && json_kind(b) == JSON_ARRAY) {
        for (size_t i = 0; i < json_len(a); i++) {
            if (!json_equal(json_at(a, i), json_at(b, i))) {
                return false;
            }
        }
        return json_len(a) == json_len(b);
    }
    return scalar_equal(a, b);
}

/* Elements that carry an identity may stand in any order. */
static bool is_keyed(const struct json *element)
{
    static const char *const keys[] = {"type", "name", "uid"};

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (json_as_str(json_key(element, keys[i])) != NULL) {
            return true;
        }
    }
    return false;
}

/* Conditions belong to several writers, each to its own types. */
static bool is_condition(const struct json *element)
{
    return json_as_str(json_key(element, "type")) != NULL &&
           json_as_str(json_key(element, "status")) != NULL && json_key(element, "name") == NULL;
}

static bool some_covers(const struct json *array, const struct json *want)
{
    for (size_t i = 0; i < json_len(array); i++) {
        if (json_covers(json_at(array, i), want)) {
            return true;
        }
    }
    return false;
}

static bool array_covers(const struct json *have, const struct json *want)
{
    if (json_len(have) != json_len(want) && !is_condition(json_at(want, 0))) {
        return false;
    }
    for (size_t i = 0; i < json_len(want); i++) {
        const struct json *w = json_at(want, i), *h = json_at(have, i);

        if ((i >= json_len(have) || !json_covers(h, w)) &&
            (!is_keyed(w) || !some_covers(have, w))) {
            return false;
        }
    }
    return true;
}

bool json_covers(const struct json *have, const struct json *want)
{
    switch (json_kind(want)) {
    case JSON_OBJECT:
        return (have == NULL || json_kind(have) == JSON_OBJECT) &&
               object_within(have, want, json_covers);
    case JSON_ARRAY:
        return array_covers(have, want);
    case JSON_NULL:
    case JSON_BOOL:
    case JSON_INT:
    case JSON_DOUBLE:
    case JSON_STRING:
    default:
        return scalar_equal(have, want);
    }
}
