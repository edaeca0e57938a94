/* Users: one username counts once, and operators are bound in the whole cluster. */
#include "api/clusterrolebinding.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/user.gen.h"
#include "controllers/user/user.h"
#include "support/spec.h"
#include "support/world.h"

static struct world given_user(const char *roles)
{
    struct world w;

    world_init(&w, &user_controller, NULL);
    put(&w, &kind_user,
        "{'metadata':{'name':'ada','creationTimestamp':'2026-09-21T12:00:00Z'},'spec':{'username':"
        "'ada@example.com','roles':%s}}",
        roles);
    return w;
}

static void a_twin(struct world *w, const char *name, const char *created)
{
    put(w, &kind_user,
        "{'metadata':{'name':'%s','creationTimestamp':'%s'},'spec':{'username':'ada@example.com',"
        "'roles':['operator']}}",
        name, created);
}

TEST(user_shows_the_groups_and_the_active_runs)
{
    struct world w = given_user("['data-scientist']");

    put(&w, &kind_group, "{'metadata':{'name':'vision'},'spec':{'users':['ada','bob']}}");
    put(&w, &kind_group, "{'metadata':{'name':'audio'},'spec':{'users':['ada']}}");
    put(&w, &kind_group, "{'metadata':{'name':'text'},'spec':{'users':['bob']}}");
    put(&w, &kind_dkuberun,
        "{'metadata':{'name':'a','namespace':'vision'},'spec':{'owner':'ada@example.com'},'status':"
        "{'phase':'Running'}}");
    put(&w, &kind_dkuberun,
        "{'metadata':{'name':'b','namespace':'vision'},'spec':{'owner':'ada@example.com'},'status':"
        "{'phase':'Complete'}}");
    put(&w, &kind_dkuberun,
        "{'metadata':{'name':'c','namespace':'vision'},'spec':{'owner':'bob'}}");
    reconcile(&w, "", "ada");
    assert_string_equal(said(&w, "groups"), "[\"audio\",\"vision\"]");
    assert_string_equal(said(&w, "activeRuns"), "1");
    assert_string_equal(condition(&w, "Ready"), "True/Known");
    world_done(&w);
}

TEST(of_two_users_with_one_username_the_younger_is_stalled)
{
    struct world w = given_user("['operator']");

    a_twin(&w, "older", "2026-09-21T11:00:00Z");
    reconcile(&w, "", "ada");
    assert_string_equal(condition(&w, "Stalled"), "True/Duplicate");
    assert_non_null(strstr(message(&w), "'older'"));
    assert_non_null(strstr(message(&w), "spec.username"));
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_clusterrolebinding), 0);
    reconcile(&w, "", "older");
    assert_string_equal(condition(&w, "Ready"), "True/Known");
    world_done(&w);
}

TEST(no_more_than_a_hundred_groups_are_shown)
{
    struct world w = given_user("[]");

    for (int i = 0; i < 101; i++) {
        put(&w, &kind_group, "{'metadata':{'name':'g%03d'},'spec':{'users':['ada']}}", i);
    }
    reconcile(&w, "", "ada");
    assert_non_null(strstr(said(&w, "groups"), "g099"));
    assert_null(strstr(said(&w, "groups"), "g100"));
    assert_string_equal(message(&w), "the user is in 101 groups");
    world_done(&w);
}

TEST(one_group_is_one_group)
{
    struct world w = given_user("[]");

    put(&w, &kind_group, "{'metadata':{'name':'g'},'spec':{'users':['ada']}}");
    reconcile(&w, "", "ada");
    assert_string_equal(message(&w), "the user is in 1 group");
    world_done(&w);
}

TEST(users_of_one_age_and_username_are_told_apart_by_name)
{
    struct world w = given_user("[]");

    a_twin(&w, "zoe", "2026-09-21T12:00:00Z");
    reconcile(&w, "", "zoe");
    assert_string_equal(condition(&w, "Stalled"), "True/Duplicate");
    world_done(&w);
}

TEST(operator_is_bound_in_the_whole_cluster)
{
    struct world w = given_user("['operator']");
    const struct op *op;

    reconcile(&w, "", "ada");
    op = op_on(&w, OP_CREATE, &kind_clusterrolebinding, "dkube-operator-ada");
    assert_string_equal(at(&w, op, "roleRef.name"), "dkube-operator");
    assert_string_equal(at(&w, op, "subjects.0.kind"), "User");
    assert_string_equal(at(&w, op, "subjects.0.name"), "ada@example.com");
    assert_string_equal(at(&w, op, "metadata.ownerReferences.0.uid"), "uid-User-ada");
    put_body(&w, op);
    keep_status(&w, &kind_user, "", "ada");
    reconcile(&w, "", "ada");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

TEST(binding_that_was_changed_is_put_right)
{
    struct world w = given_user("['operator']");
    const struct op *op;

    reconcile(&w, "", "ada");
    op = op_on(&w, OP_CREATE, &kind_clusterrolebinding, "dkube-operator-ada");
    assert_string_equal(at(&w, op, "roleRef.apiGroup"), "rbac.authorization.k8s.io");
    assert_string_equal(at(&w, op, "subjects.0.apiGroup"), "rbac.authorization.k8s.io");
    put_body(&w, op);
    put(&w, &kind_user,
        "{'metadata':{'name':'ada','creationTimestamp':'2026-09-21T12:00:00Z'},'spec':{'username':"
        "'ada2@example.com','roles':['operator']}}");
    reconcile(&w, "", "ada");
    op = op_on(&w, OP_APPLY, &kind_clusterrolebinding, "dkube-operator-ada");
    assert_string_equal(at(&w, op, "subjects.0.name"), "ada2@example.com");
    world_done(&w);
}

TEST(user_who_is_no_operator_any_more_loses_the_binding)
{
    struct world w = given_user("['operator']");

    reconcile(&w, "", "ada");
    put_body(&w, op_on(&w, OP_CREATE, &kind_clusterrolebinding, "dkube-operator-ada"));
    put(&w, &kind_user,
        "{'metadata':{'name':'ada'},'spec':{'username':'ada@example.com','roles':[]}}");
    reconcile(&w, "", "ada");
    assert_non_null(op_on(&w, OP_DELETE, &kind_clusterrolebinding, "dkube-operator-ada"));
    world_done(&w);
}

TEST(binding_that_is_not_ours_is_left_alone)
{
    struct world w = given_user("['operator']");

    put(&w, &kind_clusterrolebinding, "{'metadata':{'name':'dkube-operator-ada'}}");
    reconcile(&w, "", "ada");
    assert_int_equal(count_ops(&w, OP_APPLY, &kind_clusterrolebinding), 0);
    assert_int_equal(count_ops(&w, OP_DELETE, &kind_clusterrolebinding), 0);
    assert_string_equal(condition(&w, "Stalled"), "True/NameTaken");
    world_done(&w);
}

TEST(unknown_default_group_is_named)
{
    struct world w = given_user("[]");

    put(&w, &kind_user,
        "{'metadata':{'name':'ada'},'spec':{'username':'ada@example.com','roles':[],"
        "'defaultGroup':'visoin'}}");
    reconcile(&w, "", "ada");
    assert_string_equal(condition(&w, "Ready"), "False/UnknownGroup");
    assert_non_null(strstr(message(&w), "spec.defaultGroup"));
    assert_non_null(strstr(message(&w), "'visoin'"));
    world_done(&w);
}

TEST(user_that_is_being_deleted_is_left_to_the_garbage_collector)
{
    struct world w = given_user("['operator']");

    put(&w, &kind_user,
        "{'metadata':{'name':'ada','deletionTimestamp':'2026-09-21T14:13:00Z'},'spec':{'username':"
        "'ada@example.com','roles':['operator']}}");
    reconcile(&w, "", "ada");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

SPEC_MAIN()
