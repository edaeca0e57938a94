/* replay: stands in for an API server in the benches: TLS, HTTP/1.1, eight kinds for reading, pods
 * and their parents made from their numbers, and an open-loop generator of events that stamps each
 * with the time at which it was due.
 *
 * Usage: replay KUBECONFIG PODS [--drop]   writes KUBECONFIG, then serves until it is ended
 *   --drop       leaves managedFields out where "Accept: …;drop=metadata.managedFields" asks for it
 * GET /bench/rate?n=PER_SECOND&s=SECONDS    MODIFIED events of pods, one after another
 * GET /bench/churn?n=COUNT                  as many new pods, each ADDED and then DELETED
 * GET /bench/gone                           every watch of pods ends with 410
 * GET /bench/cut                            every watch's connection is closed
 * GET /bench/stats                          what it did, as JSON; "busy" while a generator runs */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/attr.h"
#include "base/mem.h"
#include "support/pods.h"
#include "support/tlsd.h"

#define MUST(x)                                         \
    do {                                                \
        if (!(x)) {                                     \
            fprintf(stderr, "replay: %s failed\n", #x); \
            exit(1);                                    \
        }                                               \
    } while (0)

enum { RING = 1 << 15, BATCH = 64 << 10 };
enum { FIRST_RV = 1000000000 };

struct item {
    char *text; /* NULL: made when it is sent */
    size_t len, rv_at, sent_at;
    size_t fields_at, fields_len; /* managedFields, after the two above */
    uint64_t rv;
};

struct change {
    uint64_t rv, number; /* of the item */
    int64_t sent;
    const char *type;
};

struct set {
    const char *group, *plural, *kind; /* group "" is the core group; all are v1 */
    bool namespaced;
    struct item *items;
    uint64_t count;
    struct change ring[RING];
    uint64_t head;    /* changes so far */
    uint64_t horizon; /* watches from before this rv are gone */
    pthread_cond_t moved;
};

#define SET(g, p, k, n)                                             \
    {                                                               \
        .group = (g), .plural = (p), .kind = (k), .namespaced = (n) \
    }
enum { PODS, PARENTS };
static struct set sets[] = {
    [PODS] = SET("", "pods", "Pod", true),
    [PARENTS] = SET("", "services", "Service", true),
    SET("", "nodes", "Node", false),
    SET("", "namespaces", "Namespace", false),
    SET("", "serviceaccounts", "ServiceAccount", true),
    SET("", "persistentvolumeclaims", "PersistentVolumeClaim", true),
    SET("discovery.k8s.io", "endpointslices", "EndpointSlice", true),
    SET("batch", "jobs", "Job", true),
};
static const char *const groups[] = {"batch", "discovery.k8s.io"};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;  /* guards all below and the sets */
static pthread_cond_t drained = PTHREAD_COND_INITIALIZER; /* a watch of pods has taken events */
static uint64_t world_rv = FIRST_RV;
static unsigned cuts, watches, pod_watches;
static uint64_t sent_events, slowest; /* slowest: the head that every pod watch reached */
static bool busy, drops;

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* --- objects ------------------------------------------------------------------------------------
 */

static size_t place_of(const char *text, const char *mark)
{
    const char *p = strstr(text, mark);

    return p != NULL ? (size_t)(p - text) + strlen(mark) : 0;
}

static void item_make(struct item *it, struct set *s, uint64_t i)
{
    struct buf b;

    buf_init(&b, 1 << 20);
    (s == &sets[PODS] ? pods_pod : pods_parent)(&b, (int)i, true);
    it->len = b.len;
    it->rv_at = place_of(b.data, "\"resourceVersion\":\"");
    it->sent_at = place_of(b.data, "\"bench/sent\":\"");
    it->fields_at = pods_managed(b.data, &it->fields_len);
    it->rv = FIRST_RV;
    it->text = mem_strndup(b.data, b.len);
    buf_done(&b);
}

static void set_fill(struct set *s, uint64_t n)
{
    s->items = mem_alloc((n + 1) * sizeof(*s->items));
    s->count = n;
    for (uint64_t i = 0; i < n; i++) {
        item_make(&s->items[i], s, i);
    }
}

/* `n` digits of v, in place. */
static void put_digits(char *p, uint64_t v, int n)
{
    for (int i = n - 1; i >= 0; i--, v /= 10) {
        p[i] = (char)('0' + v % 10);
    }
}

static void put(struct buf *b, const void *p, size_t n)
{
    MUST(buf_add(b, p, n) == 0);
}

static void put_text(struct buf *b, const char *s)
{
    put(b, s, strlen(s));
}

/* The object as of that change; `bare`: without managedFields. */
static void put_item(struct buf *b, struct set *s, const struct change *c, bool bare)
{
    struct item own = {0};
    const struct item *it = c->number < s->count ? &s->items[c->number] : &own;
    size_t at = b->len;

    if (it == &own) {
        item_make(&own, s, c->number);
    }
    size_t end = bare ? it->fields_at + it->fields_len : 0;
    put(b, it->text, bare ? it->fields_at : 0);
    put(b, it->text + end, it->len - end);
    put_digits(b->data + at + it->rv_at, c->rv, 10);
    if (it->sent_at > 0 && c->sent > 0) {
        put_digits(b->data + at + it->sent_at, (uint64_t)c->sent, 19);
    }
    mem_free(own.text);
}

/* Under the lock. */
static void change(struct set *s, uint64_t number, const char *type, int64_t sent)
{
    uint64_t rv = ++world_rv;

    if (number < s->count) {
        s->items[number].rv = rv;
    }
    s->ring[s->head++ % RING] = (struct change){rv, number, sent, type};
    sent_events++;
    pthread_cond_broadcast(&s->moved);
}

/* --- replies ------------------------------------------------------------------------------------
 */

static bool reply_status(struct tlsd *c, int code, const char *reason, const char *message)
{
    char body[512];
    int n = snprintf(body, sizeof(body),
                     "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
                     "\"Failure\",\"message\":\"%s\",\"reason\":\"%s\",\"code\":%d}",
                     message, reason, code);

    return tlsd_reply(c, code, body, (size_t)n);
}

/* Does the request want no managedFields, and are we to heed it? */
static bool asks_bare(const struct tlsd *c)
{
    return drops && strstr(c->in, "drop=metadata.managedFields") != NULL;
}

static uint64_t number_after(const char *text, const char *mark, uint64_t dflt)
{
    const char *p = strstr(text, mark);

    return p != NULL ? strtoull(p + strlen(mark), NULL, 10) : dflt;
}

/* --- watching -----------------------------------------------------------------------------------
 */

struct follow {
    struct tlsd *c;
    struct set *s;
    uint64_t at; /* the next change */
    bool bare;   /* without managedFields */
    unsigned cuts;
    uint64_t horizon;
    struct timespec until;
};

/* What is in the buffer, as one chunk of the reply. */
static bool flush_chunk(struct tlsd *c)
{
    char head[24];
    int n = snprintf(head, sizeof(head), "%zx\r\n", c->out.len - sizeof(head));

    memcpy(c->out.data + sizeof(head) - n, head, (size_t)n); /* room was left for it */
    put(&c->out, "\r\n", 2);
    return tlsd_send(c, c->out.data + sizeof(head) - n, c->out.len - sizeof(head) + (size_t)n);
}

static void begin_chunk(struct tlsd *c)
{
    static const char room[24];

    buf_clear(&c->out);
    put(&c->out, room, sizeof(room));
}

static void put_event(struct buf *b, struct set *s, const struct change *ch, bool bare)
{
    put_text(b, "{\"type\":\"");
    put_text(b, ch->type);
    put_text(b, "\",\"object\":");
    put_item(b, s, ch, bare);
    put_text(b, "}\n");
}

static bool send_initial(struct follow *f)
{
    struct set *s = f->s;
    char text[300];
    uint64_t rv;

    pthread_mutex_lock(&lock);
    f->at = s->head;
    f->horizon = s->horizon;
    rv = world_rv;
    pthread_mutex_unlock(&lock);
    for (uint64_t i = 0; i < s->count;) {
        begin_chunk(f->c);
        for (; i < s->count && f->c->out.len < BATCH / 2; i++) {
            uint64_t item_rv = __atomic_load_n(&s->items[i].rv, __ATOMIC_RELAXED);
            struct change ch = {item_rv < rv ? item_rv : rv, i, 0, "ADDED"};
            put_event(&f->c->out, s, &ch, f->bare);
        }
        if (!flush_chunk(f->c)) {
            return false;
        }
    }
    begin_chunk(f->c);
    snprintf(text, sizeof(text),
             "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"%s\",\"apiVersion\":\"%s%sv1\","
             "\"metadata\":{\"resourceVersion\":\"%llu\",\"creationTimestamp\":null,"
             "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}}}}\n",
             s->kind, s->group, *s->group != '\0' ? "/" : "", (unsigned long long)rv);
    put_text(&f->c->out, text);
    return flush_chunk(f->c);
}

/* Where the changes after rv begin; false: they are no longer known. Under the lock. */
static bool find_start(struct follow *f, uint64_t rv)
{
    struct set *s = f->s;

    f->horizon = s->horizon;
    for (f->at = s->head; f->at > 0 && f->at + RING > s->head; f->at--) {
        if (s->ring[(f->at - 1) % RING].rv <= rv) {
            return rv >= s->horizon;
        }
    }
    return rv >= s->horizon && f->at == 0;
}

static bool send_gone(struct tlsd *c)
{
    begin_chunk(c);
    put_text(&c->out, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\","
                      "\"metadata\":{},\"status\":\"Failure\",\"message\":\"too old resource "
                      "version\",\"reason\":\"Expired\",\"code\":410}}\n");
    return flush_chunk(c) && tlsd_send(c, "0\r\n\r\n", 5);
}

static bool is_closed(struct tlsd *c)
{
    char byte;

    return recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

enum next { NEXT_EVENTS, NEXT_GONE, NEXT_CUT, NEXT_END };

/* Waits for changes; puts a batch of them into *ret. */
static enum next wait_changes(struct follow *f, struct change *ret, size_t max, size_t *ret_n)
{
    struct set *s = f->s;
    enum next next = NEXT_EVENTS;

    *ret_n = 0;
    pthread_mutex_lock(&lock);
    if (s == &sets[PODS] && f->at > slowest) {
        slowest = f->at;
        pthread_cond_signal(&drained);
    }
    while (f->cuts == cuts && f->horizon == s->horizon && f->at == s->head) {
        struct timespec now, second;
        clock_gettime(CLOCK_REALTIME, &now);
        second = (struct timespec){now.tv_sec + 1, now.tv_nsec};
        if (now.tv_sec >= f->until.tv_sec || is_closed(f->c)) {
            next = NEXT_END;
            break;
        }
        pthread_cond_timedwait(&s->moved, &lock, &second);
    }
    if (f->cuts != cuts) {
        next = NEXT_CUT;
    } else if (f->horizon != s->horizon || s->head - f->at > RING - 1) {
        next = NEXT_GONE;
    }
    while (next == NEXT_EVENTS && *ret_n < max && f->at < s->head) {
        ret[(*ret_n)++] = s->ring[f->at++ % RING];
    }
    pthread_mutex_unlock(&lock);
    return next;
}

static bool follow(struct follow *f)
{
    struct change list[4];
    size_t n;

    for (;;) {
        switch (wait_changes(f, list, 4, &n)) {
        case NEXT_GONE:
            return send_gone(f->c);
        case NEXT_CUT:
            return false;
        case NEXT_END:
            return tlsd_send(f->c, "0\r\n\r\n", 5);
        case NEXT_EVENTS:
            begin_chunk(f->c);
            for (size_t i = 0; i < n; i++) {
                put_event(&f->c->out, f->s, &list[i], f->bare);
            }
            if (!flush_chunk(f->c)) {
                return false;
            }
        }
    }
}

static bool serve_watch(struct tlsd *c, struct set *s, const char *query)
{
    struct follow f = {.c = c, .s = s, .bare = asks_bare(c)};
    bool initial = strstr(query, "sendInitialEvents=true") != NULL, known = true, ok;

    pthread_mutex_lock(&lock);
    f.cuts = cuts;
    known = initial || find_start(&f, number_after(query, "resourceVersion=", world_rv));
    watches++;
    pod_watches += s == &sets[PODS];
    pthread_mutex_unlock(&lock);
    clock_gettime(CLOCK_REALTIME, &f.until);
    f.until.tv_sec += (time_t)number_after(query, "timeoutSeconds=", 3600);
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    ok = tlsd_send(c, head, sizeof(head) - 1);
    if (ok && !known) {
        ok = send_gone(c);
    } else {
        ok = ok && (!initial || send_initial(&f)) && follow(&f);
    }
    pthread_mutex_lock(&lock);
    watches--;
    pod_watches -= s == &sets[PODS];
    pthread_cond_signal(&drained);
    pthread_mutex_unlock(&lock);
    return ok;
}

/* --- lists and single objects -------------------------------------------------------------------
 */

static bool serve_list(struct tlsd *c, struct set *s, const char *query)
{
    uint64_t from = number_after(query, "continue=", 0), limit = number_after(query, "limit=", 0);
    uint64_t to = limit > 0 && from + limit < s->count ? from + limit : s->count;
    char text[300], more[64] = "";

    pthread_mutex_lock(&lock);
    uint64_t rv = world_rv;
    pthread_mutex_unlock(&lock);
    if (to < s->count) {
        snprintf(more, sizeof(more), ",\"continue\":\"%llu\"", (unsigned long long)to);
    }
    snprintf(text, sizeof(text),
             "{\"kind\":\"%sList\",\"apiVersion\":\"%s%sv1\",\"metadata\":{\"resourceVersion\":"
             "\"%llu\"%s},\"items\":[",
             s->kind, s->group, *s->group != '\0' ? "/" : "", (unsigned long long)rv, more);
    buf_clear(&c->out);
    put_text(&c->out, text);
    for (uint64_t i = from; i < to; i++) {
        struct change ch = {__atomic_load_n(&s->items[i].rv, __ATOMIC_RELAXED), i, 0, ""};
        put_text(&c->out, i > from ? "," : "");
        put_item(&c->out, s, &ch, asks_bare(c));
    }
    put_text(&c->out, "]}\n");
    return tlsd_reply(c, 200, c->out.data, c->out.len);
}

/* PATCH gives it a new version and an event; what it says stays the same. */
static bool serve_object(struct tlsd *c, struct set *s, const char *name, bool patch)
{
    const char *digits = strrchr(name, '-');
    uint64_t i = digits != NULL ? strtoull(digits + 1, NULL, 10) : s->count;

    if (i >= s->count) {
        return reply_status(c, 404, "NotFound", "there is no such object");
    }
    pthread_mutex_lock(&lock);
    if (patch) {
        change(s, i, "MODIFIED", 0);
    }
    struct change ch = {s->items[i].rv, i, 0, ""};
    pthread_mutex_unlock(&lock);
    buf_clear(&c->out);
    put_item(&c->out, s, &ch, asks_bare(c));
    return tlsd_reply(c, 200, c->out.data, c->out.len);
}

/* --- discovery ----------------------------------------------------------------------------------
 */

static bool serve_groups(struct tlsd *c)
{
    buf_clear(&c->out);
    put_text(&c->out, "{\"kind\":\"APIGroupList\",\"apiVersion\":\"v1\",\"groups\":[");
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        char v[128];
        snprintf(v, sizeof(v), "{\"groupVersion\":\"%s/v1\",\"version\":\"v1\"}", groups[i]);
        put_text(&c->out, i > 0 ? ",{\"name\":\"" : "{\"name\":\"");
        put_text(&c->out, groups[i]);
        put_text(&c->out, "\",\"versions\":[");
        put_text(&c->out, v);
        put_text(&c->out, "],\"preferredVersion\":");
        put_text(&c->out, v);
        put_text(&c->out, "}");
    }
    put_text(&c->out, "]}");
    return tlsd_reply(c, 200, c->out.data, c->out.len);
}

static bool serve_resources(struct tlsd *c, const char *group)
{
    const char *comma = "";

    buf_clear(&c->out);
    put_text(&c->out, "{\"kind\":\"APIResourceList\",\"apiVersion\":\"v1\",\"groupVersion\":\"");
    put_text(&c->out, group);
    put_text(&c->out, *group != '\0' ? "/v1\",\"resources\":[" : "v1\",\"resources\":[");
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        char text[300];
        if (strcmp(sets[i].group, group) == 0) {
            snprintf(text, sizeof(text),
                     "%s{\"name\":\"%s\",\"singularName\":\"\",\"namespaced\":%s,\"kind\":\"%s\","
                     "\"verbs\":[\"get\",\"list\",\"watch\",\"patch\"]}",
                     comma, sets[i].plural, sets[i].namespaced ? "true" : "false", sets[i].kind);
            put_text(&c->out, text);
            comma = ",";
        }
    }
    put_text(&c->out, "]}");
    return tlsd_reply(c, 200, c->out.data, c->out.len);
}

static bool reply_text(struct tlsd *c, const char *body)
{
    return tlsd_reply(c, 200, body, strlen(body));
}

/* --- generators ---------------------------------------------------------------------------------
 */

static uint64_t order_n, order_s;

static void *generate(void *ctx UNUSED)
{
    struct set *s = &sets[PODS];
    uint64_t n = order_n, total = n * order_s;
    int64_t began = now_ns() + 100000000;

    for (uint64_t i = 0; i < total; i++) {
        int64_t due = began + (int64_t)((double)i * 1e9 / (double)n);
        struct timespec at = {due / 1000000000, due % 1000000000};
        while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL) != 0) {
        }
        pthread_mutex_lock(&lock);
        change(s, i * 7919 % s->count, "MODIFIED", due);
        pthread_mutex_unlock(&lock);
    }
    pthread_mutex_lock(&lock);
    busy = false;
    pthread_mutex_unlock(&lock);
    return NULL;
}

/* As fast as the watch takes them; each lives for as long as a thousand changes. */
static void *churn(void *ctx UNUSED)
{
    struct set *s = &sets[PODS];
    static uint64_t first = 1000000;
    enum { LIVE = 500 };

    for (uint64_t i = 0; i < order_n + LIVE; i++) {
        pthread_mutex_lock(&lock);
        while (pod_watches > 0 && s->head > slowest + 256) {
            pthread_cond_wait(&drained, &lock);
        }
        if (i < order_n) {
            change(s, first + i, "ADDED", 0);
        }
        if (i >= LIVE) {
            change(s, first + i - LIVE, "DELETED", 0);
        }
        pthread_mutex_unlock(&lock);
    }
    pthread_mutex_lock(&lock);
    first += order_n;
    busy = false;
    pthread_mutex_unlock(&lock);
    return NULL;
}

static bool start_generator(struct tlsd *c, const char *query, void *(*fn)(void *))
{
    pthread_t t;

    pthread_mutex_lock(&lock);
    bool free_now = !busy;
    if (free_now) {
        busy = true;
        slowest = sets[PODS].head;
        order_n = number_after(query, "?n=", 1000);
        order_s = number_after(query, "&s=", 1);
    }
    pthread_mutex_unlock(&lock);
    if (!free_now) {
        return reply_status(c, 409, "Conflict", "a generator runs");
    }
    MUST(pthread_create(&t, NULL, fn, NULL) == 0);
    pthread_detach(t);
    return reply_text(c, "{}");
}

static bool serve_bench(struct tlsd *c, const char *path)
{
    char body[300];

    if (strncmp(path, "rate", 4) == 0) {
        return start_generator(c, path, generate);
    }
    if (strncmp(path, "churn", 5) == 0) {
        return start_generator(c, path, churn);
    }
    pthread_mutex_lock(&lock);
    if (strncmp(path, "gone", 4) == 0) {
        sets[PODS].horizon = ++world_rv;
    } else if (strncmp(path, "cut", 3) == 0) {
        cuts++;
    }
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        pthread_cond_broadcast(&sets[i].moved);
    }
    snprintf(body, sizeof(body),
             "{\"busy\":%s,\"watches\":%u,\"podWatches\":%u,\"events\":%llu,"
             "\"unsent\":%llu,\"resourceVersion\":%llu}",
             busy ? "true" : "false", watches, pod_watches, (unsigned long long)sent_events,
             (unsigned long long)(pod_watches > 0 ? sets[PODS].head - slowest : 0),
             (unsigned long long)world_rv);
    pthread_mutex_unlock(&lock);
    return reply_text(c, body);
}

/* --- requests -----------------------------------------------------------------------------------
 */

/* "/api/v1/…" or "/apis/GROUP/v1/…": the rest after the version; NULL: neither. */
static const char *split_path(char *path, const char **ret_group)
{
    char *p = NULL;

    *ret_group = "";
    if (strncmp(path, "/api/v1", 7) == 0) {
        p = path + 7;
    } else if (strncmp(path, "/apis/", 6) == 0 && (p = strstr(path, "/v1")) != NULL) {
        *ret_group = path + 6;
        *p = '\0';
        p += 3;
    }
    return p != NULL && *p == '/' ? p + 1 : p;
}

static struct set *set_named(const char *group, const char *plural, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        if (strcmp(sets[i].group, group) == 0 && strlen(sets[i].plural) == n &&
            memcmp(sets[i].plural, plural, n) == 0) {
            return &sets[i];
        }
    }
    return NULL;
}

static bool serve_api(struct tlsd *c, const char *method, char *path, const char *query)
{
    const char *group, *rest = split_path(path, &group);

    if (rest == NULL) {
        return reply_status(c, 404, "NotFound", "there is no such path");
    }
    if (*rest == '\0') {
        return serve_resources(c, group);
    }
    if (strncmp(rest, "namespaces/", 11) == 0 && strchr(rest + 11, '/') != NULL) {
        rest = strchr(rest + 11, '/') + 1;
    }
    size_t n = strcspn(rest, "/");
    struct set *s = set_named(group, rest, n);
    if (s == NULL) {
        return reply_status(c, 404, "NotFound", "there is no such kind");
    }
    if (rest[n] == '/') {
        char name[256];
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(rest + n + 1, "/"), rest + n + 1);
        return serve_object(c, s, name, strcmp(method, "PATCH") == 0);
    }
    bool watch = strstr(query, "watch=1") != NULL || strstr(query, "watch=true") != NULL;
    return watch ? serve_watch(c, s, query) : serve_list(c, s, query);
}

static bool serve(struct tlsd *c)
{
    char method[16], path[4096];

    if (sscanf(c->in, "%15s %4095s", method, path) != 2) {
        return false;
    }
    if (strncmp(path, "/bench/", 7) == 0) {
        return serve_bench(c, path + 7);
    }
    char *query = strchr(path, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    if (strcmp(path, "/api") == 0) {
        return reply_text(c, "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],"
                             "\"serverAddressByClientCIDRs\":[]}");
    }
    if (strcmp(path, "/apis") == 0) {
        return serve_groups(c);
    }
    if (strcmp(path, "/version") == 0) {
        return reply_text(c, "{\"major\":\"1\",\"minor\":\"37\",\"gitVersion\":\"v1.37.2\"}");
    }
    return serve_api(c, method, path, query != NULL ? query : "");
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: replay KUBECONFIG PODS [--drop]\n");
        return 2;
    }
    drops = argc > 3 && strcmp(argv[3], "--drop") == 0;
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        pthread_cond_init(&sets[i].moved, NULL);
    }
    uint64_t pods = strtoull(argv[2], NULL, 10);
    set_fill(&sets[PODS], pods);
    set_fill(&sets[PARENTS], pods / PODS_PER_PARENT);
    tlsd_run(argv[1], serve);
}
