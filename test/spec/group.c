/* Groups: namespace, account, rights, pool, and what stays when one goes (rules 18, 19, 36). */
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/namespace.gen.h"
#include "api/networkpolicy.gen.h"
#include "api/pool.gen.h"
#include "api/rolebinding.gen.h"
#include "api/serviceaccount.gen.h"
#include "api/user.gen.h"
#include "controllers/group/group.h"
#include "support/spec.h"
#include "support/world.h"

static const struct step_conf conf = {"img", "http://store", "IfNotPresent", "dkube-system"};

#define GOING ",'deletionTimestamp':'2026-09-21T14:13:00Z','finalizers':['dkube.io/group']"

static void a_group(struct world *w, const char *meta, const char *spec)
{
    put(w, &kind_group,
        "{'metadata':{'name':'vision','creationTimestamp':'2026-09-21T12:00:00Z'%s},'spec':%s}",
        meta, spec);
}

static struct world given_group(const char *spec)
{
    struct world w;

    world_init(&w, &group_controller, &conf);
    a_group(&w, "", spec);
    return w;
}

static void its_namespace(struct world *w, const char *labels)
{
    put(w, &kind_namespace,
        "{'metadata':{'name':'vision','labels':%s},'status':{'phase':'Active'}}", labels);
}

#define OURS                                                                      \
    "{'dkube.io/group':'vision','pod-security.kubernetes.io/enforce':'baseline'," \
    "'app.kubernetes.io/managed-by':'dkube'}"

TEST(default_group_is_made_when_it_is_missing)
{
    struct world w;
    const struct op *op;

    world_init(&w, &group_controller, &conf);
    reconcile(&w, "", "default");
    op = op_on(&w, OP_CREATE, &kind_group, "default");
    assert_string_equal(at(&w, op, "spec.namespace"), "dkube-default");
    assert_string_equal(at(&w, op, "spec.poolRef"), "default");
    assert_string_equal(at(&w, op, "spec.users"), "[]");
    reconcile(&w, "", "vision");
    assert_false(w.gathered);
    world_done(&w);
}

TEST(new_group_gets_a_namespace_with_its_name_and_pod_security)
{
    struct world w = given_group("{}");
    const struct op *op;

    reconcile(&w, "", "vision");
    op = op_on(&w, OP_CREATE, &kind_namespace, "vision");
    assert_string_equal(at(&w, op, "metadata.labels.dkube\\.io/group"), "vision");
    assert_string_equal(at(&w, op, "metadata.labels.pod-security\\.kubernetes\\.io/enforce"),
                        "baseline");
    assert_string_equal(condition(&w, "Reconciling"), "True/MakingNamespace");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_group), 1);
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_serviceaccount), 0);
    world_done(&w);
}

TEST(group_may_name_another_namespace)
{
    struct world w = given_group("{'namespace':'eyes'}");

    reconcile(&w, "", "vision");
    assert_non_null(op_on(&w, OP_CREATE, &kind_namespace, "eyes"));
    world_done(&w);
}

TEST(reserved_namespace_is_refused_by_name)
{
    static const char *const names[] = {"kube-system", "default", "dkube-system", "dkube-shared"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct world w = given_group("{}");

        put(&w, &kind_group, "{'metadata':{'name':'vision'},'spec':{'namespace':'%s'}}", names[i]);
        put(&w, &kind_namespace, "{'metadata':{'name':'%s','labels':{'dkube.io/adopt':'vision'}}}",
            names[i]);
        reconcile(&w, "", "vision");
        assert_string_equal(condition(&w, "Stalled"), "True/NamespaceReserved");
        assert_non_null(strstr(message(&w), "spec.namespace"));
        assert_int_equal(count_ops(&w, OP_APPLY, &kind_namespace), 0);
        world_done(&w);
    }
}

TEST(existing_namespace_is_refused_without_the_label_that_gives_it)
{
    struct world w = given_group("{}");

    its_namespace(&w, "{'team':'x'}");
    reconcile(&w, "", "vision");
    assert_string_equal(condition(&w, "Stalled"), "True/NamespaceTaken");
    assert_non_null(strstr(message(&w), "dkube.io/adopt=vision"));
    assert_int_equal(count_ops(&w, OP_APPLY, &kind_namespace), 0);
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_serviceaccount), 0);
    assert_string_equal(said(&w, "namespace"), "");
    world_done(&w);
}

TEST(namespace_offered_by_label_is_adopted)
{
    struct world w = given_group("{}");

    its_namespace(&w, "{'dkube.io/adopt':'vision'}");
    reconcile(&w, "", "vision");
    assert_string_equal(
        at(&w, op_on(&w, OP_APPLY, &kind_namespace, "vision"), "metadata.labels.dkube\\.io/group"),
        "vision");
    assert_string_equal(said(&w, "namespace"), "vision");
    world_done(&w);
}

TEST(namespace_offered_to_another_group_is_refused)
{
    struct world w = given_group("{}");

    its_namespace(&w, "{'dkube.io/adopt':'speech'}");
    reconcile(&w, "", "vision");
    assert_string_equal(condition(&w, "Stalled"), "True/NamespaceTaken");
    world_done(&w);
}

TEST(namespace_of_another_group_is_refused_by_that_groups_name)
{
    struct world w = given_group("{}");

    put(&w, &kind_group, "{'metadata':{'name':'speech'},'spec':{'namespace':'vision'}}");
    its_namespace(&w, "{'dkube.io/group':'speech','dkube.io/adopt':'vision'}");
    reconcile(&w, "", "vision");
    assert_string_equal(condition(&w, "Stalled"), "True/NamespaceTaken");
    assert_non_null(strstr(message(&w), "'speech'"));
    world_done(&w);
}

TEST(stricter_pod_security_is_kept)
{
    struct world w = given_group("{}");

    its_namespace(&w, "{'dkube.io/adopt':'vision','pod-security.kubernetes.io/enforce':"
                      "'restricted'}");
    reconcile(&w, "", "vision");
    assert_string_equal(at(&w, op_on(&w, OP_APPLY, &kind_namespace, "vision"),
                           "metadata.labels.pod-security\\.kubernetes\\.io/enforce"),
                        "restricted");
    world_done(&w);
}

TEST(laxer_pod_security_is_put_right)
{
    struct world w = given_group("{}");

    its_namespace(&w, "{'dkube.io/group':'vision','pod-security.kubernetes.io/enforce':"
                      "'privileged'}");
    reconcile(&w, "", "vision");
    assert_string_equal(at(&w, op_on(&w, OP_APPLY, &kind_namespace, "vision"),
                           "metadata.labels.pod-security\\.kubernetes\\.io/enforce"),
                        "baseline");
    world_done(&w);
}

static void its_members(struct world *w)
{
    put(w, &kind_user,
        "{'metadata':{'name':'ada'},'spec':{'username':'ada@example.com','roles':['data-scientist',"
        "'ml-engineer']}}");
    put(w, &kind_user,
        "{'metadata':{'name':'bob'},'spec':{'username':'oidc:bob','roles':['production-engineer',"
        "'operator']}}");
}

TEST(members_are_bound_to_the_roles_of_their_users)
{
    struct world w = given_group("{'users':['ada','bob'],'externalGroups':['oidc:vision']}");
    const struct op *op;

    its_namespace(&w, OURS);
    its_members(&w);
    reconcile(&w, "", "vision");
    op = op_on(&w, OP_CREATE, &kind_rolebinding, "dkube-data-scientist");
    assert_string_equal(at(&w, op, "roleRef.kind"), "ClusterRole");
    assert_string_equal(at(&w, op, "roleRef.name"), "dkube-data-scientist");
    assert_string_equal(at(&w, op, "subjects.0.kind"), "User");
    assert_string_equal(at(&w, op, "subjects.0.name"), "ada@example.com");
    assert_string_equal(at(&w, op, "subjects.1.kind"), "Group");
    assert_string_equal(at(&w, op, "subjects.1.name"), "oidc:vision");
    assert_string_equal(at(&w, op, "metadata.ownerReferences.0.kind"), "Group");
    op = op_on(&w, OP_CREATE, &kind_rolebinding, "dkube-ml-engineer");
    assert_string_equal(at(&w, op, "subjects.1.name"), "");
    op = op_on(&w, OP_CREATE, &kind_rolebinding, "dkube-production-engineer");
    assert_string_equal(at(&w, op, "subjects.0.name"), "oidc:bob");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_rolebinding), 3);
    world_done(&w);
}

TEST(role_that_nobody_has_is_not_bound)
{
    struct world w = given_group("{'users':['bob']}");

    its_namespace(&w, OURS);
    its_members(&w);
    reconcile(&w, "", "vision");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_rolebinding), 1);
    world_done(&w);
}

TEST(binding_of_a_role_that_nobody_has_any_more_goes)
{
    struct world w = given_group("{'users':['ada']}");

    its_namespace(&w, OURS);
    its_members(&w);
    reconcile(&w, "", "vision");
    put_body(&w, op_on(&w, OP_CREATE, &kind_rolebinding, "dkube-ml-engineer"));
    a_group(&w, "", "{'users':[]}");
    reconcile(&w, "", "vision");
    assert_non_null(op_on(&w, OP_DELETE, &kind_rolebinding, "dkube-ml-engineer"));
    world_done(&w);
}

TEST(duplicate_user_gives_no_rights)
{
    struct world w = given_group("{'users':['twin']}");

    its_namespace(&w, OURS);
    its_members(&w);
    put(&w, &kind_user,
        "{'metadata':{'name':'twin','creationTimestamp':'2026-09-21T14:05:00Z'},'spec':{'username':"
        "'ada@example.com','roles':['ml-engineer']}}");
    reconcile(&w, "", "vision");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_rolebinding), 0);
    world_done(&w);
}

TEST(member_without_a_user_is_named_and_stops_nothing)
{
    struct world w = given_group("{'users':['ada','eve']}");

    its_namespace(&w, OURS);
    its_members(&w);
    reconcile(&w, "", "vision");
    assert_string_equal(condition(&w, "Ready"), "True/NoPool");
    assert_string_equal(condition(&w, "MembersKnown"), "False/UnknownUser");
    assert_non_null(strstr(said(&w, "conditions"), "'eve'"));
    assert_null(strstr(said(&w, "conditions"), "'ada'"));
    world_done(&w);
}

TEST(account_of_the_groups_pods_has_no_token)
{
    struct world w = given_group("{}");

    its_namespace(&w, OURS);
    reconcile(&w, "", "vision");
    assert_string_equal(at(&w, op_on(&w, OP_CREATE, &kind_serviceaccount, "dkube-run"),
                           "automountServiceAccountToken"),
                        "false");
    world_done(&w);
}

TEST(pods_of_the_group_may_not_reach_link_local_addresses)
{
    struct world w = given_group("{}");
    const struct op *op;

    its_namespace(&w, OURS);
    reconcile(&w, "", "vision");
    op = op_on(&w, OP_CREATE, &kind_networkpolicy, "dkube-run");
    assert_string_equal(at(&w, op, "spec.policyTypes"), "[\"Egress\"]");
    assert_string_equal(at(&w, op, "spec.egress.1.to.0.ipBlock.except"), "[\"169.254.0.0/16\"]");
    assert_string_equal(at(&w, op, "spec.egress.1.to.1.ipBlock.except"), "[\"fe80::/10\"]");
    world_done(&w);
}

TEST(of_two_groups_with_one_pool_the_younger_is_stalled)
{
    struct world w = given_group("{'poolRef':'a100'}");

    its_namespace(&w, OURS);
    put(&w, &kind_pool, "{'metadata':{'name':'a100'}}");
    put(&w, &kind_group,
        "{'metadata':{'name':'speech','creationTimestamp':'2026-09-21T11:00:00Z'},'spec':{'poolRef'"
        ":'a100'}}");
    reconcile(&w, "", "vision");
    assert_string_equal(condition(&w, "Stalled"), "True/PoolTaken");
    assert_non_null(strstr(message(&w), "'speech'"));
    assert_string_equal(said(&w, "pool"), "");
    drop(&w, &kind_group, "", "speech");
    reconcile(&w, "", "vision");
    assert_string_equal(condition(&w, "Ready"), "True/Available");
    assert_string_equal(said(&w, "pool"), "a100");
    world_done(&w);
}

TEST(unknown_pool_is_named)
{
    struct world w = given_group("{'poolRef':'a1OO'}");

    its_namespace(&w, OURS);
    reconcile(&w, "", "vision");
    assert_string_equal(condition(&w, "Ready"), "False/PoolMissing");
    assert_non_null(strstr(message(&w), "spec.poolRef"));
    assert_non_null(strstr(message(&w), "'a1OO'"));
    world_done(&w);
}

TEST(settled_group_writes_nothing)
{
    struct world w = given_group("{'users':['ada'],'poolRef':'a100'}");

    a_group(&w, ",'finalizers':['dkube.io/group']", "{'users':['ada'],'poolRef':'a100'}");
    its_namespace(&w, OURS);
    its_members(&w);
    put(&w, &kind_pool, "{'metadata':{'name':'a100'}}");
    reconcile(&w, "", "vision");
    for (size_t i = 0; i < w.plan.op_count; i++) {
        if (w.plan.ops[i].verb == OP_CREATE) {
            put_body(&w, &w.plan.ops[i]);
        }
    }
    put(&w, &kind_group,
        "{'metadata':{'name':'vision','creationTimestamp':'2026-09-21T12:00:00Z','finalizers':["
        "'dkube.io/group']},'spec':{'users':['ada'],'poolRef':'a100'},'status':%s}",
        at(&w, op_on(&w, OP_STATUS, &kind_group, "vision"), "status"));
    w.now_ms += 60000;
    reconcile(&w, "", "vision");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

static void make_children(struct world *w)
{
    its_namespace(w, OURS);
    its_members(w);
    reconcile(w, "", "vision");
    for (size_t i = 0; i < w->plan.op_count; i++) {
        if (w->plan.ops[i].verb == OP_CREATE) {
            put_body(w, &w->plan.ops[i]);
        }
    }
}

TEST(deleted_group_waits_for_its_deployments_and_names_them)
{
    struct world w = given_group("{'users':['ada']}");

    make_children(&w);
    a_group(&w, GOING, "{'users':['ada']}");
    put(&w, &kind_deployment, "{'metadata':{'name':'serve','namespace':'vision'}}");
    put(&w, &kind_deployment, "{'metadata':{'name':'other','namespace':'elsewhere'}}");
    reconcile(&w, "", "vision");
    assert_string_equal(condition(&w, "Reconciling"), "True/DeploymentsActive");
    assert_non_null(strstr(said(&w, "conditions"), "1 left: deployment/serve"));
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_serviceaccount), 0);
    drop(&w, &kind_deployment, "vision", "serve");
    reconcile(&w, "", "vision");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_serviceaccount), 1);
    world_done(&w);
}

TEST(deleted_group_waits_for_its_runs_and_names_them)
{
    struct world w = given_group("{'users':['ada']}");

    make_children(&w);
    a_group(&w, GOING, "{'users':['ada']}");
    put(&w, &kind_dkuberun,
        "{'metadata':{'name':'r1','namespace':'vision'},'status':{'phase':'Running'}}");
    reconcile(&w, "", "vision");
    assert_string_equal(condition(&w, "Reconciling"), "True/RunsActive");
    assert_non_null(strstr(message(&w), "r1"));
    assert_string_equal(said(&w, "activeRuns"), "1");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_rolebinding), 0);
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_group), 0);
    world_done(&w);
}

/* The API server's answers to what the last plan asked: `ours` is there, the rest is not. */
static void answer_needs(struct world *w, const struct kind *ours, const char *body)
{
    struct answer *list = arena_alloc(&w->a, w->plan.need_count * sizeof(*list));
    for (size_t i = 0; i < w->plan.need_count; i++) {
        bool there = ours != NULL && w->plan.needs[i].kind == ours;
        list[i] = (struct answer){
            .need = w->plan.needs[i], .status = there ? 200 : 404, .body = there ? body : ""};
    }
    w->answers = (struct answers){list, w->plan.need_count};
}

static void drop_children(struct world *w)
{
    drop(w, &kind_rolebinding, "vision", "dkube-data-scientist");
    drop(w, &kind_rolebinding, "vision", "dkube-ml-engineer");
    drop(w, &kind_serviceaccount, "vision", "dkube-run");
    drop(w, &kind_networkpolicy, "vision", "dkube-run");
}

TEST(deleted_group_takes_what_it_made_and_leaves_the_namespace)
{
    struct world w = given_group("{'users':['ada']}");

    make_children(&w);
    a_group(&w, GOING, "{'users':['ada']}");
    reconcile(&w, "", "vision");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_rolebinding), 2);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_serviceaccount), 1);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_networkpolicy), 1);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_namespace), 0);
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_group), 0);
    drop_children(&w);
    reconcile(&w, "", "vision");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_group), 0);
    answer_needs(&w, NULL, NULL);
    reconcile(&w, "", "vision");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_group), 1);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_namespace), 0);
    assert_true(has_event(&w, "NamespaceKept"));
    world_done(&w);
}

TEST(deleted_group_takes_along_what_no_watch_shows_any_more)
{
    struct world w = given_group("{'users':['ada']}");

    make_children(&w);
    a_group(&w, GOING, "{'users':['ada']}");
    drop_children(&w); /* somebody took a label from the account */
    reconcile(&w, "", "vision");
    answer_needs(&w, &kind_serviceaccount,
                 "{\"metadata\":{\"name\":\"dkube-run\",\"uid\":\"live\",\"resourceVersion\":"
                 "\"7\",\"ownerReferences\":[{\"controller\":true,\"uid\":"
                 "\"uid-Group-vision\"}]}}");
    reconcile(&w, "", "vision");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_group), 0);
    assert_string_equal(op_on(&w, OP_DELETE, &kind_serviceaccount, "dkube-run")->uid, "live");
    assert_int_equal(w.plan.wake_at_ms, w.now_ms + 1000);
    world_done(&w);
}

TEST(deleted_group_leaves_what_has_its_childs_name_and_another_owner)
{
    struct world w = given_group("{'users':['ada']}");

    make_children(&w);
    a_group(&w, GOING, "{'users':['ada']}");
    drop_children(&w);
    reconcile(&w, "", "vision");
    answer_needs(&w, &kind_serviceaccount,
                 "{\"metadata\":{\"name\":\"dkube-run\",\"uid\":\"live\",\"resourceVersion\":"
                 "\"7\"}}");
    reconcile(&w, "", "vision");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_serviceaccount), 0);
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_group), 1);
    world_done(&w);
}

TEST(account_that_is_not_ours_is_left_alone)
{
    struct world w = given_group("{}");

    its_namespace(&w, OURS);
    put(&w, &kind_serviceaccount, "{'metadata':{'name':'dkube-run','namespace':'vision'}}");
    reconcile(&w, "", "vision");
    assert_int_equal(count_ops(&w, OP_APPLY, &kind_serviceaccount), 0);
    a_group(&w, GOING, "{}");
    reconcile(&w, "", "vision");
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_serviceaccount), 0);
    world_done(&w);
}

SPEC_MAIN()
