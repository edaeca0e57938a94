/* shell.c — gather → plan → apply: when passes start, the write law, and what failures lead to. */
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/span.h"
#include "support/desk.h"
#include "support/spec.h"

static void adds_a_finalizer(const struct desk_view *v, struct plan *p)
{
    plan_finalizer_add(p, &kind_configmap, v->root, "dkube.io/test");
}

/* --- starting ----------------------------------------------------------------------------------
 */

TEST(nothing_is_planned_before_every_kind_has_synced_and_we_act)
{
    given(&root_controller);
    lists_begin();
    seen(&kind_configmap, object("r1", "root-uid", "11", ""));
    shell_act(d.s, true);
    step();
    assert_int_equal(d.plans, 0);
    lists_end();
    shell_act(d.s, false);
    step();
    assert_int_equal(d.plans, 0);
    shell_act(d.s, true);
    step();
    assert_int_equal(d.plans, 1);
    desk_clear();
}

TEST(a_standby_collects_keys_and_plans_them_when_it_leads)
{
    given_a_root(&root_controller);
    shell_act(d.s, false);
    step();
    assert_int_equal(d.plans, 0);
    shell_act(d.s, true);
    step();
    assert_int_equal(d.plans, 1);
    desk_clear();
}

TEST(a_controller_with_a_start_key_runs_though_there_is_nothing)
{
    given(&singleton);
    lists_begin();
    lists_end();
    shell_act(d.s, true);
    step();
    assert_int_equal(d.plans, 1);
    desk_clear();
}

TEST(two_watches_of_one_kind_that_differ_are_refused)
{
    static const struct watch other[] = {{.kind = &kind_pod, .map = map_self}};
    static const struct controller second = {.name = "second", .watches = other, .watch_count = 1};
    static const struct controller *const list[] = {&root_controller, &second};
    static const struct program program = {.name = "p", .controllers = list, .count = 2};
    struct err e = {0};
    wire_init(&d.w);
    d.caches = caches_new();
    assert_null(shell_new(
        &(struct shell_conf){.transport = &d.w.t, .caches = d.caches, .program = &program}, &e));
    assert_non_null(strstr(e.text, "pods"));
    caches_free(d.caches);
    wire_done(&d.w);
}

/* --- which keys an event concerns --- */

static char order[64];

static void notes_the_order(const struct desk_view *v, struct plan *p UNUSED)
{
    size_t n = strlen(order);
    snprintf(order + n, sizeof(order) - n, "%s ", rec_name(v->root));
}

TEST(objects_of_an_initial_list_are_planned_after_what_happens_now)
{
    given(&root_controller);
    order[0] = '\0';
    d.planner = notes_the_order;
    lists_begin();
    seen_first(&kind_configmap, object("old1", "u1", "5", ""));
    seen_first(&kind_configmap, object("old2", "u2", "6", ""));
    lists_end();
    seen(&kind_configmap, object("fresh", "u3", "12", ""));
    seen(&kind_configmap, object("old2", "u2", "13", ""));
    shell_act(d.s, true);
    step();
    assert_string_equal(order, "fresh old2 old1 ");
    desk_clear();
}

#define OWNED_BY(name)                                                              \
    ",\"ownerReferences\":[{\"kind\":\"Namespace\",\"name\":\"n0\",\"uid\":\"n\"}," \
    "{\"kind\":\"ConfigMap\",\"name\":\"" name "\",\"uid\":\"x\",\"controller\":true}]"

TEST(a_child_that_changes_its_owner_concerns_both)
{
    given_a_root(&root_controller);
    seen(&kind_configmap, object("r2", "u2", "12", ""));
    seen(&kind_pod, object("p", "p", "13", OWNED_BY("r1")));
    step();
    order[0] = '\0';
    d.planner = notes_the_order;
    seen(&kind_pod, object("p", "p", "14", OWNED_BY("r2")));
    step();
    assert_string_equal(order, "r1 r2 ");
    desk_clear();
}

TEST(a_child_of_a_cluster_scoped_owner_concerns_a_key_without_namespace)
{
    given(&cluster_controller);
    lists_begin();
    lists_end();
    shell_act(d.s, true);
    seen(&kind_pool, "{\"metadata\":{\"name\":\"p1\",\"uid\":\"u\",\"resourceVersion\":\"11\"}}");
    step();
    order[0] = '\0';
    d.planner = notes_the_order;
    seen(&kind_configmap,
         object("c", "c", "12",
                ",\"ownerReferences\":[{\"kind\":\"Pool\",\"name\":\"p1\",\"uid\":\"u\","
                "\"controller\":true}]"));
    step();
    assert_string_equal(order, "p1 ");
    desk_clear();
}

/* --- the write law -----------------------------------------------------------------------------
 */

TEST(a_child_is_created_by_post_and_the_pass_is_done)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_expect(&d.w, "POST", POST_PATH, "\"name\":\"r1\"");
    wire_answer(&d.w, 201, child("12"));
    assert_true(result("success") == 1);
    desk_clear();
}

TEST(creating_twice_is_harmless_the_second_finds_its_own)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_answer(&d.w, 409, wire_status(409, "AlreadyExists", "pods r1 already exists"));
    wire_expect(&d.w, "GET", PODS "/r1", NULL);
    wire_answer(&d.w, 200, child("12"));
    assert_true(result("success") == 1);
    assert_int_equal(wire_open(&d.w), 0);
    desk_clear();
}

TEST(a_name_that_another_owner_holds_is_told_and_never_adopted)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_answer(&d.w, 409, wire_status(409, "AlreadyExists", "pods r1 already exists"));
    wire_answer(&d.w, 200, object("r1", "stranger", "12", ""));
    assert_true(result("error") == 1);
    step();
    wire_expect(&d.w, "POST", "/apis/events.k8s.io/v1/namespaces/ns/events",
                "\"reason\":\"NameTaken\"");
    assert_non_null(strstr(wire_last(&d.w)->body, "\"uid\":\"root-uid\""));
    desk_clear();
}

TEST(a_settled_object_causes_no_request)
{
    given_a_root(&root_controller);
    seen(&kind_configmap,
         "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"r1\",\"uid\":\"root-uid\","
         "\"resourceVersion\":\"12\"},\"data\":{\"k\":\"v\",\"other\":\"x\"}}");
    d.planner = applies_the_root;
    step();
    assert_int_equal(d.plans, 1);
    assert_int_equal(d.w.count, 0);
    assert_true(result("success") == 1);
    desk_clear();
}

TEST(an_apply_carries_the_uid_the_manager_and_force)
{
    given_a_root(&root_controller);
    d.planner = applies_the_root;
    step();
    wire_expect(&d.w, "PATCH",
                "/api/v1/namespaces/ns/configmaps/r1?fieldManager=dkube-prog&force=true",
                "\"uid\":\"root-uid\"");
    assert_string_equal(wire_last(&d.w)->type, "application/apply-patch+yaml");
    desk_clear();
}

TEST(a_delete_names_the_uid_and_another_uid_under_the_name_is_success)
{
    given_a_root(&root_controller);
    seen(&kind_pod, child("12"));
    d.planner = deletes_the_child;
    step();
    wire_expect(&d.w, "DELETE", PODS "/r1", "\"preconditions\":{\"uid\":\"child-uid\"}");
    wire_answer(&d.w, 409,
                wire_status(409, "Conflict",
                            "Precondition failed: the UID in the precondition (child-uid) does not "
                            "match the UID in record (other)"));
    assert_true(result("success") == 1);
    assert_int_equal(wire_open(&d.w), 0);
    desk_clear();
}

TEST(a_delete_of_what_is_gone_is_success)
{
    given_a_root(&root_controller);
    seen(&kind_pod, child("12"));
    d.planner = deletes_the_child;
    step();
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "gone"));
    assert_true(result("success") == 1);
    desk_clear();
}

TEST(no_delete_is_sent_while_its_kind_relists)
{
    given_a_root(&root_controller);
    seen(&kind_pod, child("12"));
    d.planner = deletes_the_child;
    cache_begin_relist(d.caches, &kind_pod, false);
    step();
    assert_int_equal(d.plans, 1);
    assert_int_equal(d.w.count, 0);
    seen(&kind_pod, child("12"));
    cache_sweep(d.caches, &kind_pod, NULL, NULL);
    d.w.now_ms += 1000;
    step();
    wire_expect(&d.w, "DELETE", PODS "/r1", NULL);
    desk_clear();
}

TEST(a_finalizer_patch_whose_test_fails_is_planned_again)
{
    given_a_root(&root_controller);
    d.planner = adds_a_finalizer;
    step();
    assert_string_equal(wire_last(&d.w)->type, "application/json-patch+json");
    wire_answer(&d.w, 422, wire_status(422, "Invalid", "the test failed"));
    assert_true(result("requeue") == 1);
    step();
    assert_int_equal(wire_open(&d.w), 0);
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

/* --- failures ----------------------------------------------------------------------------------
 */

TEST(a_conflict_plans_again_after_a_pause)
{
    given_a_root(&root_controller);
    d.planner = applies_the_root;
    step();
    wire_answer(&d.w, 409, wire_status(409, "Conflict", "uid mismatch"));
    step();
    assert_int_equal(d.plans, 1);
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(d.plans, 2);
    assert_true(result("requeue") == 1);
    desk_clear();
}

TEST(a_refusal_becomes_an_event_and_no_hot_loop)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    int refusals = 0;
    for (int i = 0; i < 2000; i++) { /* two seconds, a millisecond a step */
        for (size_t n = wire_open(&d.w); n > 0; n--) {
            bool event = strstr(wire_last(&d.w)->path, "/events") != NULL;
            refusals += !event;
            wire_answer(&d.w, event ? 201 : 403,
                        event ? "{}" : wire_status(403, "Forbidden", "not allowed"));
        }
        d.w.now_ms += 1;
        shell_step(d.s);
    }
    assert_in_range(refusals, 5, 10);
    assert_true(result("error") == refusals);
    bool told = false;
    for (size_t i = 0; i < d.w.count; i++) {
        told = told || strstr(wire_at(&d.w, i)->body, "\"reason\":\"Forbidden\"") != NULL;
    }
    assert_true(told);
    desk_clear();
}

static struct refused told;
static int tellings;

/* Creates until it is told that this is refused; then it asks, and gives up. */
static void gives_up(const struct desk_view *v, struct plan *p)
{
    if (v->refused == NULL) {
        creates_a_child(v, p);
        return;
    }
    tellings++;
    told = *v->refused;
    told.message = arena_strdup(&d.a, v->refused->message);
    told.name = arena_strdup(&d.a, v->refused->name);
    if (answer_get(&v->answers, &kind_configmap, "ns", "r1") == NULL) {
        plan_need_get(p, &kind_configmap, "ns", "r1");
    }
}

TEST(a_refused_write_is_told_to_the_next_plan_once)
{
    tellings = 0;
    given_a_root(&root_controller);
    d.planner = gives_up;
    step();
    wire_answer(&d.w, 403, wire_status(403, "Forbidden", "exceeded quota: q"));
    d.w.now_ms += 10;
    step();
    assert_int_equal(tellings, 1);
    assert_int_equal(told.verb, OP_CREATE);
    assert_ptr_equal(told.kind, &kind_pod);
    assert_string_equal(told.name, "r1");
    assert_int_equal(told.code, 403);
    assert_string_equal(told.message, "exceeded quota: q");
    for (size_t n = wire_open(&d.w); n > 0; n--) { /* the Event, and what the plan asks for */
        bool event = strstr(wire_last(&d.w)->path, "/events") != NULL;
        wire_answer(&d.w, event ? 201 : 200, event ? "{}" : object("r1", "root-uid", "12", ""));
    }
    step();
    assert_int_equal(tellings, 2); /* the same pass, with the answer */
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(tellings, 2);
    assert_string_equal(wire_last(&d.w)->path, POST_PATH);
    desk_clear();
}

TEST(a_write_that_was_not_refused_tells_the_next_plan_nothing)
{
    tellings = 0;
    given_a_root(&root_controller);
    d.planner = gives_up;
    step();
    wire_answer(&d.w, 429, wire_status(429, "TooManyRequests", "later"));
    d.w.now_ms += 2000;
    step();
    assert_int_equal(tellings, 0);
    desk_clear();
}

TEST(the_servers_retry_after_is_obeyed)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_answer_later(&d.w, 429, 3000);
    d.w.now_ms += 2999;
    step();
    assert_int_equal(d.plans, 1);
    d.w.now_ms += 1;
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

TEST(success_makes_the_back_off_begin_anew)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    for (int i = 0; i < 6; i++) {
        step();
        wire_break(&d.w);
        d.w.now_ms += 1000;
    }
    step();
    wire_answer(&d.w, 201, child("12"));
    seen(&kind_pod, child("12"));
    step();
    d.planner = applies_the_root;
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    wire_break(&d.w);
    size_t before = d.w.count;
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(d.w.count, before + 1);
    desk_clear();
}

TEST(a_request_that_never_left_is_simply_sent_again)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_break(&d.w);
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(d.w.count, 2);
    assert_string_equal(wire_last(&d.w)->method, "POST");
    desk_clear();
}

TEST(after_a_lost_reply_a_live_get_decides_before_the_next_plan)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_lose(&d.w);
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(d.plans, 1);
    wire_expect(&d.w, "GET", PODS "/r1", NULL);
    wire_answer(&d.w, 200, child("12"));
    step();
    assert_int_equal(d.plans, 1);
    seen(&kind_pod, child("12"));
    step();
    assert_int_equal(d.plans, 2);
    assert_int_equal(wire_open(&d.w), 0);
    desk_clear();
}

TEST(a_lost_write_that_never_happened_is_planned_again)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_lose(&d.w);
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    wire_answer(&d.w, 404, wire_status(404, "NotFound", "no such pod"));
    step();
    assert_int_equal(d.plans, 2);
    wire_expect(&d.w, "POST", POST_PATH, NULL);
    desk_clear();
}

TEST(a_server_error_after_a_write_counts_as_a_lost_reply)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_answer(&d.w, 500, wire_status(500, "InternalError", "etcdserver: request timed out"));
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(d.plans, 1);
    wire_expect(&d.w, "GET", PODS "/r1", NULL);
    desk_clear();
}

TEST(a_write_that_timed_out_waits_for_what_the_live_get_found)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    d.w.now_ms += limit(LIMIT_REQUEST_MS);
    wire_lose(&d.w);
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    wire_expect(&d.w, "GET", PODS "/r1", NULL);
    wire_answer(&d.w, 200, child("12"));
    step();
    assert_int_equal(d.plans, 1);
    seen(&kind_pod, child("12"));
    step();
    assert_int_equal(d.plans, 2);
    desk_clear();
}

TEST(a_write_whose_live_get_comes_late_waits_for_what_it_found)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    wire_lose(&d.w);
    d.w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    wire_lose(&d.w);
    d.w.now_ms += limit(LIMIT_RYW_MS);
    step();
    wire_answer(&d.w, 200, child("12"));
    step();
    assert_int_equal(d.plans, 1);
    desk_clear();
}

TEST(a_write_that_was_answered_slowly_is_waited_for)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    d.w.now_ms += limit(LIMIT_RYW_MS);
    wire_answer(&d.w, 201, child("12"));
    seen(&kind_configmap, object("r1", "root-uid", "12", ""));
    step();
    assert_int_equal(d.w.count, 1);
    assert_int_equal(d.plans, 1);
    desk_clear();
}

static void asks_for_the_root(const struct desk_view *v, struct plan *p)
{
    plan_need_get(p, &kind_configmap, "ns", rec_name(v->root));
}

TEST(while_no_pass_can_start_a_key_that_falls_due_wakes_nobody)
{
    given_a_root(&root_controller);
    d.planner = asks_for_the_root;
    step();
    wire_answer_later(&d.w, 500, 0);
    for (int64_t i = 0; i < limit(LIMIT_PASSES_IN_FLIGHT); i++) {
        seen(&kind_configmap, object(arena_printf(&d.a, "other-%d", (int)i),
                                     arena_printf(&d.a, "uid-%d", (int)i), "12", ""));
    }
    step();
    assert_int_equal(shell_in_flight(d.s), limit(LIMIT_PASSES_IN_FLIGHT));
    d.w.now_ms += 1000;
    int64_t due = shell_step(d.s);
    assert_true(due == 0 || due > d.w.now_ms);
    desk_clear();
}

static const struct rec *map_rec(const char *metadata)
{
    const struct json *j;
    const struct rec *r;
    uint32_t size;
    struct err e;
    const char *text = arena_printf(&d.a, "{\"metadata\":{\"name\":\"m\",%s}}", metadata);
    assert_ok(json_parse(&d.a, text, strlen(text), &j, &e), &e);
    assert_ok(rec_build(&d.a, kind_configmap.rows, j, &r, &size, &e), &e);
    return r;
}

TEST(a_spec_has_changed_by_generation_deletion_finalizers_or_labels_and_not_by_status)
{
    const struct rec *was = map_rec("\"generation\":1,\"resourceVersion\":\"1\"");
    assert_false(when_spec_changed(was, map_rec("\"generation\":1,\"resourceVersion\":\"2\"")));
    assert_true(when_spec_changed(was, map_rec("\"generation\":2")));
    assert_true(when_spec_changed(was, map_rec("\"generation\":1,\"finalizers\":[\"a/b\"]")));
    assert_true(when_spec_changed(was, map_rec("\"generation\":1,\"labels\":{\"a\":\"b\"}")));
    assert_true(when_spec_changed(
        was, map_rec("\"generation\":1,\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"")));
    assert_true(when_spec_changed(map_rec("\"finalizers\":[\"a/b\"]"),
                                  map_rec("\"finalizers\":[\"a/c\"]")));
    assert_true(when_spec_changed(NULL, was) && when_spec_changed(was, NULL));
    arena_reset(&d.a);
}

static bool never(const struct rec *old UNUSED, const struct rec *now UNUSED)
{
    return false;
}

TEST(a_change_that_does_not_matter_reaches_the_cache_and_starts_no_pass)
{
    const struct watch deaf[] = {{.kind = &kind_configmap, .map = map_self, .when = never},
                                 {.kind = &kind_pod, .selector = "app=x", .map = map_owner}};
    struct controller c = root_controller;
    c.watches = deaf;
    given_a_root(&c);
    d.planner = creates_a_child;
    step();
    assert_int_equal(d.plans, 0);
    assert_non_null(cache_get(d.caches, &kind_configmap, "ns", "r1"));
    desk_clear();
}

static const char *state(void)
{
    struct jsonw w;
    jsonw_init(&w, &d.a);
    jsonw_obj(&w, NULL);
    shell_describe(d.s, &w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

static const char *state_at(const char *path, size_t i, const char *field)
{
    const struct json *j;
    struct err e;
    const char *text = state();
    assert_ok(json_parse(&d.a, text, strlen(text), &j, &e), &e);
    const struct json *value = json_get(json_at(json_get(j, path), i), field);
    return value != NULL ? json_text(&d.a, value) : "";
}

TEST(the_state_shows_the_queue_the_passes_the_waits_and_the_size_of_the_cache)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    assert_string_equal(state_at("passes", 0, "object"), "\"ns/r1\"");
    assert_string_equal(state_at("passes", 0, "stage"), "\"write\"");
    assert_int_equal(strlen(state_at("passes", 0, "reconcileID")), 16 + 2);
    assert_string_equal(state_at("queue", 0, "state"), "\"processing\"");
    wire_answer(&d.w, 201, child("12"));
    d.w.now_ms += 500;
    assert_string_equal(state_at("waits", 0, "name"), "\"r1\"");
    assert_string_equal(state_at("waits", 0, "write.kind"), "\"Pod\"");
    assert_string_equal(state_at("waits", 0, "write.resourceVersion"), "\"12\"");
    assert_string_equal(state_at("waits", 0, "ms"), "500");
    const struct rec *root = cache_get(d.caches, &kind_configmap, "ns", "r1");
    assert_string_equal(state_at("kinds", 0, "kind"), "\"ConfigMap\"");
    assert_string_equal(state_at("kinds", 0, "bytes"),
                        arena_printf(&d.a, "%u", (unsigned)rec_size(root)));
    desk_clear();
}

static char logged[8192];

static void log_is_captured(void (*during)(void))
{
    int ends[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    during();
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t n = read(ends[0], logged, sizeof(logged) - 1);
    close(ends[0]);
    logged[n > 0 ? n : 0] = '\0';
}

static void a_write_is_refused(void)
{
    wire_answer(&d.w, 422, wire_status(422, "Invalid", "spec is wrong"));
}

TEST(a_log_line_of_a_pass_names_its_object_and_its_reconcile_id)
{
    given_a_root(&root_controller);
    d.planner = creates_a_child;
    step();
    const char *id = state_at("passes", 0, "reconcileID");
    log_is_captured(a_write_is_refused);
    const char *want = arena_printf(&d.a,
                                    "controller=root kind=ConfigMap object=ns/r1 "
                                    "reconcileID=%.16s",
                                    id + 1);
    assert_non_null(strstr(logged, want));
    d.w.now_ms += 60000;
    step();
    assert_int_equal(strlen(state_at("passes", 0, "reconcileID")), 16 + 2);
    assert_string_not_equal(state_at("passes", 0, "reconcileID"), id);
    desk_clear();
}

SPEC_MAIN()
