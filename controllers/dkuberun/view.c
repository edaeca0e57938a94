#include "api/artifactversion.gen.h"
#include "api/coderepo.gen.h"
#include "api/dataset.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/gpu.h"

static const struct rec *owner_of(const struct caches *c, const char *ns, const struct run_ref *ref)
{
    return cache_get(c, str_eq(ref->kind, "Model") ? &kind_model : &kind_dataset, ns, ref->name);
}

static const char *or_dflt(const char *s, const char *dflt)
{
    return str_empty(s) ? dflt : s;
}

/* The version asked for, ready or not; else the newest that is ready. */
static void find_version(const struct caches *c, const char *ns, struct run_ref *ref,
                         int64_t wanted)
{
    struct cache_iter it = {0};
    const struct rec *r;

    while ((r = cache_next(c, &kind_artifactversion, ns, &it)) != NULL) {
        int64_t number = artifactversion_spec_number(r);

        if (!str_eq(artifactversion_spec_of_kind(r), ref->kind) ||
            !str_eq(artifactversion_spec_of_name(r), ref->name) || rec_is_deleted(r)) {
            continue;
        }
        ref->newest = number > ref->newest ? number : ref->newest;
        if (wanted > 0 ? number == wanted
                       : artifactversion_status_ready(r) &&
                             number > artifactversion_spec_number(ref->version)) {
            ref->version = r;
        }
    }
}

static void find_made(const struct caches *c, const struct rec *run, struct run_ref *ref)
{
    struct cache_iter it = {0};
    const struct rec *r;

    while ((r = cache_next(c, &kind_artifactversion, rec_namespace(run), &it)) != NULL) {
        if (str_eq(artifactversion_spec_run_uid(r), rec_uid(run)) &&
            str_eq(artifactversion_spec_output(r), ref->name)) {
            ref->version = r;
        }
    }
}

static void gather_refs(const struct caches *c, struct run_view *v, enum run_phase phase)
{
    const struct rec *live = v->subject.live;
    const char *ns = rec_namespace(live);

    for (uint32_t i = 0; i < dkuberun_spec_inputs_count(live) && i < RUN_INPUTS_MAX; i++) {
        const struct rec *e = dkuberun_spec_inputs_at(live, i);
        struct run_ref *ref = &v->inputs[i];

        *ref = (struct run_ref){.kind = or_dflt(dkuberun_spec_inputs_kind(e), "Dataset"),
                                .name = dkuberun_spec_inputs_name(e)};
        if (phase == PHASE_QUEUED) {
            ref->owner = owner_of(c, ns, ref);
            find_version(c, ns, ref, dkuberun_spec_inputs_version(e));
        }
    }
    for (uint32_t i = 0; i < dkuberun_spec_outputs_count(live) && i < RUN_INPUTS_MAX; i++) {
        const struct rec *e = dkuberun_spec_outputs_at(live, i);
        struct run_ref *ref = &v->outputs[i];

        *ref = (struct run_ref){.kind = or_dflt(dkuberun_spec_outputs_kind(e), "Model"),
                                .name = dkuberun_spec_outputs_name(e)};
        ref->owner = owner_of(c, ns, ref);
        if (phase == PHASE_COMPLETE) {
            find_made(c, live, ref);
        }
    }
}

static const struct rec *node_of(const struct caches *c, const struct run_view *v)
{
    const char *name = pod_spec_node_name(v->worker);

    if (str_empty(name)) {
        name = dkuberun_status_admission_nodes_name(
            dkuberun_status_admission_nodes_at(v->subject.live, v->rank));
    }
    return str_empty(name) ? NULL : cache_get(c, &kind_node, "", name);
}

static void gather_worker(struct arena *a, const struct caches *c, struct run_view *v)
{
    v->worker_name = worker_pod_name(a, v->subject.live, v->rank);
    v->worker = cache_get(c, &kind_pod, rec_namespace(v->subject.live), v->worker_name);
    v->node = node_of(c, v);
}

static void gather_peers(struct arena *a, const struct caches *c, struct run_view *v)
{
    if (v->workers < 2) {
        return;
    }
    v->peers = arena_alloc(a, (v->workers - 1) * sizeof(*v->peers));
    for (uint32_t i = 1; i < v->workers; i++) {
        v->peers[i - 1] = *v;
        v->peers[i - 1].rank = i;
        gather_worker(a, c, &v->peers[i - 1]);
    }
}

const struct run_view *run_member(const struct run_view *v, uint32_t rank)
{
    return rank == 0 ? v : &v->peers[rank - 1];
}

bool run_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct run_view *v = view;
    const char *ns = pass->key.ns;
    const struct rec *live = cache_get(c, &kind_dkuberun, ns, pass->key.name);

    if (live == NULL) {
        return false; /* its pods go with it, and count until they are gone */
    }
    v->subject = (struct subject){&kind_dkuberun, live, DKUBERUN_STATUS, pass->now_ms};
    v->conf = pass->conf;
    v->answers = pass->answers;
    v->refused = pass->refused;
    if (groups_look(a, c, ns, &v->space) && v->space.pool != NULL) {
        v->pool = cache_get(c, &kind_pool, "", v->space.pool);
    }
    if (!str_empty(dkuberun_spec_code_repo(live))) {
        v->repo = cache_get(c, &kind_coderepo, ns, dkuberun_spec_code_repo(live));
    }
    gather_refs(c, v, phase_parse(dkuberun_status_phase(live)));
    v->resolve_name = arena_printf(a, "%s-resolve-0", rec_name(live));
    v->resolve = cache_get(c, &kind_pod, ns, v->resolve_name);
    v->workers = run_workers(live);
    gather_worker(a, c, v);
    v->pods = cache_owned(a, c, &kind_pod, rec_uid(live), &v->pod_count);
    gather_peers(a, c, v);
    return true;
}

/* --- Whom an event concerns ------------------------------------------------------------------ */

static bool is_waiting(const struct rec *run)
{
    enum run_phase phase = phase_parse(dkuberun_status_phase(run));

    return phase == PHASE_QUEUED || phase == PHASE_WAITING;
}

/* Runs that have not been admitted; ns NULL: of all namespaces. */
static void enqueue_waiting(struct enqueuer *q, const struct caches *c, const char *ns)
{
    struct cache_iter it = {0};
    const struct rec *run;

    while ((run = cache_next(c, &kind_dkuberun, ns, &it)) != NULL) {
        if (is_waiting(run)) {
            enqueue(q, rec_namespace(run), rec_name(run));
        }
    }
}

static void map_named(struct enqueuer *q, const struct caches *c, const struct rec *old,
                      const struct rec *now)
{
    if (old == NULL || now == NULL || rec_generation(old) != rec_generation(now)) {
        enqueue_waiting(q, c, rec_namespace(now != NULL ? now : old));
    }
}

static void map_version(struct enqueuer *q, const struct caches *c, const struct rec *old,
                        const struct rec *now)
{
    const struct rec *r = now != NULL ? now : old;

    if (!str_empty(artifactversion_spec_run(r))) {
        enqueue(q, rec_namespace(r), artifactversion_spec_run(r));
    }
    if (old == NULL || now == NULL ||
        artifactversion_status_ready(old) != artifactversion_status_ready(now)) {
        enqueue_waiting(q, c, rec_namespace(r));
    }
}

static void map_group(struct enqueuer *q, const struct caches *c, const struct rec *old,
                      const struct rec *now)
{
    if (old == NULL || now == NULL || rec_generation(old) != rec_generation(now)) {
        enqueue_waiting(q, c, NULL);
    }
}

static bool same_size(const struct rec *old, const struct rec *now)
{
    return rec_generation(old) == rec_generation(now) &&
           rec_is_deleted(old) == rec_is_deleted(now) &&
           pool_status_observed_generation(old) == pool_status_observed_generation(now) &&
           pool_status_capacity(old) == pool_status_capacity(now) &&
           pool_status_nodes_count(old) == pool_status_nodes_count(now);
}

static void map_pool(struct enqueuer *q, const struct caches *c, const struct rec *old,
                     const struct rec *now)
{
    if (old == NULL || now == NULL || !same_size(old, now)) {
        enqueue_waiting(q, c, NULL);
    }
}

/* A node that goes, or stops answering, concerns what was put onto it. */
static void map_node(struct enqueuer *q, const struct caches *c, const struct rec *old,
                     const struct rec *now)
{
    struct cache_iter it = {0};
    const struct rec *run;

    if (old == NULL || (now != NULL && node_is_ready(old) == node_is_ready(now))) {
        return;
    }
    while ((run = cache_next(c, &kind_dkuberun, NULL, &it)) != NULL) {
        enum run_phase phase = phase_parse(dkuberun_status_phase(run));

        if (phase == PHASE_STARTING || phase == PHASE_RUNNING || phase == PHASE_STOPPING) {
            enqueue(q, rec_namespace(run), rec_name(run));
        }
    }
}

static const struct watch watches[] = {
    {.kind = &kind_dkuberun, .map = map_self},
    {.kind = &kind_pod, .map = map_owner},
    {.kind = &kind_group, .map = map_group},
    {.kind = &kind_pool, .map = map_pool},
    {.kind = &kind_node, .map = map_node},
    {.kind = &kind_coderepo, .map = map_named},
    {.kind = &kind_dataset, .map = map_named},
    {.kind = &kind_model, .map = map_named},
    {.kind = &kind_artifactversion, .map = map_version},
};

const struct controller dkuberun_controller = {
    .name = "dkuberun",
    .manager = "dkube-run-controller",
    .root = &kind_dkuberun,
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct run_view),
    .gather = run_gather,
    .plan = run_plan,
};
