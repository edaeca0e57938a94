/* What a server answers, byte by byte as it likes, through libcurl and our loop: the callback comes
 * once, its figures are within their limits, and the body is judged without a crash. The first
 * byte says where the answer is cut in two. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/span.h"
#include "http/http.h"
#include "kube/client.h"
#include "kube/exec.h"
#include "support/fuzz.h"

static struct server {
    struct loop *l;
    struct http *h;
    int listener, conn;
    unsigned port;
    struct span first, rest;
    struct loop_timer timer;
    int done, streamed;
} s = {.listener = -1, .conn = -1};

static void put(struct span *part)
{
    ssize_t n = send(s.conn, part->p, part->n, MSG_NOSIGNAL);

    (void)n; /* a client that hung up is fine */
    part->n = 0;
}

static void hang_up(void)
{
    if (s.conn >= 0) {
        loop_fd(s.l, s.conn, 0, NULL, NULL);
        close(s.conn);
        s.conn = -1;
    }
}

static void send_rest(void *ctx UNUSED)
{
    if (s.conn >= 0) {
        put(&s.rest);
        shutdown(s.conn, SHUT_WR);
    }
}

static void on_conn(void *ctx UNUSED, int fd, int ready UNUSED)
{
    char head[4096];

    if (recv(fd, head, sizeof head, 0) <= 0) {
        hang_up();
    } else if (s.first.n > 0 || s.rest.n > 0) {
        put(&s.first);
        loop_timer_in(s.l, &s.timer, 0, send_rest, NULL);
    }
}

static void on_accept(void *ctx UNUSED, int fd, int ready UNUSED)
{
    int conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (conn >= 0) {
        hang_up();
        s.conn = conn;
        loop_fd(s.l, conn, LOOP_READ, on_conn, NULL);
    }
}

static void begin(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof at;

    if (s.l != NULL) {
        return;
    }
    s.l = loop_new();
    s.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    law(bind(s.listener, (struct sockaddr *)&at, sizeof at) == 0, "no address");
    law(listen(s.listener, 16) == 0 && getsockname(s.listener, (struct sockaddr *)&at, &n) == 0,
        "no listener");
    s.port = ntohs(at.sin_port);
    loop_fd(s.l, s.listener, LOOP_READ, on_accept, NULL);
}

/* Whatever the body says, it is judged: as a refusal, and as a plugin's credentials. */
static void judge(const struct http_response *r)
{
    struct arena a = {0};
    struct credentials c = {0};
    struct err e = {0};
    int refused = kube_error(r, "get", &e);

    law((refused == 0) == (r->status >= 200 && r->status <= 299), "status %d", r->status);
    law(refused == 0 || (e.kind != ERR_OK && e.reason != NULL), "status %d", r->status);
    if (exec_parse(&a, r->body, r->body_len, &c, &e) == 0) {
        law(c.token != NULL || (c.cert != NULL && c.key != NULL), "no credentials");
    }
    arena_done(&a);
}

static void on_done(void *ctx UNUSED, const struct http_response *r)
{
    law(s.done++ == 0, "answered twice");
    law(r->status >= 0 && r->status <= 999, "status %d", r->status);
    law(r->retry_after_ms >= 0 && r->retry_after_ms <= limit(LIMIT_RETRY_AFTER_MS), "%lld ms",
        (long long)r->retry_after_ms);
    law((r->status == 0) <= (r->error != NULL), "neither a status nor an error");
    law(r->body != NULL && r->body_len <= 1000, "%zu bytes", r->body_len);
    judge(r);
    loop_stop(s.l);
}

static int on_data(void *ctx UNUSED, const char *p UNUSED, size_t n)
{
    s.streamed += (int)n;
    return s.streamed > 500 ? -1 : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = {0};

    if (n < 2) {
        return 0;
    }
    begin();
    size_t cut = data[0] < n - 1 ? data[0] : n - 1;
    s.first = (struct span){(const char *)data + 1, cut};
    s.rest = (struct span){(const char *)data + 1 + cut, n - 1 - cut};
    s.done = s.streamed = 0;
    s.h = http_new(
        s.l, &(struct http_identity){.base_url = arena_printf(&a, "http://127.0.0.1:%u", s.port)});
    struct http_request r = {
        .method = "GET", .path = "/x", .timeout_ms = 2000, .max_response = 1000};
    if (data[0] & 1) {
        http_stream_open(s.h, &r, on_data, on_done, NULL);
    } else {
        http_send(s.h, &r, on_done, NULL);
    }
    loop_run(s.l);
    http_free(s.h);
    loop_timer_clear(s.l, &s.timer);
    hang_up();
    arena_done(&a);
    return 0;
}

FUZZ_TARGET("answer", any_answer_is_one_result_within_its_limits);
