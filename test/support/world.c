#include "support/world.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/span.h"
#include "support/spec.h"

void world_init(struct world *w, const struct controller *controller, const void *conf)
{
    memset(w, 0, sizeof(*w));
    w->c = caches_new();
    w->controller = controller;
    w->conf = conf;
    w->now_ms = WORLD_NOW_MS;
    for (size_t i = 0; i < controller->watch_count; i++) {
        caches_add_kind(w->c, controller->watches[i].kind);
    }
    caches_add_orders(w->c, controller->orders);
}

void world_done(struct world *w)
{
    caches_free(w->c);
    arena_done(&w->a);
}

static const struct json *parse(struct world *w, const char *text)
{
    const struct json *j = NULL;
    struct err e = {0};

    if (json_parse(&w->a, text, strlen(text), &j, &e) < 0) {
        fail_msg("no JSON: %s: %s", e.text, text);
    }
    return j;
}

static void write_meta(struct jsonw *w, const struct kind *k, const struct json *meta)
{
    struct json_iter it = {0};

    jsonw_obj(w, "metadata");
    if (json_key(meta, "uid") == NULL) {
        jsonw_fmt(w, "uid", "uid-%s-%s", k->kind, json_str(meta, "name", ""));
    }
    if (json_key(meta, "resourceVersion") == NULL) {
        jsonw_str(w, "resourceVersion", "7");
    }
    if (json_key(meta, "generation") == NULL) {
        jsonw_int(w, "generation", 1);
    }
    if (json_key(meta, "creationTimestamp") == NULL) {
        jsonw_str(w, "creationTimestamp", "2026-09-21T14:00:00Z");
    }
    while (json_next(meta, &it)) {
        jsonw_json(w, it.key, it.value);
    }
    jsonw_end(w);
}

/* The object with its metadata completed, and another status when one is given. */
static void put_json(struct world *w, const struct kind *k, const struct json *j,
                     const struct json *status)
{
    struct json_iter it = {0};
    struct err e = {0};
    struct jsonw out;

    jsonw_init(&out, &w->a);
    jsonw_obj(&out, NULL);
    write_meta(&out, k, json_key(j, "metadata"));
    while (json_next(j, &it)) {
        if (!str_eq(it.key, "metadata") && !(status != NULL && str_eq(it.key, "status"))) {
            jsonw_json(&out, it.key, it.value);
        }
    }
    if (status != NULL) {
        jsonw_json(&out, "status", status);
    }
    jsonw_end(&out);
    assert_ok(cache_put(w->c, k, parse(w, jsonw_text(&out)), &e), &e);
}

void put(struct world *w, const struct kind *k, const char *json, ...)
{
    char *text;
    va_list ap;

    va_start(ap, json);
    text = arena_vprintf(&w->a, json, ap);
    va_end(ap);
    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    put_json(w, k, parse(w, text), NULL);
}

void put_body(struct world *w, const struct op *op)
{
    assert_non_null(op);
    put_json(w, op->kind, parse(w, op->body), NULL);
}

void drop(struct world *w, const struct kind *k, const char *ns, const char *name)
{
    assert_true(cache_remove(w->c, k, ns, name));
}

/* Rebuilt from the rows that the cache keeps: enough for our own kinds, whose spec and status are
 * kept whole. */
void keep_status(struct world *w, const struct kind *k, const char *ns, const char *name)
{
    const struct op *op = op_on(w, OP_STATUS, k, name);
    const struct rec *live = cache_get(w->c, k, ns, name);
    struct jsonw out;

    assert_non_null(live);
    if (op == NULL) {
        return;
    }
    jsonw_init(&out, &w->a);
    jsonw_obj(&out, NULL);
    jsonw_obj(&out, "metadata");
    jsonw_str(&out, "name", rec_name(live));
    jsonw_opt(&out, "namespace", rec_namespace(live));
    jsonw_str(&out, "uid", rec_uid(live));
    jsonw_int(&out, "generation", rec_generation(live));
    jsonw_end(&out);
    for (unsigned i = REC_META_COUNT; i < k->rows->count; i++) {
        if (k->rows->row[i].type == REC_RAW && str_eq(k->rows->row[i].path, "spec")) {
            jsonw_json(&out, "spec", rec_json(live, i, &w->a));
        }
    }
    jsonw_end(&out);
    put_json(w, k, parse(w, jsonw_text(&out)), json_key(parse(w, op->body), "status"));
}

void reconcile(struct world *w, const char *ns, const char *name)
{
    struct pass pass = {.key = {ns, name},
                        .now_ms = w->now_ms,
                        .conf = w->conf,
                        .answers = w->answers,
                        .refused = w->refused};
    void *view = arena_alloc(&w->a, w->controller->view_size);

    plan_init(&w->plan, &w->a);
    w->gathered = w->controller->gather(&w->a, w->c, &pass, view);
    if (w->gathered) {
        w->controller->plan(view, &w->plan);
    }
}

const struct op *op_on(const struct world *w, enum op_verb verb, const struct kind *k,
                       const char *name)
{
    for (size_t i = 0; i < w->plan.op_count; i++) {
        const struct op *op = &w->plan.ops[i];

        if (op->verb == verb && op->kind == k && str_eq(op->name, name)) {
            return op;
        }
    }
    return NULL;
}

size_t count_ops(const struct world *w, enum op_verb verb, const struct kind *k)
{
    size_t n = 0;

    for (size_t i = 0; i < w->plan.op_count; i++) {
        n += w->plan.ops[i].verb == verb && w->plan.ops[i].kind == k;
    }
    return n;
}

/* Digits step into lists; "\\." is a dot within a key. */
static const struct json *walk(struct world *w, const struct json *j, const char *path)
{
    char *copy = arena_strdup(&w->a, path), *key = copy, *out = copy;

    for (char *p = copy; j != NULL; p++) {
        bool end = *p == '\0';

        if (*p == '\\' && p[1] == '.') {
            *out++ = *++p;
            continue;
        }
        if (*p != '.' && !end) {
            *out++ = *p;
            continue;
        }
        *out++ = '\0';
        j = json_kind(j) == JSON_ARRAY ? json_at(j, strtoul(key, NULL, 10)) : json_key(j, key);
        key = out = p + 1;
        if (end) {
            break;
        }
    }
    return j;
}

static const char *text_of(struct world *w, const struct json *j)
{
    if (j == NULL) {
        return "";
    }
    return json_kind(j) == JSON_STRING ? json_as_str(j) : json_text(&w->a, j);
}

const char *at(struct world *w, const struct op *op, const char *path)
{
    assert_non_null(op);
    return text_of(w, walk(w, parse(w, op->body), path));
}

static const struct json *status_said(struct world *w)
{
    const struct json *found = NULL;

    for (size_t i = 0; i < w->plan.op_count; i++) {
        if (w->plan.ops[i].verb == OP_STATUS) {
            assert_null(found);
            found = json_key(parse(w, w->plan.ops[i].body), "status");
        }
    }
    return found;
}

static const struct json *condition_said(struct world *w, const char *type)
{
    const struct json *list = json_key(status_said(w), "conditions");

    for (size_t i = 0; i < json_len(list); i++) {
        if (str_eq(json_str(json_at(list, i), "type", ""), type)) {
            return json_at(list, i);
        }
    }
    return NULL;
}

const char *condition(struct world *w, const char *type)
{
    const struct json *c = condition_said(w, type);

    return c == NULL
               ? ""
               : arena_printf(&w->a, "%s/%s", json_str(c, "status", ""), json_str(c, "reason", ""));
}

const char *message(struct world *w)
{
    return json_str(condition_said(w, "Ready"), "message", "");
}

const char *said(struct world *w, const char *path)
{
    return text_of(w, walk(w, status_said(w), path));
}

bool has_event(const struct world *w, const char *reason)
{
    for (size_t i = 0; i < w->plan.event_count; i++) {
        if (str_eq(w->plan.events[i].reason, reason)) {
            return true;
        }
    }
    return false;
}
