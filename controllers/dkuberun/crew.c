#include <stdlib.h>

#include "api/dkuberun.gen.h"
#include "base/span.h"
#include "controllers/common/podlook.h"
#include "controllers/dkuberun/turn.h"
#include "controllers/ledger/gpu.h"

/* The smaller, the more it says of the whole run. What the cluster ended comes before what a
 * program made of it: the peers of a lost worker fail for want of it. */
enum weight {
    WEIGHT_LOST,
    WEIGHT_ABSENT, /* it was there, or its node was */
    WEIGHT_LEAVING,
    WEIGHT_REFUSED,
    WEIGHT_STUCK,
    WEIGHT_FAILED,
    WEIGHT_TAKEN,
    WEIGHT_NONE, /* not made yet */
    WEIGHT_PENDING,
    WEIGHT_RUNNING,
    WEIGHT_UPLOADING,
    WEIGHT_DONE,
    WEIGHT_IDLE,
};

static bool is_over(const struct run_view *v, const struct worker *w)
{
    return w->state == WORKER_NONE || w->state == WORKER_TAKEN || pod_has_ended(v->worker);
}

static enum weight weigh_absent(const struct turn *t, const struct run_view *v)
{
    bool lost = t->st.phase != PHASE_STARTING || v->node == NULL || worker_is_abandoned(v);

    return lost ? WEIGHT_ABSENT : WEIGHT_NONE;
}

static enum weight weigh_state(const struct turn *t, const struct run_view *v,
                               const struct worker *w)
{
    switch (w->state) {
    case WORKER_LOST:
        return WEIGHT_LOST;
    case WORKER_NONE:
        return weigh_absent(t, v);
    case WORKER_TAKEN:
        return t->st.phase == PHASE_STARTING ? WEIGHT_TAKEN : WEIGHT_ABSENT;
    case WORKER_LEAVING:
        return WEIGHT_LEAVING;
    case WORKER_REJECTED:
    case WORKER_UNBOUND:
        return WEIGHT_REFUSED;
    case WORKER_STUCK:
        return WEIGHT_STUCK;
    case WORKER_FAILED:
        return WEIGHT_FAILED;
    case WORKER_PENDING:
        return WEIGHT_PENDING;
    case WORKER_RUNNING:
        return WEIGHT_RUNNING;
    case WORKER_UPLOADING:
        return WEIGHT_UPLOADING;
    case WORKER_DONE:
    default:
        return WEIGHT_DONE;
    }
}

/* Told to end, or given up: what is still there decides. */
static enum weight weigh(const struct turn *t, const struct run_view *v, const struct worker *w)
{
    bool ends = t->st.phase == PHASE_STOPPING;

    if (ends || turn_is_giving_back(t)) {
        return (ends ? is_over(v, w) : w->state == WORKER_NONE) ? WEIGHT_IDLE : WEIGHT_RUNNING;
    }
    return weigh_state(t, v, w);
}

/* Alive, as far as one knows, on a node that does not answer. */
static bool is_in_doubt(const struct run_view *v, const struct worker *w)
{
    bool alive = w->state == WORKER_PENDING || w->state == WORKER_RUNNING ||
                 w->state == WORKER_UPLOADING || w->state == WORKER_LEAVING;

    return alive && !str_empty(pod_spec_node_name(v->worker)) && !node_is_ready(v->node);
}

/* Of those that failed, the first to do so. */
static bool failed_before(const struct worker *w, const struct worker *than)
{
    return w->state == WORKER_FAILED && w->ended_ms < than->ended_ms;
}

static uint32_t choose(const struct turn *t)
{
    enum weight best = WEIGHT_IDLE;
    bool doubt = false;
    uint32_t ret = 0;

    for (uint32_t i = 0; i < t->root->workers; i++) {
        doubt = doubt || is_in_doubt(run_member(t->root, i), &t->each[i]);
    }
    for (uint32_t i = 0; i < t->root->workers; i++) {
        enum weight w = weigh(t, run_member(t->root, i), &t->each[i]);

        w = doubt && w == WEIGHT_FAILED ? WEIGHT_DONE : w; /* until the node's fate is known */
        if (w < best ||
            (w == best && w == WEIGHT_FAILED && failed_before(&t->each[i], &t->each[ret]))) {
            best = w;
            ret = i;
        }
    }
    return ret;
}

/* The program runs once all of it does. */
static int64_t started_ms(const struct turn *t)
{
    int64_t last = 0;

    for (uint32_t i = 0; i < t->root->workers; i++) {
        if (t->each[i].started_ms == 0) {
            return 0;
        }
        last = t->each[i].started_ms > last ? t->each[i].started_ms : last;
    }
    return last;
}

void crew_look(struct turn *t)
{
    uint32_t at;

    t->each = arena_alloc(t->a, t->root->workers * sizeof(*t->each));
    for (uint32_t i = 0; i < t->root->workers; i++) {
        t->each[i] = worker_look(run_member(t->root, i), t->a);
    }
    at = t->root->workers > 1 ? choose(t) : 0;
    t->v = run_member(t->root, at);
    t->w = t->each[at];
    if (t->root->workers > 1) {
        t->w.started_ms = started_ms(t);
    }
}

void crew_look_again(struct turn *t)
{
    for (uint32_t i = 0; t->each != NULL && t->root->workers > 1 && i < t->root->workers; i++) {
        turn_look_again(t, t->each[i].look_again_ms);
    }
}

bool crew_is_over(const struct turn *t)
{
    for (uint32_t i = 0; i < t->root->workers; i++) {
        if (!is_over(run_member(t->root, i), &t->each[i])) {
            return false;
        }
    }
    return true;
}

bool crew_is_gone(const struct turn *t)
{
    for (uint32_t i = 0; i < t->root->workers; i++) {
        if (t->each[i].state != WORKER_NONE) {
            return false;
        }
    }
    return true;
}

bool crew_is_of(const struct turn *t, const struct rec *pod)
{
    for (uint32_t i = 0; i < t->root->workers; i++) {
        if (run_member(t->root, i)->worker == pod) {
            return true;
        }
    }
    return false;
}

bool crew_has_strays(const struct turn *t)
{
    for (size_t i = 0; i < t->root->pod_count; i++) {
        const struct rec *pod = t->root->pods[i];

        if (pod != t->root->resolve && !crew_is_of(t, pod) && !pod_has_ended(pod)) {
            return true;
        }
    }
    return false;
}

void crew_each(struct turn *t, void (*act)(struct turn *))
{
    struct turn one = *t;

    for (uint32_t i = 0; i < t->root->workers; i++) {
        one.v = run_member(t->root, i);
        one.w = t->each[i];
        act(&one);
    }
}
