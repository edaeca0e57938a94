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
#include "support/spec.h"
#include "support/stage.h"

struct paper stage;
static const struct step_conf conf = {"dkube:test", "http://store", "IfNotPresent", "dkube-system"};
const char *stage_extra;
const char *stage_gpus;

void stage_put_run(void)
{
    paper_put(&stage, &kind_dkuberun,
              "{'metadata':{'namespace':'" NS "','name':'" RUN
              "'},'spec':{'kind':'training','owner'"
              ":'ada','image':'example:1','command':['python3','train.py'],'gpus':%s,"
              "'terminationGracePeriodSeconds':60%s}}",
              stage_gpus, stage_extra);
}

void stage_put_pool(int capacity, int largest)
{
    paper_put(&stage, &kind_pool,
              "{'metadata':{'name':'a100'},'spec':{'gpus':%d},'status':{'observedGeneration':9,"
              "'capacity':%d,'nodes':[{'name':'n1','gpus':%d,'type':'A100'}]}}",
              capacity, capacity, largest);
}

void stage_put_node(bool ready)
{
    paper_put(&stage, &kind_node,
              "{'metadata':{'name':'n1','labels':{'nvidia.com/gpu.product':'A100'}},'spec':{},"
              "'status':{'capacity':{'nvidia.com/gpu':'2'},'allocatable':{'nvidia.com/gpu':'2'},"
              "'conditions':[{'type':'Ready','status':'%s'}]}}",
              ready ? "True" : "False");
}

void stage_put_version(const char *kind, const char *of, int number, bool ready)
{
    paper_put(&stage, &kind_artifactversion,
              "{'metadata':{'namespace':'" NS "','name':'%s-%s-v%d'},'spec':{'of':{'kind':'%s',"
              "'name':'%s'},'number':%d,'digest':'" DIGEST "'},'status':{'ready':%s}}",
              kind, of, number, kind, of, number, ready ? "true" : "false");
}

/* Everything that a good run names. */
void stage_begin(void)
{
    static const struct controller *const list[] = {&dkuberun_controller};

    paper_init(&stage, list, 1);
    stage.conf = &conf;
    stage.keep_pods = true;
    stage_extra = "";
    stage_gpus = "0";
    stage_put_node(true);
    stage_put_pool(2, 2);
    paper_put(&stage, &kind_group,
              "{'metadata':{'name':'vision'},'spec':{'poolRef':'a100'},'status':{'namespace':'" NS
              "'}}");
    paper_put(&stage, &kind_coderepo,
              "{'metadata':{'namespace':'" NS "','name':'code'},'spec':{'url':'http://git/x.git',"
              "'branch':'main'}}");
    paper_put(&stage, &kind_dataset,
              "{'metadata':{'namespace':'" NS "','name':'digits'},'spec':{}}");
    paper_put(&stage, &kind_model, "{'metadata':{'namespace':'" NS "','name':'digits'},'spec':{}}");
    stage_put_version("Dataset", "digits", 1, true);
}

void stage_end(void)
{
    paper_done(&stage);
}

void stage_settle(void)
{
    paper_settle(&stage, &dkuberun_controller, NS, RUN);
}

const char *stage_run_at(const char *path)
{
    return paper_at(&stage, &kind_dkuberun, NS, RUN, path);
}

const char *stage_pod_at(const char *pod, const char *path)
{
    return paper_at(&stage, &kind_pod, NS, pod, path);
}

bool stage_has_pod(const char *name)
{
    return paper_find(&stage, &kind_pod, NS, name) != NULL;
}

void stage_expect(const char *have, const char *want)
{
    assert_string_equal(have, want);
}

void stage_expect_phase(const char *phase, const char *reason)
{
    stage_expect(stage_run_at("status.phase"), phase);
    stage_expect(stage_run_at("status.reason"), reason);
}

/* An Error with its reason, one line, and all of these words. */
void stage_expect_error(const char *reason, const char *word, const char *more)
{
    const char *message = stage_run_at("status.message");

    stage_expect_phase("Error", reason);
    if (strstr(message, word) == NULL || strstr(message, more) == NULL ||
        strchr(message, '\n') != NULL) {
        fail_msg("'%s' lacks '%s' or '%s', or is not one line", message, word, more);
    }
    stage_expect(stage_run_at("status.conditions.0.status"), "False");
    stage_expect(stage_run_at("status.conditions.2.type"), "Stalled");
    stage_expect(stage_run_at("status.conditions.2.status"), "True");
    stage_expect(stage_run_at("status.conditions.2.reason"), reason);
    assert_string_not_equal(stage_run_at("status.completionTime"), "");
}

/* --- pods play ------------------------------------------------------------------------------- */

void stage_pod_says(const char *name, const char *phase, const char *fields)
{
    assert_true(stage_has_pod(name));
    paper_put(&stage, &kind_pod,
              "{'metadata':{'namespace':'" NS "','name':'%s','ownerReferences':[{'kind':'DkubeRun',"
              "'name':'" RUN "','uid':'%s','controller':true}]},'spec':{'nodeName':'n1'},'status':{"
              "'phase':'%s'%s}}",
              name, paper_find(&stage, &kind_dkuberun, NS, RUN)->uid, phase, fields);
}

const char stage_resolved[] = ",'containerStatuses':[" ENDED("image", "0", "") "," ENDED(
    "commit", "0", ",'message':'{\\'commit\\':\\'" SHA "\\'}'") "]";
const char stage_running[] = ",'initContainerStatuses':[" ENDED("fetch", "0", "") "," RUNS(
    "collect") "],'containerStatuses':[" RUNS("main") "]";
const char stage_uploading[] = ",'initContainerStatuses':[" ENDED("fetch", "0", "") "," RUNS(
    "collect") "],'containerStatuses':[" ENDED("main", "0", "") "]";
const char stage_done[] = ",'initContainerStatuses':[" ENDED("fetch", "0", "") "," ENDED(
    "collect", "0", ",'message':'" REPORT "'") "],'containerStatuses':[" ENDED("main", "0", "") "]";

void stage_resolve(void)
{
    stage_put_run();
    stage_settle();
    stage_pod_says(RUN "-resolve-0", "Succeeded", stage_resolved);
    stage_settle();
    if (stage_has_pod(RUN "-resolve-0")) {
        paper_drop(&stage, &kind_pod, NS, RUN "-resolve-0");
    }
    stage_settle();
}

void stage_put_admission(int attempt)
{
    paper_put(&stage, &kind_dkuberun,
              "{'metadata':{'namespace':'" NS "','name':'" RUN
              "'},'spec':{'kind':'training','owner'"
              ":'ada','image':'example:1','command':['python3','train.py'],'gpus':%s,"
              "'terminationGracePeriodSeconds':60%s},'status':{'admission':{'attempt':%d,'pool':"
              "'a100','type':'A100','nodes':[{'name':'n1','gpus':%s}]}}}",
              stage_gpus, stage_extra, attempt, stage_gpus);
}

void stage_admit(int attempt)
{
    stage_put_admission(attempt);
    stage_settle();
}

void stage_start(void)
{
    stage_resolve();
    if (!str_eq(stage_gpus, "0")) {
        stage_admit(0);
    }
    stage_expect_phase("Starting", "Starting");
}

void stage_go(void)
{
    stage_start();
    stage_pod_says(RUN "-worker-0", "Running", stage_running);
    stage_settle();
    stage_expect_phase("Running", "Running");
}

void stage_add_to_spec(const char *more)
{
    stage_extra = arena_printf(&stage.a, "%s%s", stage_extra, more);
    stage_put_run();
}
