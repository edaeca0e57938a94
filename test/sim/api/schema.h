/*
 * schema.h — what the simulated API server knows of a kind's shape: lists and their keys for
 * server-side apply, and of custom resources defaults, pruning and validation (without CEL).
 *
 * Loaded from an OpenAPI v3 schema as a CRD has it; native kinds have short ones of their own, in
 * which fields that are not named are kept as they come ("x-loose"). Schemas live as long as the
 * arena they were made in and are never changed.
 */
#ifndef DKUBE_SIM_SCHEMA_H
#define DKUBE_SIM_SCHEMA_H

#include <regex.h>

#include "sim/api/tree.h"

enum schema_kind { SCHEMA_SCALAR, SCHEMA_STRUCT, SCHEMA_LIST, SCHEMA_ANY };
enum schema_list { LIST_ATOMIC, LIST_SET, LIST_MAP };

struct schema;
struct schema_field {
    const char *name;
    const struct schema *of;
};
struct schema {
    enum schema_kind kind;
    enum schema_list list;
    bool atomic;   /* a map that is owned as one */
    bool deduced;  /* ANY: of a preserved field, not merely one that nobody listed */
    bool preserve; /* unknown members stay */
    const char *keys[4];
    struct schema_field *fields;
    size_t field_count;
    const struct schema *element; /* of a list; of the values of a map */
    const struct tree *dflt, *one_of, *required;
    const char *type; /* "string", "integer", …; NULL: anything */
    bool int_or_string, has_min, has_max;
    int64_t min, max, min_len, max_len; /* lengths: max -1 none */
    regex_t *pattern;
};

const struct schema *schema_load(struct arena *a, const struct tree *openapi);
/* The schema of a member; never NULL: what is not known is loose or deduced. */
const struct schema *schema_field(const struct schema *s, const char *name, bool *ret_known);

/* The value with defaults in and unknown members out. */
const struct tree *schema_default(struct arena *a, const struct schema *s, const struct tree *t);
/* Only the defaults of the value's own members. */
const struct tree *schema_default_top(struct arena *a, const struct schema *s,
                                      const struct tree *t);
const struct tree *schema_prune(struct arena *a, const struct schema *s, const struct tree *t);
/* The first path of an object that is not as it must be, with why; NULL: all is well. Members that
 * are the very ones of `was` (NULL: none) are known to be well, and metadata is not looked at. */
const char *schema_check_new(struct arena *a, const struct schema *s, const struct tree *t,
                             const struct tree *was);
/* Server-side apply takes only what it can read by the schema: right types, known members, lists
 * whose elements have their keys and differ. The first path where not, with why. */
const char *schema_check_typed(struct arena *a, const struct schema *s, const struct tree *t);

#endif
