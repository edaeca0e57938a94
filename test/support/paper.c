#include "support/paper.h"

#include <stdlib.h>

#include "api/pod.gen.h"
#include "base/clock.h"
#include "base/span.h"
#include "support/spec.h"

void paper_init(struct paper *w, const struct controller *const *list, size_t count)
{
    memset(w, 0, sizeof(*w));
    w->c = caches_new();
    w->now_ms = PAPER_NOW_MS;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < list[i]->watch_count; k++) {
            caches_add_kind(w->c, list[i]->watches[k].kind);
        }
        caches_add_orders(w->c, list[i]->orders);
    }
}

void paper_done(struct paper *w)
{
    caches_free(w->c);
    arena_done(&w->a);
}

static const struct json *parse(struct paper *w, const char *text)
{
    const struct json *j = NULL;
    struct err e = {0};

    if (json_parse(&w->a, text, strlen(text), &j, &e) < 0) {
        fail_msg("no JSON: %s: %s", e.text, text);
    }
    return j;
}

/* --- one object as the server would show it -------------------------------------------------- */

static void write_managed(struct jsonw *out, const struct paper_object *o)
{
    jsonw_arr(out, "managedFields");
    for (size_t i = 0; i < PAPER_PARTS && o->parts[i].manager != NULL; i++) {
        struct json_iter it = {0};

        jsonw_obj(out, NULL);
        jsonw_str(out, "manager", o->parts[i].manager);
        jsonw_str(out, "operation", "Apply");
        jsonw_str(out, "subresource", "status");
        jsonw_obj(out, "fieldsV1");
        jsonw_obj(out, "f:status");
        while (json_next(o->parts[i].status, &it)) {
            jsonw_obj(out, arena_printf(out->a, "f:%s", it.key));
            jsonw_end(out);
        }
        jsonw_end(out);
        jsonw_end(out);
        jsonw_end(out);
    }
    jsonw_end(out);
}

static void write_meta(struct paper *w, struct jsonw *out, const struct paper_object *o)
{
    static const char *const ours[] = {"uid", "resourceVersion", "generation", "creationTimestamp"};
    struct json_iter it = {0};

    jsonw_obj(out, "metadata");
    while (json_next(json_key(o->base, "metadata"), &it)) {
        bool skip = false;

        for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
            skip = skip || str_eq(it.key, ours[i]);
        }
        if (!skip) {
            jsonw_json(out, it.key, it.value);
        }
    }
    jsonw_str(out, "uid", o->uid);
    jsonw_fmt(out, "resourceVersion", "%zu", ++w->serial);
    jsonw_int(out, "generation", o->generation);
    jsonw_str(out, "creationTimestamp", clock_rfc3339(&w->a, o->created_ms));
    if (o->deleted_ms > 0) {
        jsonw_str(out, "deletionTimestamp", clock_rfc3339(&w->a, o->deleted_ms));
        jsonw_int(out, "deletionGracePeriodSeconds", 60);
    }
    write_managed(out, o);
    jsonw_end(out);
}

static bool said_later(const struct paper_object *o, size_t part, const char *key)
{
    for (size_t i = part + 1; i < PAPER_PARTS && o->parts[i].manager != NULL; i++) {
        if (json_key(o->parts[i].status, key) != NULL) {
            return true;
        }
    }
    return false;
}

static const struct json *document(struct paper *w, const struct paper_object *o)
{
    struct json_iter it = {0};
    struct jsonw out;

    jsonw_init(&out, &w->a);
    jsonw_obj(&out, NULL);
    write_meta(w, &out, o);
    while (json_next(o->base, &it)) {
        if (!str_eq(it.key, "metadata") && !str_eq(it.key, "status")) {
            jsonw_json(&out, it.key, it.value);
        }
    }
    jsonw_obj(&out, "status");
    for (size_t i = 0; i < PAPER_PARTS && o->parts[i].manager != NULL; i++) {
        struct json_iter s = {0};

        while (json_next(o->parts[i].status, &s)) {
            if (!said_later(o, i, s.key)) {
                jsonw_json(&out, s.key, s.value);
            }
        }
    }
    jsonw_end(&out);
    jsonw_end(&out);
    return parse(w, jsonw_text(&out));
}

static void show(struct paper *w, const struct paper_object *o)
{
    struct err e = {0};

    if (!caches_has_kind(w->c, o->kind)) { /* made and not watched */
        return;
    }
    assert_ok(cache_put(w->c, o->kind, document(w, o), &e), &e);
}

/* --- what can be done to it ------------------------------------------------------------------ */

static struct paper_object *find(const struct paper *w, const struct kind *k, const char *ns,
                                 const char *name)
{
    for (size_t i = 0; i < w->count; i++) {
        struct paper_object *o = &w->objects[i];

        if (!o->gone && o->kind == k && str_eq(o->ns, ns) && str_eq(o->name, name)) {
            return o;
        }
    }
    return NULL;
}

const struct paper_object *paper_find(const struct paper *w, const struct kind *k, const char *ns,
                                      const char *name)
{
    return find(w, k, ns, name);
}

static struct paper_object *add(struct paper *w, const struct kind *k, const struct json *j)
{
    struct paper_object *o = arena_push(&w->a, (void **)&w->objects, &w->count, sizeof(*o));
    const char *uid = json_str(j, "metadata.uid", NULL);

    o->kind = k;
    o->ns = arena_strdup(&w->a, json_str(j, "metadata.namespace", ""));
    o->name = arena_strdup(&w->a, json_str(j, "metadata.name", ""));
    o->uid = uid != NULL ? arena_strdup(&w->a, uid)
                         : arena_printf(&w->a, "uid-%s-%s-%zu", k->kind, o->name, ++w->serial);
    o->created_ms = w->now_ms;
    o->generation = json_int(j, "metadata.generation", 1);
    (void)clock_parse_rfc3339(json_str(j, "metadata.creationTimestamp", ""), &o->created_ms);
    return o;
}

static void set_part(struct paper_object *o, const char *manager, const struct json *status)
{
    for (size_t i = 0; i < PAPER_PARTS; i++) {
        if (o->parts[i].manager == NULL || str_eq(o->parts[i].manager, manager)) {
            o->parts[i] = (struct paper_part){manager, status};
            return;
        }
    }
    fail_msg("more than %d managers", PAPER_PARTS);
}

void paper_put(struct paper *w, const struct kind *k, const char *json, ...)
{
    const struct json *j;
    struct paper_object *o;
    char *text;
    va_list ap;

    va_start(ap, json);
    text = arena_vprintf(&w->a, json, ap);
    va_end(ap);
    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    j = parse(w, text);
    o = find(w, k, json_str(j, "metadata.namespace", ""), json_str(j, "metadata.name", ""));
    if (o == NULL) {
        o = add(w, k, j);
    } else if (!json_equal(json_key(o->base, "spec"), json_key(j, "spec"))) {
        o->generation++;
    }
    o->base = j;
    if (json_key(j, "status") != NULL) {
        set_part(o, "test", json_key(j, "status"));
    }
    show(w, o);
}

void paper_drop(struct paper *w, const struct kind *k, const char *ns, const char *name)
{
    struct paper_object *o = find(w, k, ns, name);

    assert_non_null(o);
    o->gone = true;
    assert_true(cache_remove(w->c, k, ns, name));
}

void paper_delete(struct paper *w, const struct kind *k, const char *ns, const char *name)
{
    struct paper_object *o = find(w, k, ns, name);

    assert_non_null(o);
    o->deleted_ms = w->now_ms;
    show(w, o);
}

/* --- passes ---------------------------------------------------------------------------------- */

static void plan_once(struct paper *w, const struct controller *c, const struct pass *pass)
{
    void *view = arena_alloc(&w->a, c->view_size);

    plan_init(&w->plan, &w->a);
    w->plan.manager = c->manager;
    if (c->gather(&w->a, w->c, pass, view)) {
        c->plan(view, &w->plan);
    }
}

static struct answer answer_to(const struct paper *w, const struct need *n)
{
    struct answer a = {.need = *n, .body = "", .at_ms = w->now_ms};

    if (n->verb == NEED_GET) {
        a.status = str_eq(n->name, w->late) || find(w, n->kind, n->ns, n->name) != NULL ? 200 : 404;
    } else {
        a.status = w->log != NULL ? 200 : 500;
        a.body = w->log != NULL ? w->log : "";
    }
    return a;
}

void paper_plan(struct paper *w, const struct controller *c, const char *ns, const char *name)
{
    struct pass pass = {.key = {ns, name}, .now_ms = w->now_ms, .conf = w->conf};

    pass.refused = w->told ? &w->refuse : NULL;
    w->told = false;
    plan_once(w, c, &pass);
    if (w->plan.need_count > 0) {
        struct answer *list = arena_alloc(&w->a, w->plan.need_count * sizeof(*list));

        assert_int_equal(w->plan.op_count, 0);
        for (size_t i = 0; i < w->plan.need_count; i++) {
            list[i] = answer_to(w, &w->plan.needs[i]);
        }
        pass.answers = (struct answers){list, w->plan.need_count};
        plan_once(w, c, &pass);
        assert_int_equal(w->plan.need_count, 0);
    }
}

static void create(struct paper *w, const struct op *op)
{
    struct paper_object *o = find(w, op->kind, op->ns, op->name);

    if (o != NULL) { /* 409: it must be ours */
        assert_non_null(strstr(json_text(&w->a, o->base), op->owner_uid));
        return;
    }
    w->creates += op->kind == &kind_pod;
    o = add(w, op->kind, parse(w, op->body));
    o->base = parse(w, op->body);
    show(w, o);
}

static void remove_object(struct paper *w, const struct op *op)
{
    struct paper_object *o = find(w, op->kind, op->ns, op->name);

    if (o == NULL || !str_eq(o->uid, op->uid)) {
        return;
    }
    w->deletes += op->kind == &kind_pod;
    if (w->keep_pods && op->kind == &kind_pod && op->grace_s != 0) {
        o->deleted_ms = w->now_ms;
        show(w, o);
        return;
    }
    paper_drop(w, op->kind, op->ns, op->name);
}

static void apply_status(struct paper *w, const struct op *op)
{
    struct paper_object *o = find(w, op->kind, op->ns, op->name);

    if (o == NULL || !str_eq(o->uid, op->uid)) {
        return;
    }
    set_part(o, op->manager != NULL ? op->manager : w->plan.manager,
             json_key(parse(w, op->body), "status"));
    show(w, o);
}

static bool is_refused(const struct paper *w, const struct op *op)
{
    return w->refuse.code != 0 && op->kind == &kind_pod &&
           (w->refuses == NULL || str_eq(w->refuses, op->name));
}

void paper_apply(struct paper *w)
{
    for (size_t i = 0; i < w->plan.op_count; i++) {
        const struct op *op = &w->plan.ops[i];

        switch (op->verb) {
        case OP_CREATE:
            if (is_refused(w, op)) {
                w->refuse.verb = op->verb;
                w->refuse.kind = op->kind;
                w->refuse.ns = op->ns;
                w->refuse.name = op->name;
                w->refusals++;
                w->told = w->forgets-- <= 0;
                return; /* the pass ends there */
            }
            create(w, op);
            break;
        case OP_DELETE:
            remove_object(w, op);
            break;
        case OP_STATUS:
            apply_status(w, op);
            break;
        case OP_APPLY:
        case OP_PATCH:
        default:
            fail_msg("paper cannot do that");
        }
    }
}

void paper_settle(struct paper *w, const struct controller *c, const char *ns, const char *name)
{
    for (int i = 0; i < 20; i++) {
        paper_plan(w, c, ns, name);
        if (plan_is_empty(&w->plan)) {
            return;
        }
        paper_apply(w);
    }
    fail_msg("%s %s/%s does not settle", c->name, ns, name);
}

const char *paper_at(struct paper *w, const struct kind *k, const char *ns, const char *name,
                     const char *path)
{
    const struct paper_object *o = find(w, k, ns, name);
    const struct json *j = o == NULL ? NULL : document(w, o);
    char *rest = arena_strdup(&w->a, path), *key;

    while (j != NULL && (key = strsep(&rest, ".")) != NULL) {
        j = json_kind(j) == JSON_ARRAY ? json_at(j, strtoul(key, NULL, 10)) : json_key(j, key);
    }
    if (j == NULL) {
        return "";
    }
    return json_kind(j) == JSON_STRING ? json_as_str(j) : json_text(&w->a, j);
}

bool paper_has_event(const struct paper *w, const char *reason)
{
    for (size_t i = 0; i < w->plan.event_count; i++) {
        if (str_eq(w->plan.events[i].reason, reason)) {
            return true;
        }
    }
    return false;
}
