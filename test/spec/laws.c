/* The laws of the ledger as `kubectl dkube verify` checks them: each is broken once, and named. */
#include "base/attr.h"
#include "controllers/common/laws.h"
#include "support/spec.h"

static struct arena a;
static struct law_report report;

static const struct json *list(const char *text)
{
    char *copy = arena_printf(&a, "[%s]", text);
    const struct json *j = NULL;
    struct err e = {0};

    for (char *p = copy; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    assert_ok(json_parse(&a, copy, strlen(copy), &j, &e), &e);
    return j;
}

#define NODE                                                                                \
    "{'metadata':{'name':'n1'},'status':{'capacity':{'nvidia.com/gpu':'4'},'allocatable':{" \
    "'nvidia.com/gpu':'4'}}}"
#define POOL(capacity, free, gpus)                                                  \
    "{'metadata':{'name':'default'},'status':{'capacity':" capacity ",'free':" free \
    ",'unhealthy':0,'nodes':[{'name':'n1','gpus':" gpus ",'free':" free "}],'runs':['t/r']}}"
#define RUN(name, phase, more)                                      \
    "{'metadata':{'namespace':'t','name':'" name "','uid':'u-" name \
    "'},'spec':{'gpus':2},'status':{'phase':'" phase "','attempt':0" more "}}"
#define ADMITTED(gpus) \
    ",'admission':{'attempt':0,'pool':'default','nodes':[{'name':'n1','gpus':" gpus "}]}"
#define POD(name, run, gpus, phase)                                                           \
    "{'metadata':{'namespace':'t','name':'" name "','ownerReferences':[{'uid':'u-" run        \
    "','controller':true}]},'spec':{'nodeName':'n1','containers':[{'resources':{'requests':{" \
    "'nvidia.com/gpu':'" gpus "'}}}]},'status':{'phase':'" phase "'}}"

static void check(const char *pods, const char *pools, const char *runs)
{
    struct law_view v = {list(NODE), list(pods), list(pools), list(runs), list("")};

    laws_check(&a, &v, &report);
}

static void expect_only(enum law law, const char *words)
{
    assert_int_equal(report.count, 1);
    assert_int_equal(report.breaks[0].law, law);
    if (strstr(report.breaks[0].what, words) == NULL) {
        fail_msg("'%s' does not say '%s'", report.breaks[0].what, words);
    }
    arena_done(&a);
}

TEST(a_cluster_in_order_breaks_no_law)
{
    check(POD("r-worker-0", "r", "2", "Running"), POOL("4", "2", "4"),
          RUN("r", "Running", ADMITTED("2")));
    assert_int_equal(report.count, 0);
    assert_int_equal(report.gpus, 4);
    assert_int_equal(report.used, 2);
    arena_done(&a);
}

TEST(an_admitted_run_without_a_pod_counts_once)
{
    check("", POOL("4", "2", "4"), RUN("r", "Starting", ADMITTED("2")));
    assert_int_equal(report.count, 0);
    assert_int_equal(report.used, 2);
    arena_done(&a);
}

TEST(a_run_whose_pod_has_ended_uses_nothing)
{
    check(POD("r-worker-0", "r", "2", "Succeeded"), POOL("4", "4", "4"),
          RUN("r", "Running", ADMITTED("2")));
    assert_int_equal(report.count, 0);
    assert_int_equal(report.used, 0);
    arena_done(&a);
}

TEST(a_node_that_gives_more_than_it_has_is_named)
{
    check(POD("a", "a", "3", "Running") "," POD("b", "b", "2", "Running"), POOL("4", "0", "4"),
          RUN("r", "Complete", "") "," RUN("r", "Starting", ADMITTED("2")));
    assert_int_equal(report.breaks[0].law, LAW_NODES);
    assert_non_null(strstr(report.breaks[0].what, "node n1 has 4 GPUs and gives 7"));
    arena_done(&a);
}

TEST(pools_that_hold_more_or_less_than_a_node_are_named)
{
    check("", POOL("3", "3", "3"), RUN("r", "Starting", ADMITTED("2")));
    expect_only(LAW_PARTITION, "node n1 has 4 GPUs and the pools hold 3");
}

TEST(a_pool_whose_figures_do_not_add_up_is_named)
{
    check("", POOL("5", "3", "4"), RUN("r", "Starting", ADMITTED("2")));
    expect_only(LAW_SUMS, "pool default says capacity 5");
}

TEST(a_run_that_works_without_seats_is_named)
{
    check("", POOL("4", "4", "4"), RUN("r", "Running", ""));
    expect_only(LAW_SEATS, "run t/r is Running and was admitted to no GPUs");
}

TEST(a_run_with_fewer_seats_than_it_asks_for_is_named)
{
    check("", POOL("4", "3", "4"), RUN("r", "Starting", ADMITTED("1")));
    expect_only(LAW_SEATS, "admitted with 1 GPUs and asks for 2");
}

TEST(a_run_with_two_pods_at_work_is_named)
{
    check(POD("r-worker-0", "r", "2", "Running") "," POD("r-worker-0-a1", "r", "2", "Running"),
          POOL("4", "0", "4"), RUN("r", "Running", ADMITTED("2")));
    expect_only(LAW_ONCE, "run t/r has the pods r-worker-0 and r-worker-0-a1");
}

TEST(a_pool_that_counts_an_ended_run_is_named)
{
    check("", POOL("4", "4", "4"), RUN("r", "Complete", ADMITTED("2")));
    expect_only(LAW_ENDED, "pool default counts the run t/r, which has ended");
}

TEST(two_runs_that_are_both_first_are_named)
{
    check(
        "", POOL("4", "2", "4"),
        RUN("r", "Starting", ADMITTED("2")) "," RUN("x", "WaitingForGPUs", ",'position':1") "," RUN(
            "y", "WaitingForGPUs", ",'position':1"));
    expect_only(LAW_FIRST, "runs t/x and t/y are both first");
}

/* --- runs of several pods ----------------------------------------------------------------------
 */

#define GANG(phase)                                                                            \
    "{'metadata':{'namespace':'t','name':'r','uid':'u-r'},'spec':{'gpus':0,'distribution':{'"  \
    "manual':{'workers':1,'gpusPerWorker':2}}},'status':{'phase':'" phase                      \
    "','attempt':0,'admission':{'attempt':0,'pool':'default','nodes':[{'name':'n1','gpus':2}," \
    "{'name':'n1','gpus':2}]}}}"
#define RANKED(name, rank)                                                                 \
    "{'metadata':{'namespace':'t','name':'" name "','labels':{'dkube.io/rank':'" rank      \
    "'},'ownerReferences':[{'uid':'u-r','controller':true}]},'spec':{'nodeName':'n1','"    \
    "containers':[{'resources':{'requests':{'nvidia.com/gpu':'2'}}}]},'status':{'phase':'" \
    "Running'}}"

TEST(a_gang_counts_each_of_its_workers_once_by_its_pod_or_by_its_claim)
{
    check(RANKED("r-worker-1", "1"), POOL("4", "0", "4"), GANG("Starting"));
    assert_int_equal(report.count, 0);
    assert_int_equal(report.used, 4);
    arena_done(&a);
}

TEST(several_pods_of_a_gang_are_lawful_and_two_of_one_rank_are_not)
{
    check(RANKED("r-worker-0", "0") "," RANKED("r-worker-1", "1"), POOL("4", "0", "4"),
          GANG("Running"));
    assert_int_equal(report.count, 0);
    check(RANKED("r-worker-1", "1") "," RANKED("r-worker-1-a1", "1"), POOL("4", "0", "4"),
          GANG("Running"));
    assert_int_equal(report.count, 2); /* worker 0 has its claim, which is too much as well */
    assert_int_equal(report.breaks[0].law, LAW_ONCE);
    assert_non_null(strstr(report.breaks[0].what, "r-worker-1 and r-worker-1-a1"));
    assert_int_equal(report.breaks[1].law, LAW_NODES);
    arena_done(&a);
}

SPEC_MAIN()
