/* passes.c — one pass after another: own writes, needs, the ledger, wake-ups, the lease. */
#include <stdio.h>

#include "base/limits.h"
#include "base/span.h"
#include "support/desk.h"
#include "support/spec.h"

/* --- read your writes --------------------------------------------------------------------------
 */

TEST(a_key_is_not_planned_while_its_own_write_is_unseen)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_answer(&d.w, 201, child("20"));
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(d.plans, 1);
    seen(&kind_pod, child("20"));
    step();
    assert_int_equal(d.plans, 2);
    assert_int_equal(wire_open(&d.w), 0);
    desk_clear();
}

TEST(a_bookmark_past_the_write_is_enough)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_answer(&d.w, 201, child("20"));
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(d.plans, 1);
    struct watch_sink sink = shell_sink(d.s);
    cache_set_rv(d.caches, &kind_pod, "21");
    sink.advanced(sink.ctx, &kind_pod, "21");
    d.planner = NULL;
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

TEST(a_deleted_child_is_waited_for_until_it_is_gone_or_marked)
{
    given_a_root(&root_controller);
    seen(&kind_pod, child("12"));
    d.planner = deletes_the_child;
    step();
    wire_answer(&d.w, 200, object("r1", "child-uid", "13", ""));
    seen(&kind_configmap, object("r1", "root-uid", "14", ""));
    step();
    assert_int_equal(d.plans, 1);
    seen(&kind_pod, object("r1", "child-uid", "15",
                           ",\"deletionTimestamp\":\"2026-11-23T00:00:00Z\"" OWNED_BY_ROOT));
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

static void the_server_said_gone_and_the_watch_is_silent_for_ten_seconds(void)
{
    given_a_root(&root_controller);
    seen(&kind_pod, child("12"));
    d.planner = deletes_the_child;
    step();
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "pods \"r1\" not found"));
    d.planner = NULL;
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(d.plans, 1);
    d.w.now_ms += limit(LIMIT_RYW_MS);
    step();
}

TEST(a_delete_that_the_server_took_for_done_although_the_object_lives_is_planned_anew)
{
    the_server_said_gone_and_the_watch_is_silent_for_ten_seconds();
    wire_answer(&d.w, 200, child("12"));
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

TEST(a_delete_is_held_while_only_the_watch_is_late)
{
    the_server_said_gone_and_the_watch_is_silent_for_ten_seconds();
    wire_answer(&d.w, 200,
                object("r1", "child-uid", "15",
                       ",\"deletionTimestamp\":\"2026-11-23T00:00:00Z\"" OWNED_BY_ROOT));
    step();
    assert_int_equal(d.plans, 1);
    d.w.now_ms += limit(LIMIT_RYW_MS);
    step();
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "pods \"r1\" not found"));
    step();
    assert_int_equal(d.plans, 1);
    desk_clear();
}

TEST(a_write_that_no_watch_shows_is_not_waited_for)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_answer(&d.w, 201,
                "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"r1\",\"uid\":\"child-uid\","
                "\"resourceVersion\":\"20\",\"labels\":{\"app\":\"another\"}}}");
    d.planner = NULL;
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

static void unseen_for_ten_seconds(void)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_answer(&d.w, 201, child("20"));
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(d.plans, 1);
    d.planner = NULL;
    d.w.now_ms += limit(LIMIT_RYW_MS);
    step();
    wire_expect(&d.w, "GET", PODS "/r1", NULL);
}

TEST(a_write_unseen_for_ten_seconds_is_held_while_a_live_get_finds_it)
{
    unseen_for_ten_seconds();
    wire_answer(&d.w, 200, child("20"));
    step();
    assert_int_equal(d.plans, 1);
    d.w.now_ms += limit(LIMIT_RYW_MS);
    step();
    wire_expect(&d.w, "GET", PODS "/r1", NULL);
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "it was deleted meanwhile"));
    step();
    assert_int_equal(d.plans, 1);
    seen(&kind_pod, child("20"));
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

TEST(a_reply_with_a_version_that_will_never_be_is_not_waited_for_for_ever)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_answer(&d.w, 201, object("r1", "nobody", "99999999999999999999999999", ""));
    seen(&kind_pod, child("30"));
    seen(&kind_configmap, object("r1", "root-uid", "31", ""));
    d.planner = NULL;
    step();
    assert_int_equal(d.plans, 1);
    d.w.now_ms += limit(LIMIT_RYW_MS);
    step();
    wire_answer(&d.w, 200, child("30"));
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

TEST(a_write_unseen_for_ten_seconds_is_given_up_when_the_server_has_gone_back)
{
    unseen_for_ten_seconds();
    wire_answer(&d.w, 200, child("19"));
    assert_int_equal(d.plans, 2);
    shell_measure(d.s);
    assert_non_null(strstr(metrics_text(), "\ndkube_unseen_writes_given_up_total 1\n"));
    desk_clear();
}

TEST(a_write_unseen_for_ten_seconds_is_given_up_when_no_watch_shows_it)
{
    unseen_for_ten_seconds();
    wire_answer(&d.w, 200,
                "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"r1\",\"uid\":\"child-uid\","
                "\"resourceVersion\":\"20\",\"labels\":{\"app\":\"another\"}}}");
    assert_int_equal(d.plans, 2);
    desk_clear();
}

TEST(a_live_get_that_is_forbidden_holds_the_key_no_longer_than_the_limit)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_lose(&d.w);
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    d.planner = NULL;
    wire_answer(&d.w, 403, wire_status(403, "Forbidden", "may not get pods"));
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

TEST(a_live_get_without_an_answer_is_asked_again)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_lose(&d.w);
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    wire_lose(&d.w);
    step();
    assert_int_equal(d.plans, 1);
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS) * 2;
    step();
    assert_int_equal(d.plans, 1);
    wire_expect(&d.w, "GET", PODS "/r1", NULL);
    desk_clear();
}

TEST(a_relist_that_falls_behind_what_the_watch_has_told_clears_the_waits)
{
    given_a_root(&root_controller);
    seen(&kind_pod, object("other", "other-uid", "30", ""));
    d.planner = creates_a_child;
    step();
    wire_answer(&d.w, 201, child("40"));
    d.planner = NULL;
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(d.plans, 1);
    struct watch_sink sink = shell_sink(d.s);
    cache_begin_relist(d.caches, &kind_pod, false);
    cache_sweep(d.caches, &kind_pod, NULL, NULL);
    cache_set_rv(d.caches, &kind_pod, "20"); /* above that of the last sync, 10 */
    sink.synced(sink.ctx, &kind_pod);
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

TEST(a_relist_that_lowers_the_resource_version_clears_the_waits)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_answer(&d.w, 201, child("20"));
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(d.plans, 1);
    d.planner = NULL;
    struct watch_sink sink = shell_sink(d.s);
    cache_begin_relist(d.caches, &kind_pod, true);
    cache_sweep(d.caches, &kind_pod, NULL, NULL);
    cache_set_rv(d.caches, &kind_pod, "3");
    sink.synced(sink.ctx, &kind_pod);
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

/* --- the singleton -----------------------------------------------------------------------------
 */

static void writes_both_roots(const struct desk_view *v UNUSED, struct plan *p)
{
    const char *names[] = {"r1", "r2"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct rec *r = cache_get(d.caches, &kind_configmap, "ns", names[i]);
        plan_apply(p, &kind_configmap, r, NULL,
                   arena_printf(p->a,
                                "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\"},"
                                "\"data\":{\"k\":\"v\"}}",
                                names[i]));
        plan_event(p, &kind_configmap, r, EVENT_NORMAL, "Admitted", "admitted %s", names[i]);
    }
}

TEST(the_ledger_leaves_out_a_stale_object_and_writes_the_others)
{
    given_a_root(&singleton);
    seen(&kind_configmap, object("r2", "root-uid-2", "12", ""));
    d.planner = writes_both_roots;
    shell_step(d.s);
    wire_expect(&d.w, "PATCH",
                "/api/v1/namespaces/ns/configmaps/r1?fieldManager=dkube-ledger&force=true", NULL);
    wire_answer(&d.w, 409, wire_status(409, "Conflict", "uid mismatch"));
    wire_expect(&d.w, "PATCH",
                "/api/v1/namespaces/ns/configmaps/r2?fieldManager=dkube-ledger&force=true", NULL);
    wire_answer(&d.w, 200, object("r2", "root-uid-2", "13", ""));
    shell_step(d.s);
    assert_non_null(strstr(wire_last(&d.w)->body, "admitted r2"));
    for (size_t i = 0; i < d.w.count; i++) {
        assert_null(strstr(wire_at(&d.w, i)->body, "admitted r1"));
    }
    assert_int_equal(d.plans, 1);
    desk_clear();
}

TEST(the_ledger_plans_again_only_when_all_its_writes_are_seen)
{
    given_a_root(&singleton);
    seen(&kind_configmap, object("r2", "root-uid-2", "12", ""));
    d.planner = writes_both_roots;
    shell_step(d.s);
    wire_answer(&d.w, 200, object("r1", "root-uid", "14", ""));
    wire_answer(&d.w, 200, object("r2", "root-uid-2", "13", ""));
    d.planner = NULL;
    shell_enqueue(d.s, "ledger", "", "cluster");
    step();
    seen(&kind_configmap, object("r2", "root-uid-2", "13", ""));
    step();
    assert_int_equal(d.plans, 1);
    seen(&kind_configmap, object("r1", "root-uid", "14", ""));
    step();
    assert_true(d.plans > 1);
    desk_clear();
}

/* --- needs -------------------------------------------------------------------------------------
 */

static void needs_a_secret(const struct desk_view *v, struct plan *p)
{
    const struct answer *an = answer_get(&v->answers, &kind_secret, "ns", "s");
    if (an == NULL) {
        plan_need_get(p, &kind_secret, "ns", "s");
    } else if (an->status == 404) {
        plan_create(p, &kind_pod, "ns", "r1", rec_uid(v->root), CHILD_BODY);
    }
}

static void needs_the_log(const struct desk_view *v, struct plan *p)
{
    const struct answer *an = answer_log(&v->answers, "ns", "r1", "main");
    if (an == NULL) {
        plan_need_log(p, "ns", "r1", "main", 20);
    } else {
        plan_event(p, &kind_configmap, v->root, EVENT_NORMAL, "Said", "%s", an->body);
    }
}

static void needs_something_else_each_time(const struct desk_view *v UNUSED, struct plan *p)
{
    plan_need_get(p, &kind_secret, "ns", arena_printf(p->a, "s%d", d.plans));
}

TEST(a_need_is_fetched_and_the_plan_made_again)
{
    given_a_root(&root_controller);
    d.planner = needs_a_secret;
    step();
    wire_expect(&d.w, "GET", "/api/v1/namespaces/ns/secrets/s", NULL);
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "no such secret"));
    assert_int_equal(d.plans, 2);
    wire_expect(&d.w, "POST", POST_PATH, NULL);
    desk_clear();
}

TEST(a_need_for_a_log_asks_for_its_last_lines)
{
    given_a_root(&root_controller);
    d.planner = needs_the_log;
    step();
    wire_expect(&d.w, "GET", PODS "/r1/log?container=main&tailLines=20&limitBytes=65536", NULL);
    wire_answer(&d.w, 200, "the last words");
    step();
    assert_non_null(strstr(wire_last(&d.w)->body, "\"note\":\"the last words\""));
    desk_clear();
}

TEST(a_need_that_fails_for_a_while_puts_the_pass_off)
{
    given_a_root(&root_controller);
    d.planner = needs_a_secret;
    step();
    wire_answer(&d.w, 503, "");
    assert_int_equal(d.plans, 1);
    assert_true(result("error") == 1);
    desk_clear();
}

static void needs_two_secrets(const struct desk_view *v, struct plan *p)
{
    plan_need_get(p, &kind_secret, "ns", "one");
    plan_need_get(p, &kind_secret, "ns", "two");
    if (answer_get(&v->answers, &kind_secret, "ns", "one") != NULL &&
        answer_get(&v->answers, &kind_secret, "ns", "two") != NULL) {
        p->need_count = 0;
    }
}

TEST(needs_are_fetched_at_the_same_time)
{
    given_a_root(&root_controller);
    d.planner = needs_two_secrets;
    step();
    assert_int_equal(wire_open(&d.w), 2);
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "no such secret"));
    assert_int_equal(d.plans, 1);
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "no such secret"));
    assert_int_equal(d.plans, 2);
    assert_true(result("success") == 1);
    desk_clear();
}

TEST(a_need_that_fails_ends_the_pass_when_the_others_have_been_answered)
{
    given_a_root(&root_controller);
    d.planner = needs_two_secrets;
    step();
    wire_answer_later(&d.w, 503, 5000);
    assert_int_equal(shell_in_flight(d.s), 1);
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "no such secret"));
    assert_int_equal(shell_in_flight(d.s), 0);
    assert_int_equal(d.plans, 1);
    assert_true(result("error") == 1);
    d.w.now_ms += 4999;
    step();
    assert_int_equal(d.plans, 1);
    desk_clear();
}

static void needs_many(const struct desk_view *v, struct plan *p)
{
    for (int i = 0; i < 20 && v->answers.count == 0; i++) {
        plan_need_get(p, &kind_secret, "ns", arena_printf(p->a, "s%d", i % 19));
    }
}

TEST(no_more_needs_than_the_limit_are_under_way_and_an_equal_one_is_asked_once)
{
    given_a_root(&root_controller);
    d.planner = needs_many;
    step();
    for (int i = 0; i < 19; i++) {
        size_t left = (size_t)(19 - i), most = (size_t)limit(LIMIT_NEEDS_AT_ONCE);
        assert_int_equal(wire_open(&d.w), left < most ? left : most);
        wire_answer(&d.w, 404, wire_status(404, "NotFound", "no such secret"));
    }
    assert_int_equal(d.w.count, 19);
    assert_int_equal(d.plans, 2);
    desk_clear();
}

TEST(needs_that_are_answered_while_they_are_sent_end_in_one_plan)
{
    given_a_root(&root_controller);
    d.planner = needs_many;
    d.w.at_once = 404;
    d.w.at_once_body = "{}";
    step();
    assert_int_equal(d.plans, 2);
    assert_true(result("success") == 1);
    desk_clear();
}

TEST(an_answer_older_than_ten_seconds_is_fetched_again)
{
    given_a_root(&root_controller);
    d.planner = needs_two_secrets;
    step();
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "no such secret"));
    wire_expect(&d.w, "GET", "/api/v1/namespaces/ns/secrets/two", NULL);
    d.w.now_ms += limit(LIMIT_ANSWER_MS);
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "no such secret"));
    assert_int_equal(d.plans, 2);
    wire_expect(&d.w, "GET", "/api/v1/namespaces/ns/secrets/one", NULL);
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "no such secret"));
    assert_int_equal(d.plans, 3);
    assert_true(result("success") == 1);
    desk_clear();
}

TEST(a_plan_that_never_stops_asking_is_put_into_back_off)
{
    given_a_root(&root_controller);
    d.planner = needs_something_else_each_time;
    step();
    for (int i = 0; i < 3; i++) {
        wire_answer(&d.w, 404, wire_status(404, "NotFound", "no"));
    }
    assert_int_equal(wire_open(&d.w), 0);
    assert_int_equal(d.plans, 4);
    assert_true(result("error") == 1);
    desk_clear();
}

/* --- wake-ups, limits, the lease ---------------------------------------------------------------
 */

static void wakes_in_a_minute(const struct desk_view *v, struct plan *p)
{
    plan_wake_at(p, v->now_ms + 60000);
}

static void wakes_in_the_past(const struct desk_view *v, struct plan *p)
{
    plan_wake_at(p, v->now_ms - 5000);
}

TEST(a_wish_to_be_woken_is_granted)
{
    given_a_root(&root_controller);
    d.planner = wakes_in_a_minute;
    assert_int_equal(shell_step(d.s), d.w.now_ms + 60000);
    d.w.now_ms += 59999;
    step();
    assert_int_equal(d.plans, 1);
    d.w.now_ms += 1;
    step();
    assert_int_equal(d.plans, 2);
    assert_true(result("requeue_after") == 2);
    desk_clear();
}

TEST(a_wish_for_the_past_is_no_hot_loop)
{
    given_a_root(&root_controller);
    d.planner = wakes_in_the_past;
    for (int i = 0; i < 1000; i++) {
        d.w.now_ms += 1;
        shell_step(d.s);
    }
    assert_in_range(d.plans, 2, 12);
    desk_clear();
}

TEST(no_more_passes_than_the_limit_are_in_flight)
{
    given_a_root(&root_controller);
    d.planner = applies_the_root;
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof(name), "x%d", i);
        seen(&kind_configmap, object(name, name, "30", ""));
    }
    step();
    assert_int_equal(shell_in_flight(d.s), limit(LIMIT_PASSES_IN_FLIGHT));
    assert_int_equal(wire_open(&d.w), limit(LIMIT_PASSES_IN_FLIGHT));
    desk_clear();
}

static void takes_ten_milliseconds(const struct desk_view *v UNUSED, struct plan *p UNUSED)
{
    d.w.now_ms += 10;
}

TEST(many_plans_do_not_hold_up_the_loop)
{
    given_a_root(&root_controller);
    d.planner = takes_ten_milliseconds;
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof(name), "x%d", i);
        seen(&kind_configmap, object(name, name, "30", ""));
    }
    int64_t began = d.w.now_ms;
    int64_t again = shell_step(d.s);
    assert_in_range(d.w.now_ms - began, 10, limit(LIMIT_SLOW_ITERATION_MS));
    assert_in_range(again, 1, d.w.now_ms);
    while (!shell_is_idle(d.s)) {
        shell_step(d.s);
    }
    assert_int_equal(d.plans, 41);
    desk_clear();
}

TEST(the_age_of_passes_under_way_is_measured)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    d.w.now_ms += 2500;
    shell_measure(d.s);
    assert_non_null(strstr(metrics_text(), "\nworkqueue_longest_running_processor_seconds{"
                                           "name=\"root\",controller=\"root\"} 2.5\n"));
    desk_clear();
}

TEST(a_deleted_root_ends_its_pass_without_a_plan)
{
    given_a_root(&root_controller);
    shell_enqueue(d.s, "root", "ns", "never-there");
    step();
    assert_int_equal(d.plans, 1);
    assert_true(shell_is_idle(d.s));
    desk_clear();
}

static void does_much(const struct desk_view *v UNUSED, struct plan *p)
{
    for (int i = 0; i < WIRE_MAX && d.w.count == 0; i++) {
        plan_create(p, &kind_secret, "ns", arena_printf(p->a, "s%d", i), NULL, "{}");
    }
}

TEST(many_operations_answered_at_once_do_not_nest)
{
    given_a_root(&root_controller);
    d.w.at_once = 201;
    d.w.at_once_body = object("s", "s", "11", "");
    d.planner = does_much;
    step();
    assert_int_equal(d.w.count, WIRE_MAX);
    assert_true(result("success") == 1);
    assert_int_equal(shell_in_flight(d.s), 0);
    desk_clear();
}

static const char *lease_record(void)
{
    return "{\"metadata\":{\"uid\":\"l\",\"resourceVersion\":\"1\"},"
           "\"spec\":{\"holderIdentity\":\"me\",\"leaseDurationSeconds\":15}}";
}

static void given_a_leader(void)
{
    wire_init(&d.w);
    d.lease = lease_new(&d.w.t, &(struct lease_conf){"sys", "prog", "me", 1});
    struct lease *mine = d.lease;
    given_a_root(&root_controller);
    d.lease = mine;
    lease_step(d.lease);
    wire_answer(&d.w, 200, lease_record());
    wire_answer(&d.w, 200, lease_record());
    assert_int_equal(lease_state(d.lease), LEASE_HELD);
}

TEST(a_write_has_no_more_time_than_the_lease_leaves)
{
    given_a_leader();
    d.planner = creates_a_child;
    d.w.now_ms += 4000;
    step();
    assert_string_equal(wire_last(&d.w)->method, "POST");
    assert_int_equal(wire_last(&d.w)->timeout_ms, limit(LIMIT_LEASE_RENEW_MS) - 4000);
    desk_clear();
}

TEST(without_time_on_the_lease_no_write_is_sent)
{
    given_a_leader();
    d.planner = creates_a_child;
    d.w.now_ms += limit(LIMIT_LEASE_RENEW_MS);
    size_t before = d.w.count;
    step();
    assert_int_equal(d.plans, 1);
    for (size_t i = before; i < d.w.count; i++) {
        assert_string_not_equal(wire_at(&d.w, i)->path, POST_PATH);
    }
    assert_true(result("error") == 1);
    desk_clear();
}

static void makes_two_things(const struct desk_view *v, struct plan *p)
{
    creates_a_child(v, p);
    applies_the_root(v, p);
}

TEST(a_dry_run_lets_the_server_check_each_write_and_keeps_nothing)
{
    d.dry_run = true;
    given_a_root(&root_controller);
    d.planner = makes_two_things;
    step();
    wire_expect(&d.w, "POST", POST_PATH "&dryRun=All", NULL);
    wire_answer(&d.w, 422, wire_status(422, "Invalid", "spec is wrong"));
    assert_non_null(strstr(wire_last(&d.w)->path, "&dryRun=All"));
    assert_string_equal(wire_last(&d.w)->method, "PATCH");
    wire_answer(&d.w, 200, object("r1", "root-uid", "12", ""));
    assert_true(result("success") == 1);
    d.w.now_ms += 60000;
    step();
    assert_int_equal(d.plans, 1);
    assert_int_equal(wire_open(&d.w), 0);
    desk_clear();
}

TEST(a_dry_delete_says_so_too)
{
    d.dry_run = true;
    given_a_root(&root_controller);
    d.planner = deletes_the_child;
    seen(&kind_pod, child("11"));
    step();
    wire_expect(&d.w, "DELETE", PODS "/r1?dryRun=All", "uid");
    desk_clear();
}

SPEC_MAIN()
