/* The times that a watch asks for and keeps, and what it says of itself; the clock is a number. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/configmap.gen.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/span.h"
#include "kube/watch.h"
#include "support/spec.h"

#define K (&kind_configmap)
#define OBJECT(name, uid, rv)                                                 \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"n\",\"uid\":\"" uid \
    "\",\"resourceVersion\":\"" rv "\"}}"
#define EVENT(type, object) "{\"type\":\"" type "\",\"object\":" object "}"
#define END_MARK                                                                  \
    "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"," \
    "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}"

static struct {
    struct loop *l;
    struct transport t;
    struct caches *c;
    struct watcher *w;
    char path[512];
    int64_t timeout_ms, now_ms;
    http_data_fn *data;
    http_done_fn *done;
    void *ctx;
    struct buf log;
} b;

static void no_send(void *self UNUSED, const struct http_request *r UNUSED,
                    http_done_fn *done UNUSED, void *ctx UNUSED)
{
    fail_msg("a watch only opens streams");
}

static struct http_stream *stream(void *self UNUSED, const struct http_request *r,
                                  http_data_fn *data, http_done_fn *done, void *ctx)
{
    snprintf(b.path, sizeof(b.path), "%s", r->path);
    b.timeout_ms = r->timeout_ms;
    b.data = data;
    b.done = done;
    b.ctx = ctx;
    return (struct http_stream *)&b;
}

static void stream_close(void *self UNUSED, struct http_stream *s UNUSED)
{
}

static int64_t now(void *self UNUSED)
{
    return b.now_ms;
}

static void changed(void *ctx UNUSED, const struct kind *k UNUSED, const struct rec *old,
                    const struct rec *fresh, bool initial UNUSED)
{
    int r = buf_printf(&b.log, "%s%s%s ", old != NULL ? "-" : "", fresh != NULL ? "+" : "",
                       rec_uid(fresh != NULL ? fresh : old));
    assert_int_equal(r, 0);
}

static void begin(void)
{
    b.l = loop_new();
    b.c = caches_new();
    b.now_ms = 1000000;
    b.t = (struct transport){.send = no_send,
                             .stream = stream,
                             .stream_close = stream_close,
                             .wall_ms = now,
                             .boot_ms = now};
    buf_init(&b.log, 4096);
    caches_add_kind(b.c, K);
    b.w = watcher_new(b.l, &b.t, b.c, K, NULL, NULL, &(struct watch_sink){.changed = changed});
    watcher_start(b.w);
}

static void end(void)
{
    watcher_free(b.w);
    caches_free(b.c);
    loop_free(b.l);
    buf_done(&b.log);
    limits_scale(1);
}

static void say(const char *text)
{
    assert_int_equal(b.data(b.ctx, text, strlen(text)), 0);
}

static int64_t seconds(void)
{
    const char *at = strstr(b.path, "timeoutSeconds=");
    assert_non_null(at);
    return strtoll(at + strlen("timeoutSeconds="), NULL, 10);
}

TEST(a_watch_is_asked_for_five_to_ten_minutes_and_cut_a_little_later)
{
    begin();
    assert_in_range(seconds(), 300, 600);
    assert_int_equal(b.timeout_ms, seconds() * 1000 + limit(LIMIT_WATCH_GRACE_MS));
    end();
}

TEST(watches_do_not_all_end_at_once)
{
    bool differ = false;
    int64_t first = 0;
    for (int i = 0; i < 8; i++) {
        begin();
        first = i == 0 ? seconds() : first;
        differ = differ || seconds() != first;
        end();
    }
    assert_true(differ); /* by chance it fails once in 300 to the power of 7 */
}

TEST(a_watch_lasts_at_least_a_second)
{
    limits_scale(1000000);
    begin();
    assert_int_equal(seconds(), 1);
    end();
}

static void ends_after(int64_t ms)
{
    b.now_ms += ms;
    b.done(b.ctx, &(struct http_response){.status = 200, .sent = true, .body = ""});
}

TEST(an_initial_list_that_never_ends_in_its_whole_time_means_pages)
{
    begin();
    ends_after(seconds() * 1000 - 500);
    assert_true(b.t.no_watch_list);
    end();
}

TEST(an_initial_list_that_was_cut_does_not_mean_pages)
{
    begin();
    ends_after(seconds() * 1000 - 501);
    assert_false(b.t.no_watch_list);
    end();
}

TEST(another_object_under_the_same_name_is_an_end_and_a_beginning)
{
    begin();
    say(EVENT("ADDED", OBJECT("x", "one", "1")) END_MARK);
    say(EVENT("MODIFIED", OBJECT("x", "one", "10")));
    say(EVENT("ADDED", OBJECT("x", "two", "11")));
    assert_string_equal(buf_str(&b.log), "+one -+one -one +two ");
    end();
}

TEST(a_watch_says_how_it_is)
{
    struct watch_stats s;
    begin();
    watcher_stats(b.w, &s);
    assert_false(s.synced);
    assert_true(s.relisting);
    assert_string_equal(s.rv, "");
    assert_int_equal(s.relists, 1);
    b.now_ms = 2000000;
    say(EVENT("ADDED", OBJECT("x", "one", "1")) END_MARK);
    watcher_stats(b.w, &s);
    assert_true(s.synced);
    assert_false(s.relisting);
    assert_string_equal(s.rv, "9");
    assert_int_equal(s.events, 2);
    assert_int_equal(s.last_event_ms, 2000000);
    assert_int_equal(s.bytes, strlen(EVENT("ADDED", OBJECT("x", "one", "1")) END_MARK));
    assert_int_equal(s.failures, 0);
    end();
}

TEST(a_page_counts_as_a_sign_of_life)
{
    struct watch_stats s;
    begin();
    b.t.no_watch_list = true;
    watcher_free(b.w);
    b.w = watcher_new(b.l, &b.t, b.c, K, NULL, NULL, &(struct watch_sink){.changed = changed});
    watcher_start(b.w);
    b.now_ms = 3000000;
    say("{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[" OBJECT("x", "one", "1") "]}");
    ends_after(0);
    watcher_stats(b.w, &s);
    assert_int_equal(s.last_event_ms, 3000000);
    assert_int_equal(s.events, 1);
    assert_string_equal(s.rv, "5");
    end();
}

TEST(a_stream_of_events_takes_no_more_and_more_memory)
{
    char text[512];
    begin();
    say(END_MARK);
    size_t before = mallinfo2().uordblks;
    for (int i = 0; i < 20000; i++) {
        snprintf(text, sizeof(text), EVENT("MODIFIED", OBJECT("x", "one", "%d")), i + 10);
        say(text);
        buf_clear(&b.log);
    }
    assert_true(mallinfo2().uordblks < before + (64 << 10)); /* a sanitizer's heap says 0 */
    end();
}

TEST(each_way_of_not_knowing_a_watch_list_means_pages)
{
    static const int codes[] = {400, 405, 406, 415, 422};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        begin();
        b.done(b.ctx, &(struct http_response){.status = codes[i], .sent = true, .body = ""});
        assert_true(b.t.no_watch_list);
        end();
    }
    static const int others[] = {401, 403, 404, 409, 429, 500};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        begin();
        b.done(b.ctx, &(struct http_response){.status = others[i], .sent = true, .body = ""});
        assert_false(b.t.no_watch_list);
        end();
    }
}

TEST(an_error_event_without_a_code_or_words_ends_the_stream)
{
    static const char *const errors[] = {
        EVENT("ERROR", "{}"), EVENT("ERROR", "{\"kind\":\"Status\",\"code\":200}"),
        EVENT("ERROR", "{\"kind\":\"Status\",\"code\":500,\"message\":\"m\"}"),
        EVENT("ERROR", "[]")};
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        struct watch_stats s;
        begin();
        say(END_MARK);
        assert_int_equal(b.data(b.ctx, errors[i], strlen(errors[i])), -1);
        b.done(b.ctx, &(struct http_response){.status = 200, .body = "", .error = "ended"});
        watcher_stats(b.w, &s);
        assert_int_equal(s.failures, 1);
        end();
    }
}

TEST(nobody_need_listen)
{
    begin();
    watcher_free(b.w);
    b.w = watcher_new(b.l, &b.t, b.c, K, NULL, NULL, &(struct watch_sink){0});
    watcher_start(b.w);
    watcher_start(b.w); /* once is enough */
    say(EVENT("ADDED", OBJECT("x", "one", "1")) END_MARK);
    assert_int_equal(cache_count(b.c, K), 1);
    b.done(b.ctx, &(struct http_response){.status = 0, .body = "", .error = "refused"});
    watcher_start(b.w); /* it waits for its time */
    end();
    watcher_free(NULL);
}

TEST(a_byte_that_begins_no_event_ends_the_stream)
{
    static const char *const bytes[] = {"\v", "7", "[", "\""};
    for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
        begin();
        say(" \r\n\t");
        assert_int_equal(b.data(b.ctx, bytes[i], 1), -1);
        end();
    }
    begin();
    assert_int_equal(b.data(b.ctx, "", 1), -1); /* a NUL */
    end();
}

SPEC_MAIN()
