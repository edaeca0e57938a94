/*
 * stream.c — a watch, and what a plan does to its events.
 *
 *   delay  the event comes `ms` later (and all behind it)   cut    the stream ends behind the event
 *   stall  nothing for `ms`, the event is lost, the stream ends, its resume is answered with 410
 *   gone   an ERROR event with code 410 in its place         reset  RST in its place
 *   split  the event comes byte by byte                       drop   it never comes
 *   dup    it comes twice                                     swap   the next one comes first
 *   old    an earlier state of the same object comes after it
 *   repeat all initial events come again behind it            insert `how` comes before it
 *   rewind the stream ends, and is resumed from a revision long past
 *
 * and to its opening:
 *
 *   stale  the answer of a server that lags: the first initial list that went by, nothing for `ms`,
 *          then the end; the resume from that old revision catches up
 *   rewind what follows the revision `at` before the one that is asked for
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/span.h"
#include "proxy.h"

enum { EARLIER_MAX = 256, SWAP_WAIT_MS = 400, INITIAL_BYTES = 8 << 20, STREAMS_MAX = 64 };

struct stream {
    struct link *down, up;
    struct call *c;
    struct buf raw, body; /* as it came; without its chunks */
    bool live, json;      /* other bytes than JSON go by as they are */
    struct buf initial;   /* the initial events, for repeat */
    char *held;           /* an event that the next one overtakes */
    struct {
        char *name, *line;
    } earlier[EARLIER_MAX]; /* the last state of each object */
    size_t earlier_count;
};

/* --- Bytes ----------------------------------------------------------------------------------- */

static int send_chunk(struct stream *s, const char *p, size_t n)
{
    char size[32];
    int len = snprintf(size, sizeof size, "%zx\r\n", n);

    return link_write(s->down, size, (size_t)len) < 0 || link_write(s->down, p, n) < 0 ||
                   link_write(s->down, "\r\n", 2) < 0
               ? -1
               : 0;
}

static int send_line(struct stream *s, const char *line)
{
    return send_chunk(s, line, strlen(line));
}

static int send_bytes(struct stream *s, const char *line)
{
    for (; *line != '\0'; line++) {
        if (send_chunk(s, line, 1) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Moves whole chunks from raw to body; true at the last one. */
static bool take_chunks(struct stream *s)
{
    for (;;) {
        const char *data = s->raw.len > 0 ? memmem(s->raw.data, s->raw.len, "\r\n", 2) : NULL;
        size_t n = data != NULL ? strtoul(s->raw.data, NULL, 16) : 0, head;

        if (data == NULL) {
            return false;
        }
        head = (size_t)(data - s->raw.data) + 2;
        if (n == 0) {
            return true;
        }
        if (s->raw.len < head + n + 2) {
            return false;
        }
        if (buf_add(&s->body, data + 2, n) < 0) {
            return true;
        }
        buf_drop(&s->raw, head + n + 2);
    }
}

/* The next line with its end, owned; NULL when there is none yet. */
static char *next_line(struct stream *s)
{
    const char *end = s->body.len > 0 ? memchr(s->body.data, '\n', s->body.len) : NULL;
    size_t n = end != NULL ? (size_t)(end - s->body.data) + 1 : 0;
    char *line = n > 0 ? mem_strndup(s->body.data, n) : NULL;

    buf_drop(&s->body, n);
    return line;
}

/* --- Faults ---------------------------------------------------------------------------------- */

static void remember(struct stream *s, const char *name, const char *line)
{
    size_t i = 0;

    while (i < s->earlier_count && !str_eq(s->earlier[i].name, name)) {
        i++;
    }
    if (name == NULL || i == EARLIER_MAX) {
        return;
    }
    if (i == s->earlier_count) {
        s->earlier[s->earlier_count++].name = mem_strdup(name);
    }
    mem_free(s->earlier[i].line);
    s->earlier[i].line = mem_strdup(line);
}

static const char *earlier(const struct stream *s, const char *name)
{
    for (size_t i = 0; i < s->earlier_count; i++) {
        if (str_eq(s->earlier[i].name, name)) {
            return s->earlier[i].line;
        }
    }
    return NULL;
}

static const char *inserted(struct arena *a, const char *how)
{
    static char deep[20001];

    memset(deep, '[', sizeof deep - 1);
    if (str_eq(how, "low-bookmark")) {
        return "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\","
               "\"metadata\":{\"resourceVersion\":\"2\"}}}\n";
    }
    if (str_eq(how, "unknown")) {
        return "{\"type\":\"SURPRISE\",\"object\":{}}\n";
    }
    if (str_eq(how, "null")) {
        return "{\"type\":\"MODIFIED\",\"object\":null}\n";
    }
    if (str_eq(how, "nameless")) {
        return "{\"type\":\"ADDED\",\"object\":{\"metadata\":{}}}\n";
    }
    if (str_eq(how, "deep")) {
        return arena_printf(a, "{\"type\":\"ADDED\",\"object\":%s\n", deep);
    }
    if (str_eq(how, "internal")) {
        return "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":500,\"reason\":"
               "\"InternalError\",\"message\":\"etcd is away\"}}\n";
    }
    if (str_eq(how, "huge")) {
        char *pad = arena_alloc(a, (5u << 20) + 1);

        memset(pad, 'x', 5u << 20);
        return arena_printf(a, "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"%s\"}}}\n",
                            pad);
    }
    return "this is no JSON\n";
}

static int send_gone(struct stream *s)
{
    (void)send_line(s, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\","
                       "\"status\":\"Failure\",\"reason\":\"Expired\",\"code\":410,\"message\":"
                       "\"too old resource version by a test\"}}\n");
    (void)link_write(s->down, "0\r\n\r\n", 5);
    return -1;
}

/* Two lines, of which the second may be missing. */
static int send_both(struct stream *s, const char *first, const char *second)
{
    return send_line(s, first) < 0 || (second != NULL && send_line(s, second) < 0) ? -1 : 0;
}

/* Ways to end a stream. */
static int end_stream(struct stream *s, const struct fault *f, const char *line)
{
    switch ((int)f->action) {
    case ACT_GONE:
        return send_gone(s);
    case ACT_STALL:
        faults_force_gone(s->c);
        (void)act(&(struct fault){.action = ACT_DELAY, .ms = f->ms}, s->c);
        link_reset(s->down);
        return -1;
    case ACT_RESET:
        link_reset(s->down);
        return -1;
    default:
        (void)send_line(s, line);
        (void)link_write(s->down, "0\r\n\r\n", 5);
        return -1;
    }
}

/* What is sent in place of, or beside, the event. -1: the stream is over. */
static int strike(struct stream *s, const struct fault *f, const char *line, const char *before,
                  struct arena *a)
{
    switch ((int)f->action) {
    case ACT_DROP:
        return 0;
    case ACT_DUP:
        return send_both(s, line, line);
    case ACT_OLD:
        return send_both(s, line, before);
    case ACT_SWAP:
        s->held = mem_strdup(line);
        return 0;
    case ACT_SPLIT:
        return send_bytes(s, line);
    case ACT_INSERT:
        return send_both(s, inserted(a, f->how), line);
    case ACT_REPEAT:
        return send_line(s, line) < 0 ? -1 : send_chunk(s, buf_str(&s->initial), s->initial.len);
    case ACT_CUT:
    case ACT_REWIND:
    case ACT_GONE:
    case ACT_STALL:
    case ACT_RESET:
        return end_stream(s, f, line);
    default:
        return act(f, s->c) ? send_line(s, line) : (link_reset(s->down), -1);
    }
}

static bool ends_initial(const struct json *event)
{
    return json_str(event, "object.metadata.annotations.k8s\\.io/initial-events-end", NULL) != NULL;
}

static int pass_held(struct stream *s)
{
    char *line = s->held;
    int r;

    s->held = NULL;
    r = line != NULL ? send_line(s, line) : 0;
    mem_free(line);
    return r;
}

/* --- The past -------------------------------------------------------------------------------- */

/* The first complete initial list of each stream, owned, for as long as the process lives. */
static struct {
    pthread_mutex_t lock;
    struct {
        char *id, *text;
    } of[STREAMS_MAX];
    size_t count;
} past = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *past_of(const struct call *c, const char *fresh)
{
    char id[256];
    const char *found = NULL;

    snprintf(id, sizeof id, "%s %s %s", c->program, c->kind, c->selector);
    pthread_mutex_lock(&past.lock);
    for (size_t i = 0; i < past.count && found == NULL; i++) {
        found = str_eq(past.of[i].id, id) ? past.of[i].text : NULL;
    }
    if (found == NULL && fresh != NULL && past.count < STREAMS_MAX) {
        past.of[past.count].id = mem_strdup(id);
        past.of[past.count++].text = mem_strdup(fresh);
    }
    pthread_mutex_unlock(&past.lock);
    return found;
}

/* The answer of a server that lags; false when nothing has gone by that it could say. */
static bool answer_of_the_past(struct stream *s, const struct fault *f)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    const char *text = s->c->list_first ? past_of(s->c, NULL) : NULL;

    if (text == NULL) {
        return false;
    }
    jot_fired(f, s->c, "open");
    if (link_write(s->down, head, sizeof head - 1) == 0 && send_chunk(s, text, strlen(text)) == 0) {
        (void)link_waits(s->down, (int)f->ms);
        (void)link_write(s->down, "0\r\n\r\n", 5);
    }
    return true;
}

static int on_line(struct stream *s, const char *line)
{
    struct arena a CLEANUP(arena_done) = {0};
    const struct json *event = NULL;
    const struct fault *f = NULL;
    struct err e;
    int r;

    if (json_parse(&a, line, strlen(line), &event, &e) < 0) {
        return send_line(s, line);
    }
    const char *type = json_str(event, "type", ""),
               *name = json_str(event, "object.metadata.name", NULL);
    const char *rv = json_str(event, "object.metadata.resourceVersion", NULL);
    bool was_live = s->live, is_object = !str_eq(type, "BOOKMARK") && !str_eq(type, "ERROR");

    if (is_object) {
        jot_event(s->c, type, event, s->live);
        f = faults_event(s->c, s->live, rv);
    }
    if (!s->live && s->initial.len < INITIAL_BYTES &&
        buf_add(&s->initial, line, strlen(line)) < 0) {
        return -1;
    }
    s->live = s->live || ends_initial(event);
    if (s->live && !was_live) {
        (void)past_of(s->c, buf_str(&s->initial));
    }
    if (f != NULL) {
        const char *before = earlier(s, name);
        jot_fired(f, s->c, type);
        r = strike(s, f, line, before, &a);
    } else {
        r = send_line(s, line);
        r = r == 0 && (is_object || !was_live) ? pass_held(s) : r;
    }
    remember(s, name, line);
    return r;
}

/* --- The stream ------------------------------------------------------------------------------ */

static int open_stream(struct stream *s, const struct buf *request)
{
    struct buf head CLEANUP(buf_done) = {.max = MESSAGE_MAX};
    size_t n;

    if (link_connect(&s->up, true) < 0 || forward(&s->up, request) < 0) {
        return -1;
    }
    s->c->server = s->up.server;
    while ((n = head_len(&head)) == 0) {
        if (link_read(&s->up, &head) <= 0) {
            return -1;
        }
    }
    if (strstr(head.data, "chunked") == NULL) { /* a refusal: as it is */
        while (link_read(&s->up, &head) > 0) {
        }
        jot_refused(s->c, &head);
        (void)link_write(s->down, head.data, head.len);
        return -1;
    }
    s->json = memmem(head.data, n, "application/json", 16) != NULL;
    return link_write(s->down, head.data, n) < 0 ||
                   buf_add(&s->raw, head.data + n, head.len - n) < 0
               ? -1
               : 0;
}

static void run(struct stream *s)
{
    for (;;) {
        char *line;
        bool last = take_chunks(s);

        if (!s->json && s->body.len > 0) {
            if (send_chunk(s, s->body.data, s->body.len) < 0) {
                return;
            }
            buf_drop(&s->body, s->body.len);
        }
        while ((line = next_line(s)) != NULL) {
            int r = on_line(s, line);
            mem_free(line);
            if (r < 0) {
                return;
            }
        }
        if (s->held != NULL && !link_waits(&s->up, SWAP_WAIT_MS) && pass_held(s) < 0) {
            return;
        }
        if (last || link_read(&s->up, &s->raw) <= 0) {
            (void)link_write(s->down, "0\r\n\r\n", last ? 5 : 0);
            return;
        }
    }
}

/* "resourceVersion=123" in the request line becomes an older one. */
static void rewind_request(struct buf *request, int64_t back)
{
    char *p = strstr(request->data, "&resourceVersion="), *digits = p != NULL ? p + 17 : NULL;
    size_t n = digits != NULL ? strspn(digits, "0123456789") : 0;
    long long rv = digits != NULL ? strtoll(digits, NULL, 10) - back : 0;
    char text[32];

    if (n > 0 && rv > 0) {
        snprintf(text, sizeof text, "%0*lld", (int)n, rv);
        memcpy(digits, text, n);
        while (n > 1 && *digits == '0') { /* no leading zeros: the parameter's name swallows them */
            memmove(digits, digits + 1, strlen(digits));
            request->len--;
            n--;
        }
    }
}

static bool strikes_open(struct stream *s, const struct fault *f, struct buf *request)
{
    if (f == NULL) {
        return false;
    }
    if (f->action == ACT_STALE) {
        return answer_of_the_past(s, f);
    }
    jot_fired(f, s->c, "open");
    if (f->action == ACT_REWIND) {
        rewind_request(request, f->at);
        return false;
    }
    if (f->action == ACT_STATUS) {
        send_status(s->down, (int)f->code, f->reason, f->retry_after);
        return true;
    }
    if (f->action == ACT_RESET || f->action == ACT_CUT || !act(f, s->c)) {
        link_reset(s->down);
        return true;
    }
    return false;
}

void stream_serve(struct link *down, const struct buf *request, struct call *c,
                  const struct fault *at_open)
{
    struct stream s = {.down = down, .up = {.fd = -1}, .c = c, .live = !c->list_first};
    struct buf mine CLEANUP(buf_done) = {.max = MESSAGE_MAX};

    buf_init(&s.raw, MESSAGE_MAX);
    buf_init(&s.body, MESSAGE_MAX);
    buf_init(&s.initial, INITIAL_BYTES);
    jot_open(c);
    if (buf_add(&mine, request->data, request->len) == 0 && !strikes_open(&s, at_open, &mine)) {
        if (!c->list_first && faults_forced_gone(c)) {
            send_status(down, 410, "Expired", NULL);
        } else if (open_stream(&s, &mine) == 0) {
            run(&s);
        }
    }
    link_close(&s.up);
    buf_done(&s.raw);
    buf_done(&s.body);
    buf_done(&s.initial);
    mem_free(s.held);
    for (size_t i = 0; i < s.earlier_count; i++) {
        mem_free(s.earlier[i].name);
        mem_free(s.earlier[i].line);
    }
}
