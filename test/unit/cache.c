/* cache.c — one store a kind: applying events, relisting in place, reading. */
#include "api/kinds.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "kube/cache.h"
#include "support/spec.h"

static struct arena a;
static struct caches *cs;
static struct cache_change change;

static void fresh(void)
{
    caches_free(cs);
    cs = caches_new();
    caches_add_kind(cs, &kind_pod);
}

static const struct json *pod(const char *ns, const char *name, const char *uid, const char *rv)
{
    const char *text =
        arena_printf(&a,
                     "{\"metadata\":{\"namespace\":\"%s\",\"name\":\"%s\",\"uid\":\"%s\","
                     "\"resourceVersion\":\"%s\",\"ownerReferences\":[{\"uid\":\"run-%s\","
                     "\"controller\":true}]},\"status\":{\"phase\":\"rv%s\"}}",
                     ns, name, uid, rv, uid, rv);
    const struct json *j;
    struct err e;

    assert_ok(json_parse(&a, text, strlen(text), &j, &e), &e);
    return j;
}

static void applied(const char *ns, const char *name, const char *uid, const char *rv)
{
    struct err e;

    assert_ok(cache_apply(cs, &kind_pod, pod(ns, name, uid, rv), &change, &e), &e);
}

static void dropped(const char *ns, const char *name, const char *uid, const char *rv)
{
    struct err e;

    assert_ok(cache_drop(cs, &kind_pod, pod(ns, name, uid, rv), &change, &e), &e);
}

static const char *phase(const char *ns, const char *name)
{
    const struct rec *r = cache_get(cs, &kind_pod, ns, name);

    return r != NULL ? pod_status_phase(r) : "(none)";
}

static const char *names(const struct rec **list, size_t n)
{
    char *text = arena_strdup(&a, "");

    for (size_t i = 0; i < n; i++) {
        text = arena_printf(&a, "%s%s/%s ", text, rec_namespace(list[i]), rec_name(list[i]));
    }
    return text;
}

static const char *listed(const char *ns)
{
    size_t n;
    const struct rec **list = cache_list(&a, cs, &kind_pod, ns, &n);

    return names(list, n);
}

static const char *owned(const char *uid)
{
    size_t n;
    const struct rec **list = cache_owned(&a, cs, &kind_pod, uid, &n);

    return names(list, n);
}

static const char *swept;
static void note_swept(void *ctx, const struct kind *k, const struct rec *old)
{
    assert_null(ctx);
    assert_ptr_equal(k, &kind_pod);
    swept = arena_printf(&a, "%s%s ", swept, rec_name(old));
}

TEST(an_added_object_is_found_by_namespace_and_name)
{
    fresh();
    applied("vision", "p1", "u1", "5");
    assert_string_equal(phase("vision", "p1"), "rv5");
    assert_null(cache_get(cs, &kind_pod, "speech", "p1"));
    assert_null(cache_get(cs, &kind_pod, "vision", "p"));
    assert_null(change.old);
    assert_non_null(change.now);
}

TEST(a_change_tells_the_states_before_and_after)
{
    fresh();
    applied("vision", "p1", "u1", "5");
    applied("vision", "p1", "u1", "6");
    assert_string_equal(pod_status_phase(change.old), "rv5");
    assert_string_equal(pod_status_phase(change.now), "rv6");
    assert_false(change.replaced);
    assert_int_equal(cache_count(cs, &kind_pod), 1);
}

TEST(an_event_no_newer_than_the_stored_object_is_dropped)
{
    fresh();
    applied("vision", "p1", "u1", "10");
    applied("vision", "p1", "u1", "9");
    assert_null(change.old);
    assert_null(change.now);
    applied("vision", "p1", "u1", "10");
    assert_null(change.now);
    assert_string_equal(phase("vision", "p1"), "rv10");
}

TEST(another_uid_under_the_same_name_is_a_replacement_whatever_its_version)
{
    fresh();
    applied("vision", "p1", "u1", "10");
    applied("vision", "p1", "u2", "9");
    assert_true(change.replaced);
    assert_string_equal(rec_uid(change.old), "u1");
    assert_string_equal(rec_uid(change.now), "u2");
    assert_int_equal(cache_count(cs, &kind_pod), 1);
    assert_true(cache_has_seen(cs, &kind_pod, "u1", "99"));
}

TEST(a_deletion_tells_the_last_state_of_the_event)
{
    fresh();
    applied("vision", "p1", "u1", "10");
    dropped("vision", "p1", "u1", "12");
    assert_string_equal(pod_status_phase(change.old), "rv12");
    assert_null(change.now);
    assert_null(cache_get(cs, &kind_pod, "vision", "p1"));
    assert_int_equal(cache_count(cs, &kind_pod), 0);
}

TEST(a_late_deletion_of_a_predecessor_removes_nothing)
{
    fresh();
    applied("vision", "p1", "u2", "10");
    dropped("vision", "p1", "u1", "11");
    assert_null(change.old);
    assert_string_equal(phase("vision", "p1"), "rv10");
    dropped("vision", "p9", "u9", "11");
    assert_null(change.old);
}

TEST(a_replaced_record_stays_readable_until_the_next_event)
{
    const struct rec *before;

    fresh();
    applied("vision", "p1", "u1", "5");
    before = cache_get(cs, &kind_pod, "vision", "p1");
    applied("vision", "p1", "u1", "6");
    assert_string_equal(pod_status_phase(before), "rv5");
    before = change.now;
    dropped("vision", "p1", "u1", "7");
    assert_string_equal(pod_status_phase(before), "rv6");
}

TEST(an_undecodable_object_changes_nothing)
{
    const struct json *j;
    struct err e;

    fresh();
    applied("vision", "p1", "u1", "5");
    assert_ok(json_parse(&a, "{\"metadata\":{}}", 15, &j, &e), &e);
    assert_int_equal(cache_apply(cs, &kind_pod, j, &change, &e), -1);
    assert_string_equal(e.reason, "MalformedObject");
    assert_int_equal(cache_drop(cs, &kind_pod, j, &change, &e), -1);
    assert_int_equal(cache_count(cs, &kind_pod), 1);
}

TEST(a_store_is_not_steady_before_its_first_sweep_and_during_a_relist)
{
    fresh();
    assert_false(cache_is_steady(cs, &kind_pod));
    cache_begin_relist(cs, &kind_pod, false);
    cache_sweep(cs, &kind_pod, NULL, NULL);
    assert_true(cache_is_steady(cs, &kind_pod));
    cache_begin_relist(cs, &kind_pod, false);
    assert_false(cache_is_steady(cs, &kind_pod));
}

TEST(a_relist_sweeps_what_it_did_not_contain)
{
    fresh();
    applied("vision", "p1", "u1", "5");
    applied("vision", "p2", "u2", "6");
    applied("vision", "p3", "u3", "7");
    cache_begin_relist(cs, &kind_pod, false);
    applied("vision", "p2", "u2", "6");
    assert_null(change.now);
    assert_string_equal(phase("vision", "p1"), "rv5");
    swept = "";
    assert_int_equal(cache_sweep(cs, &kind_pod, note_swept, NULL), 2);
    assert_non_null(strstr(swept, "p1 "));
    assert_non_null(strstr(swept, "p3 "));
    assert_null(cache_get(cs, &kind_pod, "vision", "p1"));
    assert_string_equal(phase("vision", "p2"), "rv6");
    assert_true(cache_has_seen(cs, &kind_pod, "u3", "99"));
}

TEST(a_sweep_of_many_keeps_all_readable_until_the_next_event)
{
    fresh();
    for (int i = 0; i < 40; i++) {
        applied("vision", arena_printf(&a, "p%d", i), arena_printf(&a, "u%d", i), "5");
    }
    const struct rec *first = cache_get(cs, &kind_pod, "vision", "p0"),
                     *last = cache_get(cs, &kind_pod, "vision", "p39");
    cache_begin_relist(cs, &kind_pod, false);
    assert_int_equal(cache_sweep(cs, &kind_pod, NULL, NULL), 40);
    assert_int_equal(cache_count(cs, &kind_pod), 0);
    assert_string_equal(rec_uid(first), "u0");
    assert_string_equal(rec_uid(last), "u39");
}

TEST(an_interrupted_relist_sweeps_nothing)
{
    fresh();
    applied("vision", "p1", "u1", "5");
    applied("vision", "p2", "u2", "6");
    cache_begin_relist(cs, &kind_pod, false);
    applied("vision", "p1", "u1", "5");
    cache_begin_relist(cs, &kind_pod, false);
    assert_int_equal(cache_count(cs, &kind_pod), 2);
    applied("vision", "p2", "u2", "6");
    assert_int_equal(cache_sweep(cs, &kind_pod, NULL, NULL), 1);
    assert_null(cache_get(cs, &kind_pod, "vision", "p1"));
}

TEST(after_a_reset_lower_versions_are_taken)
{
    fresh();
    applied("vision", "p1", "u1", "500");
    cache_begin_relist(cs, &kind_pod, true);
    applied("vision", "p1", "u1", "20");
    assert_string_equal(phase("vision", "p1"), "rv20");
    cache_sweep(cs, &kind_pod, NULL, NULL);
    applied("vision", "p1", "u1", "19");
    assert_string_equal(phase("vision", "p1"), "rv20");
}

TEST(an_own_write_is_visible_by_object_by_store_or_by_tombstone)
{
    fresh();
    applied("vision", "p1", "u1", "10");
    assert_true(cache_has_seen(cs, &kind_pod, "u1", "10"));
    assert_false(cache_has_seen(cs, &kind_pod, "u1", "11"));
    assert_false(cache_has_seen(cs, &kind_pod, "u2", "11"));
    cache_set_rv(cs, &kind_pod, "11");
    assert_true(cache_has_seen(cs, &kind_pod, "u2", "11"));
    assert_false(cache_has_seen(cs, &kind_pod, "u1", "12"));
    dropped("vision", "p1", "u1", "12");
    assert_true(cache_has_seen(cs, &kind_pod, "u1", "13"));
}

TEST(tombstones_are_bounded_and_the_oldest_goes_first)
{
    fresh();
    for (int i = 0; i < 1100; i++) {
        const char *uid = arena_printf(&a, "t%d", i);

        applied("vision", "p", uid, "5");
        dropped("vision", "p", uid, "6");
    }
    assert_true(cache_has_seen(cs, &kind_pod, "t1099", "7"));
    assert_false(cache_has_seen(cs, &kind_pod, "t0", "7"));
}

TEST(lists_are_sorted_by_namespace_and_name)
{
    fresh();
    applied("b", "1", "u1", "1");
    applied("a", "2", "u2", "2");
    applied("a", "1", "u3", "3");
    assert_string_equal(listed(NULL), "a/1 a/2 b/1 ");
    assert_string_equal(listed("a"), "a/1 a/2 ");
    assert_string_equal(listed("c"), "");
}

TEST(iteration_meets_every_object_of_a_namespace_once)
{
    struct cache_iter it = {0};
    const struct rec *r;
    int sum = 0;

    fresh();
    applied("a", "1", "u1", "1");
    applied("b", "2", "u2", "2");
    applied("a", "4", "u3", "3");
    while ((r = cache_next(cs, &kind_pod, "a", &it)) != NULL) {
        sum += rec_name(r)[0] - '0';
    }
    assert_int_equal(sum, 5);
    it = (struct cache_iter){0};
    while ((r = cache_next(cs, &kind_pod, NULL, &it)) != NULL) {
        sum += rec_name(r)[0] - '0';
    }
    assert_int_equal(sum, 12);
}

TEST(objects_are_found_by_their_controller_owner)
{
    fresh();
    applied("a", "p2", "x", "1");
    applied("a", "p1", "x", "2");
    applied("a", "p3", "y", "3");
    assert_string_equal(owned("run-x"), "a/p1 a/p2 ");
    dropped("a", "p2", "x", "4");
    assert_string_equal(owned("run-x"), "a/p1 ");
    applied("a", "p1", "y", "5");
    assert_string_equal(owned("run-y"), "a/p1 a/p3 ");
    assert_string_equal(owned("run-x"), "");
    assert_string_equal(owned(NULL), "");
}

TEST(by_hand_an_object_is_put_whatever_its_version_and_removed_by_name)
{
    struct err e;

    fresh();
    assert_ok(cache_put(cs, &kind_pod, pod("a", "p", "u", "9"), &e), &e);
    assert_ok(cache_put(cs, &kind_pod, pod("a", "p", "u", "1"), &e), &e);
    assert_string_equal(phase("a", "p"), "rv1");
    assert_true(cache_remove(cs, &kind_pod, "a", "p"));
    assert_false(cache_remove(cs, &kind_pod, "a", "p"));
    assert_int_equal(cache_count(cs, &kind_pod), 0);
}

TEST(a_kind_added_twice_keeps_its_objects)
{
    fresh();
    applied("a", "p", "u", "9");
    caches_add_kind(cs, &kind_pod);
    assert_int_equal(cache_count(cs, &kind_pod), 1);
    assert_true(caches_has_kind(cs, &kind_pod));
    assert_false(caches_has_kind(cs, &kind_node));
}

TEST(shaking_keeps_every_index)
{
    fresh();
    applied("a", "p1", "x", "1");
    applied("a", "p2", "y", "2");
    caches_shake(cs);
    assert_string_equal(phase("a", "p1"), "rv1");
    assert_string_equal(owned("run-x"), "a/p1 ");
    assert_true(cache_has_seen(cs, &kind_pod, "y", "2"));
    dropped("a", "p2", "y", "3");
    assert_int_equal(cache_count(cs, &kind_pod), 1);
    fresh();
}

static void put_text(const char *text)
{
    const struct json *j;
    struct err e;

    assert_ok(json_parse(&a, text, strlen(text), &j, &e), &e);
    assert_ok(cache_apply(cs, &kind_pod, j, &change, &e), &e);
}

TEST(objects_without_a_uid_or_with_a_long_one_leave_no_tombstone_and_no_trouble)
{
    const char *longest = "0123456789012345678901234567890123456789012345678901234567890123456789";

    fresh();
    put_text("{\"metadata\":{\"name\":\"bare\",\"resourceVersion\":\"1\"}}");
    assert_true(cache_remove(cs, &kind_pod, NULL, "bare"));
    put_text(arena_printf(&a, "{\"metadata\":{\"name\":\"long\",\"uid\":\"%s\"}}", longest));
    assert_true(cache_remove(cs, &kind_pod, "", "long"));
    assert_false(cache_has_seen(cs, &kind_pod, longest, "5"));
    assert_false(cache_has_seen(cs, &kind_pod, NULL, "5"));
}

TEST(a_version_that_cannot_be_compared_is_taken_when_it_differs)
{
    fresh();
    applied("a", "p", "u", "5");
    applied("a", "p", "u", "x3");
    assert_string_equal(phase("a", "p"), "rvx3");
    applied("a", "p", "u", "4");
    assert_string_equal(phase("a", "p"), "rv4");
    applied("a", "p", "u", "4");
    assert_null(change.now);
    applied("a", "p", "u", "");
    assert_non_null(change.now);
}

TEST(a_dropped_event_still_counts_as_seen_by_the_relist)
{
    fresh();
    applied("a", "p", "u", "5");
    cache_begin_relist(cs, &kind_pod, false);
    applied("a", "p", "u", "5");
    assert_null(change.now);
    assert_int_equal(cache_sweep(cs, &kind_pod, NULL, NULL), 0);
    assert_string_equal(phase("a", "p"), "rv5");
}

TEST(the_store_keeps_its_version_as_text)
{
    fresh();
    assert_string_equal(cache_rv(cs, &kind_pod), "");
    cache_set_rv(cs, &kind_pod, "12345678901234567890123");
    assert_string_equal(cache_rv(cs, &kind_pod), "12345678901234567890123");
    cache_set_rv(cs, &kind_pod, "12345678901234567890123");
    cache_set_rv(cs, &kind_pod, NULL);
    assert_string_equal(cache_rv(cs, &kind_pod), "");
}

TEST(a_tombstone_has_room_for_63_bytes_of_uid)
{
    const char *n63 = "012345678901234567890123456789012345678901234567890123456789012";
    const char *n64 = arena_printf(&a, "%sx", n63);

    fresh();
    applied("a", "p", n63, "1");
    applied("a", "q", n64, "2");
    assert_true(cache_remove(cs, &kind_pod, "a", "p"));
    assert_true(cache_remove(cs, &kind_pod, "a", "q"));
    assert_true(cache_has_seen(cs, &kind_pod, n63, "5"));
    assert_false(cache_has_seen(cs, &kind_pod, n64, "5"));
}

TEST(what_cannot_be_decoded_is_an_error_of_each_way_in)
{
    const struct json *j = NULL;
    struct err e;

    fresh();
    assert_ok(json_parse(&a, "{\"metadata\":{}}", 15, &j, &e), &e);
    assert_int_equal(cache_put(cs, &kind_pod, j, &e), -1);
    assert_string_equal(e.reason, "MalformedObject");
    assert_int_equal(cache_apply(cs, &kind_pod, j, &change, &e), -1);
    assert_int_equal(cache_drop(cs, &kind_pod, j, &change, &e), -1);
    assert_int_equal(cache_count(cs, &kind_pod), 0);
}

TEST(without_versions_every_event_is_a_change)
{
    fresh();
    applied("a", "p", "u", "");
    applied("a", "p", "u", "");
    assert_non_null(change.now);
    applied("a", "p", "u", "03");
    applied("a", "p", "u", "03");
    assert_null(change.now); /* no number, yet the same text */
}

SPEC_MAIN()
