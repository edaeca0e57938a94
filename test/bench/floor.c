/* floor: the least that a watcher can do, as the floor of the latency bench: one thread, epoll, one
 * TLS connection, and a search for the stamp in the bytes of each event of a pod. What it measures
 * is the machine, the kernel, TLS and the generator. Environment, "ready" and the lines of
 * $BENCH_OUT as in operator.c; the resourceVersion is left 0. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "kube/config.h"

#define MUST(x)                                        \
    do {                                               \
        if (!(x)) {                                    \
            fprintf(stderr, "floor: %s failed\n", #x); \
            exit(1);                                   \
        }                                              \
    } while (0)

enum { CHUNK = 64 << 10, LINE_MAX_BYTES = 1 << 20 };
static const char mark[] = "\"bench/sent\":\"";
static const char last[] = "initial-events-end";
static const char never[] = "1000000000000000000";

struct sample {
    int64_t sent, now;
};
static struct sample *samples;
static size_t count, room;
static bool synced;

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void on_line(const char *line, size_t n)
{
    int64_t now = now_ns();
    const char *p = memmem(line, n, mark, sizeof(mark) - 1);

    if (!synced && p == NULL && memmem(line, n, last, sizeof(last) - 1) != NULL) {
        synced = true;
        printf("ready 0\n");
        fflush(stdout);
    }
    if (p == NULL || strncmp(p + sizeof(mark) - 1, never, sizeof(never) - 1) == 0) {
        return;
    }
    if (count == room) {
        room = room > 0 ? room * 2 : 1 << 16;
        samples = mem_resize(samples, room * sizeof(*samples));
    }
    samples[count++] = (struct sample){strtoll(p + sizeof(mark) - 1, NULL, 10), now};
}

/* Lines, whatever the chunks' heads say: those stand on lines of their own. */
static void take(struct buf *b)
{
    size_t from = 0;
    const char *end;

    while ((end = memchr(b->data + from, '\n', b->len - from)) != NULL) {
        on_line(b->data + from, (size_t)(end - b->data) - from);
        from = (size_t)(end - b->data) + 1;
    }
    memmove(b->data, b->data + from, b->len - from);
    b->len -= from;
}

static void drain(SSL *ssl, struct buf *b)
{
    static char chunk[CHUNK];
    int n;

    while ((n = SSL_read(ssl, chunk, sizeof(chunk))) > 0) {
        MUST(buf_add(b, chunk, (size_t)n) == 0);
        take(b);
    }
    MUST(SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ);
}

static SSL *dial(const char *file)
{
    CLEANUP(arena_done) struct arena a = {0};
    struct config c;
    struct err e;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    MUST(file != NULL && config_load(&a, file, NULL, &c, &e) == 0);
    const char *port = strrchr(c.server, ':');
    MUST(port != NULL);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)strtoul(port + 1, NULL, 10))};
    MUST(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    SSL *ssl = SSL_new(SSL_CTX_new(TLS_client_method()));
    MUST(ssl != NULL && SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1);
    static const char ask[] = "GET /api/v1/pods?watch=1&sendInitialEvents=true&timeoutSeconds=3600 "
                              "HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    MUST(SSL_write(ssl, ask, sizeof(ask) - 1) == (int)sizeof(ask) - 1);
    MUST(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    return ssl;
}

static int signals(void)
{
    sigset_t term;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    MUST(sigprocmask(SIG_BLOCK, &term, NULL) == 0);
    return signalfd(-1, &term, SFD_CLOEXEC);
}

static void watch(SSL *ssl, int stop)
{
    struct epoll_event in = {.events = EPOLLIN, .data.fd = SSL_get_fd(ssl)};
    struct epoll_event end = {.events = EPOLLIN, .data.fd = stop};
    int ep = epoll_create1(EPOLL_CLOEXEC);
    struct buf b;

    buf_init(&b, LINE_MAX_BYTES);
    MUST(ep >= 0 && epoll_ctl(ep, EPOLL_CTL_ADD, in.data.fd, &in) == 0 &&
         epoll_ctl(ep, EPOLL_CTL_ADD, stop, &end) == 0);
    drain(ssl, &b);
    for (struct epoll_event got; epoll_wait(ep, &got, 1, -1) > 0 || errno == EINTR;) {
        if (got.data.fd == stop) {
            break;
        }
        drain(ssl, &b);
    }
    buf_done(&b);
}

int main(void)
{
    int stop = signals();
    SSL *ssl = dial(getenv("KUBECONFIG"));
    const char *out = getenv("BENCH_OUT");

    watch(ssl, stop);
    FILE *f = fopen(out != NULL ? out : "/dev/null", "w");
    MUST(f != NULL);
    for (size_t i = 0; i < count; i++) {
        fprintf(f, "%" PRId64 " 0 %" PRId64 "\n", samples[i].sent, samples[i].now);
    }
    MUST(fclose(f) == 0);
    return 0;
}
