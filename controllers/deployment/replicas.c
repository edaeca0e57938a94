/*
 * Rolling: without GPUs a new replica is ready before an old one goes; with GPUs, of which there
 * are only as many as admitted, one old replica goes first. Replicas that are not ready go at once,
 * for they serve nobody.
 */
#include <stdlib.h>

#include "api/deployment.gen.h"
#include "api/pod.gen.h"
#include "base/span.h"
#include "controllers/deployment/serving.h"

#define REPLACE_AFTER_MS 10000 /* a replica that ended is replaced no sooner after its creation */
#define STRANDED_MS 300000     /* past its grace, a replica's node does not answer */
#define REFUSED_MS 30000       /* until a replica that the API server refused is tried again */
#define TAKEN_MS 30000 /* until the next look at a name that is taken: its pod leads nowhere */

static bool needs_gpus(const struct deployment_view *v)
{
    return deployment_spec_gpus(v->subject.live) > 0;
}

static bool is_there(const struct rec *pod)
{
    return !rec_is_deleted(pod) && !pod_has_ended(pod);
}

/* The ledger's seat i is the replica i's: its node, or NULL while there is none of the size asked
 * for. */
static const char *seat_of(const struct deployment_view *v, int64_t index)
{
    const struct rec *live = v->subject.live, *node;

    if (index < 0 || index >= deployment_status_admission_nodes_count(live)) {
        return NULL;
    }
    node = deployment_status_admission_nodes_at(live, (uint32_t)index);
    return deployment_status_admission_nodes_gpus(node) == deployment_spec_gpus(live)
               ? deployment_status_admission_nodes_name(node)
               : NULL;
}

static int64_t index_of(const struct rec *pod)
{
    const char *dash = strrchr(rec_name(pod), '-');

    return dash != NULL ? strtoll(dash + 1, NULL, 10) : 0;
}

/* A replica that the ledger has moved is to be replaced like one of an old revision. */
static bool is_current(const struct deployment_view *v, const struct rec *pod, const char *revision)
{
    const char *seat = needs_gpus(v) ? seat_of(v, index_of(pod)) : NULL;

    return str_eq(rec_label(pod, LABEL_REVISION), revision) &&
           (seat == NULL || str_eq(pod_metadata_annotations_get(pod, NOTE_NODE), seat));
}

static int64_t allowed(const struct deployment_view *v, int64_t wanted)
{
    int64_t given = deployment_status_admission_replicas(v->subject.live);

    return needs_gpus(v) && given < wanted ? given : wanted;
}

struct replicas deployment_count(const struct deployment_view *v, const char *revision)
{
    struct replicas n = {.wanted = deployment_wanted(v->subject.live)};

    n.allowed = allowed(v, n.wanted);
    for (size_t i = 0; i < v->pod_count; i++) {
        bool ready = pod_is_ready(v->pods[i]);

        if (is_there(v->pods[i])) {
            n.there++;
            n.ready += ready;
            n.current += is_current(v, v->pods[i], revision);
            n.current_ready += ready && is_current(v, v->pods[i], revision);
        }
    }
    for (int64_t i = 0; i < n.wanted && n.taken == NULL; i++) {
        n.taken = v->taken[i] != NULL ? rec_name(v->taken[i]) : NULL;
    }
    return n;
}

/* --- Making
 * ----------------------------------------------------------------------------------------- */

static bool is_name_used(const struct deployment_view *v, struct arena *a, int64_t index)
{
    const char *name = deployment_replica_name(a, v->subject.live, index);

    if (v->taken[index] != NULL) {
        return true;
    }
    for (size_t i = 0; i < v->pod_count; i++) {
        if (str_eq(rec_name(v->pods[i]), name)) {
            return true;
        }
    }
    return false;
}

const struct refused *deployment_refusal(const struct deployment_view *v)
{
    const struct refused *r = v->refused;

    return r != NULL && r->verb == OP_CREATE && r->kind == &kind_pod ? r : NULL;
}

static void make(const struct deployment_view *v, struct plan *p, const struct rec *version,
                 const struct replicas *n)
{
    const struct rec *live = v->subject.live;
    bool gpus = needs_gpus(v);
    int64_t names = gpus ? n->allowed : n->wanted + 1;
    int64_t surge = !gpus && n->there > n->current ? 1 : 0;
    int64_t current = n->current, total = n->there;

    if (n->taken != NULL) {
        plan_wake_at(p, v->subject.now_ms + TAKEN_MS);
    }
    for (int64_t i = 0; i < names && current < n->allowed && total < n->allowed + surge; i++) {
        struct replica r = {.index = i, .version = version, .node = gpus ? seat_of(v, i) : NULL};

        if (is_name_used(v, p->a, i) || (gpus && r.node == NULL)) {
            continue;
        }
        plan_create(p, &kind_pod, rec_namespace(live), deployment_replica_name(p->a, live, i),
                    rec_uid(live), deployment_pod(v, p->a, &r));
        current++;
        total++;
    }
}

/* --- Removing
 * --------------------------------------------------------------------------------------- */

static void replace_ended(const struct deployment_view *v, struct plan *p)
{
    for (size_t i = 0; i < v->pod_count; i++) {
        int64_t due = rec_created_ms(v->pods[i]) + REPLACE_AFTER_MS;

        if (rec_is_deleted(v->pods[i]) || !pod_has_ended(v->pods[i])) {
            continue;
        }
        if (v->subject.now_ms < due) {
            plan_wake_at(p, due);
        } else {
            plan_delete(p, &kind_pod, v->pods[i], -1);
        }
    }
}

static void drop_old(const struct deployment_view *v, struct plan *p, const struct replicas *n,
                     const char *revision)
{
    int64_t least = needs_gpus(v) && n->wanted > 0 ? n->wanted - 1 : n->wanted;
    int64_t spare = n->ready - least;

    for (size_t i = 0; i < v->pod_count; i++) {
        const struct rec *pod = v->pods[i];

        if (!is_there(pod) || is_current(v, pod, revision)) {
            continue;
        }
        if (pod_is_ready(pod) && spare-- <= 0) {
            continue;
        }
        plan_delete(p, &kind_pod, pod, -1);
    }
}

/* Nobody will end it: its name is needed for the next. */
static void drop_stranded(const struct deployment_view *v, struct plan *p)
{
    for (size_t i = 0; i < v->pod_count; i++) {
        int64_t at = rec_int(v->pods[i], REC_DELETED) + STRANDED_MS;

        if (!rec_is_deleted(v->pods[i])) {
            continue;
        }
        if (v->subject.now_ms >= at) {
            plan_delete(p, &kind_pod, v->pods[i], 0);
        } else {
            plan_wake_at(p, at);
        }
    }
}

/* Replicas whose seat is no more. */
static void drop_unseated(const struct deployment_view *v, struct plan *p, const struct replicas *n)
{
    for (size_t i = 0; i < v->pod_count; i++) {
        if (index_of(v->pods[i]) >= n->wanted) {
            plan_delete(p, &kind_pod, v->pods[i], -1);
        }
    }
}

static const struct rec *last_of(const struct deployment_view *v, const char *revision, bool ready,
                                 int64_t below)
{
    const struct rec *last = NULL;

    for (size_t i = 0; i < v->pod_count; i++) {
        const struct rec *pod = v->pods[i];

        if (is_there(pod) && is_current(v, pod, revision) && pod_is_ready(pod) == ready &&
            index_of(pod) < below && (last == NULL || index_of(pod) > index_of(last))) {
            last = pod;
        }
    }
    return last;
}

/* Too many of the present revision: those that are not ready first, then the last. */
static void drop_excess(const struct deployment_view *v, struct plan *p, const struct replicas *n,
                        const char *revision)
{
    int64_t excess = n->current - n->wanted;

    for (int ready = 0; ready <= 1; ready++) {
        const struct rec *pod = last_of(v, revision, ready == 1, INT64_MAX);

        for (; pod != NULL && excess > 0; excess--) {
            plan_delete(p, &kind_pod, pod, -1);
            pod = last_of(v, revision, ready == 1, index_of(pod));
        }
    }
}

/* Not ready before ready, then from the last name downwards. */
static int by_use(const void *x, const void *y)
{
    const struct rec *a = *(const struct rec *const *)x, *b = *(const struct rec *const *)y;
    bool p = pod_is_ready(a), q = pod_is_ready(b);
    int64_t i = index_of(a), k = index_of(b);

    return p != q ? p - q : (i < k) - (i > k);
}

void deployment_shrink(const struct deployment_view *v, struct plan *p)
{
    const struct rec **there = arena_alloc(p->a, (v->pod_count + 1) * sizeof(const struct rec *));
    size_t wanted = (size_t)deployment_wanted(v->subject.live), count = 0;

    for (size_t i = 0; i < v->pod_count; i++) {
        if (is_there(v->pods[i])) {
            there[count++] = v->pods[i];
        }
    }
    if (count > wanted) {
        qsort(there, count, sizeof(*there), by_use);
    }
    for (size_t i = 0; i + wanted < count; i++) {
        plan_delete(p, &kind_pod, there[i], -1);
    }
}

void deployment_roll(const struct deployment_view *v, struct plan *p, const struct rec *version)
{
    const char *revision = deployment_hash(v, p->a, version);
    struct replicas n = deployment_count(v, revision);

    replace_ended(v, p);
    drop_stranded(v, p);
    drop_old(v, p, &n, revision);
    if (needs_gpus(v)) {
        drop_unseated(v, p, &n);
    } else {
        drop_excess(v, p, &n, revision);
    }
    if (deployment_refusal(v) == NULL) {
        make(v, p, version, &n);
    } else {
        plan_wake_at(p, v->subject.now_ms + REFUSED_MS);
    }
}
