/* Nodes that break, and what becomes of what stands on them (rules 10 and 11). */
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/clock.h"
#include "controllers/ledger/ledger.h"
#include "support/ledger.h"
#include "support/spec.h"

#define MINUTE 60000

static void refuses(const char *node_name, const char *pod)
{
    paper_put(&w, &kind_pod,
              "{'metadata':{'namespace':'vision','name':'%s','creationTimestamp':'%s'},'spec':{"
              "'nodeName':'%s','containers':[{'name':'main','resources':{'requests':{"
              "'nvidia.com/gpu':'1'}}}]},'status':{'phase':'Failed','reason':"
              "'UnexpectedAdmissionError'}}",
              pod, clock_rfc3339(&w.a, w.now_ms), node_name);
}

static void not_ready(const char *name, int gpus)
{
    paper_put(&w, &kind_node,
              "{'metadata':{'name':'%s','labels':{'nvidia.com/gpu.product':'A100'}},'spec':{},"
              "'status':{'capacity':{'nvidia.com/gpu':'%d'},'allocatable':{'nvidia.com/gpu':'%d'},"
              "'conditions':[{'type':'Ready','status':'Unknown','lastTransitionTime':'%s'}]}}",
              name, gpus, gpus, clock_rfc3339(&w.a, w.now_ms));
}

static void a_pool_of_two_nodes(void)
{
    begin();
    group("vision", "p");
    pool("p", "{'gpus':8}");
    node("n1", 4);
    node("n2", 4);
    ledger_settles();
}

static void three_refusals(void)
{
    for (int i = 0; i < 3; i++) {
        w.now_ms += 2 * MINUTE;
        refuses("n1", arena_printf(&w.a, "x%d", i));
        ledger_settles();
        paper_drop(&w, &kind_pod, "vision", arena_printf(&w.a, "x%d", i)); /* its owner ends it */
        ledger_settles();
    }
}

TEST(gpus_of_a_node_that_is_not_ready_or_broken_are_not_free)
{
    a_pool_of_two_nodes();
    not_ready("n1", 4);
    a_node("n2", "A100", 4, 3, true);
    ledger_settles();
    expect(of_pool("p", "free"), "3");
    expect(of_pool("p", "unhealthy"), "5");
    expect(of_pool("p", "capacity"), "8");
    paper_done(&w);
}

TEST(a_node_that_refuses_three_pods_in_ten_minutes_is_quarantined)
{
    a_pool_of_two_nodes();
    three_refusals();
    expect(of_pool("p", "free"), "4");
    expect(of_pool("p", "unhealthy"), "4");
    expect(of_pool("p", "nodes.0.rejected.2.pod"), "vision/x2");
    expect(of_pool("p", "nodes.0.quarantinedUntil"),
           clock_rfc3339(&w.a, w.now_ms / 1000 * 1000 + QUARANTINE_MS));
    limited_run("vision", "r", 2, "1h");
    ledger_settles();
    expect(of_run("vision", "r", "admission.nodes.0.name"), "n2");
    paper_done(&w);
}

TEST(a_quarantine_is_told_once)
{
    a_pool_of_two_nodes();
    for (int i = 0; i < 3; i++) {
        refuses("n1", arena_printf(&w.a, "x%d", i));
    }
    paper_plan(&w, &ledger_controller, "", LEDGER_KEY);
    assert_true(paper_has_event(&w, "NodeQuarantined"));
    paper_apply(&w);
    w.now_ms += MINUTE;
    node("n2", 5);
    paper_plan(&w, &ledger_controller, "", LEDGER_KEY);
    assert_false(paper_has_event(&w, "NodeQuarantined"));
    paper_done(&w);
}

TEST(two_refusals_or_three_in_a_longer_time_change_nothing)
{
    a_pool_of_two_nodes();
    for (int i = 0; i < 5; i++) {
        refuses("n1", arena_printf(&w.a, "x%d", i));
        ledger_settles();
        paper_drop(&w, &kind_pod, "vision", arena_printf(&w.a, "x%d", i));
        ledger_settles();
        w.now_ms += 6 * MINUTE;
    }
    expect(of_pool("p", "free"), "8");
    expect(of_pool("p", "nodes.0.quarantinedUntil"), "");
    paper_done(&w);
}

TEST(one_refused_pod_that_is_seen_often_counts_once)
{
    a_pool_of_two_nodes();
    refuses("n1", "x");
    for (int i = 0; i < 5; i++) {
        w.now_ms += MINUTE;
        node("n2", 4 + i % 2);
        ledger_settles();
    }
    expect(of_pool("p", "nodes.0.rejected.1.pod"), "");
    expect(of_pool("p", "nodes.0.quarantinedUntil"), "");
    paper_done(&w);
}

TEST(a_pod_that_ran_or_was_evicted_is_no_refusal)
{
    a_pool_of_two_nodes();
    for (int i = 0; i < 3; i++) {
        pod_of("vision", arena_printf(&w.a, "e%d", i), "n1", 1, "Failed','reason':'Evicted",
               "somebody");
        paper_put(&w, &kind_pod,
                  "{'metadata':{'namespace':'vision','name':'f%d'},'spec':{'nodeName':'n1',"
                  "'containers':[{'name':'main','resources':{'requests':{'nvidia.com/gpu':'1'}}}]},"
                  "'status':{'phase':'Failed','containerStatuses':[{'name':'main','state':{"
                  "'terminated':{'exitCode':1}}}]}}",
                  i);
    }
    ledger_settles();
    expect(of_pool("p", "nodes.0.rejected"), "");
    paper_done(&w);
}

TEST(after_half_an_hour_a_quarantined_node_is_tried_again)
{
    a_pool_of_two_nodes();
    three_refusals();
    paper_plan(&w, &ledger_controller, "", LEDGER_KEY);
    assert_int_equal(w.plan.wake_at_ms, w.now_ms / 1000 * 1000 + QUARANTINE_MS);
    w.now_ms = w.plan.wake_at_ms;
    ledger_settles();
    expect(of_pool("p", "free"), "8");
    expect(of_pool("p", "nodes.0.quarantinedUntil"), "");
    w.now_ms += QUARANTINE_WINDOW_MS;
    ledger_settles();
    expect(of_pool("p", "nodes.0.rejected"), "");
    paper_done(&w);
}

TEST(what_runs_on_a_quarantined_node_goes_on)
{
    a_pool_of_two_nodes();
    run("vision", "r", 2);
    ledger_settles();
    expect(of_run("vision", "r", "admission.nodes.0.name"), "n1");
    three_refusals();
    expect(of_pool("p", "allocated"), "2");
    expect(of_run("vision", "r", "admission.nodes.0.name"), "n1");
    paper_done(&w);
}

TEST(a_seat_moves_from_a_node_that_does_not_answer_for_a_minute)
{
    a_pool_of_two_nodes();
    deployment("vision", "d", 2, 1);
    ledger_settles();
    expect(of_deployment("vision", "d", "admission.nodes.0.name"), "n1");
    not_ready("n1", 4);
    ledger_settles();
    expect(of_deployment("vision", "d", "admission.nodes.0.name"), "n1");
    paper_plan(&w, &ledger_controller, "", LEDGER_KEY);
    assert_true(w.plan.wake_at_ms > w.now_ms && w.plan.wake_at_ms <= w.now_ms + MINUTE);
    w.now_ms = w.plan.wake_at_ms;
    ledger_settles();
    expect(of_deployment("vision", "d", "admission.nodes.0.name"), "n2");
    paper_done(&w);
}

TEST(a_seat_stays_where_no_other_node_has_room)
{
    a_pool_of_two_nodes();
    deployment("vision", "d", 4, 2);
    ledger_settles();
    not_ready("n1", 4);
    w.now_ms += 2 * MINUTE;
    ledger_settles();
    expect(of_deployment("vision", "d", "admission.nodes.0.name"), "n1");
    expect(of_deployment("vision", "d", "admission.nodes.1.name"), "n2");
    paper_done(&w);
}

SPEC_MAIN()
