/* plan.c — what a plan holds, and the write law's "unchanged". */
#include "api/kinds.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "kube/plan.h"
#include "support/spec.h"

static struct arena a;
static struct plan p;

static const struct rec *record(const struct kind *k, const char *text)
{
    const struct json *j;
    const struct rec *r;
    uint32_t size;
    struct err e;

    assert_ok(json_parse(&a, text, strlen(text), &j, &e), &e);
    assert_ok(rec_build(&a, k->rows, j, &r, &size, &e), &e);
    return r;
}

#define MODEL_HEAD                                                                               \
    "{\"metadata\":{\"namespace\":\"vision\",\"name\":\"m\",\"uid\":\"u1\",\"resourceVersion\":" \
    "\"7\","                                                                                     \
    "\"generation\":4"

static void begin(void)
{
    plan_init(&p, &a);
    p.manager = "dkube-model-controller";
}

static const struct op *only_op(void)
{
    assert_int_equal(p.op_count, 1);
    return &p.ops[0];
}

static void settled(void)
{
    assert_int_equal(p.op_count, 0);
    assert_int_equal(p.skipped, 1);
    assert_true(plan_is_empty(&p));
}

TEST(a_create_is_complete_and_knows_whose_it_is)
{
    begin();
    plan_create(&p, &kind_pod, "vision", "p-0", "owner",
                "{\"spec\":{\"nodeName\":null,\"a\":[1]}}");
    assert_int_equal(only_op()->verb, OP_CREATE);
    assert_string_equal(only_op()->owner_uid, "owner");
    assert_string_equal(only_op()->uid, "");
    assert_string_equal(only_op()->body,
                        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":"
                        "\"p-0\",\"namespace\":\"vision\"},\"spec\":{\"a\":[1]}}");
}

TEST(an_owner_is_the_controller_and_holds_up_its_deletion)
{
    struct jsonw w;

    begin();
    jsonw_init(&w, &a);
    jsonw_obj(&w, NULL);
    body_owner(&w, &kind_model,
               record(&kind_model, "{\"metadata\":{\"name\":\"m\",\"uid\":\"u1\"}}"));
    jsonw_end(&w);
    assert_string_equal(jsonw_text(&w),
                        "{\"ownerReferences\":[{\"apiVersion\":\"dkube.io/v1alpha1\",\"kind\":"
                        "\"Model\",\"name\":\"m\",\"uid\":\"u1\",\"controller\":true,"
                        "\"blockOwnerDeletion\":true}]}");
}

TEST(what_a_body_says_of_itself_is_not_doubled)
{
    begin();
    plan_create(
        &p, &kind_role, "ns", "r", NULL,
        "{\"kind\":\"Role\",\"apiVersion\":\"x\",\"metadata\":{\"name\":\"r\",\"labels\":{\"l\":"
        "\"v\"}},\"rules\":[]}");
    assert_string_equal(
        only_op()->body,
        "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"Role\","
        "\"metadata\":{\"name\":\"r\",\"namespace\":\"ns\",\"labels\":{\"l\":\"v\"}},"
        "\"rules\":[]}");
}

TEST(a_cluster_object_gets_no_namespace)
{
    begin();
    plan_create(&p, &kind_namespace, "ignored", "vision", NULL, "{}");
    assert_string_equal(only_op()->ns, "");
    assert_string_equal(only_op()->body,
                        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":"
                        "{\"name\":\"vision\"}}");
}

TEST(applying_a_child_that_is_not_there_creates_it)
{
    begin();
    plan_apply(&p, &kind_service, NULL, "owner",
               "{\"metadata\":{\"name\":\"s\",\"namespace\":\"ns\"},\"spec\":{}}");
    assert_int_equal(only_op()->verb, OP_CREATE);
    assert_string_equal(only_op()->name, "s");
    assert_string_equal(only_op()->ns, "ns");
    assert_string_equal(only_op()->owner_uid, "owner");
}

static const char service[] = "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"s\",\"uid\":\"u9\","
                              "\"labels\":{\"a\":\"1\",\"x\":\"y\"},"
                              "\"ownerReferences\":[{\"uid\":\"o\",\"controller\":true}]},\"spec\":"
                              "{\"clusterIP\":\"10.0.0.1\","
                              "\"ports\":[{\"port\":80,\"protocol\":\"TCP\",\"targetPort\":8080}],"
                              "\"selector\":{\"k\":\"v\"}}}";

TEST(an_apply_that_the_object_already_covers_is_skipped)
{
    begin();
    plan_apply(
        &p, &kind_service, record(&kind_service, service), NULL,
        "{\"metadata\":{\"name\":\"s\",\"namespace\":\"ns\",\"labels\":{\"a\":\"1\"},"
        "\"ownerReferences\":[{\"uid\":\"o\",\"name\":\"run\",\"controller\":true}]},\"spec\":"
        "{\"ports\":[{\"port\":80,\"targetPort\":8080}],\"selector\":{\"k\":\"v\"}}}");
    settled();
}

TEST(any_differing_leaf_makes_an_apply_that_carries_the_uid)
{
    static const char *const bodies[] = {
        "{\"metadata\":{\"labels\":{\"a\":\"2\"}}}",
        "{\"metadata\":{\"labels\":{\"new\":\"1\"}}}",
        "{\"metadata\":{\"annotations\":{\"n\":\"1\"}}}",
        "{\"metadata\":{\"finalizers\":[\"f\"]}}",
        "{\"metadata\":{\"ownerReferences\":[{\"uid\":\"other\"}]}}",
        "{\"metadata\":{\"labels\":{\"x\":null}}}",
        "{\"spec\":{\"selector\":{\"k\":\"w\"}}}",
        "{\"spec\":{\"clusterIP\":null}}",
        "{\"spec\":{\"ports\":[]}}",
        "{\"spec\":{\"type\":\"ClusterIP\"}}",
    };

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        begin();
        plan_apply(&p, &kind_service, record(&kind_service, service), NULL, bodies[i]);
        if (p.op_count != 1 || p.ops[0].verb != OP_APPLY || !str_eq(p.ops[0].uid, "u9") ||
            strstr(p.ops[0].body, "\"uid\":\"u9\"") == NULL) {
            fail_msg("%s made no apply", bodies[i]);
        }
    }
}

TEST(scalars_without_a_raw_row_are_compared_too)
{
    const struct rec *live =
        record(&kind_serviceaccount, "{\"metadata\":{\"name\":\"s\"},"
                                     "\"automountServiceAccountToken\":false}");

    begin();
    plan_apply(&p, &kind_serviceaccount, live, NULL, "{\"automountServiceAccountToken\":false}");
    settled();
    plan_apply(&p, &kind_serviceaccount, live, NULL, "{\"automountServiceAccountToken\":true}");
    assert_int_equal(only_op()->verb, OP_APPLY);
}

TEST(texts_and_numbers_without_a_raw_row_are_compared_too)
{
    const struct rec *placed =
        record(&kind_pod, "{\"metadata\":{},\"spec\":{\"nodeName\":\"n1\"}}");
    const struct rec *pod = record(&kind_pod, "{\"metadata\":{},\"spec\":{\"priority\":5}}");

    begin();
    plan_apply(&p, &kind_pod, placed, NULL, "{\"spec\":{\"nodeName\":\"n1\"}}");
    plan_apply(&p, &kind_pod, pod, NULL, "{\"spec\":{\"priority\":5}}");
    assert_int_equal(p.skipped, 2);
    plan_apply(&p, &kind_pod, placed, NULL, "{\"spec\":{\"nodeName\":\"n2\"}}");
    plan_apply(&p, &kind_pod, pod, NULL, "{\"spec\":{\"priority\":6}}");
    assert_int_equal(p.op_count, 2);
}

TEST(a_null_is_compared_and_never_sent)
{
    begin();
    plan_apply(&p, &kind_service, record(&kind_service, service), NULL,
               "{\"spec\":{\"clusterIP\":null,\"selector\":{\"k\":\"v\"}}}");
    assert_null(strstr(only_op()->body, "clusterIP"));
    begin();
    plan_apply(&p, &kind_service, record(&kind_service, service), NULL,
               "{\"spec\":{\"externalName\":null}}");
    settled();
}

TEST(a_status_that_is_already_there_is_skipped)
{
    const struct rec *live =
        record(&kind_model, MODEL_HEAD "},\"status\":{\"versions\":3,\"latest\":\"m-3\"}}");

    begin();
    plan_status(&p, &kind_model, live, NULL, "{\"latest\":\"m-3\",\"versions\":3}");
    settled();
}

TEST(a_changed_status_is_applied_to_the_sub_resource)
{
    const struct rec *live = record(&kind_model, MODEL_HEAD "},\"status\":{\"versions\":3}}");

    begin();
    plan_status(&p, &kind_model, live, "dkube-ledger", "{\"versions\":4,\"latest\":null}");
    assert_int_equal(only_op()->verb, OP_STATUS);
    assert_string_equal(only_op()->manager, "dkube-ledger");
    assert_string_equal(only_op()->uid, "u1");
    assert_string_equal(
        only_op()->body,
        "{\"apiVersion\":\"dkube.io/v1alpha1\",\"kind\":\"Model\",\"metadata\":{\"name\":"
        "\"m\",\"namespace\":\"vision\",\"uid\":\"u1\",\"resourceVersion\":\"7\"},"
        "\"status\":{\"versions\":4}}");
}

#define OWNED(manager, fields)                                                                     \
    MODEL_HEAD ",\"managedFields\":[{\"manager\":\"" manager "\",\"operation\":\"Apply\","         \
               "\"subresource\":\"status\",\"fieldsV1\":{\"f:status\":" fields "}}]},\"status\":{" \
               "\"latest\":\"m-3\",\"versions\":3,\"conditions\":[{\"type\":\"Ready\",\"status\":" \
               "\"True\"},"                                                                        \
               "{\"type\":\"Foreign\",\"status\":\"True\"}]}}"

TEST(a_leaf_that_the_manager_owns_and_no_longer_wants_makes_a_write)
{
    const struct rec *live =
        record(&kind_model, OWNED("dkube-model-controller", "{\"f:latest\":{},\"f:versions\":{}}"));

    begin();
    plan_status(&p, &kind_model, live, NULL, "{\"versions\":3}");
    assert_non_null(strstr(only_op()->body, "\"status\":{\"versions\":3}}"));
    begin();
    plan_status(&p, &kind_model, live, NULL, "{\"versions\":3,\"latest\":\"m-3\"}");
    settled();
}

TEST(a_leaf_of_another_manager_makes_none)
{
    const struct rec *live =
        record(&kind_model, OWNED("dkube-ledger", "{\"f:latest\":{},\"f:versions\":{}}"));

    begin();
    plan_status(&p, &kind_model, live, NULL, "{\"versions\":3}");
    settled();
    plan_status(&p, &kind_model, live, "dkube-ledger", "{\"versions\":3}");
    assert_int_equal(p.op_count, 1);
}

TEST(an_owned_condition_that_is_no_longer_said_makes_a_write)
{
    const struct rec *live =
        record(&kind_model, OWNED("dkube-model-controller",
                                  "{\"f:conditions\":{\"k:{\\\"type\\\":\\\"Ready\\\"}\":{\".\":{},"
                                  "\"f:status\":{},\"f:type\":{}}}}"));

    begin();
    plan_status(&p, &kind_model, live, NULL,
                "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}");
    settled();
    plan_status(&p, &kind_model, live, NULL, "{\"conditions\":[]}");
    assert_int_equal(p.op_count, 1);
    plan_status(&p, &kind_model, live, NULL, "{}");
    assert_int_equal(p.op_count, 2);
}

TEST(a_field_of_an_owned_condition_that_is_no_longer_said_makes_a_write)
{
    const struct rec *live =
        record(&kind_model, OWNED("dkube-model-controller",
                                  "{\"f:conditions\":{\"k:{\\\"type\\\":\\\"Ready\\\"}\":"
                                  "{\"f:reason\":{},\"f:type\":{}}}}"));

    begin();
    plan_status(&p, &kind_model, live, NULL,
                "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}");
    assert_int_equal(p.op_count, 1);
}

#define OWNED_SERVICE(fields)                                                                    \
    "{\"metadata\":{\"name\":\"s\",\"uid\":\"u\",\"finalizers\":[\"f\"],\"managedFields\":[{"    \
    "\"manager\":\"dkube-model-controller\",\"operation\":\"Apply\",\"fieldsV1\":" fields "}]}," \
    "\"spec\":{\"ports\":[{\"port\":80,\"protocol\":\"TCP\"}]},\"status\":{\"latest\":\"m-1\"}}"

TEST(what_an_apply_would_remove_makes_a_write)
{
    const struct rec *live =
        record(&kind_service, OWNED_SERVICE("{\"f:spec\":{\"f:type\":{}},\"f:metadata\":{"
                                            "\"f:finalizers\":{\"v:\\\"f\\\"\":{}}}}"));

    begin();
    plan_apply(&p, &kind_service, live, NULL, "{\"metadata\":{\"finalizers\":[\"f\"]}}");
    assert_int_equal(only_op()->verb, OP_APPLY);
    live = record(&kind_service,
                  OWNED_SERVICE("{\"f:metadata\":{\"f:finalizers\":{\"v:\\\"f\\\"\":{}}}}"));
    begin();
    plan_apply(&p, &kind_service, live, NULL, "{\"metadata\":{\"finalizers\":[\"f\"]}}");
    settled();
    begin();
    plan_apply(&p, &kind_service, live, NULL, "{\"metadata\":{\"finalizers\":[]}}");
    assert_int_equal(p.op_count, 1);
}

TEST(an_owned_element_whose_key_is_left_to_a_default_is_still_wanted)
{
    const struct rec *live =
        record(&kind_service,
               OWNED_SERVICE(
                   "{\"f:spec\":{\"f:ports\":{\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":"
                   "{\".\":{},\"f:port\":{}}}}}"));

    begin();
    plan_apply(&p, &kind_service, live, NULL, "{\"spec\":{\"ports\":[{\"port\":80}]}}");
    settled();
}

TEST(what_is_owned_of_the_object_does_not_count_for_its_status)
{
    const struct rec *live =
        record(&kind_model, OWNED_SERVICE("{\"f:status\":{\"f:latest\":{},\"f:versions\":{}}}"));

    begin();
    plan_status(&p, &kind_model, live, NULL, "{\"latest\":\"m-1\"}");
    settled();
}

TEST(a_delete_carries_the_uid)
{
    begin();
    plan_delete(&p, &kind_model, record(&kind_model, MODEL_HEAD "}}"), -1);
    assert_int_equal(only_op()->verb, OP_DELETE);
    assert_string_equal(only_op()->uid, "u1");
    assert_int_equal(only_op()->grace_s, -1);
}

TEST(what_is_being_deleted_is_deleted_again_only_sooner)
{
    const struct rec *live =
        record(&kind_pod, "{\"metadata\":{\"name\":\"p\",\"uid\":\"u\",\"deletionTimestamp\":"
                          "\"2026-11-23T00:00:00Z\",\"deletionGracePeriodSeconds\":30}}");

    begin();
    plan_delete(&p, &kind_pod, live, -1);
    settled();
    plan_delete(&p, &kind_pod, live, 30);
    assert_int_equal(p.op_count, 0);
    plan_delete(&p, &kind_pod, live, 0);
    assert_int_equal(only_op()->grace_s, 0);
    begin();
    plan_delete(&p, &kind_pod, NULL, 0);
    assert_true(plan_is_empty(&p));
}

TEST(the_first_finalizer_is_added_against_the_version_seen)
{
    begin();
    plan_finalizer_add(&p, &kind_model, record(&kind_model, MODEL_HEAD "}}"), "f/x");
    assert_string_equal(only_op()->body,
                        "[{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":\"u1\"},"
                        "{\"op\":\"test\",\"path\":\"/metadata/resourceVersion\",\"value\":\"7\"},"
                        "{\"op\":\"add\",\"path\":\"/metadata/finalizers\",\"value\":[\"f/x\"]}]");
}

TEST(a_further_finalizer_is_appended)
{
    begin();
    plan_finalizer_add(&p, &kind_model, record(&kind_model, MODEL_HEAD ",\"finalizers\":[\"o\"]}}"),
                       "f");
    assert_string_equal(only_op()->body,
                        "[{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":\"u1\"},"
                        "{\"op\":\"test\",\"path\":\"/metadata/finalizers\",\"value\":[\"o\"]},"
                        "{\"op\":\"add\",\"path\":\"/metadata/finalizers/-\",\"value\":\"f\"}]");
}

TEST(a_finalizer_is_added_once_and_never_to_a_dying_object)
{
    begin();
    plan_finalizer_add(&p, &kind_model, record(&kind_model, MODEL_HEAD ",\"finalizers\":[\"f\"]}}"),
                       "f");
    settled();
    begin();
    plan_finalizer_add(
        &p, &kind_model,
        record(&kind_model, MODEL_HEAD ",\"deletionTimestamp\":\"2026-11-23T00:00:00Z\"}}"), "f");
    settled();
}

TEST(a_finalizer_is_dropped_by_its_tested_index)
{
    begin();
    plan_finalizer_drop(&p, &kind_model,
                        record(&kind_model, MODEL_HEAD ",\"finalizers\":[\"o\",\"f\"]}}"), "f");
    assert_string_equal(only_op()->body,
                        "[{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":\"u1\"},"
                        "{\"op\":\"test\",\"path\":\"/metadata/finalizers/1\",\"value\":\"f\"},"
                        "{\"op\":\"remove\",\"path\":\"/metadata/finalizers/1\"}]");
    begin();
    plan_finalizer_drop(&p, &kind_model, record(&kind_model, MODEL_HEAD "}}"), "f");
    settled();
}

TEST(an_event_is_about_an_object_and_its_note_is_cut_between_characters)
{
    char text[1100];

    begin();
    memset(text, 'x', sizeof text);
    memcpy(text + 1023, "\xc3\xa9", 3);
    plan_event(&p, &kind_model, record(&kind_model, MODEL_HEAD "}}"), EVENT_WARNING, "Broken", "%s",
               text);
    assert_int_equal(p.event_count, 1);
    assert_string_equal(p.events[0].rv, "7");
    assert_string_equal(p.events[0].reason, "Broken");
    assert_int_equal(strlen(p.events[0].note), 1023);
}

TEST(nothing_in_a_plan_points_into_the_record)
{
    const struct rec *live = record(&kind_model, MODEL_HEAD "}}");

    begin();
    plan_event(&p, &kind_model, live, EVENT_NORMAL, "Said", "it");
    plan_status(&p, &kind_model, live, NULL, "{\"versions\":1}");
    plan_need_get(&p, &kind_model, rec_namespace(live), rec_name(live));
    memset((void *)(uintptr_t)live, 0xdb, rec_size(live));
    assert_string_equal(only_op()->name, "m");
    assert_string_equal(only_op()->uid, "u1");
    assert_string_equal(p.events[0].name, "m");
    assert_string_equal(p.needs[0].ns, "vision");
}

TEST(a_need_is_asked_once_and_found_among_the_answers)
{
    const struct answer list[] = {
        {.need = {.verb = NEED_LOG, .ns = "ns", .name = "p", .container = "main"}, .status = 200},
        {.need = {.verb = NEED_GET, .kind = &kind_pod, .ns = "ns", .name = "p"}, .status = 404},
    };
    const struct answers as = {list, ARRAY_LEN(list)};

    begin();
    plan_need_get(&p, &kind_pod, "ns", "p");
    plan_need_get(&p, &kind_pod, "ns", "p");
    plan_need_log(&p, "ns", "p", "main", 20);
    plan_need_get(&p, &kind_node, NULL, "p");
    assert_int_equal(p.need_count, 3);
    assert_false(plan_is_empty(&p));
    assert_int_equal(answer_get(&as, &kind_pod, "ns", "p")->status, 404);
    assert_int_equal(answer_log(&as, "ns", "p", "main")->status, 200);
    assert_null(answer_get(&as, &kind_node, "ns", "p"));
    assert_null(answer_log(&as, "ns", "p", "other"));
}

TEST(the_earliest_wish_to_wake_is_kept)
{
    begin();
    plan_wake_at(&p, 500);
    plan_wake_at(&p, 0);
    plan_wake_at(&p, 700);
    assert_int_equal(p.wake_at_ms, 500);
    plan_wake_at(&p, 300);
    assert_int_equal(p.wake_at_ms, 300);
}

static const char *conditions(const char *status, const char *live)
{
    const struct condition list[] = {{"Ready", status, "Made", "it is there"}};
    struct jsonw w;

    jsonw_init(&w, &a);
    jsonw_obj(&w, NULL);
    status_conditions(&w, record(&kind_model, live), MODEL_STATUS, list, 1, 1795395600000);
    jsonw_end(&w);
    return jsonw_text(&w);
}

#define READY_SINCE                                                                     \
    MODEL_HEAD "},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"," \
               "\"lastTransitionTime\":\"2026-01-01T00:00:00Z\"}]}}"

TEST(a_new_condition_begins_now)
{
    assert_string_equal(
        conditions("True", MODEL_HEAD "}}"),
        "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"reason\":\"Made\","
        "\"message\":\"it is there\",\"observedGeneration\":4,"
        "\"lastTransitionTime\":\"2026-11-23T01:00:00Z\"}]}");
}

TEST(a_condition_keeps_its_time_until_its_status_changes)
{
    assert_non_null(strstr(conditions("True", READY_SINCE), "2026-01-01T00:00:00Z"));
    assert_non_null(strstr(conditions("False", READY_SINCE), "2026-11-23T01:00:00Z"));
}

SPEC_MAIN()
