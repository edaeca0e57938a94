/*
 * tree.h — JSON that can be changed: what the simulated API server keeps, merges and prunes.
 *
 * Nodes live in an arena and are shared freely: a node that has been put anywhere is never written
 * to again, so changing means jt_dup() of each level on the way. jt_set() and jt_add() are
 * for nodes made just now. NULL is "absent" everywhere. One thread.
 */
#ifndef DKUBE_SIM_TREE_H
#define DKUBE_SIM_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum jt_type { TREE_NULL, TREE_BOOL, TREE_INT, TREE_REAL, TREE_STR, TREE_LIST, TREE_MAP };

struct tree;
struct jt_member {
    const char *key; /* NULL in lists */
    const struct tree *value;
};
struct tree {
    enum jt_type type;
    uint32_t len, cap; /* members of a map or list; bytes of a string or real */
    union {
        bool flag;
        int64_t n;
        const char *s; /* string, or a real's text */
        struct jt_member *at;
    } u;
    char *text; /* of a map or list that was printed: nodes that are kept do not change */
    uint32_t text_len;
    const char *pe;    /* its path element as an item of a list, once it was asked for (fields.c) */
    const void *pe_of; /* by this schema */
};

/* The document in text[0..n), or NULL when it is none. Strings are copied. */
const struct tree *jt_parse(struct arena *a, const char *text, size_t n);
/* Its text without blanks; arena. */
const char *jt_text(struct arena *a, const struct tree *t);

const struct tree *jt_null(struct arena *a);
struct tree *jt_map(struct arena *a);
struct tree *jt_list(struct arena *a);
const struct tree *jt_str(struct arena *a, const char *s); /* copies */
const struct tree *jt_fmt(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
const struct tree *jt_int(struct arena *a, int64_t n);
const struct tree *jt_bool(struct arena *a, bool flag);
struct tree *jt_dup(struct arena *a, const struct tree *t); /* one level; NULL: an empty map */

/* Sets, replaces or (value NULL) removes a member; the order of the others stays. */
void jt_set(struct arena *a, struct tree *map, const char *key, const struct tree *value);
void jt_add(struct arena *a, struct tree *list, const struct tree *value);

const struct tree *jt_key(const struct tree *map, const char *key);
/* Keys separated by dots; no key with a dot can be reached. */
const struct tree *jt_get(const struct tree *t, const char *path);
const char *jt_get_str(const struct tree *t, const char *path, const char *dflt);
int64_t jt_get_int(const struct tree *t, const char *path, int64_t dflt);
/* A copy in which the value at the path is another (NULL: gone); maps on the way are made. */
const struct tree *jt_with(struct arena *a, const struct tree *t, const char *path,
                           const struct tree *value);

/* The same with the members of every map in order of their keys: equal values have equal texts. */
const struct tree *jt_canonical(struct arena *a, const struct tree *t);
bool jt_equal(const struct tree *a, const struct tree *b); /* maps in any order */
bool jt_is_map(const struct tree *t);
bool jt_is_list(const struct tree *t);
bool jt_is_str(const struct tree *t);
uint32_t jt_len(const struct tree *t); /* of a map or list; else 0 */

/* RFC 7386. NULL when nothing is left. */
const struct tree *jt_merge_patch(struct arena *a, const struct tree *t, const struct tree *patch);
/* RFC 6902: test, add, replace and remove. 0; -1 a test did not hold or a path is missing. */
int jt_json_patch(struct arena *a, const struct tree *t, const struct tree *patch,
                  const struct tree **ret);

#endif
