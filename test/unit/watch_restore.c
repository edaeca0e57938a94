/* A server whose history went back: etcd was restored from a backup. */
#include "support/bed.h"

TEST(a_watch_that_broke_asks_where_the_history_stands_and_goes_on_if_it_may)
{
    struct bed b;
    bed_open_synced(&b);
    b.stands = "12";
    end(&b, 200, "the connection broke", NULL);
    await(&b);
    assert_int_equal(b.questions, 1);
    assert_true(asks(&b, "&resourceVersion=12"));
    assert_false(asks(&b, "sendInitialEvents"));
    end(&b, 200, "the connection broke", NULL);
    await(&b);
    assert_int_equal(b.questions, 2);
    bed_done(&b);
}

TEST(a_history_that_went_back_is_listed_anew_and_lower_versions_count)
{
    struct bed b;
    bed_open_synced(&b);
    b.stands = "9"; /* as bytes, more than "12" */
    end(&b, 503, NULL, NULL);
    await(&b);
    assert_string_equal(b.trouble.reason, "HistoryWentBack");
    assert_true(asks(&b, "sendInitialEvents=true"));
    assert_false(asks(&b, "&resourceVersion="));
    assert_false(cache_is_steady(b.c, K));
    buf_clear(&b.log);
    say(&b, event("ADDED", "x", "3"));
    say(&b, end_mark("9"));
    told(&b, "~x* @9 synced ");
    assert_string_equal(rec_rv(cache_get(b.c, K, "n", "x")), "3");
    bed_done(&b);
}

TEST(what_was_made_since_the_backup_is_told_as_gone)
{
    struct bed b;
    bed_open_synced(&b);
    b.stands = "5";
    end(&b, 0, "connection refused", NULL);
    await(&b);
    buf_clear(&b.log);
    say(&b, end_mark("5"));
    told(&b, "-x* @5 synced ");
    bed_done(&b);
}

TEST(a_server_that_was_away_is_listed_anew_though_its_history_may_be_as_long)
{
    struct bed b;
    bed_open_synced(&b);
    int asked = b.asked;
    b.away = true;
    end(&b, 0, "connection refused", NULL);
    await(&b);
    assert_int_equal(b.questions, 1);
    assert_int_equal(b.asked, asked + 1);
    assert_true(asks(&b, "sendInitialEvents=true"));
    assert_false(asks(&b, "&resourceVersion="));
    bed_done(&b);
}

TEST(a_question_that_is_refused_is_asked_again_and_no_watch_opened_before)
{
    struct bed b;
    bed_open_synced(&b);
    int asked = b.asked;
    b.refuses = true;
    end(&b, 0, "connection refused", NULL);
    loop_timer_in(b.l, &b.guard, 100, give_up, &b);
    loop_run(b.l);
    assert_int_equal(b.asked, asked);
    assert_true(b.questions > 1);
    b.refuses = false;
    await(&b);
    assert_true(asks(&b, "&resourceVersion=12"));
    bed_done(&b);
}

TEST(a_watch_that_ended_in_order_asks_nothing)
{
    struct bed b;
    bed_open_synced(&b);
    say(&b, event("MODIFIED", "x", "13"));
    end(&b, 200, NULL, NULL);
    await(&b);
    assert_int_equal(b.questions, 0);
    assert_true(asks(&b, "&resourceVersion=13"));
    bed_done(&b);
}

static void open_that_waits_for_an_answer(struct bed *b)
{
    bed_open_synced(b);
    b->thinks = true;
    end(b, 200, "the connection broke", NULL);
    loop_timer_in(b->l, &b->guard, 5000, give_up, b);
    loop_run(b->l);
    assert_int_equal(b->questions, 1);
}

TEST(while_a_question_is_open_nothing_else_is_asked)
{
    struct bed b;
    open_that_waits_for_an_answer(&b);
    int asked = b.asked;
    watcher_start(b.w);
    assert_int_equal(b.questions, 1);
    assert_int_equal(b.asked, asked);
    bed_done(&b);
}

TEST(a_watcher_that_ends_leaves_no_question_behind)
{
    struct bed b;
    open_that_waits_for_an_answer(&b);
    bed_done(&b);
    assert_int_equal(b.forgotten, 1);
}

SPEC_MAIN()
