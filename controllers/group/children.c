#include "api/group.gen.h"
#include "api/namespace.gen.h"
#include "api/networkpolicy.gen.h"
#include "api/rolebinding.gen.h"
#include "api/serviceaccount.gen.h"
#include "api/user.gen.h"
#include "base/span.h"
#include "controllers/group/group.h"
#include "controllers/user/user.h"

#define RBAC_GROUP "rbac.authorization.k8s.io"
#define UNSEEN_MS 1000 /* until what no watch shows is looked for again */

static const struct {
    const char *role, *cluster_role;
    bool external;
} roles[] = {
#define GROUP_ROLE_ROW(c, role, cluster_role, external) {role, cluster_role, external},
    GROUP_ROLES(GROUP_ROLE_ROW)
#undef GROUP_ROLE_ROW
};

/* A binding is named like the role that it gives. */
const char *group_role_binding(enum group_role role)
{
    return roles[role].cluster_role;
}

static struct child child_of(const struct group_view *v, const char *name)
{
    return (struct child){.ns = v->ns,
                          .name = name,
                          .group = rec_name(v->subject.live),
                          .owner_kind = &kind_group,
                          .owner = v->subject.live};
}

void group_make_space(const struct group_view *v, struct plan *p)
{
    const char *name = rec_name(v->subject.live);
    const char *now = v->space != NULL ? rec_label(v->space, LABEL_ENFORCE) : NULL;
    struct child space = {
        .name = v->ns,
        .group = name,
        .labels = {{LABEL_ENFORCE, str_eq(now, "restricted") ? now : "baseline"}},
    };
    struct jsonw w;

    jsonw_init(&w, p->a);
    child_begin(&w, &kind_namespace, &space);
    jsonw_end(&w);
    if (v->space == NULL) {
        plan_create(p, &kind_namespace, "", v->ns, NULL, jsonw_text(&w));
    } else {
        plan_apply(p, &kind_namespace, v->space, NULL, jsonw_text(&w));
    }
}

static const char *account_body(const struct group_view *v, struct arena *a)
{
    struct child child = child_of(v, RUN_ACCOUNT);
    struct jsonw w;

    jsonw_init(&w, a);
    child_begin(&w, &kind_serviceaccount, &child);
    jsonw_bool(&w, "automountServiceAccountToken", false);
    jsonw_end(&w);
    return jsonw_text(&w);
}

/* Out of a pod anything may be reached but link-local addresses, where clouds keep machine
 * credentials. */
static const char policy_spec[] =
    "{\"podSelector\":{\"matchLabels\":{\"" LABEL_MANAGED "\":\"dkube\"}},"
    "\"policyTypes\":[\"Egress\"],\"egress\":["
    "{\"to\":[{\"namespaceSelector\":{}}]},"
    "{\"to\":[{\"ipBlock\":{\"cidr\":\"0.0.0.0/0\",\"except\":[\"169.254.0.0/16\"]}},"
    "{\"ipBlock\":{\"cidr\":\"::/0\",\"except\":[\"fe80::/10\"]}}]}]}";

static const char *policy_body(const struct group_view *v, struct arena *a)
{
    struct child child = child_of(v, NETWORK_POLICY);
    struct jsonw w;

    jsonw_init(&w, a);
    child_begin(&w, &kind_networkpolicy, &child);
    jsonw_raw(&w, "spec", policy_spec, sizeof(policy_spec) - 1);
    jsonw_end(&w);
    return jsonw_text(&w);
}

static void write_subject(struct jsonw *w, const char *kind, const char *name)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "apiGroup", RBAC_GROUP);
    jsonw_str(w, "kind", kind);
    jsonw_str(w, "name", name);
    jsonw_end(w);
}

/* The body of a role's binding, or NULL when nobody has the role. */
static const char *binding_body(const struct group_view *v, struct arena *a, enum group_role role)
{
    const struct rec *live = v->subject.live;
    struct child child = child_of(v, group_role_binding(role));
    size_t n = 0;
    struct jsonw w;

    jsonw_init(&w, a);
    child_begin(&w, &kind_rolebinding, &child);
    jsonw_obj(&w, "roleRef");
    jsonw_str(&w, "apiGroup", RBAC_GROUP);
    jsonw_str(&w, "kind", "ClusterRole");
    jsonw_str(&w, "name", roles[role].cluster_role);
    jsonw_end(&w);
    jsonw_arr(&w, "subjects");
    for (size_t i = 0; i < v->member_count; i++) {
        if (user_has_role(v->members[i], roles[role].role)) {
            write_subject(&w, "User", user_spec_username(v->members[i]));
            n++;
        }
    }
    for (uint32_t i = 0; roles[role].external && i < group_spec_external_groups_count(live); i++) {
        write_subject(&w, "Group", group_spec_external_groups_at(live, i));
        n++;
    }
    jsonw_end(&w);
    jsonw_end(&w);
    return n > 0 ? jsonw_text(&w) : NULL;
}

/* One child: made, kept as it should be, or (body NULL) removed. One that is another's is left
 * alone. */
struct keep {
    const struct kind *kind;
    const char *name;
    const struct rec *live;
    const char *body;
};

static void keep(const struct group_view *v, struct plan *p, const struct keep *k)
{
    const struct rec *group = v->subject.live;

    if (k->live == NULL && k->body != NULL) {
        plan_create(p, k->kind, v->ns, k->name, rec_uid(group), k->body);
    } else if (k->live == NULL || !is_owned(k->live, group) || rec_is_deleted(k->live)) {
        return;
    } else if (k->body != NULL) {
        plan_apply(p, k->kind, k->live, rec_uid(group), k->body);
    } else {
        plan_delete(p, k->kind, k->live, -1);
    }
}

void group_keep_children(const struct group_view *v, struct plan *p)
{
    keep(v, p,
         &(struct keep){&kind_serviceaccount, RUN_ACCOUNT, v->account, account_body(v, p->a)});
    keep(v, p,
         &(struct keep){&kind_networkpolicy, NETWORK_POLICY, v->policy, policy_body(v, p->a)});
    for (int i = 0; i < GROUP_ROLE_COUNT; i++) {
        keep(v, p,
             &(struct keep){&kind_rolebinding, group_role_binding((enum group_role)i),
                            v->bindings[i], binding_body(v, p->a, (enum group_role)i)});
    }
}

/* Those that the cache does not show: somebody may have taken the label that it chooses by. */
static bool drop_unseen(const struct group_view *v, struct plan *p, const struct keep *all,
                        size_t n)
{
    bool gone = true;

    for (size_t i = 0; i < n; i++) {
        gone = (all[i].live != NULL || plan_delete_unseen(p, &v->answers, all[i].kind, v->ns,
                                                          all[i].name, rec_uid(v->subject.live))) &&
               gone;
    }
    if (!gone) {
        plan_wake_at(p, v->subject.now_ms + UNSEEN_MS);
    }
    return gone;
}

bool group_drop_children(const struct group_view *v, struct plan *p)
{
    struct keep all[GROUP_ROLE_COUNT + 2] = {
        {&kind_serviceaccount, RUN_ACCOUNT, v->account, NULL},
        {&kind_networkpolicy, NETWORK_POLICY, v->policy, NULL},
    };
    bool left = false;

    for (int i = 0; i < GROUP_ROLE_COUNT; i++) {
        all[i + 2] = (struct keep){&kind_rolebinding, group_role_binding((enum group_role)i),
                                   v->bindings[i], NULL};
    }
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        keep(v, p, &all[i]);
        left = left || is_owned(all[i].live, v->subject.live);
    }
    return !left && drop_unseen(v, p, all, ARRAY_LEN(all));
}
