#include "kube/metered.h"

#include <stdio.h>
#include <sys/queue.h>

#include "base/mem.h"

static const double seconds[] = {0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 0};
static const double sizes[] = {64,    256,    512,     1024,    4096,     16384,
                               65536, 262144, 1048576, 4194304, 16777216, 0};
static const struct metric requests = {
    .name = "rest_client_requests_total",
    .help = "requests to the API server by code (<error>: no reply) and method",
    .type = METRIC_COUNTER,
    .labels = "code,method,host",
};
static const struct metric retries = {
    .name = "rest_client_request_retries_total",
    .help = "requests sent once more: after a 401 with fresh credentials, or a GET on a connection "
            "that broke (<error>)",
    .type = METRIC_COUNTER,
    .labels = "code,verb,host",
};
static const struct metric duration = {
    .name = "rest_client_request_duration_seconds",
    .help = "from sent to answered",
    .type = METRIC_HISTOGRAM,
    .labels = "verb,host",
    .buckets = seconds,
};
static const struct metric request_size = {
    .name = "rest_client_request_size_bytes",
    .help = "bodies sent",
    .type = METRIC_HISTOGRAM,
    .labels = "verb,host",
    .buckets = sizes,
};
static const struct metric response_size = {
    .name = "rest_client_response_size_bytes",
    .help = "bodies received, decoded",
    .type = METRIC_HISTOGRAM,
    .labels = "verb,host",
    .buckets = sizes,
};

struct call {
    LIST_ENTRY(call) link;
    struct metered *t;
    http_done_fn *done;
    void *ctx;
    const char *method; /* static text: "GET" … */
    size_t size;        /* of its body */
    int64_t began_ms;
};
LIST_HEAD(calls, call);

struct metered {
    struct transport face, *below;
    struct metrics *m;
    char *host;
    struct calls calls;
};

/* As client-go writes it. */
static const char *code_text(int status, char *room, size_t n)
{
    snprintf(room, n, "%d", status);
    return status > 0 ? room : "<error>";
}

static void count(const struct call *c, const struct http_response *r)
{
    const struct metered *t = c->t;
    char code[12], again[12];
    double took = (double)(t->below->boot_ms(t->below->self) - c->began_ms) / 1000;
    metrics_add(t->m, &requests, 1, code_text(r->status, code, sizeof(code)), c->method, t->host,
                NULL);
    if (r->retried != 0) {
        metrics_add(t->m, &retries, 1, code_text(r->retried, again, sizeof(again)), c->method,
                    t->host, NULL);
    }
    metrics_observe(t->m, &duration, took, c->method, t->host, NULL);
    metrics_observe(t->m, &request_size, (double)c->size, c->method, t->host, NULL);
    metrics_observe(t->m, &response_size, (double)r->body_len, c->method, t->host, NULL);
}

static void on_done(void *ctx, const struct http_response *r)
{
    struct call *c = ctx;
    count(c, r);
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
                       .size = r->body_len,
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
