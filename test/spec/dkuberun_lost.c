/* What the kubelet and the cluster do to a DkubeRun's pods is no answer of its programs. */
#include "api/dkuberun.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "base/clock.h"
#include "controllers/dkuberun/dkuberun.h"
#include "support/spec.h"
#include "support/stage.h"

#define UNKNOWN(name) ENDED(name, "137", ",'reason':'ContainerStatusUnknown'")
#define EVICTED ",'reason':'Evicted','conditions':[{'type':'DisruptionTarget','status':'True'}]"

static void given_a_look_up(void)
{
    stage_begin();
    stage_extra = CODE;
    stage_put_run();
    stage_settle();
}

static void expect_looked_up_again(void)
{
    stage_settle();
    stage_expect_phase("Queued", "Resolving");
    stage.now_ms += MINUTE;
    stage_settle();
    assert_int_not_equal(paper_find(&stage, &kind_pod, NS, RUN "-resolve-0")->deleted_ms, 0);
    stage_end();
}

TEST(a_look_up_whose_containers_were_lost_is_made_again)
{
    given_a_look_up();
    stage_pod_says(RUN "-resolve-0", "Failed",
                   ",'containerStatuses':[" UNKNOWN("image") "," UNKNOWN("commit") "]");
    expect_looked_up_again();
}

TEST(a_look_up_that_was_evicted_is_made_again)
{
    given_a_look_up();
    stage_pod_says(RUN "-resolve-0", "Failed",
                   EVICTED ",'containerStatuses':[" ENDED("image", "137",
                                                          "") "," ENDED("commit", "143", "") "]");
    expect_looked_up_again();
}

TEST(a_program_whose_end_nobody_saw_is_lost_with_its_node)
{
    stage_begin();
    stage_gpus = "1";
    stage_go();
    stage_pod_says(RUN "-worker-0", "Failed", ",'containerStatuses':[" UNKNOWN("main") "]");
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_expect(stage_run_at("status.nodeLosses"), "1");
    stage_expect(stage_run_at("status.restarts"), "0");
    stage_end();
}

static void the_node_stops_answering(void)
{
    paper_put(&stage, &kind_node,
              "{'metadata':{'name':'n1','labels':{'nvidia.com/gpu.product':'A100'}},'spec':{},"
              "'status':{'capacity':{'nvidia.com/gpu':'2'},'allocatable':{'nvidia.com/gpu':'2'},"
              "'conditions':[{'type':'Ready','status':'Unknown','lastTransitionTime':'%s'}]}}",
              clock_rfc3339(&stage.a, stage.now_ms));
    stage_settle();
}

TEST(a_program_on_a_node_that_does_not_answer_for_a_minute_begins_again_elsewhere)
{
    stage_begin();
    stage_gpus = "1";
    stage_go();
    the_node_stops_answering();
    stage_expect_phase("Running", "Running");
    assert_int_equal(paper_find(&stage, &kind_pod, NS, RUN "-worker-0")->deleted_ms, 0);
    stage.now_ms += MINUTE;
    stage_settle();
    assert_int_not_equal(paper_find(&stage, &kind_pod, NS, RUN "-worker-0")->deleted_ms, 0);
    stage.now_ms += 2 * MINUTE; /* its grace and 30 s more */
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_expect(stage_run_at("status.nodeLosses"), "1");
    stage_expect(stage_run_at("status.restarts"), "0");
    stage_end();
}

TEST(a_node_that_answers_again_within_a_minute_costs_nothing)
{
    stage_begin();
    stage_gpus = "1";
    stage_go();
    the_node_stops_answering();
    stage.now_ms += MINUTE / 2;
    stage_put_node(true);
    stage.now_ms += MINUTE;
    stage_settle();
    stage_expect_phase("Running", "Running");
    assert_int_equal(paper_find(&stage, &kind_pod, NS, RUN "-worker-0")->deleted_ms, 0);
    stage_end();
}

TEST(a_run_is_not_started_on_a_node_that_does_not_answer)
{
    stage_begin();
    stage_gpus = "1";
    stage_resolve();
    the_node_stops_answering();
    stage.now_ms += 2 * MINUTE;
    stage_admit(0);
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_expect(stage_run_at("status.attempt"), "1");
    assert_false(stage_has_pod(RUN "-worker-0"));
    stage_end();
}

TEST(a_command_and_its_parameters_reach_the_program_letter_by_letter)
{
    stage_begin();
    stage_extra = ",'parameters':[{'name':'PRICE','value':'$$5 $(HOME)'}]";
    stage_start();
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.containers.0.env.0.value"),
                 "$$$$5 $$(HOME)"); /* the kubelet takes every other one away */
    stage_end();
}

TEST(a_pod_that_a_list_of_the_past_does_not_show_is_not_lost)
{
    stage_begin();
    stage_gpus = "1";
    stage_go();
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage.late = RUN "-worker-0"; /* in the API */
    stage_settle();
    stage_expect_phase("Running", "Running");
    stage_expect(stage_run_at("status.attempt"), "0");
    assert_false(stage_has_pod(RUN "-worker-0-a1"));
    assert_int_equal(stage.plan.wake_at_ms, stage.now_ms + 1000);
    stage.late = NULL;
    stage_settle();
    stage_expect(stage_run_at("status.nodeLosses"), "1");
    stage_end();
}

SPEC_MAIN()
