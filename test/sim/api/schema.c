#include "sim/api/schema.h"

#include <string.h>

#include "base/span.h"

static const struct schema loose = {.kind = SCHEMA_ANY, .preserve = true, .max_len = -1};
static const struct schema deduced = {
    .kind = SCHEMA_ANY, .deduced = true, .preserve = true, .max_len = -1};

/* --- loading --------------------------------------------------------------------------------- */

static void regex_drop(void *p)
{
    regfree(p);
}

static bool flag_of(const struct tree *o, const char *key)
{
    const struct tree *v = jt_key(o, key);

    return v != NULL && v->type == TREE_BOOL && v->u.flag;
}

static void load_limits(struct arena *a, struct schema *s, const struct tree *o)
{
    const struct tree *pattern = jt_key(o, "pattern");

    s->has_min = jt_key(o, "minimum") != NULL;
    s->has_max = jt_key(o, "maximum") != NULL;
    s->min = jt_get_int(o, "minimum", 0);
    s->max = jt_get_int(o, "maximum", 0);
    s->min_len = jt_get_int(o, "minLength", jt_get_int(o, "minItems", 0));
    s->max_len = jt_get_int(o, "maxLength", jt_get_int(o, "maxItems", -1));
    if (jt_is_str(pattern)) {
        s->pattern = arena_alloc(a, sizeof(*s->pattern));
        if (regcomp(s->pattern, pattern->u.s, REG_EXTENDED | REG_NOSUB) == 0) {
            arena_defer(a, regex_drop, s->pattern);
        } else {
            s->pattern = NULL; /* not every pattern of theirs is one of POSIX */
        }
    }
}

static void load_list(struct arena *a, struct schema *s, const struct tree *o)
{
    const char *how = jt_get_str(o, "x-kubernetes-list-type", "atomic");
    const struct tree *keys = jt_key(o, "x-kubernetes-list-map-keys");

    s->kind = SCHEMA_LIST;
    s->list = str_eq(how, "map") ? LIST_MAP : str_eq(how, "set") ? LIST_SET : LIST_ATOMIC;
    s->element = jt_key(o, "items") != NULL ? schema_load(a, jt_key(o, "items")) : &loose;
    for (uint32_t i = 0; i < jt_len(keys) && i < ARRAY_LEN(s->keys); i++) {
        s->keys[i] = keys->u.at[i].value->u.s;
    }
}

static void load_struct(struct arena *a, struct schema *s, const struct tree *o)
{
    const struct tree *fields = jt_key(o, "properties");
    const struct tree *others = jt_key(o, "additionalProperties");

    s->kind = SCHEMA_STRUCT;
    s->atomic = str_eq(jt_get_str(o, "x-kubernetes-map-type", ""), "atomic");
    s->element = jt_is_map(others) ? schema_load(a, others) : NULL;
    if (s->element == NULL && flag_of(o, "x-loose")) {
        s->element = &loose;
    } else if (s->element == NULL && flag_of(o, "x-kubernetes-preserve-unknown-fields")) {
        s->element = &deduced;
    }
    s->preserve = s->element != NULL;
    s->fields = arena_alloc(a, (jt_len(fields) + 1) * sizeof(*s->fields));
    s->field_count = jt_len(fields);
    for (uint32_t i = 0; i < jt_len(fields); i++) {
        s->fields[i] =
            (struct schema_field){fields->u.at[i].key, schema_load(a, fields->u.at[i].value)};
    }
}

const struct schema *schema_load(struct arena *a, const struct tree *openapi)
{
    struct schema *s = arena_alloc(a, sizeof(*s));

    s->type = jt_get_str(openapi, "type", NULL);
    s->int_or_string = flag_of(openapi, "x-kubernetes-int-or-string");
    s->dflt = jt_key(openapi, "default");
    s->one_of = jt_key(openapi, "enum");
    s->required = jt_key(openapi, "required");
    load_limits(a, s, openapi);
    if (str_eq(s->type, "array")) {
        load_list(a, s, openapi);
    } else if (str_eq(s->type, "object")) {
        load_struct(a, s, openapi);
    }
    return s;
}

const struct schema *schema_field(const struct schema *s, const char *name, bool *ret_known)
{
    *ret_known = true;
    for (size_t i = 0; i < s->field_count; i++) {
        if (s->fields[i].name[0] == name[0] && strcmp(s->fields[i].name, name) == 0) {
            return s->fields[i].of;
        }
    }
    if (s->kind == SCHEMA_ANY) {
        *ret_known = !s->deduced;
        return s;
    }
    *ret_known = s->element == &loose;
    return s->element != NULL ? s->element : &deduced;
}

/* --- defaults and unknown members ------------------------------------------------------------ */

static bool is_preserved(const struct schema *s, const char *name)
{
    bool known;

    (void)schema_field(s, name, &known);
    return known || s->preserve;
}

static const struct tree *each(struct arena *a, const struct schema *s, const struct tree *t,
                               const struct tree *(*fn)(struct arena *, const struct schema *,
                                                        const struct tree *))
{
    struct tree *copy = NULL;

    for (uint32_t i = 0; i < jt_len(t); i++) {
        bool known;
        const struct schema *of =
            t->type == TREE_LIST ? s->element : schema_field(s, t->u.at[i].key, &known);
        const struct tree *now = of != NULL ? fn(a, of, t->u.at[i].value) : t->u.at[i].value;

        if (now != t->u.at[i].value) {
            copy = copy != NULL ? copy : jt_dup(a, t);
            copy->u.at[i].value = now;
        }
    }
    return copy != NULL ? copy : t;
}

const struct tree *schema_default_top(struct arena *a, const struct schema *s, const struct tree *t)
{
    struct tree *copy = NULL;

    for (size_t i = 0; jt_is_map(t) && i < s->field_count; i++) {
        const struct tree *have = jt_key(t, s->fields[i].name);

        if (s->fields[i].of->dflt != NULL && (have == NULL || have->type == TREE_NULL)) {
            copy = copy != NULL ? copy : jt_dup(a, t);
            jt_set(a, copy, s->fields[i].name, s->fields[i].of->dflt);
        }
    }
    return copy != NULL ? copy : t;
}

const struct tree *schema_default(struct arena *a, const struct schema *s, const struct tree *t)
{
    if (s->kind == SCHEMA_SCALAR || s->kind == SCHEMA_ANY) {
        return t;
    }
    return each(a, s, schema_default_top(a, s, t), schema_default);
}

const struct tree *schema_prune(struct arena *a, const struct schema *s, const struct tree *t)
{
    struct tree *copy = NULL;

    if (s->kind == SCHEMA_SCALAR || s->kind == SCHEMA_ANY) {
        return t;
    }
    for (uint32_t i = 0; jt_is_map(t) && i < t->len; i++) {
        if (!is_preserved(s, t->u.at[i].key)) {
            copy = copy != NULL ? copy : jt_dup(a, t);
            jt_set(a, copy, t->u.at[i].key, NULL);
        }
    }
    return each(a, s, copy != NULL ? copy : t, schema_prune);
}

/* --- checks ---------------------------------------------------------------------------------- */

static size_t characters(const struct tree *t)
{
    size_t n = 0;

    for (uint32_t i = 0; i < t->len; i++) {
        n += ((unsigned char)t->u.s[i] & 0xc0) != 0x80;
    }
    return n;
}

static bool has_type(const struct schema *s, const struct tree *t)
{
    if (t->type == TREE_NULL) {
        return s->type == NULL;
    }
    if (s->int_or_string) {
        return t->type == TREE_INT || t->type == TREE_STR;
    }
    if (s->type == NULL) {
        return true;
    }
    switch (*s->type) {
    case 's':
        return t->type == TREE_STR;
    case 'i':
        return t->type == TREE_INT;
    case 'n':
        return t->type == TREE_INT || t->type == TREE_REAL;
    case 'b':
        return t->type == TREE_BOOL;
    case 'a':
        return t->type == TREE_LIST;
    default:
        return t->type == TREE_MAP;
    }
}

static bool is_one_of(const struct tree *list, const struct tree *t)
{
    for (uint32_t i = 0; i < jt_len(list); i++) {
        if (jt_equal(list->u.at[i].value, t)) {
            return true;
        }
    }
    return list == NULL;
}

static const char *check_scalar(const struct schema *s, const struct tree *t)
{
    if (!is_one_of(s->one_of, t)) {
        return "unsupported value";
    }
    if (t->type == TREE_INT &&
        ((s->has_min && t->u.n < s->min) || (s->has_max && t->u.n > s->max))) {
        return "out of range";
    }
    if (t->type == TREE_STR &&
        ((int64_t)characters(t) < s->min_len ||
         (s->max_len >= 0 && (int64_t)characters(t) > s->max_len) ||
         (s->pattern != NULL && regexec(s->pattern, t->u.s, 0, NULL, 0) != 0))) {
        return "has a wrong length or form";
    }
    return NULL;
}

static bool same_item(const struct schema *s, const struct tree *a, const struct tree *b)
{
    if (s->list == LIST_SET) {
        return jt_equal(a, b);
    }
    for (size_t i = 0; i < ARRAY_LEN(s->keys) && s->keys[i] != NULL; i++) {
        if (!jt_equal(jt_key(a, s->keys[i]), jt_key(b, s->keys[i]))) {
            return false;
        }
    }
    return true;
}

static bool has_duplicate(const struct schema *s, const struct tree *t)
{
    for (uint32_t i = 0; s->list != LIST_ATOMIC && i < t->len; i++) {
        for (uint32_t j = 0; j < i; j++) {
            if (same_item(s, t->u.at[i].value, t->u.at[j].value)) {
                return true;
            }
        }
    }
    return false;
}

static const char *check_list(const struct schema *s, const struct tree *t)
{
    if (t->len < s->min_len || (s->max_len >= 0 && t->len > s->max_len)) {
        return "has too few or too many items";
    }
    return has_duplicate(s, t) ? "has a duplicate" : NULL;
}

static const char *check_one(const struct schema *s, const struct tree *t)
{
    if (!has_type(s, t)) {
        return "is of another type";
    }
    if (t->type == TREE_LIST) {
        return s->kind == SCHEMA_LIST ? check_list(s, t) : NULL;
    }
    for (uint32_t i = 0; t->type == TREE_MAP && i < jt_len(s->required); i++) {
        if (jt_key(t, s->required->u.at[i].value->u.s) == NULL) {
            return "lacks a required field";
        }
    }
    return t->type == TREE_MAP ? NULL : check_scalar(s, t);
}

static bool lacks_key(const struct schema *s, const struct tree *item)
{
    for (size_t i = 0; i < ARRAY_LEN(s->keys) && s->keys[i] != NULL; i++) {
        bool known;

        if (jt_key(item, s->keys[i]) == NULL &&
            schema_field(s->element, s->keys[i], &known)->dflt == NULL) {
            return true;
        }
    }
    return false;
}

static const char *check_typed(const struct schema *s, const struct tree *t)
{
    if (!has_type(s, t)) {
        return "is of another type";
    }
    for (uint32_t i = 0; s->kind == SCHEMA_LIST && s->list == LIST_MAP && i < jt_len(t); i++) {
        if (lacks_key(s, t->u.at[i].value)) {
            return "has an element without its key";
        }
    }
    for (uint32_t i = 0; s->kind == SCHEMA_STRUCT && i < jt_len(t); i++) {
        if (!is_preserved(s, t->u.at[i].key)) {
            return "has a field not declared in the schema";
        }
    }
    return s->kind == SCHEMA_LIST && jt_is_list(t) && has_duplicate(s, t) ? "has a duplicate"
                                                                          : NULL;
}

typedef const char *check_fn(const struct schema *s, const struct tree *t);

static const char *check(struct arena *a, const struct schema *s, const struct tree *t,
                         check_fn *fn)
{
    const char *why = s->kind == SCHEMA_ANY ? NULL : fn(s, t);

    for (uint32_t i = 0; why == NULL && i < jt_len(t) && s->kind != SCHEMA_ANY; i++) {
        bool known, in_list = t->type == TREE_LIST;
        const struct schema *of = in_list ? s->element : schema_field(s, t->u.at[i].key, &known);

        why = of != NULL ? check(a, of, t->u.at[i].value, fn) : NULL;
        if (why != NULL) {
            return arena_printf(a, "%s.%s", in_list ? "[]" : t->u.at[i].key, why);
        }
    }
    return why;
}

const char *schema_check_new(struct arena *a, const struct schema *s, const struct tree *t,
                             const struct tree *was)
{
    const char *why = check_one(s, t);

    for (uint32_t i = 0; why == NULL && i < jt_len(t); i++) {
        const char *key = t->u.at[i].key;
        bool known;

        if (t->u.at[i].value != jt_key(was, key) && strcmp(key, "metadata") != 0) {
            why = check(a, schema_field(s, key, &known), t->u.at[i].value, check_one);
            why = why != NULL ? arena_printf(a, "%s.%s", key, why) : NULL;
        }
    }
    return why;
}

const char *schema_check_typed(struct arena *a, const struct schema *s, const struct tree *t)
{
    return check(a, s, t, check_typed);
}
