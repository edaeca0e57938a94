/* Deployments: which version is served, by which replicas, on which nodes, and what is said of it.
 */
#include "api/artifactversion.gen.h"
#include "api/deployment.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "api/pod.gen.h"
#include "api/service.gen.h"
#include "base/span.h"
#include "controllers/deployment/serving.h"
#include "support/spec.h"
#include "support/world.h"

static const struct step_conf conf = {"img:1", "http://store:8080", "IfNotPresent", "dkube-system"};

static void a_deployment(struct world *w, int generation, const char *spec, const char *status)
{
    put(w, &kind_deployment,
        "{'metadata':{'name':'serve','namespace':'vision','generation':%d},'spec':{'model':"
        "'digits','servingImage':'srv:1','owner':'ada'%s},'status':%s}",
        generation, spec, status);
}

static void a_version(struct world *w, int number, const char *stage, const char *ready)
{
    put(w, &kind_artifactversion,
        "{'metadata':{'name':'model-digits-v%d','namespace':'vision'},'spec':{'of':{'kind':'Model',"
        "'name':'digits'},'number':%d,'digest':'sha256:%d','stage':'%s'},'status':{'ready':%s}}",
        number, number, number, stage, ready);
}

static struct world given_deployment(const char *spec)
{
    struct world w;

    world_init(&w, &deployment_controller, &conf);
    put(&w, &kind_group, "{'metadata':{'name':'team'},'spec':{'namespace':'vision'}}");
    put(&w, &kind_model, "{'metadata':{'name':'digits','namespace':'vision'}}");
    a_deployment(&w, 1, spec, "{}");
    return w;
}

/* The replica as the plan made it (or as it stands), with this status. */
static void a_replica(struct world *w, const char *name, const char *status)
{
    const struct op *op = op_on(w, OP_CREATE, &kind_pod, name);

    assert_non_null(op);
    put(w, &kind_pod, "{'metadata':%s,'status':%s}", at(w, op, "metadata"), status);
}

#define READY "{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}"
#define UNREADY "{'phase':'Running','conditions':[{'type':'Ready','status':'False'}]}"

static void settle(struct world *w, const char *spec, const char *admission)
{
    const struct op *op = op_on(w, OP_STATUS, &kind_deployment, "serve");
    const char *version = op == NULL ? "" : at(w, op, "status.modelVersion");

    a_deployment(
        w, 1, spec,
        arena_printf(&w->a, "{'observedGeneration':1,'modelVersion':'%s'%s}", version, admission));
}

/* --- Which version
 * ---------------------------------------------------------------------------------- */

TEST(newest_ready_version_is_served_in_test)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Published", "true");
    a_version(&w, 2, "Created", "true");
    a_version(&w, 3, "Created", "false");
    reconcile(&w, "vision", "serve");
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v2");
    assert_string_equal(said(&w, "digest"), "sha256:2");
    world_done(&w);
}

TEST(newest_published_version_is_served_in_production)
{
    struct world w = given_deployment(",'type':'Production'");

    a_version(&w, 1, "Published", "true");
    a_version(&w, 2, "Released", "true");
    reconcile(&w, "vision", "serve");
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v1");
    world_done(&w);
}

TEST(production_without_a_published_version_is_refused)
{
    struct world w = given_deployment(",'type':'Production'");

    a_version(&w, 2, "Released", "true");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/NotPublished");
    assert_non_null(strstr(message(&w), "spec.type"));
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_service), 0);
    world_done(&w);
}

TEST(production_of_a_version_that_is_not_published_is_refused)
{
    struct world w = given_deployment(",'type':'Production','version':2");

    a_version(&w, 1, "Published", "true");
    a_version(&w, 2, "Released", "true");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/NotPublished");
    assert_non_null(strstr(message(&w), "'model-digits-v2' is Released"));
    world_done(&w);
}

TEST(unknown_model_is_named)
{
    struct world w = given_deployment("");

    drop(&w, &kind_model, "vision", "digits");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownModel");
    assert_non_null(strstr(message(&w), "spec.model names no Model 'digits'"));
    assert_true(has_event(&w, "UnknownModel"));
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 0);
    world_done(&w);
}

TEST(unknown_version_is_told_the_newest)
{
    struct world w = given_deployment(",'version':9");

    a_version(&w, 4, "Created", "true");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownVersion");
    assert_non_null(strstr(message(&w), "spec.version to 4"));
    world_done(&w);
}

TEST(model_without_a_version_is_told_apart_from_no_model)
{
    struct world w = given_deployment("");

    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownVersion");
    world_done(&w);
}

TEST(version_that_is_not_ready_is_waited_for)
{
    struct world w = given_deployment(",'version':1");

    a_version(&w, 1, "Created", "false");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Reconciling"), "True/VersionNotReady");
    world_done(&w);
}

TEST(version_that_was_taken_stays_when_a_newer_one_comes)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    settle(&w, "", "");
    a_version(&w, 2, "Created", "true");
    reconcile(&w, "vision", "serve");
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v1");
    world_done(&w);
}

TEST(scaling_does_not_change_the_version)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_version(&w, 2, "Created", "true");
    a_deployment(&w, 2, ",'minReplicas':2",
                 "{'observedGeneration':1,'modelVersion':'model-digits-v1'}");
    reconcile(&w, "vision", "serve");
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v1");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_pod), 1);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    world_done(&w);
}

TEST(edit_takes_the_newest_version)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_version(&w, 2, "Created", "true");
    a_deployment(&w, 2, ",'port':9000",
                 "{'observedGeneration':1,'modelVersion':'model-digits-v1'}");
    reconcile(&w, "vision", "serve");
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v2");
    world_done(&w);
}

TEST(edit_that_cannot_be_followed_leaves_what_serves)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    a_deployment(&w, 2, ",'version':9",
                 "{'observedGeneration':1,'modelVersion':'model-digits-v1','url':'http://x'}");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/UnknownVersion");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 0);
    assert_string_equal(said(&w, "modelVersion"), "model-digits-v1");
    assert_string_equal(said(&w, "url"), "http://x");
    assert_string_equal(said(&w, "readyReplicas"), "1");
    world_done(&w);
}

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

TEST(replicas_with_gpus_wait_for_the_ledger)
{
    struct world w = given_deployment(",'gpus':2");

    a_version(&w, 1, "Created", "true");
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

/* --- Service and address
 * ---------------------------------------------------------------------------- */

TEST(service_of_the_deployments_name_leads_to_its_replicas)
{
    struct world w = given_deployment(",'port':9000");
    const struct op *op;

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    op = op_on(&w, OP_CREATE, &kind_service, "serve");
    assert_string_equal(at(&w, op, "spec.selector.dkube\\.io/deployment"), "serve");
    assert_string_equal(at(&w, op, "spec.ports.0.port"), "9000");
    assert_string_equal(at(&w, op, "spec.ports.0.targetPort"), "9000");
    assert_string_equal(said(&w, "url"), "http://serve.vision.svc:9000");
    assert_string_equal(said(&w, "selector"), "dkube.io/deployment=serve,dkube.io/role=replica");
    put_body(&w, op);
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_service), 0);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_service), 0);
    world_done(&w);
}

TEST(service_of_another_port_is_made_anew)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    put_body(&w, op_on(&w, OP_CREATE, &kind_service, "serve"));
    a_deployment(&w, 2, ",'port':9000", "{}");
    reconcile(&w, "vision", "serve");
    assert_non_null(op_on(&w, OP_DELETE, &kind_service, "serve"));
    world_done(&w);
}

TEST(service_of_somebody_else_is_never_adopted)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    put(&w, &kind_service, "{'metadata':{'name':'serve','namespace':'vision'},'spec':{}}");
    reconcile(&w, "vision", "serve");
    assert_string_equal(condition(&w, "Stalled"), "True/NameTaken");
    assert_non_null(strstr(message(&w), "Service 'serve'"));
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_service), 0);
    world_done(&w);
}

/* --- What holds it up
 * -------------------------------------------------------------------------------- */

static void with_trouble(struct world *w, const char *status)
{
    a_version(w, 1, "Created", "true");
    reconcile(w, "vision", "serve");
    a_replica(w, "serve-replica-0", status);
    settle(w, "", "");
    reconcile(w, "vision", "serve");
}

TEST(image_that_cannot_be_pulled_is_named_with_its_field)
{
    struct world w = given_deployment("");

    with_trouble(&w, "{'phase':'Pending','containerStatuses':[{'name':'server','state':{'waiting':{"
                     "'reason':'ImagePullBackOff','message':'not found'}}}]}");
    assert_string_equal(condition(&w, "Stalled"), "True/ImagePullFailed");
    assert_non_null(strstr(message(&w), "spec.servingImage 'srv:1'"));
    assert_non_null(strstr(message(&w), "not found"));
    assert_true(has_event(&w, "ImagePullFailed"));
    world_done(&w);
}

TEST(server_that_keeps_ending_is_reported_with_its_exit_code)
{
    struct world w = given_deployment("");

    with_trouble(&w, "{'phase':'Running','containerStatuses':[{'name':'server','restartCount':4,"
                     "'state':{'waiting':{'reason':'CrashLoopBackOff'}},'lastState':{'terminated':{"
                     "'exitCode':3}}}]}");
    assert_string_equal(condition(&w, "Stalled"), "True/CrashLoop");
    assert_non_null(strstr(message(&w), "exit code 3"));
    world_done(&w);
}

TEST(server_between_two_crashes_is_still_crashing)
{
    struct world w = given_deployment("");

    with_trouble(&w, "{'phase':'Running','containerStatuses':[{'name':'server','restartCount':4,"
                     "'ready':false,'state':{'running':{}},'lastState':{'terminated':{'exitCode':3}"
                     "}}]}");
    assert_string_equal(condition(&w, "Stalled"), "True/CrashLoop");
    world_done(&w);
}

TEST(command_that_is_not_in_the_image_is_reported)
{
    struct world w = given_deployment("");

    with_trouble(&w, "{'phase':'Pending','containerStatuses':[{'name':'server','state':{'waiting':{"
                     "'reason':'RunContainerError','message':'exec: nope: not found'}}}]}");
    assert_string_equal(condition(&w, "Stalled"), "True/StartFailed");
    assert_non_null(strstr(message(&w), "spec.command"));
    world_done(&w);
}

TEST(model_that_cannot_be_fetched_is_reported_in_steps_words)
{
    struct world w = given_deployment("");

    with_trouble(&w, "{'phase':'Pending','initContainerStatuses':[{'name':'fetch','restartCount':2,"
                     "'state':{'waiting':{'reason':'CrashLoopBackOff'}},'lastState':{'terminated':{"
                     "'exitCode':1,'message':'{\\'error\\':{\\'reason\\':\\'FetchFailed\\',\\'"
                     "message\\':\\'the store refused\\'}}'}}}]}");
    assert_string_equal(condition(&w, "Stalled"), "True/FetchFailed");
    assert_non_null(strstr(message(&w), "the store refused"));
    world_done(&w);
}

/* --- The end
 * ---------------------------------------------------------------------------------------- */

TEST(deleted_deployment_gives_back_its_replicas_and_its_address_at_once)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    put_body(&w, op_on(&w, OP_CREATE, &kind_service, "serve"));
    put(&w, &kind_deployment,
        "{'metadata':{'name':'serve','namespace':'vision','deletionTimestamp':"
        "'2026-09-21T14:13:00Z','finalizers':['dkube.io/lineage']},'spec':{'model':'digits'}}");
    reconcile(&w, "vision", "serve");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_pod), 1);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_service), 1);
    assert_int_equal(count_ops(&w, OP_STATUS, &kind_deployment), 0);
    world_done(&w);
}

TEST(settled_deployment_writes_nothing)
{
    struct world w = given_deployment("");

    a_version(&w, 1, "Created", "true");
    reconcile(&w, "vision", "serve");
    a_replica(&w, "serve-replica-0", READY);
    put_body(&w, op_on(&w, OP_CREATE, &kind_service, "serve"));
    reconcile(&w, "vision", "serve");
    keep_status(&w, &kind_deployment, "vision", "serve");
    w.now_ms += 60000;
    reconcile(&w, "vision", "serve");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

SPEC_MAIN()
