/* What runs are told while they wait: position, estimated start, who holds the GPUs; and how
 * seldom.
 */
#include "api/dkuberun.gen.h"
#include "base/clock.h"
#include "controllers/ledger/ledger.h"
#include "controllers/ledger/queue.h"
#include "support/ledger.h"
#include "support/spec.h"

#define MINUTE 60000

static const char *in_minutes(int64_t n)
{
    return clock_rfc3339(&w.a, w.now_ms / 1000 * 1000 + n * MINUTE);
}

static void one_pool(int gpus)
{
    begin();
    group("vision", "p");
    pool("p", arena_printf(&w.a, "{'gpus':%d}", gpus));
    node("n1", gpus);
}

/* Admitted before, and started now. */
static void starts(const char *name, int gpus, const char *limit)
{
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'vision','name':'%s'},'spec':{'gpus':%d,'priority':0,"
              "'owner':'ada'%s%s%s},'status':{'phase':'Running','attempt':0,'startTime':'%s'}}",
              name, gpus, limit != NULL ? ",'maxRuntime':'" : "", limit != NULL ? limit : "",
              limit != NULL ? "'" : "", in_minutes(0));
}

static void ended(const char *name, int gpus, int minutes)
{
    put_run("vision", name, gpus, 0,
            arena_printf(&w.a,
                         "'phase':'Complete','attempt':0,'startTime':'%s','completionTime':'%s',"
                         "'admission':{'attempt':0,'pool':'p','nodes':[{'name':'n1','gpus':%d}]}",
                         in_minutes(-minutes), in_minutes(0), gpus));
}

static void ended_many(int count, int gpus)
{
    for (int i = 0; i < count; i++) {
        ended(arena_printf(&w.a, "e%d", i), gpus, 10 + i);
    }
}

static const char *told(const char *name, const char *path)
{
    return of_run("vision", name, arena_printf(&w.a, "queue.%s", path));
}

static size_t writes_of_a_pass(void)
{
    paper_plan(&w, &ledger_controller, "", LEDGER_KEY);
    return w.plan.op_count;
}

/* One runs for an hour at most, two wait. */
static void a_queue_of_two(void)
{
    one_pool(4);
    limited_run("vision", "first", 4, "1h");
    ledger_settles();
    starts("first", 4, "1h");
    limited_run("vision", "second", 4, "30m");
    limited_run("vision", "third", 2, "30m");
    ledger_settles();
}

TEST(a_run_that_waits_is_told_when_it_starts_and_who_is_in_its_way)
{
    a_queue_of_two();
    expect(of_run("vision", "second", "position"), "1");
    expect(told("second", "blockedBy"), "[\"vision/first\"]");
    expect(told("second", "blockers"), "1");
    expect(told("second", "confidence"), "bound");
    expect(told("second", "asOf"), in_minutes(0));
    w.now_ms -= 2000; /* the two came one second after another */
    expect(told("second", "estimatedStart"), in_minutes(60));
    expect(told("third", "estimatedStart"), in_minutes(90));
    paper_done(&w);
}

TEST(without_an_end_of_what_runs_there_is_no_estimate)
{
    one_pool(4);
    run("vision", "first", 4);
    ledger_settles();
    starts("first", 4, NULL);
    run("vision", "second", 4);
    ledger_settles();
    expect(of_run("vision", "second", "position"), "1");
    expect(told("second", "estimatedStart"), "");
    expect(told("second", "confidence"), "");
    expect(told("second", "blockedBy"), "[\"vision/first\"]");
    paper_done(&w);
}

TEST(nine_of_ten_ended_runs_of_the_size_teach_how_long_one_lasts)
{
    one_pool(4);
    ended_many(10, 4); /* 10 to 19 minutes */
    run("vision", "first", 4);
    ledger_settles();
    starts("first", 4, NULL);
    run("vision", "second", 4);
    ledger_settles();
    expect(told("second", "confidence"), "learned");
    w.now_ms -= 1000;
    expect(told("second", "estimatedStart"), in_minutes(19));
    paper_done(&w);
}

TEST(fewer_than_ten_ended_runs_or_those_of_another_size_teach_nothing)
{
    one_pool(4);
    ended_many(9, 4);
    for (int i = 0; i < 20; i++) {
        ended(arena_printf(&w.a, "s%d", i), 1, 5);
    }
    run("vision", "first", 4);
    ledger_settles();
    starts("first", 4, NULL);
    run("vision", "second", 4);
    ledger_settles();
    expect(told("second", "estimatedStart"), "");
    paper_done(&w);
}

TEST(a_limit_of_its_own_goes_before_what_was_learned)
{
    one_pool(4);
    ended_many(20, 4);
    limited_run("vision", "first", 4, "2h");
    ledger_settles();
    starts("first", 4, "2h");
    limited_run("vision", "second", 4, "1h");
    ledger_settles();
    expect(told("second", "confidence"), "bound");
    w.now_ms -= 1000;
    expect(told("second", "estimatedStart"), in_minutes(120));
    paper_done(&w);
}

TEST(what_outlives_its_estimate_is_expected_to_last_as_long_again)
{
    one_pool(4);
    ended_many(10, 4);
    run("vision", "first", 4);
    ledger_settles();
    starts("first", 4, NULL);
    run("vision", "second", 4);
    ledger_settles();
    w.now_ms += 40 * MINUTE - 1000;
    ledger_settles();
    expect(told("second", "estimatedStart"), in_minutes(40));
    expect(of_run("vision", "first", "phase"), "Running"); /* an estimate ends nobody */
    paper_done(&w);
}

TEST(an_estimate_that_moved_a_little_is_not_told_again)
{
    a_queue_of_two();
    w.now_ms += 2 * TELL_MS;
    starts("first", 4, "1h"); /* it starts a minute later than was thought: less than a tenth */
    assert_int_equal(writes_of_a_pass(), 0);
    paper_done(&w);
}

TEST(an_estimate_that_moved_much_is_told_but_not_at_once)
{
    a_queue_of_two();
    w.now_ms += 10000;
    starts("first", 4, "2h");
    assert_int_equal(writes_of_a_pass(), 0);
    assert_true(w.plan.wake_at_ms > w.now_ms && w.plan.wake_at_ms <= w.now_ms + TELL_MS);
    w.now_ms = w.plan.wake_at_ms;
    assert_int_equal(writes_of_a_pass(), 2);
    paper_apply(&w);
    w.now_ms -= 20000;
    expect(told("second", "estimatedStart"), in_minutes(120));
    paper_done(&w);
}

TEST(an_event_that_changes_nothing_for_the_queue_writes_nothing)
{
    a_queue_of_two();
    w.now_ms += 2 * TELL_MS;
    assert_int_equal(writes_of_a_pass(), 0);
    assert_int_equal(w.plan.wake_at_ms, 0);
    paper_done(&w);
}

TEST(who_becomes_the_first_is_told_at_once)
{
    a_queue_of_two();
    run("vision", "fourth", 4);
    ledger_settles();
    expect(of_run("vision", "fourth", "position"), "3");
    put_run("vision", "second", 4, 0, "'phase':'Stopped','attempt':0");
    ledger_settles();
    expect(of_run("vision", "third", "position"), "1");
    expect(of_run("vision", "fourth", "position"), "3"); /* in 30 s */
    w.now_ms += TELL_MS;
    ledger_settles();
    expect(of_run("vision", "fourth", "position"), "2");
    paper_done(&w);
}

TEST(who_leaves_the_queue_is_told_nothing_more)
{
    a_queue_of_two();
    put_run("vision", "second", 4, 0, "'phase':'Stopped','attempt':0");
    ledger_settles();
    expect(of_run("vision", "second", "position"), "");
    expect(of_run("vision", "second", "queue"), "");
    ended("first", 4, 1);
    ledger_settles();
    expect(of_run("vision", "third", "admission.pool"), "p");
    expect(of_run("vision", "third", "queue"), "");
    paper_done(&w);
}

TEST(far_back_in_the_queue_there_is_a_position_and_no_estimate)
{
    one_pool(4);
    limited_run("vision", "first", 4, "1h");
    ledger_settles();
    starts("first", 4, "1h");
    for (int i = 0; i <= QUEUE_FORECASTS; i++) {
        limited_run("vision", arena_printf(&w.a, "w%02d", i), 4, "30m");
    }
    ledger_settles();
    assert_string_not_equal(told("w31", "estimatedStart"), "");
    expect(of_run("vision", "w32", "position"), "33");
    expect(told("w32", "estimatedStart"), "");
    paper_done(&w);
}

static void stop_those(int from, int to)
{
    for (int i = from; i <= to; i++) {
        put_run("vision", arena_printf(&w.a, "w%02d", i), 4, 0, "'phase':'Stopped','attempt':0");
    }
    w.now_ms += TELL_MS;
    ledger_settles();
}

TEST(a_position_is_told_again_when_it_is_off_by_a_tenth_and_far_back_by_a_half)
{
    one_pool(4);
    limited_run("vision", "first", 4, "1h");
    ledger_settles();
    starts("first", 4, "1h");
    for (int i = 0; i < 100; i++) {
        limited_run("vision", arena_printf(&w.a, "w%02d", i), 4, "30m");
    }
    ledger_settles();
    stop_those(1, 2);
    expect(of_run("vision", "w05", "position"), "4");
    expect(of_run("vision", "w99", "position"), "100");
    stop_those(6, 7);
    expect(of_run("vision", "w25", "position"), "22");
    expect(of_run("vision", "w99", "position"), "100");
    stop_those(8, 48);
    expect(of_run("vision", "w99", "position"), "100");
    stop_those(49, 55);
    expect(of_run("vision", "w99", "position"), "48");
    paper_done(&w);
}

TEST(a_learned_length_lets_a_short_run_pass_the_head)
{
    one_pool(4);
    node("n2", 4);
    pool("p", "{'gpus':8}");
    for (int i = 0; i < 10; i++) {
        ended(arena_printf(&w.a, "e%d", i), 1, 10);
    }
    limited_run("vision", "long", 4, "1h");
    limited_run("vision", "half", 2, "3h");
    ledger_settles();
    starts("long", 4, "1h");
    starts("half", 2, "3h");
    run("vision", "head", 4);
    run("vision", "short", 1);
    ledger_settles();
    expect(of_run("vision", "head", "position"), "1");
    expect(of_run("vision", "short", "admission.pool"), "p");
    paper_done(&w);
}

static void gang(const char *name, const char *spec)
{
    later();
    paper_put(&w, &kind_dkuberun,
              "{'metadata':{'namespace':'g','name':'%s'},'spec':{'owner':'ada',%s},'status':{"
              "'phase':'WaitingForGPUs','attempt':0}}",
              name, spec);
}

TEST(a_gang_is_given_a_node_for_each_of_its_pods_or_nothing)
{
    begin();
    node("n1", 4);
    node("n2", 4);
    pool("p", "{'gpus':8}");
    group("g", "p");
    run("g", "r1", 2);
    ledger_settles();
    gang("big", "'distribution':{'manual':{'workers':1,'gpusPerWorker':4}}");
    ledger_settles();
    expect(of_run("g", "big", "admission"), "");
    expect(of_run("g", "big", "position"), "1");
    becomes("g", "r1", 2, "Stopped", 0);
    ledger_settles();
    expect(of_run("g", "big", "admission.nodes.0.name"), "n1");
    expect(of_run("g", "big", "admission.nodes.1.name"), "n2");
    expect(of_pool("p", "allocated"), "8");
    paper_done(&w);
}

TEST(automatic_distribution_takes_as_few_equal_pods_as_the_largest_node_allows)
{
    begin();
    node("n1", 4);
    node("n2", 4);
    pool("p", "{'gpus':8}");
    group("g", "p");
    gang("six", "'gpus':6,'distribution':{'auto':{}}");
    ledger_settles();
    expect(of_run("g", "six", "admission.nodes.0.gpus"), "3");
    expect(of_run("g", "six", "admission.nodes.1.gpus"), "3");
    expect(of_run("g", "six", "admission.nodes.2"), "");
    paper_done(&w);
}

SPEC_MAIN()
