#include "kube/events.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "base/span.h"
#include "base/table.h"

enum {
    WINDOW_MS = 600000, /* the same news within this time is one series */
    SERIES_MAX = 4096,  /* the oldest idle one is forgotten beyond */
    BURST = 25,         /* requests an object may cause in a row */
    REFILL_MS = 300000, /* one more after each */
    FLIGHT_MAX = 4,     /* requests at the same time */
    TRIES_MAX = 6,      /* then the news is dropped */
    RETRY_MS = 1000,    /* first pause, doubled */
    NOTE_MAX = 1024,    /* the API's own bound, in bytes */
    NAME_MAX_PART = 200
};

/* One Event object of the API. */
struct series {
    UT_hash_handle hh; /* by id; the table keeps the order of insertion, which is of first_ms */
    struct events *ev;
    struct series *next; /* in the pending list */
    struct arena a;      /* everything below that is text */
    struct event e;
    const char *name; /* of the Event */
    int64_t first_ms, last_ms;
    int64_t count, sent;
    int64_t retry_at_ms; /* boot time */
    int tries;
    bool created, pending, in_flight;
    char *body; /* owned: of the request in flight */
    char id[SHA256_HEX];
};

/* What an object may still cause. */
struct bucket {
    UT_hash_handle hh;
    int64_t full_at_ms; /* boot time at which it is full again: tokens = BURST − missing/REFILL */
    char uid[64];
};

struct events {
    struct transport *t;
    char *controller, *instance;
    struct series *series;
    struct bucket *buckets;
    struct series *first, *last; /* pending, in order */
    struct events_stats stats;
};

struct events *events_new(struct transport *t, const char *controller, const char *instance)
{
    struct events *ev = mem_alloc(sizeof(*ev));
    ev->t = t;
    ev->controller = mem_strdup(controller);
    ev->instance = mem_strndup(instance, strnlen(instance, 128));
    return ev;
}

static void series_free(struct events *ev, struct series *s)
{
    HASH_DEL(ev->series, s);
    ev->stats.series--;
    mem_free(s->body);
    arena_done(&s->a);
    mem_free(s);
}

void events_free(struct events *ev)
{
    if (ev == NULL) {
        return;
    }
    struct series *s, *st;
    HASH_ITER (hh, ev->series, s, st) {
        series_free(ev, s);
    }
    struct bucket *b, *bt;
    HASH_ITER (hh, ev->buckets, b, bt) {
        HASH_DEL(ev->buckets, b);
        mem_free(b);
    }
    mem_free(ev->controller);
    mem_free(ev->instance);
    mem_free(ev);
}

/* --- series ------------------------------------------------------------------------------------
 */

static void id_of(const struct event *e, char ret[SHA256_HEX])
{
    struct sha256 *h = sha256_new();
    const char *parts[] = {
        e->kind->kind, e->ns,     e->name, e->uid,
        e->reason,     e->action, e->note, e->type == EVENT_WARNING ? "Warning" : "Normal"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        const char *p = parts[i] != NULL ? parts[i] : "";
        sha256_add(h, p, strlen(p) + 1);
    }
    sha256_finish(h, ret);
}

/* Cuts at a character's beginning. */
static const char *utf8_cut(struct arena *a, const char *s, size_t max)
{
    size_t n = s != NULL ? strlen(s) : 0;
    if (n > max) {
        n = max;
        while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80) {
            n--;
        }
    }
    return arena_strndup(a, s != NULL ? s : "", n);
}

/* The object's name cut so that it ends in a letter or digit, and what tells the series apart. */
static const char *name_of(struct events *ev, struct series *s)
{
    char hex[SHA256_HEX];
    size_t n = strnlen(s->e.name, NAME_MAX_PART);
    while (n > 0 && (s->e.name[n - 1] == '-' || s->e.name[n - 1] == '.')) {
        n--;
    }
    const char *salt =
        arena_printf(&s->a, "%s %s %lld", s->id, ev->instance, (long long)s->first_ms);
    sha256_hex(salt, strlen(salt), hex);
    return arena_printf(&s->a, "%.*s.%.16s", (int)n, s->e.name, hex);
}

/* Forgets the oldest series that has nothing to say. */
static void series_make_room(struct events *ev, int64_t now_ms)
{
    struct series *s, *tmp;
    HASH_ITER (hh, ev->series, s, tmp) {
        if (ev->stats.series < SERIES_MAX && now_ms - s->first_ms < WINDOW_MS) {
            return;
        }
        if (!s->pending && !s->in_flight) {
            series_free(ev, s);
        }
    }
}

static struct series *series_new(struct events *ev, const struct event *e, const char *id,
                                 int64_t now_ms)
{
    series_make_room(ev, now_ms);
    struct series *s = mem_alloc(sizeof(*s));
    s->ev = ev;
    memcpy(s->id, id, SHA256_HEX);
    s->e = (struct event){
        .type = e->type,
        .kind = e->kind,
        .ns = arena_strdup(&s->a, e->ns != NULL ? e->ns : ""),
        .name = arena_strdup(&s->a, e->name != NULL ? e->name : ""),
        .uid = arena_strdup(&s->a, e->uid != NULL ? e->uid : ""),
        .rv = arena_strdup(&s->a, e->rv),
        .reason = utf8_cut(&s->a, e->reason, 128),
        .action = utf8_cut(&s->a, !str_empty(e->action) ? e->action : "Reconcile", 128),
        .note = utf8_cut(&s->a, e->note, NOTE_MAX),
    };
    s->first_ms = now_ms;
    s->name = name_of(ev, s);
    HASH_ADD_STR(ev->series, id, s);
    ev->stats.series++;
    return s;
}

static void pending_add(struct events *ev, struct series *s)
{
    if (s->pending || s->in_flight) {
        return;
    }
    if (ev->stats.pending >= (size_t)limit(LIMIT_EVENTS_PENDING)) {
        ev->stats.dropped++;
        return;
    }
    s->pending = true;
    s->next = NULL;
    *(ev->last != NULL ? &ev->last->next : &ev->first) = s;
    ev->last = s;
    ev->stats.pending++;
}

void events_record(struct events *ev, const struct event *e)
{
    char id[SHA256_HEX];
    int64_t now = ev->t->wall_ms(ev->t->self);
    struct series *s;
    id_of(e, id);
    ev->stats.recorded++;
    HASH_FIND_STR(ev->series, id, s);
    if (s != NULL && now - s->first_ms >= WINDOW_MS && !s->pending && !s->in_flight) {
        series_free(ev, s);
        s = NULL;
    }
    if (s == NULL) {
        s = series_new(ev, e, id, now);
    }
    s->count++;
    s->last_ms = now;
    pending_add(ev, s);
}

/* --- the rate ----------------------------------------------------------------------------------
 */

static void buckets_prune(struct events *ev, int64_t boot_ms)
{
    struct bucket *b, *tmp;
    if (HASH_COUNT(ev->buckets) < SERIES_MAX) {
        return;
    }
    HASH_ITER (hh, ev->buckets, b, tmp) {
        if (b->full_at_ms <= boot_ms || HASH_COUNT(ev->buckets) >= SERIES_MAX) {
            HASH_DEL(ev->buckets, b);
            mem_free(b);
        }
    }
}

static bool bucket_take(struct events *ev, const char *uid, int64_t boot_ms)
{
    struct bucket *b;
    HASH_FIND_STR(ev->buckets, uid, b);
    if (b == NULL) {
        buckets_prune(ev, boot_ms);
        b = mem_alloc(sizeof(*b));
        snprintf(b->uid, sizeof(b->uid), "%s", uid);
        HASH_ADD_STR(ev->buckets, uid, b);
    }
    int64_t from = b->full_at_ms > boot_ms ? b->full_at_ms : boot_ms;
    if (from + REFILL_MS - boot_ms > (int64_t)BURST * REFILL_MS) {
        return false;
    }
    b->full_at_ms = from + REFILL_MS;
    return true;
}

/* --- requests ----------------------------------------------------------------------------------
 */

static const char *home(const struct event *e)
{
    return str_empty(e->ns) ? "default" : e->ns;
}

static const char *create_body(struct arena *a, const struct events *ev, const struct series *s)
{
    struct jsonw w;
    const struct event *e = &s->e;
    const struct kind *k = e->kind;
    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "apiVersion", "events.k8s.io/v1");
    jsonw_str(&w, "kind", "Event");
    jsonw_obj(&w, "metadata");
    jsonw_str(&w, "name", s->name);
    jsonw_str(&w, "namespace", home(e));
    jsonw_end(&w);
    jsonw_str(&w, "eventTime", clock_rfc3339_micro(a, s->first_ms));
    jsonw_str(&w, "reportingController", ev->controller);
    jsonw_str(&w, "reportingInstance", ev->instance);
    jsonw_str(&w, "action", e->action);
    jsonw_str(&w, "reason", e->reason);
    jsonw_str(&w, "type", e->type == EVENT_WARNING ? "Warning" : "Normal");
    jsonw_str(&w, "note", e->note);
    jsonw_obj(&w, "regarding");
    jsonw_fmt(&w, "apiVersion", "%s%s%s", k->group, *k->group != '\0' ? "/" : "", k->version);
    jsonw_str(&w, "kind", k->kind);
    jsonw_opt(&w, "namespace", e->ns);
    jsonw_str(&w, "name", e->name);
    jsonw_opt(&w, "uid", e->uid);
    jsonw_opt(&w, "resourceVersion", e->rv);
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

static const char *patch_body(struct arena *a, const struct series *s)
{
    struct jsonw w;
    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_obj(&w, "series");
    jsonw_int(&w, "count", s->count > 2 ? s->count : 2);
    jsonw_str(&w, "lastObservedTime", clock_rfc3339_micro(a, s->last_ms));
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

static void on_reply(void *ctx, const struct http_response *r)
{
    struct series *s = ctx;
    struct events *ev = s->ev;
    bool ok = r->status >= 200 && r->status < 300;
    bool again = r->status == 0 || r->status == 429 || r->status >= 500;
    s->in_flight = false;
    ev->stats.in_flight--;
    if (!s->created && r->status == 409) {
        ok = true; /* ours: the reply to the first POST was lost */
    }
    if (ok) {
        ev->stats.sent++;
        s->created = true;
        s->tries = 0;
        s->retry_at_ms = 0;
        if (s->count > s->sent) {
            pending_add(ev, s);
        }
    } else if (again && ++s->tries < TRIES_MAX) {
        int64_t pause = (int64_t)RETRY_MS << s->tries;
        pause = pause < r->retry_after_ms ? r->retry_after_ms : pause;
        s->retry_at_ms = ev->t->boot_ms(ev->t->self) + pause;
        pending_add(ev, s);
    } else {
        ev->stats.dropped++;
        s->tries = 0;
        s->created = s->created && r->status != 404; /* expired in the API: begin anew */
    }
}

static void send_one(struct events *ev, struct series *s)
{
    CLEANUP(arena_done) struct arena a = {0};
    const char *path = arena_printf(&a, "/apis/events.k8s.io/v1/namespaces/%s/events%s%s",
                                    home(&s->e), s->created ? "/" : "", s->created ? s->name : "");
    const char *body = s->created ? patch_body(&a, s) : create_body(&a, ev, s);
    mem_free(s->body);
    s->body = mem_strdup(body);
    s->sent = s->created ? s->count : 1;
    s->in_flight = true;
    ev->stats.in_flight++;
    ev->t->send(
        ev->t->self,
        &(struct http_request){
            .method = s->created ? "PATCH" : "POST",
            .path = path,
            .content_type = s->created ? "application/merge-patch+json" : "application/json",
            .body = s->body,
            .body_len = strlen(s->body),
        },
        on_reply, s);
}

int64_t events_step(struct events *ev)
{
    int64_t now = ev->t->boot_ms(ev->t->self), due = 0;
    struct series *s = ev->first, *keep_first = NULL, *keep_last = NULL;
    ev->first = ev->last = NULL;
    ev->stats.pending = 0;
    while (s != NULL) {
        struct series *next = s->next;
        s->next = NULL;
        s->pending = false;
        if (s->retry_at_ms > now || ev->stats.in_flight >= FLIGHT_MAX) {
            s->pending = true;
            *(keep_last != NULL ? &keep_last->next : &keep_first) = s;
            keep_last = s;
            due = s->retry_at_ms > now && (due == 0 || s->retry_at_ms < due) ? s->retry_at_ms : due;
        } else if (s->tries > 0 || bucket_take(ev, s->e.uid, now)) {
            send_one(ev, s);
        } else {
            ev->stats.dropped++;
        }
        s = next;
    }
    /* those kept come before what replies have added meanwhile */
    for (s = keep_first; s != NULL; s = s->next) {
        ev->stats.pending++;
    }
    if (keep_last != NULL) {
        keep_last->next = ev->first;
        ev->first = keep_first;
        ev->last = ev->last != NULL ? ev->last : keep_last;
    }
    return due;
}

void events_stats(const struct events *ev, struct events_stats *ret)
{
    *ret = ev->stats;
}
