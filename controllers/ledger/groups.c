#include "controllers/ledger/groups.h"

#include <stdlib.h>

#include "api/group.gen.h"
#include "base/span.h"
#include "controllers/common/child.h"

static const char *pool_named(const struct rec *group)
{
    const char *ref = group_spec_pool_ref(group);

    if (!str_empty(ref)) {
        return ref;
    }
    return str_eq(rec_name(group), GROUP_REST) ? POOL_REST : NULL;
}

/* Those whose namespace it is by their status, then the oldest, then by name. */
static int by_namespace(const void *x, const void *y)
{
    const struct rec *a = *(const struct rec *const *)x, *b = *(const struct rec *const *)y;
    int order = strcmp(group_namespace_of(a), group_namespace_of(b));
    int has_a = str_eq(group_status_namespace(a), group_namespace_of(a));
    int has_b = str_eq(group_status_namespace(b), group_namespace_of(b));
    int64_t s = rec_created_ms(a), t = rec_created_ms(b);

    if (order != 0) {
        return order;
    }
    if (has_a != has_b) {
        return has_b - has_a;
    }
    return s != t ? (s > t) - (s < t) : strcmp(rec_name(a), rec_name(b));
}

static bool is_older(const struct rec *a, const struct rec *b)
{
    int64_t s = rec_created_ms(a), t = rec_created_ms(b);

    return s != t ? s < t : strcmp(rec_name(a), rec_name(b)) < 0;
}

/* The oldest of all that name the group's pool. */
static const struct rec *first_with(const struct rec *const *list, size_t count,
                                    const struct rec *group)
{
    const struct rec *first = group;

    for (size_t i = 0; i < count; i++) {
        if (str_eq(pool_named(list[i]), pool_named(group)) && is_older(list[i], first)) {
            first = list[i];
        }
    }
    return first;
}

static struct ns_pool entry_of(const struct rec *const *list, size_t count, const struct rec *g)
{
    struct ns_pool e = {.ns = group_namespace_of(g),
                        .group = rec_name(g),
                        .pool = pool_named(g),
                        .ending = rec_is_deleted(g)};

    if (e.pool != NULL) {
        const struct rec *first = first_with(list, count, g);

        e.taken_by = first == g ? NULL : rec_name(first);
        e.pool = first == g ? e.pool : NULL;
    }
    return e;
}

struct groups groups_of(struct arena *a, const struct rec *const *list, size_t count)
{
    const struct rec **sorted = arena_memdup(a, list, count * sizeof(*list));
    struct ns_pool *out = arena_alloc(a, count * sizeof(*out) + 1);
    struct groups g = {out, 0};

    if (count > 0) {
        qsort(sorted, count, sizeof(*sorted), by_namespace);
    }
    for (size_t i = 0; i < count; i++) {
        const char *ns = group_namespace_of(sorted[i]);

        if (g.count == 0 || !str_eq(out[g.count - 1].ns, ns)) {
            out[g.count++] = entry_of(list, count, sorted[i]);
        }
    }
    return g;
}

static int ns_compare(const void *key, const void *entry)
{
    return strcmp(key, ((const struct ns_pool *)entry)->ns);
}

const struct ns_pool *groups_find(const struct groups *g, const char *ns)
{
    return g->count == 0 ? NULL : bsearch(ns, g->list, g->count, sizeof(*g->list), ns_compare);
}

bool groups_look(struct arena *a, const struct caches *c, const char *ns, struct ns_pool *ret)
{
    size_t n = 0;
    const struct rec **list = cache_list(a, c, &kind_group, NULL, &n);
    const struct rec *found = NULL;

    for (size_t i = 0; i < n; i++) {
        if (str_eq(group_namespace_of(list[i]), ns) &&
            (found == NULL || by_namespace(&list[i], &found) < 0)) {
            found = list[i];
        }
    }
    if (found != NULL) {
        *ret = entry_of(list, n, found);
    }
    return found != NULL;
}

const char *groups_owner(const struct groups *g, const char *pool)
{
    for (size_t i = 0; i < g->count; i++) {
        if (str_eq(g->list[i].pool, pool) && g->list[i].pool != NULL) {
            return g->list[i].group;
        }
    }
    return NULL;
}
