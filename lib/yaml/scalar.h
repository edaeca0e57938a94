/*
 * scalar.h — inside lib/yaml: what a scalar is by the core schema of YAML 1.2, as JSON text; and
 * the keys of one mapping, to find doubles.
 */
#ifndef DKUBE_YAML_SCALAR_H
#define DKUBE_YAML_SCALAR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

/* A JSON string; arena. */
const char *scalar_string(struct arena *a, const char *s);
/* A plain scalar: null, boolean, number, else a string; arena. NULL with *why when JSON cannot hold
 * it. */
const char *scalar_plain(struct arena *a, const char *s, const char **why);

/* Start with {0}. */
struct keys {
    char **list; /* owned */
    size_t count;
};
void keys_add(struct keys *k, const char *key, size_t n); /* copies */
bool keys_differ(struct keys *k);                         /* sorts */
void keys_done(struct keys *k);

#endif
