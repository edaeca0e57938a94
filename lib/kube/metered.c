#include "kube/metered.h"

#include <stdio.h>
#include <sys/queue.h>

#include "base/mem.h"

static const struct metric requests = {
    .name = "rest_client_requests_total",
    .help = "requests to the API server by code (0: no reply) and method",
    .type = METRIC_COUNTER,
    .labels = "code,method,host",
};
static const struct metric duration = {
    .name = "rest_client_request_duration_seconds",
    .help = "from sent to answered",
    .type = METRIC_HISTOGRAM,
    .labels = "verb,host",
    .buckets = metrics_seconds,
};

struct call {
    LIST_ENTRY(call) link;
    struct metered *t;
    http_done_fn *done;
    void *ctx;
    const char *method; /* static text: "GET" … */
    int64_t began_ms;
};
LIST_HEAD(calls, call);

struct metered {
    struct transport face, *below;
    struct metrics *m;
    char *host;
    struct calls calls;
};

static void on_done(void *ctx, const struct http_response *r)
{
    struct call *c = ctx;
    struct metered *t = c->t;
    char code[12];
    snprintf(code, sizeof(code), "%d", r->status);
    metrics_add(t->m, &requests, 1, code, c->method, t->host, NULL);
    metrics_observe(t->m, &duration,
                    (double)(t->below->boot_ms(t->below->self) - c->began_ms) / 1000, c->method,
                    t->host, NULL);
    http_done_fn *done = c->done;
    void *done_ctx = c->ctx;
    LIST_REMOVE(c, link);
    mem_free(c);
    done(done_ctx, r);
}

static void send(void *self, const struct http_request *r, http_done_fn *done, void *ctx)
{
    struct metered *t = self;
    struct call *c = mem_alloc(sizeof(*c));
    *c = (struct call){.t = t,
                       .done = done,
                       .ctx = ctx,
                       .method = r->method,
                       .began_ms = t->below->boot_ms(t->below->self)};
    LIST_INSERT_HEAD(&t->calls, c, link);
    t->below->send(t->below->self, r, on_done, c);
}

static struct http_stream *stream(void *self, const struct http_request *r, http_data_fn *data,
                                  http_done_fn *done, void *ctx)
{
    struct metered *t = self;
    return t->below->stream(t->below->self, r, data, done, ctx);
}

static void stream_close(void *self, struct http_stream *s)
{
    struct metered *t = self;
    t->below->stream_close(t->below->self, s);
}

static int64_t wall_ms(void *self)
{
    struct metered *t = self;
    return t->below->wall_ms(t->below->self);
}

static int64_t boot_ms(void *self)
{
    struct metered *t = self;
    return t->below->boot_ms(t->below->self);
}

struct metered *metered_new(struct transport *below, struct metrics *m, const char *host)
{
    struct metered *t = mem_alloc(sizeof(*t));
    t->below = below;
    t->m = m;
    t->host = mem_strdup(host);
    t->face = (struct transport){.self = t,
                                 .send = send,
                                 .stream = stream,
                                 .stream_close = stream_close,
                                 .wall_ms = wall_ms,
                                 .boot_ms = boot_ms};
    LIST_INIT(&t->calls);
    return t;
}

struct transport *metered_transport(struct metered *t)
{
    return &t->face;
}

void metered_free(struct metered *t)
{
    struct call *c;
    if (t == NULL) {
        return;
    }
    while ((c = LIST_FIRST(&t->calls)) != NULL) {
        LIST_REMOVE(c, link);
        mem_free(c);
    }
    mem_free(t->host);
    mem_free(t);
}
