/* ryw.c — which wait a live GET answers. */
#include "kube/ryw.h"

#include "api/kinds.gen.h"
#include "base/limits.h"
#include "support/spec.h"

static const struct queue_key key = {0, "ns", "r1"};

static void wait_for_pod(struct ryw *r, struct caches *c, const char *name, int64_t now_ms)
{
    ryw_add(
        r, c, &key,
        &(struct ryw_wait){.kind = &kind_pod, .ns = "ns", .name = name, .uid = name, .rv = "50"},
        now_ms);
}

TEST(an_answer_is_for_the_object_that_was_looked_at_though_another_falls_due)
{
    struct caches *c = caches_new();
    struct ryw *r = ryw_new();
    struct ryw_wait w;
    int64_t now = 1000;

    caches_add_kind(c, &kind_pod);
    wait_for_pod(r, c, "first", now);
    wait_for_pod(r, c, "second", now + 1);
    now += limit(LIMIT_RYW_MS);
    assert_int_equal(ryw_check(r, c, &key, now), RYW_LOOK);
    assert_true(ryw_look(r, &key, now, &w));
    assert_string_equal(w.name, "first");
    now += 1000; /* the GET took a while: now both are due */
    ryw_found(r, c, &key, &(struct ryw_wait){.kind = &kind_pod, .ns = "ns", .name = "first"}, now);
    assert_int_equal(ryw_count(r), 1);
    assert_true(ryw_look(r, &key, now, &w));
    assert_string_equal(w.name, "second");
    ryw_free(r);
    caches_free(c);
}

TEST(an_answer_for_an_object_that_nobody_waits_for_any_more_ends_no_other_wait)
{
    struct caches *c = caches_new();
    struct ryw *r = ryw_new();

    caches_add_kind(c, &kind_pod);
    wait_for_pod(r, c, "second", 0);
    ryw_found(r, c, &key, &(struct ryw_wait){.kind = &kind_pod, .ns = "ns", .name = "first"},
              limit(LIMIT_RYW_MS) + 1);
    assert_int_equal(ryw_count(r), 1);
    assert_int_equal(ryw_given_up(r), 0);
    ryw_free(r);
    caches_free(c);
}

SPEC_MAIN()
