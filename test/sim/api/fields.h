/*
 * fields.h — who owns which field: sets of paths, and the merge, comparison and pruning of
 * server-side apply (structured-merge-diff), on trees with a schema.
 *
 * Sets and trees are arena values: a function never changes its arguments.
 */
#ifndef DKUBE_SIM_FIELDS_H
#define DKUBE_SIM_FIELDS_H

#include "sim/api/schema.h"

/* A set of paths as a tree of elements ("f:spec", "k:{…}", "v:…"). NULL is the empty set. */
struct fset;
struct fset_child {
    const char *pe;
    const struct fset *of;
};
struct fset {
    bool member; /* the path to here is in the set */
    uint32_t len, cap;
    struct fset_child *child; /* in order of pe */
};

/* "f:name"; and of an item of a list "k:{…}" or "v:…". They live as long as the process. */
const char *element_of_field(const char *name);
const char *element_of_item(struct arena *a, const struct schema *s, const struct tree *item);

bool fset_is_empty(const struct fset *s);
bool fset_equal(const struct fset *a, const struct fset *b);
bool fset_covers(const struct fset *a, const struct fset *b); /* each path of b is in a */
const struct fset *fset_union(struct arena *a, const struct fset *x, const struct fset *y);
const struct fset *fset_minus(struct arena *a, const struct fset *x, const struct fset *y);
const struct fset *fset_and(struct arena *a, const struct fset *x, const struct fset *y);
/* Without all that lies at or under the paths of y. */
const struct fset *fset_minus_all(struct arena *a, const struct fset *x, const struct fset *y);
/* fieldsV1. */
const struct tree *fset_tree(struct arena *a, const struct fset *s);
/* From texts like "f:metadata/f:name". */
const struct fset *fset_of(struct arena *a, const char *const *paths, size_t count);
/* The first path, for people; "" of an empty set. */
const char *fset_first(struct arena *a, const struct fset *s);

/* All paths of a value. */
const struct fset *fields_of(struct arena *a, const struct schema *s, const struct tree *t);

struct fields_diff {
    const struct fset *added, *changed, *removed;
};
struct fields_diff fields_compare(struct arena *a, const struct schema *s, const struct tree *was,
                                  const struct tree *now);

const struct tree *fields_merge(struct arena *a, const struct schema *s, const struct tree *live,
                                const struct tree *config);

/* merged without what `last` owned and nobody in `owned` does any more. */
const struct tree *fields_prune(struct arena *a, const struct schema *s, const struct tree *merged,
                                const struct fset *last, const struct fset *owned);

#endif
