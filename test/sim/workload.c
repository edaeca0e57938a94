/* workload.c — worlds and what people do in them. Each ends the same, whatever happens on the way.
 */
#include "sim/sim.h"

#include "api/kinds.gen.h"
#include "base/span.h"
#include "controllers/artifactversion/artifactversion.h"
#include "controllers/coderepo/coderepo.h"
#include "controllers/dataset/dataset.h"
#include "controllers/datastore/datastore.h"
#include "controllers/deployment/serving.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/group/group.h"
#include "controllers/ledger/ledger.h"
#include "controllers/model/model.h"
#include "controllers/pool/pool.h"
#include "controllers/user/user.h"

#define API "/apis/dkube.io/v1alpha1"
#define OBJECT(kind) "{\"apiVersion\":\"dkube.io/v1alpha1\",\"kind\":\"" kind "\",\"metadata\":{"
#define DIGEST "sha256:1111111111111111111111111111111111111111111111111111111111111111"

/* --- programs -------------------------------------------------------------------------------- */

static const struct step_conf conf = {"dkube:test", "http://store", "IfNotPresent", "dkube-system"};

static const struct controller *const run_list[] = {&ledger_controller, &dkuberun_controller};
static const struct program run_controller = {
    .name = "run-controller", .controllers = run_list, .count = 2, .conf = &conf};
static const struct controller *const model_list[] = {&datastore_controller, &coderepo_controller,
                                                      &dataset_controller, &model_controller,
                                                      &artifactversion_controller};
static const struct program model_program = {
    .name = "model-controller", .controllers = model_list, .count = 5, .conf = &conf};
static const struct controller *const deployment_list[] = {&deployment_controller};
static const struct program deployment_program = {
    .name = "deployment-controller", .controllers = deployment_list, .count = 1, .conf = &conf};
static const struct controller *const resource_list[] = {&pool_controller, &group_controller,
                                                         &user_controller};
static const struct program resource_program = {
    .name = "resource-controller", .controllers = resource_list, .count = 3, .conf = &conf};

/* --- what is there --------------------------------------------------------------------------- */

static void set_status(struct world *w, const char *plural, const char *ns, const char *name,
                       const char *status)
{
    struct arena *a = apisim_arena(w->api);
    struct apisim_object o;

    if (apisim_find(w->api, plural, ns, name, &o)) {
        apisim_put(w->api, plural, ns, name,
                   jt_with(a, o.body, "status", jt_parse(a, status, strlen(status))));
    }
}

static void add_namespace(struct world *w, const char *name)
{
    world_requestf(w, "POST", "/api/v1/namespaces",
                   "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\","
                   "\"labels\":{\"dkube.io/group\":\"%s\"}}}",
                   name, name);
}

static void add_pool(struct world *w, const char *name, int gpus)
{
    world_requestf(w, "POST", API "/pools",
                   OBJECT("Pool") "\"name\":\"%s\"},\"spec\":{\"gpus\":%d}}", name, gpus);
}

/* A group as the resource-controller leaves it. */
static void add_group(struct world *w, const char *name, const char *pool)
{
    add_namespace(w, name);
    world_requestf(w, "POST", API "/groups",
                   OBJECT("Group") "\"name\":\"%s\"},\"spec\":{\"users\":[],\"poolRef\":\"%s\"}}",
                   name, pool);
    set_status(w, "groups", "", name,
               arena_printf(apisim_arena(w->api), "{\"namespace\":\"%s\"}", name));
}

static void add_run(struct world *w, const char *ns, const char *name, int gpus, const char *more)
{
    world_requestf(
        w, "POST", arena_printf(apisim_arena(w->api), API "/namespaces/%s/dkuberuns", ns),
        OBJECT("DkubeRun") "\"name\":\"%s\"},\"spec\":{\"owner\":\"ada\",\"image\":\"example:1\","
                           "\"command\":[\"train\"],\"gpus\":%d,\"restarts\":20%s}}",
        name, gpus, more);
}

static const char *status_of(struct world *w, const char *plural, const char *ns, const char *name,
                             const char *path)
{
    struct apisim_object o;

    return apisim_find(w->api, plural, ns, name, &o) ? jt_get_str(o.body, path, "") : "";
}

static bool has_phase(struct world *w, const char *ns, const char *run, const char *phase)
{
    return str_eq(status_of(w, "dkuberuns", ns, run, "status.phase"), phase);
}

/* "a=Complete b=Complete …" of all runs, by age. */
static const char *run_phases(struct world *w)
{
    const char *text = "";
    struct apisim_object o;

    for (size_t at = 0; apisim_each(w->api, "dkuberuns", &at, &o);) {
        text = arena_printf(apisim_arena(w->api), "%s%s=%s ", text, o.name,
                            jt_get_str(o.body, "status.phase", "-"));
    }
    return text;
}

static bool at_once(struct world *w UNUSED, unsigned i UNUSED)
{
    return true;
}

/* --- queue: two runs on one pool of two GPUs ------------------------------------------------- */

static void queue_begin(struct world *w)
{
    cluster_add_node(w, "n1", 2);
    add_pool(w, "a100", 2);
    add_group(w, "vision", "a100");
    add_run(w, "vision", "a", 2, "");
}

static void queue_act(struct world *w, unsigned i)
{
    (void)i;
    add_run(w, "vision", "b", 1, "");
}

static const struct workload queue = {
    .name = "queue",
    .programs = {&run_controller},
    .begin = queue_begin,
    .can = at_once,
    .act = queue_act,
    .acts = 1,
    .end = run_phases,
    .expected = "a=Complete b=Complete ",
    .length = 130,
};

/* --- contention: two pools on two nodes, priorities, one run stopped ------------------------- */

static void contention_begin(struct world *w)
{
    cluster_add_node(w, "n1", 2);
    cluster_add_node(w, "n2", 2);
    add_pool(w, "a100", 3);
    add_pool(w, "b100", 1);
    add_group(w, "vision", "a100");
    add_group(w, "speech", "b100");
    add_run(w, "vision", "a", 2, "");
    add_run(w, "speech", "s", 1, "");
}

static bool contention_can(struct world *w, unsigned i)
{
    return i < 3 || !has_phase(w, "vision", "z", "");
}

static void contention_act(struct world *w, unsigned i)
{
    switch (i) {
    case 0:
        add_run(w, "vision", "b", 1, ",\"priority\":5");
        break;
    case 1:
        add_run(w, "vision", "z", 3, ""); /* more than one node has: an Error at once */
        break;
    case 2:
        add_run(w, "speech", "t", 1, "");
        break;
    default:
        world_request(w, "PATCH", API "/namespaces/speech/dkuberuns/t",
                      "{\"spec\":{\"stop\":true}}");
    }
}

static const char *contention_end(struct world *w)
{
    const char *t = status_of(w, "dkuberuns", "speech", "t", "status.phase");
    bool ended = str_eq(t, "Stopped") || str_eq(t, "Complete");

    return arena_printf(apisim_arena(w->api), "a=%s b=%s z=%s s=%s t=%s",
                        status_of(w, "dkuberuns", "vision", "a", "status.phase"),
                        status_of(w, "dkuberuns", "vision", "b", "status.phase"),
                        status_of(w, "dkuberuns", "vision", "z", "status.phase"),
                        status_of(w, "dkuberuns", "speech", "s", "status.phase"),
                        ended ? "ended" : t);
}

static const struct workload contention = {
    .name = "contention",
    .programs = {&run_controller},
    .begin = contention_begin,
    .can = contention_can,
    .act = contention_act,
    .acts = 4,
    .end = contention_end,
    .expected = "a=Complete b=Complete z=Error s=Complete t=ended",
    .length = 330,
};

/* --- serving: a deployment is scaled, gets another version, and goes to one replica ---------- */

static void add_version(struct world *w, const char *kind, const char *lower, int number)
{
    const char *name = arena_printf(apisim_arena(w->api), "%s-digits-v%d", lower, number);

    world_requestf(
        w, "POST", API "/namespaces/vision/artifactversions",
        OBJECT("ArtifactVersion") "\"name\":\"%s\"},\"spec\":{\"of\":{\"kind\":\"%s\","
                                  "\"name\":\"digits\"},\"number\":%d,\"digest\":\"" DIGEST
                                  "\",\"size\":1,\"files\":1}}",
        name, kind, number);
    set_status(w, "artifactversions", "vision", name, "{\"ready\":true,\"stage\":\"Created\"}");
}

static void serving_begin(struct world *w)
{
    cluster_add_node(w, "n1", 2);
    cluster_add_node(w, "n2", 1);
    add_pool(w, "a100", 3);
    add_group(w, "vision", "a100");
    world_request(w, "POST", API "/namespaces/vision/models",
                  OBJECT("Model") "\"name\":\"digits\"},\"spec\":{}}");
    add_version(w, "Model", "model", 1);
    add_version(w, "Model", "model", 2);
    world_request(
        w, "POST", API "/namespaces/vision/deployments",
        OBJECT("Deployment") "\"name\":\"d\"},\"spec\":{\"model\":\"digits\",\"version\":1,"
                             "\"servingImage\":\"serve:1\",\"owner\":\"ada\",\"gpus\":1,"
                             "\"minReplicas\":1}}");
}

static int64_t ready_replicas(struct world *w)
{
    struct apisim_object o;

    return apisim_find(w->api, "deployments", "vision", "d", &o)
               ? jt_get_int(o.body, "status.readyReplicas", 0)
               : 0;
}

static bool serving_can(struct world *w, unsigned i)
{
    static const int64_t wanted[] = {0, 2, 2};

    return ready_replicas(w) >= wanted[i];
}

static void serving_act(struct world *w, unsigned i)
{
    static const char *const patches[] = {"{\"spec\":{\"minReplicas\":2}}",
                                          "{\"spec\":{\"version\":2}}",
                                          "{\"spec\":{\"minReplicas\":1}}"};

    world_request(w, "PATCH", API "/namespaces/vision/deployments/d", patches[i]);
}

static const char *serving_end(struct world *w)
{
    struct apisim_object o;
    size_t pods = 0;

    for (size_t at = 0; apisim_each(w->api, "pods", &at, &o);) {
        pods += 1;
    }
    return arena_printf(apisim_arena(w->api), "%s ready=%d pods=%zu url=%s",
                        status_of(w, "deployments", "vision", "d", "status.modelVersion"),
                        (int)ready_replicas(w), pods,
                        status_of(w, "deployments", "vision", "d", "status.url"));
}

static const struct workload serving = {
    .name = "serving",
    .programs = {&run_controller, &deployment_program},
    .begin = serving_begin,
    .can = serving_can,
    .act = serving_act,
    .acts = 3,
    .end = serving_end,
    .expected = "model-digits-v2 ready=1 pods=1 url=http://d.vision.svc:8080",
    .length = 330,
};

/* --- import: code and data come in, a run uses them, its model gets a version ---------------- */

static void import_begin(struct world *w)
{
    cluster_add_node(w, "n1", 1);
    add_pool(w, "a100", 1);
    add_group(w, "vision", "a100");
    world_request(
        w, "POST", API "/datastores",
        OBJECT("DataStore") "\"name\":\"default\"},\"spec\":{\"storage\":{\"local\":{}}}}");
    world_request(
        w, "POST", "/api/v1/namespaces",
        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"dkube-system\"}}");
    world_request(
        w, "POST", "/api/v1/namespaces/dkube-system/pods",
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"store-0\",\"labels\":{"
        "\"app.kubernetes.io/part-of\":\"dkube\",\"app.kubernetes.io/name\":\"store\","
        "\"app\":\"store\",\"dkube.io/role\":\"replica\"}},\"spec\":{\"containers\":[{\"name\":"
        "\"server\",\"image\":\"x\"}]}}");
    world_request(w, "POST", API "/namespaces/vision/models",
                  OBJECT("Model") "\"name\":\"digits\"},\"spec\":{}}");
    world_request(w, "POST", API "/namespaces/vision/coderepos",
                  OBJECT("CodeRepo") "\"name\":\"code\"},\"spec\":{\"url\":\"http://git/x.git\"}}");
}

static void import_act(struct world *w, unsigned i)
{
    if (i == 0) {
        world_request(
            w, "POST", API "/namespaces/vision/datasets",
            OBJECT("Dataset") "\"name\":\"digits\"},\"spec\":{\"source\":{\"git\":{\"url\":"
                              "\"http://git/d.git\"}}}}");
        return;
    }
    add_run(
        w, "vision", "a", 1,
        ",\"code\":{\"repo\":\"code\"},\"inputs\":[{\"name\":\"digits\",\"mountPath\":\"/data\"}],"
        "\"outputs\":[{\"name\":\"digits\",\"mountPath\":\"/out\"}]");
}

static const char *import_end(struct world *w)
{
    const char *versions = "";
    struct apisim_object o;
    const struct tree *outputs;

    for (size_t at = 0; apisim_each(w->api, "artifactversions", &at, &o);) {
        versions = arena_printf(apisim_arena(w->api), "%s %s", versions, o.name);
    }
    outputs = apisim_find(w->api, "dkuberuns", "vision", "a", &o) ? jt_get(o.body, "status.outputs")
                                                                  : NULL;
    return arena_printf(apisim_arena(w->api), "%shead=%.7s%s of=%s latest=%s", run_phases(w),
                        status_of(w, "coderepos", "vision", "code", "status.head"), versions,
                        jt_len(outputs) > 0 ? jt_get_str(outputs->u.at[0].value, "version", "")
                                            : "",
                        status_of(w, "models", "vision", "digits", "status.latest"));
}

static const struct workload import = {
    .name = "import",
    .programs = {&run_controller, &model_program},
    .begin = import_begin,
    .can = at_once,
    .act = import_act,
    .acts = 2,
    .end = import_end,
    .expected = "a=Complete head=0123456 dataset-digits-v1 model-digits-v1 of=model-digits-v1 "
                "latest=model-digits-v1",
    .length = 400,
};

/* --- leaders: two run-controllers, one Lease ------------------------------------------------- */

static void leaders_begin(struct world *w)
{
    add_namespace(w, "dkube-system");
    queue_begin(w);
}

static void leaders_act(struct world *w, unsigned i UNUSED)
{
    add_run(w, "vision", "b", 1, "");
}

static const struct workload leaders = {
    .name = "leaders",
    .programs = {&run_controller, &run_controller},
    .leases = true,
    .begin = leaders_begin,
    .can = at_once,
    .act = leaders_act,
    .acts = 1,
    .end = run_phases,
    .expected = "a=Complete b=Complete ",
    .length = 330,
};

/* --- small: for every order of events -------------------------------------------------------- */

static void small_begin(struct world *w)
{
    add_namespace(w, "dkube-system");
    cluster_add_node(w, "n1", 2);
    add_pool(w, "a100", 2);
    add_group(w, "vision", "a100");
}

static void small_act(struct world *w, unsigned i)
{
    add_run(w, "vision", i == 0 ? "a" : "b", 2 - (int)i, "");
}

const struct workload workload_small = {
    .name = "small",
    .programs = {&run_controller, &run_controller},
    .leases = true,
    .begin = small_begin,
    .can = at_once,
    .act = small_act,
    .acts = 2,
    .end = run_phases,
    .expected = "a=Complete b=Complete ",
    .length = 330,
};

/* --- gang: a run of two pods beside others, on two nodes ------------------------------------- */

static void gang_begin(struct world *w)
{
    cluster_add_node(w, "n1", 2);
    cluster_add_node(w, "n2", 2);
    add_pool(w, "a100", 4);
    add_group(w, "vision", "a100");
    add_run(w, "vision", "a", 0,
            ",\"distribution\":{\"manual\":{\"workers\":1,\"gpusPerWorker\":2}}");
}

static void gang_act(struct world *w, unsigned i)
{
    switch (i) {
    case 0:
        add_run(w, "vision", "b", 1, "");
        break;
    case 1:
        add_run(w, "vision", "c", 3, ",\"distribution\":{\"auto\":{}}");
        break;
    default: /* three pods of two on nodes of two: an Error at once */
        add_run(w, "vision", "z", 0,
                ",\"distribution\":{\"manual\":{\"workers\":2,\"gpusPerWorker\":2}}");
    }
}

static const struct workload gang = {
    .name = "gang",
    .programs = {&run_controller},
    .begin = gang_begin,
    .can = at_once,
    .act = gang_act,
    .acts = 3,
    .end = run_phases,
    .expected = "a=Complete b=Complete c=Complete z=Error ",
    .length = 400,
};

/* --- again: a run is deleted and made anew under its name ------------------------------------ */

static void again_begin(struct world *w)
{
    cluster_add_node(w, "n1", 2);
    add_pool(w, "a100", 2);
    add_group(w, "vision", "a100");
    add_run(w, "vision", "a", 1, "");
}

static bool again_can(struct world *w, unsigned i)
{
    struct apisim_object o;
    bool there = apisim_find(w->api, "dkuberuns", "vision", "a", &o);

    return i % 2 == 1
               ? !there
               : has_phase(w, "vision", "a", "Running") || has_phase(w, "vision", "a", "Complete");
}

static void again_act(struct world *w, unsigned i)
{
    if (i % 2 == 0) {
        world_request(w, "DELETE", API "/namespaces/vision/dkuberuns/a", NULL);
    } else {
        add_run(w, "vision", "a", 1, "");
    }
}

/* Complete, by a pod of its own. */
static const char *again_end(struct world *w)
{
    struct apisim_object run, pod;
    bool own = false;

    if (!apisim_find(w->api, "dkuberuns", "vision", "a", &run)) {
        return "";
    }
    for (size_t at = 0; apisim_each(w->api, "pods", &at, &pod);) {
        const struct tree *owners = jt_get(pod.body, "metadata.ownerReferences");

        own = own || (jt_len(owners) > 0 &&
                      str_eq(jt_get_str(owners->u.at[0].value, "uid", ""), run.uid) &&
                      str_eq(jt_get_str(pod.body, "status.phase", ""), "Succeeded"));
    }
    return arena_printf(apisim_arena(w->api), "%s%s", run_phases(w), own ? "by its own pod" : "");
}

static const struct workload again = {
    .name = "again",
    .programs = {&run_controller},
    .begin = again_begin,
    .can = again_can,
    .act = again_act,
    .acts = 4,
    .end = again_end,
    .expected = "a=Complete by its own pod",
    .length = 160,
};

/* --- ending: a pool and a group are deleted while a run of theirs is active ------------------ */

static void ending_begin(struct world *w)
{
    cluster_add_node(w, "n1", 2);
    add_pool(w, "a100", 2);
    world_request(
        w, "POST", API "/groups",
        OBJECT("Group") "\"name\":\"vision\"},\"spec\":{\"users\":[],\"poolRef\":\"a100\"}}");
}

static bool ending_can(struct world *w, unsigned i)
{
    static const char *const since[] = {"", "WaitingForGPUs Starting Running Complete", "", ""};
    struct apisim_object o;

    if (i == 0) { /* the group's namespace and account are there */
        return apisim_find(w->api, "serviceaccounts", "vision", "dkube-run", &o);
    }
    const char *phase = status_of(w, "dkuberuns", "vision", "a", "status.phase");
    return i != 1 || (*phase != '\0' && strstr(since[1], phase) != NULL);
}

static void ending_act(struct world *w, unsigned i)
{
    switch (i) {
    case 0:
        add_run(w, "vision", "a", 2, "");
        break;
    case 1:
        world_request(w, "DELETE", API "/pools/a100", NULL);
        break;
    default:
        world_request(w, "DELETE", API "/groups/vision", NULL);
    }
}

static const char *ending_end(struct world *w)
{
    struct apisim_object o;
    bool pool = apisim_find(w->api, "pools", "", "a100", &o);
    bool group = apisim_find(w->api, "groups", "", "vision", &o);
    bool account = apisim_find(w->api, "serviceaccounts", "vision", "dkube-run", &o);
    bool space = apisim_find(w->api, "namespaces", "", "vision", &o);
    const char *phase = status_of(w, "dkuberuns", "vision", "a", "status.phase");
    bool ended = str_eq(phase, "Complete") || str_eq(phase, "Error");

    return arena_printf(apisim_arena(w->api), "run=%s pool=%d group=%d account=%d namespace=%d",
                        ended ? "ended" : phase, pool, group, account, space);
}

static const struct workload ending = {
    .name = "ending",
    .programs = {&run_controller, &resource_program},
    .begin = ending_begin,
    .can = ending_can,
    .act = ending_act,
    .acts = 3,
    .end = ending_end,
    .expected = "run=ended pool=0 group=0 account=0 namespace=1",
    .length = 330,
};

const struct workload *const workloads[] = {&queue,   &contention, &serving, &import,
                                            &leaders, &ending,     &again,   &gang};
const size_t workload_count = ARRAY_LEN(workloads);
