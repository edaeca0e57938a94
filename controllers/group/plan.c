#include "api/group.gen.h"
#include "controllers/group/group.h"

static void make_default(struct plan *p)
{
    plan_create(p, &kind_group, "", GROUP_DEFAULT, NULL,
                "{\"apiVersion\":\"dkube.io/v1alpha1\",\"kind\":\"Group\",\"metadata\":{\"name\":"
                "\"default\",\"labels\":{\"app.kubernetes.io/managed-by\":\"dkube\"}},"
                "\"spec\":{\"users\":[],\"poolRef\":\"default\",\"namespace\":\"dkube-default\","
                "\"description\":\"The group that always exists.\"}}");
}

/* Deletion waits for runs and deployments, takes what the group made, and leaves the namespace
 * (rules 19 and 36). */
static void retire(const struct group_view *v, struct plan *p)
{
    if (!rec_has_finalizer(v->subject.live, GROUP_FINALIZER)) {
        return;
    }
    if (v->active_runs > 0) {
        group_say(v, p,
                  standing_of(p->a, STANDING_WAITING, "RunsActive",
                              "the group goes when its last run ends; %lld not ended: %s",
                              (long long)v->active_runs, v->holders));
        return;
    }
    if (v->deployments > 0) {
        group_say(v, p,
                  standing_of(p->a, STANDING_WAITING, "DeploymentsActive",
                              "the group goes when its last Deployment is deleted; %lld left: %s",
                              (long long)v->deployments, v->holders));
        return;
    }
    if (!group_drop_children(v, p)) {
        return;
    }
    if (v->space != NULL && !rec_is_deleted(v->space)) {
        plan_event(p, &kind_group, v->subject.live, EVENT_NORMAL, "NamespaceKept",
                   "the namespace '%s' stays with what is in it; delete it once that is not needed",
                   v->ns);
    }
    plan_finalizer_drop(p, &kind_group, v->subject.live, GROUP_FINALIZER);
}

void group_plan(const void *view, struct plan *p)
{
    const struct group_view *v = view;
    struct standing st = {0};

    if (v->subject.live == NULL) {
        make_default(p);
        return;
    }
    if (rec_is_deleted(v->subject.live)) {
        retire(v, p);
        return;
    }
    plan_finalizer_add(p, &kind_group, v->subject.live, GROUP_FINALIZER);
    switch (group_space(v, p->a, &st)) {
    case SPACE_MISSING:
    case SPACE_TO_ADOPT:
        group_make_space(v, p);
        break;
    case SPACE_OURS:
        group_make_space(v, p);
        group_keep_children(v, p);
        break;
    case SPACE_REFUSED:
    case SPACE_ENDING:
        break;
    }
    group_say(v, p, group_standing(v, p->a));
}
