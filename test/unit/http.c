/* HTTP on the loop against a server in a thread: trust, names, limits, streams, holding back. */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>
#include <openssl/ssl.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "http/http.h"
#include "support/sh.h"
#include "support/spec.h"
#include "support/web.h"

#define SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

/* --- One server, one client
 * ------------------------------------------------------------------------ */

struct got {
    struct loop *l;
    int calls, status, stop_after;
    bool sent;
    int64_t retry_after_ms;
    char body[4096], error[256];
    size_t bytes, pieces;
    struct http_stream *s;
    struct http *h;
};

static void on_done(void *ctx, const struct http_response *r)
{
    struct got *g = ctx;
    g->calls++;
    g->status = r->status;
    g->sent = r->sent;
    g->retry_after_ms = r->retry_after_ms;
    snprintf(g->body, sizeof(g->body), "%.4000s", r->body);
    snprintf(g->error, sizeof(g->error), "%s", r->error != NULL ? r->error : "");
    g->s = NULL;
    if (g->calls >= g->stop_after) {
        loop_stop(g->l);
    }
}

static bool handle(void *ctx UNUSED, struct web_conn *c, const char *request)
{
    static const char big[] =
        "0123456789012345678901234567890123456789012345678901234567890123456789";
    if (strncmp(request, "GET /hello", 10) == 0) {
        web_reply(c, 200, NULL, "hello");
    } else if (strncmp(request, "GET /busy", 9) == 0) {
        web_reply(c, 429, "Retry-After: 7\r\n", "later");
    } else if (strncmp(request, "GET /shut", 9) == 0) {
        web_reply(c, 503, "Retry-After: 9223372036854775807\r\n", "in another age");
    } else if (strncmp(request, "GET /past", 9) == 0) {
        web_reply(c, 503, "Retry-After: Wed, 21 Oct 1970 07:28:00 GMT\r\n", "long ago");
    } else if (strncmp(request, "GET /nameless", 13) == 0) {
        web_write(c, "HTTP/200\n\r\n", 11);
        return false;
    } else if (strncmp(request, "GET /moved", 10) == 0) {
        web_reply(c, 302, "Location: /hello\r\n", "");
    } else if (strncmp(request, "GET /big", 8) == 0) {
        web_reply(c, 200, NULL, big);
    } else if (strncmp(request, "GET /silent", 11) == 0) {
        usleep(400 * 1000);
        return false;
    } else if (strncmp(request, "GET /slow", 9) == 0) {
        web_write(c, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 38);
        for (int i = 0; i < 26; i++) {
            char l = (char)('a' + i);
            web_write(c, &l, 1);
            usleep(1000);
        }
        return false;
    } else if (strncmp(request, "GET /broken", 11) == 0) {
        web_write(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", 43);
        return false;
    } else {
        web_reply(c, 200, NULL, request); /* an echo */
    }
    return true;
}

struct bed {
    struct loop *l;
    struct web_pki pki;
    struct web *w;
    struct http *h;
    struct got g;
    char url[64];
};

static void bed_open(struct bed *b, bool tls, const struct http_identity *more)
{
    struct http_identity id = {0};
    if (more != NULL) {
        id = *more;
    }
    web_pki_make(&b->pki, "DNS:api.example.org,IP:127.0.0.1");
    b->l = loop_new();
    b->w = web_start(tls ? &b->pki : NULL, handle, NULL);
    snprintf(b->url, sizeof(b->url), "%s://127.0.0.1:%d", tls ? "https" : "http", web_port(b->w));
    id.base_url = b->url;
    if (str_eq(id.ca_pem, "own")) {
        id.ca_pem = b->pki.ca;
    }
    b->h = http_new(b->l, &id);
    b->g = (struct got){.l = b->l, .stop_after = 1, .h = b->h};
}

static void bed_close(struct bed *b)
{
    http_free(b->h);
    web_stop(b->w);
    web_pki_free(&b->pki);
    loop_free(b->l);
}

static const struct got *get(struct bed *b, const char *path)
{
    b->g.calls = 0;
    http_send(b->h, &(struct http_request){.method = "GET", .path = path}, on_done, &b->g);
    loop_run(b->l);
    return &b->g;
}

/* --- Requests
 * -------------------------------------------------------------------------------------- */

TEST(a_get_over_plain_http_brings_status_and_body)
{
    struct bed b;
    bed_open(&b, false, NULL);
    assert_int_equal(get(&b, "/hello")->status, 200);
    assert_string_equal(b.g.body, "hello");
    assert_true(b.g.sent);
    bed_close(&b);
}

TEST(a_request_carries_its_body_token_and_impersonated_user)
{
    struct bed b;
    bed_open(&b, false, &(struct http_identity){.impersonate = "jane", .user_agent = "test/1"});
    http_token(b.h, "sesame");
    http_send(b.h,
              &(struct http_request){.method = "PATCH",
                                     .path = "/a?b=c",
                                     .body = "{}",
                                     .body_len = 2,
                                     .content_type = "application/apply-patch+yaml"},
              on_done, &b.g);
    loop_run(b.l);
    assert_non_null(strstr(b.g.body, "PATCH /a?b=c HTTP/1.1\r\n"));
    assert_non_null(strstr(b.g.body, "Authorization: Bearer sesame\r\n"));
    assert_non_null(strstr(b.g.body, "Impersonate-User: jane\r\n"));
    assert_non_null(strstr(b.g.body, "Content-Type: application/apply-patch+yaml\r\n"));
    assert_non_null(strstr(b.g.body, "User-Agent: test/1\r\n"));
    assert_non_null(strstr(b.g.body, "\r\n\r\n{}"));
    assert_null(strstr(b.g.body, "Accept-Encoding")); /* loopback: no compression */
    bed_close(&b);
}

TEST(a_token_with_a_line_break_is_never_sent)
{
    struct bed b;
    bed_open(&b, false, NULL);
    http_token(b.h, "a\r\nX-Evil: 1");
    get(&b, "/echo");
    assert_null(strstr(b.g.body, "Evil"));
    bed_close(&b);
}

TEST(a_redirect_is_not_followed)
{
    struct bed b;
    bed_open(&b, false, NULL);
    assert_int_equal(get(&b, "/moved")->status, 302);
    bed_close(&b);
}

TEST(retry_after_is_reported_in_milliseconds)
{
    struct bed b;
    bed_open(&b, false, NULL);
    assert_int_equal(get(&b, "/busy")->status, 429);
    assert_int_equal(b.g.retry_after_ms, 7000);
    bed_close(&b);
}

TEST(no_server_sends_us_away_for_longer_than_the_limit)
{
    struct bed b;
    bed_open(&b, false, NULL);
    assert_int_equal(get(&b, "/shut")->status, 503);
    assert_int_equal(b.g.retry_after_ms, limit(LIMIT_RETRY_AFTER_MS));
    bed_close(&b);
}

TEST(a_time_in_the_past_asks_for_no_pause)
{
    struct bed b;
    bed_open(&b, false, NULL);
    assert_int_equal(get(&b, "/past")->status, 503);
    assert_int_equal(b.g.retry_after_ms, 0);
    bed_close(&b);
}

TEST(a_reply_without_a_status_is_an_error)
{
    struct bed b;
    bed_open(&b, false, NULL);
    assert_int_equal(get(&b, "/nameless")->status, 0);
    assert_string_equal(b.g.error, "the reply has no status");
    bed_close(&b);
}

TEST(a_reply_larger_than_the_request_allows_fails)
{
    struct bed b;
    bed_open(&b, false, NULL);
    http_send(b.h, &(struct http_request){.method = "GET", .path = "/big", .max_response = 20},
              on_done, &b.g);
    loop_run(b.l);
    assert_int_equal(b.g.status, 0);
    assert_true(b.g.sent);
    assert_string_equal(b.g.error, "the reply is larger than allowed");
    bed_close(&b);
}

/* A server in the way of a proxy: the client believes that it talks to another machine. */
static bool handle_bomb(void *ctx, struct web_conn *c, const char *request)
{
    const struct buf *gz = ctx;
    char head[128];
    if (strstr(request, "Accept-Encoding: gzip") == NULL) {
        web_reply(c, 406, NULL, "");
        return true;
    }
    int n = snprintf(head, sizeof(head),
                     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                     gz->len);
    web_write(c, head, (size_t)n);
    web_write(c, gz->data, gz->len);
    return true;
}

TEST(another_machine_is_asked_for_gzip_and_its_decoded_bytes_are_capped)
{
    struct got g = {.stop_after = 1};
    struct buf gz;
    char piece[4096], proxy[64], path[] = "/tmp/gzip-XXXXXX";
    ssize_t n;
    int fd = mkstemp(path);
    assert_int_equal(sh("head -c 1000000 /dev/zero | gzip >%s", path), 0);
    buf_init(&gz, sizeof(piece));
    while ((n = read(fd, piece, sizeof(piece))) > 0) {
        assert_int_equal(buf_add(&gz, piece, (size_t)n), 0);
    }
    close(fd);
    unlink(path);
    struct web *w = web_start(NULL, handle_bomb, &gz);
    snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", web_port(w));
    g.l = loop_new();
    g.h = http_new(
        g.l, &(struct http_identity){.base_url = "http://api.example.org", .proxy_url = proxy});
    struct http_request r = {.method = "GET", .path = "/", .max_response = 1000000};
    http_send(g.h, &r, on_done, &g);
    loop_run(g.l);
    assert_int_equal(g.status, 200);
    r.max_response = 999999;
    http_send(g.h, &r, on_done, &g);
    loop_run(g.l);
    assert_int_equal(g.status, 0);
    assert_string_equal(g.error, "the reply is larger than allowed");
    http_free(g.h);
    web_stop(w);
    loop_free(g.l);
    buf_done(&gz);
}

static int sockets_that_notice_a_dead_peer(void)
{
    int found = 0;
    for (int fd = 3; fd < 256; fd++) {
        int ms = 0, keep = 0;
        socklen_t n = sizeof(ms), m = sizeof(keep);
        found += getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, &n) == 0 &&
                 ms == limit(LIMIT_DEAD_PEER_MS) &&
                 getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &keep, &m) == 0 && keep != 0;
    }
    return found;
}

TEST(a_connection_is_told_to_notice_a_dead_peer)
{
    struct bed b;
    bed_open(&b, false, NULL);
    assert_int_equal(sockets_that_notice_a_dead_peer(), 0);
    get(&b, "/hello");
    assert_int_equal(sockets_that_notice_a_dead_peer(), 1);
    bed_close(&b);
}

TEST(a_silent_server_costs_no_more_than_the_time_out)
{
    struct bed b;
    bed_open(&b, false, NULL);
    http_send(b.h, &(struct http_request){.method = "GET", .path = "/silent", .timeout_ms = 50},
              on_done, &b.g);
    loop_run(b.l);
    assert_int_equal(b.g.status, 0);
    assert_true(b.g.sent);
    bed_close(&b);
}

TEST(a_request_that_found_no_server_was_surely_not_sent)
{
    struct bed b;
    bed_open(&b, false, NULL);
    web_stop(b.w);
    get(&b, "/hello");
    assert_int_equal(b.g.status, 0);
    assert_false(b.g.sent);
    assert_true(b.g.error[0] != '\0');
    b.w = web_start(NULL, handle, NULL);
    bed_close(&b);
}

TEST(sixty_requests_at_once_all_come_back)
{
    struct bed b;
    bed_open(&b, false, NULL);
    b.g.stop_after = 60;
    for (int i = 0; i < 60; i++) {
        http_send(b.h, &(struct http_request){.method = "GET", .path = "/hello"}, on_done, &b.g);
    }
    loop_run(b.l);
    assert_int_equal(b.g.calls, 60);
    struct http_stats s;
    http_stats(b.h, &s);
    assert_int_equal(s.requests, 60);
    assert_int_equal(s.failures, 0);
    assert_true(s.bytes_in >= 300);
    bed_close(&b);
}

TEST(what_is_held_back_starts_with_the_token_of_its_release)
{
    struct bed b;
    bed_open(&b, false, NULL);
    http_hold(b.h);
    http_send(b.h, &(struct http_request){.method = "GET", .path = "/echo"}, on_done, &b.g);
    http_token(b.h, "late");
    http_release(b.h, NULL);
    loop_run(b.l);
    assert_non_null(strstr(b.g.body, "Bearer late"));
    bed_close(&b);
}

TEST(what_is_held_back_fails_unsent_when_released_with_an_error)
{
    struct bed b;
    bed_open(&b, false, NULL);
    http_hold(b.h);
    http_send(b.h, &(struct http_request){.method = "GET", .path = "/echo"}, on_done, &b.g);
    http_release(b.h, "no credentials");
    assert_int_equal(b.g.calls, 0);
    loop_run(b.l);
    assert_int_equal(b.g.status, 0);
    assert_false(b.g.sent);
    assert_string_equal(b.g.error, "no credentials");
    bed_close(&b);
}

TEST(freeing_the_handle_ends_transfers_without_a_callback)
{
    struct bed b;
    bed_open(&b, false, NULL);
    http_send(b.h, &(struct http_request){.method = "GET", .path = "/silent"}, on_done, &b.g);
    http_hold(b.h);
    http_send(b.h, &(struct http_request){.method = "GET", .path = "/hello"}, on_done, &b.g);
    bed_close(&b);
    assert_int_equal(b.g.calls, 0);
}

/* --- Streams
 * --------------------------------------------------------------------------------------- */

static int on_data(void *ctx, const char *p, size_t n)
{
    struct got *g = ctx;
    (void)p;
    g->bytes += n;
    g->pieces++;
    return 0;
}

static int on_data_refuse(void *ctx UNUSED, const char *p UNUSED, size_t n UNUSED)
{
    return -1;
}

static int on_data_close(void *ctx, const char *p UNUSED, size_t n UNUSED)
{
    struct got *g = ctx;
    http_stream_close(g->s);
    g->s = NULL;
    http_send(g->h, &(struct http_request){.method = "GET", .path = "/hello"}, on_done, g);
    return 0;
}

static void stream(struct bed *b, const char *path, http_data_fn *data)
{
    b->g.s = http_stream_open(b->h, &(struct http_request){.method = "GET", .path = path}, data,
                              on_done, &b->g);
    loop_run(b->l);
}

TEST(a_stream_gives_data_as_it_comes_and_ends_once)
{
    struct bed b;
    bed_open(&b, false, NULL);
    stream(&b, "/slow", on_data);
    assert_int_equal(b.g.calls, 1);
    assert_int_equal(b.g.status, 200);
    assert_int_equal(b.g.bytes, 26);
    assert_true(b.g.pieces > 1);
    assert_string_equal(b.g.error, "");
    bed_close(&b);
}

TEST(a_stream_refused_by_the_server_brings_the_refusals_body)
{
    struct bed b;
    bed_open(&b, false, NULL);
    stream(&b, "/busy", on_data);
    assert_int_equal(b.g.status, 429);
    assert_string_equal(b.g.body, "later");
    assert_int_equal(b.g.bytes, 0);
    bed_close(&b);
}

TEST(a_stream_that_breaks_has_its_status_and_an_error)
{
    struct bed b;
    bed_open(&b, false, NULL);
    stream(&b, "/broken", on_data);
    assert_int_equal(b.g.status, 200);
    assert_true(b.g.error[0] != '\0');
    assert_int_equal(b.g.bytes, 3);
    bed_close(&b);
}

TEST(a_reader_ends_its_stream_by_refusing_data)
{
    struct bed b;
    bed_open(&b, false, NULL);
    stream(&b, "/slow", on_data_refuse);
    assert_int_equal(b.g.calls, 1);
    assert_string_equal(b.g.error, "the reader ended the stream");
    bed_close(&b);
}

TEST(a_stream_closed_in_its_own_callback_says_nothing_more_and_requests_go_on)
{
    struct bed b;
    bed_open(&b, false, NULL);
    stream(&b, "/slow", on_data_close);
    assert_int_equal(b.g.calls, 1); /* the request's, not the stream's */
    assert_string_equal(b.g.body, "hello");
    bed_close(&b);
}

/* --- TLS
 * ------------------------------------------------------------------------------------------- */

TEST(a_server_of_the_given_authority_is_trusted)
{
    struct bed b;
    bed_open(&b, true, &(struct http_identity){.ca_pem = "own"});
    get(&b, "/hello");
    assert_string_equal(b.g.error, "");
    assert_int_equal(b.g.status, 200);
    bed_close(&b);
}

TEST(a_server_of_another_authority_is_refused_before_anything_is_sent)
{
    struct bed b;
    struct web_pki other;
    web_pki_make(&other, "IP:127.0.0.1");
    bed_open(&b, true, &(struct http_identity){.ca_pem = other.ca});
    get(&b, "/hello");
    assert_int_equal(b.g.status, 0);
    assert_false(b.g.sent);
    web_pki_free(&other);
    bed_close(&b);
}

TEST(without_an_authority_no_server_is_trusted)
{
    struct bed b;
    bed_open(&b, true, NULL);
    get(&b, "/hello");
    assert_int_equal(b.g.status, 0);
    assert_false(b.g.sent);
    bed_close(&b);
}

TEST(insecure_skips_the_check_as_the_kubeconfig_says)
{
    struct bed b;
    bed_open(&b, true, &(struct http_identity){.insecure = true});
    assert_int_equal(get(&b, "/hello")->status, 200);
    bed_close(&b);
}

TEST(the_tls_server_name_is_checked_in_place_of_the_host)
{
    struct bed b;
    bed_open(&b, true, &(struct http_identity){.ca_pem = "own", .server_name = "api.example.org"});
    get(&b, "/echo");
    assert_string_equal(b.g.error, "");
    assert_non_null(strstr(b.g.body, "Host: api.example.org"));
    bed_close(&b);
}

TEST(a_wrong_tls_server_name_is_refused)
{
    struct bed b;
    bed_open(&b, true, &(struct http_identity){.ca_pem = "own", .server_name = "evil.example.org"});
    get(&b, "/hello");
    assert_int_equal(b.g.status, 0);
    assert_false(b.g.sent);
    assert_non_null(strstr(b.g.error, "evil.example.org"));
    bed_close(&b);
}

TEST(a_new_identity_is_used_for_new_connections)
{
    struct bed b;
    struct web_pki other;
    web_pki_make(&other, "IP:127.0.0.1");
    bed_open(&b, true, &(struct http_identity){.ca_pem = "own"});
    assert_int_equal(get(&b, "/hello")->status, 200);
    http_identity_set(b.h, &(struct http_identity){.base_url = b.url, .ca_pem = other.ca});
    assert_int_equal(get(&b, "/hello")->status, 0);
    web_pki_free(&other);
    bed_close(&b);
}

/* In a mount name space of its own, the server's authority becomes one of the system's. */
static int system_trusts(const char *ca_pem)
{
    char path[] = "/tmp/bundle-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        return -1;
    }
    ssize_t n = write(fd, ca_pem, strlen(ca_pem));
    close(fd);
    int r = n > 0 ? mount(path, SYSTEM_BUNDLE, NULL, MS_BIND, NULL) : -1;
    unlink(path);
    return r;
}

static int plain_curl_accepts(const char *url)
{
    CURL *c = curl_easy_init();
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
    CURLcode rc = curl_easy_perform(c);
    curl_easy_cleanup(c);
    return rc == CURLE_OK;
}

TEST(a_server_of_one_of_the_systems_authorities_is_refused)
{
    struct web_pki pki, other;
    int status = 0;
    web_pki_make(&pki, "IP:127.0.0.1");
    web_pki_make(&other, "IP:127.0.0.1");
    pid_t pid = fork(); /* before there is a thread: its locks would stay locked in the child */
    if (pid == 0) {
        char url[64];
        struct got g = {.stop_after = 1};
        if (system_trusts(pki.ca) < 0) {
            _exit(77);
        }
        struct web *w = web_start(&pki, handle, NULL);
        snprintf(url, sizeof(url), "https://127.0.0.1:%d", web_port(w));
        if (!plain_curl_accepts(url)) {
            _exit(3); /* the control: libcurl's defaults do trust it */
        }
        g.l = loop_new();
        g.h = http_new(g.l, &(struct http_identity){.base_url = url, .ca_pem = other.ca});
        http_send(g.h, &(struct http_request){.method = "GET", .path = "/hello"}, on_done, &g);
        loop_run(g.l);
        int with_other = g.status;
        http_identity_set(g.h, &(struct http_identity){.base_url = url});
        http_send(g.h, &(struct http_request){.method = "GET", .path = "/hello"}, on_done, &g);
        loop_run(g.l);
        http_free(g.h);
        web_stop(w);
        _exit(with_other != 0 ? 4 : g.status != 0 ? 5 : 0);
    }
    waitpid(pid, &status, 0);
    web_pki_free(&pki);
    web_pki_free(&other);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        skip(); /* no right to mount */
    }
    assert_int_equal(status, 0);
}

static int inheritable_sockets(void)
{
    int found = 0;
    for (int fd = 3; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);
        found += flags >= 0 && (flags & FD_CLOEXEC) == 0;
    }
    return found;
}

TEST(no_descriptor_of_a_connection_is_inherited)
{
    struct bed b;
    bed_open(&b, true, &(struct http_identity){.ca_pem = "own"});
    int before = inheritable_sockets(); /* libcurl's own wake-up pairs lead nowhere */
    assert_int_equal(get(&b, "/hello")->status, 200);
    assert_int_equal(inheritable_sockets(), before);
    bed_close(&b);
}

static int status_with_newest(int version)
{
    struct bed b;
    web_newest_tls = version;
    bed_open(&b, true, &(struct http_identity){.ca_pem = "own"});
    get(&b, "/hello");
    int status = b.g.status;
    bed_close(&b);
    web_newest_tls = 0;
    return status;
}

TEST(a_server_that_speaks_no_tls_1_2_is_refused)
{
    assert_int_equal(status_with_newest(TLS1_1_VERSION), 0);
    assert_int_equal(status_with_newest(TLS1_2_VERSION), 200);
}

TEST(a_client_key_is_used_where_no_file_can_be_written)
{
    struct bed b;
    struct rlimit was, none;
    bed_open(&b, true, NULL);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    none = (struct rlimit){0, was.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    http_identity_set(b.h, &(struct http_identity){.base_url = b.url,
                                                   .ca_pem = b.pki.ca,
                                                   .cert_pem = b.pki.cert,
                                                   .key_pem = b.pki.key});
    get(&b, "/hello");
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_string_equal(b.g.error, "");
    assert_int_equal(b.g.status, 200);
    bed_close(&b);
}

SPEC_MAIN()
