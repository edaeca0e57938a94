/* A pool that is being deleted, as the ledger says it: who holds it, once. */
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/node.gen.h"
#include "api/pool.gen.h"
#include "controllers/ledger/ledger.h"
#include "support/paper.h"
#include "support/spec.h"

static struct paper w;

static void settle(void)
{
    paper_settle(&w, &ledger_controller, "", LEDGER_KEY);
}

static void given_a_pool_with_holders(void)
{
    static const struct controller *const list[] = {&ledger_controller};

    paper_init(&w, list, 1);
    paper_put(&w, &kind_node,
              "{'metadata':{'name':'n1'},'spec':{},'status':{'capacity':{'nvidia.com/gpu':'4'},"
              "'allocatable':{'nvidia.com/gpu':'4'},'conditions':[{'type':'Ready','status':'True'}"
              "]}}");
    paper_put(&w, &kind_pool, "{'metadata':{'name':'a'},'spec':{'gpus':4}}");
    paper_put(&w, &kind_group,
              "{'metadata':{'name':'g'},'spec':{'poolRef':'a'},'status':{'namespace':'g'}}");
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'g','name':'r1'},'spec':{'gpus':1,'owner':'ada'},'status':"
              "{'phase':'WaitingForGPUs','attempt':0}}");
    paper_put(&w, &kind_deployment,
              "{'metadata':{'namespace':'g','name':'d1'},'spec':{'gpus':1,'minReplicas':1,"
              "'owner':'ada'}}");
    settle();
}

TEST(a_pool_that_is_being_deleted_names_its_holders_and_says_so_once)
{
    const char *said;

    given_a_pool_with_holders();
    paper_delete(&w, &kind_pool, "", "a");
    paper_plan(&w, &ledger_controller, "", LEDGER_KEY);
    assert_true(paper_has_event(&w, "Ending"));
    paper_apply(&w);
    said = paper_at(&w, &kind_pool, "", "a", "status.conditions.0.message");
    assert_non_null(strstr(said, "g/r1"));
    assert_non_null(strstr(said, "deployment g/d1"));
    assert_non_null(strstr(said, "spec.stop"));
    w.now_ms += 60000;
    paper_plan(&w, &ledger_controller, "", LEDGER_KEY);
    assert_true(plan_is_empty(&w.plan));
    paper_done(&w);
}

SPEC_MAIN()
