#include "controllers/ledger/ledger.h"

#include <assert.h>
#include <stdlib.h>

#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/span.h"
#include "controllers/common/child.h"
#include "controllers/common/podlook.h"
#include "controllers/ledger/claim.h"

/* --- nodes ---------------------------------------------------------------------------------------
 */

static void read_nodes(struct snapshot *s)
{
    s->nodes = arena_alloc(s->a, s->v->nodes.count * sizeof(*s->nodes) + 1);
    for (size_t i = 0; i < s->v->nodes.count; i++) {
        s->node_count += gpu_node_read(s->v->nodes.list[i], &s->nodes[s->node_count]);
    }
    s->foreign = arena_alloc(s->a, s->node_count * sizeof(int64_t) + 1);
    s->quarantine = arena_alloc(s->a, s->node_count * sizeof(*s->quarantine) + 1);
}

static void describe_nodes(struct snapshot *s)
{
    struct part_node *list = arena_alloc(s->a, s->node_count * sizeof(*list) + 1);

    for (size_t n = 0; n < s->node_count; n++) {
        const struct gpu_node *node = &s->nodes[n];

        list[n] = (struct part_node){node->name, node->type, node->total,
                                     gpu_node_usable(node) == node->total};
    }
    s->partition.nodes = list;
    s->partition.node_count = s->node_count;
}

static size_t hash_name(const char *name)
{
    size_t h = 14695981039346656037u;

    for (; *name != '\0'; name++) {
        h = (h ^ (unsigned char)*name) * 1099511628211u;
    }
    return h ^ h >> 32;
}

static void index_nodes(struct snapshot *s)
{
    for (s->node_mask = 7; s->node_mask < 2 * s->node_count;) {
        s->node_mask = 2 * s->node_mask + 1;
    }
    s->node_slots = arena_alloc(s->a, (s->node_mask + 1) * sizeof(*s->node_slots));
    for (size_t n = 0; n < s->node_count; n++) {
        size_t at = hash_name(s->nodes[n].name) & s->node_mask;

        while (s->node_slots[at] != 0) {
            at = (at + 1) & s->node_mask;
        }
        s->node_slots[at] = n + 1;
    }
}

size_t snapshot_node(const struct snapshot *s, const char *name)
{
    size_t at = str_empty(name) ? 0 : hash_name(name) & s->node_mask;

    for (; !str_empty(name) && s->node_slots[at] != 0; at = (at + 1) & s->node_mask) {
        if (str_eq(s->nodes[s->node_slots[at] - 1].name, name)) {
            return s->node_slots[at] - 1;
        }
    }
    return SIZE_MAX;
}

/* --- nodes that refuse pods ------------------------------------------------------------------ */

static void recall_rejections(struct snapshot *s, const struct rec *pool)
{
    for (uint32_t i = 0; i < pool_status_nodes_count(pool); i++) {
        const struct rec *e = pool_status_nodes_at(pool, i);
        size_t n = pool_status_nodes_rejected_count(e) > 0
                       ? snapshot_node(s, pool_status_nodes_name(e))
                       : SIZE_MAX;

        for (uint32_t k = 0; n != SIZE_MAX && k < pool_status_nodes_rejected_count(e); k++) {
            const struct rec *r = pool_status_nodes_rejected_at(e, k);

            quarantine_add(&s->quarantine[n],
                           (struct rejection){pool_status_nodes_rejected_pod(r),
                                              pool_status_nodes_rejected_time(r)});
        }
    }
}

static void judge_nodes(struct snapshot *s)
{
    for (size_t i = 0; i < s->v->pools.count; i++) {
        recall_rejections(s, s->v->pools.list[i]);
    }
    for (size_t i = 0; i < s->v->rejected.count; i++) {
        const struct rec *pod = s->v->rejected.list[i];
        size_t n = snapshot_node(s, pod_spec_node_name(pod));

        if (n != SIZE_MAX) {
            quarantine_add(
                &s->quarantine[n],
                (struct rejection){arena_printf(s->a, "%s/%s", rec_namespace(pod), rec_name(pod)),
                                   rec_created_ms(pod)});
        }
    }
    for (size_t n = 0; n < s->node_count; n++) {
        quarantine_judge(&s->quarantine[n], s->v->now_ms);
        s->nodes[n].quarantined = s->quarantine[n].until_ms > 0;
    }
}

/* --- pools ---------------------------------------------------------------------------------------
 */

static int by_age(const void *x, const void *y)
{
    const struct rec *a = *(const struct rec *const *)x, *b = *(const struct rec *const *)y;
    int64_t s = rec_created_ms(a), t = rec_created_ms(b);

    return s != t ? (s > t) - (s < t) : strcmp(rec_name(a), rec_name(b));
}

static void read_wants(struct snapshot *s, struct pool_state *pool)
{
    struct part_pool *p = pool->part;
    struct part_share *wants =
        arena_alloc(s->a, pool_spec_nodes_count(pool->live) * sizeof(*wants) + 1);

    p->by_nodes = true;
    for (uint32_t i = 0; i < pool_spec_nodes_count(pool->live); i++) {
        const struct rec *e = pool_spec_nodes_at(pool->live, i);
        size_t n = snapshot_node(s, pool_spec_nodes_name(e));
        int64_t gpus = gpu_min(pool_spec_nodes_gpus(e), GPU_MAX);

        p->gpus = gpu_add(p->gpus, gpus);
        if (n == SIZE_MAX) {
            pool->absent_node = pool_spec_nodes_name(e);
        } else if (gpus > 0) {
            wants[p->want_count++] = (struct part_share){n, gpus};
        }
    }
    p->wants = wants;
}

static void read_last(struct snapshot *s, struct pool_state *pool)
{
    struct part_share *last =
        arena_alloc(s->a, pool_status_nodes_count(pool->live) * sizeof(*last) + 1);

    for (uint32_t i = 0; i < pool_status_nodes_count(pool->live); i++) {
        const struct rec *e = pool_status_nodes_at(pool->live, i);
        size_t n = snapshot_node(s, pool_status_nodes_name(e));

        if (n != SIZE_MAX && pool_status_nodes_gpus(e) > 0) {
            last[pool->part->last_count++] = (struct part_share){n, pool_status_nodes_gpus(e)};
        }
    }
    pool->part->last = last;
}

static const int64_t *learned_of(const struct snapshot *s, const struct rec *live)
{
    for (size_t i = 0; i < s->v->pools.count && s->v->learned != NULL; i++) {
        if (s->v->pools.list[i] == live) {
            return s->v->learned[i];
        }
    }
    return NULL;
}

static void read_pool(struct snapshot *s, const struct rec *live)
{
    struct pool_state *pool = &s->pools[s->pool_count];

    pool->live = live;
    pool->learned = learned_of(s, live);
    pool->name = live != NULL ? rec_name(live) : POOL_REST;
    pool->group = groups_owner(&s->groups, pool->name);
    pool->ending = live != NULL && rec_is_deleted(live);
    pool->part = &s->partition.pools[s->pool_count++];
    pool->use = arena_alloc(s->a, s->node_count * sizeof(int64_t) + 1);
    pool->free = arena_alloc(s->a, s->node_count * sizeof(int64_t) + 1);
    pool->part->use = pool->use;
    if (live == NULL || str_eq(pool->name, POOL_REST)) {
        return;
    }
    pool->part->type = str_empty(pool_spec_gpu_type(live)) ? NULL : pool_spec_gpu_type(live);
    read_last(s, pool);
    if (pool->ending) {
        return;
    }
    if (pool_spec_nodes_count(live) > 0) {
        read_wants(s, pool);
    } else {
        pool->part->gpus = gpu_min(pool_spec_gpus(live), INT32_MAX);
    }
}

static int pool_compare(const void *key, const void *pool)
{
    return strcmp(key, (*(struct pool_state *const *)pool)->name);
}

static int by_name(const void *x, const void *y)
{
    return pool_compare((*(struct pool_state *const *)x)->name, y);
}

static void sort_pools(struct snapshot *s)
{
    s->by_name = arena_alloc(s->a, s->pool_count * sizeof(struct pool_state *));
    for (size_t i = 0; i < s->pool_count; i++) {
        s->by_name[i] = &s->pools[i];
    }
    qsort(s->by_name, s->pool_count, sizeof(struct pool_state *), by_name);
}

struct pool_state *snapshot_pool(const struct snapshot *s, const char *name)
{
    struct pool_state *const *found = NULL;

    if (!str_empty(name)) {
        found = bsearch(name, s->by_name, s->pool_count, sizeof(*found), pool_compare);
    }
    return found != NULL ? *found : NULL;
}

static void find_pools_of_groups(struct snapshot *s)
{
    s->pool_of = arena_alloc(s->a, s->groups.count * sizeof(struct pool_state *) + 1);
    for (size_t i = 0; i < s->groups.count; i++) {
        struct pool_state *pool = snapshot_pool(s, s->groups.list[i].pool);

        if (pool != NULL && !s->groups.list[i].ending && !pool->ending && pool->live != NULL) {
            s->pool_of[i] = pool;
        }
    }
}

static void read_pools(struct snapshot *s)
{
    size_t count = s->v->pools.count;
    const struct rec **sorted = arena_memdup(s->a, s->v->pools.list, count * sizeof(*sorted));
    const struct rec *rest = NULL;

    if (count > 0) {
        qsort(sorted, count, sizeof(*sorted), by_age);
    }
    s->pools = arena_alloc(s->a, (count + 1) * sizeof(*s->pools));
    s->partition.pools = arena_alloc(s->a, (count + 1) * sizeof(*s->partition.pools));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(rec_name(sorted[i]), POOL_REST)) {
            rest = sorted[i];
        } else {
            read_pool(s, sorted[i]);
        }
    }
    read_pool(s, rest);
    s->partition.pool_count = s->pool_count;
    sort_pools(s);
    find_pools_of_groups(s);
}

struct pool_state *snapshot_pool_for(const struct snapshot *s, const char *ns)
{
    const struct ns_pool *space = groups_find(&s->groups, ns);

    return space != NULL ? s->pool_of[space - s->groups.list] : NULL;
}

/* What a pool that is gone has left behind belongs to the rest. */
static struct pool_state *pool_or_rest(const struct snapshot *s, const char *name)
{
    struct pool_state *pool = snapshot_pool(s, name);

    return pool != NULL ? pool : &s->pools[s->pool_count - 1];
}

/* --- who uses them --------------------------------------------------------------------------- */

/* The pool that a pod's GPUs come from; NULL: a stranger's. */
static struct pool_state *pool_of_pod(const struct snapshot *s, const struct ledger_pod *p)
{
    const struct ns_pool *space;

    if (p->pool != NULL) {
        return pool_or_rest(s, p->pool);
    }
    space = groups_find(&s->groups, rec_namespace(p->pod));
    if (space == NULL || !str_eq(rec_label(p->pod, LABEL_MANAGED), "dkube")) {
        return NULL;
    }
    return pool_or_rest(s, space->pool);
}

/* Rules 1 and 2: until it has ended, and wherever it stands. */
static void count_pods(struct snapshot *s)
{
    for (size_t i = 0; i < s->v->pod_count; i++) {
        const struct rec *pod = s->v->pods[i].pod;
        size_t n = snapshot_node(s, pod_spec_node_name(pod));
        struct pool_state *pool;
        int64_t *used;

        if (n == SIZE_MAX) {
            continue;
        }
        pool = pool_of_pod(s, &s->v->pods[i]);
        used = pool != NULL ? &pool->use[n] : &s->foreign[n];
        *used = gpu_add(*used, pod_gpus(pod));
    }
}

struct pod_key {
    const char *ns, *name;
};

static int pod_compare(const void *x, const void *y)
{
    const struct pod_key *k = x;
    const struct rec *pod = ((const struct ledger_pod *)y)->pod;
    int order = strcmp(k->ns, rec_namespace(pod));

    return order != 0 ? order : strcmp(k->name, rec_name(pod));
}

/* The owner's pod of that name, if it stands on a node, or NULL. */
static const struct rec *pod_of(const struct snapshot *s, const struct rec *owner, const char *name)
{
    struct pod_key key = {rec_namespace(owner), name};
    const struct ledger_pod *found = NULL;

    if (s->v->pod_count > 0) {
        found = bsearch(&key, s->v->pods, s->v->pod_count, sizeof(*found), pod_compare);
    }
    return found != NULL && is_owned(found->pod, owner) ? found->pod : NULL;
}

/* A claim counts until its pod stands on its node: then the pod is what counts, and of the claim
 * what is more than that. */
static int64_t claim_beyond(const struct rec *pod, const char *node, int64_t gpus)
{
    bool there = pod != NULL && !pod_has_ended(pod) && str_eq(pod_spec_node_name(pod), node);

    return there ? gpu_minus(gpus, pod_gpus(pod)) : gpus;
}

static void count_claim(struct snapshot *s, struct pool_state *pool, const char *node, int64_t gpus)
{
    size_t n = snapshot_node(s, node);

    if (n != SIZE_MAX && gpus > 0) {
        pool->use[n] = gpu_add(pool->use[n], gpu_min(gpus, GPU_MAX));
    }
}

/* Its pod is made once at most. Until the status says so an end that nobody wrote down may be
 * followed by another pod: the run-controller sees none, and makes it on the same GPUs. */
static bool is_made_once(const struct rec *run)
{
    const char *phase = dkuberun_status_phase(run);

    return str_eq(phase, "Running") || str_eq(phase, "Stopping");
}

static void count_run(struct snapshot *s, struct pool_state *pool, const struct ledger_claim *c)
{
    const struct rec *run = c->run;

    for (uint32_t i = 0; i < run_workers(run); i++) {
        const struct rec *e = dkuberun_status_admission_nodes_at(run, i), *pod = c->pods[i];
        const char *node = dkuberun_status_admission_nodes_name(e);

        if (pod != NULL && pod_has_ended(pod) && is_made_once(run)) {
            continue; /* it has released them */
        }
        count_claim(s, pool, node,
                    claim_beyond(pod, node, dkuberun_status_admission_nodes_gpus(e)));
    }
}

/* Seats that it no longer asks for, or not of that size, count by their pods alone. A seat outlives
 * its pod: the next one comes back to it. */
static void count_deployment(struct snapshot *s, const struct rec *d)
{
    struct pool_state *pool = pool_or_rest(s, deployment_status_admission_pool(d));
    int64_t size = deployment_spec_gpus(d);
    int64_t seats = gpu_min(deployment_status_admission_nodes_count(d),
                            size > 0 ? deployment_spec_min_replicas(d) : 0);

    for (uint32_t i = 0; i < seats; i++) {
        const struct rec *e = deployment_status_admission_nodes_at(d, i);
        const char *node = deployment_status_admission_nodes_name(e);
        const struct rec *pod = pod_of(s, d, replica_pod_name(s->a, rec_name(d), i));

        if (deployment_status_admission_nodes_gpus(e) == size) {
            count_claim(s, pool, node, claim_beyond(pod, node, size));
        }
    }
}

void snapshot_list(const struct snapshot *s, struct pool_state *pool, const struct rec *run)
{
    size_t at = pool->run_count;

    (void)arena_push(s->a, (void **)&pool->runs, &pool->run_count, sizeof(run));
    for (; at > 0 && run_place_order(pool->runs[at - 1], run) > 0; at--) {
        pool->runs[at] = pool->runs[at - 1];
    }
    pool->runs[at] = run;
}

static void count_claims(struct snapshot *s)
{
    for (size_t i = 0; i < s->v->claim_count; i++) {
        const struct ledger_claim *c = &s->v->claims[i];
        struct pool_state *pool = pool_or_rest(s, dkuberun_status_admission_pool(c->run));

        if (dkuberun_status_admission_nodes_count(c->run) > 0) { /* else nothing was free for it */
            snapshot_list(s, pool, c->run);
            count_run(s, pool, c);
        }
    }
    for (size_t i = 0; i < s->v->deployments.count; i++) {
        if (!rec_is_deleted(s->v->deployments.list[i])) {
            count_deployment(s, s->v->deployments.list[i]);
        }
    }
}

/* --- what is free ---------------------------------------------------------------------------- */

/* Strangers and broken GPUs are charged to the rest first, then to the youngest pool. */
static void charge(struct snapshot *s, size_t n, int64_t foreign, int64_t broken)
{
    for (size_t i = s->pool_count; i > 0; i--) {
        struct pool_state *pool = &s->pools[i - 1];
        int64_t idle = gpu_minus(pool->part->share[n], gpu_add(pool->use[n], pool->free[n]));
        int64_t taken = gpu_min(idle, foreign);

        pool->foreign += taken;
        foreign -= taken;
        taken = gpu_min(idle - taken, broken);
        pool->unhealthy += taken;
        broken -= taken;
    }
    s->pools[s->pool_count - 1].foreign += foreign;
    for (size_t i = s->pool_count; i > 0 && broken > 0; i--) {
        struct pool_state *pool = &s->pools[i - 1];
        int64_t taken = gpu_min(gpu_min(pool->use[n], pool->part->share[n]), broken);

        pool->unhealthy += taken;
        broken -= taken;
    }
}

static void count_node(struct snapshot *s, size_t n)
{
    int64_t usable = gpu_node_usable(&s->nodes[n]), left = gpu_minus(usable, s->foreign[n]);

    for (size_t i = 0; i < s->pool_count; i++) {
        left = gpu_minus(left, s->pools[i].use[n]);
    }
    for (size_t i = 0; i < s->pool_count; i++) {
        struct pool_state *pool = &s->pools[i];

        pool->free[n] = gpu_min(gpu_minus(pool->part->share[n], pool->use[n]), left);
        left -= pool->free[n];
        pool->capacity += pool->part->share[n];
        pool->allocated = gpu_add(pool->allocated, pool->use[n]);
        pool->available += pool->free[n];
    }
    charge(s, n, s->foreign[n], s->nodes[n].total - usable);
}

void snapshot_give(struct pool_state *pool, size_t node, int64_t gpus)
{
    pool->use[node] += gpus;
    pool->free[node] -= gpus;
    pool->allocated += gpus;
    pool->available -= gpus;
}

static void find_wrong_nodes(struct snapshot *s)
{
    for (size_t i = 0; i + 1 < s->pool_count; i++) {
        struct part_pool *p = s->pools[i].part;

        for (size_t k = 0; p->by_nodes && k < p->want_count; k++) {
            if (!str_eq(s->nodes[p->wants[k].node].type, p->got_type)) {
                s->pools[i].wrong_node = s->nodes[p->wants[k].node].name;
            }
        }
    }
}

void snapshot_build(struct snapshot *s, struct arena *a, const struct ledger_view *v)
{
    *s = (struct snapshot){.a = a, .v = v};
    s->groups = groups_of(a, v->groups.list, v->groups.count);
    read_nodes(s);
    index_nodes(s);
    judge_nodes(s);
    describe_nodes(s);
    read_pools(s);
    count_pods(s);
    count_claims(s);
    partition_compute(a, &s->partition);
    assert(partition_holds(&s->partition));
    for (size_t n = 0; n < s->node_count; n++) {
        count_node(s, n);
    }
    find_wrong_nodes(s);
}
