/*
 * faultproxy — stands between one controller and a real API server, and ends that controller at a
 * chosen write: before it is sent, after the server committed it but before the reply, or after the
 * reply.
 *
 * Every request gets an upstream connection of its own ("Connection: close"), so a reply ends with
 * the stream and watches are just pumped. The caller's Authorization header passes through: RBAC
 * stays real. Writes (POST, PUT, PATCH, DELETE) are numbered from 1 and recorded, one line each:
 * NUMBER METHOD PATH STATUS. Leases and Events are neither counted nor cut.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

#define MESSAGE_MAX (16u << 20)
#define AFTER_REPLY_US 2000 /* time for the reply to be read before the end */

enum cut { CUT_NONE, CUT_BEFORE, CUT_COMMITTED, CUT_AFTER };

static struct {
    struct sockaddr_in upstream;
    SSL_CTX *server, *client;
    enum cut cut;
    int at;
    const char *pid_file;
    int record;
} conf = {.record = -1};
static atomic_int writes;

struct link {
    SSL *ssl;
    int fd;
};

static void link_close(struct link *l)
{
    if (l->ssl != NULL) {
        SSL_shutdown(l->ssl);
        SSL_free(l->ssl);
    }
    if (l->fd >= 0) {
        close(l->fd);
    }
}

static void end_controller(void)
{
    char text[32] = "";
    int fd = open(conf.pid_file, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    long pid = n > 0 ? strtol(text, NULL, 10) : 0;

    if (pid > 1) {
        kill((pid_t)pid, SIGKILL);
    }
    if (fd >= 0) {
        close(fd);
    }
}

/* Reads more into b; 0 at the end, -1 on failure. */
static int read_some(struct link *l, struct buf *b)
{
    char chunk[16384];
    int n = SSL_read(l->ssl, chunk, sizeof chunk);

    if (n <= 0) {
        return n;
    }
    return buf_add(b, chunk, (size_t)n) < 0 ? -1 : n;
}

static int write_all(struct link *l, const char *p, size_t n)
{
    return n == 0 || SSL_write(l->ssl, p, (int)n) == (int)n ? 0 : -1;
}

/* Length of the head with its empty line; 0 while it is not complete. */
static size_t head_len(const struct buf *b)
{
    const char *end = b->len > 0 ? strstr(b->data, "\r\n\r\n") : NULL;

    return end != NULL ? (size_t)(end - b->data) + 4 : 0;
}

static size_t content_length(const char *head, size_t n)
{
    for (const char *p = head; p < head + n; p = strstr(p, "\r\n") + 2) {
        if (strncasecmp(p, "content-length:", 15) == 0) {
            return strtoul(p + 15, NULL, 10);
        }
    }
    return 0;
}

static int read_request(struct link *l, struct buf *b)
{
    size_t head;

    while ((head = head_len(b)) == 0) {
        if (read_some(l, b) <= 0) {
            return -1;
        }
    }
    while (b->len < head + content_length(b->data, head)) {
        if (read_some(l, b) <= 0) {
            return -1;
        }
    }
    return 0;
}

static int connect_upstream(struct link *l)
{
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || connect(l->fd, (struct sockaddr *)&conf.upstream, sizeof conf.upstream) < 0) {
        return -1;
    }
    l->ssl = SSL_new(conf.client);
    SSL_set_fd(l->ssl, l->fd);
    return SSL_connect(l->ssl) == 1 ? 0 : -1;
}

static int forward(struct link *up, const struct buf *request)
{
    static const char close_header[] = "Connection: close\r\n";
    size_t line = (size_t)(strstr(request->data, "\r\n") - request->data) + 2;

    return write_all(up, request->data, line) < 0 ||
                   write_all(up, close_header, sizeof close_header - 1) < 0 ||
                   write_all(up, request->data + line, request->len - line) < 0
               ? -1
               : 0;
}

static bool is_counted_write(const char *request)
{
    const char *path = strchr(request, ' ');
    size_t n;

    if (path == NULL || strncmp(request, "GET ", 4) == 0) {
        return false;
    }
    n = strcspn(path + 1, " ?");
    return memmem(path, n, "/leases", 7) == NULL && memmem(path, n, "/events", 7) == NULL;
}

static void record(int number, const char *request, const char *reply)
{
    char line[1024];
    const char *path = strchr(request, ' ') + 1;
    int n =
        snprintf(line, sizeof line, "%d %.*s %.*s %.3s\n", number, (int)strcspn(request, " "),
                 request, (int)strcspn(path, " "), path, strlen(reply) > 12 ? reply + 9 : "000");

    if (conf.record >= 0 && n > 0 && write(conf.record, line, (size_t)n) < 0) {
        perror("record");
    }
}

/* A stream: bytes as they come, until either side ends. */
static void pump(struct link *from, struct link *to)
{
    char chunk[16384];
    int n;

    while ((n = SSL_read(from->ssl, chunk, sizeof chunk)) > 0) {
        if (write_all(to, chunk, (size_t)n) < 0) {
            return;
        }
    }
}

static void relay_write(struct link *down, struct link *up, const struct buf *request)
{
    struct buf reply CLEANUP(buf_done) = {.max = MESSAGE_MAX};
    int number = atomic_fetch_add(&writes, 1) + 1;
    bool here = number == conf.at;

    if (here && conf.cut == CUT_BEFORE) {
        record(number, request->data, "");
        end_controller();
        return;
    }
    if (forward(up, request) < 0) {
        return;
    }
    while (read_some(up, &reply) > 0) {
    }
    record(number, request->data, buf_str(&reply));
    if (here && conf.cut == CUT_COMMITTED) {
        end_controller();
        return;
    }
    if (reply.len > 0 && write_all(down, reply.data, reply.len) == 0 && here &&
        conf.cut == CUT_AFTER) {
        usleep(AFTER_REPLY_US);
        end_controller();
    }
}

static void *serve(void *arg)
{
    struct link down = {.fd = (int)(intptr_t)arg}, up = {.fd = -1};
    struct buf request CLEANUP(buf_done) = {.max = MESSAGE_MAX};

    down.ssl = SSL_new(conf.server);
    SSL_set_fd(down.ssl, down.fd);
    if (SSL_accept(down.ssl) == 1 && read_request(&down, &request) == 0 &&
        connect_upstream(&up) == 0) {
        if (is_counted_write(request.data)) {
            relay_write(&down, &up, &request);
        } else if (forward(&up, &request) == 0) {
            pump(&up, &down);
        }
    }
    link_close(&up);
    link_close(&down);
    return NULL;
}

static enum cut parse_cut(const char *s)
{
    return strcmp(s, "before") == 0      ? CUT_BEFORE
           : strcmp(s, "committed") == 0 ? CUT_COMMITTED
           : strcmp(s, "after") == 0     ? CUT_AFTER
                                         : CUT_NONE;
}

static int parse(int argc, char **argv, const char **ret_cert, const char **ret_key)
{
    static const struct option longs[] = {{"upstream-port", required_argument, NULL, 'u'},
                                          {"cert", required_argument, NULL, 'c'},
                                          {"key", required_argument, NULL, 'k'},
                                          {"cut", required_argument, NULL, 'x'},
                                          {"at", required_argument, NULL, 'n'},
                                          {"pid-file", required_argument, NULL, 'p'},
                                          {"record", required_argument, NULL, 'r'},
                                          {NULL, 0, NULL, 0}};
    int ch;

    while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (ch) {
        case 'u':
            conf.upstream.sin_port = htons((uint16_t)strtoul(optarg, NULL, 10));
            break;
        case 'c':
            *ret_cert = optarg;
            break;
        case 'k':
            *ret_key = optarg;
            break;
        case 'x':
            conf.cut = parse_cut(optarg);
            break;
        case 'n':
            conf.at = (int)strtol(optarg, NULL, 10);
            break;
        case 'p':
            conf.pid_file = optarg;
            break;
        case 'r':
            conf.record = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
            break;
        default:
            return -1;
        }
    }
    return *ret_cert != NULL && *ret_key != NULL && conf.pid_file != NULL ? 0 : -1;
}

static int listen_loopback(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) < 0 || listen(fd, 64) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &size) < 0) {
        perror("faultproxy: listen");
        return -1;
    }
    printf("%d\n", ntohs(at.sin_port)); /* the only line on standard output: the port */
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    const char *cert = NULL, *key = NULL;
    int fd;

    conf.upstream.sin_family = AF_INET;
    conf.upstream.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (parse(argc, argv, &cert, &key) < 0) {
        fprintf(stderr, "usage: faultproxy --upstream-port=P --cert=F --key=F --pid-file=F "
                        "[--record=F] [--at=N --cut=before|committed|after]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    conf.server = SSL_CTX_new(TLS_server_method());
    conf.client = SSL_CTX_new(TLS_client_method());
    if (SSL_CTX_use_certificate_chain_file(conf.server, cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(conf.server, key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        return 1;
    }
    fd = listen_loopback();
    for (int c; fd >= 0 && (c = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        pthread_t t;

        if (pthread_create(&t, NULL, serve, (void *)(intptr_t)c) == 0) {
            pthread_detach(t);
        } else {
            close(c);
        }
    }
    return 1;
}
