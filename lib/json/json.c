#include "json/json.h"

#include <json-c/json.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "json/check.h"

static struct json_object *raw(const struct json *j)
{
    return (struct json_object *)(uintptr_t)j;
}

static const struct json *wrap(struct json_object *o)
{
    return (const struct json *)o;
}

static void put_object(void *p)
{
    json_object_put(p);
}

static int malformed(struct err *e, size_t at, const char *why)
{
    return err_set(e, ERR_INVALID, "MalformedJSON", "malformed JSON at offset %zu: %s", at, why);
}

int json_parse(struct arena *a, const char *p, size_t n, const struct json **ret, struct err *e)
{
    enum json_tokener_error code;
    struct json_tokener *tok;
    struct json_object *o;
    struct json_shape shape;
    const char *why = json_check(p, n, (int)limit(LIMIT_JSON_DEPTH), &shape);
    size_t at;

    if (why != NULL) {
        return malformed(e, shape.offset, why);
    }
    if (n > INT32_MAX) {
        return err_set(e, ERR_INVALID, "MalformedJSON", "a document of %zu bytes is too large", n);
    }
    tok = json_tokener_new_ex(shape.levels + 1);
    if (tok == NULL) {
        mem_exhausted();
    }
    json_tokener_set_flags(tok, JSON_TOKENER_VALIDATE_UTF8);
    o = json_tokener_parse_ex(tok, p, (int)n);
    code = json_tokener_get_error(tok);
    if (code == json_tokener_continue) { /* a bare number ends only at a NUL */
        o = json_tokener_parse_ex(tok, "", 1);
        code = json_tokener_get_error(tok);
    }
    at = json_tokener_get_parse_end(tok);
    json_tokener_free(tok);
    if (code != json_tokener_success) {
        return malformed(e, at, json_tokener_error_desc(code));
    }
    arena_defer(a, put_object, o);
    *ret = wrap(o);
    return 0;
}

enum json_kind json_kind(const struct json *j)
{
    switch (json_object_get_type(raw(j))) {
    case json_type_boolean:
        return JSON_BOOL;
    case json_type_int:
        return JSON_INT;
    case json_type_double:
        return JSON_DOUBLE;
    case json_type_string:
        return JSON_STRING;
    case json_type_array:
        return JSON_ARRAY;
    case json_type_object:
        return JSON_OBJECT;
    case json_type_null:
    default:
        return JSON_NULL;
    }
}

const struct json *json_key(const struct json *j, const char *key)
{
    struct json_object *o = NULL;

    if (j == NULL || !json_object_is_type(raw(j), json_type_object)) {
        return NULL;
    }
    return json_object_object_get_ex(raw(j), key, &o) ? wrap(o) : NULL;
}

/* Copies the next path segment, with "\\." unescaped, into seg; returns what follows it. */
static const char *next_segment(const char *path, char *seg, size_t size)
{
    size_t n = 0;

    while (*path != '\0' && *path != '.') {
        if (*path == '\\' && path[1] == '.') {
            path++;
        }
        if (n + 1 < size) {
            seg[n++] = *path;
        }
        path++;
    }
    seg[n] = '\0';
    return *path == '.' ? path + 1 : path;
}

const struct json *json_get(const struct json *j, const char *path)
{
    char seg[320];

    while (*path != '\0' && j != NULL) {
        path = next_segment(path, seg, sizeof seg);
        j = json_key(j, seg);
    }
    return j;
}

const char *json_as_str(const struct json *j)
{
    return json_kind(j) == JSON_STRING ? json_object_get_string(raw(j)) : NULL;
}

size_t json_as_str_len(const struct json *j)
{
    return json_kind(j) == JSON_STRING ? (size_t)json_object_get_string_len(raw(j)) : 0;
}

int json_as_int(const struct json *j, int64_t *ret)
{
    if (json_kind(j) == JSON_INT) {
        int64_t v = json_object_get_int64(raw(j)); /* clamped */

        if (v == INT64_MAX && json_object_get_uint64(raw(j)) > INT64_MAX) {
            return -1;
        }
        *ret = v;
        return 0;
    }
    if (json_kind(j) == JSON_DOUBLE) {
        double d = json_object_get_double(raw(j));

        if (d >= -9007199254740992.0 && d <= 9007199254740992.0 && (double)(int64_t)d == d) {
            *ret = (int64_t)d;
            return 0;
        }
    }
    return -1;
}

int json_as_flag(const struct json *j, bool *ret)
{
    if (json_kind(j) != JSON_BOOL) {
        return -1;
    }
    *ret = json_object_get_boolean(raw(j)) != 0;
    return 0;
}

const char *json_str(const struct json *j, const char *path, const char *dflt)
{
    const char *s = json_as_str(json_get(j, path));

    return s != NULL ? s : dflt;
}

int64_t json_int(const struct json *j, const char *path, int64_t dflt)
{
    int64_t v;

    return json_as_int(json_get(j, path), &v) == 0 ? v : dflt;
}

bool json_flag(const struct json *j, const char *path, bool dflt)
{
    bool v;

    return json_as_flag(json_get(j, path), &v) == 0 ? v : dflt;
}

size_t json_len(const struct json *array)
{
    return json_kind(array) == JSON_ARRAY ? json_object_array_length(raw(array)) : 0;
}

const struct json *json_at(const struct json *array, size_t i)
{
    return i < json_len(array) ? wrap(json_object_array_get_idx(raw(array), i)) : NULL;
}

bool json_next(const struct json *object, struct json_iter *it)
{
    struct lh_entry *entry;

    if (json_kind(object) != JSON_OBJECT) {
        return false;
    }
    if (!it->begun) {
        struct lh_table *table = json_object_get_object(raw(object));

        it->begun = true;
        entry = table != NULL ? table->head : NULL;
    } else {
        entry = it->state != NULL ? ((struct lh_entry *)it->state)->next : NULL;
    }
    it->state = entry;
    if (entry == NULL) {
        return false;
    }
    it->key = lh_entry_k(entry);
    it->value = wrap(lh_entry_v(entry));
    return true;
}

const char *json_text(struct arena *a, const struct json *j)
{
    return arena_strdup(a, json_object_to_json_string_ext(
                               raw(j), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}
