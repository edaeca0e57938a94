/* Seats: the GPUs of deployments (rule 1). */
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

TEST(replicas_of_deployments_go_ahead_of_queued_runs_all_or_none)
{
    begin();
    node("n1", 2);
    node("n2", 2);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "r1", 2);
    deployment("g", "d", 1, 3);
    ledger_settles();
    expect(of_deployment("g", "d", "admission.replicas"), "3");
    expect(of_deployment("g", "d", "admission.nodes.0.name"), "n1");
    expect(of_deployment("g", "d", "admission.nodes.1.name"), "n1");
    expect(of_deployment("g", "d", "admission.nodes.2.name"), "n2");
    expect(of_run("g", "r1", "position"), "1");
    expect(of_pool("a", "allocated"), "3");
    paper_put(&w, &kind_deployment,
              "{'metadata':{'namespace':'g','name':'d'},'spec':{'gpus':1,'minReplicas':1}}");
    ledger_settles();
    expect(of_deployment("g", "d", "admission.replicas"), "1");
    assert_string_not_equal(of_run("g", "r1", "admission"), "");
    paper_done(&w);
}

TEST(a_deployment_that_must_wait_stops_the_queue_and_keeps_what_it_has)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    run("g", "r1", 2);
    ledger_settles();
    deployment("g", "d", 1, 3);
    run("g", "r2", 1);
    ledger_settles();
    expect(of_deployment("g", "d", "admission"), "");
    expect(of_run("g", "r2", "position"), "1");
    becomes("g", "r1", 2, "Complete", 0);
    ledger_settles();
    expect(of_deployment("g", "d", "admission.replicas"), "3");
    assert_string_not_equal(of_run("g", "r2", "admission"), "");
    paper_done(&w);
}

TEST(a_deployment_without_gpus_has_no_admission)
{
    begin();
    deployment("default", "d", 0, 2);
    ledger_settles();
    expect(of_deployment("default", "d", "admission"), "");
    paper_done(&w);
}

TEST(a_deployment_that_asks_for_larger_replicas_gets_them_once_its_pods_are_gone)
{
    begin();
    node("n1", 4);
    pool("a", "{'gpus':4}");
    group("g", "a");
    deployment("g", "d", 2, 1);
    ledger_settles();
    expect(of_deployment("g", "d", "admission.nodes.0.gpus"), "2");
    paper_put(&w, &kind_deployment,
              "{'metadata':{'namespace':'g','name':'d'},'spec':{'gpus':4,'minReplicas':1}}");
    ledger_settles();
    expect(of_deployment("g", "d", "admission.nodes.0.gpus"), "4");
    paper_done(&w);
}
static void replica(const char *name, int gpus, const char *phase)
{
    paper_put(&w, &kind_pod,
              "{'metadata':{'namespace':'g','name':'%s','labels':{'app.kubernetes.io/managed-by':"
              "'dkube'},'ownerReferences':[{'kind':'Deployment','name':'d','uid':'%s','controller':"
              "true}]},'spec':{'nodeName':'n1','containers':[{'name':'server','resources':{"
              "'requests':{'nvidia.com/gpu':'%d'}}}]},'status':{'phase':'%s'}}",
              name, paper_find(&w, &kind_deployment, "g", "d")->uid, gpus, phase);
}

TEST(while_a_smaller_replica_stands_on_a_larger_seat_the_seat_counts)
{
    begin();
    node("n1", 8);
    pool("a", "{'gpus':8}");
    group("g", "a");
    deployment("g", "d", 2, 1);
    ledger_settles();
    replica("d-replica-0", 2, "Running");
    ledger_settles();
    expect(of_pool("a", "free"), "6");
    paper_put(&w, &kind_deployment,
              "{'metadata':{'namespace':'g','name':'d'},'spec':{'gpus':4,'minReplicas':1}}");
    ledger_settles();
    expect(of_deployment("g", "d", "admission.nodes.0.gpus"), "4");
    expect(of_pool("a", "free"), "4");
    run("g", "r", 6);
    ledger_settles();
    expect(of_run("g", "r", "position"), "1");
    paper_done(&w);
}

TEST(a_seat_outlives_a_replica_that_ended)
{
    begin();
    node("n1", 2);
    pool("a", "{'gpus':2}");
    group("g", "a");
    deployment("g", "d", 2, 1);
    ledger_settles();
    replica("d-replica-0", 2, "Failed");
    run("g", "r", 2);
    ledger_settles();
    expect(of_pool("a", "free"), "0");
    expect(of_run("g", "r", "position"), "1");
    paper_done(&w);
}

SPEC_MAIN()
