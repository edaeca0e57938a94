#include "store/server.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/exchange.h"

enum { DESCRIPTORS = 1024, RECEIVE = 1 << 16, HEADERS = 16384, TICK_MS = 100 };

struct answer {
    STAILQ_ENTRY(answer) link;
    uint64_t ask;
    struct server_verdict verdict;
};

struct server {
    struct server_conf conf;
    struct lws_context *lws;
    pthread_t thread;
    int port;
    int64_t beat_ms;    /* atomic, boot time */
    int64_t stop_at_ms; /* atomic; 0: not yet */
    struct exchange_host host;
    pthread_mutex_t lock;
    STAILQ_HEAD(, answer) answers; /* under the lock */
};

/* --- libwebsockets, all on its thread ------------------------------------------------------------
 */

/* Nobody answers any more once the program ends. */
static void end_asking(struct server *s)
{
    struct exchange *x;
    struct server_verdict v = {.status = 503, .text = "the store is ending; try again"};
    LIST_FOREACH(x, &s->host.busy, link)
    {
        if (x->stage == STAGE_ASKING) {
            exchange_verdict(x, &v);
        }
    }
}

static void take_answers(struct server *s)
{
    struct exchange *x;
    if (s->host.draining) {
        end_asking(s);
    }
    for (;;) {
        pthread_mutex_lock(&s->lock);
        struct answer *a = STAILQ_FIRST(&s->answers);
        if (a != NULL) {
            STAILQ_REMOVE_HEAD(&s->answers, link);
        }
        pthread_mutex_unlock(&s->lock);
        if (a == NULL) {
            return;
        }
        LIST_FOREACH(x, &s->host.busy, link)
        {
            if (x->ask == a->ask && x->stage == STAGE_ASKING) {
                exchange_verdict(x, &a->verdict);
                break;
            }
        }
        mem_free(a);
    }
}

static int begin(struct server *s, struct lws *wsi, struct exchange *x, const char *path)
{
    s->host.silent_ms = clock_boot_ms() - __atomic_load_n(&s->beat_ms, __ATOMIC_RELAXED);
    return exchange_begin(x, &s->host, wsi, path);
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    struct exchange *x = user;
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
        return begin(lws_context_user(lws_get_context(wsi)), wsi, x, in);
    case LWS_CALLBACK_HTTP_BODY:
        return exchange_body(x, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return exchange_body_done(x);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return exchange_write(x);
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        take_answers(lws_context_user(lws_get_context(wsi)));
        return 0;
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (x != NULL) {
            exchange_clear(x);
        }
        return 0;
    default:
        return lws_callback_http_dummy(wsi, reason, user, in, len);
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http",
     .callback = on_http,
     .per_session_data_size = sizeof(struct exchange),
     .rx_buffer_size = RECEIVE},
    {.name = NULL},
};

static bool is_over(struct server *s)
{
    int64_t at = __atomic_load_n(&s->stop_at_ms, __ATOMIC_ACQUIRE);
    s->host.draining = at != 0;
    return at != 0 && (LIST_EMPTY(&s->host.busy) || clock_boot_ms() >= at);
}

static void *run(void *ctx)
{
    struct server *s = ctx;
    while (!is_over(s) && lws_service(s->lws, 0) >= 0) {
        continue;
    }
    return NULL;
}

/* --- Life ----------------------------------------------------------------------------------------
 */

struct address {
    char host[64];
    int port;
};

static int address_parse(const char *listen, struct address *ret, struct err *e)
{
    const char *colon = strrchr(listen, ':'), *host = listen;
    char *end = NULL;
    long port = colon != NULL ? strtol(colon + 1, &end, 10) : -1;
    size_t n = colon != NULL ? (size_t)(colon - listen) : 0;
    if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
        host++;
        n -= 2;
    }
    if (port < 0 || port > 65535 || end == colon + 1 || *end != '\0' || n >= sizeof(ret->host)) {
        return err_set(e, ERR_INVALID, "BadAddress",
                       "'%s' is not an address to listen on, write ADDR:PORT", listen);
    }
    memcpy(ret->host, host, n);
    ret->host[n] = '\0';
    ret->port = (int)port;
    return 0;
}

static struct lws_context *context_new(struct server *s, const struct address *at)
{
    bool six = strchr(at->host, ':') != NULL;
    bool any =
        at->host[0] == '\0' || strcmp(at->host, "0.0.0.0") == 0 || strcmp(at->host, "::") == 0;
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
        .fd_limit_per_thread = DESCRIPTORS,
        .count_threads = 1,
        .pt_serv_buf_size = RECEIVE,
        .max_http_header_data = HEADERS,
        .max_http_header_pool = DESCRIPTORS / 4,
        .timeout_secs = 60,
        .gid = (gid_t)-1,
        .uid = (uid_t)-1,
        .user = s,
    };
    lws_set_log_level(0, NULL);
    struct lws_context *lws = lws_create_context(&info);
    if (lws == NULL) {
        return NULL;
    }
    info.port = at->port;
    info.iface = any ? NULL : at->host;
    info.options |=
        LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | (six ? 0 : LWS_SERVER_OPTION_DISABLE_IPV6);
    info.keepalive_timeout = 60;
    struct lws_vhost *vh = lws_create_vhost(lws, &info);
    s->port = vh != NULL ? lws_get_vhost_listen_port(vh) : -1;
    if (s->port <= 0) {
        lws_context_destroy(lws);
        return NULL;
    }
    return lws;
}

static void server_free(struct server *s)
{
    if (s->lws != NULL) {
        lws_context_destroy(s->lws);
    }
    while (!STAILQ_EMPTY(&s->answers)) {
        struct answer *a = STAILQ_FIRST(&s->answers);
        STAILQ_REMOVE_HEAD(&s->answers, link);
        mem_free(a);
    }
    metrics_free(s->host.metrics);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

/* The thread takes no signal: they belong to the loop. */
static int thread_start(struct server *s)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int r = pthread_create(&s->thread, NULL, run, s);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return r;
}

struct server *server_start(const struct server_conf *conf, struct err *e)
{
    struct address at;
    if (address_parse(conf->listen, &at, e) < 0) {
        return NULL;
    }
    struct server *s = mem_alloc(sizeof(*s));
    s->conf = *conf;
    s->host.conf = &s->conf;
    s->host.metrics = metrics_new();
    LIST_INIT(&s->host.busy);
    STAILQ_INIT(&s->answers);
    pthread_mutex_init(&s->lock, NULL);
    s->beat_ms = clock_boot_ms();
    s->lws = context_new(s, &at);
    if (s->lws == NULL || thread_start(s) != 0) {
        err_set(e, ERR_INVALID, "CannotListen", "cannot listen on '%s': is the port taken?",
                conf->listen);
        server_free(s);
        return NULL;
    }
    return s;
}

int server_port(const struct server *s)
{
    return s->port;
}

void server_answer(struct server *s, uint64_t ask, const struct server_verdict *v)
{
    struct answer *a = mem_alloc(sizeof(*a));
    a->ask = ask;
    a->verdict = *v;
    pthread_mutex_lock(&s->lock);
    STAILQ_INSERT_TAIL(&s->answers, a, link);
    pthread_mutex_unlock(&s->lock);
    lws_cancel_service(s->lws);
}

void server_beat(struct server *s)
{
    __atomic_store_n(&s->beat_ms, clock_boot_ms(), __ATOMIC_RELAXED);
}

void server_stop(struct server *s, int64_t grace_ms)
{
    if (s == NULL) {
        return;
    }
    int64_t at = clock_boot_ms() + grace_ms;
    __atomic_store_n(&s->stop_at_ms, at, __ATOMIC_RELEASE);
    for (;;) {
        struct timespec soon = {.tv_nsec = TICK_MS * 1000000L};
        lws_cancel_service(s->lws);
        if (pthread_tryjoin_np(s->thread, NULL) == 0) {
            break;
        }
        nanosleep(&soon, NULL);
    }
    server_free(s);
}
