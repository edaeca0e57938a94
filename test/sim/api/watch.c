/* watch.c — label selectors, and watches as cursors in the log of changes. */
#include "sim/api/inside.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "sim/api/route.h"

/* --- selectors: k=v, k==v, k!=v, k and !k, joined by commas
 * ---------------------------------------- */

static bool part_selects(const char *part, size_t n, const struct tree *labels)
{
    const char *eq = memchr(part, '=', n);
    bool negated = *part == '!' || (eq != NULL && eq > part && eq[-1] == '!');
    const char *key = *part == '!' ? part + 1 : part;
    const char *end = eq == NULL ? part + n : (negated && eq > part ? eq - 1 : eq);
    const struct tree *have = NULL;
    bool same;

    for (uint32_t i = 0; i < jt_len(labels); i++) {
        const char *k = labels->u.at[i].key;

        if (strlen(k) == (size_t)(end - key) && strncmp(k, key, strlen(k)) == 0) {
            have = labels->u.at[i].value;
        }
    }
    if (eq == NULL) {
        return (have != NULL) != negated;
    }
    eq += eq[1] == '=' ? 2 : 1;
    same = have != NULL && have->len == (size_t)(part + n - eq) &&
           strncmp(have->u.s, eq, have->len) == 0;
    return same != negated;
}

bool api_selects(const char *selector, const struct tree *body)
{
    const struct tree *labels = jt_get(body, "metadata.labels");

    while (*selector != '\0') {
        size_t n = strcspn(selector, ",");

        if (!part_selects(selector, n, labels)) {
            return false;
        }
        selector += n + (selector[n] == ',');
    }
    return true;
}

/* --- watches --------------------------------------------------------------------------------- */

struct apisim_watch {
    struct apisim *s;
    const struct api_type *type;
    const char *ns, *selector;
    const struct api_state **initial; /* still to be told */
    size_t initial_count, initial_at;
    bool marks_end; /* an initial-events-end is to come */
    uint64_t end_version;
    size_t at;        /* in the log */
    uint64_t version; /* told up to here */
    bool dead;
    bool bare; /* it wants no managedFields */
};

static const char *line(struct apisim_watch *w, const char *type, const char *object)
{
    return arena_printf(&w->s->a, "{\"type\":\"%s\",\"object\":%s}\n", type, object);
}

static bool shows(const struct apisim_watch *w, const struct api_state *st)
{
    return st != NULL && st->type == w->type && (*w->ns == '\0' || str_eq(w->ns, st->ns)) &&
           api_selects(w->selector, st->body);
}

static const char *mark(struct apisim_watch *w, uint64_t version, bool end)
{
    return line(
        w, "BOOKMARK",
        arena_printf(&w->s->a,
                     "{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{"
                     "\"resourceVersion\":\"%" PRIu64 "\",\"creationTimestamp\":null%s}}",
                     w->type->kind, w->type->api_version, version,
                     end ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : ""));
}

/* An event as this watch's selector sees it; NULL: not at all. */
static const char *as_seen(struct apisim_watch *w, const struct api_event *e)
{
    bool now = shows(w, e->now), was = shows(w, e->was);

    if (e->change == API_DELETED) {
        return was ? api_line(w->s, e->now, API_DELETED, w->bare) : NULL;
    }
    if (now) {
        return api_line(w->s, e->now, was ? API_MODIFIED : API_ADDED, w->bare);
    }
    if (was) { /* it leaves: shown as it last was, with the version at which it left */
        struct api_state last = *e->was;

        last.version = e->now->version;
        api_forget_texts(&last);
        return api_line(w->s, arena_memdup(&w->s->a, &last, sizeof(last)), API_DELETED, w->bare);
    }
    return NULL;
}

static bool is_of(const struct apisim_watch *w, const struct api_event *e)
{
    return e->now->type == w->type && (shows(w, e->now) || shows(w, e->was));
}

static const char *too_old(struct apisim_watch *w)
{
    w->dead = true;
    return line(w, "ERROR",
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
                "\"message\":\"too old resource version\",\"reason\":\"Expired\",\"code\":410}");
}

const char *apisim_watch_next(struct apisim_watch *w)
{
    const char *text = NULL;

    if (w->dead) {
        return NULL;
    }
    if (w->initial_at < w->initial_count) {
        return api_line(w->s, w->initial[w->initial_at++], API_ADDED, w->bare);
    }
    if (w->marks_end) {
        w->marks_end = false;
        return mark(w, w->end_version, true);
    }
    if (w->version < w->s->compacted && w->at < w->s->event_count &&
        w->s->events[w->at].version <= w->s->compacted) {
        return too_old(w);
    }
    while (text == NULL && w->at < w->s->event_count) {
        const struct api_event *e = &w->s->events[w->at++];

        w->version = e->version;
        text = e->now->type == w->type ? as_seen(w, e) : NULL;
    }
    return text;
}

size_t apisim_watch_pending(const struct apisim_watch *w)
{
    size_t n = w->initial_count - w->initial_at + w->marks_end;

    for (size_t i = w->at; !w->dead && i < w->s->event_count; i++) {
        n += is_of(w, &w->s->events[i]);
    }
    return w->dead ? 0 : n;
}

uint64_t apisim_watch_hash(const struct apisim_watch *w)
{
    uint64_t h = w->dead * 2u + w->marks_end;

    for (size_t i = w->initial_at; i < w->initial_count; i++) {
        h = (h ^ api_state_hash(w->initial[i])) * 0x100000001b3u;
    }
    for (size_t i = w->at; !w->dead && i < w->s->event_count; i++) {
        const struct api_event *e = &w->s->events[i];

        if (is_of(w, e)) {
            h = (h ^ (api_state_hash(e->now) + (uint64_t)e->change)) * 0x100000001b3u;
        }
    }
    return h;
}

bool apisim_watch_ready(struct apisim_watch *w)
{
    if (w->dead) {
        return false;
    }
    if (w->initial_at < w->initial_count || w->marks_end) {
        return true;
    }
    while (w->at < w->s->event_count && !is_of(w, &w->s->events[w->at])) {
        w->version = w->s->events[w->at++].version;
    }
    return w->at < w->s->event_count;
}

const char *apisim_watch_bookmark(struct apisim_watch *w)
{
    if (apisim_watch_pending(w) > 0 || w->dead) {
        return NULL;
    }
    w->at = w->s->event_count;
    w->version = w->s->version;
    return mark(w, w->s->version, false);
}

static void begin_initial(struct apisim_watch *w)
{
    struct apisim *s = w->s;

    w->initial = arena_alloc(&s->a, (s->count + 1) * sizeof(*w->initial));
    for (size_t i = 0; i < s->count; i++) {
        if (shows(w, s->objects[i])) {
            w->initial[w->initial_count++] = s->objects[i];
        }
    }
    w->at = s->event_count;
    w->version = w->end_version = s->version;
}

/* The place in the log behind `version`. */
static void begin_at(struct apisim_watch *w, uint64_t version)
{
    size_t lo = 0, hi = w->s->event_count;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (w->s->events[mid].version <= version) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    w->at = lo;
    w->version = version;
}

struct apisim_watch *apisim_watch_open(struct apisim *s, const char *path, const char *accept,
                                       struct apisim_reply *ret)
{
    struct api_route r;
    struct apisim_watch *w;
    const char *rv;

    if (route_parse(s, path, &r, ret) < 0) {
        return NULL;
    }
    rv = route_query(&r, "resourceVersion");
    w = arena_alloc(&s->a, sizeof(*w));
    *w = (struct apisim_watch){
        .s = s, .type = r.w.type, .ns = r.w.ns, .selector = route_query(&r, "labelSelector")};
    w->bare = accept != NULL && strstr(accept, ";drop=metadata.managedFields") != NULL;
    if (str_eq(route_query(&r, "sendInitialEvents"), "true")) {
        begin_initial(w);
        w->marks_end = true;
    } else if (*rv == '\0' || str_eq(rv, "0")) {
        begin_initial(w);
    } else {
        begin_at(w, strtoull(rv, NULL, 10));
        if (w->version < s->compacted) {
            w->at = 0; /* the first thing it hears is 410 */
        }
    }
    *ret = (struct apisim_reply){.code = 200};
    return w;
}
