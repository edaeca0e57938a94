#include "support/ledger.h"

#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/ledger/ledger.h"
#include "support/spec.h"

struct paper w;

void a_node(const char *name, const char *type, int capacity, int allocatable, bool ready)
{
    paper_put(
        &w, &kind_node,
        "{'metadata':{'name':'%s','labels':{'nvidia.com/gpu.product':'%s'}},'spec':{},'status':"
        "{'capacity':{'nvidia.com/gpu':'%d'},'allocatable':{'nvidia.com/gpu':'%d'},"
        "'conditions':[{'type':'Ready','status':'%s'}]}}",
        name, type, capacity, allocatable, ready ? "True" : "False");
}

void node(const char *name, int gpus)
{
    a_node(name, "A100", gpus, gpus, true);
}

/* Each pool, group and run is younger than the one before. */
void later(void)
{
    w.now_ms += 1000;
}

void pool(const char *name, const char *spec)
{
    later();
    paper_put(&w, &kind_pool, "{'metadata':{'name':'%s'},'spec':%s}", name, spec);
}

void group(const char *name, const char *pool_ref)
{
    later();
    paper_put(&w, &kind_group,
              "{'metadata':{'name':'%s'},'spec':{%s%s%s},'status':{'namespace':'%s'}}", name,
              *pool_ref != '\0' ? "'poolRef':'" : "", pool_ref, *pool_ref != '\0' ? "'" : "", name);
}

void put_run(const char *ns, const char *name, int gpus, int priority, const char *status)
{
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'%s','name':'%s'},'spec':{'gpus':%d,'priority':%d,'owner':"
              "'ada'},'status':{%s}}",
              ns, name, gpus, priority, status);
}

void run(const char *ns, const char *name, int gpus)
{
    later();
    put_run(ns, name, gpus, 0, "'phase':'WaitingForGPUs','attempt':0");
}

void limited_run(const char *ns, const char *name, int gpus, const char *max_runtime)
{
    later();
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'%s','name':'%s'},'spec':{'gpus':%d,'priority':0,'owner':"
              "'ada','maxRuntime':'%s'},'status':{'phase':'WaitingForGPUs','attempt':0}}",
              ns, name, gpus, max_runtime);
}

void becomes(const char *ns, const char *name, int gpus, const char *phase, int attempt)
{
    put_run(ns, name, gpus, 0, arena_printf(&w.a, "'phase':'%s','attempt':%d", phase, attempt));
}

void deployment(const char *ns, const char *name, int gpus, int replicas)
{
    later();
    paper_put(&w, &kind_deployment,
              "{'metadata':{'namespace':'%s','name':'%s'},'spec':{'gpus':%d,'minReplicas':%d,"
              "'owner':'ada'}}",
              ns, name, gpus, replicas);
}

void pod_of(const char *ns, const char *name, const char *node_name, int gpus, const char *phase,
            const char *owner_uid)
{
    paper_put(&w, &kind_pod,
              "{'metadata':{'namespace':'%s','name':'%s','labels':{'%s':'dkube'},"
              "'ownerReferences':[{'kind':'DkubeRun','name':'x','uid':'%s','controller':true}]},"
              "'spec':{'nodeName':'%s','containers':[{'name':'main','resources':{'requests':{"
              "'nvidia.com/gpu':'%d'}}}]},'status':{'phase':'%s'}}",
              ns, name, *owner_uid != '\0' ? "app.kubernetes.io/managed-by" : "app", owner_uid,
              node_name, gpus, phase);
}

void stranger(const char *name, const char *node_name, int gpus)
{
    pod_of("kube-system", name, node_name, gpus, "Running", "");
}

const char *uid_of(const char *ns, const char *name)
{
    return paper_find(&w, &kind_dkuberun, ns, name)->uid;
}

void begin(void)
{
    static const struct controller *const list[] = {&ledger_controller};

    paper_init(&w, list, 1);
    pool("default", "{}");
    group("default", "");
}

void ledger_settles(void)
{
    paper_settle(&w, &ledger_controller, "", LEDGER_KEY);
}

const char *of_pool(const char *name, const char *path)
{
    return paper_at(&w, &kind_pool, "", name, arena_printf(&w.a, "status.%s", path));
}

const char *of_run(const char *ns, const char *name, const char *path)
{
    return paper_at(&w, &kind_dkuberun, ns, name, arena_printf(&w.a, "status.%s", path));
}

const char *of_deployment(const char *ns, const char *name, const char *path)
{
    return paper_at(&w, &kind_deployment, ns, name, arena_printf(&w.a, "status.%s", path));
}

const char *ready_reason(const char *name)
{
    return of_pool(name, "conditions.0.reason");
}

void expect(const char *have, const char *want)
{
    assert_string_equal(have, want);
}
