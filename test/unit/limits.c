/* The one table of time-outs and limits. */
#include "support/spec.h"

#include "base/limits.h"

TEST(every_limit_has_a_name_a_value_and_says_what_happens_there)
{
    for (int i = 0; i < LIMIT_COUNT; i++) {
        assert_true(limit((enum limit)i) > 0);
        assert_true(strlen(limit_name((enum limit)i)) > 0);
        assert_true(strlen(limit_text((enum limit)i)) > 10);
    }
}

TEST(scaling_divides_times_and_leaves_sizes_alone)
{
    int64_t renew = limit(LIMIT_LEASE_RENEW_MS), bytes = limit(LIMIT_OBJECT_BYTES);

    limits_scale(20);
    assert_int_equal(limit(LIMIT_LEASE_RENEW_MS), renew / 20);
    assert_int_equal(limit(LIMIT_OBJECT_BYTES), bytes);
    limits_scale(1);
    assert_int_equal(limit(LIMIT_LEASE_RENEW_MS), renew);
}

TEST(a_scaled_time_never_becomes_nothing)
{
    limits_scale(1000000000);
    assert_int_equal(limit(LIMIT_RYW_MS), 1);
    limits_scale(1);
}

TEST(the_lease_ends_before_another_may_take_it)
{
    assert_true(limit(LIMIT_LEASE_RENEW_MS) < limit(LIMIT_LEASE_MS));
    assert_true(limit(LIMIT_LEASE_RETRY_MS) * 2 < limit(LIMIT_LEASE_RENEW_MS));
}

SPEC_MAIN()
