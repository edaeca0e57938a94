/* http.c — libcurl's multi interface driven by the loop. */
#include "http/http.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "http/ahead.h"
#include "http/easy.h"

#define TURNS_AT_ONCE 64 /* records of a stream, before others have their turn */
#define LITTLE 16384     /* a read in bulk that brought less is followed by a pause */
#define PAUSE_MS 1

struct multi {
    struct http *h;
    CURLM *m;
    struct loop_timer timer, again;
    struct ahead ahead;
};

/* One transfer: a request, or a stream when `data` is set. */
struct http_stream {
    TAILQ_ENTRY(http_stream) link;
    struct http *h;
    struct multi *multi; /* NULL while it waits to be started */
    CURL *easy;
    char *path;
    struct curl_slist *headers, *connect_to;
    struct buf body;
    int64_t began_ms; /* boot time */
    http_data_fn *data;
    http_done_fn *done;
    void *ctx;
    bool gzip;
    const bool *bulk; /* the caller's, or NULL */
    size_t piece;     /* what a read has brought */
    struct loop_timer pause;
    int fd, events;  /* its socket, while libcurl waits for it; -1 */
    bool ahead;      /* its connection is its own and is read ahead */
    bool closed;     /* no callbacks any more; the handle dies when libcurl has returned */
    bool doomed;     /* fails without having been started, `error` says why */
    bool finishing;  /* inside `done` */
    const char *why; /* our own reason to end it, before libcurl's */
    int no_socket;   /* the errno of a socket that could not be made */
    char error[CURL_ERROR_SIZE];
};
TAILQ_HEAD(transfers, http_stream);

struct http {
    struct loop *l;
    struct identity id;
    char *token;
    struct multi requests, streams;
    struct transfers waiting, active;
    bool share;         /* streams share HTTP/2 connections */
    bool held, closing; /* closing: some active transfer was closed inside libcurl */
    int depth;          /* inside libcurl, where it must not be called again */
    struct loop_timer pump;
    struct http_stats stats;
    bool dated;                /* a Date was read: */
    int64_t least_ms, most_ms; /* the server's clock is ahead of boot time by between these */
};

static void pump(struct http *h);

static void transfer_free(struct http_stream *t)
{
    loop_timer_clear(t->h->l, &t->pause);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    curl_slist_free_all(t->connect_to);
    buf_done(&t->body);
    mem_free(t->path);
    mem_free(t);
}

/* Out of its list and of libcurl; only outside libcurl. */
static void transfer_take(struct http_stream *t)
{
    if (t->multi != NULL) {
        curl_multi_remove_handle(t->multi->m, t->easy);
        TAILQ_REMOVE(&t->h->active, t, link);
    } else {
        TAILQ_REMOVE(&t->h->waiting, t, link);
    }
}

/* --- Results
 * --------------------------------------------------------------------------------------- */

static void count_transfer(struct http *h, CURL *c, bool failed)
{
    curl_off_t in = 0, out = 0;
    long head = 0, connects = 0;
    curl_easy_getinfo(c, CURLINFO_SIZE_DOWNLOAD_T, &in);
    curl_easy_getinfo(c, CURLINFO_SIZE_UPLOAD_T, &out);
    curl_easy_getinfo(c, CURLINFO_REQUEST_SIZE, &head);
    curl_easy_getinfo(c, CURLINFO_NUM_CONNECTS, &connects);
    h->stats.bytes_in += (uint64_t)in;
    h->stats.bytes_out += (uint64_t)out + (uint64_t)head;
    h->stats.connections += (uint64_t)connects;
    h->stats.failures += failed;
}

static void respond(struct http_stream *t, CURLcode rc)
{
    struct http_response r = {.body = buf_str(&t->body), .body_len = t->body.len};
    long status = 0;
    curl_off_t retry_after = 0, pretransfer = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &pretransfer);
    r.sent = !t->doomed && (rc == CURLE_OK || pretransfer > 0 || status != 0);
    int64_t longest = limit(LIMIT_RETRY_AFTER_MS);
    retry_after = retry_after > 0 ? retry_after : 0; /* a date in the past is below 0 */
    r.retry_after_ms = retry_after < longest / 1000 ? (int64_t)retry_after * 1000 : longest;
    if (rc == CURLE_OK) {
        r.status = (int)status;
        r.error = status == 0 ? "the reply has no status" : NULL;
    } else {
        r.status = t->data != NULL ? (int)status : 0; /* a stream may break after its status */
        bool lacking = t->no_socket == EMFILE || t->no_socket == ENFILE;
        r.error = t->why != NULL        ? t->why
                  : lacking             ? strerror(t->no_socket) /* libcurl says less */
                  : t->error[0] != '\0' ? t->error
                                        : curl_easy_strerror(rc);
    }
    count_transfer(t->h, t->easy, r.error != NULL);
    t->finishing = true;
    t->done(t->ctx, &r);
}

static void finish(struct http_stream *t, CURLcode rc)
{
    transfer_take(t);
    if (!t->closed) {
        respond(t, rc);
    }
    transfer_free(t);
}

static void reap(struct multi *m)
{
    CURLMsg *msg;
    int left;
    while ((msg = curl_multi_info_read(m->m, &left)) != NULL) {
        void *t = NULL;
        CURLcode rc = msg->data.result;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
        finish(t, rc);
    }
}

/* What has been read ahead of libcurl; true: something came out of it, so there may be more. */
static bool drain_once(struct multi *m)
{
    uint64_t before = m->ahead.records;
    struct http_stream *t;
    int running;
    TAILQ_FOREACH(t, &m->h->active, link)
    {
        if (t->multi == m && t->ahead && t->fd >= 0 && ahead_is_pending(t->easy)) {
            curl_multi_socket_action(m->m, t->fd, CURL_CSELECT_IN, &running);
        }
    }
    return m->ahead.records != before;
}

static void on_again(void *ctx);

static void drain(struct multi *m)
{
    for (int i = 0; i < TURNS_AT_ONCE; i++) {
        if (!drain_once(m)) {
            return;
        }
    }
    loop_timer_in(m->h->l, &m->again, 0, on_again, m);
}

static void drive(struct multi *m, curl_socket_t fd, int mask)
{
    struct http *h = m->h;
    int running;
    h->depth++;
    curl_multi_socket_action(m->m, fd, mask, &running);
    drain(m);
    h->depth--;
    reap(m);
    pump(h);
}

static void on_again(void *ctx)
{
    drive(ctx, CURL_SOCKET_TIMEOUT, 0);
}

/* --- libcurl's callbacks
 * --------------------------------------------------------------------------- */

static void on_fd(void *ctx, int fd, int ready);

static void on_paused(void *ctx)
{
    struct http_stream *t = ctx;
    if (t->fd >= 0) {
        loop_fd(t->h->l, t->fd, t->events, on_fd, t->multi);
    }
}

static struct http_stream *in_bulk(const struct multi *m, int fd)
{
    struct http_stream *t;
    TAILQ_FOREACH(t, &m->h->active, link)
    {
        if (t->multi == m && t->fd == fd) {
            return t->bulk != NULL && *t->bulk ? t : NULL;
        }
    }
    return NULL;
}

/* A server writes a list an object at a time, and may be woken for each: so may we, unless we let
 * some come together. */
static void on_fd(void *ctx, int fd, int ready)
{
    struct multi *m = ctx;
    struct http_stream *t = in_bulk(m, fd);
    if (t != NULL) {
        t->piece = 0;
    }
    drive(m, fd,
          (ready & LOOP_READ ? CURL_CSELECT_IN : 0) | (ready & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
    t = in_bulk(m, fd); /* it may have ended */
    if (t != NULL && t->piece > 0 && t->piece < LITTLE) {
        loop_fd(m->h->l, fd, 0, on_fd, m);
        loop_timer_in(m->h->l, &t->pause, PAUSE_MS, on_paused, t);
    }
}

static int on_socket(CURL *c, curl_socket_t fd, int what, void *ctx, void *sock UNUSED)
{
    struct multi *m = ctx;
    struct http_stream *t = NULL;
    int events = what == CURL_POLL_REMOVE ? 0
                                          : (what & CURL_POLL_IN ? LOOP_READ : 0) |
                                                (what & CURL_POLL_OUT ? LOOP_WRITE : 0);
    curl_easy_getinfo(c, CURLINFO_PRIVATE, &t);
    if (t != NULL) {
        t->fd = events != 0 ? fd : -1;
        t->events = events;
        loop_timer_clear(m->h->l, &t->pause);
    }
    loop_fd(m->h->l, fd, events, on_fd, m);
    return 0;
}

static void on_time(void *ctx)
{
    drive(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timeout(CURLM *handle UNUSED, long ms, void *ctx)
{
    struct multi *m = ctx;
    if (ms < 0) {
        loop_timer_clear(m->h->l, &m->timer);
    } else {
        loop_timer_in(m->h->l, &m->timer, ms, on_time, m);
    }
    return 0;
}

/* The server wrote its Date between our request and now, and cut it to whole seconds. */
static void read_date(struct http_stream *t, const char *value)
{
    time_t date = curl_getdate(value, NULL);
    if (date > 0) {
        t->h->dated = true;
        t->h->least_ms = (int64_t)date * 1000 - clock_boot_ms();
        t->h->most_ms = (int64_t)date * 1000 + 999 - t->began_ms;
    }
}

static size_t on_header(char *p, size_t size, size_t count, void *ctx)
{
    char value[64];
    size_t n = size * count;
    if (n > 5 && n < sizeof(value) && strncasecmp(p, "date:", 5) == 0) {
        snprintf(value, sizeof(value), "%.*s", (int)(n - 5), p + 5);
        read_date(ctx, value);
    }
    return n;
}

static size_t keep_body(struct http_stream *t, const char *p, size_t n)
{
    if (buf_add(&t->body, p, n) == 0) {
        return n;
    }
    t->why = "the reply is larger than allowed";
    return CURL_WRITEFUNC_ERROR;
}

static size_t on_body(char *p, size_t size, size_t count, void *ctx)
{
    struct http_stream *t = ctx;
    size_t n = size * count;
    long status = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (t->closed) {
        return CURL_WRITEFUNC_ERROR;
    }
    if (t->data == NULL || status < 200 || status > 299) {
        return keep_body(t, p, n);
    }
    t->piece += n;
    if (t->data(t->ctx, p, n) < 0 || t->closed) {
        t->why = "the reader ended the stream";
        return CURL_WRITEFUNC_ERROR;
    }
    return n;
}

/* --- Transfers
 * ------------------------------------------------------------------------------------- */

static void header(struct http_stream *t, const char *name, const char *value)
{
    struct arena a = {0};
    if (!str_empty(value) && strpbrk(value, "\r\n") == NULL) {
        t->headers = curl_slist_append(t->headers, arena_printf(&a, "%s: %s", name, value));
    }
    arena_done(&a);
}

static void set_method(CURL *c, const struct http_request *r)
{
    if (r->body != NULL) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body);
    } else if (str_eq(r->method, "HEAD")) {
        curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
        return;
    } else if (str_eq(r->method, "POST") || str_eq(r->method, "PUT") ||
               str_eq(r->method, "PATCH")) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, "");
    }
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
}

static struct http_stream *transfer_new(struct http *h, const struct http_request *r, bool stream)
{
    struct http_stream *t = mem_alloc(sizeof(*t));
    size_t max = r->max_response > 0 ? r->max_response : (size_t)limit(LIMIT_RESPONSE_BYTES);
    int64_t timeout = r->timeout_ms > 0 || stream ? r->timeout_ms : limit(LIMIT_REQUEST_MS);
    t->h = h;
    t->fd = -1;
    t->gzip = !stream || r->gzip;
    t->bulk = stream ? r->bulk : NULL;
    t->path = mem_strdup(r->path);
    t->easy = curl_easy_init();
    if (t->easy == NULL) {
        mem_exhausted();
    }
    buf_init(&t->body, max);
    set_method(t->easy, r);
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)timeout);
    curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(t->easy, CURLOPT_OPENSOCKETDATA, &t->no_socket);
    curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
    header(t, "Accept", r->accept != NULL ? r->accept : "application/json");
    header(t, "Content-Type", r->content_type);
    t->headers = curl_slist_append(t->headers, "Expect:"); /* never wait for 100 Continue */
    TAILQ_INSERT_TAIL(&h->waiting, t, link);
    h->stats.requests++;
    return t;
}

static void start(struct http_stream *t)
{
    struct http *h = t->h;
    struct arena a = {0};
    curl_easy_setopt(t->easy, CURLOPT_URL, arena_printf(&a, "%s%s", h->id.url, t->path));
    easy_identity(t->easy, &h->id, t->data != NULL && !h->share, &t->connect_to);
    t->ahead = t->data != NULL && !h->share;
    t->multi = t->data != NULL ? &h->streams : &h->requests;
    if (t->ahead) {
        ahead_want(t->easy, &t->multi->ahead);
    }
    if (t->gzip && !h->id.local) {
        curl_easy_setopt(t->easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    }
    if (h->token != NULL) {
        header(t, "Authorization", arena_printf(&a, "Bearer %s", h->token));
    }
    header(t, "Impersonate-User", h->id.impersonate);
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
    arena_done(&a);
    TAILQ_REMOVE(&h->waiting, t, link);
    TAILQ_INSERT_TAIL(&h->active, t, link);
    t->began_ms = clock_boot_ms();
    curl_multi_add_handle(t->multi->m, t->easy);
}

/* Starts or fails what waits, and buries what was closed inside libcurl. */
static void pump(struct http *h)
{
    struct http_stream *t, *next;
    while (h->depth == 0 && (t = TAILQ_FIRST(&h->waiting)) != NULL) {
        while (t != NULL && h->held && !t->doomed) {
            t = TAILQ_NEXT(t, link);
        }
        if (t == NULL) {
            break;
        }
        if (t->doomed) {
            finish(t, CURLE_LOGIN_DENIED);
        } else {
            start(t);
        }
    }
    if (h->depth > 0 || !h->closing) {
        return;
    }
    h->closing = false;
    for (t = TAILQ_FIRST(&h->active); t != NULL; t = next) {
        next = TAILQ_NEXT(t, link);
        if (t->closed) {
            transfer_take(t);
            transfer_free(t);
        }
    }
}

static void on_pump(void *ctx)
{
    pump(ctx);
}

void http_send(struct http *h, const struct http_request *r, http_done_fn *done, void *ctx)
{
    struct http_stream *t = transfer_new(h, r, false);
    t->done = done;
    t->ctx = ctx;
    pump(h);
}

struct http_stream *http_stream_open(struct http *h, const struct http_request *r,
                                     http_data_fn *data, http_done_fn *done, void *ctx)
{
    struct http_stream *t = transfer_new(h, r, true);
    t->data = data;
    t->done = done;
    t->ctx = ctx;
    pump(h);
    return t;
}

void http_stream_close(struct http_stream *s)
{
    if (s == NULL || s->finishing) {
        return;
    }
    s->closed = true;
    if (s->h->depth == 0 || s->multi == NULL) {
        transfer_take(s);
        transfer_free(s);
    } else {
        s->h->closing = true;
    }
}

/* --- The handle
 * ------------------------------------------------------------------------------------ */

static void curl_begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void multi_init(struct multi *m, struct http *h, long multiplex)
{
    m->h = h;
    m->m = curl_multi_init();
    if (m->m == NULL) {
        mem_exhausted();
    }
    curl_multi_setopt(m->m, CURLMOPT_PIPELINING, multiplex);
    curl_multi_setopt(m->m, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(m->m, CURLMOPT_SOCKETDATA, m);
    curl_multi_setopt(m->m, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(m->m, CURLMOPT_TIMERDATA, m);
}

struct http *http_new(struct loop *l, const struct http_identity *id)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, curl_begin);
    struct http *h = mem_alloc(sizeof(*h));
    h->l = l;
    TAILQ_INIT(&h->waiting);
    TAILQ_INIT(&h->active);
    identity_copy(&h->id, id);
    multi_init(&h->requests, h, CURLPIPE_MULTIPLEX);
    multi_init(&h->streams, h, CURLPIPE_NOTHING);
    return h;
}

void http_identity_set(struct http *h, const struct http_identity *id)
{
    identity_copy(&h->id, id);
}

void http_free(struct http *h)
{
    struct http_stream *t;
    if (h == NULL) {
        return;
    }
    while ((t = TAILQ_FIRST(&h->active)) != NULL || (t = TAILQ_FIRST(&h->waiting)) != NULL) {
        transfer_take(t);
        transfer_free(t);
    }
    curl_multi_cleanup(h->requests.m);
    curl_multi_cleanup(h->streams.m);
    loop_timer_clear(h->l, &h->requests.timer);
    loop_timer_clear(h->l, &h->streams.timer);
    loop_timer_clear(h->l, &h->streams.again);
    loop_timer_clear(h->l, &h->pump);
    identity_done(&h->id);
    mem_free(h->token);
    mem_free(h);
}

void http_streams_share(struct http *h, bool share)
{
    h->share = share;
    curl_multi_setopt(h->streams.m, CURLMOPT_PIPELINING,
                      (long)(share ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING));
}

void http_token(struct http *h, const char *token)
{
    char *fresh = mem_strdup(token);
    mem_free(h->token);
    h->token = fresh;
}

void http_hold(struct http *h)
{
    h->held = true;
}

void http_release(struct http *h, const char *error)
{
    struct http_stream *t;
    h->held = false;
    TAILQ_FOREACH(t, &h->waiting, link)
    {
        if (error != NULL) {
            t->doomed = true;
            snprintf(t->error, sizeof(t->error), "%s", error);
        }
    }
    loop_timer_in(h->l, &h->pump, 0, on_pump, h);
}

int64_t http_wall_ms(const struct http *h)
{
    int64_t ours = clock_wall_ms(), boot = clock_boot_ms();
    if (!h->dated) {
        return ours;
    }
    return ours < boot + h->least_ms  ? boot + h->least_ms
           : ours > boot + h->most_ms ? boot + h->most_ms
                                      : ours;
}

void http_stats(const struct http *h, struct http_stats *ret)
{
    *ret = h->stats;
}
