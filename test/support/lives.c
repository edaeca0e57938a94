#include "support/lives.h"

#include <stdio.h>

#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/clock.h"
#include "base/span.h"
#include "controllers/common/activity.h"
#include "controllers/common/podlook.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/ledger.h"
#include "support/spec.h"

#define NODES 6
#define POOLS 3
#define RUNS 14

struct paper lives;
static uint64_t dice_state;

static unsigned dice(unsigned sides)
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return (unsigned)((dice_state >> 11) % sides);
}

static const char *name_of(const char *kind, unsigned i)
{
    return arena_printf(&lives.a, "%s%u", kind, i);
}

/* --- what happens ---------------------------------------------------------------------------- */

static void put_node(unsigned i)
{
    unsigned capacity = 1 + dice(8), lost = dice(4) == 0 ? dice(capacity + 1) : 0;

    paper_put(&lives, &kind_node,
              "{'metadata':{'name':'n%u','labels':{'nvidia.com/gpu.product':'%s'}},'spec':{"
              "'unschedulable':%s},'status':{'capacity':{'nvidia.com/gpu':'%u'},'allocatable':{"
              "'nvidia.com/gpu':'%u'},'conditions':[{'type':'Ready','status':'%s'}]}}",
              i, i % 3 == 0 ? "T4" : "A100", dice(8) == 0 ? "true" : "false", capacity,
              capacity - lost, dice(6) == 0 ? "False" : "True");
}

/* The node goes, and the pods on it with it. */
static void drop_node(unsigned i)
{
    const char *name = name_of("n", i);

    if (paper_find(&lives, &kind_node, "", name) == NULL) {
        return;
    }
    for (size_t k = 0; k < lives.count; k++) {
        struct paper_object *o = &lives.objects[k];

        if (!o->gone && o->kind == &kind_pod &&
            str_eq(pod_spec_node_name(cache_get(lives.c, &kind_pod, o->ns, o->name)), name)) {
            paper_drop(&lives, &kind_pod, o->ns, o->name);
        }
    }
    paper_drop(&lives, &kind_node, "", name);
}

static void put_pool(unsigned i)
{
    const char *type = dice(3) == 0 ? ",'gpuType':'A100'" : "";
    const char *policy = i == 0   ? ",'policy':'strict','lend':true"
                         : i == 1 ? ",'policy':'shortest-first'"
                                  : ",'lend':true";

    if (dice(3) > 0) {
        paper_put(&lives, &kind_pool, "{'metadata':{'name':'p%u'},'spec':{'gpus':%u%s%s}}", i,
                  dice(14), type, policy);
    } else {
        paper_put(&lives, &kind_pool,
                  "{'metadata':{'name':'p%u'},'spec':{'nodes':[{'name':'n%u','gpus':%u},{'name':"
                  "'n%u','gpus':%u}]%s%s}}",
                  i, dice(NODES / 2), 1 + dice(6), NODES / 2 + dice(NODES / 2), 1 + dice(6), type,
                  policy);
    }
}

static void drop_pool(unsigned i)
{
    const char *name = name_of("p", i);

    if (paper_find(&lives, &kind_pool, "", name) == NULL) {
        return;
    }
    if (dice(2) == 0) {
        paper_delete(&lives, &kind_pool, "", name);
    } else {
        paper_drop(&lives, &kind_pool, "", name);
    }
}

static void put_group(unsigned i)
{
    paper_put(
        &lives, &kind_group,
        "{'metadata':{'name':'team%u'},'spec':{'poolRef':'p%u'},'status':{'namespace':'team%u'}}",
        i, dice(4) == 0 ? dice(POOLS) : i, i);
}

/* Those that end have run for 5 to 14 s. */
static const char *times_of(const char *phase)
{
    int64_t since = lives.now_ms - 5000 - 1000 * (int64_t)(lives.serial % 10);

    return !str_eq(phase, "Complete")
               ? ""
               : arena_printf(&lives.a, ",'startTime':'%s','completionTime':'%s'",
                              clock_rfc3339(&lives.a, since),
                              clock_rfc3339(&lives.a, lives.now_ms));
}

/* Some are several pods: r4 as many as it takes, r6 two. */
static const char *shape_of(const char *name)
{
    return name[1] == '4'   ? ",'distribution':{'auto':{}}"
           : name[1] == '6' ? ",'distribution':{'manual':{'workers':1,'gpusPerWorker':2}}"
                            : "";
}

static void put_run(const char *ns, const char *name, int64_t gpus, const char *phase,
                    int64_t attempt)
{
    paper_put(
        &lives, &kind_dkuberun,
        "{'metadata':{'namespace':'%s','name':'%s'},'spec':{'gpus':%lld,'priority':%d,'owner':"
        "'ada'%s%s%s},'status':{'phase':'%s','attempt':%lld%s}}",
        ns, name, (long long)gpus, name[1] == '3' ? 1 : 0,
        name[1] == '5' || name[1] == '7' ? ",'maxRuntime':'30s'" : "",
        name[1] == '2' || name[1] == '7' ? ",'freeOnly':true" : "", shape_of(name), phase,
        (long long)attempt, times_of(phase));
}

static void new_run(unsigned i)
{
    const char *ns = dice(5) == 0 ? "default" : name_of("team", dice(LIVES_TEAMS));

    if (paper_find(&lives, &kind_dkuberun, ns, name_of("r", i)) == NULL) {
        put_run(ns, name_of("r", i), i == 6 ? 0 : 1 + dice(i == 4 ? 12 : 6),
                dice(4) == 0 ? "Queued" : "WaitingForGPUs", 0);
    }
}

static void put_pod(const struct rec *run, uint32_t i, const char *node, const char *phase)
{
    paper_put(
        &lives, &kind_pod,
        "{'metadata':{'namespace':'%s','name':'%s','labels':{'app.kubernetes.io/managed-by':"
        "'dkube'},'ownerReferences':[{'kind':'DkubeRun','name':'%s','uid':'%s','controller':"
        "true}]},'spec':{'nodeName':'%s','containers':[{'name':'main','resources':{'requests':"
        "{'nvidia.com/gpu':'%lld'}}}]},'status':{'phase':'%s'}}",
        rec_namespace(run), worker_pod_name(&lives.a, run, i), rec_name(run), rec_uid(run), node,
        (long long)lives_gpus_of(run, i), phase);
}

const struct rec *lives_pod_of(const struct rec *run, uint32_t i)
{
    return cache_get(lives.c, &kind_pod, rec_namespace(run), worker_pod_name(&lives.a, run, i));
}

const char *lives_node_of(const struct rec *run, uint32_t i)
{
    return dkuberun_status_admission_nodes_name(dkuberun_status_admission_nodes_at(run, i));
}

int64_t lives_gpus_of(const struct rec *run, uint32_t i)
{
    return dkuberun_status_admission_nodes_gpus(dkuberun_status_admission_nodes_at(run, i));
}

static void set_phase(const struct rec *run, const char *phase, int64_t attempt)
{
    put_run(arena_strdup(&lives.a, rec_namespace(run)), arena_strdup(&lives.a, rec_name(run)),
            dkuberun_spec_gpus(run), phase, attempt);
}

/* Before a gang gives an attempt up, those of its pods that are on no node go. */
static void drop_unbound(const struct rec *run)
{
    for (uint32_t i = 0; i < run_workers(run); i++) {
        const struct rec *pod = lives_pod_of(run, i);

        if (pod != NULL && str_empty(pod_spec_node_name(pod))) {
            paper_drop(&lives, &kind_pod, arena_strdup(&lives.a, rec_namespace(run)),
                       arena_strdup(&lives.a, rec_name(pod)));
        }
    }
}

/* One step of a worker of an admitted run. The others of a gang that begins again end later. */
static void live_on(const struct rec *run)
{
    int64_t attempt = dkuberun_status_attempt(run);
    uint32_t i = dice(run_workers(run));
    const struct rec *pod = lives_pod_of(run, i);
    const char *node = lives_node_of(run, i);

    if (pod == NULL && cache_get(lives.c, &kind_node, "", node) == NULL) {
        drop_unbound(run);
        set_phase(run, "WaitingForGPUs", attempt + 1);
    } else if (pod == NULL) {
        put_pod(run, i, "", "Pending");
    } else if (str_empty(pod_spec_node_name(pod))) {
        put_pod(run, i, node, "Running");
    } else if (!pod_has_ended(pod)) {
        put_pod(run, i, pod_spec_node_name(pod), dice(2) == 0 ? "Succeeded" : "Failed");
    } else {
        drop_unbound(run);
        set_phase(run, dice(3) == 0 ? "WaitingForGPUs" : "Complete", attempt + 1);
    }
}

/* Pods of attempts that are over. */
static void a_stray_goes(void)
{
    for (size_t k = 0; k < lives.count; k++) {
        struct paper_object *o = &lives.objects[k];
        const struct rec *pod = !o->gone && o->kind == &kind_pod && o->name[0] == 'r'
                                    ? cache_get(lives.c, &kind_pod, o->ns, o->name)
                                    : NULL;
        const char *run =
            pod != NULL ? arena_strndup(&lives.a, o->name, strcspn(o->name, "-")) : "";
        const struct rec *live = cache_get(lives.c, &kind_dkuberun, o->ns, run);

        if (pod != NULL && !pod_has_ended(pod) && live != NULL && !run_is_admitted(live)) {
            paper_drop(&lives, &kind_pod, o->ns, o->name);
            return;
        }
    }
}

static void some_run_lives_on(void)
{
    size_t count = 0;
    const struct rec **runs = cache_list(&lives.a, lives.c, &kind_dkuberun, NULL, &count);
    const struct rec *run = count > 0 ? runs[dice((unsigned)count)] : NULL;

    if (run == NULL || !run_is_active(run)) {
        return;
    }
    if (run_is_admitted(run) && run_gpus(run) == 0) {
        set_phase(run, "Error", dkuberun_status_attempt(run));
    } else if (run_is_admitted(run)) {
        live_on(run);
    } else if (str_eq(dkuberun_status_phase(run), "Queued")) {
        set_phase(run, "WaitingForGPUs", dkuberun_status_attempt(run));
    } else if (dice(6) == 0) {
        set_phase(run, "Stopped", dkuberun_status_attempt(run));
    }
}

static void some_run_stops(void)
{
    size_t count = 0;
    const struct rec **runs = cache_list(&lives.a, lives.c, &kind_dkuberun, NULL, &count);
    const struct rec *run = count > 0 ? runs[dice((unsigned)count)] : NULL;

    if (run != NULL && run_is_active(run) && dice(3) == 0) {
        set_phase(run, "Stopped", dkuberun_status_attempt(run));
    }
}

static void stranger(unsigned i)
{
    const char *name = name_of("x", i);

    if (paper_find(&lives, &kind_pod, "kube-system", name) != NULL) {
        paper_drop(&lives, &kind_pod, "kube-system", name);
        return;
    }
    paper_put(
        &lives, &kind_pod,
        "{'metadata':{'namespace':'kube-system','name':'%s'},'spec':{'nodeName':'n%u',"
        "'containers':[{'name':'c','resources':{'limits':{'nvidia.com/gpu':'%u'}}}]},'status':"
        "{'phase':'Running'}}",
        name, dice(NODES), 1 + dice(2));
}

static void put_deployment(void)
{
    paper_put(&lives, &kind_deployment,
              "{'metadata':{'namespace':'team0','name':'d'},'spec':{'gpus':%u,'minReplicas':%u,"
              "'owner':'ada'}}",
              dice(3), dice(4));
}

void lives_go_on(void)
{
    lives.now_ms += 1000;
    switch (dice(24)) {
    case 0:
    case 1:
        put_node(dice(NODES));
        break;
    case 2:
        drop_node(dice(NODES));
        break;
    case 3:
        put_pool(dice(POOLS));
        break;
    case 4:
        drop_pool(dice(POOLS));
        break;
    case 5:
        put_group(dice(LIVES_TEAMS));
        break;
    case 6:
        stranger(dice(2));
        a_stray_goes();
        break;
    case 7:
        put_deployment();
        break;
    case 8:
        some_run_stops();
        break;
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
        new_run(dice(RUNS));
        break;
    default:
        some_run_lives_on();
        break;
    }
}

void lives_begin(unsigned seed)
{
    static const struct controller *const list[] = {&ledger_controller};

    paper_init(&lives, list, 1);
    dice_state = 0x9e3779b97f4a7c15u ^ ((uint64_t)seed * 0x100000001b3u);
    paper_put(&lives, &kind_pool, "{'metadata':{'name':'default'},'spec':{}}");
    paper_put(&lives, &kind_group,
              "{'metadata':{'name':'default'},'spec':{},'status':{'namespace':'default'}}");
    for (unsigned i = 0; i < NODES; i++) {
        put_node(i);
    }
    for (unsigned i = 0; i < LIVES_TEAMS; i++) {
        put_group(i);
    }
}

void lives_crowd(void)
{
    for (unsigned i = 0; i < RUNS / 2; i++) {
        new_run(dice(RUNS));
    }
    if (dice(2) == 0) {
        put_pool(dice(POOLS));
        put_deployment();
    }
}
