/* Free-only runs, which never wait, and lending (rule 13). */
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/pool.gen.h"
#include "base/clock.h"
#include "controllers/ledger/ledger.h"
#include "support/ledger.h"
#include "support/spec.h"

static void put_free(const char *ns, const char *name, int gpus, const char *more)
{
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'%s','name':'%s'},'spec':{'gpus':%d,'freeOnly':true,"
              "'owner':'ada'%s},'status':{'phase':'WaitingForGPUs','attempt':0}}",
              ns, name, gpus, more);
}

static void free_run(const char *ns, const char *name, int gpus)
{
    later();
    put_free(ns, name, gpus, "");
}

/* Two groups: `vision` has n1, `audio` has n2. */
static void two_pools(const char *more)
{
    begin();
    group("vision", "v");
    group("audio", "a");
    pool("v", arena_printf(&w.a, "{'nodes':[{'name':'n1','gpus':4}]%s}", more));
    pool("a", "{'nodes':[{'name':'n2','gpus':4}]}");
    node("n1", 4);
    node("n2", 4);
    ledger_settles();
}

static const char *got(const char *ns, const char *name)
{
    return of_run(ns, name, "admission.nodes.0.gpus");
}

TEST(a_free_only_run_takes_what_is_free_up_to_what_it_asks_for)
{
    two_pools("");
    run("vision", "r", 3);
    ledger_settles();
    free_run("vision", "f", 4);
    ledger_settles();
    expect(got("vision", "f"), "1");
    expect(of_pool("v", "free"), "0");
    free_run("audio", "g", 2);
    ledger_settles();
    expect(got("audio", "g"), "2");
    paper_done(&w);
}

TEST(a_free_only_run_for_which_nothing_is_free_is_told_at_once)
{
    two_pools("");
    run("vision", "r", 4);
    ledger_settles();
    free_run("vision", "f", 1);
    ledger_settles();
    expect(of_run("vision", "f", "admission.nodes"), "[]");
    expect(of_run("vision", "f", "position"), "");
    expect(of_pool("v", "runCount"), "1");
    paper_done(&w);
}

TEST(a_free_only_run_does_not_delay_the_head_of_the_queue)
{
    two_pools("");
    limited_run("vision", "r", 3, "1h");
    ledger_settles();
    limited_run("vision", "head", 4, "1h");
    ledger_settles();
    expect(of_run("vision", "head", "position"), "1");
    free_run("vision", "f", 1);
    ledger_settles();
    expect(of_run("vision", "f", "admission.nodes"), "[]"); /* nobody knows when it ends */
    later();
    put_free("vision", "brief", 1, ",'maxRuntime':'30m'");
    ledger_settles();
    expect(got("vision", "brief"), "1"); /* over before the head can start */
    paper_done(&w);
}

TEST(a_free_only_run_takes_no_gpus_that_a_deployment_waits_for)
{
    two_pools("");
    run("vision", "r", 2);
    ledger_settles();
    deployment("vision", "d", 4, 1);
    free_run("vision", "f", 1);
    ledger_settles();
    expect(of_run("vision", "f", "admission.nodes"), "[]");
    paper_done(&w);
}

TEST(queued_runs_are_served_before_free_only_ones)
{
    two_pools("");
    free_run("vision", "f", 4);
    run("vision", "r", 4);
    ledger_settles();
    expect(got("vision", "r"), "4");
    expect(of_run("vision", "f", "admission.nodes"), "[]");
    paper_done(&w);
}

TEST(nothing_is_lent_unless_the_pool_says_so)
{
    two_pools("");
    run("audio", "r", 4);
    ledger_settles();
    free_run("audio", "f", 2);
    ledger_settles();
    expect(of_run("audio", "f", "admission.nodes"), "[]");
    paper_done(&w);
}

static void audio_borrows(int gpus)
{
    two_pools(",'lend':true");
    run("audio", "r", 4);
    ledger_settles();
    free_run("audio", "f", gpus);
    ledger_settles();
}

TEST(a_pool_that_lends_serves_free_only_runs_of_others)
{
    audio_borrows(2);
    expect(of_run("audio", "f", "admission.pool"), "v");
    expect(got("audio", "f"), "2");
    expect(of_pool("v", "allocated"), "2");
    expect(of_pool("v", "runs.0"), "audio/f");
    paper_done(&w);
}

TEST(its_own_pool_comes_before_those_that_lend)
{
    two_pools(",'lend':true");
    free_run("audio", "f", 2);
    ledger_settles();
    expect(of_run("audio", "f", "admission.pool"), "a");
    paper_done(&w);
}

TEST(no_queued_run_borrows)
{
    two_pools(",'lend':true");
    run("audio", "r", 4);
    run("audio", "s", 4);
    ledger_settles();
    expect(of_run("audio", "s", "position"), "1");
    paper_done(&w);
}

TEST(what_is_lent_is_recalled_when_the_owners_queue_needs_it)
{
    audio_borrows(4);
    run("vision", "own", 2);
    ledger_settles();
    expect(of_run("audio", "f", "admission.recalled"), "true");
    expect(of_run("vision", "own", "position"), "1");
    becomes("audio", "f", 4, "Stopped", 0);
    ledger_settles();
    expect(got("vision", "own"), "2");
    paper_done(&w);
}

TEST(what_the_owner_does_not_need_is_not_recalled)
{
    two_pools(",'lend':true");
    run("audio", "r", 4);
    ledger_settles();
    free_run("audio", "f", 1);
    free_run("audio", "g", 1);
    free_run("audio", "h", 1);
    ledger_settles();
    run("vision", "own", 2); /* one is free */
    ledger_settles();
    expect(of_run("audio", "h", "admission.recalled"), "true");
    expect(of_run("audio", "g", "admission.recalled"), "");
    expect(of_run("audio", "f", "admission.recalled"), "");
    paper_done(&w);
}

TEST(a_deployment_of_the_owner_recalls_all)
{
    audio_borrows(4);
    deployment("vision", "d", 2, 1);
    ledger_settles();
    expect(of_run("audio", "f", "admission.recalled"), "true");
    paper_done(&w);
}

TEST(a_run_in_its_own_pool_is_never_recalled)
{
    two_pools(",'lend':true");
    free_run("vision", "f", 4);
    ledger_settles();
    run("vision", "r", 4);
    ledger_settles();
    expect(of_run("vision", "f", "admission.recalled"), "");
    expect(of_run("vision", "r", "position"), "1");
    paper_done(&w);
}

TEST(what_a_pool_that_is_gone_has_left_behind_is_not_recalled)
{
    two_pools("");
    free_run("vision", "f", 4);
    ledger_settles();
    paper_drop(&w, &kind_pool, "", "v");
    run("default", "r", 4); /* the rest has n1 now */
    ledger_settles();
    expect(of_run("vision", "f", "admission.recalled"), "");
    expect(of_run("default", "r", "position"), "1");
    paper_done(&w);
}

TEST(a_run_that_was_recalled_waits_for_free_gpus)
{
    audio_borrows(4);
    run("vision", "own", 4);
    ledger_settles();
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'audio','name':'f'},'spec':{'gpus':4,'freeOnly':true,"
              "'owner':'ada'},'status':{'phase':'WaitingForGPUs','attempt':1}}");
    ledger_settles();
    expect(got("vision", "own"), "4");
    expect(of_run("audio", "f", "admission.attempt"), "0");
    becomes("audio", "r", 4, "Complete", 0);
    ledger_settles();
    expect(of_run("audio", "f", "admission.attempt"), "1");
    expect(of_run("audio", "f", "admission.pool"), "a");
    expect(of_run("audio", "f", "admission.recalled"), "");
    paper_done(&w);
}

TEST(a_group_without_a_pool_may_borrow)
{
    two_pools(",'lend':true");
    group("guests", "");
    free_run("guests", "f", 2);
    ledger_settles();
    expect(of_run("guests", "f", "admission.pool"), "v");
    paper_done(&w);
}

/* The head wants one GPU more than are free, and leaves some when it starts. */
TEST(a_pool_whose_head_is_a_gang_lends_nothing_that_it_would_recall_at_once)
{
    two_pools(",'lend':true");
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'vision','name':'own'},'spec':{'owner':'ada','gpus':3,"
              "'maxRuntime':'1h'},'status':{'phase':'WaitingForGPUs','attempt':0}}");
    ledger_settles();
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'vision','name':'wide'},'spec':{'owner':'ada',"
              "'distribution':{'manual':{'workers':1,'gpusPerWorker':1}}},'status':{'phase':"
              "'WaitingForGPUs','attempt':0}}");
    ledger_settles();
    expect(of_run("vision", "wide", "position"), "1");
    group("guests", "");
    free_run("guests", "f", 1);
    ledger_settles();
    expect(of_run("guests", "f", "admission.nodes.0.name"), "");
    expect(of_run("guests", "f", "admission.recalled"), "");
    paper_done(&w);
}

SPEC_MAIN()
