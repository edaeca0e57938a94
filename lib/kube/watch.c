/* watch.c — LIST + WATCH of one kind. */
#include "kube/watch.h"

#include <stdlib.h>
#include <string.h>

#include "api/protoscan.h"
#include "api/scan.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "kube/client.h"
#include "kube/forms.h"
#include "kube/present.h"

enum { PAGE_MIN = 10, UNPAGED_FACTOR = 32 };

enum { PAGE_ITEMS, PAGE_CONTINUE, PAGE_RV, PAGE_ROWS };

struct watcher {
    struct loop *l;
    struct transport *t;
    struct caches *c;
    const struct kind *k;
    char *selector, *ns; /* owned or NULL */
    struct watch_sink sink;
    struct arena a;          /* of one event, page or request */
    struct scan *scan;       /* of the stream */
    struct protoscan *proto; /* of streams and pages in protobuf; NULL: it is not asked for */
    bool begun, in_proto;    /* what came last: its first byte; it is protobuf */
    bool plain;              /* protobuf was malformed once: JSON is asked for */
    struct http_stream *stream;
    struct loop_timer timer;
    bool listing; /* the store is being filled: until the list's end */
    bool optional, absent;
    unsigned not_found; /* answers in a row that there is no such resource */
    bool fresh;         /* the next list must be a consistent read, whatever we have seen */
    bool doubt, asked;  /* the server was away: its history may have gone back; it is asked */
    char *rv;           /* owned; "" at first */
    char *next_page;    /* owned: the continue token */
    char *page_rv;      /* owned: of the list */
    struct row page_row[PAGE_ROWS]; /* what is kept of a page */
    struct rows page_rows;
    struct scan *page; /* of the pages, while there are some */
    size_t page_bytes;
    bool page_whole;
    int64_t page_size; /* halved when a page does not come; 0: unpaged */
    struct err fault;  /* why the reader ended the stream */
    int64_t opened_ms, failed_ms, pause_ms, asked_ms;
    uint64_t stream_events;
    unsigned failed_lists;
    struct watch_stats stats;
};

static void go(void *ctx);

static void set_text(char **s, const char *fresh)
{
    char *copy = mem_strdup(fresh != NULL ? fresh : "");
    mem_free(*s);
    *s = copy;
}

/* --- Telling --------------------------------------------------------------------------------- */

static void tell(struct watcher *w, const struct rec *old, const struct rec *now)
{
    if (w->sink.changed != NULL && (old != NULL || now != NULL)) {
        w->sink.changed(w->sink.ctx, w->k, old, now, w->listing);
    }
}

static void tell_change(struct watcher *w, const struct cache_change *ch)
{
    if (ch->replaced) {
        tell(w, ch->old, NULL);
        tell(w, NULL, ch->now);
    } else {
        tell(w, ch->old, ch->now);
    }
}

static void tell_removed(void *ctx, const struct kind *k UNUSED, const struct rec *old)
{
    tell(ctx, old, NULL);
}

static void tell_trouble(struct watcher *w, const struct err *e)
{
    w->stats.failures++;
    if (w->sink.trouble != NULL) {
        w->sink.trouble(w->sink.ctx, w->k, e);
    }
}

static void advance(struct watcher *w, const char *rv)
{
    if (str_empty(rv) || w->listing) {
        return; /* initial events are in no order of resource versions */
    }
    set_text(&w->rv, rv);
    cache_set_rv(w->c, w->k, rv);
    if (w->sink.advanced != NULL) {
        w->sink.advanced(w->sink.ctx, w->k, w->rv);
    }
}

/* The list is complete. */
static void synced(struct watcher *w, const char *rv)
{
    cache_sweep(w->c, w->k, tell_removed, w);
    w->listing = w->fresh = w->absent = false;
    w->failed_lists = w->not_found = 0;
    w->stats.synced = true;
    advance(w, rv);
    if (w->sink.synced != NULL) {
        w->sink.synced(w->sink.ctx, w->k);
    }
}

/* --- Pauses ---------------------------------------------------------------------------------- */

/* 0.8 s doubled up to 30 s, half of it random; a quiet time of four longest pauses starts anew. */
static void later(struct watcher *w, int64_t at_least_ms)
{
    int64_t now = w->t->boot_ms(w->t->self), most = limit(LIMIT_WATCH_BACKOFF_MAX_MS);
    if (w->pause_ms == 0 || now - w->failed_ms > 4 * most) {
        w->pause_ms = limit(LIMIT_WATCH_BACKOFF_MS);
    } else {
        w->pause_ms = w->pause_ms * 2 < most ? w->pause_ms * 2 : most;
    }
    w->failed_ms = now;
    int64_t pause = w->pause_ms / 2 + (int64_t)arc4random_uniform((uint32_t)(w->pause_ms / 2 + 1));
    loop_timer_in(w->l, &w->timer, pause > at_least_ms ? pause : at_least_ms, go, w);
}

/* There is no such resource: with it all its objects are gone. A first such answer may be a mistake
 * on the way. */
static void not_served(struct watcher *w)
{
    int64_t most = limit(LIMIT_WATCH_ABSENT_MS);
    bool first = !w->absent;
    if (++w->not_found >= 2) {
        cache_begin_relist(w->c, w->k, true);
        cache_sweep(w->c, w->k, tell_removed, w);
        w->listing = w->fresh = w->absent = true;
        set_text(&w->rv, "");
        if (first && w->sink.synced != NULL) {
            w->sink.synced(w->sink.ctx, w->k);
        }
    }
    later(w, 0);
    if (w->timer.at_ms - w->failed_ms > most) {
        loop_timer_in(w->l, &w->timer, most, go, w);
    }
}

/* Something failed: what we have seen stays, unless the server says that it is gone. */
static void failed(struct watcher *w, const struct err *e, int64_t at_least_ms)
{
    bool was_listing = w->listing;
    tell_trouble(w, e);
    if (w->optional && e->kind == ERR_NOT_FOUND) {
        not_served(w);
        return;
    }
    if (e->kind == ERR_GONE || present_is_before(e)) {
        w->listing = true;
        w->fresh = w->fresh || was_listing || present_is_before(e);
        cache_begin_relist(w->c, w->k, w->fresh); /* from now on the store is not steady */
    }
    if (was_listing && ++w->failed_lists >= 2) {
        w->fresh = true;
    }
    if (e->kind == ERR_GONE && !was_listing) {
        loop_timer_in(w->l, &w->timer, 0, go, w);
    } else {
        later(w, at_least_ms);
    }
}

/* --- Events ---------------------------------------------------------------------------------- */

static int on_error_event(struct watcher *w, const struct proto_event *event)
{
    bool status = str_eq(event->kind, "Status");
    if (event->code < 300) {
        return err_set(&w->fault, ERR_RETRY, "WatchError", "an error event without a code");
    }
    return kube_refusal(event->code, status ? event->reason : NULL, status ? event->message : NULL,
                        "watch", &w->fault);
}

static void on_bookmark(struct watcher *w, const struct proto_event *event)
{
    if (w->listing && event->ends_list) {
        synced(w, event->rv);
    } else {
        advance(w, event->rv);
    }
}

static void on_object(struct watcher *w, const struct rec *object, bool deleted)
{
    struct cache_change ch = {0};
    struct err e;
    int r = deleted ? cache_drop_rec(w->c, w->k, object, &ch, &e)
                    : cache_apply_rec(w->c, w->k, object, &ch, &e);
    if (r < 0) {
        tell_trouble(w, &e); /* this one object is left out */
    } else {
        tell_change(w, &ch);
    }
}

static int on_event(struct watcher *w, const struct proto_event *event)
{
    const char *type = event->type;
    w->stats.events++;
    w->stream_events++;
    w->stats.last_event_ms = w->t->boot_ms(w->t->self);
    if (str_eq(type, "ERROR")) {
        return on_error_event(w, event);
    }
    if (str_eq(type, "BOOKMARK")) {
        on_bookmark(w, event);
    } else if (event->object != NULL) {
        on_object(w, event->object, str_eq(type, "DELETED"));
        advance(w, event->rv);
    } else {
        return err_set(&w->fault, ERR_RETRY, "UnknownEvent", "unknown watch event '%.40s'",
                       type != NULL ? type : "");
    }
    return 0;
}

/* What comes is no stream of events, or more than we hold. */
static int refuse_stream(struct watcher *w)
{
    return err_set(
        &w->fault, ERR_GONE, "EventTooLarge",
        "a watch event is larger than %lld bytes, or is no object: the kind is listed anew",
        (long long)limit(LIMIT_OBJECT_BYTES));
}

/* The reader failed: that is the stream's fault, not a user's. */
static int misread(struct watcher *w)
{
    if (str_eq(w->fault.reason, "ValueTooLarge")) {
        return refuse_stream(w);
    }
    w->plain = w->plain || w->in_proto;
    w->fault.kind = ERR_RETRY;
    return -1;
}

static int read_values(struct watcher *w, struct span chunk)
{
    struct proto_event event;
    int r = 1;
    while (r > 0) {
        if (scan_is_idle(w->scan) && !forms_begin_json(&chunk)) {
            return refuse_stream(w);
        }
        r = scan_feed(w->scan, &chunk, &w->fault);
        if (r < 0) {
            return misread(w);
        }
        if (r > 0 &&
            (forms_json_event(w->scan, &w->a, &event, &w->fault) < 0 || on_event(w, &event) < 0)) {
            return -1;
        }
        arena_reset(&w->a);
    }
    return 0;
}

static int read_frames(struct watcher *w, struct span chunk)
{
    struct proto_event event;
    int r = 1;
    while (r > 0) {
        r = protoscan_feed(w->proto, &chunk, &w->a, &event, &w->fault);
        if (r < 0) {
            return misread(w);
        }
        if (r > 0 && on_event(w, &event) < 0) {
            return -1;
        }
        arena_reset(&w->a);
    }
    return 0;
}

/* The first byte tells protobuf from JSON: a server that does not have the one sends the other. */
static bool is_proto(struct watcher *w, const char *p, size_t n)
{
    if (!w->begun && n > 0) {
        w->begun = true;
        w->in_proto = w->proto != NULL && protoscan_begins(*p);
    }
    return w->in_proto;
}

static int on_data(void *ctx, const char *p, size_t n)
{
    struct watcher *w = ctx;
    struct span chunk = {p, n};
    w->stats.bytes += n;
    loop_stage(w->l, "watch", w->k->kind, NULL);
    int r = is_proto(w, p, n) ? read_frames(w, chunk) : read_values(w, chunk);
    arena_reset(&w->a);
    return r;
}

/* --- Streams --------------------------------------------------------------------------------- */

/* Does the answer to a WatchList mean that the server does not know it? */
static bool refuses_watch_list(const struct watcher *w, const struct http_response *r)
{
    static const int codes[] = {400, 405, 406, 415, 422};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        if (r->status == codes[i]) {
            return true;
        }
    }
    /* Or it does not say so: an ordinary watch that ended in its own time, without the mark. */
    int64_t lived = w->t->boot_ms(w->t->self) - w->opened_ms;
    return r->status == 200 && w->fault.kind == ERR_OK && lived >= w->asked_ms;
}

static void on_stream_end(void *ctx, const struct http_response *r)
{
    struct watcher *w = ctx;
    struct err e = w->fault;
    int64_t lived = w->t->boot_ms(w->t->self) - w->opened_ms;
    w->stream = NULL;
    w->doubt = w->doubt || (e.kind == ERR_OK && (r->error != NULL || r->status >= 500));
    if (w->listing && refuses_watch_list(w, r)) {
        w->t->no_watch_list = true;
        loop_timer_in(w->l, &w->timer, 0, go, w);
        return;
    }
    if (e.kind == ERR_OK && kube_error(r, "watch", &e) == 0) {
        if (r->error != NULL) {
            err_set(&e, ERR_RETRY, "WatchBroken", "the watch broke: %s", r->error);
        } else if (w->listing) {
            err_set(&e, ERR_RETRY, "ListInterrupted",
                    "the stream ended before its initial events did");
        } else if (lived < 1000 && w->stream_events == 0) {
            err_set(&e, ERR_RETRY, "ShortWatch", "the watch ended at once, without an event");
        } else {
            loop_timer_in(w->l, &w->timer, 0, go, w);
            return;
        }
    }
    failed(w, &e, r->retry_after_ms);
}

static bool asks_proto(const struct watcher *w)
{
    return w->proto != NULL && !w->plain;
}

/* Nothing has come of what is asked for next. */
static void begin_reading(struct watcher *w, enum protoscan_what what, size_t max)
{
    w->begun = w->in_proto = false;
    w->fault = (struct err){0};
    if (w->proto != NULL) {
        protoscan_reset(w->proto, what, max);
    }
}

static void open_stream(struct watcher *w)
{
    int64_t least = limit(LIMIT_WATCH_MIN_MS);
    int64_t seconds = (least + (int64_t)arc4random_uniform((uint32_t)least)) / 1000;
    seconds = seconds > 0 ? seconds : 1;
    const char *q = arena_printf(&w->a, "watch=1&allowWatchBookmarks=true&timeoutSeconds=%lld",
                                 (long long)seconds);
    if (w->listing) {
        q = url_query(&w->a, q, "sendInitialEvents", "true");
        q = url_query(&w->a, q, "resourceVersionMatch", "NotOlderThan");
    }
    q = url_query(&w->a, q, "resourceVersion", w->listing && w->fresh ? NULL : w->rv);
    q = url_query(&w->a, q, "labelSelector", w->selector);
    struct http_request r = {.method = "GET",
                             .path = kube_path(&w->a, w->k, w->ns, NULL, NULL, q),
                             .accept = forms_accept(&w->a, w->k, asks_proto(w), false),
                             .timeout_ms = seconds * 1000 + limit(LIMIT_WATCH_GRACE_MS),
                             .bulk = &w->listing};
    scan_reset(w->scan);
    begin_reading(w, PROTOSCAN_EVENTS, (size_t)limit(LIMIT_OBJECT_BYTES));
    w->stream_events = 0;
    w->asked_ms = seconds * 1000 - 500;
    w->opened_ms = w->t->boot_ms(w->t->self);
    w->stream = w->t->stream(w->t->self, &r, on_data, on_stream_end, w);
    arena_reset(&w->a);
}

/* --- Pages ----------------------------------------------------------------------------------- */

static void ask_page(struct watcher *w);

/* One element of a page, as soon as it ends. */
static int on_item(void *ctx, struct scan *page, struct err *e)
{
    struct watcher *w = ctx;
    const struct rec *object;
    uint32_t size;
    if (scan_item(page, &w->a, &object, &size, e) < 0) {
        return -1;
    }
    w->stats.events++;
    on_object(w, object, false);
    arena_reset(&w->a);
    return 0;
}

static size_t page_max(const struct watcher *w)
{
    return (size_t)limit(LIMIT_RESPONSE_BYTES) * (w->page_size == 0 ? UNPAGED_FACTOR : 1);
}

/* The page's own fields, once it has come whole. */
static int on_page_whole(struct watcher *w)
{
    const struct rec *list;
    uint32_t size;
    if (scan_rec(w->page, 0, &w->a, &list, &size, &w->fault) < 0) {
        return -1;
    }
    set_text(&w->next_page, rec_str(list, PAGE_CONTINUE));
    set_text(&w->page_rv, rec_str(list, PAGE_RV));
    w->page_whole = true;
    return 0;
}

static int read_proto_page(struct watcher *w, struct span chunk)
{
    struct proto_event item;
    struct proto_page page;
    int r = 1;
    while (r > 0) {
        r = protoscan_feed(w->proto, &chunk, &w->a, &item, &w->fault);
        if (r > 0) {
            w->stats.events++;
            on_object(w, item.object, false);
        }
        arena_reset(&w->a);
    }
    if (r < 0) {
        return misread(w);
    }
    w->page_whole = protoscan_page(w->proto, &w->a, &page);
    if (w->page_whole) {
        set_text(&w->next_page, page.next);
        set_text(&w->page_rv, page.rv);
    }
    return 0;
}

static int read_page(struct watcher *w, struct span chunk)
{
    if (w->page_bytes > page_max(w)) {
        return err_set(&w->fault, ERR_RETRY, "PageTooLarge", "a page is larger than %zu bytes",
                       page_max(w));
    }
    if (is_proto(w, chunk.p, chunk.n)) {
        return read_proto_page(w, chunk);
    }
    int r = w->page_whole ? 0 : scan_feed(w->page, &chunk, &w->fault);
    if (r < 0 || (r > 0 && on_page_whole(w) < 0)) {
        w->fault.kind = ERR_RETRY; /* the stream's fault, not a user's */
        return -1;
    }
    if (w->page_whole && (!forms_begin_json(&chunk) || chunk.n > 0)) {
        return err_set(&w->fault, ERR_RETRY, "MalformedJSON", "something follows a page");
    }
    return 0;
}

static int on_page_data(void *ctx, const char *p, size_t n)
{
    struct watcher *w = ctx;
    w->stats.bytes += n;
    w->page_bytes += n;
    int r = read_page(w, (struct span){p, n});
    arena_reset(&w->a);
    return r;
}

static void page_failed(struct watcher *w, const struct http_response *r, const struct err *e)
{
    if (e->kind == ERR_GONE && *w->next_page != '\0') {
        w->page_size = 0; /* its token has expired: once without pages */
    } else if (w->page_size == 0) {
        w->page_size = limit(LIMIT_LIST_PAGE); /* too much at once: never again in vain */
    } else if (r->error != NULL && r->sent && w->page_size > PAGE_MIN) {
        w->page_size /= 2; /* too much, or too slow */
    }
    failed(w, e, r->retry_after_ms);
}

static int page_error(struct watcher *w, const struct http_response *r, struct err *e)
{
    if (w->fault.kind != ERR_OK) {
        *e = w->fault;
        return -1;
    }
    if (kube_error(r, "list", e) < 0) {
        return -1;
    }
    if (r->error != NULL) {
        return err_set(e, ERR_RETRY, "ListBroken", "the list broke: %s", r->error);
    }
    if (!w->page_whole) {
        return err_set(e, ERR_RETRY, "ListInterrupted", "a page ended before its document did");
    }
    return 0;
}

static void on_page_end(void *ctx, const struct http_response *r)
{
    struct watcher *w = ctx;
    struct err e;
    w->stream = NULL;
    w->stats.last_event_ms = w->t->boot_ms(w->t->self);
    if (page_error(w, r, &e) < 0) {
        page_failed(w, r, &e);
    } else if (*w->next_page != '\0') {
        ask_page(w);
    } else {
        scan_free(w->page);
        w->page = NULL;
        w->page_size = limit(LIMIT_LIST_PAGE);
        synced(w, w->page_rv);
        go(w);
    }
}

static void ready_page(struct watcher *w)
{
    if (w->page == NULL) {
        const struct scan_part part = {"", &w->page_rows};
        w->page = scan_new(&part, 1, SIZE_MAX);
        scan_each(w->page, PAGE_ITEMS, on_item, w);
    }
    scan_reset(w->page);
    w->page_whole = false;
    w->page_bytes = 0;
    begin_reading(w, PROTOSCAN_PAGE, SIZE_MAX);
}

/* A page is read as it comes, like a watch, and never held. */
static void ask_page(struct watcher *w)
{
    const char *q =
        w->page_size > 0 ? arena_printf(&w->a, "limit=%lld", (long long)w->page_size) : "limit=0";
    q = url_query(&w->a, q, "continue", w->next_page);
    q = url_query(&w->a, q, "labelSelector", w->selector);
    struct http_request r = {.method = "GET",
                             .path = kube_path(&w->a, w->k, w->ns, NULL, NULL, q),
                             .accept = forms_accept(&w->a, w->k, asks_proto(w), true),
                             .timeout_ms = limit(LIMIT_REQUEST_MS),
                             .gzip = true,
                             .bulk = &w->listing};
    ready_page(w);
    w->stream = w->t->stream(w->t->self, &r, on_page_data, on_page_end, w);
    arena_reset(&w->a);
}

/* --- The watcher ----------------------------------------------------------------------------- */

static void on_present(void *ctx, const struct http_response *r)
{
    struct watcher *w = ctx;
    const char *rv = "";
    struct err e = {0};
    w->asked = false;
    if (present_read(&w->a, r, &rv, &e) == 0 && rv_compare(rv, w->rv) < 0) {
        err_set(&e, ERR_GONE, "HistoryWentBack",
                "the server stands at resource version %s, before %s: it was restored from a "
                "backup, all is listed anew",
                rv, w->rv);
        w->fresh = true;
    }
    if (present_is_away(r)) {
        w->listing = w->fresh = true;
        cache_begin_relist(w->c, w->k, true);
    }
    if (e.kind == ERR_OK) {
        w->doubt = false;
        open_stream(w);
    } else {
        failed(w, &e, r->retry_after_ms);
    }
    arena_reset(&w->a);
}

static void go(void *ctx)
{
    struct watcher *w = ctx;
    if (!w->listing && w->doubt) {
        w->asked = true;
        present_ask(w->t, w->k, w->ns, on_present, w);
        return;
    }
    if (!w->listing) {
        open_stream(w);
        return;
    }
    w->doubt = false;
    bool pages = w->t->no_watch_list;
    w->stats.relists++;
    cache_begin_relist(w->c, w->k, pages || w->fresh || *w->rv == '\0');
    if (pages) {
        set_text(&w->next_page, "");
        ask_page(w);
    } else {
        open_stream(w);
    }
}

struct watcher *watcher_new(struct loop *l, struct transport *t, struct caches *c,
                            const struct kind *k, const char *selector, const char *ns,
                            const struct watch_sink *sink)
{
    struct watcher *w = mem_alloc(sizeof(*w));
    w->l = l;
    w->t = t;
    w->c = c;
    w->k = k;
    w->selector = mem_strdup(selector);
    w->ns = mem_strdup(ns);
    w->sink = *sink;
    w->listing = true;
    w->page_size = limit(LIMIT_LIST_PAGE);
    set_text(&w->rv, "");
    set_text(&w->next_page, "");
    set_text(&w->page_rv, "");
    w->page_row[PAGE_ITEMS] = (struct row){"items", REC_LIST, k->rows};
    w->page_row[PAGE_CONTINUE] = (struct row){"metadata.continue", REC_STR, NULL};
    w->page_row[PAGE_RV] = (struct row){"metadata.resourceVersion", REC_STR, NULL};
    w->page_rows = (struct rows){"page", w->page_row, PAGE_ROWS};
    w->scan = forms_json_scan(k);
    return w;
}

void watcher_optional(struct watcher *w)
{
    w->optional = true;
}

void watcher_protobuf(struct watcher *w)
{
    w->proto = protoscan_new(w->k);
}

void watcher_start(struct watcher *w)
{
    if (w->stream == NULL && w->timer.slot == 0 && !w->asked) {
        go(w);
    }
}

void watcher_free(struct watcher *w)
{
    if (w == NULL) {
        return;
    }
    if (w->stream != NULL) {
        w->t->stream_close(w->t->self, w->stream);
    }
    if (w->asked) {
        w->t->forget(w->t->self, w);
    }
    loop_timer_clear(w->l, &w->timer);
    scan_free(w->scan);
    scan_free(w->page);
    protoscan_free(w->proto);
    arena_done(&w->a);
    mem_free(w->selector);
    mem_free(w->ns);
    mem_free(w->rv);
    mem_free(w->next_page);
    mem_free(w->page_rv);
    mem_free(w);
}

void watcher_stats(const struct watcher *w, struct watch_stats *ret)
{
    *ret = w->stats;
    ret->rv = w->rv;
    ret->absent = w->absent;
    ret->relisting = w->listing && !w->absent;
}
