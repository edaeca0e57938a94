/*
 * faultproxy — stands between controllers and a real API server, and does to requests, replies,
 * events, connections and processes what a plan says.
 *
 * Every request gets an upstream connection of its own ("Connection: close"), and with two
 * --upstream-port the servers take turns. The callers'
 * Authorization headers pass through: RBAC stays real. A plan is a JSON file; its "faults" each say
 * which calls or events they strike (program, verb, kind, sub; nth, count; event) and what they do
 * (do, when, …; see proxy/proxy.h). Without a plan everything just passes. What passed and what was
 * done is written to the journal, one line of JSON an entry. The first line on standard output is
 * the port; after it "actor N" asks the harness to act for fault N, and waits for a line back.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <openssl/err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/proxy.h"

struct proxy proxy = {.journal = -1};

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
        if (link_read(l, b) <= 0) {
            return -1;
        }
    }
    while (b->len < head + content_length(b->data, head)) {
        if (link_read(l, b) <= 0) {
            return -1;
        }
    }
    return 0;
}

static void *serve(void *arg)
{
    struct link down = {.fd = -1};
    struct buf request CLEANUP(buf_done) = {.max = MESSAGE_MAX};
    struct arena a CLEANUP(arena_done) = {0};
    struct call c;

    if (link_accept(&down, (int)(intptr_t)arg) == 0 && !links_refused() &&
        read_request(&down, &request) == 0 && call_parse(&a, &request, &c) == 0) {
        if (c.watch) {
            stream_serve(&down, &request, &c, faults_call(&c));
        } else {
            call_serve(&down, &request, &c, &a);
        }
    }
    link_close(&down);
    return NULL;
}

/* SIGUSR1: every watch ends, and its resume is told that it comes too late. So all kinds are listed
 * anew, which must heal whatever a stream that broke its contract has done. */
static void *heal_when_asked(void *arg)
{
    int signo;

    while (sigwait(arg, &signo) == 0) {
        faults_heal();
        links_outage(1);
    }
    return NULL;
}

struct options {
    const char *cert, *key, *plan;
};

static int add_upstream(const char *port)
{
    if (proxy.upstreams == UPSTREAMS_MAX) {
        return -1;
    }
    proxy.upstream[proxy.upstreams++] = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
    };
    return 0;
}

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"upstream-port", required_argument, NULL, 'u'}, {"sticky", no_argument, NULL, 's'},
        {"cert", required_argument, NULL, 'c'},          {"key", required_argument, NULL, 'k'},
        {"plan", required_argument, NULL, 'p'},          {"pids", required_argument, NULL, 'd'},
        {"journal", required_argument, NULL, 'j'},       {NULL, 0, NULL, 0}};
    int ch;

    while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (ch) {
        case 'u':
            if (add_upstream(optarg) < 0) {
                return -1;
            }
            break;
        case 's':
            proxy.sticky = true;
            break;
        case 'c':
            o->cert = optarg;
            break;
        case 'k':
            o->key = optarg;
            break;
        case 'p':
            o->plan = optarg;
            break;
        case 'd':
            proxy.pids = optarg;
            break;
        case 'j':
            proxy.journal = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
            break;
        default:
            return -1;
        }
    }
    return o->cert != NULL && o->key != NULL && proxy.pids != NULL && proxy.upstreams > 0 ? 0 : -1;
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
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static int accept_all(int fd)
{
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

int main(int argc, char **argv)
{
    static sigset_t asks;
    pthread_t healer;
    struct options o = {0};
    struct err e = {0};

    if (parse(argc, argv, &o) < 0) {
        fprintf(stderr, "usage: faultproxy --upstream-port=P [--upstream-port=P [--sticky]] "
                        "--cert=F --key=F --pids=DIR "
                        "[--plan=F] [--journal=F]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&asks);
    sigaddset(&asks, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &asks, NULL);
    if (pthread_create(&healer, NULL, heal_when_asked, &asks) != 0) {
        return 1;
    }
    if (o.plan != NULL && faults_load(o.plan, &e) < 0) {
        fprintf(stderr, "faultproxy: %s\n", e.text);
        return 2;
    }
    proxy.server = SSL_CTX_new(TLS_server_method());
    proxy.client = SSL_CTX_new(TLS_client_method());
    if (SSL_CTX_use_certificate_chain_file(proxy.server, o.cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(proxy.server, o.key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        return 1;
    }
    return accept_all(listen_loopback());
}
