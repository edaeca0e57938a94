#include "cmd/kubectl-dkube/session.h"

#include "base/clock.h"
#include "json/jsonw.h"

#define PAGE "limit=500"

static const struct json *fetch(struct session *s, const char *path, struct err *e)
{
    const struct http_request r = {.method = "GET", .path = path};
    const struct json *j = NULL;
    const char *body;
    size_t len;

    if (client_wait(s->c, s->a, &r, &body, &len, e) < 0 || json_parse(s->a, body, len, &j, e) < 0) {
        return NULL;
    }
    return j;
}

const struct json *session_get(struct session *s, const struct kind *k, const char *ns,
                               const char *name, struct err *e)
{
    return fetch(s, kube_path(s->a, k, ns, name, NULL, NULL), e);
}

const struct json *session_list(struct session *s, const struct kind *k, const char *ns,
                                struct err *e)
{
    const struct json *all = NULL;
    const char *next = "";
    struct jsonw w;

    jsonw_init(&w, s->a);
    jsonw_arr(&w, NULL);
    do {
        const char *query =
            *next == '\0' ? PAGE : arena_printf(s->a, PAGE "&continue=%s", url_escape(s->a, next));
        const struct json *page = fetch(s, kube_path(s->a, k, ns, NULL, NULL, query), e);

        if (page == NULL) {
            return NULL;
        }
        for (size_t i = 0; i < json_len(json_key(page, "items")); i++) {
            jsonw_json(&w, NULL, json_at(json_key(page, "items"), i));
        }
        next = json_str(page, "metadata.continue", "");
    } while (*next != '\0');
    jsonw_end(&w);
    return json_parse(s->a, jsonw_text(&w), w.len, &all, e) < 0 ? NULL : all;
}

const char *length_text(struct arena *a, int64_t ms)
{
    long long s = ms > 0 ? ms / 1000 : 0;

    if (s < 60) {
        return arena_printf(a, "%llds", s);
    }
    if (s < 3600) {
        return arena_printf(a, "%lldm", s / 60);
    }
    if (s < 48 * 3600) {
        return arena_printf(a, "%lldh%02lldm", s / 3600, s / 60 % 60);
    }
    return arena_printf(a, "%lldd%02lldh", s / 86400, s / 3600 % 24);
}

int64_t time_at(const struct json *object, const char *path)
{
    int64_t ms = 0;

    return clock_parse_rfc3339(json_str(object, path, ""), &ms) < 0 ? 0 : ms;
}
