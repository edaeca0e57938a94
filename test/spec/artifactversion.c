/* ArtifactVersions: the computed stage, and numbers that outlive them. */
#include "api/artifactversion.gen.h"
#include "api/dataset.gen.h"
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/model.gen.h"
#include "controllers/artifactversion/artifactversion.h"
#include "support/spec.h"
#include "support/world.h"

static struct world given_version(const char *stage, const char *meta)
{
    struct world w;

    world_init(&w, &artifactversion_controller, NULL);
    put(&w, &kind_artifactversion,
        "{'metadata':{'name':'model-digits-v2','namespace':'vision'%s},'spec':{'of':{'kind':'Model'"
        ","
        "'name':'digits'},'number':2,'digest':'sha256:bb','size':1,'files':1,'run':'r1','runUID':"
        "'uid-DkubeRun-r1','output':'digits','stage':'%s'}}",
        meta, stage);
    return w;
}

#define GOING ",'deletionTimestamp':'2026-09-21T14:13:00Z','finalizers':['dkube.io/numbered']"

TEST(version_shows_the_stage_that_people_gave_it)
{
    struct world w = given_version("Published", "");

    reconcile(&w, "vision", "model-digits-v2");
    assert_string_equal(said(&w, "stage"), "Published");
    assert_string_equal(said(&w, "ready"), "true");
    assert_string_equal(condition(&w, "Ready"), "True/Published");
    world_done(&w);
}

TEST(version_that_a_ready_deployment_serves_is_deployed)
{
    struct world w = given_version("Released", "");

    put(&w, &kind_deployment,
        "{'metadata':{'name':'d','namespace':'vision'},'spec':{'model':'digits'},'status':{"
        "'modelVersion':'model-digits-v2','readyReplicas':1}}");
    reconcile(&w, "vision", "model-digits-v2");
    assert_string_equal(said(&w, "stage"), "Deployed");
    world_done(&w);
}

TEST(deployment_without_ready_replicas_deploys_nothing)
{
    struct world w = given_version("Released", "");

    put(&w, &kind_deployment,
        "{'metadata':{'name':'d','namespace':'vision'},'spec':{'model':'digits'},'status':{"
        "'modelVersion':'model-digits-v2','readyReplicas':0}}");
    reconcile(&w, "vision", "model-digits-v2");
    assert_string_equal(said(&w, "stage"), "Released");
    world_done(&w);
}

TEST(version_is_not_gone_before_its_model_remembers_the_number)
{
    struct world w = given_version("Created", GOING);

    put(&w, &kind_model,
        "{'metadata':{'name':'digits','namespace':'vision'},'status':{'lastNumber':1}}");
    reconcile(&w, "vision", "model-digits-v2");
    assert_true(plan_is_empty(&w.plan));
    put(&w, &kind_model,
        "{'metadata':{'name':'digits','namespace':'vision'},'status':{'lastNumber':2}}");
    reconcile(&w, "vision", "model-digits-v2");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_artifactversion), 1);
    world_done(&w);
}

TEST(version_is_not_gone_before_its_run_names_it_for_it_would_be_made_again)
{
    struct world w = given_version("Created", GOING);
    static const char *const outputs[] = {"", ",'version':'model-digits-v2'"};

    put(&w, &kind_model,
        "{'metadata':{'name':'digits','namespace':'vision'},'status':{'lastNumber':2}}");
    for (size_t i = 0; i < 2; i++) {
        put(&w, &kind_dkuberun,
            "{'metadata':{'name':'r1','namespace':'vision'},'status':{'phase':'Complete',"
            "'outputs':[{'kind':'Model','name':'digits','digest':'sha256:aa'%s}]}}",
            outputs[i]);
        reconcile(&w, "vision", "model-digits-v2");
        assert_int_equal(count_ops(&w, OP_PATCH, &kind_artifactversion), i);
    }
    put(&w, &kind_dkuberun,
        "{'metadata':{'name':'r1','namespace':'vision','uid':'another'},'status':{'phase':"
        "'Complete','outputs':[{'kind':'Model','name':'digits','digest':'sha256:aa'}]}}");
    reconcile(&w, "vision", "model-digits-v2");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_artifactversion), 1);
    world_done(&w);
}

TEST(version_of_a_model_that_is_no_more_may_go)
{
    struct world w = given_version("Created", GOING);

    reconcile(&w, "vision", "model-digits-v2");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_artifactversion), 1);
    world_done(&w);
}

SPEC_MAIN()
