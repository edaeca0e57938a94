#include "controllers/common/attempt.h"

#include "base/span.h"
#include "controllers/common/child.h"

static int64_t retry_at(const struct seen *stalled, const struct seen *moving)
{
    int64_t pause = moving->since_ms - stalled->since_ms;

    pause = pause < ATTEMPT_PAUSE_MS ? ATTEMPT_PAUSE_MS : pause;
    pause = pause > ATTEMPT_PAUSE_MAX_MS ? ATTEMPT_PAUSE_MAX_MS : pause;
    return moving->since_ms + pause;
}

/* Stalled by a failed attempt of this generation; what held it up before one began is no failure.
 */
static bool has_failed(const struct subject *s, const struct attempt_of *of,
                       const struct seen *stalled)
{
    return stalled->is_true && stalled->generation == rec_generation(s->live) &&
           !str_eq(stalled->reason, "NameTaken") &&
           (of->held == NULL || !str_eq(stalled->reason, of->held));
}

static struct standing going_on(struct arena *a, const struct subject *s,
                                const struct attempt_of *of)
{
    struct seen stalled = condition_seen(a, s, "Stalled");

    if (has_failed(s, of, &stalled)) {
        return standing_of(a, STANDING_RETRYING, stalled.reason, "%s", stalled.message);
    }
    return standing_of(a, STANDING_WAITING, of->reason, "%s is under way in the pod '%s'",
                       of->doing, of->name);
}

static void look_without_pod(struct arena *a, const struct subject *s, const struct attempt_of *of,
                             struct attempt *ret)
{
    int64_t now = rec_generation(s->live);
    struct seen ready = condition_seen(a, s, "Ready");
    struct seen stalled = condition_seen(a, s, "Stalled");
    struct seen moving = condition_seen(a, s, "Reconciling");
    int64_t due;

    ret->standing = going_on(a, s, of);
    ret->state = ATTEMPT_START;
    if (ready.is_true && ready.generation == now) {
        ret->state = ATTEMPT_SETTLED;
        return;
    }
    if (!has_failed(s, of, &stalled) || moving.is_true) {
        return;
    }
    due = retry_at(&stalled, &moving);
    if (due > s->now_ms) {
        ret->wake_at_ms = due;
        ret->state = ATTEMPT_RESTING;
        ret->standing = standing_of(a, STANDING_STALLED, stalled.reason, "%s", stalled.message);
    }
}

/* Quota, policy, Pod Security: the API server's own words say what to do. */
static void look_at_refusal(struct arena *a, const struct subject *s, const struct attempt_of *of,
                            struct attempt *ret)
{
    const struct refused *r = of->refused;

    if (ret->state != ATTEMPT_START || r == NULL || r->verb != OP_CREATE || r->kind != &kind_pod ||
        !str_eq(r->name, of->name)) {
        return;
    }
    ret->state = ATTEMPT_FAILED;
    ret->wake_at_ms = s->now_ms + ATTEMPT_PAUSE_MS;
    ret->standing = standing_of(a, STANDING_STALLED, "PodRefused",
                                "the API server refuses the pod '%s': %s", of->name, r->message);
}

/* Secrets are not ours to read: all that shows is that the pod does not start. */
static void look_for_secret(struct arena *a, const struct subject *s, const struct attempt_of *of,
                            struct attempt *ret)
{
    int64_t due = rec_created_ms(ret->pod) + ATTEMPT_SECRET_MS;

    if (s->now_ms < due) {
        ret->wake_at_ms = due;
        return;
    }
    ret->standing = standing_of(a, STANDING_WAITING, "WaitingForSecret",
                                "the pod '%s' has not started; make the Secret '%s' in this "
                                "namespace, or correct secretRef.name",
                                of->name, of->secret);
}

static void look_at_running(struct arena *a, const struct subject *s, const struct attempt_of *of,
                            struct attempt *ret)
{
    struct pod_trouble t = pod_trouble(a, ret->pod);
    const char *held = pod_held(ret->pod);

    ret->state = ATTEMPT_RUNNING;
    ret->standing = going_on(a, s, of);
    if (ret->standing.kind != STANDING_WAITING) {
        return; /* what failed before goes on being said, and its pause goes on growing */
    }
    if (t.reason != NULL) {
        ret->standing = standing_of(a, STANDING_WAITING, t.reason,
                                    "the pod '%s' does not start: %s", of->name, t.message);
    } else if (held != NULL) {
        ret->standing = standing_of(a, STANDING_WAITING, "Unschedulable",
                                    "the pod '%s' waits for a node: %s", of->name, held);
    } else if (of->secret != NULL && str_eq(pod_status_phase(ret->pod), "Pending")) {
        look_for_secret(a, s, of, ret);
    }
}

/* It may be of an object of our name that is no more: that one goes by itself. Nothing else tells
 * us when another's pod has gone. */
static void look_at_foreign(struct arena *a, const struct subject *s, const struct attempt_of *of,
                            struct attempt *ret)
{
    ret->state = ATTEMPT_TAKEN;
    ret->wake_at_ms = s->now_ms + ATTEMPT_PAUSE_MS;
    if (rec_is_deleted(of->named)) {
        ret->standing = standing_of(a, STANDING_WAITING, of->reason,
                                    "the pod '%s' of an earlier object is ending", of->name);
        return;
    }
    ret->standing = standing_of(a, STANDING_STALLED, "NameTaken",
                                "the pod '%s' exists and is not this object's; delete it, or make "
                                "this object under another name",
                                of->name);
}

struct attempt attempt_look(struct arena *a, const struct subject *s, const struct attempt_of *of)
{
    struct attempt at = {.pod = of->named};
    struct pod_report r;

    if (of->named == NULL) {
        look_without_pod(a, s, of, &at);
        look_at_refusal(a, s, of, &at);
        return at;
    }
    if (!is_owned(of->named, s->live)) {
        at.pod = NULL;
        look_at_foreign(a, s, of, &at);
        return at;
    }
    r = pod_report(a, of->named, of->container);
    if (r.end == POD_RUNNING) {
        look_at_running(a, s, of, &at);
    } else if (r.end == POD_REPORTED) {
        at.state = ATTEMPT_DONE;
        at.result = r.result;
    } else {
        at.state = ATTEMPT_FAILED;
        at.standing = standing_of(a, STANDING_STALLED, r.reason, "%s", r.message);
    }
    return at;
}

void attempt_sweep(struct plan *p, const struct rec **pods, size_t count, const struct rec *keep)
{
    for (size_t i = 0; i < count; i++) {
        if (pods[i] != keep && !rec_is_deleted(pods[i])) {
            plan_delete(p, &kind_pod, pods[i], -1);
        }
    }
}
