/* How long a watch pauses after a failure. Time is a number, and the loop here only says how long
 * its one timer was set for: it stands in for lib/http/loop.c. */
#include "api/configmap.gen.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "kube/watch.h"
#include "support/spec.h"

#define K (&kind_configmap)
#define TRIALS 200 /* a bound that one in five trials meets is missed once in 10^19 */
#define END_MARK                                                                  \
    "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"," \
    "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}"

static struct {
    struct loop_timer *timer;
    int64_t pause_ms, now_ms;
    struct transport t;
    struct caches *c;
    struct watcher *w;
    http_data_fn *data;
    http_done_fn *done;
    void *ctx;
} b;

/* --- the loop --------------------------------------------------------------------------------- */

void loop_timer_in(struct loop *l UNUSED, struct loop_timer *t, int64_t delay_ms, loop_timer_fn *fn,
                   void *ctx)
{
    *t = (struct loop_timer){b.now_ms + delay_ms, fn, ctx, 1};
    b.timer = t;
    b.pause_ms = delay_ms;
}

void loop_timer_at(struct loop *l, struct loop_timer *t, int64_t boot_ms, loop_timer_fn *fn,
                   void *ctx)
{
    loop_timer_in(l, t, boot_ms - b.now_ms, fn, ctx);
}

void loop_timer_clear(struct loop *l UNUSED, struct loop_timer *t)
{
    *t = (struct loop_timer){0};
}

struct loop *loop_new(void)
{
    fail_msg("there is no loop");
    return NULL;
}

void loop_free(struct loop *l UNUSED)
{
}

void loop_run(struct loop *l UNUSED)
{
}

void loop_stop(struct loop *l UNUSED)
{
}

void loop_fd(struct loop *l UNUSED, int fd UNUSED, int events UNUSED, loop_fd_fn *fn UNUSED,
             void *ctx UNUSED)
{
}

void loop_signal(struct loop *l UNUSED, int signo UNUSED, void (*fn)(void *ctx, int signo) UNUSED,
                 void *ctx UNUSED)
{
}

void loop_post(struct loop *l UNUSED, void (*fn)(void *ctx) UNUSED, void *ctx UNUSED)
{
}

void loop_idle(struct loop *l UNUSED, void (*fn)(void *ctx) UNUSED, void *ctx UNUSED)
{
}

void loop_stage(struct loop *l UNUSED, const char *stage UNUSED, const char *who UNUSED,
                const char *key UNUSED)
{
}

void loop_stats(const struct loop *l UNUSED, struct loop_stats *ret)
{
    *ret = (struct loop_stats){0};
}

/* --- the server ------------------------------------------------------------------------------- */

static struct http_stream *stream(void *self UNUSED, const struct http_request *r UNUSED,
                                  http_data_fn *data, http_done_fn *done, void *ctx)
{
    b.data = data;
    b.done = done;
    b.ctx = ctx;
    return (struct http_stream *)&b;
}

/* Where its history stands: beyond all that the watch has seen. */
static void send_present(void *self UNUSED, const struct http_request *r UNUSED, http_done_fn *done,
                         void *ctx)
{
    static const char body[] = "{\"metadata\":{\"resourceVersion\":\"1000\"},\"items\":[]}";

    done(ctx, &(struct http_response){
                  .status = 200, .sent = true, .body = body, .body_len = sizeof(body) - 1});
}

static void stream_close(void *self UNUSED, struct http_stream *s UNUSED)
{
}

static int64_t now(void *self UNUSED)
{
    return b.now_ms;
}

static void begin(void)
{
    b.now_ms = 10000000;
    b.pause_ms = -1;
    b.c = caches_new();
    b.t = (struct transport){.send = send_present,
                             .stream = stream,
                             .stream_close = stream_close,
                             .wall_ms = now,
                             .boot_ms = now};
    caches_add_kind(b.c, K);
    b.w = watcher_new(NULL, &b.t, b.c, K, NULL, NULL, &(struct watch_sink){0});
}

static void begin_synced(void)
{
    begin();
    watcher_start(b.w);
    assert_int_equal(b.data(b.ctx, END_MARK, strlen(END_MARK)), 0);
}

static void end(void)
{
    watcher_free(b.w);
    caches_free(b.c);
    limits_scale(1);
}

static int64_t pause_after(int status, int64_t retry_after_ms)
{
    b.done(b.ctx,
           &(struct http_response){
               .status = status, .sent = true, .body = "", .retry_after_ms = retry_after_ms});
    return b.pause_ms;
}

/* The pause passes, and it asks again. */
static void go_on(void)
{
    struct loop_timer t = *b.timer;

    b.now_ms = t.at_ms;
    *b.timer = (struct loop_timer){0};
    t.fn(t.ctx);
}

struct range {
    int64_t least, most;
};

static struct range wider(struct range r, int64_t x)
{
    return (struct range){r.least == 0 || x < r.least ? x : r.least, x > r.most ? x : r.most};
}

/* The pauses after one failure, after two in a row, and so on. */
static void measure(struct range *r, size_t count)
{
    memset(r, 0, count * sizeof(*r));
    for (int trial = 0; trial < TRIALS; trial++) {
        begin_synced();
        for (size_t i = 0; i < count; i++) {
            r[i] = wider(r[i], pause_after(500, 0));
            go_on();
        }
        end();
    }
}

TEST(pauses_double_from_800_ms_to_30_s_and_half_of_each_is_random)
{
    static const int64_t longest[] = {800, 1600, 3200, 6400, 12800, 25600, 30000, 30000};
    struct range r[ARRAY_LEN(longest)];

    measure(r, ARRAY_LEN(longest));
    for (size_t i = 0; i < ARRAY_LEN(longest); i++) {
        assert_in_range(r[i].least, longest[i] / 2, longest[i] * 6 / 10);
        assert_in_range(r[i].most, longest[i] * 9 / 10, longest[i]);
    }
}

TEST(a_pause_may_be_as_long_and_as_short_as_it_says)
{
    struct range r;

    for (int trial = 0; trial < TRIALS; trial++) {
        limits_scale(100); /* 8 ms */
        begin_synced();
        r = wider(trial == 0 ? (struct range){0} : r, pause_after(500, 0));
        end();
    }
    assert_int_equal(r.least, 4);
    assert_int_equal(r.most, 8);
}

TEST(after_a_quiet_time_of_four_longest_pauses_they_begin_anew)
{
    for (int more = 0; more <= 1; more++) {
        begin_synced();
        for (int i = 0; i < 4; i++) {
            (void)pause_after(500, 0);
            b.now_ms += 5;
            go_on();
        }
        (void)pause_after(500, 0);
        b.now_ms += 4 * limit(LIMIT_WATCH_BACKOFF_MAX_MS) + more;
        if (more == 1) {
            assert_in_range(pause_after(500, 0), 400, 800);
        } else {
            assert_true(pause_after(500, 0) > 800);
        }
        end();
    }
}

TEST(on_a_machine_that_has_just_started_the_first_pause_is_as_long_as_elsewhere)
{
    begin_synced();
    b.now_ms = 1000;
    assert_in_range(pause_after(500, 0), 400, 800);
    go_on();
    assert_in_range(pause_after(500, 0), 800, 1600);
    end();
}

TEST(the_servers_retry_after_is_a_lower_bound)
{
    begin_synced();
    assert_int_equal(pause_after(429, 7000), 7000);
    go_on();
    assert_in_range(pause_after(429, 1), 800, 1600);
    end();
}

TEST(what_is_gone_is_listed_anew_at_once_and_a_list_that_fails_so_is_not)
{
    begin_synced();
    assert_int_equal(pause_after(410, 0), 0);
    go_on();
    assert_in_range(pause_after(410, 0), 400, 800);
    end();
}

TEST(a_clean_end_is_followed_at_once)
{
    begin_synced();
    b.now_ms += 1000;
    assert_int_equal(pause_after(200, 0), 0);
    end();
}

TEST(a_watch_that_ends_within_a_second_without_an_event_is_a_failure)
{
    begin_synced();
    b.now_ms += 1000;
    (void)pause_after(200, 0);
    go_on();
    b.now_ms += 999;
    assert_in_range(pause_after(200, 0), 400, 800);
    end();
}

TEST(an_optional_kind_that_is_not_served_is_looked_for_every_five_seconds_at_least)
{
    struct range r = {0};

    begin();
    watcher_optional(b.w);
    watcher_start(b.w);
    for (int i = 0; i < 40; i++) {
        r = wider(r, pause_after(404, 0));
        go_on();
    }
    assert_in_range(r.least, 400, 800);
    assert_int_equal(r.most, limit(LIMIT_WATCH_ABSENT_MS));
    end();
}

TEST(an_optional_kind_that_fails_otherwise_is_not_taken_for_absent)
{
    struct watch_stats s;

    begin();
    watcher_optional(b.w);
    watcher_start(b.w);
    for (int i = 0; i < 3; i++) {
        (void)pause_after(500, 0);
        go_on();
    }
    watcher_stats(b.w, &s);
    assert_false(s.absent);
    assert_false(s.synced);
    end();
}

TEST(a_watch_that_ends_at_once_after_an_event_goes_on_at_once)
{
    static const char event[] =
        "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\",\"uid\":"
        "\"u\",\"resourceVersion\":\"10\"}}}";

    begin_synced();
    b.now_ms += 1000;
    (void)pause_after(200, 0);
    go_on();
    assert_int_equal(b.data(b.ctx, event, strlen(event)), 0);
    assert_int_equal(pause_after(200, 0), 0);
    end();
}

SPEC_MAIN()
