#include "controllers/ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "controllers/common/activity.h"
#include "controllers/common/child.h"
#include "controllers/common/podlook.h"
#include "controllers/ledger/claim.h"

/* --- what a pass needs of the cache, kept in order -------------------------------------------- */

static bool list_node(const struct rec *node, char *ret UNUSED)
{
    struct gpu_node n;

    return gpu_node_read(node, &n);
}

static bool list_pod(const struct rec *pod, char *ret UNUSED)
{
    return !str_empty(pod_spec_node_name(pod)) && !pod_has_ended(pod) && pod_gpus(pod) > 0;
}

static bool list_rejected(const struct rec *pod, char *ret UNUSED)
{
    return pod_is_rejected(pod) && pod_gpus(pod) > 0;
}

static bool list_claim(const struct rec *run, char *ret UNUSED)
{
    return run_is_admitted(run);
}

#define LIST_LOOSE "/free"
#define LIST_LEAVING "/leaving"

/* Queues by namespace; and those that are to be told that they do not wait any more. */
static bool list_waiting(const struct rec *run, char *ret)
{
    bool told = dkuberun_status_position(run) > 0 || dkuberun_status_queue_set(run);
    bool loose = dkuberun_spec_free_only(run);

    if (!run_is_queued(run)) {
        memcpy(ret, LIST_LEAVING, sizeof(LIST_LEAVING));
        return told;
    }
    snprintf(ret, CACHE_LIST_MAX, "%s", loose ? LIST_LOOSE : rec_namespace(run));
    return true;
}

static int place_order(const struct rec *a, const struct rec *b)
{
    int order = rec_namespace(a) != NULL ? strcmp(rec_namespace(a), rec_namespace(b)) : 0;

    return order != 0 ? order : strcmp(rec_name(a), rec_name(b));
}

/* Ended runs of a pool and a size, the last first. */
static bool list_ended(const struct rec *run, char *ret)
{
    if (run_is_active(run) || run_asks(run) == 0 || dkuberun_spec_free_only(run) ||
        str_empty(dkuberun_status_admission_pool(run)) || !dkuberun_status_start_time_set(run) ||
        dkuberun_status_completion_time(run) < dkuberun_status_start_time(run)) {
        return false;
    }
    snprintf(ret, CACHE_LIST_MAX, "%.100s/%zu", dkuberun_status_admission_pool(run),
             learn_class(run_asks(run)));
    return true;
}

static int last_ended(const struct rec *a, const struct rec *b)
{
    int64_t s = dkuberun_status_completion_time(a), t = dkuberun_status_completion_time(b);

    return s != t ? (s < t) - (s > t) : run_place_order(a, b);
}

static int64_t learn(const struct rec *const *runs, size_t n)
{
    int64_t lasts[LEARN_MOST];

    for (size_t i = 0; i < n && i < LEARN_MOST; i++) {
        lasts[i] = dkuberun_status_completion_time(runs[i]) - dkuberun_status_start_time(runs[i]);
    }
    return learn_estimate(lasts, n < LEARN_MOST ? n : LEARN_MOST);
}

static const struct cache_order gpu_nodes = {&kind_node, list_node, place_order, NULL};
static const struct cache_order gpu_pods = {&kind_pod, list_pod, place_order, NULL};
static const struct cache_order rejected = {&kind_pod, list_rejected, place_order, NULL};
static const struct cache_order claims = {&kind_dkuberun, list_claim, run_place_order, NULL};
static const struct cache_order waiting = {&kind_dkuberun, list_waiting, run_order, NULL};
static const struct cache_order ended = {&kind_dkuberun, list_ended, last_ended, learn};
static const struct cache_order *const orders[] = {&gpu_nodes, &gpu_pods, &rejected, &claims,
                                                   &waiting,   &ended,    NULL};

/* --- gathering ------------------------------------------------------------------------------- */

static struct recs all_of(struct arena *a, const struct caches *c, const struct kind *k)
{
    struct recs r = {0};

    r.list = cache_list(a, c, k, NULL, &r.count);
    return r;
}

static struct recs list_of(struct arena *a, const struct caches *c, const struct cache_order *o,
                           const char *list)
{
    struct recs r = {0};

    r.list = cache_ordered(a, c, o, list, &r.count);
    return r;
}

static struct recs some_of(struct arena *a, const struct caches *c, const struct cache_order *o)
{
    return list_of(a, c, o, "");
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void gather_lines(struct arena *a, const struct caches *c, struct ledger_view *v)
{
    size_t n = 0;
    const char **names = cache_order_lists(a, c, &waiting, &n);
    struct ledger_line *lines = arena_alloc(a, n * sizeof(*lines) + 1);

    qsort(names, n, sizeof(*names), by_text);
    for (size_t i = 0; i < n; i++) {
        if (names[i][0] != '/') {
            lines[v->line_count++] =
                (struct ledger_line){names[i], list_of(a, c, &waiting, names[i])};
        }
    }
    v->lines = lines;
    v->loose = list_of(a, c, &waiting, LIST_LOOSE);
    v->leaving = list_of(a, c, &waiting, LIST_LEAVING);
}

static const struct rec *worker_of(const struct caches *c, const struct rec *run, uint32_t i)
{
    char name[WORKER_NAME_MAX];
    const struct rec *pod;

    worker_pod_name_into(name, sizeof(name), run, i);
    pod = cache_get(c, &kind_pod, rec_namespace(run), name);
    return is_owned(pod, run) ? pod : NULL;
}

static const struct rec **workers_of(struct arena *a, const struct caches *c, const struct rec *run)
{
    uint32_t count = run_workers(run);
    const struct rec **pods = arena_alloc(a, count * sizeof(struct rec *));

    for (uint32_t i = 0; i < count; i++) {
        pods[i] = worker_of(c, run, i);
    }
    return pods;
}

static void gather_claims(struct arena *a, const struct caches *c, struct ledger_view *v)
{
    struct recs runs = some_of(a, c, &claims);
    struct ledger_claim *list = arena_alloc(a, runs.count * sizeof(*list) + 1);

    for (size_t i = 0; i < runs.count; i++) {
        list[i] = (struct ledger_claim){runs.list[i], workers_of(a, c, runs.list[i])};
    }
    v->claims = list;
    v->claim_count = runs.count;
}

static const char *pool_of_owner(const struct caches *c, const struct rec *pod)
{
    const char *uid = rec_controller_uid(pod);
    const struct rec *run = uid != NULL ? cache_by_uid(c, &kind_dkuberun, uid) : NULL;
    const struct rec *d =
        uid != NULL && run == NULL ? cache_by_uid(c, &kind_deployment, uid) : NULL;

    if (dkuberun_status_admission_set(run)) {
        return dkuberun_status_admission_pool(run);
    }
    return deployment_status_admission_set(d) ? deployment_status_admission_pool(d) : NULL;
}

static void gather_pods(struct arena *a, const struct caches *c, struct ledger_view *v)
{
    struct recs pods = some_of(a, c, &gpu_pods);
    struct ledger_pod *list = arena_alloc(a, pods.count * sizeof(*list) + 1);

    for (size_t i = 0; i < pods.count; i++) {
        list[i] = (struct ledger_pod){pods.list[i], pool_of_owner(c, pods.list[i])};
    }
    v->pods = list;
    v->pod_count = pods.count;
}

static void gather_lengths(struct arena *a, const struct caches *c, struct ledger_view *v)
{
    int64_t(*learned)[LEARN_CLASSES] = arena_alloc(a, v->pools.count * sizeof(*learned) + 1);
    char list[CACHE_LIST_MAX];

    for (size_t i = 0; i < v->pools.count; i++) {
        for (size_t k = 0; k < LEARN_CLASSES; k++) {
            snprintf(list, sizeof(list), "%.100s/%zu", rec_name(v->pools.list[i]), k);
            learned[i][k] = cache_sum(c, &ended, list);
        }
    }
    v->learned = (const int64_t(*)[LEARN_CLASSES])learned;
}

bool ledger_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct ledger_view *v = view;

    v->now_ms = pass->now_ms;
    v->nodes = some_of(a, c, &gpu_nodes);
    v->pools = all_of(a, c, &kind_pool);
    v->groups = all_of(a, c, &kind_group);
    v->deployments = all_of(a, c, &kind_deployment);
    gather_lines(a, c, v);
    v->rejected = some_of(a, c, &rejected);
    gather_claims(a, c, v);
    gather_pods(a, c, v);
    gather_lengths(a, c, v);
    return true;
}

/* --- What concerns the ledger: heartbeats and pods without GPUs do not ----------------------- */

static bool same_node(const struct rec *old, const struct rec *now)
{
    struct gpu_node x = {0}, y = {0};
    bool is_x = gpu_node_read(old, &x), is_y = gpu_node_read(now, &y);

    return is_x == is_y && str_eq(x.type, y.type) && str_eq(x.resource, y.resource) &&
           x.total == y.total && x.healthy == y.healthy && x.ready == y.ready &&
           x.cordoned == y.cordoned;
}

static bool node_matters(const struct rec *old, const struct rec *now)
{
    return old == NULL || now == NULL || !same_node(old, now);
}

static bool group_matters(const struct rec *old, const struct rec *now)
{
    return old == NULL || now == NULL || rec_generation(old) != rec_generation(now) ||
           rec_is_deleted(old) != rec_is_deleted(now) ||
           !str_eq(group_status_namespace(old), group_status_namespace(now));
}

static bool run_matters(const struct rec *old, const struct rec *now)
{
    if (run_asks(now != NULL ? now : old) == 0) {
        return false;
    }
    return old == NULL || now == NULL || rec_generation(old) != rec_generation(now) ||
           rec_is_deleted(old) != rec_is_deleted(now) ||
           !str_eq(dkuberun_status_phase(old), dkuberun_status_phase(now)) ||
           dkuberun_status_attempt(old) != dkuberun_status_attempt(now) ||
           dkuberun_status_retry_time_set(old) != dkuberun_status_retry_time_set(now) ||
           dkuberun_status_position(old) != dkuberun_status_position(now) ||
           dkuberun_status_admission_set(old) != dkuberun_status_admission_set(now);
}

static bool deployment_matters(const struct rec *old, const struct rec *now)
{
    const struct rec *r = now != NULL ? now : old;

    return deployment_spec_gpus(r) > 0 || deployment_status_admission_set(r);
}

static bool pod_matters(const struct rec *old, const struct rec *now)
{
    if (pod_gpus(now != NULL ? now : old) == 0) {
        return false;
    }
    return old == NULL || now == NULL || pod_has_ended(old) != pod_has_ended(now) ||
           !str_eq(pod_spec_node_name(old), pod_spec_node_name(now));
}

static void map_ledger(struct enqueuer *q, const struct caches *c UNUSED,
                       const struct rec *old UNUSED, const struct rec *now UNUSED)
{
    enqueue(q, "", LEDGER_KEY);
}

static const struct watch watches[] = {
    {.kind = &kind_node, .when = node_matters, .map = map_ledger},
    {.kind = &kind_pool, .map = map_ledger},
    {.kind = &kind_group, .when = group_matters, .map = map_ledger},
    {.kind = &kind_dkuberun, .when = run_matters, .map = map_ledger},
    {.kind = &kind_deployment, .when = deployment_matters, .map = map_ledger},
    {.kind = &kind_pod, .when = pod_matters, .map = map_ledger},
};

const struct controller ledger_controller = {
    .name = "ledger",
    .manager = LEDGER_MANAGER,
    .root = NULL,
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .orders = orders,
    .view_size = sizeof(struct ledger_view),
    .gather = ledger_gather,
    .plan = ledger_plan,
    .measure = ledger_measure,
};
