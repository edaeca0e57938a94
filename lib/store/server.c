#include "store/server.h"

#include <pthread.h>

#include <libwebsockets.h>

#include "base/clock.h"
#include "base/mem.h"
#include "serve/host.h"
#include "store/exchange.h"

enum { DESCRIPTORS = 1024, RECEIVE = 1 << 16, HEADERS = 16384 };

struct answer {
    STAILQ_ENTRY(answer) link;
    uint64_t ask;
    struct server_verdict verdict;
};

struct server {
    struct server_conf conf;
    struct host *web;
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

static bool is_over(void *ctx)
{
    struct server *s = ctx;
    int64_t at = __atomic_load_n(&s->stop_at_ms, __ATOMIC_ACQUIRE);
    s->host.draining = at != 0;
    return at != 0 && (LIST_EMPTY(&s->host.busy) || clock_boot_ms() >= at);
}

/* --- Life ----------------------------------------------------------------------------------------
 */

static void server_free(struct server *s)
{
    host_free(s->web);
    while (!STAILQ_EMPTY(&s->answers)) {
        struct answer *a = STAILQ_FIRST(&s->answers);
        STAILQ_REMOVE_HEAD(&s->answers, link);
        mem_free(a);
    }
    metrics_free(s->host.metrics);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

struct server *server_start(const struct server_conf *conf, struct err *e)
{
    struct server *s = mem_alloc(sizeof(*s));
    s->conf = *conf;
    s->host.conf = &s->conf;
    s->host.metrics = metrics_new();
    LIST_INIT(&s->host.busy);
    STAILQ_INIT(&s->answers);
    pthread_mutex_init(&s->lock, NULL);
    s->beat_ms = clock_boot_ms();
    s->web = host_new(&(struct host_conf){.listen = conf->listen,
                                          .protocols = protocols,
                                          .ctx = s,
                                          .is_over = is_over,
                                          .descriptors = DESCRIPTORS,
                                          .service_bytes = RECEIVE,
                                          .header_bytes = HEADERS,
                                          .header_pool = DESCRIPTORS / 4,
                                          .timeout_s = 60,
                                          .keepalive_s = 60},
                      e);
    if (s->web == NULL || host_run(s->web, e) < 0) {
        server_free(s);
        return NULL;
    }
    return s;
}

int server_port(const struct server *s)
{
    return host_port(s->web);
}

void server_answer(struct server *s, uint64_t ask, const struct server_verdict *v)
{
    struct answer *a = mem_alloc(sizeof(*a));
    a->ask = ask;
    a->verdict = *v;
    pthread_mutex_lock(&s->lock);
    STAILQ_INSERT_TAIL(&s->answers, a, link);
    pthread_mutex_unlock(&s->lock);
    host_wake(s->web);
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
    __atomic_store_n(&s->stop_at_ms, clock_boot_ms() + grace_ms, __ATOMIC_RELEASE);
    server_free(s);
}
