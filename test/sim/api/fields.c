#include "sim/api/fields.h"

#include <string.h>

#include "base/span.h"

/* --- sets ------------------------------------------------------------------------------------ */

static struct fset *fset_new(struct arena *a)
{
    return arena_alloc(a, sizeof(struct fset));
}

static uint32_t place(const struct fset *s, const char *pe, bool *ret_found)
{
    uint32_t lo = 0, hi = s->len;

    *ret_found = false;
    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;
        int order = s->child[mid].pe == pe ? 0 : strcmp(s->child[mid].pe, pe);

        if (order == 0) {
            *ret_found = true;
            return mid;
        }
        lo = order < 0 ? mid + 1 : lo;
        hi = order < 0 ? hi : mid;
    }
    return lo;
}

static const struct fset *child_of(const struct fset *s, const char *pe)
{
    bool found;
    uint32_t i;

    if (s == NULL) {
        return NULL;
    }
    i = place(s, pe, &found);
    return found ? s->child[i].of : NULL;
}

/* Adds a child that is not there yet; nothing for an empty one. */
static void put(struct arena *a, struct fset *s, const char *pe, const struct fset *of)
{
    bool found;
    uint32_t i;

    if (of == NULL) {
        return;
    }
    i = place(s, pe, &found);
    if (found) {
        s->child[i].of = of;
        return;
    }
    if (s->len == s->cap) {
        struct fset_child *old = s->child;

        s->cap = s->cap > 0 ? s->cap * 2 : 4;
        s->child = arena_alloc(a, s->cap * sizeof(*s->child));
        if (s->len > 0) {
            memcpy(s->child, old, s->len * sizeof(*s->child));
        }
    }
    memmove(&s->child[i + 1], &s->child[i], (s->len - i) * sizeof(*s->child));
    s->child[i] = (struct fset_child){pe, of};
    s->len++;
}

static const struct fset *or_null(const struct fset *s)
{
    return s->member || s->len > 0 ? s : NULL;
}

bool fset_is_empty(const struct fset *s)
{
    return s == NULL || (!s->member && s->len == 0);
}

bool fset_covers(const struct fset *a, const struct fset *b)
{
    if (b == NULL || a == b) {
        return true;
    }
    if (a == NULL || (b->member && !a->member)) {
        return fset_is_empty(b);
    }
    for (uint32_t i = 0; i < b->len; i++) {
        if (!fset_covers(child_of(a, b->child[i].pe), b->child[i].of)) {
            return false;
        }
    }
    return true;
}

bool fset_equal(const struct fset *a, const struct fset *b)
{
    return fset_covers(a, b) && fset_covers(b, a);
}

const struct fset *fset_union(struct arena *a, const struct fset *x, const struct fset *y)
{
    struct fset *s;

    if (x == NULL || y == NULL || x == y) {
        return x != NULL ? x : y;
    }
    s = fset_new(a);
    s->member = x->member || y->member;
    for (uint32_t i = 0; i < x->len; i++) {
        put(a, s, x->child[i].pe, fset_union(a, x->child[i].of, child_of(y, x->child[i].pe)));
    }
    for (uint32_t i = 0; i < y->len; i++) {
        if (child_of(x, y->child[i].pe) == NULL) {
            put(a, s, y->child[i].pe, y->child[i].of);
        }
    }
    return s;
}

const struct fset *fset_minus(struct arena *a, const struct fset *x, const struct fset *y)
{
    struct fset *s;

    if (x == NULL || y == NULL) {
        return x;
    }
    s = fset_new(a);
    s->member = x->member && !y->member;
    for (uint32_t i = 0; i < x->len; i++) {
        put(a, s, x->child[i].pe, fset_minus(a, x->child[i].of, child_of(y, x->child[i].pe)));
    }
    return or_null(s);
}

const struct fset *fset_and(struct arena *a, const struct fset *x, const struct fset *y)
{
    struct fset *s;

    if (x == NULL || y == NULL) {
        return NULL;
    }
    s = fset_new(a);
    s->member = x->member && y->member;
    for (uint32_t i = 0; i < x->len; i++) {
        put(a, s, x->child[i].pe, fset_and(a, x->child[i].of, child_of(y, x->child[i].pe)));
    }
    return or_null(s);
}

const struct fset *fset_minus_all(struct arena *a, const struct fset *x, const struct fset *y)
{
    struct fset *s;

    if (x == NULL || y == NULL) {
        return x;
    }
    if (y->member) {
        return NULL;
    }
    s = fset_new(a);
    s->member = x->member;
    for (uint32_t i = 0; i < x->len; i++) {
        put(a, s, x->child[i].pe, fset_minus_all(a, x->child[i].of, child_of(y, x->child[i].pe)));
    }
    return or_null(s);
}

const struct tree *fset_tree(struct arena *a, const struct fset *s)
{
    struct tree *t = jt_map(a);

    if (s == NULL) {
        return t;
    }
    for (uint32_t i = 0; i < s->len; i++) {
        const struct fset *of = s->child[i].of;
        const struct tree *below = fset_tree(a, of);

        if (of->member && of->len > 0) {
            struct tree *both = jt_dup(a, below);

            jt_set(a, both, ".", jt_map(a));
            below = both;
        }
        jt_set(a, t, s->child[i].pe, below);
    }
    return t;
}

static const struct fset *path_set(struct arena *a, const char *path)
{
    struct fset *s = fset_new(a);
    size_t n = strcspn(path, "/");

    if (*path == '\0') {
        s->member = true;
        return s;
    }
    put(a, s, arena_strndup(a, path, n), path_set(a, path + n + (path[n] == '/')));
    return s;
}

const struct fset *fset_of(struct arena *a, const char *const *paths, size_t count)
{
    const struct fset *s = NULL;

    for (size_t i = 0; i < count; i++) {
        s = fset_union(a, s, path_set(a, paths[i]));
    }
    return s;
}

const char *fset_first(struct arena *a, const struct fset *s)
{
    if (s == NULL || s->len == 0) {
        return "";
    }
    return arena_printf(a, ".%s%s", s->child[0].pe + 2, fset_first(a, s->child[0].of));
}

/* --- what is owned part by part --------------------------------------------------------------- */

static bool is_granular_list(const struct schema *s, const struct tree *t)
{
    return jt_is_list(t) && s->kind == SCHEMA_LIST && s->list != LIST_ATOMIC;
}

static bool is_granular_map(const struct schema *s, const struct tree *t)
{
    return jt_is_map(t) && !s->atomic;
}

static bool is_granular(const struct schema *s, const struct tree *t)
{
    return is_granular_map(s, t) || is_granular_list(s, t);
}

static const struct fset *leaf(struct arena *a)
{
    struct fset *s = fset_new(a);

    s->member = true;
    return s;
}

static bool is_void(const struct tree *t)
{
    return t->type == TREE_NULL || (t->type == TREE_MAP && t->len == 0);
}

static const struct fset *as_member(struct arena *a, const struct fset *s)
{
    struct fset *copy = fset_new(a);

    if (s != NULL) {
        *copy = *s;
    }
    copy->member = true;
    return copy;
}

const struct fset *fields_of(struct arena *a, const struct schema *s, const struct tree *t)
{
    struct fset *set;

    if (t == NULL) {
        return NULL;
    }
    if (!is_granular(s, t)) {
        return leaf(a);
    }
    set = fset_new(a);
    for (uint32_t i = 0; i < t->len; i++) {
        const struct tree *v = t->u.at[i].value;

        if (t->type == TREE_LIST) {
            put(a, set, element_of_item(a, s, v), as_member(a, fields_of(a, s->element, v)));
        } else {
            bool known;
            const struct schema *of = schema_field(s, t->u.at[i].key, &known);
            const struct fset *below = fields_of(a, of, v);

            put(a, set, element_of_field(t->u.at[i].key),
                is_void(v) || !known ? as_member(a, below) : below);
        }
    }
    return or_null(set);
}

/* --- the value at a path element ------------------------------------------------------------- */

static const struct tree *item_at(struct arena *a, const struct schema *s, const struct tree *t,
                                  const char *pe)
{
    for (uint32_t i = 0; i < jt_len(t); i++) {
        if (str_eq(element_of_item(a, s, t->u.at[i].value), pe)) {
            return t->u.at[i].value;
        }
    }
    return NULL;
}

/* --- compare --------------------------------------------------------------------------------- */

/* Every path on the way is one of the set: what comes or goes as a whole. */
static const struct fset *all_of(struct arena *a, const struct schema *s, const struct tree *t)
{
    struct fset *out = fset_new(a);

    out->member = true;
    for (uint32_t i = 0; is_granular(s, t) && i < t->len; i++) {
        const struct tree *v = t->u.at[i].value;
        bool known;

        if (t->type == TREE_LIST) {
            put(a, out, element_of_item(a, s, v), all_of(a, s->element, v));
        } else {
            put(a, out, element_of_field(t->u.at[i].key),
                all_of(a, schema_field(s, t->u.at[i].key, &known), v));
        }
    }
    return out;
}

static void put_diff(struct arena *a, struct fset *to[3], const char *pe,
                     const struct fields_diff *d)
{
    put(a, to[0], pe, d->added);
    put(a, to[1], pe, d->changed);
    put(a, to[2], pe, d->removed);
}

static struct fields_diff diff_member(struct arena *a, const struct schema *of,
                                      const struct tree *was, const struct tree *now)
{
    if (was != NULL && now != NULL) {
        return fields_compare(a, of, was, now);
    }
    return (struct fields_diff){
        .added = now != NULL ? all_of(a, of, now) : NULL,
        .removed = was != NULL ? all_of(a, of, was) : NULL,
    };
}

static void compare_maps(struct arena *a, const struct schema *s, struct fset *to[3],
                         const struct tree *was, const struct tree *now)
{
    for (int pass = 0; pass < 2; pass++) {
        const struct tree *t = pass == 0 ? was : now;

        for (uint32_t i = 0; i < jt_len(t); i++) {
            const char *key = t->u.at[i].key;
            const struct tree *other = jt_key(pass == 0 ? now : was, key);
            bool known;
            const struct schema *of = schema_field(s, key, &known);

            if ((pass == 1 && other != NULL) || other == t->u.at[i].value) {
                continue;
            }
            struct fields_diff d = diff_member(a, of, pass == 0 ? t->u.at[i].value : NULL,
                                               pass == 0 ? other : t->u.at[i].value);
            put_diff(a, to, element_of_field(key), &d);
        }
    }
}

static uint32_t count_at(struct arena *a, const struct schema *s, const struct tree *t,
                         const char *pe)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < jt_len(t); i++) {
        n += str_eq(element_of_item(a, s, t->u.at[i].value), pe);
    }
    return n;
}

/* An element that stands there more than once is compared as a whole. */
static bool compare_many(struct arena *a, const struct schema *s, struct fset *to[3],
                         const struct tree *was, const struct tree *now, const char *pe)
{
    uint32_t before = count_at(a, s, was, pe), after = count_at(a, s, now, pe);

    if (before < 2 && after < 2) {
        return false;
    }
    if (before != after) {
        put(a, to[before == 0 ? 0 : after == 0 ? 2 : 1], pe, leaf(a));
    }
    return true;
}

static void compare_lists(struct arena *a, const struct schema *s, struct fset *to[3],
                          const struct tree *was, const struct tree *now)
{
    for (int pass = 0; pass < 2; pass++) {
        const struct tree *t = pass == 0 ? was : now;

        for (uint32_t i = 0; i < jt_len(t); i++) {
            const struct tree *v = t->u.at[i].value;
            const char *pe = element_of_item(a, s, v);
            const struct tree *other = item_at(a, s, pass == 0 ? now : was, pe);

            if ((pass == 1 && other != NULL) || compare_many(a, s, to, was, now, pe)) {
                continue;
            }
            struct fields_diff d =
                diff_member(a, s->element, pass == 0 ? v : NULL, pass == 0 ? other : v);
            put_diff(a, to, pe, &d);
        }
    }
}

/* A null stands for whatever the other is. */
static const struct tree *as_empty(struct arena *a, const struct tree *t, const struct tree *other)
{
    if (t->type != TREE_NULL || (!jt_is_map(other) && !jt_is_list(other))) {
        return t;
    }
    return jt_is_map(other) ? jt_map(a) : jt_list(a);
}

struct fields_diff fields_compare(struct arena *a, const struct schema *s, const struct tree *was,
                                  const struct tree *now)
{
    struct fset *to[3] = {fset_new(a), fset_new(a), fset_new(a)};

    if (was == now) {
        return (struct fields_diff){0};
    }
    was = as_empty(a, was, now);
    now = as_empty(a, now, was);
    if (jt_len(was) == 0 && jt_len(now) == 0 && was->type == now->type && jt_is_map(was)) {
        return (struct fields_diff){0};
    }
    if (is_granular_map(s, was) && is_granular_map(s, now)) {
        compare_maps(a, s, to, was, now);
    } else if (is_granular_list(s, was) && is_granular_list(s, now)) {
        compare_lists(a, s, to, was, now);
    } else if (!jt_equal(was, now)) {
        to[1]->member = true;
    }
    return (struct fields_diff){or_null(to[0]), or_null(to[1]), or_null(to[2])};
}

/* --- merge ----------------------------------------------------------------------------------- */

/* One list on its way into another; elements are told by their path elements. */
struct side {
    const struct tree *t;
    const char **pe;
    uint32_t len, at;
};

static struct side side_of(struct arena *a, const struct schema *s, const struct tree *t)
{
    struct side side = {.t = t, .len = jt_len(t)};

    side.pe = arena_alloc(a, (side.len + 1) * sizeof(*side.pe));
    for (uint32_t i = 0; i < side.len; i++) {
        side.pe[i] = element_of_item(a, s, t->u.at[i].value);
    }
    return side;
}

static const struct tree *find_in(const struct side *side, const char *pe)
{
    for (uint32_t i = 0; i < side->len; i++) {
        if (str_eq(side->pe[i], pe)) {
            return side->t->u.at[i].value;
        }
    }
    return NULL;
}

struct merging {
    struct arena *a;
    const struct schema *s;
    struct side l, r;
    uint32_t shared; /* the next element of r that l has too */
    struct tree *out;
    bool *merged; /* of r */
};

static void skip_to_shared(struct merging *m)
{
    while (m->shared < m->r.len && find_in(&m->l, m->r.pe[m->shared]) == NULL) {
        m->shared++;
    }
}

static void take_right(struct merging *m)
{
    const char *pe = m->r.pe[m->r.at];
    const struct tree *mine = m->r.t->u.at[m->r.at].value, *live = find_in(&m->l, pe);

    jt_add(m->a, m->out, live != NULL ? fields_merge(m->a, m->s->element, live, mine) : mine);
    m->merged[m->r.at] = true;
    if (m->shared == m->r.at) {
        m->shared++;
        skip_to_shared(m);
    }
    m->r.at++;
}

static bool was_merged(const struct merging *m, const char *pe)
{
    for (uint32_t i = 0; i < m->r.len; i++) {
        if (m->merged[i] && str_eq(m->r.pe[i], pe)) {
            return true;
        }
    }
    return false;
}

/* One turn; the order is that of structured-merge-diff. */
static void merge_turn(struct merging *m)
{
    if (m->l.at < m->l.len && m->r.at < m->r.len) {
        const char *pe = m->l.pe[m->l.at];

        if (str_eq(pe, m->r.pe[m->r.at])) {
            take_right(m);
            m->l.at++;
            return;
        }
        if (find_in(&m->r, pe) != NULL && m->shared < m->r.len && !str_eq(m->r.pe[m->shared], pe)) {
            m->l.at++;
            return;
        }
    }
    if (m->l.at < m->l.len) {
        const char *pe = m->l.pe[m->l.at];

        if (find_in(&m->r, pe) == NULL) {
            jt_add(m->a, m->out, m->l.t->u.at[m->l.at++].value);
            return;
        }
        if (was_merged(m, pe)) {
            m->l.at++;
        }
    }
    if (m->r.at < m->r.len) {
        take_right(m);
    }
}

static const struct tree *merge_lists(struct arena *a, const struct schema *s,
                                      const struct tree *live, const struct tree *config)
{
    struct merging m = {
        .a = a, .s = s, .l = side_of(a, s, live), .r = side_of(a, s, config), .out = jt_list(a)};

    m.merged = arena_alloc(a, m.r.len + 1);
    skip_to_shared(&m);
    while (m.l.at < m.l.len || m.r.at < m.r.len) {
        merge_turn(&m);
    }
    return m.out;
}

const struct tree *fields_merge(struct arena *a, const struct schema *s, const struct tree *live,
                                const struct tree *config)
{
    struct tree *out;

    if (live == NULL || config == NULL) {
        return config != NULL ? config : live;
    }
    if (is_granular_list(s, live) && is_granular_list(s, config)) {
        return merge_lists(a, s, live, config);
    }
    if (!is_granular_map(s, live) || !is_granular_map(s, config)) {
        return config;
    }
    out = jt_dup(a, live);
    for (uint32_t i = 0; i < config->len; i++) {
        const char *key = config->u.at[i].key;
        bool known;
        const struct schema *of = schema_field(s, key, &known);

        jt_set(a, out, key, fields_merge(a, of, jt_key(live, key), config->u.at[i].value));
    }
    return out;
}

/* --- prune ----------------------------------------------------------------------------------- */

/* Without the values at the paths of `gone`. */
static const struct tree *without(struct arena *a, const struct schema *s, const struct tree *t,
                                  const struct fset *gone)
{
    struct tree *out;

    if (gone == NULL || !is_granular(s, t)) {
        return t;
    }
    out = t->type == TREE_LIST ? jt_list(a) : jt_map(a);
    for (uint32_t i = 0; i < t->len; i++) {
        bool known, in_list = t->type == TREE_LIST;
        const struct tree *v = t->u.at[i].value;
        const struct schema *of = in_list ? s->element : schema_field(s, t->u.at[i].key, &known);
        const struct fset *below =
            child_of(gone, in_list ? element_of_item(a, s, v) : element_of_field(t->u.at[i].key));

        if (below != NULL && below->member) {
            continue;
        }
        v = without(a, of, v, below);
        if (in_list) {
            jt_add(a, out, v);
        } else {
            jt_set(a, out, t->u.at[i].key, v);
        }
    }
    return out->len > 0 || t->len == 0 ? out : jt_null(a); /* nothing is left of it, and it stays */
}

/* With every named field on the way to a member as a member (the root is none). */
static const struct fset *with_names(struct arena *a, const struct fset *s)
{
    struct fset *out;

    if (s == NULL || s->len == 0) {
        return s;
    }
    out = fset_new(a);
    out->member = s->member;
    for (uint32_t i = 0; i < s->len; i++) {
        const struct fset *below = with_names(a, s->child[i].of);

        put(a, out, s->child[i].pe, s->child[i].pe[0] == 'f' ? as_member(a, below) : below);
    }
    return out;
}

static const struct fset *named_fields_of(struct arena *a, const struct schema *s,
                                          const struct tree *t)
{
    return with_names(a, fields_of(a, s, t));
}

const struct tree *fields_prune(struct arena *a, const struct schema *s, const struct tree *merged,
                                const struct fset *last, const struct fset *owned)
{
    const struct fset *all, *lost, *last_names = with_names(a, last);
    const struct tree *pruned;

    if (fset_covers(owned, last)) {
        return merged;
    }
    all = named_fields_of(a, s, merged);
    pruned = without(a, s, merged, last_names);
    lost = fset_minus(a, all, fset_union(a, named_fields_of(a, s, pruned), with_names(a, owned)));
    pruned = without(a, s, merged, lost);
    lost = fset_and(a, fset_minus(a, all, named_fields_of(a, s, pruned)), last_names);
    return without(a, s, merged, lost);
}
