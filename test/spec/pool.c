/* Pools, as the resource-controller sees them: the default one exists, and none goes while it is
 * held. */
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/pool.gen.h"
#include "controllers/pool/pool.h"
#include "support/spec.h"
#include "support/world.h"

static struct world given_pool(const char *meta, const char *status)
{
    struct world w;

    world_init(&w, &pool_controller, NULL);
    put(&w, &kind_pool, "{'metadata':{'name':'a100'%s},'spec':{'gpus':4},'status':%s}", meta,
        status);
    return w;
}

static void a_run(struct world *w, const char *name, const char *pool, const char *phase)
{
    put(w, &kind_dkuberun,
        "{'metadata':{'name':'%s','namespace':'vision'},'status':{'phase':'%s','admission':{'pool':"
        "'%s'}}}",
        name, phase, pool);
}

#define GOING ",'deletionTimestamp':'2026-09-21T14:13:00Z','finalizers':['dkube.io/pool']"

TEST(default_pool_is_made_when_it_is_missing)
{
    struct world w;
    const struct op *op;

    world_init(&w, &pool_controller, NULL);
    reconcile(&w, "", "default");
    op = op_on(&w, OP_CREATE, &kind_pool, "default");
    assert_string_equal(at(&w, op, "spec.gpus"), "");
    assert_string_equal(at(&w, op, "spec.nodes"), "");
    reconcile(&w, "", "a100");
    assert_false(w.gathered);
    world_done(&w);
}

TEST(every_pool_gets_the_finalizer_once)
{
    struct world w = given_pool("", "{}");

    reconcile(&w, "", "a100");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_pool), 1);
    put(&w, &kind_pool, "{'metadata':{'name':'a100','finalizers':['dkube.io/pool']}}");
    reconcile(&w, "", "a100");
    assert_true(plan_is_empty(&w.plan));
    world_done(&w);
}

TEST(deleted_pool_waits_for_its_runs_and_names_them)
{
    struct world w = given_pool(GOING, "{}");

    a_run(&w, "r1", "a100", "Running");
    a_run(&w, "r2", "other", "Running");
    reconcile(&w, "", "a100");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_pool), 0);
    assert_true(has_event(&w, "PoolInUse"));
    assert_non_null(strstr(w.plan.events[0].note, "vision/r1"));
    assert_null(strstr(w.plan.events[0].note, "r2"));
    a_run(&w, "r1", "a100", "Complete");
    reconcile(&w, "", "a100");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_pool), 1);
    world_done(&w);
}

/* It waits for that pool's GPUs, which it will never get. */
TEST(deleted_pool_does_not_wait_for_a_run_that_has_lost_its_gpus)
{
    struct world w = given_pool(GOING, "{}");

    put(&w, &kind_dkuberun,
        "{'metadata':{'name':'r1','namespace':'vision'},'status':{'phase':'WaitingForGPUs',"
        "'attempt':1,'admission':{'attempt':0,'pool':'a100'}}}");
    reconcile(&w, "", "a100");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_pool), 1);
    world_done(&w);
}

TEST(deleted_pool_waits_for_deployments_on_it)
{
    struct world w = given_pool(GOING, "{}");

    put(&w, &kind_deployment,
        "{'metadata':{'name':'d','namespace':'vision'},'status':{'admission':{'pool':'a100',"
        "'replicas':1}}}");
    reconcile(&w, "", "a100");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_pool), 0);
    world_done(&w);
}

TEST(deleted_pool_waits_while_the_ledger_counts_runs)
{
    struct world w = given_pool(GOING, "{'runCount':1}");

    reconcile(&w, "", "a100");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_pool), 0);
    assert_true(w.plan.wake_at_ms > w.now_ms);
    world_done(&w);
}

TEST(deleted_pool_that_nobody_holds_goes)
{
    struct world w = given_pool(GOING, "{'runCount':0}");

    reconcile(&w, "", "a100");
    assert_int_equal(count_ops(&w, OP_PATCH, &kind_pool), 1);
    world_done(&w);
}

TEST(status_of_a_pool_is_the_ledgers_alone)
{
    struct world w = given_pool("", "{}");

    reconcile(&w, "", "a100");
    assert_int_equal(count_ops(&w, OP_STATUS, &kind_pool), 0);
    world_done(&w);
}

SPEC_MAIN()
