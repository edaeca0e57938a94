/* A free-only run, as its own controller sees it (rule 13). */
#include "api/dkuberun.gen.h"
#include "api/pod.gen.h"
#include "controllers/dkuberun/dkuberun.h"
#include "support/spec.h"
#include "support/stage.h"

static void put_admission(int attempt, const char *nodes, const char *more)
{
    paper_put(&stage, &kind_dkuberun,
              "{'metadata':{'namespace':'" NS "','name':'" RUN "'},'spec':{'kind':'training',"
              "'owner':'ada','image':'example:1','command':['python3','train.py'],'gpus':%s,"
              "'terminationGracePeriodSeconds':60%s},'status':{'admission':{'attempt':%d,'pool':"
              "'other','type':'A100','nodes':[%s]%s}}}",
              stage_gpus, stage_extra, attempt, nodes, more);
    stage_settle();
}

static void given(int attempt, int gpus)
{
    put_admission(attempt, arena_printf(&stage.a, "{'name':'n1','gpus':%d}", gpus), "");
}

static void recalled(int gpus)
{
    put_admission(0, arena_printf(&stage.a, "{'name':'n1','gpus':%d}", gpus), ",'recalled':true");
}

static void resolved(const char *more)
{
    stage_begin();
    stage_gpus = "2";
    stage_extra = more;
    stage_resolve();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
}

static void runs(const char *more)
{
    resolved(more);
    given(0, 1);
    stage_pod_says(RUN "-worker-0", "Running", stage_running);
    stage_settle();
    stage_expect_phase("Running", "Running");
}

static void pod_goes(void)
{
    stage_settle();
    assert_int_not_equal(paper_find(&stage, &kind_pod, NS, RUN "-worker-0")->deleted_ms, 0);
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
}

TEST(its_pod_asks_for_what_it_got_and_the_program_is_told)
{
    resolved(",'freeOnly':true");
    given(0, 1);
    stage_expect(stage_run_at("status.gpus"), "1");
    stage_expect(stage_run_at("status.totalGPUs"), "1");
    assert_non_null(strstr(stage_pod_at(RUN "-worker-0", "spec.containers.0.resources"),
                           "\"nvidia.com/gpu\":\"1\""));
    assert_non_null(strstr(stage_pod_at(RUN "-worker-0", "spec.containers.0.env"),
                           "{\"name\":\"DKUBE_GPUS\",\"value\":\"1\"}"));
    stage_end();
}

TEST(with_nothing_free_it_is_an_error_that_says_so)
{
    resolved(",'freeOnly':true");
    put_admission(0, "", "");
    stage_expect_error("NoFreeGPUs", "spec.freeOnly", "no GPU is free");
    stage_end();
}

TEST(it_may_ask_for_more_than_its_pool_has)
{
    stage_begin();
    stage_gpus = "64";
    stage_extra = ",'freeOnly':true";
    stage_resolve();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_end();
}

TEST(a_recalled_run_without_restarts_is_stopped)
{
    runs(",'freeOnly':true");
    recalled(1);
    stage_expect_phase("Stopping", "Recalled");
    pod_goes();
    stage_expect_phase("Stopped", "Recalled");
    stage_end();
}

TEST(a_recalled_run_with_a_restart_waits_again)
{
    runs(",'freeOnly':true,'restarts':1");
    recalled(1);
    pod_goes();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_expect(stage_run_at("status.restarts"), "1");
    stage_expect(stage_run_at("status.attempt"), "1");
    given(1, 2);
    stage_expect(stage_run_at("status.phase"), "Starting");
    stage_expect(stage_run_at("status.gpus"), "2");
    stage_end();
}

TEST(a_recalled_run_that_has_not_started_gives_its_gpus_back_too)
{
    resolved(",'freeOnly':true,'restarts':1");
    given(0, 1);
    stage_expect(stage_run_at("status.phase"), "Starting");
    recalled(1);
    pod_goes();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_end();
}

TEST(a_program_that_has_ended_stores_its_outputs_before_it_gives_its_gpus_back)
{
    runs(",'freeOnly':true");
    stage_pod_says(RUN "-worker-0", "Running", stage_uploading);
    recalled(1);
    stage_expect_phase("Running", "UploadingOutputs");
    stage_end();
}

SPEC_MAIN()
