/* call.c — one request and its reply, and what a plan does to them. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <pthread.h>
#include <fcntl.h>

#include "base/span.h"
#include "proxy.h"

#define AFTER_REPLY_US 2000 /* time for the reply to be read before the end */

/* --- Reading a request ----------------------------------------------------------------------- */

size_t head_len(const struct buf *b)
{
    const char *end = b->len > 0 ? memmem(b->data, b->len, "\r\n\r\n", 4) : NULL;

    return end != NULL ? (size_t)(end - b->data) + 4 : 0;
}

static const char *header(struct arena *a, const struct buf *b, const char *name)
{
    size_t n = strlen(name), head = head_len(b);

    for (const char *p = b->data; p != NULL && p < b->data + head;) {
        if (strncasecmp(p, name, n) == 0) {
            return arena_strndup(a, p + n, strcspn(p + n, "\r\n"));
        }
        p = strstr(p, "\r\n");
        p = p != NULL ? p + 2 : NULL;
    }
    return "";
}

/* "dkube-run-controller/1.2" is run-controller. */
static const char *program_of(struct arena *a, const char *agent)
{
    agent += strspn(agent, " ");
    if (strncmp(agent, "dkube-", 6) == 0) {
        agent += 6;
    }
    return arena_strndup(a, agent, strcspn(agent, "/ "));
}

static const char *part(struct arena *a, const char **p)
{
    size_t n;
    const char *s;

    if (**p != '/') {
        return NULL;
    }
    n = strcspn(++*p, "/");
    s = arena_strndup(a, *p, n);
    *p += n;
    return s;
}

static void parse_path(struct arena *a, const char *path, struct call *c)
{
    const char *p = path, *first = part(a, &p), *s;

    (void)part(a, &p); /* v1, or the group */
    if (str_eq(first, "apis")) {
        (void)part(a, &p);
    }
    s = part(a, &p);
    c->ns = "";
    if (str_eq(s, "namespaces")) {
        const char *ns = part(a, &p), *kind = part(a, &p);

        if (kind == NULL || str_eq(kind, "finalize")) {
            c->kind = "namespaces";
            c->name = ns;
            c->sub = kind != NULL ? kind : "";
            return;
        }
        c->ns = ns;
        s = kind;
    }
    c->kind = s != NULL ? s : "";
    c->name = part(a, &p);
    s = part(a, &p);
    c->sub = s != NULL ? s : "";
}

static const char *verb_of(const struct call *c)
{
    return c->watch                      ? "watch"
           : str_eq(c->method, "GET")    ? (c->name != NULL ? "get" : "list")
           : str_eq(c->method, "POST")   ? "create"
           : str_eq(c->method, "PUT")    ? "update"
           : str_eq(c->method, "PATCH")  ? "patch"
           : str_eq(c->method, "DELETE") ? "delete"
                                         : "other";
}

int call_parse(struct arena *a, const struct buf *request, struct call *ret)
{
    const char *space = strchr(request->data, ' '), *path, *q;

    if (space == NULL) {
        return -1;
    }
    *ret =
        (struct call){.method = arena_strndup(a, request->data, (size_t)(space - request->data))};
    ret->path = arena_strndup(a, space + 1, strcspn(space + 1, " "));
    q = strchr(ret->path, '?');
    ret->query = q != NULL ? q + 1 : "";
    path = q != NULL ? arena_strndup(a, ret->path, (size_t)(q - ret->path)) : ret->path;
    parse_path(a, path, ret);
    ret->watch = strstr(ret->query, "watch=1") != NULL || strstr(ret->query, "watch=true") != NULL;
    ret->list_first = strstr(ret->query, "sendInitialEvents=true") != NULL;
    q = strstr(ret->query, "labelSelector=");
    ret->selector = q != NULL ? arena_strndup(a, q + 14, strcspn(q + 14, "&")) : "";
    ret->program = program_of(a, header(a, request, "user-agent:"));
    ret->verb = verb_of(ret);
    ret->n = faults_ordinal(ret);
    return 0;
}

/* Asks for one answer a connection, and for one that can be read. */
int forward(struct link *up, const struct buf *request)
{
    static const char close_header[] = "Connection: close\r\n";
    const char *p = request->data, *end = p + head_len(request) - 2, *next;

    for (; p < end; p = next) {
        next = strstr(p, "\r\n") + 2;
        if (strncasecmp(p, "accept-encoding:", 16) != 0 && strncasecmp(p, "connection:", 11) != 0 &&
            link_write(up, p, (size_t)(next - p)) < 0) {
            return -1;
        }
    }
    return link_write(up, close_header, sizeof close_header - 1) < 0 ||
                   link_write(up, end, request->len - (size_t)(end - request->data)) < 0
               ? -1
               : 0;
}

/* --- Doing things ---------------------------------------------------------------------------- */

static long pid_of(const char *who)
{
    char path[512], text[32] = "";
    int fd;

    snprintf(path, sizeof path, "%s/%s", proxy.pids, who);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) < 0) {
        text[0] = '\0';
    }
    if (fd >= 0) {
        close(fd);
    }
    return strtol(text, NULL, 10);
}

static void send_signal(long pid, int signo)
{
    if (pid > 1) {
        kill((pid_t)pid, signo);
    }
}

static int signal_of(const char *name)
{
    return str_eq(name, "KILL") ? SIGKILL : str_eq(name, "STOP") ? SIGSTOP : SIGTERM;
}

/* The harness acts and answers with a line. One at a time. */
static void ask_actor(const struct fault *f)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    char line[64];

    pthread_mutex_lock(&lock);
    printf("actor %d\n", f->index);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) {
        fprintf(stderr, "faultproxy: nobody answers\n");
    }
    pthread_mutex_unlock(&lock);
}

static void pause_ms(int64_t ms)
{
    usleep((useconds_t)(ms * 1000));
}

/* What is stopped goes on after a while, and what was asked to end is ended meanwhile. */
static void act_signal(const struct fault *f, long pid)
{
    bool stops = str_eq(f->signal, "STOP");

    send_signal(pid, signal_of(f->signal));
    if (f->ms > 0) {
        pause_ms(f->ms);
        send_signal(pid, stops ? SIGCONT : SIGKILL);
    }
}

bool act(const struct fault *f, const struct call *c)
{
    long pid = pid_of(f->target != NULL ? f->target : c->program);

    switch ((int)f->action) {
    case ACT_CRASH:
        send_signal(pid, SIGKILL);
        return false;
    case ACT_SIGNAL:
        act_signal(f, pid);
        return true;
    case ACT_OUTAGE:
        links_outage(f->ms);
        return false;
    case ACT_ACTOR:
        ask_actor(f);
        return true;
    case ACT_HOLD:
        pause_ms(f->ms);
        return false;
    case ACT_DELAY:
        pause_ms(f->ms);
        return true;
    default:
        return false;
    }
}

void send_status(struct link *down, int code, const char *reason, const char *retry_after)
{
    struct arena a CLEANUP(arena_done) = {0};
    const char *body =
        arena_printf(&a,
                     "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},"
                     "\"status\":\"Failure\",\"message\":\"%s by a test\",\"reason\":"
                     "\"%s\",\"code\":%d}\n",
                     reason, reason, code);
    const char *retry =
        retry_after != NULL ? arena_printf(&a, "Retry-After: %s\r\n", retry_after) : "";
    const char *text = arena_printf(&a,
                                    "HTTP/1.1 %d Fault\r\nContent-Type: application/json\r\n%s"
                                    "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                                    code, retry, strlen(body), body);

    (void)link_write(down, text, strlen(text));
}

/* --- Replies --------------------------------------------------------------------------------- */

/* A chunked reply becomes one with a length: then it can be read, and cut where we like. */
static void unchunk(struct arena *a, struct buf *reply)
{
    size_t head = head_len(reply);
    const char *p = reply->data + head, *end = reply->data + reply->len;
    struct buf body CLEANUP(buf_done) = {.max = MESSAGE_MAX};

    if (head == 0 || !str_eq(header(a, reply, "transfer-encoding:"), " chunked")) {
        return;
    }
    while (p < end) {
        size_t n = strtoul(p, NULL, 16);
        const char *data = memmem(p, (size_t)(end - p), "\r\n", 2);

        if (n == 0 || data == NULL || (size_t)(end - data) < n + 4 ||
            buf_add(&body, data + 2, n) < 0) {
            break;
        }
        p = data + 2 + n + 2;
    }
    const char *line = arena_strndup(a, reply->data, strcspn(reply->data, "\r"));
    buf_clear(reply);
    if (buf_printf(reply,
                   "%s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                   "Connection: close\r\n\r\n",
                   line, body.len) < 0 ||
        buf_add(reply, buf_str(&body), body.len) < 0) {
        fprintf(stderr, "faultproxy: a reply is too large\n");
    }
}

static void spoil(struct arena *a, const struct fault *f, struct buf *reply)
{
    size_t head = head_len(reply), n = reply->len - head;
    const char *body = arena_strndup(a, reply->data + head, n), *out = body,
               *type = "application/json";
    static char deep[20001];

    memset(deep, '[', sizeof deep - 1);
    if (str_eq(f->how, "truncated")) {
        out = arena_strndup(a, body, n / 2);
    } else if (str_eq(f->how, "trailing")) {
        out = arena_printf(a, "%s}]garbage", body);
    } else if (str_eq(f->how, "null")) {
        out = "null";
    } else if (str_eq(f->how, "html")) {
        out = "<html><body>502 Bad Gateway</body></html>";
        type = "text/html";
    } else if (str_eq(f->how, "deep")) {
        out = deep;
    } else if (str_eq(f->how, "empty")) {
        out = "";
    } else if (str_eq(f->how, "bom")) {
        out = arena_printf(a, "\xef\xbb\xbf%s", body);
    } else if (str_eq(f->how, "utf8")) {
        out = arena_printf(a, "{\"kind\":\"\xff\xfe\xc0\",%s", n > 1 ? body + 1 : "}");
    } else if (str_eq(f->how, "overflow")) {
        out = "{\"metadata\":{\"uid\":\"u\",\"resourceVersion\":\"99999999999999999999999999\","
              "\"generation\":99999999999999999999999999999999}}";
    } else if (str_eq(f->how, "duplicate")) {
        out =
            arena_printf(a, "{\"metadata\":{\"resourceVersion\":\"1\"},%s", n > 1 ? body + 1 : "}");
    }
    const char *line = arena_strndup(a, reply->data, strcspn(reply->data, "\r"));
    buf_clear(reply);
    if (buf_printf(reply,
                   "%s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
                   line, type, strlen(out), out) < 0) {
        fprintf(stderr, "faultproxy: a reply is too large\n");
    }
}

static size_t cut_at(const struct fault *f, size_t n)
{
    return f->at < 0 ? n - 1 : f->at > 1 ? n / 2 : (size_t)f->at;
}

static void answer(struct link *down, const struct fault *f, struct buf *reply, struct arena *a)
{
    if (f != NULL && f->action == ACT_TRICKLE) {
        size_t step = f->at > 0 ? (size_t)f->at : 1;

        for (size_t i = 0; i < reply->len; i += step) {
            size_t n = reply->len - i < step ? reply->len - i : step;
            if (link_write(down, reply->data + i, n) < 0) {
                return;
            }
            pause_ms(f->ms);
        }
        return;
    }
    if (f != NULL && f->action == ACT_BODY) {
        spoil(a, f, reply);
    }
    if (f != NULL && (f->action == ACT_RESET || f->action == ACT_CUT)) {
        (void)link_write(down, reply->data, reply->len > 0 ? cut_at(f, reply->len) : 0);
        usleep(AFTER_REPLY_US);
        (f->action == ACT_RESET ? link_reset : link_cut)(down);
        return;
    }
    (void)link_write(down, reply->data, reply->len);
}

/* Does what it says; true when no reply is to be sent any more. */
static bool strikes(struct link *down, const struct fault *f, const struct call *c)
{
    bool before = f->when == WHEN_BEFORE;

    switch ((int)f->action) {
    case ACT_STATUS:
        send_status(down, (int)f->code, f->reason, f->retry_after);
        return true;
    case ACT_RESET:
    case ACT_CUT:
        if (before) {
            (f->action == ACT_RESET ? link_reset : link_cut)(down);
        }
        return before;
    case ACT_BODY:
    case ACT_TRICKLE:
        return false;
    default:
        if (!act(f, c)) {
            link_reset(down);
            return true;
        }
        return before && link_is_left(down); /* given up meanwhile: it must not be sent late */
    }
}

/* The server's answer; -1 when there is none. */
static int ask(struct call *c, const struct buf *request, struct buf *reply, struct arena *a)
{
    struct link up = {.fd = -1};
    int r = link_connect(&up, false) < 0 || forward(&up, request) < 0 ? -1 : 0;

    c->server = up.server;
    while (r == 0 && link_read(&up, reply) > 0) {
    }
    link_close(&up);
    unchunk(a, reply);
    return r;
}

void call_serve(struct link *down, const struct buf *request, struct call *c, struct arena *a)
{
    struct buf reply CLEANUP(buf_done) = {.max = MESSAGE_MAX};
    const struct fault *f = faults_call(c);
    enum when when = f != NULL ? f->when : WHEN_NEVER;

    if (when == WHEN_BEFORE) {
        jot_fired(f, c, "before");
        if (strikes(down, f, c)) {
            jot_call(c, request, NULL);
            return;
        }
    }
    if (ask(c, request, &reply, a) < 0) {
        return;
    }
    jot_call(c, request, &reply);
    if (when == WHEN_COMMITTED) {
        jot_fired(f, c, "committed");
        if (strikes(down, f, c)) {
            return;
        }
    }
    answer(down, when == WHEN_COMMITTED ? f : NULL, &reply, a);
    if (when == WHEN_AFTER) {
        usleep(AFTER_REPLY_US);
        jot_fired(f, c, "after");
        (void)act(f, c);
    }
}
