#include "api/coderepo.gen.h"
#include "base/span.h"
#include "controllers/coderepo/coderepo.h"

static void start(const struct coderepo_view *v, struct plan *p, const struct standing *st)
{
    const struct rec *live = v->subject.live;

    plan_create(p, &kind_pod, rec_namespace(live), v->pod_name, rec_uid(live),
                coderepo_pod(v, p->a));
    (void)coderepo_say(v, p, st, NULL, 0);
}

static void drop(const struct attempt *at, struct plan *p)
{
    if (!rec_is_deleted(at->pod)) {
        plan_delete(p, &kind_pod, at->pod, -1);
    }
}

static void take(const struct coderepo_view *v, struct plan *p, const struct attempt *at)
{
    const char *head = json_str(at->result, "commit", "");
    struct seen ready = condition_seen(p->a, &v->subject, "Ready");
    struct standing st;
    bool is_taken = ready.is_true && ready.generation == rec_generation(v->subject.live) &&
                    str_eq(coderepo_status_head(v->subject.live), head);

    if (str_empty(head)) {
        st = standing_of(p->a, STANDING_STALLED, "NoCommit",
                         "the pod '%s' reported no commit; this is a fault of the program step",
                         v->pod_name);
        if (coderepo_say(v, p, &st, NULL, 0)) {
            drop(at, p);
        }
        return;
    }
    st = standing_of(p->a, STANDING_READY, "Resolved", "the branch '%s' is at commit %s",
                     coderepo_spec_branch(v->subject.live), head);
    if (coderepo_say(v, p, &st, head, is_taken ? 0 : v->subject.now_ms)) {
        drop(at, p);
    }
}

static void settled(const struct coderepo_view *v, struct plan *p)
{
    struct seen ready = condition_seen(p->a, &v->subject, "Ready");
    struct standing st = standing_of(p->a, STANDING_READY, ready.reason, "%s", ready.message);

    (void)coderepo_say(v, p, &st, NULL, 0);
}

void coderepo_plan(const void *view, struct plan *p)
{
    const struct coderepo_view *v = view;
    struct attempt at;

    if (rec_is_deleted(v->subject.live)) {
        return;
    }
    at = attempt_look(p->a, &v->subject,
                      &(struct attempt_of){
                          .name = v->pod_name,
                          .container = CODEREPO_CONTAINER,
                          .doing = "the look-up of spec.branch",
                          .reason = "Resolving",
                          .secret = coderepo_spec_secret_ref_name(v->subject.live),
                          .named = v->named,
                          .refused = v->refused,
                      });
    attempt_sweep(p, v->pods, v->pod_count, at.pod);
    plan_wake_at(p, at.wake_at_ms);
    switch (at.state) {
    case ATTEMPT_START:
        start(v, p, &at.standing);
        break;
    case ATTEMPT_DONE:
        take(v, p, &at);
        break;
    case ATTEMPT_FAILED:
        if (coderepo_say(v, p, &at.standing, NULL, 0)) {
            drop(&at, p);
        }
        break;
    case ATTEMPT_SETTLED:
        settled(v, p);
        break;
    case ATTEMPT_RUNNING:
    case ATTEMPT_RESTING:
    case ATTEMPT_TAKEN:
        (void)coderepo_say(v, p, &at.standing, NULL, 0);
        break;
    }
}
