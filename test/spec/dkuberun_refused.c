/* A DkubeRun whose pod the API server refuses: GPUs go back at once, and the status says why. */
#include "api/dkuberun.gen.h"
#include "api/pod.gen.h"
#include "base/span.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/ledger/claim.h"
#include "support/spec.h"
#include "support/stage.h"

#define QUOTA                                                                                   \
    "pods \"r1-worker-0\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=1, " \
    "limited: pods=1"
#define SECURITY \
    "pods \"r1-worker-0\" is forbidden: violates PodSecurity \"baseline:latest\": privileged"
#define INVALID "Pod \"r1-worker-0\" is invalid: spec.containers[0].resources.limits[memory]: bad"
#define RIGHTS                                                                                \
    "pods is forbidden: User \"u\" cannot create resource \"pods\" in API group \"\" in the " \
    "namespace \"vision\""

static void refuse(int code, const char *reason, const char *message)
{
    stage.refuse = (struct refused){.code = code, .reason = reason, .message = message};
}

static void allow(void)
{
    stage.refuse = (struct refused){.code = 0};
}

static const struct rec *run(void)
{
    return cache_get(stage.c, &kind_dkuberun, NS, RUN);
}

/* Waiting with one GPU's admission, and its pod is refused. */
static void refuse_the_worker(int code, const char *reason, const char *message)
{
    stage_begin();
    stage_gpus = "1";
    stage_resolve();
    refuse(code, reason, message);
    stage_admit(0);
}

TEST(a_run_over_its_quota_gives_its_gpus_back_and_rests_outside_the_queue)
{
    refuse_the_worker(403, "Forbidden", QUOTA);
    stage_expect_phase("WaitingForGPUs", "QuotaExceeded");
    assert_non_null(strstr(stage_run_at("status.message"), "exceeded quota: few"));
    assert_non_null(strstr(stage_run_at("status.message"), "spec.resources"));
    stage_expect(stage_run_at("status.attempt"), "1");
    stage_expect(stage_run_at("status.restarts"), "0");
    assert_false(run_is_admitted(run()));
    assert_false(run_is_queued(run()));
    assert_int_equal(stage.refusals, 1);
    assert_int_equal(stage.plan.wake_at_ms, stage.now_ms + 10000);
    stage_end();
}

TEST(a_run_over_its_quota_queues_again_after_its_rest_with_a_longer_one_next_time)
{
    refuse_the_worker(403, "Forbidden", QUOTA);
    stage.now_ms = stage.plan.wake_at_ms;
    stage_settle();
    stage_expect_phase("WaitingForGPUs", "WaitingForGPUs");
    stage_expect(stage_run_at("status.retryTime"), "");
    assert_true(run_is_queued(run()));
    stage_admit(1);
    stage_expect_phase("WaitingForGPUs", "QuotaExceeded");
    assert_int_equal(stage.plan.wake_at_ms, stage.now_ms + 20000);
    stage.now_ms = stage.plan.wake_at_ms;
    stage_settle();
    allow();
    stage_admit(2);
    stage_expect_phase("Starting", "Starting");
    assert_true(stage_has_pod(RUN "-worker-0-a2"));
    stage_end();
}

TEST(a_controller_that_ends_before_it_is_told_is_refused_again_and_decides_the_same)
{
    refuse_the_worker(403, "Forbidden", QUOTA);
    stage.now_ms = stage.plan.wake_at_ms;
    stage_settle();
    stage.forgets = 1;
    stage_admit(1);
    assert_int_equal(stage.refusals, 3); /* one at first, then one told to nobody, then one told */
    stage_expect_phase("WaitingForGPUs", "QuotaExceeded");
    stage_expect(stage_run_at("status.attempt"), "2");
    assert_false(run_is_admitted(run()));
    stage_end();
}

TEST(a_run_that_rests_stops_at_once)
{
    refuse_the_worker(403, "Forbidden", QUOTA);
    stage_add_to_spec(",'stop':true");
    stage_settle();
    stage_expect_phase("Stopped", "Stopped");
    stage_expect(stage_run_at("status.retryTime"), "");
    stage_end();
}

TEST(a_run_that_a_policy_forbids_is_an_error_that_says_which)
{
    refuse_the_worker(403, "Forbidden", SECURITY);
    stage_expect_error("PolicyDenied", "violates PodSecurity", "new run");
    assert_false(run_is_admitted(run()));
    stage_end();
}

TEST(a_run_whose_pod_is_invalid_is_an_error_that_names_the_field)
{
    refuse_the_worker(422, "Invalid", INVALID);
    stage_expect_error("PodInvalid", "resources.limits[memory]", "new run");
    assert_false(run_is_admitted(run()));
    stage_end();
}

TEST(a_pod_that_we_may_not_make_gives_its_gpus_back_and_asks_for_help)
{
    refuse_the_worker(403, "Forbidden", RIGHTS);
    stage_expect_phase("WaitingForGPUs", "PodForbidden");
    stage_expect(stage_run_at("status.conditions.2.type"), "Stalled");
    stage_expect(stage_run_at("status.conditions.2.status"), "True");
    assert_false(run_is_admitted(run()));
    stage_end();
}

TEST(a_run_without_gpus_over_its_quota_rests_and_tries_again)
{
    stage_begin();
    stage_put_run();
    stage_settle();
    stage_pod_says(RUN "-resolve-0", "Succeeded", stage_resolved);
    refuse(403, "Forbidden", QUOTA);
    stage_settle();
    stage_expect_phase("Starting", "QuotaExceeded");
    assert_int_equal(stage.refusals, 1);
    allow();
    stage.now_ms = stage.plan.wake_at_ms;
    stage_settle();
    stage_expect_phase("Starting", "Starting");
    stage_expect(stage_run_at("status.retryTime"), "");
    assert_true(stage_has_pod(RUN "-worker-0-a1"));
    stage_end();
}

TEST(a_look_up_over_the_quota_says_so_and_is_tried_again)
{
    stage_begin();
    refuse(403, "Forbidden", QUOTA);
    stage_put_run();
    stage_settle();
    stage_expect_phase("Queued", "QuotaExceeded");
    assert_int_equal(stage.refusals, 1);
    assert_in_range(stage.plan.wake_at_ms, stage.now_ms + 1, stage.now_ms + 2000);
    stage.now_ms = stage.plan.wake_at_ms;
    stage_settle();
    assert_int_equal(stage.refusals, 2);
    allow();
    stage.now_ms += MINUTE;
    stage_settle();
    stage_expect_phase("Queued", "Resolving");
    assert_true(stage_has_pod(RUN "-resolve-0"));
    stage_end();
}

TEST(a_look_up_that_a_policy_forbids_is_an_error)
{
    stage_begin();
    refuse(403, "Forbidden", SECURITY);
    stage_put_run();
    stage_settle();
    stage_expect_error("PolicyDenied", "violates PodSecurity", "operator");
    stage_end();
}

TEST(a_refusal_of_another_pod_is_not_this_ones)
{
    stage_begin();
    stage_gpus = "1";
    stage_resolve();
    refuse(403, "Forbidden", QUOTA);
    stage.refuse.verb = OP_CREATE;
    stage.refuse.kind = &kind_pod;
    stage.refuse.name = RUN "-worker-0-a7";
    stage.told = true;
    stage_settle();
    stage_expect_phase("WaitingForGPUs", "WaitingForGPUs");
    stage_end();
}

TEST(a_pod_of_an_earlier_attempt_that_came_late_goes)
{
    refuse_the_worker(403, "Forbidden", QUOTA);
    paper_put(&stage, &kind_pod,
              "{'metadata':{'namespace':'" NS "','name':'" RUN "-worker-0','ownerReferences':[{"
              "'kind':'DkubeRun','name':'" RUN "','uid':'%s','controller':true}]},'spec':{"
              "'nodeName':'n1'},'status':{'phase':'Running'}}",
              paper_find(&stage, &kind_dkuberun, NS, RUN)->uid);
    stage_settle();
    assert_int_equal(paper_find(&stage, &kind_pod, NS, RUN "-worker-0")->deleted_ms, stage.now_ms);
    stage_expect_phase("WaitingForGPUs", "QuotaExceeded");
    stage_end();
}

SPEC_MAIN()
