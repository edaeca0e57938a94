/* A DkubeRun from its look-up to its end: every transition of the table, and everything people get
 * wrong. */
#include "api/artifactversion.gen.h"
#include "api/coderepo.gen.h"
#include "api/dataset.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/clock.h"
#include "base/span.h"
#include "controllers/dkuberun/dkuberun.h"
#include "support/paper.h"
#include "support/spec.h"

#define NS "vision"
#define RUN "r1"
#define SHA "0123456789abcdef0123456789abcdef01234567"
#define DIGEST "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define MINUTE 60000

static struct paper w;
static const struct step_conf conf = {"dkube:test", "http://store", "IfNotPresent", "dkube-system"};
static const char *extra; /* further members of the run's spec */
static const char *gpus;

#define CODE ",'code':{'repo':'code','commit':'main'}"
#define INPUT ",'inputs':[{'name':'digits','kind':'Dataset','mountPath':'/data'}]"
#define OUTPUT ",'outputs':[{'name':'digits','kind':'Model','mountPath':'/out'}]"

static void put_run(void)
{
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'" NS "','name':'" RUN
              "'},'spec':{'kind':'training','owner'"
              ":'ada','image':'example:1','command':['python3','train.py'],'gpus':%s,"
              "'terminationGracePeriodSeconds':60%s}}",
              gpus, extra);
}

static void put_pool(int capacity, int largest)
{
    paper_put(&w, &kind_pool,
              "{'metadata':{'name':'a100'},'spec':{'gpus':%d},'status':{'observedGeneration':9,"
              "'capacity':%d,'nodes':[{'name':'n1','gpus':%d,'type':'A100'}]}}",
              capacity, capacity, largest);
}

static void put_node(bool ready)
{
    paper_put(&w, &kind_node,
              "{'metadata':{'name':'n1','labels':{'nvidia.com/gpu.product':'A100'}},'spec':{},"
              "'status':{'capacity':{'nvidia.com/gpu':'2'},'allocatable':{'nvidia.com/gpu':'2'},"
              "'conditions':[{'type':'Ready','status':'%s'}]}}",
              ready ? "True" : "False");
}

static void put_version(const char *kind, const char *of, int number, bool ready)
{
    paper_put(&w, &kind_artifactversion,
              "{'metadata':{'namespace':'" NS "','name':'%s-%s-v%d'},'spec':{'of':{'kind':'%s',"
              "'name':'%s'},'number':%d,'digest':'" DIGEST "'},'status':{'ready':%s}}",
              kind, of, number, kind, of, number, ready ? "true" : "false");
}

/* Everything that a good run names. */
static void begin(void)
{
    static const struct controller *const list[] = {&dkuberun_controller};

    paper_init(&w, list, 1);
    w.conf = &conf;
    w.keep_pods = true;
    extra = "";
    gpus = "0";
    put_node(true);
    put_pool(2, 2);
    paper_put(&w, &kind_group,
              "{'metadata':{'name':'vision'},'spec':{'poolRef':'a100'},'status':{'namespace':'" NS
              "'}}");
    paper_put(&w, &kind_coderepo,
              "{'metadata':{'namespace':'" NS "','name':'code'},'spec':{'url':'http://git/x.git',"
              "'branch':'main'}}");
    paper_put(&w, &kind_dataset, "{'metadata':{'namespace':'" NS "','name':'digits'},'spec':{}}");
    paper_put(&w, &kind_model, "{'metadata':{'namespace':'" NS "','name':'digits'},'spec':{}}");
    put_version("Dataset", "digits", 1, true);
}

static void end(void)
{
    paper_done(&w);
}

static void settle(void)
{
    paper_settle(&w, &dkuberun_controller, NS, RUN);
}

static const char *run_at(const char *path)
{
    return paper_at(&w, &kind_dkuberun, NS, RUN, path);
}

static const char *pod_at(const char *pod, const char *path)
{
    return paper_at(&w, &kind_pod, NS, pod, path);
}

static bool has_pod(const char *name)
{
    return paper_find(&w, &kind_pod, NS, name) != NULL;
}

static void expect(const char *have, const char *want)
{
    assert_string_equal(have, want);
}

static void expect_phase(const char *phase, const char *reason)
{
    expect(run_at("status.phase"), phase);
    expect(run_at("status.reason"), reason);
}

/* An Error with its reason, one line, and all of these words. */
static void expect_error(const char *reason, const char *word, const char *more)
{
    const char *message = run_at("status.message");

    expect_phase("Error", reason);
    if (strstr(message, word) == NULL || strstr(message, more) == NULL ||
        strchr(message, '\n') != NULL) {
        fail_msg("'%s' lacks '%s' or '%s', or is not one line", message, word, more);
    }
    expect(run_at("status.conditions.0.status"), "False");
    expect(run_at("status.conditions.2.type"), "Stalled");
    expect(run_at("status.conditions.2.status"), "True");
    expect(run_at("status.conditions.2.reason"), reason);
    assert_string_not_equal(run_at("status.completionTime"), "");
}

/* --- pods play ------------------------------------------------------------------------------- */

static void pod_says(const char *name, const char *phase, const char *fields)
{
    assert_true(has_pod(name));
    paper_put(&w, &kind_pod,
              "{'metadata':{'namespace':'" NS "','name':'%s','ownerReferences':[{'kind':'DkubeRun',"
              "'name':'" RUN "','uid':'%s','controller':true}]},'spec':{'nodeName':'n1'},'status':{"
              "'phase':'%s'%s}}",
              name, paper_find(&w, &kind_dkuberun, NS, RUN)->uid, phase, fields);
}

#define ENDED(name, code, more)                                                                 \
    "{'name':'" name "','imageID':'example@" DIGEST "','state':{'terminated':{'exitCode':" code \
    ",'startedAt':'2026-09-21T14:13:30Z'" more "}}}"
#define RUNS(name) "{'name':'" name "','state':{'running':{'startedAt':'2026-09-21T14:13:30Z'}}}"
#define WAITS(name, why) \
    "{'name':'" name "','state':{'waiting':{'reason':'" why "','message':'it is so'}}}"
#define REPORT                                                         \
    "{\\'outputs\\':[{\\'name\\':\\'digits\\',\\'digest\\':\\'" DIGEST \
    "\\',\\'size\\':12,\\'files\\':3}]}"

static const char resolved[] = ",'containerStatuses':[" ENDED("image", "0", "") "," ENDED(
    "commit", "0", ",'message':'{\\'commit\\':\\'" SHA "\\'}'") "]";
static const char running[] = ",'initContainerStatuses':[" ENDED("fetch", "0", "") "," RUNS(
    "collect") "],'containerStatuses':[" RUNS("main") "]";
static const char uploading[] = ",'initContainerStatuses':[" ENDED("fetch", "0", "") "," RUNS(
    "collect") "],'containerStatuses':[" ENDED("main", "0", "") "]";
static const char done[] = ",'initContainerStatuses':[" ENDED("fetch", "0", "") "," ENDED(
    "collect", "0", ",'message':'" REPORT "'") "],'containerStatuses':[" ENDED("main", "0", "") "]";

static void resolve(void)
{
    put_run();
    settle();
    pod_says(RUN "-resolve-0", "Succeeded", resolved);
    settle();
    if (has_pod(RUN "-resolve-0")) {
        paper_drop(&w, &kind_pod, NS, RUN "-resolve-0");
    }
    settle();
}

/* What the ledger would write. */
static void admit(int attempt)
{
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'" NS "','name':'" RUN
              "'},'spec':{'kind':'training','owner'"
              ":'ada','image':'example:1','command':['python3','train.py'],'gpus':%s,"
              "'terminationGracePeriodSeconds':60%s},'status':{'admission':{'attempt':%d,'pool':"
              "'a100','type':'A100','nodes':[{'name':'n1','gpus':%s}]}}}",
              gpus, extra, attempt, gpus);
    settle();
}

static void start(void)
{
    resolve();
    if (!str_eq(gpus, "0")) {
        admit(0);
    }
    expect_phase("Starting", "Starting");
}

static void go(void)
{
    start();
    pod_says(RUN "-worker-0", "Running", running);
    settle();
    expect_phase("Running", "Running");
}

static void add_to_spec(const char *more)
{
    extra = arena_printf(&w.a, "%s%s", extra, more);
    put_run();
}

/* --- Queued ---------------------------------------------------------------------------------- */

TEST(a_new_run_is_queued_and_looked_up_by_one_pod)
{
    begin();
    extra = CODE;
    put_run();
    settle();
    expect_phase("Queued", "Resolving");
    expect(run_at("status.conditions.1.type"), "Reconciling");
    expect(run_at("status.conditions.1.status"), "True");
    assert_int_equal(w.creates, 1);
    expect(pod_at(RUN "-resolve-0", "spec.containers.0.image"), "example:1");
    expect(pod_at(RUN "-resolve-0", "spec.containers.0.command.0"), "/dkube-probe/probe");
    expect(pod_at(RUN "-resolve-0", "spec.containers.1.command"),
           "[\"/usr/bin/step\",\"resolve\",\"--url\",\"http://git/x.git\",\"--ref\",\"main\","
           "\"--commit\",\"main\"]");
    expect(pod_at(RUN "-resolve-0", "spec.automountServiceAccountToken"), "false");
    expect(pod_at(RUN "-resolve-0", "spec.serviceAccountName"), "dkube-run");
    end();
}

TEST(a_run_without_code_is_looked_up_without_git)
{
    begin();
    put_run();
    settle();
    expect(pod_at(RUN "-resolve-0", "spec.containers.1"), "");
    pod_says(RUN "-resolve-0", "Succeeded", ",'containerStatuses':[" ENDED("image", "0", "") "]");
    settle();
    expect(run_at("status.phase"), "Starting");
    expect(run_at("status.commit"), "");
    end();
}

TEST(what_was_found_stands_in_the_status_before_the_queue)
{
    begin();
    gpus = "2";
    extra = CODE INPUT;
    put_version("Dataset", "digits", 2, true);
    put_version("Dataset", "digits", 3, false);
    resolve();
    expect_phase("WaitingForGPUs", "WaitingForGPUs");
    expect(run_at("status.commit"), SHA);
    expect(run_at("status.imageDigest"), "example@" DIGEST);
    expect(run_at("status.inputs.0.version"), "2");
    expect(run_at("status.inputs.0.digest"), DIGEST);
    expect(run_at("status.totalGPUs"), "2");
    assert_false(has_pod(RUN "-worker-0"));
    end();
}

TEST(the_pod_of_the_look_up_goes_once_its_answer_stands)
{
    begin();
    gpus = "1";
    put_run();
    settle();
    pod_says(RUN "-resolve-0", "Succeeded", resolved);
    paper_plan(&w, &dkuberun_controller, NS, RUN);
    assert_int_equal(w.plan.op_count, 1);
    assert_int_equal(w.plan.ops[0].verb, OP_STATUS);
    paper_apply(&w);
    settle();
    assert_int_equal(w.deletes, 1);
    end();
}

TEST(a_run_without_gpus_never_enters_the_queue)
{
    begin();
    resolve();
    expect(run_at("status.phase"), "Starting");
    assert_true(has_pod(RUN "-worker-0"));
    expect(pod_at(RUN "-worker-0", "spec.affinity"), "");
    end();
}

TEST(a_run_waits_for_the_first_version_of_its_dataset)
{
    begin();
    extra = INPUT;
    put_version("Dataset", "digits", 1, false);
    put_run();
    settle();
    expect_phase("Queued", "NoVersionYet");
    assert_int_equal(w.creates, 0);
    put_version("Dataset", "digits", 1, true);
    settle();
    expect_phase("Queued", "Resolving");
    end();
}

TEST(a_look_up_that_was_lost_is_made_again)
{
    begin();
    put_run();
    settle();
    pod_says(RUN "-resolve-0", "Failed", ",'reason':'Evicted'");
    w.now_ms += MINUTE;
    settle();
    expect_phase("Queued", "Resolving");
    paper_drop(&w, &kind_pod, NS, RUN "-resolve-0");
    settle();
    assert_int_equal(w.creates, 2);
    end();
}

/* --- what people get wrong ------------------------------------------------------------------- */

static void is_refused(const char *reason, const char *word, const char *more)
{
    put_run();
    settle();
    expect(run_at("status.phase"), "Queued"); /* what it names may still be on its way */
    w.now_ms += MINUTE;
    settle();
    expect_error(reason, word, more);
    assert_int_equal(w.creates, 0);
}

TEST(an_unknown_code_repo_is_an_error_that_names_the_field)
{
    begin();
    extra = ",'code':{'repo':'nowhere'}";
    is_refused("UnknownCodeRepo", "spec.code.repo", "nowhere");
    end();
}

TEST(an_unknown_dataset_is_an_error_that_names_the_field)
{
    begin();
    extra = ",'inputs':[{'name':'nothing','kind':'Dataset','mountPath':'/data'}]";
    is_refused("UnknownDataset", "spec.inputs", "nothing");
    end();
}

TEST(an_unknown_model_as_input_is_an_error_that_names_the_field)
{
    begin();
    extra = ",'inputs':[{'name':'nothing','kind':'Model','mountPath':'/data'}]";
    is_refused("UnknownModel", "spec.inputs", "nothing");
    end();
}

TEST(an_unknown_model_as_output_is_an_error_that_names_the_field)
{
    begin();
    extra = ",'outputs':[{'name':'nothing','kind':'Model','mountPath':'/out'}]";
    is_refused("UnknownModel", "spec.outputs", "nothing");
    end();
}

TEST(an_unknown_version_is_an_error_that_names_the_newest)
{
    begin();
    extra = ",'inputs':[{'name':'digits','kind':'Dataset','version':99,'mountPath':'/data'}]";
    is_refused("UnknownVersion", "99", "newest is 1");
    end();
}

TEST(a_namespace_of_no_group_is_an_error)
{
    begin();
    paper_drop(&w, &kind_group, "", "vision");
    is_refused("NoGroup", "metadata.namespace", NS);
    end();
}

TEST(gpus_for_a_group_without_a_pool_are_an_error)
{
    begin();
    gpus = "1";
    paper_put(&w, &kind_group,
              "{'metadata':{'name':'vision'},'spec':{},'status':{'namespace':'" NS "'}}");
    is_refused("NoPool", "spec.gpus", "vision");
    end();
}

TEST(gpus_from_a_pool_that_is_not_there_are_an_error)
{
    begin();
    gpus = "1";
    paper_drop(&w, &kind_pool, "", "a100");
    is_refused("UnknownPool", "spec.gpus", "a100");
    end();
}

TEST(more_gpus_than_the_pool_owns_are_an_error_at_once)
{
    begin();
    gpus = "5";
    put_run();
    settle();
    expect_error("ExceedsPool", "spec.gpus is 5", "has 2");
    assert_int_equal(w.creates, 0);
    end();
}

TEST(more_gpus_than_one_node_has_are_an_error_at_once)
{
    begin();
    gpus = "3";
    put_pool(4, 2);
    put_run();
    settle();
    expect_error("ExceedsNode", "spec.gpus is 3", "at most 2");
    end();
}

TEST(a_gpu_type_that_the_pool_has_not_is_an_error_at_once)
{
    begin();
    gpus = "1";
    extra = ",'gpuType':'H100'";
    put_run();
    settle();
    expect_error("WrongGPUType", "spec.gpuType is 'H100'", "A100");
    end();
}

TEST(a_pool_that_has_not_been_counted_refuses_nobody)
{
    begin();
    gpus = "5";
    paper_put(&w, &kind_pool, "{'metadata':{'name':'a100'},'spec':{'gpus':9},'status':{}}");
    put_run();
    settle();
    expect_phase("Queued", "PoolPending");
    end();
}

TEST(a_pool_that_shrinks_refuses_the_waiting_runs_that_no_longer_fit)
{
    begin();
    gpus = "2";
    resolve();
    put_pool(1, 1);
    paper_put(&w, &kind_pool,
              "{'metadata':{'name':'a100'},'spec':{'gpus':1},'status':{'observedGeneration':9,"
              "'capacity':1,'nodes':[{'name':'n1','gpus':1,'type':'A100'}]}}");
    settle();
    expect_error("ExceedsPool", "spec.gpus is 2", "has 1");
    end();
}

TEST(an_unknown_image_is_an_error_after_a_short_while)
{
    begin();
    put_run();
    settle();
    pod_says(RUN "-resolve-0", "Pending",
             ",'containerStatuses':[" WAITS("image", "ErrImagePull") "]");
    settle();
    expect_phase("Queued", "Resolving");
    assert_true(w.plan.wake_at_ms > w.now_ms);
    w.now_ms = w.plan.wake_at_ms;
    settle();
    expect_error("UnknownImage", "spec.image 'example:1'", "it is so");
    assert_int_equal(w.deletes, 1);
    end();
}

TEST(an_image_name_that_is_none_is_an_error_at_once)
{
    begin();
    put_run();
    settle();
    pod_says(RUN "-resolve-0", "Pending",
             ",'containerStatuses':[" WAITS("image", "InvalidImageName") "]");
    settle();
    expect_error("UnknownImage", "spec.image", "example:1");
    end();
}

TEST(an_image_that_cannot_be_started_is_an_error)
{
    begin();
    put_run();
    settle();
    pod_says(RUN "-resolve-0", "Failed",
             ",'containerStatuses':[" ENDED(
                 "image", "128", ",'reason':'StartError','message':'exec format error'") "]");
    settle();
    expect_error("ImageNotRunnable", "spec.image", "exec format error");
    end();
}

static void commit_says(const char *error)
{
    begin();
    extra = CODE;
    put_run();
    settle();
    pod_says(RUN "-resolve-0", "Failed",
             arena_printf(&w.a,
                          ",'containerStatuses':[" ENDED(
                              "image", "0", "") ",{'name':'commit','state':"
                                                "{'terminated':{'exitCode':1,'message':'%s'}}}]",
                          error));
    settle();
}

TEST(an_unknown_commit_is_an_error_that_names_it)
{
    commit_says("{\\'error\\':{\\'reason\\':\\'UnknownCommit\\',\\'message\\':\\'spec.code.commit: "
                "no such commit\\'}}");
    expect_error("UnknownCommit", "spec.code.commit", "no such commit");
    end();
}

TEST(an_unknown_repository_is_an_error_that_says_why)
{
    commit_says("{\\'error\\':{\\'reason\\':\\'UnknownRepository\\',\\'message\\':"
                "\\'404\\'}}");
    expect_error("UnknownRepository", "spec.code.repo 'code'", "404");
    end();
}

TEST(a_look_up_that_ends_without_a_word_is_an_error)
{
    commit_says("");
    expect_error("ResolveFailed", "spec.code.repo", "exit code 1");
    end();
}

/* --- WaitingForGPUs, Starting ---------------------------------------------------------------- */

TEST(an_admission_of_another_attempt_is_not_this_ones)
{
    begin();
    gpus = "1";
    resolve();
    admit(3);
    expect_phase("WaitingForGPUs", "WaitingForGPUs");
    admit(0);
    expect_phase("Starting", "Starting");
    end();
}

TEST(an_admitted_run_gets_one_pod_on_its_node)
{
    begin();
    gpus = "1";
    extra =
        CODE INPUT OUTPUT ",'parameters':[{'name':'GAMMA','value':'0.1'}],'resources':{'cpu':'2',"
                          "'memory':'1Gi','shm':'64Mi'}";
    start();
    assert_int_equal(w.creates, 2);
    expect(run_at("status.podName"), RUN "-worker-0");
    expect(pod_at(RUN "-worker-0",
                  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
                  "nodeSelectorTerms.0.matchFields"),
           "[{\"key\":\"metadata.name\",\"operator\":\"In\",\"values\":[\"n1\"]}]");
    expect(pod_at(RUN "-worker-0", "metadata.labels"),
           "{\"app.kubernetes.io/managed-by\":\"dkube\",\"dkube.io/group\":\"vision\","
           "\"dkube.io/run\":\"" RUN "\",\"dkube.io/role\":\"worker\","
           "\"dkube.io/attempt\":\"0\"}");
    expect(pod_at(RUN "-worker-0", "metadata.ownerReferences.0.controller"), "true");
    end();
}

static const char *env_of(const char *pod, const char *name)
{
    for (int i = 0; i < 20; i++) {
        if (str_eq(pod_at(pod, arena_printf(&w.a, "spec.containers.0.env.%d.name", i)), name)) {
            return pod_at(pod, arena_printf(&w.a, "spec.containers.0.env.%d.value", i));
        }
    }
    return "";
}

TEST(the_program_gets_its_image_by_digest_its_command_and_its_environment)
{
    begin();
    gpus = "1";
    extra =
        CODE ",'parameters':[{'name':'GAMMA','value':'0.1'}],'resources':{'cpu':'2','shm':'64Mi'}";
    start();
    expect(pod_at(RUN "-worker-0", "spec.containers.0.name"), "main");
    expect(pod_at(RUN "-worker-0", "spec.containers.0.image"), "example@" DIGEST);
    expect(pod_at(RUN "-worker-0", "spec.containers.0.command"), "[\"python3\",\"train.py\"]");
    expect(pod_at(RUN "-worker-0", "spec.containers.0.workingDir"), "/mnt/dkube/code");
    expect(pod_at(RUN "-worker-0", "spec.containers.0.resources.limits"),
           "{\"cpu\":\"2\",\"nvidia.com/gpu\":\"1\"}");
    expect(pod_at(RUN "-worker-0", "spec.containers.0.resources.requests"),
           "{\"cpu\":\"2\",\"nvidia.com/gpu\":\"1\"}");
    expect(env_of(RUN "-worker-0", "GAMMA"), "0.1");
    expect(env_of(RUN "-worker-0", "DKUBE_JOB_NAME"), RUN);
    expect(env_of(RUN "-worker-0", "DKUBE_JOB_CLASS"), "training");
    expect(env_of(RUN "-worker-0", "DKUBE_GPUS"), "1");
    expect(env_of(RUN "-worker-0", "DKUBE_USER_LOGIN_NAME"), "ada");
    expect(env_of(RUN "-worker-0", "DKUBE_JOB_UUID"), paper_find(&w, &kind_dkuberun, NS, RUN)->uid);
    end();
}

TEST(an_image_that_was_imported_by_hand_keeps_its_name)
{
    begin();
    put_run();
    settle();
    pod_says(RUN "-resolve-0", "Succeeded",
             ",'containerStatuses':[{'name':'image','imageID':'sha256:abc','state':{'terminated':{"
             "'exitCode':0}}}]");
    settle();
    expect(pod_at(RUN "-worker-0", "spec.containers.0.image"), "example:1");
    expect(run_at("status.imageDigest"), "sha256:abc");
    end();
}

TEST(only_fetch_and_collect_see_the_stores_token)
{
    begin();
    extra = CODE INPUT OUTPUT;
    start();
    expect(pod_at(RUN "-worker-0", "spec.initContainers.0.name"), "fetch");
    expect(pod_at(RUN "-worker-0", "spec.initContainers.1.name"), "collect");
    expect(pod_at(RUN "-worker-0", "spec.initContainers.1.restartPolicy"), "Always");
    assert_non_null(strstr(pod_at(RUN "-worker-0", "spec.initContainers.0"), "/token"));
    assert_null(strstr(pod_at(RUN "-worker-0", "spec.containers.0"), "token"));
    expect(pod_at(RUN "-worker-0", "spec.automountServiceAccountToken"), "false");
    expect(pod_at(RUN "-worker-0", "spec.restartPolicy"), "Never");
    assert_non_null(strstr(pod_at(RUN "-worker-0", "spec.initContainers.0.env.1.value"), SHA));
    assert_non_null(strstr(pod_at(RUN "-worker-0", "spec.initContainers.0.env.1.value"), DIGEST));
    assert_non_null(strstr(pod_at(RUN "-worker-0", "spec.initContainers.1.env.1.value"),
                           "{\"name\":\"digits\",\"dir\":\"/out\"}"));
    end();
}

TEST(code_and_inputs_are_read_only_for_the_program)
{
    begin();
    extra = CODE INPUT OUTPUT;
    start();
    expect(pod_at(RUN "-worker-0", "spec.containers.0.volumeMounts"),
           "[{\"name\":\"code\",\"mountPath\":\"/mnt/dkube/code\",\"readOnly\":true},"
           "{\"name\":\"input-0\",\"mountPath\":\"/data\",\"readOnly\":true},"
           "{\"name\":\"output-0\",\"mountPath\":\"/out\",\"readOnly\":false}]");
    end();
}

TEST(a_pod_name_that_is_somebody_elses_is_never_adopted)
{
    begin();
    resolve();
    paper_drop(&w, &kind_pod, NS, RUN "-worker-0");
    paper_put(&w, &kind_pod,
              "{'metadata':{'namespace':'" NS "','name':'" RUN "-worker-0'},'spec':{},'status':{"
              "'phase':'Running'}}");
    settle();
    expect_phase("Starting", "NameTaken");
    expect(run_at("status.conditions.2.status"), "True");
    paper_drop(&w, &kind_pod, NS, RUN "-worker-0");
    settle();
    expect_phase("Starting", "Starting");
    end();
}

TEST(a_pod_that_gets_no_node_in_time_gives_its_gpus_back_and_queues_again)
{
    begin();
    gpus = "1";
    start();
    w.now_ms += 2 * MINUTE;
    settle();
    expect_phase("Starting", "NotScheduled");
    assert_int_equal(paper_find(&w, &kind_pod, NS, RUN "-worker-0")->deleted_ms, w.now_ms);
    expect(run_at("status.attempt"), "0");
    paper_drop(&w, &kind_pod, NS, RUN "-worker-0");
    settle();
    expect(run_at("status.phase"), "WaitingForGPUs");
    expect(run_at("status.attempt"), "1");
    expect(run_at("status.restarts"), "0");
    admit(1);
    expect(run_at("status.phase"), "Starting");
    assert_true(has_pod(RUN "-worker-0-a1"));
    end();
}

TEST(a_pod_that_the_node_refuses_queues_again_after_a_pause)
{
    begin();
    gpus = "1";
    start();
    pod_says(RUN "-worker-0", "Failed",
             ",'reason':'UnexpectedAdmissionError','message':'no healthy devices'");
    settle();
    expect_phase("Starting", "PodRejected");
    assert_non_null(strstr(run_at("status.message"), "no healthy devices"));
    assert_int_equal(paper_find(&w, &kind_pod, NS, RUN "-worker-0")->deleted_ms, 0);
    w.now_ms = w.plan.wake_at_ms;
    settle();
    paper_drop(&w, &kind_pod, NS, RUN "-worker-0");
    settle();
    expect(run_at("status.phase"), "WaitingForGPUs");
    expect(run_at("status.attempt"), "1");
    end();
}

TEST(a_failed_fetch_is_an_error_that_says_why)
{
    begin();
    extra = INPUT;
    start();
    pod_says(
        RUN "-worker-0", "Failed",
        ",'initContainerStatuses':[{'name':'fetch','state':{'terminated':{'exitCode':1,'message':"
        "'{\\'error\\':{\\'reason\\':\\'FetchFailed\\',\\'message\\':\\'the "
        "store "
        "says no\\'}}'}}}]");
    settle();
    expect_error("FetchFailed", "fetched", "the store says no");
    end();
}

TEST(a_command_that_is_not_in_the_image_is_an_error_that_names_the_field)
{
    begin();
    start();
    pod_says(RUN "-worker-0", "Failed",
             ",'containerStatuses':[" ENDED("main", "128",
                                            ",'reason':'StartError','message':'exec: python3: "
                                            "executable file not found in $PATH'") "]");
    settle();
    expect_error("CommandNotFound", "spec.command", "python3");
    end();
}

TEST(an_image_that_vanished_is_an_error_and_its_pod_goes)
{
    begin();
    gpus = "1";
    start();
    pod_says(RUN "-worker-0", "Pending",
             ",'containerStatuses':[" WAITS("main", "ImagePullBackOff") "]");
    w.now_ms += 2 * MINUTE;
    settle();
    expect_error("UnknownImage", "spec.image", "example:1");
    assert_true(paper_find(&w, &kind_pod, NS, RUN "-worker-0")->deleted_ms > 0);
    end();
}

/* --- Running
 * ------------------------------------------------------------------------------------------------
 */

TEST(a_running_training_run_shows_training_in_its_state_only)
{
    begin();
    go();
    expect(run_at("status.state"), "Training");
    expect(run_at("status.startTime"), "2026-09-21T14:13:30Z");
    end();
}

TEST(a_run_whose_outputs_are_being_stored_says_so)
{
    begin();
    extra = OUTPUT;
    go();
    pod_says(RUN "-worker-0", "Running", uploading);
    settle();
    expect_phase("Running", "UploadingOutputs");
    end();
}

TEST(exit_code_0_and_all_outputs_stored_make_a_run_complete)
{
    begin();
    extra = CODE INPUT OUTPUT;
    go();
    w.log = "epoch 1 loss=0.5\nepoch 2 loss=0.25, accuracy = 0.97\n";
    pod_says(RUN "-worker-0", "Succeeded", done);
    settle();
    expect_phase("Complete", "Complete");
    expect(run_at("status.conditions.0.type"), "Ready");
    expect(run_at("status.conditions.0.status"), "True");
    expect(run_at("status.exitCode"), "0");
    expect(run_at("status.outputs"), "[{\"kind\":\"Model\",\"name\":\"digits\",\"digest\":\"" DIGEST
                                     "\",\"size\":12,\"files\":3}]");
    expect(run_at("status.metrics"),
           "[{\"name\":\"loss\",\"value\":\"0.25\"},{\"name\":\"accuracy\",\"value\":\"0.97\"}]");
    assert_true(has_pod(RUN "-worker-0"));
    end();
}

TEST(the_version_made_of_an_output_is_named_in_the_status)
{
    begin();
    extra = OUTPUT;
    go();
    pod_says(RUN "-worker-0", "Succeeded", done);
    settle();
    paper_put(&w, &kind_artifactversion,
              "{'metadata':{'namespace':'" NS "','name':'model-digits-v1'},'spec':{'of':{'kind':"
              "'Model','name':'digits'},'number':1,'runUID':'%s','output':'digits'}}",
              paper_find(&w, &kind_dkuberun, NS, RUN)->uid);
    settle();
    expect(run_at("status.outputs.0.version"), "model-digits-v1");
    end();
}

TEST(a_log_that_cannot_be_read_does_not_hold_up_the_end)
{
    begin();
    go();
    pod_says(RUN "-worker-0", "Succeeded", done);
    settle();
    expect_phase("Complete", "Complete");
    expect(run_at("status.metrics"), "");
    end();
}

TEST(an_output_that_was_not_stored_is_an_error_and_none_is_kept)
{
    begin();
    extra = OUTPUT;
    go();
    pod_says(RUN "-worker-0", "Succeeded",
             ",'initContainerStatuses':[" ENDED(
                 "collect", "1",
                 ",'message':'{\\'error\\':{\\'reason\\':\\'OutputUploadFailed\\',"
                 "\\'message\\':\\'the store is full\\'}}'") "],'containerStatuses':"
                                                             "[" ENDED("main", "0", "") "]");
    settle();
    expect_error("OutputUploadFailed", "spec.outputs 'digits'", "the store is full");
    expect(run_at("status.outputs"), "");
    end();
}

static const char exit_3[] = ",'containerStatuses':[" ENDED("main", "3", ",'reason':'Error'") "]";

TEST(a_command_that_exits_with_3_is_an_error_that_says_where_its_log_is)
{
    begin();
    extra = ",'restarts':2";
    go();
    w.log = "accuracy=0.5\n";
    pod_says(RUN "-worker-0", "Failed", exit_3);
    settle();
    expect_error("CommandFailed", "exited with 3", "kubectl logs -n vision r1-worker-0 -c main");
    expect(run_at("status.exitCode"), "3");
    expect(run_at("status.metrics.0.value"), "0.5");
    assert_true(has_pod(RUN "-worker-0"));
    end();
}

TEST(a_run_killed_for_its_memory_names_the_field)
{
    begin();
    go();
    pod_says(RUN "-worker-0", "Failed",
             ",'containerStatuses':[" ENDED("main", "137", ",'reason':'OOMKilled'") "]");
    settle();
    expect_error("OutOfMemory", "spec.resources.memory", "raise");
    end();
}

TEST(an_exit_code_from_128_on_uses_up_a_restart)
{
    begin();
    gpus = "1";
    extra = ",'restarts':1";
    go();
    pod_says(RUN "-worker-0", "Failed", ",'containerStatuses':[" ENDED("main", "139", "") "]");
    settle();
    expect(run_at("status.phase"), "WaitingForGPUs");
    expect(run_at("status.attempt"), "1");
    expect(run_at("status.restarts"), "1");
    expect(run_at("status.startTime"), "");
    admit(1);
    pod_says(RUN "-worker-0-a1", "Running", running);
    settle();
    pod_says(RUN "-worker-0-a1", "Failed", ",'containerStatuses':[" ENDED("main", "139", "") "]");
    settle();
    expect_error("CommandFailed", "139", "a1");
    end();
}

TEST(a_run_without_gpus_starts_again_without_the_queue)
{
    begin();
    extra = ",'restarts':1";
    go();
    pod_says(RUN "-worker-0", "Failed", ",'containerStatuses':[" ENDED("main", "139", "") "]");
    settle();
    expect(run_at("status.phase"), "Starting");
    expect(run_at("status.attempt"), "1");
    assert_true(has_pod(RUN "-worker-0-a1"));
    end();
}

TEST(the_first_lost_node_costs_no_restart_and_the_next_does)
{
    begin();
    go();
    paper_drop(&w, &kind_pod, NS, RUN "-worker-0");
    settle();
    expect(run_at("status.phase"), "Starting");
    expect(run_at("status.attempt"), "1");
    expect(run_at("status.restarts"), "0");
    expect(run_at("status.nodeLosses"), "1");
    pod_says(RUN "-worker-0-a1", "Running", running);
    settle();
    pod_says(RUN "-worker-0-a1", "Failed", ",'reason':'NodeShutdown','message':'going down'");
    settle();
    expect_error("NodeLost", "going down", "spec.restarts");
    end();
}

TEST(a_pod_being_ended_by_the_cluster_is_waited_for)
{
    begin();
    go();
    paper_delete(&w, &kind_pod, NS, RUN "-worker-0");
    settle();
    expect_phase("Running", "PodLeaving");
    expect(run_at("status.attempt"), "0");
    end();
}

TEST(a_pod_that_nobody_can_end_is_removed_by_force)
{
    begin();
    go();
    paper_delete(&w, &kind_pod, NS, RUN "-worker-0");
    put_node(false);
    settle();
    assert_true(has_pod(RUN "-worker-0"));
    w.now_ms += MINUTE;
    paper_plan(&w, &dkuberun_controller, NS, RUN);
    assert_int_equal(w.plan.op_count, 1);
    assert_int_equal(w.plan.ops[0].verb, OP_DELETE);
    assert_int_equal(w.plan.ops[0].grace_s, 0);
    end();
}

TEST(a_run_that_is_too_long_is_stopped_and_an_error)
{
    begin();
    extra = ",'maxRuntime':'1h30m'";
    go();
    assert_int_equal(w.plan.wake_at_ms, PAPER_NOW_MS + 10000 + 90 * MINUTE);
    w.now_ms = w.plan.wake_at_ms;
    settle();
    expect_phase("Stopping", "MaxRuntimeExceeded");
    paper_drop(&w, &kind_pod, NS, RUN "-worker-0");
    settle();
    expect_error("MaxRuntimeExceeded", "spec.maxRuntime", "1h30m");
    end();
}

/* --- stopping and deleting ------------------------------------------------------------------- */

TEST(a_stop_before_admission_ends_without_a_pod)
{
    begin();
    gpus = "1";
    resolve();
    add_to_spec(",'stop':true");
    settle();
    expect_phase("Stopped", "Stopped");
    assert_false(has_pod(RUN "-worker-0"));
    end();
}

TEST(a_stop_while_it_is_looked_up_leaves_nothing)
{
    begin();
    put_run();
    settle();
    add_to_spec(",'stop':true");
    settle();
    expect_phase("Stopped", "Stopped");
    assert_true(paper_find(&w, &kind_pod, NS, RUN "-resolve-0")->deleted_ms > 0);
    end();
}

TEST(a_stop_ends_the_pod_with_its_grace_and_then_the_run)
{
    begin();
    go();
    add_to_spec(",'stop':true");
    paper_plan(&w, &dkuberun_controller, NS, RUN);
    paper_apply(&w);
    expect_phase("Stopping", "StopRequested");
    paper_plan(&w, &dkuberun_controller, NS, RUN);
    assert_int_equal(w.plan.op_count, 1);
    assert_int_equal(w.plan.ops[0].verb, OP_DELETE);
    assert_int_equal(w.plan.ops[0].grace_s, 60);
    paper_apply(&w);
    settle();
    expect_phase("Stopping", "StopRequested");
    paper_drop(&w, &kind_pod, NS, RUN "-worker-0");
    settle();
    expect_phase("Stopped", "Stopped");
    assert_string_not_equal(run_at("status.completionTime"), "");
    end();
}

TEST(a_stopped_run_never_makes_outputs)
{
    begin();
    extra = OUTPUT;
    go();
    add_to_spec(",'stop':true");
    settle();
    pod_says(RUN "-worker-0", "Succeeded", done);
    settle();
    expect_phase("Stopped", "Stopped");
    expect(run_at("status.outputs"), "");
    end();
}

TEST(a_run_deleted_while_active_is_stopped_first)
{
    begin();
    go();
    paper_delete(&w, &kind_dkuberun, NS, RUN);
    settle();
    expect_phase("Stopping", "StopRequested");
    paper_drop(&w, &kind_pod, NS, RUN "-worker-0");
    settle();
    expect_phase("Stopped", "Stopped");
    end();
}

TEST(a_run_that_is_gone_plans_nothing)
{
    begin();
    paper_plan(&w, &dkuberun_controller, NS, "ghost");
    assert_true(plan_is_empty(&w.plan));
    end();
}

TEST(a_final_phase_is_final)
{
    begin();
    go();
    pod_says(RUN "-worker-0", "Succeeded", done);
    settle();
    add_to_spec(",'stop':true");
    paper_drop(&w, &kind_pod, NS, RUN "-worker-0");
    settle();
    expect_phase("Complete", "Complete");
    end();
}

TEST(every_change_of_reason_is_an_event)
{
    begin();
    put_run();
    paper_plan(&w, &dkuberun_controller, NS, RUN);
    assert_true(paper_has_event(&w, "Resolving"));
    end();
}

SPEC_MAIN()
