/*
 * yaml.h — one YAML document as JSON: for kubeconfig files and .dkube-ci.yml.
 *
 * YAML 1.2's core schema decides what a plain scalar is: null, true/false, integers (also 0x, 0o)
 * and decimal numbers; everything else, and everything quoted, is a string ("no" and "on" are
 * strings). Refused: a second document, duplicate keys, keys that are no scalars, .inf and .nan,
 * integers past 64 bits, tags other than the core ones. Aliases are copied; "<<" is an ordinary
 * key. Limits: YAML_DEPTH levels, YAML_BYTES of text and of result (so that aliases cannot
 * explode). Thread-safe.
 */
#ifndef DKUBE_YAML_YAML_H
#define DKUBE_YAML_YAML_H

#include "json/json.h"

#define YAML_DEPTH 64
#define YAML_BYTES (4 << 20)

/* The result lives in the arena; an empty document is null (NULL), so success is told by the return
 * value. ERR_INVALID, reason "MalformedYAML", says what is wrong on which line. */
int yaml_parse(struct arena *a, const char *text, size_t n, const struct json **ret,
               struct err *e) MUSTCHECK;

#endif
