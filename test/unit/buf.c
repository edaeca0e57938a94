/* buf.c — a byte buffer with a mandatory maximum, and spans. */
#include "base/buf.h"

#include "base/span.h"
#include "support/spec.h"

TEST(an_empty_buffer_reads_as_an_empty_string)
{
    struct buf b CLEANUP(buf_done) = {0};

    buf_init(&b, 10);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(buf_add(&b, "", 0), 0);
    assert_string_equal(buf_str(&b), "");
}

TEST(what_is_added_is_kept_in_order)
{
    struct buf b CLEANUP(buf_done) = {0};

    buf_init(&b, 10000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(buf_printf(&b, "%04d", i), 0);
    }
    assert_int_equal(b.len, 4000);
    assert_memory_equal(b.data + 4 * 777, "0777", 4);
    assert_int_equal(b.data[4000], '\0');
}

TEST(the_maximum_can_be_reached_and_not_passed)
{
    struct buf b CLEANUP(buf_done) = {0};

    buf_init(&b, 5);
    assert_int_equal(buf_add(&b, "abcde", 5), 0);
    assert_int_equal(buf_add(&b, "f", 1), -1);
    assert_int_equal(buf_printf(&b, "f"), -1);
    assert_string_equal(buf_str(&b), "abcde");
    buf_clear(&b);
    assert_int_equal(buf_add(&b, "abcdef", 6), -1);
    assert_int_equal(buf_add(&b, NULL, SIZE_MAX), -1);
    assert_string_equal(buf_str(&b), "");
}

TEST(the_front_can_be_dropped)
{
    struct buf b CLEANUP(buf_done) = {0};

    buf_init(&b, 10);
    assert_int_equal(buf_add(&b, "abcdef", 6), 0);
    buf_drop(&b, 2);
    assert_string_equal(buf_str(&b), "cdef");
    buf_drop(&b, 99);
    assert_string_equal(buf_str(&b), "");
    assert_int_equal(buf_add(&b, "0123456789", 10), 0);
}

TEST(a_done_buffer_can_be_used_again_under_its_maximum)
{
    struct buf b CLEANUP(buf_done) = {0};

    buf_init(&b, 3);
    assert_int_equal(buf_add(&b, "abc", 3), 0);
    buf_done(&b);
    assert_int_equal(buf_add(&b, "abcd", 4), -1);
    assert_int_equal(buf_add(&b, "xyz", 3), 0);
    assert_string_equal(buf_str(&b), "xyz");
}

TEST(spans_are_equal_by_length_and_bytes)
{
    assert_true(span_eq(span_of("ab"), (struct span){"abc", 2}));
    assert_false(span_eq(span_of("ab"), span_of("abc")));
    assert_false(span_eq(span_of("ab"), span_of("ac")));
    assert_true(span_eq(span_of(NULL), span_of("")));
}

TEST(a_missing_string_equals_an_empty_one)
{
    assert_true(str_eq(NULL, ""));
    assert_true(str_eq("a", "a"));
    assert_false(str_eq(NULL, "a"));
    assert_true(str_empty(NULL));
    assert_true(str_empty(""));
    assert_false(str_empty("a"));
}

SPEC_MAIN()
