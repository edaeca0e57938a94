#include "api/dkuberun.gen.h"
#include "api/pod.gen.h"
#include "api/service.gen.h"
#include "base/span.h"
#include "controllers/common/podlook.h"
#include "controllers/dkuberun/turn.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/gpu.h"

#define LOST_PAUSE_MS 10000 /* before a resolve pod that was lost is made anew */

/* --- pods, of a phase that stands ------------------------------------------------------------ */

void turn_look_again(struct turn *t, int64_t at_ms)
{
    if (at_ms > t->v->subject.now_ms) {
        plan_wake_at(t->p, at_ms);
    }
}

static void make_pod(struct turn *t, const char *name, const char *body)
{
    plan_create(t->p, &kind_pod, rec_namespace(t->live), name, rec_uid(t->live), body);
}

static void keep_resolve(struct turn *t)
{
    int64_t at = rec_created_ms(t->v->resolve) + LOST_PAUSE_MS;

    if (!t->is_resolving) {
        return;
    }
    if (t->v->resolve == NULL) {
        make_pod(t, t->v->resolve_name, resolve_pod(t->v, t->a));
    } else if (resolve_is_lost(t->v) && t->v->subject.now_ms >= at) {
        plan_delete(t->p, &kind_pod, t->v->resolve, -1);
    } else if (resolve_is_lost(t->v)) {
        turn_look_again(t, at);
    }
}

/* What it found stands in the status. */
static void drop_resolve(struct turn *t)
{
    if (is_owned(t->v->resolve, t->live)) {
        plan_delete(t->p, &kind_pod, t->v->resolve, -1);
    }
}

static int64_t grace_s(const struct turn *t)
{
    return dkuberun_spec_termination_grace_period_seconds(t->live);
}

static void end_worker(struct turn *t)
{
    if (!is_owned(t->v->worker, t->live) || pod_has_ended(t->v->worker)) {
        return;
    }
    plan_delete(t->p, &kind_pod, t->v->worker, worker_is_stranded(t->v) ? 0 : grace_s(t));
}

static bool is_unbound(const struct run_view *v)
{
    return is_owned(v->worker, v->subject.live) && !pod_has_ended(v->worker) &&
           str_empty(pod_spec_node_name(v->worker));
}

bool turn_drop_unbound(struct turn *t)
{
    bool any = false;

    for (uint32_t i = 0; i < t->root->workers; i++) {
        const struct run_view *v = run_member(t->root, i);

        if (is_unbound(v)) {
            plan_delete(t->p, &kind_pod, v->worker, grace_s(t));
            any = true;
        }
    }
    return any;
}

static void give_back(struct turn *t)
{
    bool rejected = t->w.state == WORKER_REJECTED;
    int64_t pause = rec_created_ms(t->v->worker) + (rejected ? turn_pause_of(t) : 0);

    if (t->v->subject.now_ms >= pause) {
        plan_delete(t->p, &kind_pod, t->v->worker, rejected ? -1 : grace_s(t));
    } else {
        turn_look_again(t, pause);
    }
}

/* Of an earlier attempt: the others of a gang that goes back, or its creation came late, after it
 * was thought refused. */
static void drop_strays(struct turn *t)
{
    for (size_t i = 0; i < t->v->pod_count; i++) {
        const struct rec *pod = t->v->pods[i];

        if (pod != t->v->resolve && !crew_is_of(t, pod) && !pod_has_ended(pod)) {
            plan_delete(t->p, &kind_pod, pod, grace_s(t));
        }
    }
}

/* Its node does not answer: it is ended there, and begins again elsewhere (rule 10). */
static void leave_lost_node(struct turn *t)
{
    bool stands = t->w.state == WORKER_PENDING || t->w.state == WORKER_RUNNING ||
                  t->w.state == WORKER_UPLOADING;

    if (stands && worker_is_abandoned(t->v)) {
        end_worker(t);
    } else if (stands) {
        turn_look_again(t, node_given_up_ms(t->v->node));
    }
}

/* On a node that does not answer: ended, in the end by force. */
static void leave_node(struct turn *t)
{
    if (t->w.state == WORKER_LEAVING && worker_is_stranded(t->v)) {
        end_worker(t);
    } else {
        leave_lost_node(t);
    }
}

static void make_missing(struct turn *t)
{
    if (t->w.state == WORKER_NONE) {
        make_pod(t, t->v->worker_name, worker_pod(t->v, t->a));
    }
}

/* All that are missing, in one pass; none beside pods of another attempt. */
static void make_pods(struct turn *t)
{
    if (run_is_gang(t->live)) {
        if (crew_has_strays(t)) {
            return;
        }
        plan_create(t->p, &kind_service, rec_namespace(t->live), gang_service_name(t->root, t->a),
                    rec_uid(t->live), gang_service(t->root, t->a));
    }
    crew_each(t, make_missing);
}

static void give_back_owned(struct turn *t)
{
    if (is_owned(t->v->worker, t->live)) {
        give_back(t);
    }
}

static void keep_worker(struct turn *t)
{
    bool stands = str_eq(dkuberun_status_reason(t->live), t->st.reason);

    drop_resolve(t);
    drop_strays(t);
    if (turn_is_giving_back(t)) {
        if (stands) {
            crew_each(t, give_back_owned);
        }
    } else if (t->w.state == WORKER_NONE && !turn_is_resting(t)) {
        make_pods(t);
    } else {
        crew_each(t, leave_node);
    }
}

/* Nothing is left behind but pods that have ended: their logs stay as long as the run. */
static void tidy(struct turn *t)
{
    drop_resolve(t);
    for (size_t i = 0; i < t->v->pod_count; i++) {
        if (t->v->pods[i] != t->v->resolve && !pod_has_ended(t->v->pods[i])) {
            plan_delete(t->p, &kind_pod, t->v->pods[i], grace_s(t));
        }
    }
}

void turn_act(struct turn *t)
{
    switch (t->st.phase) {
    case PHASE_QUEUED:
        keep_resolve(t);
        break;
    case PHASE_WAITING:
        drop_resolve(t);
        drop_strays(t);
        break;
    case PHASE_STARTING:
        keep_worker(t);
        break;
    case PHASE_RUNNING:
        crew_each(t, leave_node);
        break;
    case PHASE_STOPPING:
        crew_each(t, end_worker);
        break;
    case PHASE_COMPLETE:
    case PHASE_ERROR:
    case PHASE_STOPPED:
    case PHASE_COUNT:
    default:
        tidy(t);
        break;
    }
}
