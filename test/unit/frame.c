/* A watch event ends where its JSON value ends, whatever the chunks. */
#include "kube/frame.h"
#include "support/spec.h"

static const char stream[] =
    "{\"a\":\"}{\",\"b\":{\"c\":\"\\\"}\"}}\n{}\r\n {\"d\":[{\"e\":\"\\\\\"}]}\n";
static const char *const values[] = {"{\"a\":\"}{\",\"b\":{\"c\":\"\\\"}\"}}", "{}",
                                     "{\"d\":[{\"e\":\"\\\\\"}]}"};

TEST(any_chunking_gives_the_same_values)
{
    for (size_t size = 1; size <= sizeof(stream); size++) {
        struct frame f;
        size_t got = 0;
        frame_init(&f, 1000);
        for (size_t at = 0; at < sizeof(stream) - 1; at += size) {
            size_t n = sizeof(stream) - 1 - at < size ? sizeof(stream) - 1 - at : size;
            struct span chunk = {stream + at, n}, ret;
            int r;
            while ((r = frame_next(&f, &chunk, &ret)) > 0) {
                assert_true(got < 3);
                assert_int_equal(ret.n, strlen(values[got]));
                assert_memory_equal(ret.p, values[got++], ret.n);
            }
            assert_int_equal(r, 0);
        }
        assert_int_equal(got, 3);
        assert_int_equal(f.depth, 0);
        frame_done(&f);
    }
}

TEST(a_value_whole_in_its_chunk_is_not_copied)
{
    struct frame f;
    struct span chunk = {stream, sizeof(stream) - 1}, ret;
    frame_init(&f, 1000);
    assert_int_equal(frame_next(&f, &chunk, &ret), 1);
    assert_ptr_equal(ret.p, stream);
    frame_done(&f);
}

static int feed(struct frame *f, const char *text)
{
    struct span chunk = span_of(text), ret;
    int r;
    while ((r = frame_next(f, &chunk, &ret)) > 0) {
    }
    return r;
}

TEST(a_value_larger_than_the_maximum_ends_the_stream)
{
    struct frame f;
    frame_init(&f, 10);
    assert_int_equal(feed(&f, "{\"a\":1234}"), 0); /* just fits */
    assert_int_equal(feed(&f, "{\"a\":12345}"), -1);
    frame_reset(&f);
    assert_int_equal(feed(&f, "{\"a\":"), 0);
    assert_int_equal(feed(&f, "123456"), -1);
    frame_done(&f);
}

TEST(what_is_no_object_ends_the_stream)
{
    struct frame f;
    frame_init(&f, 100);
    assert_int_equal(feed(&f, "{}\n[1]"), -1);
    frame_reset(&f);
    assert_int_equal(feed(&f, "<html>"), -1);
    frame_reset(&f);
    assert_int_equal(feed(&f, "}"), -1);
    frame_done(&f);
}

TEST(a_reset_forgets_the_value_that_was_open)
{
    struct frame f;
    frame_init(&f, 100);
    assert_int_equal(feed(&f, "{\"a\":\"\\"), 0);
    frame_reset(&f);
    struct span chunk = span_of("{}"), ret;
    assert_int_equal(frame_next(&f, &chunk, &ret), 1);
    assert_int_equal(ret.n, 2);
    frame_done(&f);
}

SPEC_MAIN()
