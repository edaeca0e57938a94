/* A DkubeRun's pod from its admission to the end: every transition of the table, stopping and
 * deleting. */
#include "api/artifactversion.gen.h"
#include "api/coderepo.gen.h"
#include "api/dataset.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/dkuberun/dkuberun.h"
#include "support/spec.h"
#include "support/stage.h"

/* --- WaitingForGPUs, Starting ---------------------------------------------------------------- */

TEST(an_admission_of_another_attempt_is_not_this_ones)
{
    stage_begin();
    stage_gpus = "1";
    stage_resolve();
    stage_admit(3);
    stage_expect_phase("WaitingForGPUs", "WaitingForGPUs");
    stage_admit(0);
    stage_expect_phase("Starting", "Starting");
    stage_end();
}

TEST(an_admitted_run_gets_one_pod_on_its_node)
{
    stage_begin();
    stage_gpus = "1";
    stage_extra =
        CODE INPUT OUTPUT ",'parameters':[{'name':'GAMMA','value':'0.1'}],'resources':{'cpu':'2',"
                          "'memory':'1Gi','shm':'64Mi'}";
    stage_start();
    assert_int_equal(stage.creates, 2);
    stage_expect(stage_run_at("status.podName"), RUN "-worker-0");
    stage_expect(
        stage_pod_at(RUN "-worker-0",
                     "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
                     "nodeSelectorTerms.0.matchFields"),
        "[{\"key\":\"metadata.name\",\"operator\":\"In\",\"values\":[\"n1\"]}]");
    stage_expect(stage_pod_at(RUN "-worker-0", "metadata.labels"),
                 "{\"app.kubernetes.io/managed-by\":\"dkube\",\"dkube.io/group\":\"vision\","
                 "\"dkube.io/run\":\"" RUN "\",\"dkube.io/role\":\"worker\","
                 "\"dkube.io/attempt\":\"0\"}");
    stage_expect(stage_pod_at(RUN "-worker-0", "metadata.ownerReferences.0.controller"), "true");
    stage_end();
}

static const char *env_of(const char *pod, const char *name)
{
    for (int i = 0; i < 20; i++) {
        if (str_eq(stage_pod_at(pod, arena_printf(&stage.a, "spec.containers.0.env.%d.name", i)),
                   name)) {
            return stage_pod_at(pod, arena_printf(&stage.a, "spec.containers.0.env.%d.value", i));
        }
    }
    return "";
}

TEST(the_program_gets_its_image_by_digest_its_command_and_its_environment)
{
    stage_begin();
    stage_gpus = "1";
    stage_extra =
        CODE ",'parameters':[{'name':'GAMMA','value':'0.1'}],'resources':{'cpu':'2','shm':'64Mi'}";
    stage_start();
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.containers.0.name"), "main");
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.containers.0.image"), "example@" DIGEST);
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.containers.0.command"),
                 "[\"python3\",\"train.py\"]");
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.containers.0.workingDir"), "/mnt/dkube/code");
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.containers.0.resources.limits"),
                 "{\"cpu\":\"2\",\"nvidia.com/gpu\":\"1\"}");
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.containers.0.resources.requests"),
                 "{\"cpu\":\"2\",\"nvidia.com/gpu\":\"1\"}");
    stage_expect(env_of(RUN "-worker-0", "GAMMA"), "0.1");
    stage_expect(env_of(RUN "-worker-0", "DKUBE_JOB_NAME"), RUN);
    stage_expect(env_of(RUN "-worker-0", "DKUBE_JOB_CLASS"), "training");
    stage_expect(env_of(RUN "-worker-0", "DKUBE_GPUS"), "1");
    stage_expect(env_of(RUN "-worker-0", "DKUBE_USER_LOGIN_NAME"), "ada");
    stage_expect(env_of(RUN "-worker-0", "DKUBE_JOB_UUID"),
                 paper_find(&stage, &kind_dkuberun, NS, RUN)->uid);
    stage_end();
}

TEST(an_image_that_was_imported_by_hand_keeps_its_name)
{
    stage_begin();
    stage_put_run();
    stage_settle();
    stage_pod_says(
        RUN "-resolve-0", "Succeeded",
        ",'containerStatuses':[{'name':'image','imageID':'sha256:abc','state':{'terminated':{"
        "'exitCode':0}}}]");
    stage_settle();
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.containers.0.image"), "example:1");
    stage_expect(stage_run_at("status.imageDigest"), "sha256:abc");
    stage_end();
}

TEST(only_fetch_and_collect_see_the_stores_token)
{
    stage_begin();
    stage_extra = CODE INPUT OUTPUT;
    stage_start();
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.initContainers.0.name"), "fetch");
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.initContainers.1.name"), "collect");
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.initContainers.1.restartPolicy"), "Always");
    assert_non_null(strstr(stage_pod_at(RUN "-worker-0", "spec.initContainers.0"), "/token"));
    assert_null(strstr(stage_pod_at(RUN "-worker-0", "spec.containers.0"), "token"));
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.automountServiceAccountToken"), "false");
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.restartPolicy"), "Never");
    assert_non_null(
        strstr(stage_pod_at(RUN "-worker-0", "spec.initContainers.0.env.1.value"), SHA));
    assert_non_null(
        strstr(stage_pod_at(RUN "-worker-0", "spec.initContainers.0.env.1.value"), DIGEST));
    assert_non_null(strstr(stage_pod_at(RUN "-worker-0", "spec.initContainers.1.env.1.value"),
                           "{\"name\":\"digits\",\"dir\":\"/out\"}"));
    stage_end();
}

TEST(code_and_inputs_are_read_only_for_the_program)
{
    stage_begin();
    stage_extra = CODE INPUT OUTPUT;
    stage_start();
    stage_expect(stage_pod_at(RUN "-worker-0", "spec.containers.0.volumeMounts"),
                 "[{\"name\":\"code\",\"mountPath\":\"/mnt/dkube/code\",\"readOnly\":true},"
                 "{\"name\":\"input-0\",\"mountPath\":\"/data\",\"readOnly\":true},"
                 "{\"name\":\"output-0\",\"mountPath\":\"/out\",\"readOnly\":false}]");
    stage_end();
}

TEST(a_pod_name_that_is_somebody_elses_is_never_adopted)
{
    stage_begin();
    stage_resolve();
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    paper_put(&stage, &kind_pod,
              "{'metadata':{'namespace':'" NS "','name':'" RUN "-worker-0'},'spec':{},'status':{"
              "'phase':'Running'}}");
    stage_settle();
    stage_expect_phase("Starting", "NameTaken");
    stage_expect(stage_run_at("status.conditions.2.status"), "True");
    assert_int_equal(stage.plan.wake_at_ms, stage.now_ms + 30000);
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect_phase("Starting", "Starting");
    stage_end();
}

TEST(a_pod_that_gets_no_node_in_time_gives_its_gpus_back_and_queues_again)
{
    stage_begin();
    stage_gpus = "1";
    stage_start();
    stage.now_ms += 2 * MINUTE;
    stage_settle();
    stage_expect_phase("Starting", "NotScheduled");
    assert_int_equal(paper_find(&stage, &kind_pod, NS, RUN "-worker-0")->deleted_ms, stage.now_ms);
    stage_expect(stage_run_at("status.attempt"), "0");
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_expect(stage_run_at("status.attempt"), "1");
    stage_expect(stage_run_at("status.restarts"), "0");
    stage_admit(1);
    stage_expect(stage_run_at("status.phase"), "Starting");
    assert_true(stage_has_pod(RUN "-worker-0-a1"));
    stage_end();
}

TEST(a_pod_that_the_node_refuses_queues_again_after_a_pause)
{
    stage_begin();
    stage_gpus = "1";
    stage_start();
    stage_pod_says(RUN "-worker-0", "Failed",
                   ",'reason':'UnexpectedAdmissionError','message':'no healthy devices'");
    stage_settle();
    stage_expect_phase("Starting", "PodRejected");
    assert_non_null(strstr(stage_run_at("status.message"), "no healthy devices"));
    assert_int_equal(paper_find(&stage, &kind_pod, NS, RUN "-worker-0")->deleted_ms, 0);
    stage.now_ms = stage.plan.wake_at_ms;
    stage_settle();
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_expect(stage_run_at("status.attempt"), "1");
    stage_end();
}

TEST(a_failed_fetch_is_an_error_that_says_why)
{
    stage_begin();
    stage_extra = INPUT;
    stage_start();
    stage_pod_says(
        RUN "-worker-0", "Failed",
        ",'initContainerStatuses':[{'name':'fetch','state':{'terminated':{'exitCode':1,'message':"
        "'{\\'error\\':{\\'reason\\':\\'FetchFailed\\',\\'message\\':\\'the "
        "store "
        "says no\\'}}'}}}]");
    stage_settle();
    stage_expect_error("FetchFailed", "fetched", "the store says no");
    stage_end();
}

TEST(a_command_that_is_not_in_the_image_is_an_error_that_names_the_field)
{
    stage_begin();
    stage_start();
    stage_pod_says(
        RUN "-worker-0", "Failed",
        ",'containerStatuses':[" ENDED("main", "128",
                                       ",'reason':'StartError','message':'exec: python3: "
                                       "executable file not found in $PATH'") "]");
    stage_settle();
    stage_expect_error("CommandNotFound", "spec.command", "python3");
    stage_end();
}

TEST(an_image_that_vanished_is_an_error_and_its_pod_goes)
{
    stage_begin();
    stage_gpus = "1";
    stage_start();
    stage_pod_says(RUN "-worker-0", "Pending",
                   ",'containerStatuses':[" WAITS("main", "ImagePullBackOff") "]");
    stage.now_ms += 2 * MINUTE;
    stage_settle();
    stage_expect_error("UnknownImage", "spec.image", "example:1");
    assert_true(paper_find(&stage, &kind_pod, NS, RUN "-worker-0")->deleted_ms > 0);
    stage_end();
}

/* --- Running
 * ------------------------------------------------------------------------------------------------
 */

TEST(a_running_training_run_shows_training_in_its_state_only)
{
    stage_begin();
    stage_go();
    stage_expect(stage_run_at("status.state"), "Training");
    stage_expect(stage_run_at("status.startTime"), "2026-09-21T14:13:30Z");
    stage_end();
}

TEST(a_run_whose_outputs_are_being_stored_says_so)
{
    stage_begin();
    stage_extra = OUTPUT;
    stage_go();
    stage_pod_says(RUN "-worker-0", "Running", stage_uploading);
    stage_settle();
    stage_expect_phase("Running", "UploadingOutputs");
    stage_end();
}

TEST(exit_code_0_and_all_outputs_stored_make_a_run_complete)
{
    stage_begin();
    stage_extra = CODE INPUT OUTPUT;
    stage_go();
    stage.log = "epoch 1 loss=0.5\nepoch 2 loss=0.25, accuracy = 0.97\n";
    stage_pod_says(RUN "-worker-0", "Succeeded", stage_done);
    stage_settle();
    stage_expect_phase("Complete", "Complete");
    stage_expect(stage_run_at("status.conditions.0.type"), "Ready");
    stage_expect(stage_run_at("status.conditions.0.status"), "True");
    stage_expect(stage_run_at("status.exitCode"), "0");
    stage_expect(stage_run_at("status.outputs"),
                 "[{\"kind\":\"Model\",\"name\":\"digits\",\"digest\":\"" DIGEST
                 "\",\"size\":12,\"files\":3}]");
    stage_expect(
        stage_run_at("status.metrics"),
        "[{\"name\":\"loss\",\"value\":\"0.25\"},{\"name\":\"accuracy\",\"value\":\"0.97\"}]");
    assert_true(stage_has_pod(RUN "-worker-0"));
    stage_end();
}

TEST(each_output_gets_its_own_of_the_report_whatever_the_order)
{
    stage_begin();
    paper_put(&stage, &kind_model, "{'metadata':{'namespace':'" NS "','name':'other'},'spec':{}}");
    stage_extra = ",'outputs':[{'name':'digits','mountPath':'/out'},{'name':'other','mountPath':"
                  "'/other'}]";
    stage_go();
    stage_pod_says(
        RUN "-worker-0", "Succeeded",
        ",'initContainerStatuses':[" ENDED("fetch", "0", "") "," ENDED(
            "collect", "0",
            ",'message':'{\\'outputs\\':[{\\'name\\':\\'other\\',\\'digest\\':\\'" DIGEST
            "\\'},{\\'name\\':\\'digits\\',\\'digest\\':\\'" DIGEST
            "\\',\\'size\\':12,\\'files\\':3}]}'") "],'containerStatuses':[" ENDED("main", "0",
                                                                                   "") "]");
    stage_settle();
    stage_expect_phase("Complete", "Complete");
    stage_expect(stage_run_at("status.outputs"),
                 "[{\"kind\":\"Model\",\"name\":\"digits\",\"digest\":\"" DIGEST
                 "\",\"size\":12,\"files\":3},{\"kind\":\"Model\",\"name\":\"other\",\"digest\":"
                 "\"" DIGEST "\",\"size\":0,\"files\":0}]");
    stage_end();
}

TEST(the_version_made_of_an_output_is_named_in_the_status)
{
    stage_begin();
    stage_extra = OUTPUT;
    stage_go();
    stage_pod_says(RUN "-worker-0", "Succeeded", stage_done);
    stage_settle();
    paper_put(&stage, &kind_artifactversion,
              "{'metadata':{'namespace':'" NS "','name':'model-digits-v1'},'spec':{'of':{'kind':"
              "'Model','name':'digits'},'number':1,'runUID':'%s','output':'digits'}}",
              paper_find(&stage, &kind_dkuberun, NS, RUN)->uid);
    stage_settle();
    stage_expect(stage_run_at("status.outputs.0.version"), "model-digits-v1");
    stage_end();
}

TEST(a_log_that_cannot_be_read_does_not_hold_up_the_end)
{
    stage_begin();
    stage_go();
    stage_pod_says(RUN "-worker-0", "Succeeded", stage_done);
    stage_settle();
    stage_expect_phase("Complete", "Complete");
    stage_expect(stage_run_at("status.metrics"), "");
    stage_end();
}

TEST(an_output_that_was_not_stored_is_an_error_and_none_is_kept)
{
    stage_begin();
    stage_extra = OUTPUT;
    stage_go();
    stage_pod_says(RUN "-worker-0", "Succeeded",
                   ",'initContainerStatuses':[" ENDED(
                       "collect", "1",
                       ",'message':'{\\'error\\':{\\'reason\\':\\'OutputUploadFailed\\',"
                       "\\'message\\':\\'the store is full\\'}}'") "],'containerStatuses':"
                                                                   "[" ENDED("main", "0", "") "]");
    stage_settle();
    stage_expect_error("OutputUploadFailed", "spec.outputs 'digits'", "the store is full");
    stage_expect(stage_run_at("status.outputs"), "");
    stage_end();
}

static const char exit_3[] = ",'containerStatuses':[" ENDED("main", "3", ",'reason':'Error'") "]";

TEST(a_command_that_exits_with_3_is_an_error_that_says_where_its_log_is)
{
    stage_begin();
    stage_extra = ",'restarts':2";
    stage_go();
    stage.log = "accuracy=0.5\n";
    stage_pod_says(RUN "-worker-0", "Failed", exit_3);
    stage_settle();
    stage_expect_error("CommandFailed", "exited with 3",
                       "kubectl logs -n vision r1-worker-0 -c main");
    stage_expect(stage_run_at("status.exitCode"), "3");
    stage_expect(stage_run_at("status.metrics.0.value"), "0.5");
    assert_true(stage_has_pod(RUN "-worker-0"));
    stage_end();
}

TEST(a_run_killed_for_its_memory_names_the_field)
{
    stage_begin();
    stage_go();
    stage_pod_says(RUN "-worker-0", "Failed",
                   ",'containerStatuses':[" ENDED("main", "137", ",'reason':'OOMKilled'") "]");
    stage_settle();
    stage_expect_error("OutOfMemory", "spec.resources.memory", "raise");
    stage_end();
}

TEST(an_exit_code_from_128_on_uses_up_a_restart)
{
    stage_begin();
    stage_gpus = "1";
    stage_extra = ",'restarts':1";
    stage_go();
    stage_pod_says(RUN "-worker-0", "Failed",
                   ",'containerStatuses':[" ENDED("main", "139", "") "]");
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "WaitingForGPUs");
    stage_expect(stage_run_at("status.attempt"), "1");
    stage_expect(stage_run_at("status.restarts"), "1");
    stage_expect(stage_run_at("status.startTime"), "");
    stage_expect(stage_run_at("status.exitCode"), "");
    stage_admit(1);
    stage_pod_says(RUN "-worker-0-a1", "Running", stage_running);
    stage_settle();
    stage_pod_says(RUN "-worker-0-a1", "Failed",
                   ",'containerStatuses':[" ENDED("main", "139", "") "]");
    stage_settle();
    stage_expect_error("CommandFailed", "139", "a1");
    stage_end();
}

TEST(a_run_without_gpus_starts_again_without_the_queue)
{
    stage_begin();
    stage_extra = ",'restarts':1";
    stage_go();
    stage_pod_says(RUN "-worker-0", "Failed",
                   ",'containerStatuses':[" ENDED("main", "139", "") "]");
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "Starting");
    stage_expect(stage_run_at("status.attempt"), "1");
    assert_true(stage_has_pod(RUN "-worker-0-a1"));
    stage_end();
}

TEST(the_first_lost_node_costs_no_restart_and_the_next_does)
{
    stage_begin();
    stage_go();
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect(stage_run_at("status.phase"), "Starting");
    stage_expect(stage_run_at("status.attempt"), "1");
    stage_expect(stage_run_at("status.restarts"), "0");
    stage_expect(stage_run_at("status.nodeLosses"), "1");
    stage_pod_says(RUN "-worker-0-a1", "Running", stage_running);
    stage_settle();
    stage_pod_says(RUN "-worker-0-a1", "Failed", ",'reason':'NodeShutdown','message':'going down'");
    stage_settle();
    stage_expect_error("NodeLost", "going down", "spec.restarts");
    stage_end();
}

TEST(a_pod_being_ended_by_the_cluster_is_waited_for)
{
    stage_begin();
    stage_go();
    paper_delete(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect_phase("Running", "PodLeaving");
    stage_expect(stage_run_at("status.attempt"), "0");
    stage_end();
}

TEST(a_pod_that_nobody_can_end_is_removed_by_force)
{
    stage_begin();
    stage_go();
    paper_delete(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_put_node(false);
    stage_settle();
    assert_true(stage_has_pod(RUN "-worker-0"));
    stage.now_ms += MINUTE;
    paper_plan(&stage, &dkuberun_controller, NS, RUN);
    assert_int_equal(stage.plan.op_count, 1);
    assert_int_equal(stage.plan.ops[0].verb, OP_DELETE);
    assert_int_equal(stage.plan.ops[0].grace_s, 0);
    stage_end();
}

TEST(a_run_that_is_too_long_is_stopped_and_an_error)
{
    stage_begin();
    stage_extra = ",'maxRuntime':'1h30m'";
    stage_go();
    assert_int_equal(stage.plan.wake_at_ms, PAPER_NOW_MS + 10000 + 90 * MINUTE);
    stage.now_ms = stage.plan.wake_at_ms;
    stage_settle();
    stage_expect_phase("Stopping", "MaxRuntimeExceeded");
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect_error("MaxRuntimeExceeded", "spec.maxRuntime", "1h30m");
    stage_end();
}

/* --- stopping and deleting ------------------------------------------------------------------- */

TEST(a_stop_before_admission_ends_without_a_pod)
{
    stage_begin();
    stage_gpus = "1";
    stage_resolve();
    stage_add_to_spec(",'stop':true");
    stage_settle();
    stage_expect_phase("Stopped", "Stopped");
    assert_false(stage_has_pod(RUN "-worker-0"));
    stage_end();
}

TEST(a_stop_while_it_is_looked_up_leaves_nothing)
{
    stage_begin();
    stage_put_run();
    stage_settle();
    stage_add_to_spec(",'stop':true");
    stage_settle();
    stage_expect_phase("Stopped", "Stopped");
    assert_true(paper_find(&stage, &kind_pod, NS, RUN "-resolve-0")->deleted_ms > 0);
    stage_end();
}

TEST(a_stop_ends_the_pod_with_its_grace_and_then_the_run)
{
    stage_begin();
    stage_go();
    stage_add_to_spec(",'stop':true");
    paper_plan(&stage, &dkuberun_controller, NS, RUN);
    paper_apply(&stage);
    stage_expect_phase("Stopping", "StopRequested");
    paper_plan(&stage, &dkuberun_controller, NS, RUN);
    assert_int_equal(stage.plan.op_count, 1);
    assert_int_equal(stage.plan.ops[0].verb, OP_DELETE);
    assert_int_equal(stage.plan.ops[0].grace_s, 60);
    paper_apply(&stage);
    stage_settle();
    stage_expect_phase("Stopping", "StopRequested");
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect_phase("Stopped", "Stopped");
    assert_string_not_equal(stage_run_at("status.completionTime"), "");
    stage_end();
}

TEST(a_stopped_run_never_makes_outputs)
{
    stage_begin();
    stage_extra = OUTPUT;
    stage_go();
    stage_add_to_spec(",'stop':true");
    stage_settle();
    stage_pod_says(RUN "-worker-0", "Succeeded", stage_done);
    stage_settle();
    stage_expect_phase("Stopped", "Stopped");
    stage_expect(stage_run_at("status.outputs"), "");
    stage_end();
}

TEST(a_run_deleted_while_active_is_stopped_first)
{
    stage_begin();
    stage_go();
    paper_delete(&stage, &kind_dkuberun, NS, RUN);
    stage_settle();
    stage_expect_phase("Stopping", "StopRequested");
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect_phase("Stopped", "Stopped");
    stage_end();
}

TEST(a_run_that_is_gone_plans_nothing)
{
    stage_begin();
    paper_plan(&stage, &dkuberun_controller, NS, "ghost");
    assert_true(plan_is_empty(&stage.plan));
    stage_end();
}

TEST(a_final_phase_is_final)
{
    stage_begin();
    stage_go();
    stage_pod_says(RUN "-worker-0", "Succeeded", stage_done);
    stage_settle();
    stage_add_to_spec(",'stop':true");
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect_phase("Complete", "Complete");
    stage_end();
}

TEST(every_change_of_reason_is_an_event)
{
    stage_begin();
    stage_put_run();
    paper_plan(&stage, &dkuberun_controller, NS, RUN);
    assert_true(paper_has_event(&stage, "Resolving"));
    stage_end();
}

TEST(a_run_without_gpus_that_a_node_refuses_gets_a_new_pod_once)
{
    stage_begin();
    stage_start();
    stage_pod_says(RUN "-worker-0", "Failed",
                   ",'reason':'OutOfcpu','message':'node has not enough cpu'");
    stage_settle();
    stage_expect_phase("Starting", "PodRejected");
    stage.now_ms = stage.plan.wake_at_ms;
    stage_settle();
    paper_drop(&stage, &kind_pod, NS, RUN "-worker-0");
    stage_settle();
    stage_expect(stage_run_at("status.attempt"), "1");
    assert_true(stage_has_pod(RUN "-worker-0-a1"));
    stage_end();
}

SPEC_MAIN()
