/* A DkubeRun until it is admitted: what it names, and everything people get wrong. */
#include "api/artifactversion.gen.h"
#include "api/coderepo.gen.h"
#include "api/dataset.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/dkuberun/dkuberun.h"
#include "support/spec.h"
#include "support/stage.h"

/* --- Queued ---------------------------------------------------------------------------------- */

TEST(a_new_run_is_queued_and_looked_up_by_one_pod)
{
    stage_begin();
    stage_extra = CODE;
    stage_put_run();
    stage_settle();
    stage_expect_phase("Queued", "Resolving");
    stage_expect(stage_run_at("status.conditions.1.type"), "Reconciling");
    stage_expect(stage_run_at("status.conditions.1.status"), "True");
    assert_int_equal(stage.creates, 1);
    stage_expect(stage_pod_at(RUN "-resolve-0", "spec.containers.0.image"), "example:1");
    stage_expect(stage_pod_at(RUN "-resolve-0", "spec.containers.0.command.0"),
                 "/dkube-probe/probe");
    stage_expect(stage_pod_at(RUN "-resolve-0", "spec.containers.1.command"),
                 "[\"/usr/bin/step\",\"resolve\",\"--url\",\"http://git/x.git\",\"--ref\",\"main\","
                 "\"--commit\",\"main\"]");
    stage_expect(stage_pod_at(RUN "-resolve-0", "spec.automountServiceAccountToken"), "false");
    stage_expect(stage_pod_at(RUN "-resolve-0", "spec.serviceAccountName"), "dkube-run");
    stage_end();
}

TEST(a_run_without_code_is_looked_up_without_git)
{
    stage_begin();
    stage_put_run();
    stage_settle();
    stage_expect(stage_pod_at(RUN "-resolve-0", "spec.containers.1"), "");
    stage_pod_says(RUN "-resolve-0", "Succeeded",
                   ",'containerStatuses':[" ENDED("image", "0", "") "]");
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "Starting");
    stage_expect(stage_run_at("status.commit"), "");
    stage_end();
}

TEST(what_was_found_stands_in_the_status_before_the_queue)
{
    stage_begin();
    stage_gpus = "2";
    stage_extra = CODE INPUT;
    stage_put_version("Dataset", "digits", 2, true);
    stage_put_version("Dataset", "digits", 3, false);
    stage_resolve();
    stage_expect_phase("WaitingForGPUs", "WaitingForGPUs");
    stage_expect(stage_run_at("status.commit"), SHA);
    stage_expect(stage_run_at("status.imageDigest"), "example@" DIGEST);
    stage_expect(stage_run_at("status.inputs.0.version"), "2");
    stage_expect(stage_run_at("status.inputs.0.digest"), DIGEST);
    stage_expect(stage_run_at("status.totalGPUs"), "2");
    assert_false(stage_has_pod(RUN "-worker-0"));
    stage_end();
}

TEST(the_pod_of_the_look_up_goes_once_its_answer_stands)
{
    stage_begin();
    stage_gpus = "1";
    stage_put_run();
    stage_settle();
    stage_pod_says(RUN "-resolve-0", "Succeeded", stage_resolved);
    paper_plan(&stage, &dkuberun_controller, NS, RUN);
    assert_int_equal(stage.plan.op_count, 1);
    assert_int_equal(stage.plan.ops[0].verb, OP_STATUS);
    paper_apply(&stage);
    stage_settle();
    assert_int_equal(stage.deletes, 1);
    stage_end();
}

TEST(a_run_without_gpus_never_enters_the_queue)
{
    stage_begin();
    stage_resolve();
    stage_expect(stage_run_at("status.phase"), "Starting");
    assert_true(stage_has_pod(RUN "-worker-0"));
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.affinity"), "");
    stage_end();
}

TEST(a_run_waits_for_the_first_version_of_its_dataset)
{
    stage_begin();
    stage_extra = INPUT;
    stage_put_version("Dataset", "digits", 1, false);
    stage_put_run();
    stage_settle();
    stage_expect_phase("Queued", "NoVersionYet");
    assert_int_equal(stage.creates, 0);
    stage_put_version("Dataset", "digits", 1, true);
    stage_settle();
    stage_expect_phase("Queued", "Resolving");
    stage_end();
}

TEST(a_look_up_that_was_lost_is_made_again)
{
    stage_begin();
    stage_put_run();
    stage_settle();
    stage_pod_says(RUN "-resolve-0", "Failed", ",'reason':'Evicted'");
    stage.now_ms += MINUTE;
    stage_settle();
    stage_expect_phase("Queued", "Resolving");
    paper_drop(&stage, &kind_pod, NS, RUN "-resolve-0");
    stage_settle();
    assert_int_equal(stage.creates, 2);
    stage_end();
}

/* --- what people get wrong ------------------------------------------------------------------- */

static void is_refused(const char *reason, const char *word, const char *more)
{
    stage_put_run();
    stage_settle();
    stage_expect(stage_run_at("status.phase"),
                 "Queued"); /* what it names may still be on its way */
    stage.now_ms += MINUTE;
    stage_settle();
    stage_expect_error(reason, word, more);
    assert_int_equal(stage.creates, 0);
}

TEST(an_unknown_code_repo_is_an_error_that_names_the_field)
{
    stage_begin();
    stage_extra = ",'code':{'repo':'nowhere'}";
    is_refused("UnknownCodeRepo", "spec.code.repo", "nowhere");
    stage_end();
}

TEST(an_unknown_dataset_is_an_error_that_names_the_field)
{
    stage_begin();
    stage_extra = ",'inputs':[{'name':'nothing','kind':'Dataset','mountPath':'/data'}]";
    is_refused("UnknownDataset", "spec.inputs", "nothing");
    stage_end();
}

TEST(an_input_that_only_a_live_get_finds_is_waited_for)
{
    stage_begin();
    stage_extra = INPUT;
    paper_drop(&stage, &kind_dataset, NS, "digits");
    stage.late = "digits";
    stage_put_run();
    stage_settle();
    stage.now_ms += MINUTE;
    stage_settle();
    stage_expect_phase("Queued", "UnknownDataset");
    stage.late = NULL;
    stage.now_ms += MINUTE;
    stage_settle();
    stage_expect_error("UnknownDataset", "spec.inputs", "digits");
    stage_end();
}

TEST(an_unknown_model_as_input_is_an_error_that_names_the_field)
{
    stage_begin();
    stage_extra = ",'inputs':[{'name':'nothing','kind':'Model','mountPath':'/data'}]";
    is_refused("UnknownModel", "spec.inputs", "nothing");
    stage_end();
}

TEST(an_unknown_model_as_output_is_an_error_that_names_the_field)
{
    stage_begin();
    stage_extra = ",'outputs':[{'name':'nothing','kind':'Model','mountPath':'/out'}]";
    is_refused("UnknownModel", "spec.outputs", "nothing");
    stage_end();
}

TEST(an_unknown_version_is_an_error_that_names_the_newest)
{
    stage_begin();
    stage_extra = ",'inputs':[{'name':'digits','kind':'Dataset','version':99,'mountPath':'/data'}]";
    is_refused("UnknownVersion", "99", "newest is 1");
    stage_end();
}

TEST(a_namespace_of_no_group_is_an_error)
{
    stage_begin();
    paper_drop(&stage, &kind_group, "", "vision");
    is_refused("NoGroup", "metadata.namespace", NS);
    stage_end();
}

TEST(gpus_for_a_group_without_a_pool_are_an_error)
{
    stage_begin();
    stage_gpus = "1";
    paper_put(&stage, &kind_group,
              "{'metadata':{'name':'vision'},'spec':{},'status':{'namespace':'" NS "'}}");
    is_refused("NoPool", "spec.gpus", "vision");
    stage_end();
}

TEST(gpus_from_a_pool_that_is_not_there_are_an_error)
{
    stage_begin();
    stage_gpus = "1";
    paper_drop(&stage, &kind_pool, "", "a100");
    is_refused("UnknownPool", "spec.gpus", "a100");
    stage_end();
}

TEST(more_gpus_than_the_pool_owns_are_an_error_at_once)
{
    stage_begin();
    stage_gpus = "5";
    stage_put_run();
    stage_settle();
    stage_expect_error("ExceedsPool", "spec.gpus is 5", "has 2");
    assert_int_equal(stage.creates, 0);
    stage_end();
}

TEST(more_gpus_than_one_node_has_are_an_error_at_once)
{
    stage_begin();
    stage_gpus = "3";
    stage_put_pool(4, 2);
    stage_put_run();
    stage_settle();
    stage_expect_error("ExceedsNode", "spec.gpus is 3", "at most 2");
    stage_end();
}

TEST(a_gpu_type_that_the_pool_has_not_is_an_error_at_once)
{
    stage_begin();
    stage_gpus = "1";
    stage_extra = ",'gpuType':'H100'";
    stage_put_run();
    stage_settle();
    stage_expect_error("WrongGPUType", "spec.gpuType is 'H100'", "A100");
    stage_end();
}

TEST(a_pool_that_has_not_been_counted_refuses_nobody)
{
    stage_begin();
    stage_gpus = "5";
    paper_put(&stage, &kind_pool, "{'metadata':{'name':'a100'},'spec':{'gpus':9},'status':{}}");
    stage_put_run();
    stage_settle();
    stage_expect_phase("Queued", "PoolPending");
    stage_end();
}

TEST(a_pool_that_lost_its_nodes_lets_the_runs_wait_for_them)
{
    stage_begin();
    stage_gpus = "2";
    stage_resolve();
    paper_put(&stage, &kind_pool,
              "{'metadata':{'name':'a100'},'spec':{'gpus':2},'status':{'observedGeneration':9,"
              "'capacity':0}}");
    stage_settle();
    stage_expect_phase("WaitingForGPUs", "PoolShort");
    stage_put_pool(2, 2);
    stage_settle();
    stage_expect_phase("WaitingForGPUs", "WaitingForGPUs");
    stage_end();
}

TEST(a_pool_that_shrinks_refuses_the_waiting_runs_that_no_longer_fit)
{
    stage_begin();
    stage_gpus = "2";
    stage_resolve();
    stage_put_pool(1, 1);
    paper_put(&stage, &kind_pool,
              "{'metadata':{'name':'a100'},'spec':{'gpus':1},'status':{'observedGeneration':9,"
              "'capacity':1,'nodes':[{'name':'n1','gpus':1,'type':'A100'}]}}");
    stage_settle();
    stage_expect_error("ExceedsPool", "spec.gpus is 2", "has 1");
    stage_end();
}

TEST(an_unknown_image_is_an_error_after_a_short_while)
{
    stage_begin();
    stage_put_run();
    stage_settle();
    stage_pod_says(RUN "-resolve-0", "Pending",
                   ",'containerStatuses':[" WAITS("image", "ErrImagePull") "]");
    stage_settle();
    stage_expect_phase("Queued", "Resolving");
    assert_true(stage.plan.wake_at_ms > stage.now_ms);
    stage.now_ms = stage.plan.wake_at_ms;
    stage_settle();
    stage_expect_error("UnknownImage", "spec.image 'example:1'", "it is so");
    assert_int_equal(stage.deletes, 1);
    stage_end();
}

TEST(an_image_name_that_is_none_is_an_error_at_once)
{
    stage_begin();
    stage_put_run();
    stage_settle();
    stage_pod_says(RUN "-resolve-0", "Pending",
                   ",'containerStatuses':[" WAITS("image", "InvalidImageName") "]");
    stage_settle();
    stage_expect_error("UnknownImage", "spec.image", "example:1");
    stage_end();
}

TEST(an_image_that_cannot_be_started_is_an_error)
{
    stage_begin();
    stage_put_run();
    stage_settle();
    stage_pod_says(RUN "-resolve-0", "Failed",
                   ",'containerStatuses':[" ENDED(
                       "image", "128", ",'reason':'StartError','message':'exec format error'") "]");
    stage_settle();
    stage_expect_error("ImageNotRunnable", "spec.image", "exec format error");
    stage_end();
}

static void commit_says(const char *error)
{
    stage_begin();
    stage_extra = CODE;
    stage_put_run();
    stage_settle();
    stage_pod_says(
        RUN "-resolve-0", "Failed",
        arena_printf(&stage.a,
                     ",'containerStatuses':[" ENDED(
                         "image", "0", "") ",{'name':'commit','state':"
                                           "{'terminated':{'exitCode':1,'message':'%s'}}}]",
                     error));
    stage_settle();
}

TEST(an_unknown_commit_is_an_error_that_names_it)
{
    commit_says("{\\'error\\':{\\'reason\\':\\'UnknownCommit\\',\\'message\\':\\'spec.code.commit: "
                "no such commit\\'}}");
    stage_expect_error("UnknownCommit", "spec.code.commit", "no such commit");
    stage_end();
}

TEST(an_unknown_repository_is_an_error_that_says_why)
{
    commit_says("{\\'error\\':{\\'reason\\':\\'UnknownRepository\\',\\'message\\':"
                "\\'404\\'}}");
    stage_expect_error("UnknownRepository", "spec.code.repo 'code'", "404");
    stage_end();
}

TEST(a_look_up_that_ends_without_a_word_is_an_error)
{
    commit_says("");
    stage_expect_error("ResolveFailed", "spec.code.repo", "exit code 1");
    stage_end();
}

SPEC_MAIN()
