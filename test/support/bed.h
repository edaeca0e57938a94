/*
 * bed.h — a watcher against a transport in memory: the test is the API server and says what comes
 * when. Pauses are a hundredth. One bed a test: bed_open…(), then bed_done().
 */
#ifndef DKUBE_TEST_BED_H
#define DKUBE_TEST_BED_H

#include <stdio.h>

#include "api/configmap.gen.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/span.h"
#include "kube/watch.h"
#include "support/spec.h"

/* The server's side of what the watcher asked for last. */
struct bed {
    struct loop *l;
    struct transport t;
    struct caches *c;
    struct watcher *w;
    char path[512], accept[256];
    int asked, closed;
    const char *stands; /* at which version the server's history is; NULL: ahead of all */
    bool away, refuses; /* it does not say: no answer; 403 */
    bool thinks;        /* nor that yet */
    int questions;      /* how often it was asked for it */
    int forgotten;      /* who asks was gone before the answer */
    http_data_fn *data;
    http_done_fn *done;
    void *ctx;
    struct buf log; /* what the sink was told, one word each */
    struct err trouble;
    struct loop_timer guard;
};

#define K (&kind_configmap)

static inline void ask(struct bed *b, const struct http_request *r, http_done_fn *done, void *ctx)
{
    snprintf(b->path, sizeof(b->path), "%s", r->path);
    snprintf(b->accept, sizeof(b->accept), "%s", r->accept != NULL ? r->accept : "");
    b->done = done;
    b->ctx = ctx;
    b->asked++;
    loop_stop(b->l);
}

/* Beside its streams a watcher asks for one thing: where the server's history stands. */
static inline void bed_send(void *self, const struct http_request *r, http_done_fn *done, void *ctx)
{
    struct bed *b = self;
    char body[128];

    assert_non_null(strstr(r->path, "?limit=1"));
    b->questions++;
    if (b->thinks) {
        loop_stop(b->l);
        return;
    }
    snprintf(body, sizeof(body), "{\"metadata\":{\"resourceVersion\":\"%s\"},\"items\":[]}",
             b->stands != NULL ? b->stands : "9000000000000000000");
    if (b->refuses) {
        done(ctx, &(struct http_response){.status = 403, .sent = true, .body = ""});
        return;
    }
    done(ctx, b->away ? &(struct http_response){.error = "refused", .body = ""}
                      : &(struct http_response){
                            .status = 200, .sent = true, .body = body, .body_len = strlen(body)});
}

static inline struct http_stream *bed_stream(void *self, const struct http_request *r,
                                             http_data_fn *data, http_done_fn *done, void *ctx)
{
    struct bed *b = self;
    b->data = data;
    ask(b, r, done, ctx);
    return (struct http_stream *)b;
}

static inline void bed_close_stream(void *self, struct http_stream *s UNUSED)
{
    ((struct bed *)self)->closed++;
}

static inline void bed_forget(void *self, void *ctx)
{
    struct bed *b = self;
    assert_ptr_equal(ctx, b->w);
    b->forgotten++;
}

static inline int64_t bed_ms(void *self UNUSED)
{
    return clock_boot_ms();
}

static inline void on_changed(void *ctx, const struct kind *k UNUSED, const struct rec *old,
                              const struct rec *now, bool initial)
{
    struct bed *b = ctx;
    assert_int_equal(buf_printf(&b->log, "%s%s%s ",
                                now == NULL   ? "-"
                                : old == NULL ? "+"
                                              : "~",
                                rec_name(now != NULL ? now : old), initial ? "*" : ""),
                     0);
}

static inline void on_synced(void *ctx, const struct kind *k UNUSED)
{
    assert_int_equal(buf_printf(&((struct bed *)ctx)->log, "synced "), 0);
}

static inline void on_advanced(void *ctx, const struct kind *k UNUSED, const char *rv)
{
    assert_int_equal(buf_printf(&((struct bed *)ctx)->log, "@%s ", rv), 0);
}

static inline void on_trouble(void *ctx, const struct kind *k UNUSED, const struct err *e)
{
    struct bed *b = ctx;
    b->trouble = *e;
    assert_int_equal(buf_printf(&b->log, "!%s ", e->reason), 0);
}

static inline void bed_watch(struct bed *b, const struct kind *k)
{
    watcher_free(b->w);
    caches_add_kind(b->c, k);
    b->w = watcher_new(b->l, &b->t, b->c, k, "a=b", NULL,
                       &(struct watch_sink){b, on_changed, on_synced, on_advanced, on_trouble});
}

static inline void bed_open(struct bed *b)
{
    *b = (struct bed){.l = loop_new(), .c = caches_new()};
    b->t = (struct transport){.self = b,
                              .send = bed_send,
                              .stream = bed_stream,
                              .stream_close = bed_close_stream,
                              .forget = bed_forget,
                              .wall_ms = bed_ms,
                              .boot_ms = bed_ms};
    buf_init(&b->log, 4096);
    caches_add_kind(b->c, K);
    limits_scale(100); /* pauses begin at 8 ms */
    bed_watch(b, K);
    watcher_start(b->w);
}

static inline void bed_done(struct bed *b)
{
    watcher_free(b->w);
    caches_free(b->c);
    loop_timer_clear(b->l, &b->guard);
    loop_free(b->l);
    buf_done(&b->log);
    limits_scale(1);
}

static inline void give_up(void *ctx)
{
    loop_stop(((struct bed *)ctx)->l);
}

/* Until the watcher asks for something more. */
static inline void await(struct bed *b)
{
    int before = b->asked;
    loop_timer_in(b->l, &b->guard, 5000, give_up, b);
    loop_run(b->l);
    loop_timer_clear(b->l, &b->guard);
    if (b->asked == before) {
        fail_msg("the watcher asked for nothing; it told: %s", buf_str(&b->log));
    }
}

static inline bool asks(const struct bed *b, const char *words)
{
    return strstr(b->path, words) != NULL;
}

static inline int say(struct bed *b, const char *text)
{
    return b->data(b->ctx, text, strlen(text));
}

static inline const char *event(const char *type, const char *name, const char *rv)
{
    static char s[512];
    snprintf(s, sizeof(s),
             "{\"type\":\"%s\",\"object\":{\"metadata\":{\"name\":\"%s\",\"namespace\":\"n\","
             "\"uid\":\"u-%s\",\"resourceVersion\":\"%s\"}}}\n",
             type, name, name, rv);
    return s;
}

static inline const char *end_mark(const char *rv)
{
    static char s[512];
    snprintf(s, sizeof(s),
             "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"%s\","
             "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}\n",
             rv);
    return s;
}

static inline void end(struct bed *b, int status, const char *error, const char *body)
{
    http_done_fn *done = b->done;
    b->done = NULL;
    done(b->ctx, &(struct http_response){.status = status,
                                         .sent = true,
                                         .error = error,
                                         .body = body != NULL ? body : "",
                                         .body_len = body != NULL ? strlen(body) : 0});
}

static inline void told(struct bed *b, const char *what)
{
    assert_string_equal(buf_str(&b->log), what);
    buf_clear(&b->log);
}

/* A store with `x` at 10, synced at 12. */
static inline void bed_open_synced(struct bed *b)
{
    bed_open(b);
    assert_int_equal(say(b, event("ADDED", "x", "10")), 0);
    assert_int_equal(say(b, end_mark("12")), 0);
    told(b, "+x* @12 synced ");
}

#endif
