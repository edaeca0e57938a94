/* Deployments: their replicas, with and without GPUs. */
#include <stdio.h>

#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "api/service.gen.h"
#include "base/span.h"
#include "support/spec.h"
#include "support/serving.h"

/* --- Replicas
 * --------------------------------------------------------------------------------------- */

TEST(replica_fetches_the_model_then_serves_it_read_only)
{
    struct world w = given_deployment(
        ",'command':['python3','serve.py'],'port':9000,'readinessPath':'/ok','mountPath':'/m',"
        "'parameters':[{'name':'A','value':'1'}],'resources':{'cpu':2,'memory':'1Gi'}");
    const struct op *op;

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    op = op_on(&w, OP_CREATE, &kind_pod, "serve-replica-0");
    assert_string_equal(at(&w, op, "spec.restartPolicy"), "Always");
    assert_string_equal(at(&w, op, "spec.serviceAccountName"), "dkube-run");
    assert_string_equal(at(&w, op, "spec.automountServiceAccountToken"), "false");
    assert_string_equal(at(&w, op, "spec.initContainers.0.name"), "fetch");
    assert_string_equal(at(&w, op, "spec.initContainers.0.command"),
                        "[\"/usr/bin/step\",\"fetch\"]");
    assert_string_equal(at(&w, op, "spec.initContainers.0.volumeMounts.1.name"), "token");
    assert_string_equal(at(&w, op, "spec.containers.0.image"), "srv:1");
    assert_string_equal(at(&w, op, "spec.containers.0.command"), "[\"python3\",\"serve.py\"]");
    assert_string_equal(at(&w, op, "spec.containers.0.volumeMounts"),
                        "[{\"name\":\"model\",\"mountPath\":\"/m\",\"readOnly\":true}]");
    assert_string_equal(at(&w, op, "spec.containers.0.readinessProbe.httpGet.path"), "/ok");
    assert_string_equal(at(&w, op, "spec.containers.0.readinessProbe.httpGet.port"), "9000");
    assert_string_equal(at(&w, op, "spec.containers.0.resources.requests.cpu"), "2");
    assert_string_equal(at(&w, op, "spec.containers.0.resources.limits.memory"), "1Gi");
    assert_string_equal(at(&w, op, "spec.affinity"), "");
    assert_string_equal(at(&w, op, "metadata.labels.dkube\\.io/group"), "team");
    assert_string_equal(at(&w, op, "metadata.labels.dkube\\.io/deployment"), "serve");
    assert_string_equal(at(&w, op, "metadata.ownerReferences.0.uid"), "uid-Deployment-serve");
    world_done(&w);
}

TEST(server_learns_the_model_the_folder_and_the_port_after_its_parameters)
{
    struct world w = given_deployment(",'parameters':[{'name':'PORT','value':'1'}]");
    const struct op *op;

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    op = op_on(&w, OP_CREATE, &kind_pod, "serve-replica-0");
    assert_string_equal(at(&w, op, "spec.containers.0.env.0.name"), "PORT");
    assert_string_equal(at(&w, op, "spec.containers.0.env.1.name"), "MODEL_NAME");
    assert_string_equal(at(&w, op, "spec.containers.0.env.1.value"), "digits");
    assert_string_equal(at(&w, op, "spec.containers.0.env.2.name"), "MODEL_DIR");
    assert_string_equal(at(&w, op, "spec.containers.0.env.2.value"), "/mnt/dkube/model");
    assert_string_equal(at(&w, op, "spec.containers.0.env.3.name"), "PORT");
    assert_string_equal(at(&w, op, "spec.containers.0.env.3.value"), "8080");
    world_done(&w);
}

TEST(dollars_reach_the_server_letter_by_letter)
{
    struct world w = given_deployment(
        ",'command':['sh','-c','echo $$ $(PORT)'],'parameters':[{'name':'A','value':"
        "'$(B)'}]");
    const struct op *op;

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    op = op_on(&w, OP_CREATE, &kind_pod, "serve-replica-0");
    assert_string_equal(at(&w, op, "spec.containers.0.command.2"), "echo $$$$ $$(PORT)");
    assert_string_equal(at(&w, op, "spec.containers.0.env.0.value"), "$$(B)");
    world_done(&w);
}

TEST(token_of_the_store_is_never_in_the_servers_container)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    assert_null(strstr(at(&w, op_on(&w, OP_CREATE, &kind_pod, "serve-replica-0"),
                          "spec.containers.0.volumeMounts"),
                       "token"));
    world_done(&w);
}

TEST(all_replicas_are_made_at_once)
{
    struct world w = given_deployment(",'minReplicas':3");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 3);
    assert_string_equal(condition(&w, "Reconciling"), "True/Starting");
    world_done(&w);
}

TEST(deployment_is_ready_when_all_replicas_are)
{
    struct world w = given_deployment(",'minReplicas':2");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_replica(&w, "serve-replica-1", UNREADY);
    settle(&w, ",'minReplicas':2", "");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Ready"), "False/Starting");
    assert_string_equal(said(&w, "replicas"), "2");
    assert_string_equal(said(&w, "readyReplicas"), "1");
    put(&w, &kind_pod,
        "{'metadata':{'name':'serve-replica-1','namespace':'vision','labels':{"
        "'dkube.io/revision':'%s'},'ownerReferences':[{'uid':'uid-Deployment-serve','controller':"
        "true}]},'status':" READY "}",
        rec_label(cache_get(w.c, &kind_pod, "vision", "serve-replica-0"), LABEL_REVISION));
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Ready"), "True/Serving");
    assert_string_equal(said(&w, "readyReplicas"), "2");
    world_done(&w);
}

TEST(scaled_down_deployment_loses_the_last_replicas)
{
    struct world w = given_deployment(",'minReplicas':3");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_replica(&w, "serve-replica-1", READY);
    a_replica(&w, "serve-replica-2", READY);
    settle(&w, ",'minReplicas':1", "");
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 2);
    assert_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-0"));
    world_done(&w);
}

TEST(scaled_down_deployment_loses_replicas_that_are_not_ready_first)
{
    struct world w = given_deployment(",'minReplicas':2");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", UNREADY);
    a_replica(&w, "serve-replica-1", READY);
    settle(&w, ",'minReplicas':1", "");
    reconcile(&w, "vision", "serve");
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-0"));
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 1);
    world_done(&w);
}

TEST(deployment_of_no_replicas_is_ready_and_serves_nothing)
{
    struct world w = given_deployment(",'minReplicas':0");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    assert_string_equal(condition(&w, "Ready"), "True/ScaledToZero");
    world_done(&w);
}

TEST(new_replica_is_ready_before_the_only_old_one_goes)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_deployment(&w, 2, ",'port':9000", "{}");
    reconcile(&w, "vision", "serve");
    assert_non_null(op_on(&w, OP_CREATE, &kind_pod, "serve-replica-1"));
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    assert_string_equal(condition(&w, "Reconciling"), "True/RollingOut");
    a_replica(&w, "serve-replica-1", UNREADY);
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    drop(&w, &kind_pod, "vision", "serve-replica-1");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-1", READY);
    reconcile(&w, "vision", "serve");
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-0"));
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 1);
    drop(&w, &kind_pod, "vision", "serve-replica-0");
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    assert_string_equal(condition(&w, "Ready"), "True/Serving");
    world_done(&w);
}

TEST(replicas_are_replaced_one_by_one)
{
    struct world w = given_deployment(",'minReplicas':3");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_replica(&w, "serve-replica-1", READY);
    a_replica(&w, "serve-replica-2", READY);
    a_deployment(&w, 2, ",'minReplicas':3,'port':9000", "{}");
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 1);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    a_replica(&w, "serve-replica-3", READY);
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 1);
    world_done(&w);
}

TEST(old_replica_that_is_not_ready_goes_at_once)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", UNREADY);
    a_deployment(&w, 2, ",'servingImage':'srv:2'", "{}");
    reconcile(&w, "vision", "serve");
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-0"));
    world_done(&w);
}

TEST(replica_that_failed_is_replaced_but_not_in_a_hurry)
{
    struct world w = given_deployment("");
    const char *created = "2026-09-21T14:13:15Z";

    a_version(&w, 1, "Created", "true");
    put(&w, &kind_pod,
        "{'metadata':{'name':'serve-replica-0','namespace':'vision','creationTimestamp':'%s',"
        "'ownerReferences':[{'uid':'uid-Deployment-serve','controller':true}]},'status':{'phase':"
        "'Failed'}}",
        created);
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    assert_int_equal(w.plan.wake_at_ms, WORLD_NOW_MS + 5000);
    w.now_ms += 5000;
    reconcile(&w, "vision", "serve");
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-0"));
    world_done(&w);
}

TEST(pod_of_somebody_else_with_a_replicas_name_is_never_adopted)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    put(&w, &kind_pod, "{'metadata':{'name':'serve-replica-0','namespace':'vision'}}");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/NameTaken");
    assert_int_equal(w.plan.wake_at_ms, WORLD_NOW_MS + 30000);
    assert_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-0"));
    world_done(&w);
}

/* --- GPUs
 * ------------------------------------------------------------------------------------------- */

static void a_pool(struct world *w, const char *spec, const char *status)
{
    put(w, &kind_group,
        "{'metadata':{'name':'team'},'spec':{'namespace':'vision','poolRef':'a100'}}");
    put(w, &kind_pool, "{'metadata':{'name':'a100','generation':1},'spec':%s,'status':%s}", spec,
        status);
}

#define EIGHT                                                                                     \
    "{'observedGeneration':1,'capacity':8,'nodes':[{'name':'n1','gpus':4,'type':'A100'},{'name':" \
    "'n2','gpus':4,'type':'A100'}]}"

TEST(replicas_with_gpus_wait_for_the_ledger)
{
    struct world w = given_deployment(",'gpus':2");

    a_version(&w, 1, "Created", "true");
    a_pool(&w, "{'gpus':8}", EIGHT);
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    assert_string_equal(condition(&w, "Reconciling"), "True/WaitingForGPUs");
    world_done(&w);
}

TEST(replicas_with_gpus_stand_on_the_nodes_of_the_ledger)
{
    struct world w = given_deployment("");
    const struct op *op;
    const char *path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
                       "nodeSelectorTerms.0.matchFields.0.values";

    a_version(&w, 1, "Created", "true");
    a_deployment(&w, 1, ",'gpus':2,'minReplicas':3",
                 "{'admission':{'replicas':3,'pool':'a100','nodes':[{'name':'n1','gpus':2},{'name':"
                 "'n1','gpus':2},{'name':'n2','gpus':2}]}}");
    reconcile(&w, "vision", "serve");
    op = op_on(&w, OP_CREATE, &kind_pod, "serve-replica-0");
    assert_string_equal(at(&w, op, path), "[\"n1\"]");
    assert_string_equal(at(&w, op, "spec.containers.0.resources.limits.nvidia\\.com/gpu"), "2");
    assert_string_equal(at(&w, op_on(&w, OP_CREATE, &kind_pod, "serve-replica-1"), path),
                        "[\"n1\"]");
    assert_string_equal(at(&w, op_on(&w, OP_CREATE, &kind_pod, "serve-replica-2"), path),
                        "[\"n2\"]");
    world_done(&w);
}

TEST(replica_made_later_takes_the_node_of_its_own_seat)
{
    static const char admission[] = ",'admission':{'replicas':2,'nodes':[{'name':'n1','gpus':1},{"
                                    "'name':'n2','gpus':1}]}";
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    settle(&w, ",'gpus':1,'minReplicas':2", admission);
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    settle(&w, ",'gpus':1,'minReplicas':2", admission);
    reconcile(&w, "vision", "serve");
    assert_string_equal(at(&w, op_on(&w, OP_CREATE, &kind_pod, "serve-replica-1"),
                           "metadata.annotations.dkube\\.io/node"),
                        "n2");
    world_done(&w);
}

TEST(replica_with_gpus_gives_them_back_before_its_successor_comes)
{
    static const char admission[] = ",'admission':{'replicas':1,'nodes':[{'name':'n1','gpus':1}]}";
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    settle(&w, ",'gpus':1", admission);
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    settle(&w, ",'gpus':1,'port':9000", admission);
    reconcile(&w, "vision", "serve");
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-0"));
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    drop(&w, &kind_pod, "vision", "serve-replica-0");
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 1);
    world_done(&w);
}

TEST(scaled_down_deployment_with_gpus_leaves_the_seats_that_are_no_more)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    settle(&w, ",'gpus':1,'minReplicas':2",
           ",'admission':{'replicas':2,'nodes':[{'name':'n1','gpus':1},{'name':'n2','gpus':1}]}");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", UNREADY);
    a_replica(&w, "serve-replica-1", READY);
    settle(&w, ",'gpus':1,'minReplicas':1",
           ",'admission':{'replicas':1,'nodes':[{'name':'n1','gpus':1}]}");
    reconcile(&w, "vision", "serve");
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-1"));
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 1);
    world_done(&w);
}

TEST(replica_that_the_ledger_moved_is_replaced_on_its_new_node)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    settle(&w, ",'gpus':1", ",'admission':{'replicas':1,'nodes':[{'name':'n1','gpus':1}]}");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    settle(&w, ",'gpus':1", ",'admission':{'replicas':1,'nodes':[{'name':'n2','gpus':1}]}");
    reconcile(&w, "vision", "serve");
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-0"));
    drop(&w, &kind_pod, "vision", "serve-replica-0");
    reconcile(&w, "vision", "serve");
    assert_string_equal(at(&w, op_on(&w, OP_CREATE, &kind_pod, "serve-replica-0"),
                           "metadata.annotations.dkube\\.io/node"),
                        "n2");
    world_done(&w);
}

TEST(admission_of_another_size_is_not_used)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    settle(&w, ",'gpus':2", ",'admission':{'replicas':1,'nodes':[{'name':'n1','gpus':1}]}");
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    world_done(&w);
}

TEST(scaling_down_takes_effect_while_the_version_is_held_back)
{
    static const char held[] = ",'version':9,'minReplicas':1";
    struct world w = given_deployment(",'minReplicas':3");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", UNREADY);
    a_replica(&w, "serve-replica-1", READY);
    a_replica(&w, "serve-replica-2", READY);
    a_deployment(&w, 2, held, "{'observedGeneration':1,'modelVersion':'model-digits-v1'}");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownVersion");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 2);
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-0"));
    assert_non_null(op_on(&w, OP_DELETE, &kind_pod, "serve-replica-2"));
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    world_done(&w);
}

TEST(refused_replica_is_said_and_tried_again_later)
{
    struct world w = given_deployment("");
    const struct refused no = {.verb = OP_CREATE,
                               .kind = &kind_pod,
                               .ns = "vision",
                               .name = "serve-replica-0",
                               .code = 403,
                               .reason = "Forbidden",
                               .message = "exceeded quota: pods"};

    a_version(&w, 1, "Created", "true");
    w.refused = &no;
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    assert_string_equal(condition(&w, "Stalled"), "True/ReplicaRefused");
    assert_non_null(strstr(said(&w, "conditions"), "'serve-replica-0': exceeded quota: pods"));
    assert_int_equal(w.plan.wake_at_ms, w.now_ms + 30000);
    w.refused = NULL;
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 1);
    world_done(&w);
}

/* --- The pool
 * --------------------------------------------------------------------------------------- */

static const char *standing_in_pool(const char *spec, const char *pool, const char *status)
{
    static char text[64];
    struct world w = given_deployment(spec);

    a_version(&w, 1, "Created", "true");
    if (pool != NULL) {
        a_pool(&w, pool, status);
    }
    reconcile(&w, "vision", "serve");
    snprintf(text, sizeof(text), "%s", condition(&w, "Ready"));
    world_done(&w);
    return text;
}

TEST(replicas_that_no_node_of_the_pool_could_seat_are_said_at_once)
{
    assert_string_equal(standing_in_pool(",'gpus':5", "{'gpus':8}", EIGHT), "False/ExceedsPool");
    assert_string_equal(standing_in_pool(",'gpus':3,'minReplicas':3", "{'gpus':8}", EIGHT),
                        "False/ExceedsPool");
    assert_string_equal(standing_in_pool(",'gpus':3,'minReplicas':2", "{'gpus':8}", EIGHT),
                        "False/WaitingForGPUs");
    assert_string_equal(standing_in_pool(",'gpus':64,'minReplicas':0", "{'gpus':8}", EIGHT),
                        "True/ScaledToZero");
}

TEST(replicas_wait_for_a_pool_that_is_short_or_not_counted_yet)
{
    assert_string_equal(standing_in_pool(",'gpus':5", "{'gpus':16}", EIGHT),
                        "False/WaitingForGPUs");
    assert_string_equal(standing_in_pool(",'gpus':5", "{'gpus':8}", "{}"), "False/WaitingForGPUs");
}

TEST(replicas_with_gpus_need_a_pool)
{
    assert_string_equal(standing_in_pool(",'gpus':1", NULL, NULL), "False/NoPool");
}

SPEC_MAIN()
