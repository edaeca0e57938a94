/* clock.c — the one now(), and times as the API server writes them. */
#include "base/clock.h"

#include "support/spec.h"

TEST(a_fake_clock_rules_both_times_until_it_is_taken_away)
{
    int64_t now = 1000;

    clock_set_fake(&now);
    assert_int_equal(clock_wall_ms(), 1000);
    now = 2000;
    assert_int_equal(clock_boot_ms(), 2000);
    clock_set_fake(NULL);
    assert_true(clock_wall_ms() > 1700000000000);
}

TEST(boot_time_never_steps_back)
{
    int64_t before = clock_boot_ms();

    assert_true(before > 0);
    assert_true(clock_boot_ms() >= before);
}

TEST(times_are_written_as_the_api_server_wants_them)
{
    struct arena a CLEANUP(arena_done) = {0};

    assert_string_equal(clock_rfc3339(&a, 1795395906789), "2026-11-23T01:05:06Z");
    assert_string_equal(clock_rfc3339_micro(&a, 1795395906789), "2026-11-23T01:05:06.789000Z");
    assert_string_equal(clock_rfc3339(&a, 0), "1970-01-01T00:00:00Z");
    assert_string_equal(clock_rfc3339_micro(&a, -1), "1969-12-31T23:59:59.999000Z");
}

TEST(early_years_keep_their_four_digits)
{
    struct arena a CLEANUP(arena_done) = {0};
    int64_t ms = 0;

    assert_int_equal(clock_parse_rfc3339("0001-01-01T00:00:00Z", &ms), 0); /* Go's zero time */
    assert_string_equal(clock_rfc3339(&a, ms), "0001-01-01T00:00:00Z");
    assert_string_equal(clock_rfc3339_micro(&a, ms), "0001-01-01T00:00:00.000000Z");
}

TEST(both_forms_are_read_back)
{
    int64_t ms = 0;

    assert_int_equal(clock_parse_rfc3339("2026-11-23T01:05:06Z", &ms), 0);
    assert_int_equal(ms, 1795395906000);
    assert_int_equal(clock_parse_rfc3339("2026-11-23T01:05:06.789012Z", &ms), 0);
    assert_int_equal(ms, 1795395906789);
    assert_int_equal(clock_parse_rfc3339("2026-11-23T01:05:06.5Z", &ms), 0);
    assert_int_equal(ms, 1795395906500);
    assert_int_equal(clock_parse_rfc3339("2026-11-23T01:05:06+00:00", &ms), 0);
    assert_int_equal(ms, 1795395906000);
}

TEST(offsets_from_utc_are_taken_off)
{
    int64_t ms = 0;

    assert_int_equal(clock_parse_rfc3339("2026-11-23T03:05:06+02:00", &ms), 0);
    assert_int_equal(ms, 1795395906000);
    assert_int_equal(clock_parse_rfc3339("2026-11-22T19:35:06.789-05:30", &ms), 0);
    assert_int_equal(ms, 1795395906789);
    assert_int_equal(clock_parse_rfc3339("2026-11-23T01:05:06-00:00", &ms), 0);
    assert_int_equal(ms, 1795395906000);
}

TEST(anything_else_is_refused)
{
    static const char *const cases[] = {
        "",
        "yesterday",
        "2026-11-23",
        "2026-11-23T01:05:06",
        "2026-11-23 01:05:06Z",
        "2026-11-23T01:05:06+0100",
        "2026-11-23T01:05:06+01:0",
        "2026-11-23T01:05:06+24:00",
        "2026-11-23T01:05:06-01:60",
        "2026-11-23T01:05:06+01:00Z",
        "2026-11-23T01:05:06 01:00",
        "2026-11-23T01:05:06Zx",
        "2026-11-23T01:05:06.Z",
        "2026-1-2T1:5:6Z",
        " 2026-11-23T01:05:06Z",
        "2026-13-23T01:05:06Z",
        "2026-02-30T01:05:06Z",
        "2026-11-23T25:05:06Z",
    };
    int64_t ms = 42;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (clock_parse_rfc3339(cases[i], &ms) == 0) {
            fail_msg("'%s' was read", cases[i]);
        }
    }
    assert_int_equal(ms, 42);
}

SPEC_MAIN()
