/* serve.c — requests to the simulated server: paths, verbs, lists, replies. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "sim/api/route.h"

/* --- paths ----------------------------------------------------------------------------------- */

static int hex(char c)
{
    return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

static const char *unescape(struct arena *a, const char *p, size_t n)
{
    char *out = arena_alloc(a, n + 1), *o = out;

    for (size_t i = 0; i < n; i++) {
        if (p[i] == '%' && i + 2 < n) {
            *o++ = (char)(hex(p[i + 1]) << 4 | hex(p[i + 2]));
            i += 2;
        } else {
            *o++ = p[i] == '+' ? ' ' : p[i];
        }
    }
    return out;
}

const char *route_query(const struct api_route *r, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = r->query; *p != '\0';) {
        size_t len = strcspn(p, "&");

        if (len > n && strncmp(p, name, n) == 0 && p[n] == '=') {
            return unescape(&r->s->a, p + n + 1, len - n - 1);
        }
        p += len + (p[len] == '&');
    }
    return "";
}

void route_fail(struct apisim *s, const struct api_result *r, struct apisim_reply *ret)
{
    struct tree *t = jt_map(&s->a);

    jt_set(&s->a, t, "kind", jt_str(&s->a, "Status"));
    jt_set(&s->a, t, "apiVersion", jt_str(&s->a, "v1"));
    jt_set(&s->a, t, "metadata", jt_map(&s->a));
    jt_set(&s->a, t, "status", jt_str(&s->a, r->code < 400 ? "Success" : "Failure"));
    jt_set(&s->a, t, "message", jt_str(&s->a, r->message != NULL ? r->message : ""));
    if (r->reason != NULL) {
        jt_set(&s->a, t, "reason", jt_str(&s->a, r->reason));
    }
    jt_set(&s->a, t, "code", jt_int(&s->a, r->code));
    ret->code = r->code;
    ret->body = jt_text(&s->a, t);
    ret->len = strlen(ret->body);
}

enum { PARTS = 8 };

/* "/api/v1/…" and "/apis/g/v/…" as parts; the group is "" for the first. */
static size_t split(struct apisim *s, const char *path, size_t n, const char *part[PARTS])
{
    size_t count = 0;
    const char *end = path + n;

    while (path < end && count < PARTS) {
        size_t len;

        path++;
        len = strcspn(path, "/?");
        part[count++] = unescape(&s->a, path, len);
        path += len;
    }
    if (count > 0 && count < PARTS && str_eq(part[0], "api")) {
        memmove(&part[2], &part[1], (count - 1) * sizeof(*part));
        part[1] = "";
        count++;
    }
    return count;
}

int route_parse(struct apisim *s, const char *path, struct api_route *r, struct apisim_reply *ret)
{
    const char *part[PARTS] = {0};
    size_t n = strcspn(path, "?"), count = split(s, path, n, part), at = 3;
    struct api_result none = api_fail(404, "NotFound", "the server could not find the resource");

    *r = (struct api_route){.s = s, .query = path[n] == '?' ? path + n + 1 : ""};
    r->w.ns = r->w.name = r->w.sub = "";
    if (count >= 6 && str_eq(part[3], "namespaces") && !str_eq(part[5], "status")) {
        r->w.ns = part[4];
        at = 5;
    }
    r->w.type = count > at ? api_type_of(s, part[1], part[2], part[at]) : NULL;
    if (r->w.type == NULL) {
        route_fail(s, &none, ret);
        return -1;
    }
    r->w.name = count > at + 1 ? part[at + 1] : "";
    r->w.sub = count > at + 2 ? part[at + 2] : "";
    r->w.manager = route_query(r, "fieldManager");
    r->w.force = str_eq(route_query(r, "force"), "true");
    return 0;
}

/* --- lists ----------------------------------------------------------------------------------- */

static int by_place(const void *x, const void *y)
{
    const struct api_state *a = *(const struct api_state *const *)x;
    const struct api_state *b = *(const struct api_state *const *)y;
    int order = strcmp(a->ns, b->ns);

    return order != 0 ? order : strcmp(a->name, b->name);
}

static bool is_in(const struct api_route *r, const struct api_state *st)
{
    return st->type == r->w.type && (*r->w.ns == '\0' || str_eq(r->w.ns, st->ns));
}

/* The collection as it was at `version`, in order. */
static const struct api_state **listed(struct apisim *s, const struct api_route *r,
                                       uint64_t version, size_t *ret_count)
{
    const struct api_state **list =
        arena_alloc(&s->a, (s->count + s->event_count + 1) * sizeof(*list));
    size_t n = 0;

    for (size_t i = 0; i < s->count; i++) {
        list[n++] = s->objects[i];
    }
    for (size_t i = s->event_count; i > 0 && s->events[i - 1].version > version; i--) {
        const struct api_event *e = &s->events[i - 1]; /* undone, the newest first */

        for (size_t j = 0; j < n; j++) {
            if (list[j] == e->now) {
                list[j] = list[--n];
                break;
            }
        }
        if (e->was != NULL) {
            list[n++] = e->was;
        }
    }
    *ret_count = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_in(r, list[i])) {
            list[(*ret_count)++] = list[i];
        }
    }
    qsort(list, *ret_count, sizeof(*list), by_place);
    return list;
}

struct page {
    uint64_t version;
    const char *items;
    size_t next, left; /* the place to go on at; objects behind it, whatever their labels */
};

static struct page page_of(struct apisim *s, const struct api_route *r, uint64_t version,
                           size_t from)
{
    struct page p = {.version = version, .items = ""};
    const char *selector = route_query(r, "labelSelector");
    size_t limit = strtoull(route_query(r, "limit"), NULL, 10), n, taken = 0;
    const struct api_state **all = listed(s, r, version, &n);

    for (p.next = from; p.next < n && (limit == 0 || taken < limit); p.next++) {
        if (api_selects(selector, all[p.next]->body)) {
            p.items = arena_printf(&s->a, "%s%s%s", p.items, taken++ > 0 ? "," : "",
                                   api_text(s, all[p.next]));
        }
    }
    p.left = n - p.next;
    return p;
}

/* A token is "<version>.<index>". */
static void list(struct apisim *s, const struct api_route *r, struct apisim_reply *ret)
{
    const char *token = route_query(r, "continue"), *dot = strchr(token, '.');
    uint64_t version = *token != '\0' ? strtoull(token, NULL, 10) : s->version;
    const char *meta;
    struct page p;

    if (version < s->compacted) {
        struct api_result expired =
            api_fail(410, "Expired", "The provided continue parameter is too old");

        route_fail(s, &expired, ret);
        return;
    }
    p = page_of(s, r, version, dot != NULL ? strtoull(dot + 1, NULL, 10) : 0);
    meta = arena_printf(&s->a, "\"resourceVersion\":\"%" PRIu64 "\"", version);
    if (p.left > 0) {
        meta = arena_printf(&s->a, "%s,\"continue\":\"%" PRIu64 ".%zu\"", meta, version, p.next);
    }
    if (p.left > 0 && *route_query(r, "labelSelector") == '\0') {
        meta = arena_printf(&s->a, "%s,\"remainingItemCount\":%zu", meta, p.left);
    }
    ret->code = 200;
    ret->body = arena_printf(
        &s->a, "{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{%s},\"items\":[%s]}",
        r->w.type->list_kind, r->w.type->api_version, meta, p.items);
    ret->len = strlen(ret->body);
}

/* --- verbs ----------------------------------------------------------------------------------- */

static struct api_result get(struct apisim *s, const struct api_where *w)
{
    const struct api_state *st = api_find(s, w->type, w->ns, w->name);

    if (st == NULL) {
        return api_fail(404, "NotFound",
                        arena_printf(&s->a, "%s \"%s\" not found", w->type->plural, w->name));
    }
    return (struct api_result){.code = 200, .state = st};
}

static struct api_result patch(struct apisim *s, const struct api_where *w, const char *type,
                               const struct tree *body)
{
    if (str_eq(type, "application/apply-patch+yaml")) {
        return api_apply(s, w, body);
    }
    if (str_eq(type, "application/json-patch+json")) {
        return api_patch(s, w, PATCH_JSON, body);
    }
    if (str_eq(type, "application/merge-patch+json")) {
        return api_patch(s, w, PATCH_MERGE, body);
    }
    return api_fail(415, "UnsupportedMediaType",
                    "the body of the request was in an unknown format");
}

static struct api_result act(struct apisim *s, const struct api_where *w,
                             const struct apisim_request *r, const struct tree *body)
{
    if (str_eq(r->method, "GET")) {
        return get(s, w);
    }
    if (str_eq(r->method, "POST")) {
        return api_create(s, w, body);
    }
    if (str_eq(r->method, "PUT")) {
        return api_replace(s, w, body);
    }
    if (str_eq(r->method, "PATCH")) {
        return patch(s, w, r->content_type, body);
    }
    if (str_eq(r->method, "DELETE")) {
        return api_delete(s, w, body);
    }
    return api_fail(405, "MethodNotAllowed", "the server does not allow this method");
}

/* What a write of a client without a name of its own is told to be. */
static void name_manager(struct api_where *w, const struct apisim_request *r)
{
    bool apply = str_eq(r->content_type, "application/apply-patch+yaml");

    if (*w->manager == '\0' && !apply) {
        w->manager = "unknown";
    }
}

/* Every pod's log is the same. */
static void log_of_pod(struct apisim *s, const struct api_where *w, struct apisim_reply *ret)
{
    struct api_result r = get(s, w);

    if (r.state == NULL) {
        route_fail(s, &r, ret);
        return;
    }
    *ret = (struct apisim_reply){200, "accuracy=0.93\n", 14};
}

void apisim_call(struct apisim *s, const struct apisim_request *r, struct apisim_reply *ret)
{
    struct api_route route;
    struct api_result result;
    const struct tree *body = NULL;

    if (route_parse(s, r->path, &route, ret) < 0) {
        return;
    }
    if (str_eq(r->method, "GET") && *route.w.name == '\0') {
        list(s, &route, ret);
        return;
    }
    if (route.w.type->graceful && str_eq(route.w.sub, "log")) {
        log_of_pod(s, &route.w, ret);
        return;
    }
    if (r->body_len > 0) {
        body = jt_parse(&s->a, r->body, r->body_len);
    }
    name_manager(&route.w, r);
    if (*route.w.sub != '\0' && !(str_eq(route.w.sub, "status") && route.w.type->status)) {
        result = api_fail(404, "NotFound", "the server could not find the requested resource");
    } else if (body == NULL && !str_eq(r->method, "GET") && !str_eq(r->method, "DELETE")) {
        result = api_fail(400, "BadRequest", "the body is no JSON");
    } else {
        result = act(s, &route.w, r, body);
    }
    if (result.state == NULL) {
        route_fail(s, &result, ret);
        return;
    }
    ret->code = result.code;
    ret->body = api_text(s, result.state);
    ret->len = strlen(ret->body);
}
