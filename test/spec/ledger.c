/* The ledger: who owns which GPUs, who uses them, who gets the next (rules 1 to 6, 15, 18). */
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/ledger/ledger.h"
#include "support/ledger.h"
#include "support/spec.h"

/* --- who owns them --------------------------------------------------------------------------- */

TEST(all_gpus_are_in_the_default_pool_while_there_is_no_other)
{
    begin();
    node("n1", 4);
    node("n2", 8);
    ledger_settles();
    expect(of_pool("default", "capacity"), "12");
    expect(of_pool("default", "free"), "12");
    expect(of_pool("default", "group"), "default");
    expect(of_pool("default", "nodes.1.name"), "n2");
    expect(of_pool("default", "nodes.1.type"), "A100");
    expect(ready_reason("default"), "Ready");
    paper_done(&w);
}

TEST(a_pool_of_n_takes_whole_nodes_first_and_then_a_part_of_one)
{
    begin();
    node("n1", 4);
    node("n2", 8);
    node("n3", 4);
    pool("a", "{'gpus':10}");
    ledger_settles();
    expect(of_pool("a", "capacity"), "10");
    expect(of_pool("a", "nodes.0.name"), "n1");
    expect(of_pool("a", "nodes.0.gpus"), "2");
    expect(of_pool("a", "nodes.1.name"), "n2");
    expect(of_pool("a", "nodes.1.gpus"), "8");
    expect(of_pool("default", "capacity"), "6");
    paper_done(&w);
}

TEST(a_pool_has_gpus_of_one_type)
{
    begin();
    a_node("n1", "T4", 2, 2, true);
    a_node("n2", "A100", 4, 4, true);
    pool("a", "{'gpus':6}");
    pool("t", "{'gpus':2,'gpuType':'T4'}");
    ledger_settles();
    expect(of_pool("a", "capacity"), "4");
    expect(of_pool("a", "nodes.0.name"), "n2");
    expect(ready_reason("a"), "NotEnoughGPUs");
    expect(of_pool("t", "nodes.0.name"), "n1");
    expect(ready_reason("t"), "Ready");
    paper_done(&w);
}

TEST(a_short_pool_says_so_and_gets_the_rest_when_a_node_comes)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':6}");
    ledger_settles();
    expect(of_pool("a", "capacity"), "4");
    expect(of_pool("a", "conditions.0.status"), "False");
    expect(ready_reason("a"), "NotEnoughGPUs");
    node("n2", 4);
    ledger_settles();
    expect(of_pool("a", "capacity"), "6");
    expect(ready_reason("a"), "Ready");
    paper_done(&w);
}

TEST(a_pool_keeps_what_it_has_when_better_nodes_come)
{
    begin();
    node("n5", 2);
    node("n6", 2);
    pool("a", "{'gpus':4}");
    ledger_settles();
    node("n1", 4);
    ledger_settles();
    expect(of_pool("a", "nodes.0.name"), "n5");
    expect(of_pool("a", "nodes.1.name"), "n6");
    paper_done(&w);
}

TEST(the_older_pool_is_served_first_and_no_pool_robs_another)
{
    begin();
    node("n1", 4);
    pool("old", "{'gpus':3}");
    pool("young", "{'gpus':3}");
    ledger_settles();
    expect(of_pool("old", "capacity"), "3");
    expect(of_pool("young", "capacity"), "1");
    pool("old", "{'gpus':4}");
    ledger_settles();
    expect(of_pool("old", "capacity"), "3");
    expect(of_pool("young", "capacity"), "1");
    paper_done(&w);
}

TEST(a_pool_that_names_nodes_gets_those_parts)
{
    begin();
    node("n1", 4);
    node("n2", 4);
    pool("a", "{'nodes':[{'name':'n2','gpus':3}]}");
    ledger_settles();
    expect(of_pool("a", "capacity"), "3");
    expect(of_pool("a", "nodes.0.name"), "n2");
    expect(of_pool("default", "capacity"), "5");
    paper_done(&w);
}

TEST(a_pool_that_names_a_node_which_is_not_there_says_which)
{
    begin();
    node("n1", 4);
    pool("a", "{'nodes':[{'name':'n1','gpus':2},{'name':'ghost','gpus':2}]}");
    ledger_settles();
    expect(of_pool("a", "capacity"), "2");
    expect(ready_reason("a"), "NotEnoughGPUs");
    assert_non_null(strstr(of_pool("a", "conditions.0.message"), "ghost"));
    paper_done(&w);
}

TEST(a_pool_that_names_nodes_of_two_types_is_told_which_is_wrong)
{
    begin();
    a_node("n1", "A100", 2, 2, true);
    a_node("n2", "T4", 2, 2, true);
    pool("a", "{'nodes':[{'name':'n1','gpus':2},{'name':'n2','gpus':2}]}");
    ledger_settles();
    expect(of_pool("a", "capacity"), "2");
    expect(ready_reason("a"), "WrongGPUType");
    assert_non_null(strstr(of_pool("a", "conditions.0.message"), "n2"));
    paper_done(&w);
}

TEST(a_shrunk_pool_keeps_what_its_pods_use_until_they_end)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "r1", 3);
    ledger_settles();
    becomes("g", "r1", 3, "Running", 0);
    pod_of("g", "r1-worker-0", "n1", 3, "Running", uid_of("g", "r1"));
    pool("a", "{'gpus':1}");
    run("g", "r2", 1);
    ledger_settles();
    expect(of_pool("a", "capacity"), "3");
    expect(of_pool("a", "draining"), "2");
    expect(of_pool("a", "free"), "0");
    expect(of_run("g", "r2", "admission"), "");
    pod_of("g", "r1-worker-0", "n1", 3, "Succeeded", uid_of("g", "r1"));
    becomes("g", "r1", 3, "Complete", 0);
    ledger_settles();
    expect(of_pool("a", "capacity"), "1");
    expect(of_pool("a", "draining"), "0");
    expect(of_run("g", "r2", "admission.nodes.0.name"), "n1");
    expect(of_pool("default", "capacity"), "3");
    paper_done(&w);
}

TEST(amd_gpus_count_as_well)
{
    begin();
    paper_put(&w, &kind_node,
              "{'metadata':{'name':'m1','labels':{'amd.com/gpu.product-name':'MI300X'}},'spec':{},"
              "'status':{'capacity':{'amd.com/gpu':8},'allocatable':{'amd.com/gpu':8},"
              "'conditions':[{'type':'Ready','status':'True'}]}}");
    ledger_settles();
    expect(of_pool("default", "capacity"), "8");
    expect(of_pool("default", "nodes.0.type"), "MI300X");
    paper_done(&w);
}

/* --- who uses them --------------------------------------------------------------------------- */

TEST(slices_of_gpus_are_a_type_of_their_own)
{
    begin();
    a_node("n1", "A100-SXM4-40GB", 4, 4, true);
    a_node("n2", "A100-SXM4-40GB-MIG-1g.5gb", 7, 7, true); /* as with mig.strategy=single */
    pool("slices", "{'gpus':7,'gpuType':'A100-SXM4-40GB-MIG-1g.5gb'}");
    ledger_settles();
    expect(of_pool("slices", "capacity"), "7");
    expect(of_pool("slices", "nodes.0.name"), "n2");
    expect(of_pool("default", "capacity"), "4");
    paper_done(&w);
}

TEST(strangers_are_shown_and_not_free_and_charged_to_the_default_pool_first)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':2}");
    stranger("x", "n1", 3);
    ledger_settles();
    expect(of_pool("default", "foreign"), "2");
    expect(of_pool("default", "free"), "0");
    expect(of_pool("a", "foreign"), "1");
    expect(of_pool("a", "free"), "1");
    expect(of_pool("a", "allocated"), "0");
    paper_done(&w);
}

TEST(a_terminating_pod_still_uses_its_gpus)
{
    begin();
    node("n1", 4);
    pod_of("dkube-default", "p", "n1", 2, "Running", "somebody");
    paper_delete(&w, &kind_pod, "dkube-default", "p");
    ledger_settles();
    expect(of_pool("default", "free"), "2");
    paper_drop(&w, &kind_pod, "dkube-default", "p");
    ledger_settles();
    expect(of_pool("default", "free"), "4");
    paper_done(&w);
}

TEST(an_admitted_run_counts_before_its_pod_exists_and_once_when_it_does)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "r1", 3);
    ledger_settles();
    expect(of_pool("a", "allocated"), "3");
    becomes("g", "r1", 3, "Starting", 0);
    ledger_settles();
    expect(of_pool("a", "allocated"), "3");
    pod_of("g", "r1-worker-0", "", 3, "Pending", uid_of("g", "r1"));
    ledger_settles();
    expect(of_pool("a", "allocated"), "3");
    pod_of("g", "r1-worker-0", "n1", 3, "Running", uid_of("g", "r1"));
    ledger_settles();
    expect(of_pool("a", "allocated"), "3");
    expect(of_pool("a", "runCount"), "1");
    expect(of_pool("a", "runs.0"), "g/r1");
    paper_done(&w);
}

TEST(a_run_releases_its_gpus_when_its_pod_ends_not_when_its_phase_changes)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "r1", 3);
    ledger_settles();
    becomes("g", "r1", 3, "Stopped", 0);
    pod_of("g", "r1-worker-0", "n1", 3, "Running", uid_of("g", "r1"));
    ledger_settles();
    expect(of_pool("a", "allocated"), "3");
    becomes("g", "r1", 3, "Running", 0);
    pod_of("g", "r1-worker-0", "n1", 3, "Failed", uid_of("g", "r1"));
    ledger_settles();
    expect(of_pool("a", "allocated"), "0");
    paper_done(&w);
}

TEST(gpus_of_a_pod_that_ended_before_its_run_ran_are_kept_until_the_run_says_so)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "r1", 3);
    ledger_settles();
    becomes("g", "r1", 3, "Starting", 0);
    pod_of("g", "r1-worker-0", "n1", 3, "Failed", uid_of("g", "r1"));
    ledger_settles();
    expect(of_pool("a", "allocated"), "3"); /* another pod of that name may come */
    becomes("g", "r1", 3, "Starting", 1);
    ledger_settles();
    expect(of_pool("a", "allocated"), "0");
    paper_done(&w);
}

TEST(broken_gpus_lost_nodes_and_cordoned_nodes_are_not_free)
{
    begin();
    a_node("n1", "A100", 4, 3, true);
    a_node("n2", "A100", 4, 4, false);
    paper_put(&w, &kind_node,
              "{'metadata':{'name':'n3'},'spec':{'unschedulable':true},'status':{'capacity':{"
              "'nvidia.com/gpu':'2'},'allocatable':{'nvidia.com/gpu':'2'},'conditions':[{'type':"
              "'Ready','status':'True'}]}}");
    ledger_settles();
    expect(of_pool("default", "capacity"), "10");
    expect(of_pool("default", "unhealthy"), "7");
    expect(of_pool("default", "free"), "3");
    expect(of_pool("default", "nodes.2.type"), "unknown");
    paper_done(&w);
}

TEST(more_use_than_healthy_gpus_is_never_a_negative_number)
{
    begin();
    a_node("n1", "A100", 4, 1, true);
    stranger("x", "n1", 3);
    ledger_settles();
    expect(of_pool("default", "free"), "0");
    expect(of_pool("default", "foreign"), "3");
    paper_done(&w);
}

TEST(absurd_quantities_do_not_wrap)
{
    begin();
    paper_put(&w, &kind_node,
              "{'metadata':{'name':'n1'},'spec':{},'status':{'capacity':{'nvidia.com/gpu':'9E'},"
              "'allocatable':{'nvidia.com/gpu':'9E'},'conditions':[{'type':'Ready','status':"
              "'True'}]}}");
    node("n2", 2);
    paper_put(&w, &kind_pod,
              "{'metadata':{'namespace':'x','name':'p'},'spec':{'nodeName':'n2','containers':[{"
              "'name':'a','resources':{'requests':{'nvidia.com/gpu':'9E'}}},{'name':'b','resources'"
              ":{'requests':{'nvidia.com/gpu':'9E'}}}]},'status':{'phase':'Running'}}");
    ledger_settles();
    expect(of_pool("default", "capacity"), "1048578");
    expect(of_pool("default", "free"), "1048576");
    paper_done(&w);
}

/* --- who gets the next ----------------------------------------------------------------------- */

TEST(a_resolved_run_is_admitted_to_a_named_node)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "r1", 2);
    ledger_settles();
    expect(of_run("g", "r1", "admission.attempt"), "0");
    expect(of_run("g", "r1", "admission.pool"), "a");
    expect(of_run("g", "r1", "admission.type"), "A100");
    expect(of_run("g", "r1", "admission.nodes.0.name"), "n1");
    expect(of_run("g", "r1", "admission.nodes.0.gpus"), "2");
    expect(of_run("g", "r1", "position"), "");
    expect(of_pool("a", "free"), "2");
    paper_done(&w);
}

TEST(a_run_that_is_not_resolved_is_not_in_the_queue)
{
    begin();
    node("n1", 4);
    put_run("dkube-default", "r1", 1, 0, "'phase':'Queued'");
    ledger_settles();
    expect(of_run("dkube-default", "r1", "admission"), "");
    expect(of_run("dkube-default", "r1", "position"), "");
    paper_done(&w);
}

TEST(in_a_strict_pool_the_head_of_the_queue_blocks_those_behind_it)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4,'policy':'strict'}");
    group("g", "a");
    run("g", "r1", 2);
    run("g", "r2", 3);
    run("g", "r3", 1);
    ledger_settles();
    assert_string_not_equal(of_run("g", "r1", "admission"), "");
    expect(of_run("g", "r2", "admission"), "");
    expect(of_run("g", "r2", "position"), "1");
    expect(of_run("g", "r3", "admission"), "");
    expect(of_run("g", "r3", "position"), "2");
    becomes("g", "r1", 2, "Complete", 0);
    ledger_settles();
    assert_string_not_equal(of_run("g", "r2", "admission"), "");
    assert_string_not_equal(of_run("g", "r3", "admission"), "");
    expect(of_run("g", "r3", "position"), "");
    paper_done(&w);
}

TEST(a_run_passes_the_head_on_gpus_that_the_head_will_not_need)
{
    begin();
    node("n1", 4);
    node("n2", 2);
    pool("a", "{'gpus':6}");
    group("g", "a");
    run("g", "r1", 1);
    run("g", "r2", 4);
    run("g", "r3", 4);
    run("g", "r4", 1);
    run("g", "r5", 1);
    ledger_settles();
    assert_string_not_equal(of_run("g", "r1", "admission"), ""); /* n2: the smaller hole */
    assert_string_not_equal(of_run("g", "r2", "admission"), ""); /* n1 */
    expect(of_run("g", "r3", "position"), "1");
    assert_string_not_equal(of_run("g", "r4", "admission"), ""); /* n2 */
    expect(of_run("g", "r5", "position"), "2");
    paper_done(&w);
}

TEST(a_run_passes_the_head_when_it_is_over_before_the_head_can_start)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    limited_run("g", "r1", 2, "1h");
    ledger_settles();
    run("g", "r2", 4);
    run("g", "r3", 1);
    limited_run("g", "r4", 1, "59m");
    limited_run("g", "r5", 1, "2h");
    ledger_settles();
    expect(of_run("g", "r2", "position"), "1");
    expect(of_run("g", "r3", "position"), "2"); /* nobody knows how long it takes */
    assert_string_not_equal(of_run("g", "r4", "admission"), "");
    expect(of_run("g", "r5", "position"), "3");
    paper_done(&w);
}

TEST(higher_priority_goes_first_then_the_older_then_by_name)
{
    begin();
    node("n1", 1);
    pool("a", "{'gpus':1}");
    group("g", "a");
    run("g", "first", 1);
    later();
    put_run("g", "urgent", 1, 5, "'phase':'WaitingForGPUs','attempt':0");
    run("g", "last", 1);
    ledger_settles();
    assert_string_not_equal(of_run("g", "urgent", "admission"), "");
    expect(of_run("g", "first", "position"), "1");
    expect(of_run("g", "last", "position"), "2");
    paper_done(&w);
}

TEST(a_stopped_run_leaves_the_queue)
{
    begin();
    node("n1", 1);
    pool("a", "{'gpus':1}");
    group("g", "a");
    run("g", "r1", 1);
    run("g", "r2", 1);
    ledger_settles();
    expect(of_run("g", "r2", "position"), "1");
    becomes("g", "r2", 1, "Stopped", 0);
    ledger_settles();
    expect(of_run("g", "r2", "position"), "");
    paper_done(&w);
}

TEST(small_runs_go_into_small_holes)
{
    begin();
    node("n1", 8);
    node("n2", 8);
    pool("a", "{'gpus':16}");
    group("g", "a");
    run("g", "r1", 6);
    run("g", "r2", 2);
    run("g", "r3", 8);
    ledger_settles();
    expect(of_run("g", "r1", "admission.nodes.0.name"), "n1");
    expect(of_run("g", "r2", "admission.nodes.0.name"), "n1");
    expect(of_run("g", "r3", "admission.nodes.0.name"), "n2");
    paper_done(&w);
}

TEST(a_run_that_can_never_fit_does_not_stop_the_others)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "huge", 5);
    run("g", "small", 1);
    ledger_settles();
    expect(of_run("g", "huge", "position"), "");
    assert_string_not_equal(of_run("g", "small", "admission"), "");
    paper_done(&w);
}

TEST(an_attempt_is_admitted_once_and_the_next_attempt_again)
{
    begin();
    node("n1", 2);
    node("n2", 2);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "r1", 2);
    ledger_settles();
    expect(of_run("g", "r1", "admission.nodes.0.name"), "n1");
    becomes("g", "r1", 2, "WaitingForGPUs", 1);
    ledger_settles();
    expect(of_run("g", "r1", "admission.attempt"), "1");
    expect(of_run("g", "r1", "admission.nodes.0.name"), "n2");
    expect(of_pool("a", "allocated"), "2");
    paper_done(&w);
}

TEST(a_run_that_has_ended_is_admitted_no_more_whatever_the_ledger_remembers)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    becomes("g", "done", 2, "Complete", 0); /* nothing tells that it ever was admitted */
    becomes("g", "broken", 2, "Error", 1);
    becomes("g", "stopped", 2, "Stopped", 0);
    run("g", "r1", 4);
    ledger_settles();
    expect(of_run("g", "done", "admission"), "");
    expect(of_run("g", "broken", "admission"), "");
    expect(of_run("g", "stopped", "position"), "");
    expect(of_run("g", "r1", "admission.nodes.0.name"), "n1");
    paper_done(&w);
}

TEST(the_ended_pod_of_an_earlier_attempt_releases_nothing_of_this_one)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "r1", 3);
    ledger_settles();
    pod_of("g", "r1-worker-0", "n1", 3, "Failed", uid_of("g", "r1"));
    becomes("g", "r1", 3, "WaitingForGPUs", 1);
    ledger_settles();
    becomes("g", "r1", 3, "Running", 1);
    run("g", "r2", 3);
    ledger_settles();
    expect(of_pool("a", "allocated"), "3");
    expect(of_run("g", "r2", "position"), "1");
    paper_done(&w);
}

TEST(in_the_default_pool_a_run_gets_the_type_that_it_asks_for)
{
    begin();
    a_node("n1", "A100", 2, 2, true);
    a_node("n2", "T4", 2, 2, true);
    later();
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'default','name':'r1'},'spec':{'gpus':1,'gpuType':'T4',"
              "'owner':'ada'},'status':{'phase':'WaitingForGPUs','attempt':0}}");
    paper_put(&w, &kind_group,
              "{'metadata':{'name':'default'},'spec':{'namespace':'default'},'status':{'namespace':"
              "'default'}}");
    ledger_settles();
    expect(of_run("default", "r1", "admission.type"), "T4");
    expect(of_run("default", "r1", "admission.nodes.0.name"), "n2");
    paper_done(&w);
}

TEST(a_group_without_a_pool_gets_no_gpus)
{
    begin();
    node("n1", 4);
    group("g", "");
    run("g", "r1", 1);
    ledger_settles();
    expect(of_run("g", "r1", "admission"), "");
    expect(of_run("g", "r1", "position"), "");
    paper_done(&w);
}

TEST(of_two_groups_with_one_pool_the_oldest_has_it)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("zz", "a");
    group("aa", "a");
    run("aa", "r1", 1);
    run("zz", "r2", 1);
    ledger_settles();
    expect(of_run("aa", "r1", "admission"), "");
    assert_string_not_equal(of_run("zz", "r2", "admission"), "");
    expect(of_pool("a", "group"), "zz");
    paper_done(&w);
}

TEST(nothing_is_admitted_to_a_pool_that_is_being_deleted)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    paper_delete(&w, &kind_pool, "", "a");
    run("g", "r1", 1);
    ledger_settles();
    expect(of_run("g", "r1", "admission"), "");
    expect(of_pool("default", "capacity"), "4");
    paper_done(&w);
}

TEST(all_pools_together_are_all_nodes_together)
{
    begin();
    node("n1", 4);
    node("n2", 3);
    a_node("n3", "T4", 5, 2, false);
    pool("a", "{'gpus':5}");
    pool("t", "{'nodes':[{'name':'n3','gpus':1}]}");
    ledger_settles();
    expect(of_pool("a", "capacity"), "5");
    expect(of_pool("t", "capacity"), "1");
    expect(of_pool("default", "capacity"), "6");
    paper_done(&w);
}

TEST(the_metrics_say_that_the_pools_are_the_nodes)
{
    struct metrics *m = metrics_new();

    begin();
    a_node("n1", "A100", 4, 3, true);
    node("n2", 2);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "r1", 2);
    stranger("x", "n2", 1);
    ledger_settles();
    ledger_controller.measure(w.c, m);
    assert_true(metrics_value(m, &ledger_node_gpus, NULL) == 6);
    assert_true(metrics_value(m, &ledger_pool_gpus, "capacity", NULL) == 6);
    assert_true(metrics_value(m, &ledger_pool_gpus, "allocated", NULL) == 2);
    assert_true(metrics_value(m, &ledger_pool_gpus, "unhealthy", NULL) == 1);
    assert_true(metrics_value(m, &ledger_pool_gpus, "foreign", NULL) == 1);
    assert_true(metrics_value(m, &ledger_pool_gpus, "free", NULL) == 2);
    paper_drop(&w, &kind_node, "", "n2");
    paper_drop(&w, &kind_pod, "kube-system", "x");
    ledger_settles();
    ledger_controller.measure(w.c, m);
    assert_true(metrics_value(m, &ledger_node_gpus, NULL) == 4);
    assert_true(metrics_value(m, &ledger_pool_gpus, "capacity", NULL) == 4);
    metrics_free(m);
    paper_done(&w);
}

SPEC_MAIN()
