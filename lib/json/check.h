/*
 * check.h — inside lib/json: whether bytes are one JSON document by the letter of RFC 8259. json-c
 * alone also takes NaN, single quotes, and raw control characters. UTF-8 is left to json-c.
 */
#ifndef DKUBE_JSON_CHECK_H
#define DKUBE_JSON_CHECK_H

#include <stddef.h>

struct json_shape {
    size_t offset; /* where it is wrong */
    int levels;    /* the deepest value's; a scalar alone has one */
};

/* NULL when it is one; else what is wrong, static. */
const char *json_check(const char *p, size_t n, int max_depth, struct json_shape *ret);

#endif
