/* Models: versions from the outputs of Complete runs (rule 21), and what the Model says of them. */
#include "api/artifactversion.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/model.gen.h"
#include "controllers/model/model.h"
#include "support/spec.h"
#include "support/world.h"

static struct world given_model(const char *status)
{
    struct world w;

    world_init(&w, &model_controller, NULL);
    put(&w, &kind_group,
        "{'metadata':{'name':'vision'},'spec':{'namespace':'vision'},'status':{'namespace':'vision'"
        "}}");
    put(&w, &kind_model,
        "{'metadata':{'name':'digits','namespace':'vision'},'spec':{},'status':%s}", status);
    return w;
}

static void a_run(struct world *w, const char *name, const char *phase, const char *completed)
{
    put(w, &kind_dkuberun,
        "{'metadata':{'name':'%s','namespace':'vision'},'spec':{'owner':'ada'},'status':{'phase':'"
        "%s','completionTime':'%s','outputs':[{'kind':'Model','name':'digits','digest':'sha256:aa',"
        "'size':12,'files':3}]}}",
        name, phase, completed);
}

static void a_version(struct world *w, int number, const char *stage, bool ready)
{
    put(w, &kind_artifactversion,
        "{'metadata':{'name':'model-digits-v%d','namespace':'vision'},'spec':{'of':{'kind':'Model',"
        "'name':'digits'},'number':%d,'digest':'sha256:bb','runUID':'old-%d','output':'digits',"
        "'size':1,'files':1,'stage':'%s'},'status':{'ready':%s}}",
        number, number, number, stage, ready ? "true" : "false");
}

TEST(complete_run_makes_version_one_of_the_model_it_names)
{
    struct world w = given_model("{}");
    const struct op *op;

    a_run(&w, "r1", "Complete", "2026-09-21T14:10:00Z");
    reconcile(&w, "vision", "digits");
    op = op_on(&w, OP_CREATE, &kind_artifactversion, "model-digits-v1");
    assert_string_equal(at(&w, op, "spec.of.kind"), "Model");
    assert_string_equal(at(&w, op, "spec.of.name"), "digits");
    assert_string_equal(at(&w, op, "spec.number"), "1");
    assert_string_equal(at(&w, op, "spec.digest"), "sha256:aa");
    assert_string_equal(at(&w, op, "spec.runUID"), "uid-DkubeRun-r1");
    assert_string_equal(at(&w, op, "spec.run"), "r1");
    assert_string_equal(at(&w, op, "spec.output"), "digits");
    assert_string_equal(at(&w, op, "spec.size"), "12");
    assert_string_equal(at(&w, op, "spec.files"), "3");
    assert_string_equal(at(&w, op, "spec.stage"), "Created");
    assert_string_equal(at(&w, op, "metadata.labels.dkube\\.io/group"), "vision");
    assert_string_equal(at(&w, op, "metadata.ownerReferences"), "");
    world_done(&w);
}

TEST(the_status_is_of_the_generation_that_was_looked_at)
{
    struct world w = given_model("{}");

    put(&w, &kind_model,
        "{'metadata':{'name':'digits','namespace':'vision','generation':7},'spec':{}}");
    reconcile(&w, "vision", "digits");
    assert_string_equal(said(&w, "observedGeneration"), "7");
    assert_string_equal(said(&w, "conditions.0.observedGeneration"), "7");
    world_done(&w);
}

TEST(run_that_is_not_complete_makes_no_version)
{
    static const char *const phases[] = {"Queued", "Running", "Error", "Stopping", "Stopped"};
    struct world w = given_model("{}");

    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        a_run(&w, "r1", phases[i], "2026-09-21T14:10:00Z");
        reconcile(&w, "vision", "digits");
        assert_int_equal(count_ops(&w, OP_CREATE, &kind_artifactversion), 0);
    }
    world_done(&w);
}

TEST(one_output_of_one_run_makes_one_version)
{
    struct world w = given_model("{}");

    a_run(&w, "r1", "Complete", "2026-09-21T14:10:00Z");
    reconcile(&w, "vision", "digits");
    put_body(&w, op_on(&w, OP_CREATE, &kind_artifactversion, "model-digits-v1"));
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_artifactversion), 0);
    world_done(&w);
}

TEST(version_that_somebody_deleted_is_not_made_again)
{
    struct world w = given_model("{'lastNumber':1}");

    put(&w, &kind_dkuberun,
        "{'metadata':{'name':'r1','namespace':'vision'},'status':{'phase':'Complete','outputs':[{"
        "'kind':'Model','name':'digits','digest':'sha256:aa','version':'model-digits-v1'}]}}");
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_artifactversion), 0);
    world_done(&w);
}

TEST(numbers_rise_in_the_order_in_which_runs_completed)
{
    struct world w = given_model("{}");

    a_version(&w, 3, "Created", true);
    a_run(&w, "later", "Complete", "2026-09-21T14:12:00Z");
    a_run(&w, "sooner", "Complete", "2026-09-21T14:11:00Z");
    reconcile(&w, "vision", "digits");
    assert_string_equal(
        at(&w, op_on(&w, OP_CREATE, &kind_artifactversion, "model-digits-v4"), "spec.run"),
        "sooner");
    assert_string_equal(
        at(&w, op_on(&w, OP_CREATE, &kind_artifactversion, "model-digits-v5"), "spec.run"),
        "later");
    world_done(&w);
}

TEST(number_of_a_deleted_version_is_never_used_again)
{
    struct world w = given_model("{'lastNumber':7}");

    a_version(&w, 2, "Created", true);
    a_run(&w, "r9", "Complete", "2026-09-21T14:12:00Z");
    reconcile(&w, "vision", "digits");
    assert_non_null(op_on(&w, OP_CREATE, &kind_artifactversion, "model-digits-v8"));
    assert_string_equal(said(&w, "lastNumber"), "7");
    world_done(&w);
}

TEST(output_of_another_kind_or_name_is_not_this_models)
{
    struct world w = given_model("{}");

    put(&w, &kind_dkuberun,
        "{'metadata':{'name':'r1','namespace':'vision'},'status':{'phase':'Complete','outputs':[{"
        "'kind':'Dataset','name':'digits','digest':'sha256:aa'},{'kind':'Model','name':'faces',"
        "'digest':'sha256:aa'},{'kind':'Model','name':'digits'}]}}");
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_artifactversion), 0);
    world_done(&w);
}

TEST(model_names_its_newest_ready_and_its_newest_published_version)
{
    struct world w = given_model("{}");

    a_version(&w, 1, "Published", true);
    a_version(&w, 2, "Created", true);
    a_version(&w, 3, "Published", false);
    reconcile(&w, "vision", "digits");
    assert_string_equal(said(&w, "latest"), "model-digits-v2");
    assert_string_equal(said(&w, "published"), "model-digits-v1");
    assert_string_equal(said(&w, "versions"), "2");
    assert_string_equal(said(&w, "lastNumber"), "3");
    assert_string_equal(condition(&w, "Ready"), "True/Available");
    world_done(&w);
}

TEST(model_without_versions_is_ready_and_says_how_to_get_one)
{
    struct world w = given_model("{}");

    reconcile(&w, "vision", "digits");
    assert_string_equal(condition(&w, "Ready"), "True/NoVersions");
    assert_non_null(strstr(message(&w), "spec.outputs"));
    assert_true(has_event(&w, "NoVersions"));
    world_done(&w);
}

TEST(model_that_has_said_it_all_writes_nothing)
{
    struct world w = given_model("{}");

    a_version(&w, 1, "Created", true);
    reconcile(&w, "vision", "digits");
    keep_status(&w, &kind_model, "vision", "digits");
    w.now_ms += 60000;
    reconcile(&w, "vision", "digits");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

TEST(model_whose_numbers_are_used_up_says_so)
{
    struct world w = given_model("{'lastNumber':99999}");

    a_run(&w, "r1", "Complete", "2026-09-21T14:10:00Z");
    reconcile(&w, "vision", "digits");
    assert_int_equal(count_ops(&w, OP_CREATE, &kind_artifactversion), 0);
    assert_string_equal(condition(&w, "Stalled"), "True/TooManyVersions");
    world_done(&w);
}

SPEC_MAIN()
