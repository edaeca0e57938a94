/*
 * pgproxy — stands between lineage and a real PostgreSQL, and does to its statements what a plan
 * says.
 *
 * The same plan file as faultproxy's: faults with verb "sql" strike statements, whose kind is their
 * first word ("commit", "insert"). before: it is not sent; committed: the server has answered, and
 * the answer is lost; after: the answer has arrived. Beside faultproxy's crash, signal, cut, hold
 * and delay there is "error", the server's refusal with the SQLSTATE `reason`; class 57 and 53 also
 * end the connection. Messages are parsed as far as their type and length (protocol 3.0, no TLS).
 * The first line on standard output is the port.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/span.h"
#include "proxy/proxy.h"

enum { HEAD = 5 };

struct proxy proxy = {.journal = -1};
static const char *socket_path;

struct session {
    int client, server;
    struct buf from_client, from_server;
    bool begun;             /* the start-up message has passed */
    bool skipping;          /* until Sync: the statement was refused here */
    const struct fault *on; /* strikes at the end of the answer */
    struct call call;
    char kind[16];
    bool over;
};

static uint32_t length_at(const char *p)
{
    uint32_t n;

    memcpy(&n, p, sizeof n);
    return ntohl(n);
}

static void send_all(struct session *s, int fd, const char *p, size_t n)
{
    while (n > 0 && !s->over) {
        ssize_t w = send(fd, p, n, MSG_NOSIGNAL);

        if (w <= 0) {
            s->over = true;
            return;
        }
        p += w;
        n -= (size_t)w;
    }
}

/* --- What a plan does ------------------------------------------------------------------------ */

static void send_error(struct session *s, const char *state)
{
    struct buf b CLEANUP(buf_done) = {.max = 1024};
    char body[256];
    int n = snprintf(body, sizeof body, "S%s%cC%s%cM%s%c", "ERROR", 0, state, 0, "by a test", 0);
    uint32_t len = htonl((uint32_t)n + 5);

    if (buf_add(&b, "E", 1) == 0 && buf_add(&b, &len, 4) == 0 &&
        buf_add(&b, body, (size_t)n) == 0 && buf_add(&b, "", 1) == 0 &&
        buf_add(&b, "Z\0\0\0\5E", 6) == 0) {
        send_all(s, s->client, b.data, b.len);
    }
    if (strncmp(state, "57", 2) == 0 || strncmp(state, "53", 2) == 0) {
        s->over = true;
    }
}

/* True when the statement, or its answer, is not to go on. */
static bool strikes(struct session *s, const struct fault *f)
{
    jot_fired(f, &s->call, f->when == WHEN_BEFORE ? "before" : "committed");
    if (f->action == ACT_CUT || f->action == ACT_RESET || !act(f, &s->call)) {
        s->over = true;
        return true;
    }
    return false;
}

static void name_statement(struct session *s, const char *sql)
{
    size_t n = 0;

    sql += strspn(sql, " \n");
    while (n < sizeof s->kind - 1 && isalpha((unsigned char)sql[n])) {
        s->kind[n] = (char)tolower((unsigned char)sql[n]);
        n++;
    }
    s->kind[n] = '\0';
    s->call =
        (struct call){.program = "lineage", .verb = "sql", .kind = s->kind, .sub = "", .ns = ""};
    s->call.n = faults_ordinal(&s->call);
}

/* A Query, or the Parse that begins an extended one. True: it is not sent. */
static bool on_statement(struct session *s, char type, const char *sql)
{
    const struct fault *f;

    name_statement(s, sql);
    jot_statement(&s->call);
    f = faults_call(&s->call);
    s->on = f;
    if (f == NULL || (f->when != WHEN_BEFORE && f->action != ACT_STATUS)) {
        return false;
    }
    s->on = NULL;
    if (f->action != ACT_STATUS) {
        return strikes(s, f);
    }
    jot_fired(f, &s->call, f->reason);
    if (type == 'Q') {
        send_error(s, f->reason);
    } else {
        s->skipping = true;
        s->on = f; /* told at Sync */
    }
    return true;
}

static bool is_refused(struct session *s, char type)
{
    if (!s->skipping) {
        return false;
    }
    if (type == 'S') {
        const struct fault *f = s->on;

        s->skipping = false;
        s->on = NULL;
        send_error(s, f->reason);
    }
    return true;
}

/* --- Messages -------------------------------------------------------------------------------- */

static void from_client(struct session *s)
{
    size_t n;

    while (!s->over && s->from_client.len >= HEAD) {
        const char *p = s->from_client.data;

        n = s->begun ? length_at(p + 1) + 1u : length_at(p);
        if (s->from_client.len < n) {
            return;
        }
        if (!s->begun) {
            s->begun = true;
            send_all(s, s->server, p, n);
        } else if (!is_refused(s, *p) && !(*p == 'Q' && on_statement(s, 'Q', p + HEAD)) &&
                   !(*p == 'P' && on_statement(s, 'P', p + HEAD + strlen(p + HEAD) + 1))) {
            send_all(s, s->server, p, n);
        }
        buf_drop(&s->from_client, n);
    }
}

/* The answer has ended: now what was planned for it. */
static void on_ready(struct session *s, size_t n)
{
    const struct fault *f = s->on;

    s->on = NULL;
    if (f->when == WHEN_COMMITTED && strikes(s, f)) {
        return;
    }
    send_all(s, s->client, s->from_server.data, n);
    buf_drop(&s->from_server, n);
    if (f->when == WHEN_AFTER) {
        usleep(2000);
        (void)strikes(s, f);
    }
}

static void from_server(struct session *s)
{
    size_t n = 0;

    while (!s->over && s->from_server.len >= n + HEAD) {
        const char *p = s->from_server.data + n;
        size_t len = length_at(p + 1) + 1u;

        if (s->from_server.len < n + len) {
            break;
        }
        n += len;
        if (*p == 'Z' && s->on != NULL) {
            on_ready(s, n);
            n = 0;
        }
    }
    if (s->on == NULL && !s->over) {
        send_all(s, s->client, s->from_server.data, n);
        buf_drop(&s->from_server, n);
    }
}

static bool take(int fd, struct buf *b)
{
    char chunk[16384];
    ssize_t n = read(fd, chunk, sizeof chunk);

    return n > 0 && buf_add(b, chunk, (size_t)n) == 0;
}

static int connect_server(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(at.sun_path, sizeof at.sun_path, "%s", socket_path);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static void *serve(void *arg)
{
    struct session s = {.client = (int)(intptr_t)arg, .server = connect_server()};

    buf_init(&s.from_client, MESSAGE_MAX);
    buf_init(&s.from_server, MESSAGE_MAX);
    s.over = s.server < 0 || links_refused();
    while (!s.over) {
        struct pollfd p[2] = {{.fd = s.client, .events = POLLIN},
                              {.fd = s.server, .events = POLLIN}};

        if (poll(p, 2, -1) < 0) {
            break;
        }
        if (p[0].revents != 0) {
            s.over = !take(s.client, &s.from_client);
            from_client(&s);
        }
        if (p[1].revents != 0 && !s.over) {
            s.over = !take(s.server, &s.from_server);
            from_server(&s);
        }
    }
    close(s.client);
    if (s.server >= 0) {
        close(s.server);
    }
    buf_done(&s.from_client);
    buf_done(&s.from_server);
    return NULL;
}

/* --- Life ------------------------------------------------------------------------------------ */

static int parse(int argc, char **argv, const char **ret_plan)
{
    static const struct option longs[] = {{"socket", required_argument, NULL, 's'},
                                          {"plan", required_argument, NULL, 'p'},
                                          {"pids", required_argument, NULL, 'd'},
                                          {"journal", required_argument, NULL, 'j'},
                                          {NULL, 0, NULL, 0}};
    int ch;

    while ((ch = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (ch) {
        case 's':
            socket_path = optarg;
            break;
        case 'p':
            *ret_plan = optarg;
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
    return socket_path != NULL && proxy.pids != NULL ? 0 : -1;
}

static int listen_loopback(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) < 0 || listen(fd, 64) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &size) < 0) {
        perror("pgproxy: listen");
        return -1;
    }
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    const char *plan = NULL;
    struct err e = {0};
    int fd;

    if (parse(argc, argv, &plan) < 0) {
        fprintf(stderr, "usage: pgproxy --socket=FILE --pids=DIR [--plan=F] [--journal=F]\n");
        return 2;
    }
    if (plan != NULL && faults_load(plan, &e) < 0) {
        fprintf(stderr, "pgproxy: %s\n", e.text);
        return 2;
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
