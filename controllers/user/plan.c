#include "api/clusterrolebinding.gen.h"
#include "api/user.gen.h"
#include "base/span.h"
#include "controllers/common/child.h"
#include "controllers/user/user.h"

#define GROUPS_SHOWN 100

static const char *binding_body(const struct user_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    struct child child = {.name = v->binding_name, .owner_kind = &kind_user, .owner = live};
    struct jsonw w;

    jsonw_init(&w, a);
    child_begin(&w, &kind_clusterrolebinding, &child);
    jsonw_obj(&w, "roleRef");
    jsonw_str(&w, "apiGroup", "rbac.authorization.k8s.io");
    jsonw_str(&w, "kind", "ClusterRole");
    jsonw_str(&w, "name", OPERATOR_ROLE);
    jsonw_end(&w);
    jsonw_arr(&w, "subjects");
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "apiGroup", "rbac.authorization.k8s.io");
    jsonw_str(&w, "kind", "User");
    jsonw_str(&w, "name", user_spec_username(live));
    jsonw_end(&w);
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

static void bind_operator(const struct user_view *v, struct plan *p)
{
    const struct rec *live = v->subject.live;
    bool wanted = v->first == NULL && user_has_role(live, "operator");

    if (v->binding != NULL && !is_owned(v->binding, live)) {
        return; /* said by the status */
    }
    if (wanted && v->binding == NULL) {
        plan_create(p, &kind_clusterrolebinding, "", v->binding_name, rec_uid(live),
                    binding_body(v, p->a));
    } else if (wanted) {
        plan_apply(p, &kind_clusterrolebinding, v->binding, rec_uid(live), binding_body(v, p->a));
    } else if (v->binding != NULL && !rec_is_deleted(v->binding)) {
        plan_delete(p, &kind_clusterrolebinding, v->binding, -1);
    }
}

static struct standing standing(const struct user_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;

    if (v->first != NULL) {
        return standing_of(a, STANDING_STALLED, "Duplicate",
                           "spec.username '%s' is that of the older User '%s'; delete one of "
                           "the two",
                           user_spec_username(live), rec_name(v->first));
    }
    if (v->binding != NULL && !is_owned(v->binding, live)) {
        return standing_of(a, STANDING_STALLED, "NameTaken",
                           "the ClusterRoleBinding '%s' exists and is not this User's; delete it",
                           v->binding_name);
    }
    if (!str_empty(user_spec_default_group(live)) && v->default_group == NULL) {
        return standing_of(a, STANDING_WAITING, "UnknownGroup",
                           "spec.defaultGroup names no Group '%s'; make it, or correct the name",
                           user_spec_default_group(live));
    }
    return standing_of(a, STANDING_READY, "Known", "the user is in %zu group%s", v->group_count,
                       v->group_count == 1 ? "" : "s");
}

void user_plan(const void *view, struct plan *p)
{
    const struct user_view *v = view;
    struct standing st;
    struct jsonw w;

    if (rec_is_deleted(v->subject.live)) {
        return;
    }
    bind_operator(v, p);
    st = standing(v, p->a);
    status_begin(&w, p, &v->subject, &st);
    jsonw_arr(&w, "groups");
    for (size_t i = 0; i < v->group_count && i < GROUPS_SHOWN; i++) {
        jsonw_str(&w, NULL, v->groups[i]);
    }
    jsonw_end(&w);
    jsonw_int(&w, "activeRuns", v->active_runs);
    (void)status_end(&w, p, &v->subject, &st);
}
