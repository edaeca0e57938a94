/* shell.c — gather → plan → apply, over a transport that goes nowhere: the test is the API server.
 */
#include "kube/shell.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/kinds.gen.h"
#include "base/limits.h"
#include "base/span.h"
#include "support/spec.h"
#include "support/wire.h"

/* A root is a ConfigMap; its child is a Pod of the same name. What plan() does is the test's. */
struct view {
    const struct rec *root, *child;
    struct answers answers;
    int64_t now_ms;
};
static void (*planner)(const struct view *v, struct plan *p);
static int plans;
static bool gathers_always;

static bool gather(struct arena *a UNUSED, const struct caches *c, const struct pass *pass,
                   void *view)
{
    struct view *v = view;
    v->root = cache_get(c, &kind_configmap, pass->key.ns, pass->key.name);
    v->child = cache_get(c, &kind_pod, pass->key.ns, pass->key.name);
    v->answers = pass->answers;
    v->now_ms = pass->now_ms;
    return v->root != NULL || gathers_always;
}

static void plan(const void *view, struct plan *p)
{
    plans++;
    if (planner != NULL) {
        planner(view, p);
    }
}

static const struct watch watches[] = {
    {.kind = &kind_configmap, .map = map_self},
    {.kind = &kind_pod, .selector = "app=x", .map = map_owner},
};
static const struct controller root_controller = {.name = "root",
                                                  .root = &kind_configmap,
                                                  .watches = watches,
                                                  .watch_count = ARRAY_LEN(watches),
                                                  .view_size = sizeof(struct view),
                                                  .gather = gather,
                                                  .plan = plan};
static void map_cluster(struct enqueuer *q, const struct caches *c UNUSED,
                        const struct rec *old UNUSED, const struct rec *now UNUSED)
{
    enqueue(q, "", "cluster");
}

static const struct watch ledger_watches[] = {
    {.kind = &kind_configmap, .map = map_cluster},
    {.kind = &kind_pod, .selector = "app=x"},
};
static const struct controller singleton = {.name = "ledger",
                                            .manager = "dkube-ledger",
                                            .start = {"", "cluster"},
                                            .watches = ledger_watches,
                                            .watch_count = ARRAY_LEN(ledger_watches),
                                            .view_size = sizeof(struct view),
                                            .gather = gather,
                                            .plan = plan};

static struct wire w;
static struct caches *cs;
static struct shell *s;
static struct metrics *m;
static struct events *ev;
static struct lease *lease;
static struct arena a;

static void given(const struct controller *c)
{
    static const struct controller *list[1];
    static struct program program = {.name = "prog", .controllers = list, .count = 1};
    struct err e = {0};
    list[0] = c;
    wire_init(&w);
    cs = caches_new();
    m = metrics_new();
    ev = events_new(&w.t, "dkube.io/prog", "me");
    plans = 0;
    planner = NULL;
    gathers_always = c->root == NULL;
    s = shell_new(&(struct shell_conf){.transport = &w.t,
                                       .caches = cs,
                                       .program = &program,
                                       .metrics = m,
                                       .lease = lease,
                                       .events = ev},
                  &e);
    if (s == NULL) {
        fail_msg("%s", e.text);
    }
}

static const struct kind *const kinds[] = {&kind_configmap, &kind_pod};

static void lists_begin(void)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        cache_begin_relist(cs, kinds[i], false);
    }
}

static void lists_end(void)
{
    struct watch_sink sink = shell_sink(s);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        cache_sweep(cs, kinds[i], NULL, NULL);
        cache_set_rv(cs, kinds[i], "10");
        sink.synced(sink.ctx, kinds[i]);
    }
}

static void step(void)
{
    for (int i = 0; i < 20; i++) {
        shell_step(s);
    }
}

static const struct json *parsed(const char *text)
{
    const struct json *j;
    struct err e;
    assert_ok(json_parse(&a, text, strlen(text), &j, &e), &e);
    return j;
}

static const char *object(const char *name, const char *uid, const char *rv, const char *more)
{
    return arena_printf(&a,
                        "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"%s\",\"uid\":\"%s\","
                        "\"resourceVersion\":\"%s\",\"labels\":{\"app\":\"x\"}%s}}",
                        name, uid, rv, more);
}

#define OWNED_BY_ROOT                                                                     \
    ",\"ownerReferences\":[{\"kind\":\"ConfigMap\",\"name\":\"r1\",\"uid\":\"root-uid\"," \
    "\"controller\":true}]"

/* The watch tells of an object. */
static void seen(const struct kind *k, const char *text)
{
    struct watch_sink sink = shell_sink(s);
    struct cache_change change;
    struct err e;
    const struct json *j = parsed(text);
    assert_ok(cache_apply(cs, k, j, &change, &e), &e);
    cache_set_rv(cs, k, json_str(j, "metadata.resourceVersion", ""));
    sink.changed(sink.ctx, k, change.old, change.now, false);
}

static void given_a_root(const struct controller *c)
{
    given(c);
    lists_begin();
    lists_end();
    shell_act(s, true);
    seen(&kind_configmap, object("r1", "root-uid", "11", ""));
}

static void done(void)
{
    shell_free(s);
    events_free(ev);
    metrics_free(m);
    caches_free(cs);
    lease_free(lease);
    lease = NULL;
    wire_done(&w);
    arena_reset(&a);
}

/* --- what the planners do ----------------------------------------------------------------------
 */

#define CHILD_BODY "{\"metadata\":{\"name\":\"r1\",\"labels\":{\"app\":\"x\"}},\"spec\":{}}"
#define PODS "/api/v1/namespaces/ns/pods"
#define POST_PATH PODS "?fieldManager=dkube-prog"

static void creates_a_child(const struct view *v, struct plan *p)
{
    if (v->child == NULL) {
        plan_create(p, &kind_pod, "ns", "r1", rec_uid(v->root), CHILD_BODY);
    }
}

static void deletes_the_child(const struct view *v, struct plan *p)
{
    plan_delete(p, &kind_pod, v->child, -1);
}

static void adds_a_finalizer(const struct view *v, struct plan *p)
{
    plan_finalizer_add(p, &kind_configmap, v->root, "dkube.io/test");
}

static void applies_the_root(const struct view *v, struct plan *p)
{
    plan_apply(p, &kind_configmap, v->root, NULL,
               "{\"metadata\":{\"name\":\"r1\",\"namespace\":\"ns\"},\"data\":{\"k\":\"v\"}}");
}

static const char *child(const char *rv)
{
    return object("r1", "child-uid", rv, OWNED_BY_ROOT);
}

static double result(const char *r)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(metrics_write(m, &b), 0);
    char line[128];
    snprintf(line, sizeof(line),
             "controller_runtime_reconcile_total{controller=\"root\",result=\"%s\"} ", r);
    const char *at = strstr(buf_str(&b), line);
    return at != NULL ? strtod(at + strlen(line), NULL) : 0;
}

/* --- starting ----------------------------------------------------------------------------------
 */

TEST(nothing_is_planned_before_every_kind_has_synced_and_we_act)
{
    given(&root_controller);
    lists_begin();
    seen(&kind_configmap, object("r1", "root-uid", "11", ""));
    shell_act(s, true);
    step();
    assert_int_equal(plans, 0);
    lists_end();
    shell_act(s, false);
    step();
    assert_int_equal(plans, 0);
    shell_act(s, true);
    step();
    assert_int_equal(plans, 1);
    done();
}

TEST(a_standby_collects_keys_and_plans_them_when_it_leads)
{
    given_a_root(&root_controller);
    shell_act(s, false);
    step();
    assert_int_equal(plans, 0);
    shell_act(s, true);
    step();
    assert_int_equal(plans, 1);
    done();
}

TEST(a_controller_with_a_start_key_runs_though_there_is_nothing)
{
    given(&singleton);
    lists_begin();
    lists_end();
    shell_act(s, true);
    step();
    assert_int_equal(plans, 1);
    done();
}

TEST(two_watches_of_one_kind_that_differ_are_refused)
{
    static const struct watch other[] = {{.kind = &kind_pod, .map = map_self}};
    static const struct controller second = {.name = "second", .watches = other, .watch_count = 1};
    static const struct controller *const list[] = {&root_controller, &second};
    static const struct program program = {.name = "p", .controllers = list, .count = 2};
    struct err e = {0};
    wire_init(&w);
    cs = caches_new();
    assert_null(
        shell_new(&(struct shell_conf){.transport = &w.t, .caches = cs, .program = &program}, &e));
    assert_non_null(strstr(e.text, "pods"));
    caches_free(cs);
    wire_done(&w);
}

/* --- the write law -----------------------------------------------------------------------------
 */

TEST(a_child_is_created_by_post_and_the_pass_is_done)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_expect(&w, "POST", POST_PATH, "\"name\":\"r1\"");
    wire_answer(&w, 201, child("12"));
    assert_true(result("success") == 1);
    done();
}

TEST(creating_twice_is_harmless_the_second_finds_its_own)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_answer(&w, 409, wire_status(409, "AlreadyExists", "pods r1 already exists"));
    wire_expect(&w, "GET", PODS "/r1", NULL);
    wire_answer(&w, 200, child("12"));
    assert_true(result("success") == 1);
    assert_int_equal(wire_open(&w), 0);
    done();
}

TEST(a_name_that_another_owner_holds_is_told_and_never_adopted)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_answer(&w, 409, wire_status(409, "AlreadyExists", "pods r1 already exists"));
    wire_answer(&w, 200, object("r1", "stranger", "12", ""));
    assert_true(result("error") == 1);
    step();
    wire_expect(&w, "POST", "/apis/events.k8s.io/v1/namespaces/ns/events",
                "\"reason\":\"NameTaken\"");
    assert_non_null(strstr(wire_last(&w)->body, "\"uid\":\"root-uid\""));
    done();
}

TEST(a_settled_object_causes_no_request)
{
    given_a_root(&root_controller);
    seen(&kind_configmap,
         "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"r1\",\"uid\":\"root-uid\","
         "\"resourceVersion\":\"12\"},\"data\":{\"k\":\"v\",\"other\":\"x\"}}");
    planner = applies_the_root;
    step();
    assert_int_equal(plans, 1);
    assert_int_equal(w.count, 0);
    assert_true(result("success") == 1);
    done();
}

TEST(an_apply_carries_the_uid_the_manager_and_force)
{
    given_a_root(&root_controller);
    planner = applies_the_root;
    step();
    wire_expect(&w, "PATCH",
                "/api/v1/namespaces/ns/configmaps/r1?fieldManager=dkube-prog&force=true",
                "\"uid\":\"root-uid\"");
    assert_string_equal(wire_last(&w)->type, "application/apply-patch+yaml");
    done();
}

TEST(a_delete_names_the_uid_and_another_uid_under_the_name_is_success)
{
    given_a_root(&root_controller);
    seen(&kind_pod, child("12"));
    planner = deletes_the_child;
    step();
    wire_expect(&w, "DELETE", PODS "/r1", "\"preconditions\":{\"uid\":\"child-uid\"}");
    wire_answer(&w, 409,
                wire_status(409, "Conflict",
                            "Precondition failed: the UID in the precondition (child-uid) does not "
                            "match the UID in record (other)"));
    assert_true(result("success") == 1);
    assert_int_equal(wire_open(&w), 0);
    done();
}

TEST(a_delete_of_what_is_gone_is_success)
{
    given_a_root(&root_controller);
    seen(&kind_pod, child("12"));
    planner = deletes_the_child;
    step();
    wire_answer(&w, 404, wire_status(404, "NotFound", "gone"));
    assert_true(result("success") == 1);
    done();
}

TEST(no_delete_is_sent_while_its_kind_relists)
{
    given_a_root(&root_controller);
    seen(&kind_pod, child("12"));
    planner = deletes_the_child;
    cache_begin_relist(cs, &kind_pod, false);
    step();
    assert_int_equal(plans, 1);
    assert_int_equal(w.count, 0);
    seen(&kind_pod, child("12"));
    cache_sweep(cs, &kind_pod, NULL, NULL);
    w.now_ms += 1000;
    step();
    wire_expect(&w, "DELETE", PODS "/r1", NULL);
    done();
}

TEST(a_finalizer_patch_whose_test_fails_is_planned_again)
{
    given_a_root(&root_controller);
    planner = adds_a_finalizer;
    step();
    assert_string_equal(wire_last(&w)->type, "application/json-patch+json");
    wire_answer(&w, 422, wire_status(422, "Invalid", "the test failed"));
    assert_true(result("requeue") == 1);
    step();
    assert_int_equal(wire_open(&w), 0);
    w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(plans, 2);
    done();
}

/* --- failures ----------------------------------------------------------------------------------
 */

TEST(a_conflict_plans_again_after_a_pause)
{
    given_a_root(&root_controller);
    planner = applies_the_root;
    step();
    wire_answer(&w, 409, wire_status(409, "Conflict", "uid mismatch"));
    step();
    assert_int_equal(plans, 1);
    w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(plans, 2);
    assert_true(result("requeue") == 1);
    done();
}

TEST(a_refusal_becomes_an_event_and_no_hot_loop)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    int refusals = 0;
    for (int i = 0; i < 2000; i++) { /* two seconds, a millisecond a step */
        for (size_t n = wire_open(&w); n > 0; n--) {
            bool event = strstr(wire_last(&w)->path, "/events") != NULL;
            refusals += !event;
            wire_answer(&w, event ? 201 : 403,
                        event ? "{}" : wire_status(403, "Forbidden", "not allowed"));
        }
        w.now_ms += 1;
        shell_step(s);
    }
    assert_in_range(refusals, 5, 10);
    assert_true(result("error") == refusals);
    bool told = false;
    for (size_t i = 0; i < w.count; i++) {
        told = told || strstr(wire_at(&w, i)->body, "\"reason\":\"Forbidden\"") != NULL;
    }
    assert_true(told);
    done();
}

TEST(the_servers_retry_after_is_obeyed)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_answer_later(&w, 429, 3000);
    w.now_ms += 2999;
    step();
    assert_int_equal(plans, 1);
    w.now_ms += 1;
    step();
    assert_int_equal(plans, 2);
    done();
}

TEST(a_request_that_never_left_is_simply_sent_again)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_break(&w);
    w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(w.count, 2);
    assert_string_equal(wire_last(&w)->method, "POST");
    done();
}

TEST(after_a_lost_reply_a_live_get_decides_before_the_next_plan)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_lose(&w);
    w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(plans, 1);
    wire_expect(&w, "GET", PODS "/r1", NULL);
    wire_answer(&w, 200, child("12"));
    step();
    assert_int_equal(plans, 1);
    seen(&kind_pod, child("12"));
    step();
    assert_int_equal(plans, 2);
    assert_int_equal(wire_open(&w), 0);
    done();
}

TEST(a_lost_write_that_never_happened_is_planned_again)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_lose(&w);
    w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    wire_answer(&w, 404, wire_status(404, "NotFound", "no such pod"));
    step();
    assert_int_equal(plans, 2);
    wire_expect(&w, "POST", POST_PATH, NULL);
    done();
}

TEST(a_server_error_after_a_write_counts_as_a_lost_reply)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_answer(&w, 500, wire_status(500, "InternalError", "etcdserver: request timed out"));
    w.now_ms += limit(LIMIT_QUEUE_BACKOFF_MS);
    step();
    assert_int_equal(plans, 1);
    wire_expect(&w, "GET", PODS "/r1", NULL);
    done();
}

/* --- read your writes --------------------------------------------------------------------------
 */

TEST(a_key_is_not_planned_while_its_own_write_is_unseen)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_answer(&w, 201, child("20"));
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(plans, 1);
    seen(&kind_pod, child("20"));
    step();
    assert_int_equal(plans, 2);
    assert_int_equal(wire_open(&w), 0);
    done();
}

TEST(a_bookmark_past_the_write_is_enough)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_answer(&w, 201, child("20"));
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(plans, 1);
    struct watch_sink sink = shell_sink(s);
    cache_set_rv(cs, &kind_pod, "21");
    sink.advanced(sink.ctx, &kind_pod, "21");
    planner = NULL;
    step();
    assert_int_equal(plans, 2);
    done();
}

TEST(a_deleted_child_is_waited_for_until_it_is_gone_or_marked)
{
    given_a_root(&root_controller);
    seen(&kind_pod, child("12"));
    planner = deletes_the_child;
    step();
    wire_answer(&w, 200, object("r1", "child-uid", "13", ""));
    seen(&kind_configmap, object("r1", "root-uid", "14", ""));
    step();
    assert_int_equal(plans, 1);
    seen(&kind_pod, object("r1", "child-uid", "15",
                           ",\"deletionTimestamp\":\"2026-11-23T00:00:00Z\"" OWNED_BY_ROOT));
    step();
    assert_int_equal(plans, 2);
    done();
}

TEST(a_write_that_no_watch_shows_is_not_waited_for)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_answer(&w, 201,
                "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"r1\",\"uid\":\"child-uid\","
                "\"resourceVersion\":\"20\",\"labels\":{\"app\":\"another\"}}}");
    planner = NULL;
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(plans, 2);
    done();
}

TEST(a_write_unseen_for_ten_seconds_gets_one_live_get_then_the_pass_goes_on)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_answer(&w, 201, child("20"));
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(plans, 1);
    planner = NULL;
    w.now_ms += limit(LIMIT_RYW_MS);
    step();
    wire_expect(&w, "GET", PODS "/r1", NULL);
    wire_answer(&w, 200, child("20"));
    assert_int_equal(plans, 2);
    shell_measure(s);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(metrics_write(m, &b), 0);
    assert_non_null(strstr(buf_str(&b), "\ndkube_unseen_writes_given_up_total 1\n"));
    done();
}

TEST(a_relist_that_lowers_the_resource_version_clears_the_waits)
{
    given_a_root(&root_controller);
    planner = creates_a_child;
    step();
    wire_answer(&w, 201, child("20"));
    seen(&kind_configmap, object("r1", "root-uid", "13", ""));
    step();
    assert_int_equal(plans, 1);
    planner = NULL;
    struct watch_sink sink = shell_sink(s);
    cache_begin_relist(cs, &kind_pod, true);
    cache_sweep(cs, &kind_pod, NULL, NULL);
    cache_set_rv(cs, &kind_pod, "3");
    sink.synced(sink.ctx, &kind_pod);
    step();
    assert_int_equal(plans, 2);
    done();
}

/* --- the singleton -----------------------------------------------------------------------------
 */

static void writes_both_roots(const struct view *v UNUSED, struct plan *p)
{
    const char *names[] = {"r1", "r2"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct rec *r = cache_get(cs, &kind_configmap, "ns", names[i]);
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
    planner = writes_both_roots;
    shell_step(s);
    wire_expect(&w, "PATCH",
                "/api/v1/namespaces/ns/configmaps/r1?fieldManager=dkube-ledger&force=true", NULL);
    wire_answer(&w, 409, wire_status(409, "Conflict", "uid mismatch"));
    wire_expect(&w, "PATCH",
                "/api/v1/namespaces/ns/configmaps/r2?fieldManager=dkube-ledger&force=true", NULL);
    wire_answer(&w, 200, object("r2", "root-uid-2", "13", ""));
    shell_step(s);
    assert_non_null(strstr(wire_last(&w)->body, "admitted r2"));
    for (size_t i = 0; i < w.count; i++) {
        assert_null(strstr(wire_at(&w, i)->body, "admitted r1"));
    }
    assert_int_equal(plans, 1);
    done();
}

TEST(the_ledger_plans_again_only_when_all_its_writes_are_seen)
{
    given_a_root(&singleton);
    seen(&kind_configmap, object("r2", "root-uid-2", "12", ""));
    planner = writes_both_roots;
    shell_step(s);
    wire_answer(&w, 200, object("r1", "root-uid", "14", ""));
    wire_answer(&w, 200, object("r2", "root-uid-2", "13", ""));
    planner = NULL;
    shell_enqueue(s, "ledger", "", "cluster");
    step();
    seen(&kind_configmap, object("r2", "root-uid-2", "13", ""));
    step();
    assert_int_equal(plans, 1);
    seen(&kind_configmap, object("r1", "root-uid", "14", ""));
    step();
    assert_true(plans > 1);
    done();
}

/* --- needs -------------------------------------------------------------------------------------
 */

static void needs_a_secret(const struct view *v, struct plan *p)
{
    const struct answer *an = answer_get(&v->answers, &kind_secret, "ns", "s");
    if (an == NULL) {
        plan_need_get(p, &kind_secret, "ns", "s");
    } else if (an->status == 404) {
        plan_create(p, &kind_pod, "ns", "r1", rec_uid(v->root), CHILD_BODY);
    }
}

static void needs_the_log(const struct view *v, struct plan *p)
{
    const struct answer *an = answer_log(&v->answers, "ns", "r1", "main");
    if (an == NULL) {
        plan_need_log(p, "ns", "r1", "main", 20);
    } else {
        plan_event(p, &kind_configmap, v->root, EVENT_NORMAL, "Said", "%s", an->body);
    }
}

static void needs_something_else_each_time(const struct view *v UNUSED, struct plan *p)
{
    plan_need_get(p, &kind_secret, "ns", arena_printf(p->a, "s%d", plans));
}

TEST(a_need_is_fetched_and_the_plan_made_again)
{
    given_a_root(&root_controller);
    planner = needs_a_secret;
    step();
    wire_expect(&w, "GET", "/api/v1/namespaces/ns/secrets/s", NULL);
    wire_answer(&w, 404, wire_status(404, "NotFound", "no such secret"));
    assert_int_equal(plans, 2);
    wire_expect(&w, "POST", POST_PATH, NULL);
    done();
}

TEST(a_need_for_a_log_asks_for_its_last_lines)
{
    given_a_root(&root_controller);
    planner = needs_the_log;
    step();
    wire_expect(&w, "GET", PODS "/r1/log?container=main&tailLines=20&limitBytes=65536", NULL);
    wire_answer(&w, 200, "the last words");
    step();
    assert_non_null(strstr(wire_last(&w)->body, "\"note\":\"the last words\""));
    done();
}

TEST(a_need_that_fails_for_a_while_puts_the_pass_off)
{
    given_a_root(&root_controller);
    planner = needs_a_secret;
    step();
    wire_answer(&w, 503, "");
    assert_int_equal(plans, 1);
    assert_true(result("error") == 1);
    done();
}

static void needs_two_secrets(const struct view *v, struct plan *p)
{
    plan_need_get(p, &kind_secret, "ns", "one");
    plan_need_get(p, &kind_secret, "ns", "two");
    if (answer_get(&v->answers, &kind_secret, "ns", "one") != NULL &&
        answer_get(&v->answers, &kind_secret, "ns", "two") != NULL) {
        p->need_count = 0;
    }
}

TEST(an_answer_older_than_ten_seconds_is_fetched_again)
{
    given_a_root(&root_controller);
    planner = needs_two_secrets;
    step();
    wire_answer(&w, 404, wire_status(404, "NotFound", "no such secret"));
    wire_expect(&w, "GET", "/api/v1/namespaces/ns/secrets/two", NULL);
    w.now_ms += limit(LIMIT_ANSWER_MS);
    wire_answer(&w, 404, wire_status(404, "NotFound", "no such secret"));
    assert_int_equal(plans, 2);
    wire_expect(&w, "GET", "/api/v1/namespaces/ns/secrets/one", NULL);
    wire_answer(&w, 404, wire_status(404, "NotFound", "no such secret"));
    assert_int_equal(plans, 3);
    assert_true(result("success") == 1);
    done();
}

TEST(a_plan_that_never_stops_asking_is_put_into_back_off)
{
    given_a_root(&root_controller);
    planner = needs_something_else_each_time;
    step();
    for (int i = 0; i < 3; i++) {
        wire_answer(&w, 404, wire_status(404, "NotFound", "no"));
    }
    assert_int_equal(wire_open(&w), 0);
    assert_int_equal(plans, 4);
    assert_true(result("error") == 1);
    done();
}

/* --- wake-ups, limits, the lease ---------------------------------------------------------------
 */

static void wakes_in_a_minute(const struct view *v, struct plan *p)
{
    plan_wake_at(p, v->now_ms + 60000);
}

static void wakes_in_the_past(const struct view *v, struct plan *p)
{
    plan_wake_at(p, v->now_ms - 5000);
}

TEST(a_wish_to_be_woken_is_granted)
{
    given_a_root(&root_controller);
    planner = wakes_in_a_minute;
    assert_int_equal(shell_step(s), w.now_ms + 60000);
    w.now_ms += 59999;
    step();
    assert_int_equal(plans, 1);
    w.now_ms += 1;
    step();
    assert_int_equal(plans, 2);
    assert_true(result("requeue_after") == 2);
    done();
}

TEST(a_wish_for_the_past_is_no_hot_loop)
{
    given_a_root(&root_controller);
    planner = wakes_in_the_past;
    for (int i = 0; i < 1000; i++) {
        w.now_ms += 1;
        shell_step(s);
    }
    assert_in_range(plans, 2, 12);
    done();
}

TEST(no_more_passes_than_the_limit_are_in_flight)
{
    given_a_root(&root_controller);
    planner = applies_the_root;
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof(name), "x%d", i);
        seen(&kind_configmap, object(name, name, "30", ""));
    }
    step();
    assert_int_equal(shell_in_flight(s), limit(LIMIT_PASSES_IN_FLIGHT));
    assert_int_equal(wire_open(&w), limit(LIMIT_PASSES_IN_FLIGHT));
    done();
}

TEST(a_deleted_root_ends_its_pass_without_a_plan)
{
    given_a_root(&root_controller);
    shell_enqueue(s, "root", "ns", "never-there");
    step();
    assert_int_equal(plans, 1);
    assert_true(shell_is_idle(s));
    done();
}

static void does_much(const struct view *v UNUSED, struct plan *p)
{
    for (int i = 0; i < WIRE_MAX && w.count == 0; i++) {
        plan_create(p, &kind_secret, "ns", arena_printf(p->a, "s%d", i), NULL, "{}");
    }
}

TEST(many_operations_answered_at_once_do_not_nest)
{
    given_a_root(&root_controller);
    w.at_once = 201;
    w.at_once_body = object("s", "s", "11", "");
    planner = does_much;
    step();
    assert_int_equal(w.count, WIRE_MAX);
    assert_true(result("success") == 1);
    assert_int_equal(shell_in_flight(s), 0);
    done();
}

static const char *lease_record(void)
{
    return "{\"metadata\":{\"uid\":\"l\",\"resourceVersion\":\"1\"},"
           "\"spec\":{\"holderIdentity\":\"me\",\"leaseDurationSeconds\":15}}";
}

static void given_a_leader(void)
{
    wire_init(&w);
    lease = lease_new(&w.t, &(struct lease_conf){"sys", "prog", "me", 1});
    struct lease *mine = lease;
    given_a_root(&root_controller);
    lease = mine;
    lease_step(lease);
    wire_answer(&w, 200, lease_record());
    wire_answer(&w, 200, lease_record());
    assert_int_equal(lease_state(lease), LEASE_HELD);
}

TEST(a_write_has_no_more_time_than_the_lease_leaves)
{
    given_a_leader();
    planner = creates_a_child;
    w.now_ms += 4000;
    step();
    assert_string_equal(wire_last(&w)->method, "POST");
    assert_int_equal(wire_last(&w)->timeout_ms, limit(LIMIT_LEASE_RENEW_MS) - 4000);
    done();
}

TEST(without_time_on_the_lease_no_write_is_sent)
{
    given_a_leader();
    planner = creates_a_child;
    w.now_ms += limit(LIMIT_LEASE_RENEW_MS);
    size_t before = w.count;
    step();
    assert_int_equal(plans, 1);
    for (size_t i = before; i < w.count; i++) {
        assert_string_not_equal(wire_at(&w, i)->path, POST_PATH);
    }
    assert_true(result("error") == 1);
    done();
}

SPEC_MAIN()
