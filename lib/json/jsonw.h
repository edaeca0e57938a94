/*
 * jsonw.h — writes one JSON document into an arena, without a tree: request bodies, status,
 * reports.
 *
 *     struct jsonw w;
 *     jsonw_init(&w, arena);
 *     jsonw_obj(&w, NULL);                  a NULL key inside arrays and at the top
 *     jsonw_str(&w, "kind", "Pod");
 *     jsonw_arr(&w, "args"); jsonw_str(&w, NULL, "-x"); jsonw_end(&w);
 *     jsonw_end(&w);
 *     const char *body = jsonw_text(&w);
 *
 * Strings are escaped and must be UTF-8 (invalid bytes become U+FFFD). Nesting errors are
 * programming errors and end the process in debug builds (assert).
 */
#ifndef DKUBE_JSON_JSONW_H
#define DKUBE_JSON_JSONW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "json/json.h"

#define JSONW_DEPTH 32

struct jsonw {
    struct arena *a;
    char *data; /* arena */
    size_t len, cap;
    int depth;
    char close[JSONW_DEPTH];
    bool comma;
};

void jsonw_init(struct jsonw *w, struct arena *a);
void jsonw_obj(struct jsonw *w, const char *key);                    /* opens an object */
void jsonw_arr(struct jsonw *w, const char *key);                    /* opens an array */
void jsonw_end(struct jsonw *w);                                     /* closes the innermost */
void jsonw_str(struct jsonw *w, const char *key, const char *value); /* NULL writes null */
void jsonw_opt(struct jsonw *w, const char *key, const char *value); /* nothing when NULL or "" */
void jsonw_fmt(struct jsonw *w, const char *key, const char *fmt, ...) PRINTF(3, 4); /* a string */
void jsonw_int(struct jsonw *w, const char *key, int64_t value);
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_raw(struct jsonw *w, const char *key, const char *json, size_t n); /* valid JSON text */
void jsonw_json(struct jsonw *w, const char *key, const struct json *j);
const char *jsonw_text(struct jsonw *w); /* arena; all levels must be closed */

#endif
