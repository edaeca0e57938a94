/*
 * Rolling: without GPUs a new replica is ready before an old one goes; with GPUs, of which there
 * are only as many as admitted, one old replica goes first. Replicas that are not ready go at once,
 * for they serve nobody.
 */
#include <stdlib.h>

#include "api/deployment.gen.h"
#include "base/span.h"
#include "controllers/deployment/serving.h"

#define REPLACE_AFTER_MS 10000 /* a replica that ended is replaced no sooner after its creation */

static bool needs_gpus(const struct deployment_view *v)
{
    return deployment_spec_gpus(v->subject.live) > 0;
}

static bool is_there(const struct rec *pod)
{
    return !rec_is_deleted(pod) && !pod_has_ended(pod);
}

static bool is_current(const struct rec *pod, const char *revision)
{
    return str_eq(rec_label(pod, LABEL_REVISION), revision);
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
            n.current += is_current(v->pods[i], revision);
            n.current_ready += ready && is_current(v->pods[i], revision);
        }
    }
    for (int64_t i = 0; i < n.wanted && n.taken == NULL; i++) {
        n.taken = v->taken[i] != NULL ? rec_name(v->taken[i]) : NULL;
    }
    return n;
}

/* --- Which node
 * ------------------------------------------------------------------------------------- */

struct slots {
    const char **node; /* one for each admitted replica; NULL once used */
    size_t count;
};

static void use_slot(struct slots *s, const char *node)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->node[i] != NULL && str_eq(s->node[i], node)) {
            s->node[i] = NULL;
            return;
        }
    }
}

static struct slots free_slots(const struct deployment_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    struct slots s = {0};
    void *list = NULL;

    for (uint32_t i = 0; i < deployment_status_admission_nodes_count(live); i++) {
        const struct rec *node = deployment_status_admission_nodes_at(live, i);
        int64_t left = deployment_status_admission_nodes_gpus(node);

        for (; left >= deployment_spec_gpus(live); left -= deployment_spec_gpus(live)) {
            *(const char **)arena_push(a, &list, &s.count, sizeof(char *)) =
                deployment_status_admission_nodes_name(node);
        }
    }
    s.node = list;
    for (size_t i = 0; i < v->pod_count; i++) {
        if (is_there(v->pods[i])) {
            use_slot(&s, pod_metadata_annotations_get(v->pods[i], NOTE_NODE));
        }
    }
    return s;
}

static const char *take_slot(struct slots *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const char *node = s->node[i];

        if (node != NULL) {
            s->node[i] = NULL;
            return node;
        }
    }
    return NULL;
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

static void make(const struct deployment_view *v, struct plan *p, const struct rec *version,
                 const struct replicas *n)
{
    const struct rec *live = v->subject.live;
    struct slots slots = {0};
    bool gpus = needs_gpus(v);
    int64_t surge = !gpus && n->there > n->current ? 1 : 0;
    int64_t total = gpus ? (int64_t)v->pod_count : n->there;
    int64_t current = n->current;

    if (gpus) {
        slots = free_slots(v, p->a);
    }
    for (int64_t i = 0; i <= n->wanted; i++) {
        struct replica r = {.index = i, .version = version};

        if (current >= n->allowed || total >= n->allowed + surge) {
            return;
        }
        if (is_name_used(v, p->a, i)) {
            continue;
        }
        r.node = gpus ? take_slot(&slots) : NULL;
        if (gpus && r.node == NULL) {
            return;
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

        if (!is_there(pod) || is_current(pod, revision)) {
            continue;
        }
        if (pod_is_ready(pod) && spare-- <= 0) {
            continue;
        }
        plan_delete(p, &kind_pod, pod, -1);
    }
}

/* Too many of the present revision: those that are not ready first, then the last. */
static void drop_excess(const struct deployment_view *v, struct plan *p, const struct replicas *n,
                        const char *revision)
{
    int64_t excess = n->current - n->wanted;

    for (int ready = 0; ready <= 1; ready++) {
        for (size_t i = v->pod_count; i > 0 && excess > 0; i--) {
            const struct rec *pod = v->pods[i - 1];

            if (is_there(pod) && is_current(pod, revision) && pod_is_ready(pod) == (ready == 1)) {
                plan_delete(p, &kind_pod, pod, -1);
                excess--;
            }
        }
    }
}

void deployment_roll(const struct deployment_view *v, struct plan *p, const struct rec *version)
{
    const char *revision = deployment_hash(v, p->a, version);
    struct replicas n = deployment_count(v, revision);

    replace_ended(v, p);
    drop_old(v, p, &n, revision);
    drop_excess(v, p, &n, revision);
    make(v, p, version, &n);
}
