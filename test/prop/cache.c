/* cache.c — a store against a model of it: plain arrays, searched from end to end. */
#include "kube/cache.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/kinds.gen.h"
#include "base/span.h"
#include "support/prop.h"

#define PLACES 12 /* names n0 … n5 in two namespaces */

struct model {
    struct {
        bool there, seen;
        unsigned uid, rv, owner;
    } at[PLACES];
    bool relisting;
};

struct event {
    unsigned place, uid, rv, owner;
};

static const char *ns_of(unsigned place)
{
    return place % 2 == 0 ? "even" : "odd";
}

static const struct json *object(struct arena *a, struct event ev)
{
    const char *text =
        arena_printf(a,
                     "{\"metadata\":{\"namespace\":\"%s\",\"name\":\"n%u\",\"uid\":"
                     "\"u%u-%u\",\"resourceVersion\":\"%u\",\"ownerReferences\":[{\"uid\":"
                     "\"o%u\",\"controller\":true}]}}",
                     ns_of(ev.place), ev.place, ev.place, ev.uid, ev.rv, ev.owner);
    const struct json *j = NULL;
    struct err e;

    holds(json_parse(a, text, strlen(text), &j, &e) == 0, "%s", e.text);
    return j;
}

static void apply_both(struct arena *a, struct caches *c, struct model *m, struct event ev)
{
    struct cache_change ch;
    struct err e;
    bool was = m->at[ev.place].there, same = was && m->at[ev.place].uid == ev.uid;
    bool stale = same && ev.rv <= m->at[ev.place].rv;

    holds(cache_apply(c, &kind_pod, object(a, ev), &ch, &e) == 0, "%s", e.text);
    holds((ch.now == NULL) == stale, "an event of version %u was %s", ev.rv,
          stale ? "taken" : "dropped");
    holds((ch.old != NULL) == (was && !stale) && ch.replaced == (was && !same), "wrong change");
    m->at[ev.place].seen = true;
    if (!stale) {
        m->at[ev.place].there = true;
        m->at[ev.place].uid = ev.uid;
        m->at[ev.place].rv = ev.rv;
        m->at[ev.place].owner = ev.owner;
    }
}

static void drop_both(struct arena *a, struct caches *c, struct model *m, struct event ev)
{
    struct cache_change ch;
    struct err e;
    bool gone = m->at[ev.place].there && m->at[ev.place].uid == ev.uid;

    holds(cache_drop(c, &kind_pod, object(a, ev), &ch, &e) == 0, "%s", e.text);
    holds((ch.old != NULL) == gone && ch.now == NULL, "wrong change");
    if (gone) {
        m->at[ev.place].there = false;
    }
}

static void begin_both(struct caches *c, struct model *m)
{
    cache_begin_relist(c, &kind_pod, false);
    m->relisting = true;
    for (unsigned i = 0; i < PLACES; i++) {
        m->at[i].seen = false;
    }
}

static void sweep_both(struct caches *c, struct model *m)
{
    size_t removed = 0;

    for (unsigned i = 0; i < PLACES; i++) {
        if (m->at[i].there && !m->at[i].seen) {
            m->at[i].there = false;
            removed++;
        }
    }
    m->relisting = false;
    holds(cache_sweep(c, &kind_pod, NULL, NULL) == removed, "swept other than %zu", removed);
}

static size_t count_where(const struct model *m, int parity, int owner)
{
    size_t n = 0;

    for (unsigned i = 0; i < PLACES; i++) {
        n += m->at[i].there && (parity < 0 || (int)(i % 2) == parity) &&
             (owner < 0 || (int)m->at[i].owner == owner);
    }
    return n;
}

static void compare(struct arena *a, const struct caches *c, const struct model *m)
{
    size_t n;

    for (unsigned i = 0; i < PLACES; i++) {
        const char *name = arena_printf(a, "n%u", i), *rv = arena_printf(a, "%u", m->at[i].rv);
        const struct rec *r = cache_get(c, &kind_pod, ns_of(i), name);

        holds((r != NULL) == m->at[i].there, "%s", name);
        holds(r == NULL || str_eq(rec_rv(r), rv), "%s has %s, not %s", name, rec_rv(r), rv);
        holds(r == NULL || cache_has_seen(c, &kind_pod, rec_uid(r), rv), "%s is unseen", name);
    }
    holds(cache_count(c, &kind_pod) == count_where(m, -1, -1), "count");
    cache_list(a, c, &kind_pod, "even", &n);
    holds(n == count_where(m, 0, -1), "a namespace lists %zu", n);
    for (int o = 0; o < 3; o++) {
        const struct rec **list = cache_owned(a, c, &kind_pod, arena_printf(a, "o%d", o), &n);

        holds(n == count_where(m, -1, o), "owner o%d has %zu", o, n);
        for (size_t i = 1; i < n; i++) {
            int order = strcmp(rec_namespace(list[i - 1]), rec_namespace(list[i]));

            holds(order < 0 || (order == 0 && strcmp(rec_name(list[i - 1]), rec_name(list[i])) < 0),
                  "not sorted");
        }
    }
}

/* --- an ordered list: pods of an owner, the newest resource version first ------------------------
 */

static int64_t version_of(const struct rec *r)
{
    return strtoll(rec_rv(r), NULL, 10);
}

static bool newest_list(const struct rec *r, char *ret)
{
    snprintf(ret, CACHE_LIST_MAX, "%s", rec_controller_uid(r));
    return !str_eq(rec_controller_uid(r), "o2");
}

static int newest_first(const struct rec *a, const struct rec *b)
{
    int64_t v = version_of(a), w = version_of(b);
    int order = strcmp(rec_namespace(a), rec_namespace(b));

    if (v != w) {
        return v > w ? -1 : 1;
    }
    return order != 0 ? order : strcmp(rec_name(a), rec_name(b));
}

static int64_t sum_versions(const struct rec *const *first, size_t n)
{
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += version_of(first[i]);
    }
    return sum;
}

static const struct cache_order newest = {&kind_pod, newest_list, newest_first, sum_versions};
static const struct cache_order *const orders[] = {&newest, NULL};

static void compare_order(struct arena *a, const struct caches *c, const struct model *m)
{
    size_t lists = 0;

    cache_order_lists(a, c, &newest, &lists);
    holds(lists == (size_t)(count_where(m, -1, 0) > 0) + (count_where(m, -1, 1) > 0),
          "%zu lists are not empty", lists);
    for (int o = 0; o < 3; o++) {
        const char *owner = arena_printf(a, "o%d", o);
        size_t n = 0, want = o < 2 ? count_where(m, -1, o) : 0;
        const struct rec **list = cache_ordered(a, c, &newest, owner, &n);
        int64_t sum = 0;

        holds(n == want, "the list of %s has %zu, not %zu", owner, n, want);
        for (size_t i = 0; i < n; i++) {
            const struct rec *r = list[i];

            holds(cache_get(c, &kind_pod, rec_namespace(r), rec_name(r)) == r, "an old record");
            holds(cache_by_uid(c, &kind_pod, rec_uid(r)) != NULL, "no such uid");
            holds(i == 0 || newest_first(list[i - 1], r) < 0, "%s is out of order", rec_name(r));
            sum += version_of(r);
        }
        holds(cache_sum(c, &newest, owner) == sum, "the sum of %s is another", owner);
    }
}

LAW(a_store_holds_what_its_events_say)
{
    struct caches *c = caches_new();
    struct model m = {0};

    caches_add_kind(c, &kind_pod);
    caches_add_orders(c, orders);
    for (unsigned step = 1, n = roll(d, 80); step <= n; step++) {
        struct event ev = {roll(d, PLACES), roll(d, 2), roll(d, 3 * step) + 1, roll(d, 3)};
        unsigned what = roll(d, 10);

        if (what < 6) {
            apply_both(a, c, &m, ev);
        } else if (what < 8) {
            drop_both(a, c, &m, ev);
        } else if (what == 8) {
            begin_both(c, &m);
        } else if (m.relisting) {
            sweep_both(c, &m);
        } else {
            caches_shake(c);
        }
        compare(a, c, &m);
        if (roll(d, 2) == 0) { /* else changes gather until somebody reads */
            compare_order(a, c, &m);
        }
    }
    caches_free(c);
}

SPEC_MAIN()
