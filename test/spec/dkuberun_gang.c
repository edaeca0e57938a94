/* A DkubeRun of several pods: all of them or none, each with its rank, and one fate. */
#include "api/dkuberun.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "api/service.gen.h"
#include "base/clock.h"
#include "base/span.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/gpu.h"
#include "support/spec.h"
#include "support/stage.h"

#define W0 RUN "-worker-0"
#define W1 RUN "-worker-1"
#define MANUAL ",'distribution':{'manual':{'workers':1,'gpusPerWorker':2}}"
#define MAIN(state) ",'containerStatuses':[" state "]"
#define EXITS(code, at) MAIN(ENDED("main", code, ",'finishedAt':'2026-09-21T14:" at "Z'"))

static void put_node(const char *name, const char *ready)
{
    paper_put(&stage, &kind_node,
              "{'metadata':{'name':'%s','labels':{'nvidia.com/gpu.product':'A100'}},'spec':{},"
              "'status':{'capacity':{'nvidia.com/gpu':'2'},'allocatable':{'nvidia.com/gpu':'2'},"
              "'conditions':[{'type':'Ready','status':'%s','lastTransitionTime':'%s'}]}}",
              name, ready, clock_rfc3339(&stage.a, stage.now_ms));
}

static void put_gang(const char *status)
{
    paper_put(&stage, &kind_dkuberun,
              "{'metadata':{'namespace':'" NS "','name':'" RUN
              "'},'spec':{'kind':'training','owner':'ada','image':'example:1','command':['python3',"
              "'train.py'],'gpus':%s,'terminationGracePeriodSeconds':60%s}%s}",
              stage_gpus, stage_extra, status);
}

static void begin(const char *spec)
{
    stage_begin();
    stage_extra = spec;
    put_node("n2", "True");
    paper_put(&stage, &kind_pool,
              "{'metadata':{'name':'a100'},'spec':{'gpus':4},'status':{'observedGeneration':9,"
              "'capacity':4,'nodes':[{'name':'n1','gpus':2,'type':'A100'},{'name':'n2','gpus':2,"
              "'type':'A100'}]}}");
    stage_resolve();
}

static void admit(int attempt)
{
    put_gang(arena_printf(&stage.a,
                          ",'status':{'admission':{'attempt':%d,'pool':'a100','type':'A100',"
                          "'nodes':[{'name':'n1','gpus':2},{'name':'n2','gpus':2}]}}",
                          attempt));
    stage_settle();
}

static void says(const char *name, const char *phase, const char *fields)
{
    assert_true(stage_has_pod(name));
    paper_put(&stage, &kind_pod,
              "{'metadata':{'namespace':'" NS "','name':'%s','ownerReferences':[{'kind':'DkubeRun',"
              "'name':'" RUN "','uid':'%s','controller':true}]},'spec':{'nodeName':'%s'},'status':{"
              "'phase':'%s'%s}}",
              name, paper_find(&stage, &kind_dkuberun, NS, RUN)->uid,
              strstr(name, "worker-0") != NULL ? "n1" : "n2", phase, fields);
    stage_settle();
}

static void go(const char *spec)
{
    begin(spec);
    admit(0);
    says(W0, "Running", MAIN(RUNS("main")));
    says(W1, "Running", MAIN(RUNS("main")));
    stage_expect_phase("Running", "Running");
}

static bool is_leaving(const char *pod)
{
    return paper_find(&stage, &kind_pod, NS, pod)->deleted_ms != 0;
}

static const char *env_of(const char *pod, const char *name)
{
    for (int i = 0; i < 60; i++) {
        const char *at = arena_printf(&stage.a, "spec.containers.0.env.%d.name", i);

        if (str_eq(stage_pod_at(pod, at), name)) {
            return stage_pod_at(pod, arena_printf(&stage.a, "spec.containers.0.env.%d.value", i));
        }
    }
    return "(none)";
}

/* --- making it -------------------------------------------------------------------------------- */

TEST(no_pod_of_a_gang_is_made_before_all_of_them_have_a_node)
{
    begin(MANUAL);
    stage_expect_phase("WaitingForGPUs", "WaitingForGPUs");
    assert_non_null(strstr(stage_run_at("status.message"), "waits for 4 GPUs"));
    assert_false(stage_has_pod(W0));
    assert_null(paper_find(&stage, &kind_service, NS, RUN "-workers"));
    stage_end();
}

TEST(all_pods_of_a_gang_are_made_together_each_on_its_node)
{
#define PIN                                                                      \
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution." \
    "nodeSelectorTerms.0.matchFields.0.values.0"
    begin(MANUAL);
    admit(0);
    stage_expect_phase("Starting", "Starting");
    stage_expect(stage_pod_at(W0, PIN), "n1");
    stage_expect(stage_pod_at(W1, PIN), "n2");
    assert_int_equal(pod_gpus(cache_get(stage.c, &kind_pod, NS, W1)), 2);
    stage_expect(stage_run_at("status.totalGPUs"), "4");
    stage_expect(stage_run_at("status.podName"), W0);
    assert_int_equal(stage.creates, 3); /* the look-up, and these two */
    stage_end();
}

TEST(workers_of_a_gang_find_each_other_by_names_that_every_attempt_keeps)
{
    begin(MANUAL);
    admit(0);
    stage_expect(paper_at(&stage, &kind_service, NS, RUN "-workers", "spec.clusterIP"), "None");
    stage_expect(
        paper_at(&stage, &kind_service, NS, RUN "-workers", "metadata.ownerReferences.0.kind"),
        "DkubeRun");
    stage_expect(stage_pod_at(W1, "spec.hostname"), RUN "-worker-1");
    stage_expect(stage_pod_at(W1, "spec.subdomain"), RUN "-workers");
    stage_expect(env_of(W1, "MASTER_ADDR"), RUN "-worker-0." RUN "-workers");
    stage_expect(env_of(W1, "MASTER_PORT"), "29500");
    stage_expect(env_of(W1, "WORLD_SIZE"), "2");
    stage_expect(env_of(W0, "RANK"), "0");
    stage_expect(env_of(W1, "RANK"), "1");
    stage_expect(env_of(W1, "PET_NPROC_PER_NODE"), "2");
    stage_expect(env_of(W1, "DKUBE_GPUS"), "2");
    stage_expect(env_of(W1, "TF_CONFIG"),
                 "{\"cluster\":{\"chief\":[\"r1-worker-0.r1-workers:2222\"],\"worker\":["
                 "\"r1-worker-1.r1-workers:2222\"]},\"task\":{\"type\":\"worker\",\"index\":0},"
                 "\"environment\":\"cloud\"}");
    stage_end();
}

TEST(a_run_without_distribution_has_no_service_and_no_rank)
{
    stage_begin();
    stage_gpus = "1";
    stage_start();
    assert_null(paper_find(&stage, &kind_service, NS, RUN "-workers"));
    stage_expect(env_of(W0, "RANK"), "(none)");
    stage_expect(stage_pod_at(W0, "spec.hostname"), "");
    stage_end();
}

TEST(a_parameter_of_the_user_comes_after_what_a_gang_sets)
{
    begin(MANUAL ",'parameters':[{'name':'MASTER_PORT','value':'1'}]");
    admit(0);
    stage_expect(stage_pod_at(W0, "spec.containers.0.env.1.name"), "MASTER_PORT");
    stage_expect(stage_pod_at(W0, "spec.containers.0.env.17.name"), "MASTER_PORT");
    stage_expect(stage_pod_at(W0, "spec.containers.0.env.17.value"), "1");
    stage_end();
}

TEST(only_the_first_worker_of_a_gang_collects_outputs)
{
    begin(MANUAL OUTPUT);
    admit(0);
    stage_expect(stage_pod_at(W0, "spec.initContainers.0.name"), "collect");
    stage_expect(stage_pod_at(W1, "spec.initContainers.0.name"), "");
    stage_expect(stage_pod_at(W1, "spec.containers.0.volumeMounts.0.mountPath"), "/out");
    stage_end();
}

/* --- how it goes ------------------------------------------------------------------------------ */

TEST(a_gang_runs_once_all_of_its_pods_do)
{
    begin(MANUAL);
    admit(0);
    says(W1, "Running", MAIN(RUNS("main")));
    stage_expect_phase("Starting", "Starting");
    stage_expect(stage_run_at("status.startTime"), "");
    says(W0, "Running", MAIN(RUNS("main")));
    stage_expect_phase("Running", "Running");
    assert_non_null(strstr(stage_run_at("status.message"), "2 pods"));
    assert_string_not_equal(stage_run_at("status.startTime"), "");
    stage_end();
}

TEST(a_gang_is_complete_when_all_of_its_pods_have_ended_well)
{
    go(MANUAL OUTPUT);
    says(W1, "Succeeded", EXITS("0", "20:00"));
    stage_expect_phase("Running", "Running");
    says(W0, "Succeeded", stage_done);
    stage_expect_phase("Complete", "Complete");
    stage_expect(stage_run_at("status.outputs.0.digest"), DIGEST);
    stage_expect(stage_run_at("status.exitCode"), "0");
    stage_end();
}

TEST(one_failing_worker_ends_the_gang_and_the_others_are_ended)
{
    go(MANUAL);
    says(W1, "Failed", EXITS("3", "20:00"));
    stage_expect_error("CommandFailed", "exited with 3", W1);
    assert_true(is_leaving(W0));
    assert_false(is_leaving(W1)); /* its log stays */
    stage_end();
}

TEST(of_several_that_failed_the_first_to_do_so_tells_why)
{
    go(MANUAL);
    paper_put(&stage, &kind_pod,
              "{'metadata':{'namespace':'" NS "','name':'" W0 "','ownerReferences':[{'kind':"
              "'DkubeRun','name':'" RUN
              "','uid':'%s','controller':true}]},'spec':{'nodeName':'n1'},"
              "'status':{'phase':'Failed'" EXITS("134", "20:05") "}}",
              paper_find(&stage, &kind_dkuberun, NS, RUN)->uid);
    says(W1, "Failed", EXITS("3", "20:00"));
    stage_expect_error("CommandFailed", "exited with 3", W1);
    stage_end();
}

TEST(a_restart_is_one_for_the_whole_gang_and_waits_until_its_pods_are_gone)
{
    go(MANUAL ",'restarts':1");
    says(W1, "Failed", EXITS("137", "20:00"));
    stage_expect_phase("WaitingForGPUs", "Restarting");
    stage_expect(stage_run_at("status.attempt"), "1");
    stage_expect(stage_run_at("status.restarts"), "1");
    assert_true(is_leaving(W0));
    assert_false(run_is_queued(cache_get(stage.c, &kind_dkuberun, NS, RUN)));
    stage.now_ms += 5 * MINUTE; /* however long they take */
    stage_settle();
    assert_false(run_is_queued(cache_get(stage.c, &kind_dkuberun, NS, RUN)));
    paper_drop(&stage, &kind_pod, NS, W0);
    stage_settle();
    stage_expect_phase("WaitingForGPUs", "WaitingForGPUs");
    assert_true(run_is_queued(cache_get(stage.c, &kind_dkuberun, NS, RUN)));
    admit(1);
    assert_true(stage_has_pod(W0 "-a1"));
    assert_true(stage_has_pod(W1 "-a1"));
    stage_expect(stage_pod_at(W1 "-a1", "spec.hostname"), W1);
    stage_end();
}

TEST(no_pod_of_a_gang_is_made_beside_one_of_its_last_attempt)
{
    go(MANUAL ",'restarts':1");
    says(W1, "Failed", EXITS("137", "20:00"));
    admit(1); /* whoever wrote this */
    stage_expect_phase("Starting", "Starting");
    assert_false(stage_has_pod(W0 "-a1"));
    assert_false(stage_has_pod(W1 "-a1"));
    paper_drop(&stage, &kind_pod, NS, W0);
    stage_settle();
    assert_true(stage_has_pod(W0 "-a1"));
    assert_true(stage_has_pod(W1 "-a1"));
    stage_end();
}

/* --- what others do to it ----------------------------------------------------------------------
 */

TEST(a_worker_lost_in_mid_gang_is_no_fault_of_the_peers_that_fail_without_it)
{
    go(MANUAL);
    put_node("n2", "Unknown");
    stage_settle();
    says(W0, "Failed", EXITS("1", "20:00")); /* it lost its peer */
    stage_expect_phase("Running", "Running");
    stage.now_ms += MINUTE;
    stage_settle();
    assert_true(is_leaving(W1));
    stage.now_ms += 2 * MINUTE;
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_expect(stage_run_at("status.attempt"), "1");
    stage_expect(stage_run_at("status.nodeLosses"), "1");
    stage_expect(stage_run_at("status.restarts"), "0");
    stage_end();
}

TEST(a_gang_whose_node_is_gone_before_its_pods_are_made_is_given_others)
{
    begin(MANUAL);
    paper_drop(&stage, &kind_node, "", "n2");
    admit(0);
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_expect(stage_run_at("status.attempt"), "1");
    stage_expect(stage_run_at("status.nodeLosses"), "1");
    assert_false(stage_has_pod(W0));
    stage_end();
}

TEST(a_pod_that_gets_onto_no_node_gives_the_whole_gang_back)
{
    begin(MANUAL);
    admit(0);
    says(W0, "Running", MAIN(RUNS("main")));
    stage.now_ms += MINUTE;
    stage_settle();
    stage_expect_phase("Starting", "NotScheduled");
    assert_true(is_leaving(W0));
    assert_true(is_leaving(W1));
    paper_drop(&stage, &kind_pod, NS, W1);
    stage_settle();
    stage_expect_phase("Starting", "NotScheduled"); /* half of it is still there */
    paper_drop(&stage, &kind_pod, NS, W0);
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_expect(stage_run_at("status.attempt"), "1");
    stage_end();
}

static void refuse_the_second(const char *message)
{
    begin(MANUAL);
    stage.refuse = (struct refused){.code = 403, .reason = "Forbidden", .message = message};
    stage.refuses = W1;
    admit(0);
}

TEST(a_quota_that_ends_in_mid_gang_takes_all_of_it_back)
{
    refuse_the_second("pods \"" W1 "\" is forbidden: exceeded quota: few, requested: pods=1");
    stage_expect_phase("Starting", "QuotaExceeded");
    assert_true(is_leaving(W0));
    paper_drop(&stage, &kind_pod, NS, W0);
    stage_settle();
    stage_expect_phase("WaitingForGPUs", "QuotaExceeded");
    stage_expect(stage_run_at("status.attempt"), "1");
    assert_false(run_is_queued(cache_get(stage.c, &kind_dkuberun, NS, RUN)));
    assert_int_equal(stage.refusals, 1);
    stage.now_ms += 2 * MINUTE;
    stage_settle();
    stage_expect_phase("WaitingForGPUs", "WaitingForGPUs");
    stage_end();
}

TEST(a_policy_that_forbids_one_pod_of_a_gang_ends_the_run_once_the_others_are_gone)
{
    refuse_the_second("pods \"" W1 "\" is forbidden: violates PodSecurity \"baseline\"");
    stage_expect_phase("Starting", "PolicyDenied");
    assert_true(is_leaving(W0));
    paper_drop(&stage, &kind_pod, NS, W0);
    stage_settle();
    stage_expect_error("PolicyDenied", "forbids the pod", "violates PodSecurity");
    stage_end();
}

TEST(a_gang_keeps_its_claim_until_no_pod_of_it_is_on_its_way_to_a_node)
{
    begin(MANUAL ",'restarts':1");
    admit(0);
    says(W0, "Failed", EXITS("137", "20:00"));
    stage_expect_phase("Starting", "PodLeaving");
    stage_expect(stage_run_at("status.attempt"), "0");
    assert_true(is_leaving(W1)); /* it is on no node */
    paper_drop(&stage, &kind_pod, NS, W1);
    stage_settle();
    stage_expect_phase("WaitingForGPUs", "WaitingForGPUs");
    stage_expect(stage_run_at("status.attempt"), "1");
    stage_expect(stage_run_at("status.restarts"), "1");
    stage_end();
}

TEST(a_gang_that_is_stopped_is_stopped_when_the_last_of_its_pods_has_ended)
{
    go(MANUAL);
    stage_extra = MANUAL ",'stop':true";
    put_gang("");
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "Stopping");
    assert_true(is_leaving(W0));
    assert_true(is_leaving(W1));
    paper_drop(&stage, &kind_pod, NS, W0);
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "Stopping");
    paper_drop(&stage, &kind_pod, NS, W1);
    stage_settle();
    stage_expect_phase("Stopped", "Stopped");
    stage_end();
}

TEST(a_gang_that_runs_longer_than_it_may_ends_whole)
{
    go(MANUAL ",'maxRuntime':'1h'");
    stage.now_ms += 61 * MINUTE;
    stage_settle();
    stage_expect_phase("Stopping", "MaxRuntimeExceeded");
    assert_true(is_leaving(W0));
    assert_true(is_leaving(W1));
    stage_end();
}

/* --- what can never fit ------------------------------------------------------------------------
 */

static void expect_refused(const char *gpus, const char *spec, const char *reason, const char *word)
{
    stage_begin();
    stage_gpus = gpus;
    stage_extra = spec;
    paper_put(&stage, &kind_pool,
              "{'metadata':{'name':'a100'},'spec':{'gpus':6},'status':{'observedGeneration':9,"
              "'capacity':6,'nodes':[{'name':'n1','gpus':3,'type':'A100'},{'name':'n2','gpus':3,"
              "'type':'A100'}]}}");
    stage_put_run();
    stage_settle();
    stage_expect_error(reason, word, "ask for");
    stage_end();
}

TEST(a_gang_of_more_gpus_than_its_pool_is_an_error_at_once)
{
    expect_refused("0", ",'distribution':{'manual':{'workers':3,'gpusPerWorker':2}}", "ExceedsPool",
                   "spec.distribution.manual asks for 8 GPUs (4 pods of gpusPerWorker 2)");
}

TEST(a_worker_larger_than_any_node_is_an_error_at_once)
{
    expect_refused("0", ",'distribution':{'manual':{'workers':0,'gpusPerWorker':4}}", "ExceedsNode",
                   "spec.distribution.manual.gpusPerWorker is 4");
}

TEST(pods_that_the_nodes_cannot_hold_together_are_an_error_at_once)
{
    expect_refused("0", ",'distribution':{'manual':{'workers':2,'gpusPerWorker':2}}", "ExceedsPool",
                   "hold 2 of its 3 pods of 2 GPUs");
}

TEST(a_number_that_divides_into_too_many_pods_is_an_error_at_once)
{
    stage_begin();
    stage_gpus = "71"; /* a prime */
    stage_extra = ",'distribution':{'auto':{}}";
    paper_put(&stage, &kind_pool,
              "{'metadata':{'name':'a100'},'spec':{'gpus':80},'status':{'observedGeneration':9,"
              "'capacity':80,'nodes':[{'name':'n1','gpus':40,'type':'A100'},{'name':'n2','gpus':"
              "40,'type':'A100'}]}}");
    stage_put_run();
    stage_settle();
    stage_expect_error("ExceedsNode", "spec.distribution.auto cannot share out", "spec.gpus is 71");
    stage_end();
}

SPEC_MAIN()
