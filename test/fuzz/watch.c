/* A watch stream, or a page of a list, cut into pieces: the cache, what the sink is told and the
 * failure are the same for every way to cut it, and whatever comes, the watcher can be freed. */
#include "kube/watch.h"

#include "api/kinds.gen.h"
#include "base/buf.h"
#include "base/span.h"
#include "support/fuzz.h"

struct bed {
    struct transport t;
    struct caches *c;
    http_data_fn *data;
    http_done_fn *done;
    void *ctx;
    struct buf log;
};

static const struct kind *const kind = &kind_model;
static struct loop *loop;

static void bed_send(void *self, const struct http_request *r UNUSED, http_done_fn *done, void *ctx)
{
    struct bed *b = self;
    b->done = done;
    b->ctx = ctx;
}

static struct http_stream *bed_stream(void *self, const struct http_request *r, http_data_fn *data,
                                      http_done_fn *done, void *ctx)
{
    struct bed *b = self;
    b->data = data;
    bed_send(self, r, done, ctx);
    return (struct http_stream *)b;
}

static void bed_close(void *self, struct http_stream *s UNUSED)
{
    ((struct bed *)self)->done = NULL;
}

static void bed_forget(void *self UNUSED, void *ctx UNUSED)
{
}

static int64_t bed_ms(void *self UNUSED)
{
    return 1000000;
}

static void say(struct bed *b, const char *text)
{
    law(buf_add(&b->log, text, strlen(text)) == 0, "the log is full");
}

static void on_changed(void *ctx, const struct kind *k UNUSED, const struct rec *old,
                       const struct rec *now, bool initial)
{
    say(ctx, initial ? "i" : "");
    say(ctx, old != NULL ? "-" : "");
    say(ctx, now != NULL ? "+" : "");
    say(ctx, rec_name(now != NULL ? now : old));
    say(ctx, " ");
}

static void on_synced(void *ctx, const struct kind *k UNUSED)
{
    say(ctx, "synced ");
}

static void on_advanced(void *ctx, const struct kind *k UNUSED, const char *rv)
{
    say(ctx, "@");
    say(ctx, rv);
}

static void on_trouble(void *ctx, const struct kind *k UNUSED, const struct err *e)
{
    say(ctx, e->reason);
    say(ctx, e->text);
}

static struct watcher *open_watch(struct bed *b, bool pages)
{
    b->c = caches_new();
    b->t = (struct transport){.self = b,
                              .send = bed_send,
                              .stream = bed_stream,
                              .stream_close = bed_close,
                              .forget = bed_forget,
                              .wall_ms = bed_ms,
                              .boot_ms = bed_ms,
                              .no_watch_list = pages};
    buf_init(&b->log, 1 << 24);
    caches_add_kind(b->c, kind);
    struct watcher *w =
        watcher_new(loop, &b->t, b->c, kind, NULL, NULL,
                    &(struct watch_sink){b, on_changed, on_synced, on_advanced, on_trouble});
    watcher_start(w);
    return w;
}

static void log_cache(struct bed *b)
{
    struct arena a = {0};
    size_t n;
    const struct rec **list = cache_list(&a, b->c, kind, NULL, &n);

    for (size_t i = 0; i < n; i++) {
        law(buf_add(&b->log, (const char *)list[i], rec_size(list[i])) == 0, "the log is full");
    }
    arena_done(&a);
}

/* All that was to be seen, in pieces of `step` bytes. */
static struct buf watch(struct span text, size_t step, bool pages)
{
    struct bed b = {0};
    struct watcher *w = open_watch(&b, pages);
    struct http_response r = {.status = 200, .sent = true, .body = ""};

    for (size_t i = 0; i < text.n && r.error == NULL; i += step) {
        size_t n = text.n - i < step ? text.n - i : step;
        char *piece = malloc(n);

        memcpy(piece, text.p + i, n);
        r.error = b.data(b.ctx, piece, n) < 0 ? "the reader ended the stream" : NULL;
        free(piece);
    }
    b.done(b.ctx, &r);
    log_cache(&b);
    watcher_free(w);
    caches_free(b.c);
    return b.log;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 1) {
        return 0;
    }
    loop = loop != NULL ? loop : loop_new();
    struct span text = {(const char *)data + 1, n - 1};
    bool pages = data[0] % 4 == 0;
    struct buf whole = watch(text, text.n + 1, pages);
    static const size_t steps[] = {1, 0, 7};

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        size_t step = steps[i] > 0 ? steps[i] : 2u + data[0];
        struct buf cut = watch(text, step, pages);

        law(cut.len == whole.len && memcmp(buf_str(&cut), buf_str(&whole), cut.len) == 0,
            "pieces of %zu\n%s\nwhole:\n%s", step, buf_str(&cut), buf_str(&whole));
        buf_done(&cut);
    }
    buf_done(&whole);
    return 0;
}

FUZZ_TARGET("watch", a_watch_reads_the_same_events_whatever_the_pieces);
