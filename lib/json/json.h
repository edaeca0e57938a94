/*
 * json.h — the project's own small surface over json-c: parse with limits, read by path, compare.
 *
 * A `struct json` is a json-c object under another name, so nothing outside lib/json includes
 * json-c. Documents attach to an arena and die with it; every pointer handed out is borrowed from
 * that document. A document never crosses a thread. Writing is jsonw.h.
 */
#ifndef DKUBE_JSON_JSON_H
#define DKUBE_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct json; /* opaque: json-c's json_object */

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_INT,
    JSON_DOUBLE,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

/* Parses exactly one document of at most LIMIT_JSON_DEPTH levels; trailing bytes other than blanks
 * are an error (ERR_INVALID, reason "MalformedJSON"). The result lives in the arena; NULL is the
 * JSON null, so success is told by the return value. */
int json_parse(struct arena *a, const char *p, size_t n, const struct json **ret,
               struct err *e) MUSTCHECK;

enum json_kind json_kind(const struct json *j); /* NULL is JSON_NULL */

/* Dotted path of object keys ("status.phase"; "\\." is a dot inside a key); NULL where absent. */
const struct json *json_get(const struct json *j, const char *path);
/* One key, taken literally. */
const struct json *json_key(const struct json *j, const char *key);

/* Scalars by path; the default where absent or of another type. */
const char *json_str(const struct json *j, const char *path, const char *dflt); /* borrowed */
int64_t json_int(const struct json *j, const char *path, int64_t dflt);
bool json_flag(const struct json *j, const char *path, bool dflt);

/* The value itself. */
const char *json_as_str(const struct json *j); /* NULL unless a string */
size_t json_as_str_len(const struct json *j);
int json_as_int(const struct json *j, int64_t *ret); /* -1 unless an integral number in range */
int json_as_flag(const struct json *j, bool *ret);

size_t json_len(const struct json *array); /* 0 unless an array */
const struct json *json_at(const struct json *array, size_t i);

/* Object members in document order. Start with {0}. */
struct json_iter {
    const char *key;          /* borrowed */
    const struct json *value; /* borrowed; NULL is null */
    void *state;
    bool begun;
};
bool json_next(const struct json *object, struct json_iter *it);

/* Serialised without blanks; arena. */
const char *json_text(struct arena *a, const struct json *j);

/* Deep equality; numbers by value. */
bool json_equal(const struct json *a, const struct json *b);

/* True when every leaf of `want` equals the leaf at the same place of `have` (the write law's
 * "unchanged"). Objects: keys of `have` that `want` does not name do not matter. Arrays: equal
 * length and each element covered in order, except that objects with a type, name or uid may stand
 * in any order, and that `have` may hold further conditions (objects with type and status). An
 * empty object or array in `want` equals an absent one, and so does null. */
bool json_covers(const struct json *have, const struct json *want);

#endif
