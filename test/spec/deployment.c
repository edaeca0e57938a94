/* Deployments: which version, its address, what holds it up. */
#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "api/pod.gen.h"
#include "api/service.gen.h"
#include "base/span.h"
#include "support/spec.h"
#include "support/serving.h"

/* --- Which version
 * ---------------------------------------------------------------------------------- */

TEST(newest_ready_version_is_served_in_test)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Published", "true");
    a_version(&w, 2, "Created", "true");
    a_version(&w, 3, "Created", "false");
    reconcile(&w, "vision", "serve");
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v2");
    assert_string_equal(said(&w, "digest"), "sha256:2");
    world_done(&w);
}

TEST(newest_published_version_is_served_in_production)
{
    struct world w = given_deployment(",'type':'Production'");

    a_version(&w, 1, "Published", "true");
    a_version(&w, 2, "Released", "true");
    reconcile(&w, "vision", "serve");
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v1");
    world_done(&w);
}

TEST(production_without_a_published_version_is_refused)
{
    struct world w = given_deployment(",'type':'Production'");

    a_version(&w, 2, "Released", "true");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/NotPublished");
    assert_non_null(strstr(message(&w), "spec.type"));
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_service), 0);
    world_done(&w);
}

TEST(production_of_a_version_that_is_not_published_is_refused)
{
    struct world w = given_deployment(",'type':'Production','version':2");

    a_version(&w, 1, "Published", "true");
    a_version(&w, 2, "Released", "true");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/NotPublished");
    assert_non_null(strstr(message(&w), "'model-digits-v2' is Released"));
    world_done(&w);
}

TEST(unknown_model_is_named)
{
    struct world w = given_deployment("");

    drop(&w, &kind_model, "vision", "digits");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownModel");
    assert_non_null(strstr(message(&w), "spec.model names no Model 'digits'"));
    assert_true(has_event(&w, "UnknownModel"));
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    world_done(&w);
}

TEST(unknown_version_is_told_the_newest)
{
    struct world w = given_deployment(",'version':9");

    a_version(&w, 4, "Created", "true");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownVersion");
    assert_non_null(strstr(message(&w), "spec.version to 4"));
    world_done(&w);
}

TEST(model_without_a_version_is_told_apart_from_no_model)
{
    struct world w = given_deployment("");

    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownVersion");
    world_done(&w);
}

TEST(version_that_is_not_ready_is_waited_for)
{
    struct world w = given_deployment(",'version':1");

    a_version(&w, 1, "Created", "false");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Reconciling"), "True/VersionNotReady");
    world_done(&w);
}

TEST(version_that_was_taken_stays_when_a_newer_one_comes)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    settle(&w, "", "");
    a_version(&w, 2, "Created", "true");
    reconcile(&w, "vision", "serve");
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v1");
    world_done(&w);
}

TEST(scaling_does_not_change_the_version)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_version(&w, 2, "Created", "true");
    a_deployment(&w, 2, ",'minReplicas':2",
                 "{'observedGeneration':1,'modelVersion':'model-digits-v1'}");
    reconcile(&w, "vision", "serve");
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v1");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 1);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    world_done(&w);
}

TEST(edit_takes_the_newest_version)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_version(&w, 2, "Created", "true");
    a_deployment(&w, 2, ",'port':9000",
                 "{'observedGeneration':1,'modelVersion':'model-digits-v1'}");
    reconcile(&w, "vision", "serve");
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v2");
    world_done(&w);
}

TEST(edit_that_cannot_be_followed_leaves_what_serves)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_deployment(&w, 2, ",'version':9",
                 "{'observedGeneration':1,'modelVersion':'model-digits-v1','url':'http://x'}");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownVersion");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v1");
    assert_string_equal(said(&w, "url"), "http://x");
    assert_string_equal(said(&w, "readyReplicas"), "1");
    world_done(&w);
}

/* --- Service and address
 * ---------------------------------------------------------------------------- */

TEST(service_of_the_deployments_name_leads_to_its_replicas)
{
    struct world w = given_deployment(",'port':9000");
    const struct op *op;

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    op = op_on(&w, OP_CREATE, &kind_service, "serve");
    assert_string_equal(at(&w, op, "spec.selector.dkube\\.io/deployment"), "serve");
    assert_string_equal(at(&w, op, "spec.ports.0.name"), "http");
    assert_string_equal(at(&w, op, "spec.ports.0.port"), "9000");
    assert_string_equal(at(&w, op, "spec.ports.0.targetPort"), "9000");
    assert_string_equal(said(&w, "url"), "http://serve.vision.svc:9000");
    assert_string_equal(said(&w, "selector"), "dkube.io/deployment=serve,dkube.io/role=replica");
    put_body(&w, op);
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_service), 0);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_service), 0);
    world_done(&w);
}

TEST(service_of_another_port_is_made_anew)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    put_body(&w, op_on(&w, OP_CREATE, &kind_service, "serve"));
    a_deployment(&w, 2, ",'port':9000", "{}");
    reconcile(&w, "vision", "serve");
    assert_non_null(op_on(&w, OP_DELETE, &kind_service, "serve"));
    world_done(&w);
}

TEST(service_of_somebody_else_is_never_adopted)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    put(&w, &kind_service, "{'metadata':{'name':'serve','namespace':'vision'},'spec':{}}");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/NameTaken");
    assert_non_null(strstr(message(&w), "Service 'serve'"));
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_service), 0);
    world_done(&w);
}

/* --- What holds it up
 * -------------------------------------------------------------------------------- */

static void with_trouble(struct world *w, const char *status)
{
    a_version(w, 1, "Created", "true");
    reconcile(w, "vision", "serve");
    a_replica(w, "serve-replica-0", status);
    settle(w, "", "");
    reconcile(w, "vision", "serve");
}

TEST(image_that_cannot_be_pulled_is_named_with_its_field)
{
    struct world w = given_deployment("");

    with_trouble(&w, "{'phase':'Pending','containerStatuses':[{'name':'server','state':{'waiting':{"
                     "'reason':'ImagePullBackOff','message':'not found'}}}]}");
    assert_string_equal(condition(&w, "Stalled"), "True/ImagePullFailed");
    assert_non_null(strstr(message(&w), "spec.servingImage 'srv:1'"));
    assert_non_null(strstr(message(&w), "not found"));
    assert_true(has_event(&w, "ImagePullFailed"));
    world_done(&w);
}

TEST(server_that_keeps_ending_is_reported_with_its_exit_code)
{
    struct world w = given_deployment("");

    with_trouble(&w, "{'phase':'Running','containerStatuses':[{'name':'server','restartCount':4,"
                     "'state':{'waiting':{'reason':'CrashLoopBackOff'}},'lastState':{'terminated':{"
                     "'exitCode':3}}}]}");
    assert_string_equal(condition(&w, "Stalled"), "True/CrashLoop");
    assert_non_null(strstr(message(&w), "exit code 3"));
    world_done(&w);
}

TEST(server_between_two_crashes_is_still_crashing)
{
    struct world w = given_deployment("");

    with_trouble(&w, "{'phase':'Running','containerStatuses':[{'name':'server','restartCount':4,"
                     "'ready':false,'state':{'running':{}},'lastState':{'terminated':{'exitCode':3}"
                     "}}]}");
    assert_string_equal(condition(&w, "Stalled"), "True/CrashLoop");
    world_done(&w);
}

TEST(command_that_is_not_in_the_image_is_reported)
{
    struct world w = given_deployment("");

    with_trouble(&w, "{'phase':'Pending','containerStatuses':[{'name':'server','state':{'waiting':{"
                     "'reason':'RunContainerError','message':'exec: nope: not found'}}}]}");
    assert_string_equal(condition(&w, "Stalled"), "True/StartFailed");
    assert_non_null(strstr(message(&w), "spec.command"));
    world_done(&w);
}

TEST(model_that_cannot_be_fetched_is_reported_in_steps_words)
{
    struct world w = given_deployment("");

    with_trouble(&w, "{'phase':'Pending','initContainerStatuses':[{'name':'fetch','restartCount':2,"
                     "'state':{'waiting':{'reason':'CrashLoopBackOff'}},'lastState':{'terminated':{"
                     "'exitCode':1,'message':'{\\'error\\':{\\'reason\\':\\'FetchFailed\\',\\'"
                     "message\\':\\'the store refused\\'}}'}}}]}");
    assert_string_equal(condition(&w, "Stalled"), "True/FetchFailed");
    assert_non_null(strstr(message(&w), "the store refused"));
    world_done(&w);
}

/* --- The end
 * ---------------------------------------------------------------------------------------- */

TEST(deleted_deployment_gives_back_its_replicas_and_its_address_at_once)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    put_body(&w, op_on(&w, OP_CREATE, &kind_service, "serve"));
    put(&w, &kind_deployment,
        "{'metadata':{'name':'serve','namespace':'vision','deletionTimestamp':"
        "'2026-09-21T14:13:00Z','finalizers':['dkube.io/lineage']},'spec':{'model':'digits'}}");
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 1);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_service), 1);
    assert_int_equal(count_ops(&w, OP_STATUS, &kind_deployment), 0);
    world_done(&w);
}

TEST(deleted_deployment_ends_all_its_replicas)
{
    struct world w = given_deployment(",'minReplicas':3");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_replica(&w, "serve-replica-1", READY);
    a_replica(&w, "serve-replica-2", UNREADY);
    put(&w, &kind_deployment,
        "{'metadata':{'name':'serve','namespace':'vision','deletionTimestamp':"
        "'2026-09-21T14:13:00Z','finalizers':['dkube.io/lineage']},'spec':{'model':'digits'}}");
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 3);
    assert_int_equal(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-2")->grace_s, -1);
    world_done(&w);
}

TEST(settled_deployment_writes_nothing)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    put_body(&w, op_on(&w, OP_CREATE, &kind_service, "serve"));
    reconcile(&w, "vision", "serve");
    keep_status(&w, &kind_deployment, "vision", "serve");
    w.now_ms += 60000;
    reconcile(&w, "vision", "serve");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

SPEC_MAIN()
