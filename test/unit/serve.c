/* serve.c — the health server, asked over a socket. */
#include "serve/serve.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "support/fetch.h"
#include "support/spec.h"

static struct serve *s;
static struct arena a;
static const char *reply;

static void given_a_server(void)
{
    struct err e = {0};
    s = serve_start("127.0.0.1:0", &e);
    if (s == NULL) {
        fail_msg("%s", e.text);
    }
}

static void ask(const char *method, const char *path)
{
    arena_reset(&a);
    reply = fetch(&a, serve_port(s), method, path);
}

static void expect(const char *what)
{
    if (strstr(reply, what) == NULL) {
        fail_msg("no '%s' in:\n%s", what, reply);
    }
}

TEST(healthz_is_ok_while_the_heart_beats)
{
    given_a_server();
    ask("GET", "/healthz");
    expect("HTTP/1.1 200");
    expect("\r\n\r\nok\n");
    serve_stop(s);
}

TEST(healthz_fails_when_the_heartbeat_is_old)
{
    int64_t fake = 100000;
    clock_set_fake(&fake);
    given_a_server();
    fake += limit(LIMIT_HEARTBEAT_MS) + 1;
    ask("GET", "/healthz");
    expect("HTTP/1.1 503");
    expect("the event loop has not moved for 10001 ms");
    serve_beat(s);
    ask("GET", "/healthz");
    expect("HTTP/1.1 200");
    serve_stop(s);
    clock_set_fake(NULL);
}

TEST(readyz_says_what_is_missing)
{
    given_a_server();
    ask("GET", "/readyz");
    expect("HTTP/1.1 503");
    expect("starting");
    serve_publish(s, &(struct serve_snapshot){.not_ready = "lists are not complete yet\n"});
    ask("GET", "/readyz");
    expect("lists are not complete yet");
    serve_publish(s, &(struct serve_snapshot){.not_ready = ""});
    ask("GET", "/readyz");
    expect("HTTP/1.1 200");
    serve_stop(s);
}

TEST(metrics_and_state_are_what_was_published)
{
    given_a_server();
    serve_publish(s, &(struct serve_snapshot){.metrics = "level 1\n", .state = "{\"a\":1}\n"});
    ask("GET", "/metrics");
    expect("text/plain; version=0.0.4");
    expect("\r\n\r\nlevel 1\n");
    serve_publish(s, &(struct serve_snapshot){.metrics = "level 2\n"});
    ask("GET", "/metrics");
    expect("\r\n\r\nlevel 2\n");
    ask("GET", "/debug/state");
    expect("application/json");
    expect("{\"a\":1}\n");
    serve_stop(s);
}

TEST(a_long_text_arrives_whole)
{
    size_t n = 300000;
    char *text = mem_alloc(n + 1);
    given_a_server();
    for (size_t i = 0; i < n; i++) {
        text[i] = (char)('a' + i % 26);
    }
    serve_publish(s, &(struct serve_snapshot){.metrics = text});
    ask("GET", "/metrics");
    assert_string_equal(strstr(reply, "\r\n\r\n") + 4, text);
    mem_free(text);
    serve_stop(s);
}

TEST(other_paths_and_methods_are_refused)
{
    given_a_server();
    ask("GET", "/etc/passwd");
    expect("HTTP/1.1 404");
    ask("DELETE", "/metrics");
    if (strstr(reply, "HTTP/1.1 200") != NULL) {
        fail_msg("a DELETE was answered: %s", reply);
    }
    serve_stop(s);
}

TEST(an_address_that_is_taken_is_a_clear_error)
{
    char again[32];
    struct err e = {0};
    given_a_server();
    snprintf(again, sizeof(again), "127.0.0.1:%d", serve_port(s));
    assert_null(serve_start(again, &e));
    assert_non_null(strstr(e.text, again));
    assert_null(serve_start("nonsense", &e));
    assert_non_null(strstr(e.text, "ADDR:PORT"));
    serve_stop(s);
}

TEST(nothing_of_a_reply_is_kept)
{
    arena_done(&a);
    assert_int_equal(a.used, 0);
}

TEST(the_state_is_for_callers_on_this_machine)
{
    assert_true(serve_is_loopback("127.0.0.1"));
    assert_true(serve_is_loopback("127.8.9.10"));
    assert_true(serve_is_loopback("::1"));
    assert_true(serve_is_loopback("::ffff:127.0.0.1"));
    assert_false(serve_is_loopback("10.0.0.1"));
    assert_false(serve_is_loopback("::ffff:10.0.0.1"));
    assert_false(serve_is_loopback("fd00::1"));
    assert_false(serve_is_loopback("127.example.com"));
    assert_false(serve_is_loopback(""));
}

static struct rlimit limit_files(rlim_t n)
{
    struct rlimit old, fresh;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    fresh = (struct rlimit){n, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &fresh), 0);
    return old;
}

static void expect_refused(const char *why)
{
    struct err e = {0};
    assert_null(serve_start("127.0.0.1:0", &e));
    assert_string_equal(e.reason, "NoDescriptors");
    assert_non_null(strstr(e.text, why));
}

TEST(a_limit_of_open_files_that_is_too_low_for_callers_is_refused)
{
    struct rlimit old = limit_files(64);
    expect_refused("the limit of open files is 64");
    setrlimit(RLIMIT_NOFILE, &old);
}

TEST(without_free_descriptors_it_does_not_start_and_takes_none)
{
    struct rlimit old = limit_files(100);
    int fd, held[100], n = 0;
    while ((fd = open("/dev/null", O_RDONLY)) >= 0) {
        held[n++] = fd;
    }
    expect_refused("Too many open files");
    close(held[--n]);
    expect_refused("Too many open files");
    assert_int_equal(open("/dev/null", O_RDONLY), held[n]); /* the one that was free still is */
    while (n >= 0) {
        close(held[n--]);
    }
    setrlimit(RLIMIT_NOFILE, &old);
    given_a_server();
    serve_stop(s);
}

SPEC_MAIN()
