/* Datasets: imports become versions once, and only of content that is new. */
#include "api/artifactversion.gen.h"
#include "api/dataset.gen.h"
#include "api/datastore.gen.h"
#include "api/dkuberun.gen.h"
#include "api/pod.gen.h"
#include "base/span.h"
#include "controllers/dataset/dataset.h"
#include "support/spec.h"
#include "support/world.h"

#define GIT "{'git':{'url':'https://git.example.com/d','ref':'v1','path':'data'}}"
#define SOURCE "https://git.example.com/d@c0ffee:data"
#define REPORT \
    "{\\'digest\\':\\'sha256:aa\\',\\'size\\':42,\\'files\\':3,\\'commit\\':\\'c0ffee\\'}"

static const struct step_conf conf = {"img:1", "http://store:8080", "IfNotPresent", "dkube-system"};

static struct world given_dataset(const char *source, const char *store_ready)
{
    struct world w;

    world_init(&w, &dataset_controller, &conf);
    if (store_ready != NULL) {
        put(&w, &kind_datastore, "{'metadata':{'name':'default'},'status':{'ready':%s}}",
            store_ready);
    }
    put(&w, &kind_dataset,
        "{'metadata':{'name':'digits','namespace':'vision','generation':2},'spec':{'source':%s,"
        "'dataStoreRef':'default'}}",
        source);
    return w;
}

static void a_finished_pod(struct world *w, const char *phase, const char *report)
{
    put(w, &kind_pod,
        "{'metadata':{'name':'digits-import-2','namespace':'vision','ownerReferences':[{'kind':"
        "'Dataset','name':'digits','uid':'uid-Dataset-digits','controller':true}]},'status':{"
        "'phase':'%s','containerStatuses':[{'name':'import','state':{'terminated':{'exitCode':0,"
        "'message':'%s'}}}]}}",
        phase, report);
}

static void a_version(struct world *w, int number, const char *digest, const char *source,
                      const char *ready)
{
    put(w, &kind_artifactversion,
        "{'metadata':{'name':'dataset-digits-v%d','namespace':'vision'},'spec':{'of':{'kind':"
        "'Dataset','name':'digits'},'number':%d,'digest':'%s','source':'%s','size':42,'files':3},"
        "'status':{'ready':%s}}",
        number, number, digest, source, ready);
}

TEST(git_source_is_imported_by_a_pod_that_may_reach_the_store)
{
    struct world w = given_dataset(GIT, "true");
    const struct op *op;

    reconcile(&w, "vision", "digits");
    op = op_on(&w, OP_CREATE, &kind_pod, "digits-import-2");
    assert_string_equal(at(&w, op, "spec.containers.0.command"),
                        "[\"/usr/bin/step\",\"import\",\"--url\",\"https://git.example.com/d\","
                        "\"--ref\",\"v1\",\"--path\",\"data\"]");
    assert_non_null(strstr(op->body, "\"audience\":\"dkube-store\""));
    assert_non_null(strstr(op->body, "\\\"namespace\\\":\\\"vision\\\""));
    assert_non_null(strstr(op->body, "http:"));
    assert_string_equal(at(&w, op, "metadata.labels.dkube\\.io/role"), "import");
    assert_string_equal(condition(&w, "Reconciling"), "True/Importing");
    world_done(&w);
}

TEST(import_waits_for_its_store)
{
    struct world w = given_dataset(GIT, "false");

    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    assert_string_equal(condition(&w, "Reconciling"), "True/StoreNotReady");
    world_done(&w);
}

TEST(unknown_data_store_stalls_and_names_the_field)
{
    struct world w = given_dataset(GIT, NULL);

    reconcile(&w, "vision", "digits");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownDataStore");
    assert_non_null(strstr(message(&w), "spec.dataStoreRef"));
    world_done(&w);
}

TEST(import_begins_at_once_when_an_unknown_data_store_comes)
{
    struct world w = given_dataset(GIT, NULL);

    reconcile(&w, "vision", "digits");
    keep_status(&w, &kind_dataset, "vision", "digits");
    put(&w, &kind_datastore, "{'metadata':{'name':'default'},'status':{'ready':true}}");
    reconcile(&w, "vision", "digits");
    assert_non_null(op_on(&w, OP_CREATE, &kind_pod, "digits-import-2"));
    assert_string_equal(condition(&w, "Reconciling"), "True/Importing");
    world_done(&w);
}

TEST(unknown_data_store_is_waited_for_without_looking_all_the_time)
{
    struct world w = given_dataset(GIT, NULL);

    reconcile(&w, "vision", "digits");
    keep_status(&w, &kind_dataset, "vision", "digits");
    w.now_ms += ATTEMPT_PAUSE_MS + 1;
    reconcile(&w, "vision", "digits");
    assert_true(plan_is_empty(&w.plan));
    assert_int_equal(w.plan.wake_at_ms, 0);
    put(&w, &kind_datastore, "{'metadata':{'name':'default'},'status':{'ready':true}}");
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 1);
    world_done(&w);
}

TEST(imported_content_becomes_a_version_then_the_pod_goes)
{
    struct world w = given_dataset(GIT, "true");
    const struct op *op;

    a_finished_pod(&w, "Succeeded", REPORT);
    reconcile(&w, "vision", "digits");
    op = op_on(&w, OP_CREATE, &kind_artifactversion, "dataset-digits-v1");
    assert_string_equal(at(&w, op, "spec.digest"), "sha256:aa");
    assert_string_equal(at(&w, op, "spec.source"), SOURCE);
    assert_string_equal(at(&w, op, "spec.size"), "42");
    assert_string_equal(at(&w, op, "spec.files"), "3");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);

    a_version(&w, 1, "sha256:aa", SOURCE, "true");
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_artifactversion), 0);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    assert_string_equal(said(&w, "latest"), "dataset-digits-v1");
    assert_string_equal(said(&w, "size"), "42");
    assert_string_equal(condition(&w, "Ready"), "True/Imported");

    keep_status(&w, &kind_dataset, "vision", "digits");
    reconcile(&w, "vision", "digits");
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "digits-import-2"));
    drop(&w, &kind_pod, "vision", "digits-import-2");
    reconcile(&w, "vision", "digits");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

TEST(dataset_is_not_ready_before_its_version_is)
{
    struct world w = given_dataset(GIT, "true");

    a_finished_pod(&w, "Succeeded", REPORT);
    a_version(&w, 1, "sha256:aa", SOURCE, "false");
    reconcile(&w, "vision", "digits");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

TEST(same_content_from_the_same_place_makes_no_new_version)
{
    struct world w = given_dataset(GIT, "true");

    a_version(&w, 4, "sha256:aa", SOURCE, "true");
    a_finished_pod(&w, "Succeeded", REPORT);
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_artifactversion), 0);
    assert_string_equal(said(&w, "latest"), "dataset-digits-v4");
    world_done(&w);
}

TEST(other_content_makes_the_next_version)
{
    struct world w = given_dataset(GIT, "true");

    a_version(&w, 4, "sha256:cc", SOURCE, "true");
    a_finished_pod(&w, "Succeeded", REPORT);
    reconcile(&w, "vision", "digits");
    assert_non_null(op_on(&w, OP_CREATE, &kind_artifactversion, "dataset-digits-v5"));
    world_done(&w);
}

TEST(failed_import_stalls_with_the_sentence_of_step)
{
    struct world w = given_dataset(GIT, "true");

    a_finished_pod(
        &w, "Failed",
        "{\\'error\\':{\\'reason\\':\\'UnknownPath\\',\\'message\\':\\'no folder data\\'}}");
    reconcile(&w, "vision", "digits");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownPath");
    assert_string_equal(message(&w), "no folder data");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_artifactversion), 0);
    world_done(&w);
}

TEST(report_without_a_digest_makes_no_version)
{
    struct world w = given_dataset(GIT, "true");

    a_finished_pod(&w, "Succeeded", "{\\'commit\\':\\'c0ffee\\'}");
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_artifactversion), 0);
    assert_string_equal(condition(&w, "Stalled"), "True/NoContent");
    world_done(&w);
}

TEST(dataset_without_a_source_is_ready_and_imports_nothing)
{
    struct world w = given_dataset("{'none':{}}", "true");

    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    assert_string_equal(condition(&w, "Ready"), "True/NoVersions");
    world_done(&w);
}

TEST(dataset_without_a_source_gets_versions_from_runs)
{
    struct world w = given_dataset("{'none':{}}", "true");

    put(&w, &kind_dkuberun,
        "{'metadata':{'name':'p1','namespace':'vision'},'status':{'phase':'Complete','outputs':[{"
        "'kind':'Dataset','name':'digits','digest':'sha256:dd','size':5,'files':1}]}}");
    reconcile(&w, "vision", "digits");
    assert_string_equal(
        at(&w, op_on(&w, OP_CREATE, &kind_artifactversion, "dataset-digits-v1"), "spec.run"), "p1");
    world_done(&w);
}

TEST(output_of_a_run_is_not_lost_for_a_dataset_that_imports)
{
    struct world w = given_dataset(GIT, "true");

    a_finished_pod(&w, "Succeeded", REPORT);
    put(&w, &kind_dkuberun,
        "{'metadata':{'name':'p1','namespace':'vision'},'status':{'phase':'Complete','outputs':[{"
        "'kind':'Dataset','name':'digits','digest':'sha256:dd','size':5,'files':1}]}}");
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_artifactversion), 1);
    put_body(&w, op_on(&w, OP_CREATE, &kind_artifactversion, "dataset-digits-v1"));
    reconcile(&w, "vision", "digits");
    assert_string_equal(
        at(&w, op_on(&w, OP_CREATE, &kind_artifactversion, "dataset-digits-v2"), "spec.digest"),
        "sha256:aa");
    world_done(&w);
}

TEST(failed_import_is_tried_again_after_a_rest_that_the_plan_asks_for)
{
    struct world w = given_dataset(GIT, "true");

    a_finished_pod(
        &w, "Failed",
        "{\\'error\\':{\\'reason\\':\\'UnknownPath\\',\\'message\\':\\'no folder data\\'}}");
    reconcile(&w, "vision", "digits");
    keep_status(&w, &kind_dataset, "vision", "digits");
    drop(&w, &kind_pod, "vision", "digits-import-2");
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    assert_int_equal(w.plan.wake_at_ms, w.now_ms + ATTEMPT_PAUSE_MS);
    w.now_ms = w.plan.wake_at_ms;
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 1);
    world_done(&w);
}

SPEC_MAIN()
