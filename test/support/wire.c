#include "support/wire.h"

#include <stdio.h>

#include "base/mem.h"
#include "support/spec.h"

static char *copy(const char *s, size_t n)
{
    return mem_strndup(s != NULL ? s : "", s != NULL ? n : 0);
}

static void reply(struct wire_request *q, const struct http_response *r)
{
    http_done_fn *done = q->done;
    q->done = NULL;
    done(q->ctx, r);
}

static void wire_send(void *self, const struct http_request *r, http_done_fn *done, void *ctx)
{
    struct wire *w = self;
    if (w->count == WIRE_MAX) {
        fail_msg("more than %d requests", WIRE_MAX);
    }
    struct wire_request *q = &w->list[w->count++];
    *q = (struct wire_request){
        .method = mem_strdup(r->method),
        .path = mem_strdup(r->path),
        .type = mem_strdup(r->content_type != NULL ? r->content_type : ""),
        .body = copy(r->body, r->body_len),
        .timeout_ms = r->timeout_ms,
        .done = done,
        .ctx = ctx,
    };
    if (w->at_once != 0) {
        const char *body = w->at_once_body != NULL ? w->at_once_body : "";
        reply(q, &(struct http_response){
                     .status = w->at_once, .sent = true, .body = body, .body_len = strlen(body)});
    }
}

static struct http_stream *wire_stream(void *self, const struct http_request *r, http_data_fn *data,
                                       http_done_fn *done, void *ctx)
{
    (void)self, (void)r, (void)data, (void)done, (void)ctx;
    fail_msg("no stream was expected");
    return NULL;
}

static void wire_stream_close(void *self, struct http_stream *s)
{
    (void)self, (void)s;
}

static int64_t wire_now(void *self)
{
    const struct wire *w = self;
    return w->now_ms;
}

void wire_init(struct wire *w)
{
    memset(w, 0, sizeof(*w));
    w->now_ms = 1000000000;
    w->t = (struct transport){.self = w,
                              .send = wire_send,
                              .stream = wire_stream,
                              .stream_close = wire_stream_close,
                              .wall_ms = wire_now,
                              .boot_ms = wire_now};
}

void wire_done(struct wire *w)
{
    for (size_t i = 0; i < w->count; i++) {
        mem_free(w->list[i].method);
        mem_free(w->list[i].path);
        mem_free(w->list[i].type);
        mem_free(w->list[i].body);
    }
    w->count = 0;
}

const struct wire_request *wire_at(const struct wire *w, size_t i)
{
    if (i >= w->count) {
        fail_msg("there are only %zu requests", w->count);
    }
    return &w->list[i];
}

const struct wire_request *wire_last(const struct wire *w)
{
    return wire_at(w, w->count - 1);
}

size_t wire_open(const struct wire *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->count; i++) {
        n += w->list[i].done != NULL;
    }
    return n;
}

static struct wire_request *oldest(struct wire *w)
{
    for (size_t i = 0; i < w->count; i++) {
        if (w->list[i].done != NULL) {
            return &w->list[i];
        }
    }
    fail_msg("no request waits for an answer");
    return NULL;
}

void wire_answer(struct wire *w, int status, const char *body)
{
    reply(oldest(w), &(struct http_response){
                         .status = status, .sent = true, .body = body, .body_len = strlen(body)});
}

void wire_answer_later(struct wire *w, int status, int64_t retry_after_ms)
{
    reply(oldest(w),
          &(struct http_response){
              .status = status, .sent = true, .body = "", .retry_after_ms = retry_after_ms});
}

void wire_lose(struct wire *w)
{
    reply(oldest(w), &(struct http_response){.sent = true, .error = "connection reset"});
}

void wire_break(struct wire *w)
{
    reply(oldest(w), &(struct http_response){.error = "connection refused"});
}

void wire_expect(const struct wire *w, const char *method, const char *path, const char *body_part)
{
    const struct wire_request *q = wire_last(w);
    assert_string_equal(q->method, method);
    assert_string_equal(q->path, path);
    if (body_part != NULL && strstr(q->body, body_part) == NULL) {
        fail_msg("no '%s' in the body %s", body_part, q->body);
    }
}

const char *wire_status(int code, const char *reason, const char *message)
{
    static char text[1024];
    snprintf(text, sizeof(text),
             "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":%d,"
             "\"reason\":\"%s\",\"message\":\"%s\"}",
             code, reason, message);
    return text;
}
