/* A DkubeRun that gives back what it was given: in which order, for how long, and in which words.
 */
#include "api/dkuberun.gen.h"
#include "api/pod.gen.h"
#include "controllers/dkuberun/dkuberun.h"
#include "support/spec.h"
#include "support/stage.h"

#define QUOTA "pods \"r1-worker-0\" is forbidden: exceeded quota: few"
#define REFUSED ",'reason':'UnexpectedAdmissionError','message':'no healthy devices'"
#define KILLED                                                      \
    ",'initContainerStatuses':[" ENDED("fetch", "0", "") "," ENDED( \
        "collect", "0", "") "],'containerStatuses':[" ENDED("main", "137", "") "]"

static void pass(void)
{
    paper_plan(&stage, &dkuberun_controller, NS, RUN);
    paper_apply(&stage);
}

static size_t deletes(void)
{
    size_t n = 0;

    for (size_t i = 0; i < stage.plan.op_count; i++) {
        n += stage.plan.ops[i].verb == OP_DELETE;
    }
    return n;
}

static void given_a_run_with_one_gpu(void)
{
    stage_begin();
    stage_gpus = "1";
}

TEST(an_admission_is_told_with_its_gpus_their_type_and_their_node)
{
    given_a_run_with_one_gpu();
    stage_resolve();
    stage_put_admission(0);
    pass();
    stage_expect_phase("Starting", "Admitted");
    stage_expect(stage_run_at("status.message"), "was given 1 GPUs of type A100 on the node 'n1'");
    stage_end();
}

TEST(the_status_says_that_a_pod_is_given_up_before_the_pod_goes)
{
    given_a_run_with_one_gpu();
    stage_start();
    stage.now_ms += 2 * MINUTE;
    pass();
    stage_expect_phase("Starting", "NotScheduled");
    assert_int_equal(deletes(), 0);
    pass();
    assert_int_equal(deletes(), 1);
    assert_int_equal(stage.plan.ops[0].grace_s, 60);
    stage_end();
}

TEST(a_run_that_queues_again_says_why_it_came_back)
{
    given_a_run_with_one_gpu();
    stage_start();
    stage.now_ms += 2 * MINUTE;
    stage_settle();
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    pass();
    stage_expect_phase("WaitingForGPUs", "NotScheduled");
    assert_non_null(strstr(stage_run_at("status.message"), "attempt 0: "));
    stage_end();
}

TEST(a_run_without_a_queue_begins_its_next_attempt_and_is_not_given_up_again)
{
    stage_begin();
    stage_start();
    stage_pod_says(RUN "-worker-0", "Failed", REFUSED);
    stage_settle();
    stage.now_ms = stage.plan.wake_at_ms;
    stage_settle();
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    pass();
    stage_expect_phase("Starting", "Restarting");
    stage_end();
}

TEST(a_pod_that_the_node_refused_goes_with_its_own_grace)
{
    given_a_run_with_one_gpu();
    stage_start();
    stage_pod_says(RUN "-worker-0", "Failed", REFUSED);
    stage_settle();
    stage.now_ms = stage.plan.wake_at_ms;
    paper_plan(&stage, &dkuberun_controller, NS, RUN);
    assert_int_equal(deletes(), 1);
    assert_int_equal(stage.plan.ops[0].grace_s, -1);
    stage_end();
}

static void refuse_the_next_attempt(void)
{
    stage.refuse = (struct refused){.code = 403, .reason = "Forbidden", .message = QUOTA};
    stage_admit(1);
    stage_expect_phase("WaitingForGPUs", "QuotaExceeded");
    assert_int_equal(stage.plan.wake_at_ms, stage.now_ms + 10000); /* as after a first attempt */
    stage_end();
}

TEST(an_attempt_that_a_lost_node_ended_makes_no_later_rest_longer)
{
    given_a_run_with_one_gpu();
    stage_go();
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect(stage_run_at("status.nodeLosses"), "1");
    refuse_the_next_attempt();
}

TEST(an_attempt_that_the_program_ended_makes_no_later_rest_longer)
{
    given_a_run_with_one_gpu();
    stage_extra = ",'restarts':2";
    stage_go();
    stage_pod_says(RUN "-worker-0", "Failed", KILLED);
    stage_settle();
    stage_expect(stage_run_at("status.restarts"), "1");
    refuse_the_next_attempt();
}

TEST(rests_double_up_to_five_minutes)
{
    static const int64_t seconds[] = {10, 20, 40, 80, 160, 300, 300};

    given_a_run_with_one_gpu();
    stage_resolve();
    stage.refuse = (struct refused){.code = 403, .reason = "Forbidden", .message = QUOTA};
    for (int i = 0; i < 7; i++) {
        stage_admit(i);
        assert_int_equal(stage.plan.wake_at_ms, stage.now_ms + seconds[i] * 1000);
        stage.now_ms = stage.plan.wake_at_ms;
        stage_settle();
    }
    stage_end();
}

SPEC_MAIN()
