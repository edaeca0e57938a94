/* err.c — one failure by value, and the table of limits. */
#include "base/err.h"

#include "base/limits.h"
#include "support/spec.h"

TEST(setting_an_error_is_failing)
{
    struct err e;

    assert_int_equal(err_set(&e, ERR_INVALID, "PoolMissing", "the pool '%s' is not there", "a"),
                     -1);
    assert_int_equal(e.kind, ERR_INVALID);
    assert_string_equal(e.reason, "PoolMissing");
    assert_string_equal(e.text, "the pool 'a' is not there");
}

TEST(context_comes_outermost_first)
{
    struct err e;

    err_set(&e, ERR_RETRY, "X", "connection refused");
    assert_int_equal(err_in(&e, "GET %s", "/api"), -1);
    err_in(&e, "relist");
    assert_string_equal(e.text, "relist: GET /api: connection refused");
    assert_int_equal(e.kind, ERR_RETRY);
}

TEST(long_texts_are_cut_and_stay_terminated)
{
    struct err e;
    char text[2 * sizeof e.text];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    err_set(&e, ERR_BUG, "X", "%s", text);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    err_in(&e, "in");
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    assert_memory_equal(e.text, "in: xxx", 7);
    err_in(&e, "%s", text);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

TEST(a_cleared_error_is_no_failure)
{
    struct err e;

    err_set(&e, ERR_GONE, "X", "text");
    err_clear(&e);
    assert_int_equal(e.kind, ERR_OK);
    assert_string_equal(e.reason, "");
    assert_string_equal(e.text, "");
}

TEST(scaling_divides_times_to_no_less_than_a_millisecond)
{
    limits_scale(20);
    assert_int_equal(limit(LIMIT_REQUEST_MS), 1500);
    limits_scale(1000000000);
    assert_int_equal(limit(LIMIT_REQUEST_MS), 1);
    limits_scale(1);
    assert_int_equal(limit(LIMIT_REQUEST_MS), 30000);
}

TEST(scaling_never_touches_sizes)
{
    limits_scale(20);
    assert_int_equal(limit(LIMIT_OBJECT_BYTES), 4 << 20);
    assert_int_equal(limit(LIMIT_LIST_PAGE), 500);
    limits_scale(1);
}

TEST(every_limit_has_a_name_and_says_what_happens)
{
    for (int i = 0; i < LIMIT_COUNT; i++) {
        assert_true(limit((enum limit)i) > 0);
        assert_true(strlen(limit_name((enum limit)i)) > 0);
        assert_true(strlen(limit_text((enum limit)i)) > 10);
    }
    assert_string_equal(limit_name(LIMIT_CONNECT_MS), "CONNECT_MS");
}

SPEC_MAIN()
