#include "serve/serve.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <libwebsockets.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "serve/host.h"

enum { CHUNK = 8192, DESCRIPTORS = 64 };

struct serve {
    struct host *host;
    bool stop;       /* atomic */
    int64_t beat_ms; /* atomic, boot time */
    pthread_mutex_t lock;
    char *not_ready, *metrics, *state; /* owned, under the lock */
};

/* One request. */
struct reply {
    char *body; /* owned */
    size_t len, at;
};

/* --- answers -----------------------------------------------------------------------------------
 */

static char *locked_copy(struct serve *s, char *const *text)
{
    pthread_mutex_lock(&s->lock);
    char *copy = mem_strdup(*text);
    pthread_mutex_unlock(&s->lock);
    return copy;
}

static int health(struct serve *s, char **ret_body)
{
    int64_t age = clock_boot_ms() - __atomic_load_n(&s->beat_ms, __ATOMIC_RELAXED);
    bool alive = age <= limit(LIMIT_HEARTBEAT_MS);
    char text[96];
    snprintf(text, sizeof(text), "the event loop has not moved for %lld ms\n", (long long)age);
    *ret_body = mem_strdup(alive ? "ok\n" : text);
    return alive ? 200 : 503;
}

bool serve_is_loopback(const char *address)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1) {
        return (ntohl(four.s_addr) >> 24) == 127;
    }
    return inet_pton(AF_INET6, address, &six) == 1 &&
           (IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127));
}

static bool is_from_here(struct lws *wsi)
{
    char peer[64] = "";
    lws_get_peer_simple(wsi, peer, sizeof(peer));
    return serve_is_loopback(peer);
}

static int answer(struct serve *s, const char *path, const char **ret_type, char **ret_body)
{
    *ret_type = "text/plain; charset=utf-8";
    if (strcmp(path, "/healthz") == 0) {
        return health(s, ret_body);
    }
    if (strcmp(path, "/readyz") == 0) {
        *ret_body = locked_copy(s, &s->not_ready);
        if (!str_empty(*ret_body)) {
            return 503;
        }
        mem_free(*ret_body);
        *ret_body = mem_strdup("ok\n");
        return 200;
    }
    if (strcmp(path, "/metrics") == 0) {
        *ret_type = "text/plain; version=0.0.4; charset=utf-8";
        *ret_body = locked_copy(s, &s->metrics);
        return 200;
    }
    if (strcmp(path, "/debug/state") == 0) {
        *ret_type = "application/json";
        *ret_body = locked_copy(s, &s->state);
        return 200;
    }
    *ret_body = mem_strdup("there are /healthz, /readyz, /metrics and /debug/state\n");
    return 404;
}

/* --- libwebsockets, all on its thread ----------------------------------------------------------
 */

static int begin(struct serve *s, struct lws *wsi, struct reply *r, const char *path)
{
    unsigned char room[LWS_PRE + 1024], *start = room + LWS_PRE, *p = start,
                                        *end = room + sizeof(room) - 1;
    const char *type = NULL;
    bool head = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
    int status = 405;
    if (strncmp(path, "/debug/", 7) == 0 && !is_from_here(wsi)) {
        status = 403;
        type = "text/plain; charset=utf-8";
        r->body = mem_strdup("only from this machine: use kubectl port-forward\n");
    } else if (head || lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0) {
        status = answer(s, path, &type, &r->body);
    } else {
        type = "text/plain; charset=utf-8";
        r->body = mem_strdup("GET and HEAD only\n");
    }
    r->len = strlen(r->body);
    r->at = 0;
    if (lws_add_http_common_headers(wsi, (unsigned)status, type, (lws_filepos_t)r->len, &p, end) ||
        lws_finalize_write_http_header(wsi, start, &p, end)) {
        return 1;
    }
    if (head || r->len == 0) {
        return lws_http_transaction_completed(wsi) ? -1 : 0;
    }
    lws_callback_on_writable(wsi);
    return 0;
}

static int go_on(struct lws *wsi, struct reply *r)
{
    unsigned char room[LWS_PRE + CHUNK];
    size_t n = r->len - r->at < CHUNK ? r->len - r->at : CHUNK;
    if (r->body == NULL) {
        return 0;
    }
    memcpy(room + LWS_PRE, r->body + r->at, n);
    r->at += n;
    bool last = r->at == r->len;
    if (lws_write(wsi, room + LWS_PRE, n, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0) {
        return -1;
    }
    if (!last) {
        lws_callback_on_writable(wsi);
        return 0;
    }
    mem_free(r->body);
    r->body = NULL;
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    struct reply *r = user;
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
        mem_free(r->body);
        r->body = NULL;
        return begin(lws_context_user(lws_get_context(wsi)), wsi, r, in);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return go_on(wsi, r);
    case LWS_CALLBACK_CLOSED_HTTP:
        if (r != NULL) {
            mem_free(r->body);
            r->body = NULL;
        }
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_http, .per_session_data_size = sizeof(struct reply)},
    {.name = NULL},
};

/* --- life --------------------------------------------------------------------------------------
 */

static bool is_over(void *ctx)
{
    struct serve *s = ctx;
    return __atomic_load_n(&s->stop, __ATOMIC_ACQUIRE);
}

static void serve_free(struct serve *s)
{
    host_free(s->host);
    pthread_mutex_destroy(&s->lock);
    mem_free(s->not_ready);
    mem_free(s->metrics);
    mem_free(s->state);
    mem_free(s);
}

struct serve *serve_start(const char *listen, struct err *e)
{
    struct serve *s = mem_alloc(sizeof(*s));
    pthread_mutex_init(&s->lock, NULL);
    s->not_ready = mem_strdup("starting\n");
    s->metrics = mem_strdup("");
    s->state = mem_strdup("{}\n");
    s->beat_ms = clock_boot_ms();
    s->host = host_new(&(struct host_conf){.listen = listen,
                                           .protocols = protocols,
                                           .ctx = s,
                                           .is_over = is_over,
                                           .descriptors = DESCRIPTORS,
                                           .timeout_s = 10,
                                           .keepalive_s = 30},
                       e);
    if (s->host == NULL || host_run(s->host, e) < 0) {
        serve_free(s);
        return NULL;
    }
    return s;
}

int serve_port(const struct serve *s)
{
    return host_port(s->host);
}

void serve_stop(struct serve *s)
{
    if (s == NULL) {
        return;
    }
    __atomic_store_n(&s->stop, true, __ATOMIC_RELEASE);
    serve_free(s);
}

void serve_beat(struct serve *s)
{
    __atomic_store_n(&s->beat_ms, clock_boot_ms(), __ATOMIC_RELAXED);
}

static void replace(char **text, const char *fresh)
{
    if (fresh != NULL) {
        mem_free(*text);
        *text = mem_strdup(fresh);
    }
}

void serve_publish(struct serve *s, const struct serve_snapshot *snap)
{
    pthread_mutex_lock(&s->lock);
    replace(&s->not_ready, snap->not_ready);
    replace(&s->metrics, snap->metrics);
    replace(&s->state, snap->state);
    pthread_mutex_unlock(&s->lock);
}
