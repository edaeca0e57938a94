#include "sim/conformance/asks.h"

#include "json/jsonw.h"

const char *const ask_plurals[ASK_KINDS] = {"configmaps", "pods", "widgets"};
static const char *const kinds[ASK_KINDS] = {"ConfigMap", "Pod", "Widget"};
static const char *const versions[ASK_KINDS] = {"v1", "v1", "conformance.dkube.io/v1"};
static const char *const managers[] = {"ada", "bob", "dkube-x"};

const char *ask_collection(struct arena *a, enum ask_kind k, const char *ns)
{
    return arena_printf(a, "/%s%s/namespaces/%s/%s", k == ASK_WIDGET ? "apis/" : "api/",
                        versions[k], ns, ask_plurals[k]);
}

static const char *pick(struct dice *d, const char *const *list, size_t n)
{
    return list[roll(d, (unsigned)n)];
}
#define PICK(d, ...)                            \
    pick(d, (const char *const[]){__VA_ARGS__}, \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* --- parts of bodies ------------------------------------------------------------------------- */

static void write_labels(struct dice *d, struct jsonw *w)
{
    jsonw_obj(w, "labels");
    if (chance(d, 60)) {
        jsonw_str(w, PICK(d, "app", "x.io/a"), PICK(d, "a", "b"));
    }
    if (chance(d, 40)) {
        jsonw_str(w, "tier", PICK(d, "a", "b"));
    }
    jsonw_end(w);
}

/* A status write says nothing of these: see the known differences. */
static void write_extras(struct dice *d, struct jsonw *w)
{
    if (chance(d, 40)) {
        write_labels(d, w);
    }
    if (chance(d, 15)) {
        jsonw_obj(w, "annotations");
        jsonw_str(w, PICK(d, "note", "x.io/b"), PICK(d, "1", "2"));
        jsonw_end(w);
    }
    if (chance(d, 25)) {
        jsonw_arr(w, "finalizers");
        jsonw_str(w, NULL, PICK(d, "x.io/one", "x.io/two"));
        jsonw_end(w);
    }
}

static void write_meta(struct dice *d, struct jsonw *w, const struct ask *q, const char *ns,
                       bool status)
{
    jsonw_obj(w, "metadata");
    if (!chance(d, 3)) {
        jsonw_fmt(w, "name", "n%d", chance(d, 2) ? q->name + 1 : q->name);
    }
    if (chance(d, 30)) {
        jsonw_str(w, "namespace", chance(d, 3) ? "elsewhere" : ns);
    }
    if (!status) {
        write_extras(d, w);
    }
    if (chance(d, 20)) {
        bool other = chance(d, 25) && !(status && q->kind == ASK_WIDGET);

        jsonw_str(w, "uid", other ? "11111111-1111-4111-8111-111111111111" : "@uid@");
    }
    if (chance(d, 25)) {
        jsonw_str(w, "resourceVersion", PICK(d, "@rv@", "@rv@", "@rv@", "@old@"));
    }
    jsonw_end(w);
}

static void write_items(struct dice *d, struct jsonw *w)
{
    static const char *const names[] = {"a", "b", "c"};
    unsigned first = roll(d, 3), n = roll(d, 4);

    jsonw_arr(w, "items");
    for (unsigned i = 0; i < n; i++) {
        jsonw_obj(w, NULL);
        jsonw_str(w, "name", names[chance(d, 2) ? first : (first + i) % 3]);
        if (chance(d, 60)) {
            jsonw_str(w, "value", PICK(d, "1", "2"));
        }
        if (chance(d, 30)) {
            jsonw_int(w, "size", roll(d, 2));
        }
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void write_words(struct dice *d, struct jsonw *w, const char *key)
{
    static const char *const words[] = {"x", "y", "z"};
    unsigned first = roll(d, 3), n = roll(d, 4);

    jsonw_arr(w, key);
    for (unsigned i = 0; i < n; i++) {
        jsonw_str(w, NULL, words[chance(d, 3) ? first : (first + i) % 3]);
    }
    jsonw_end(w);
}

static void write_widget(struct dice *d, struct jsonw *w)
{
    jsonw_obj(w, "spec");
    if (chance(d, 40)) {
        jsonw_str(w, "text", PICK(d, "a", "b", "b", "far too long"));
    }
    if (chance(d, 40)) {
        jsonw_int(w, "number", roll(d, 20) == 0 ? 10 : roll(d, 3));
    }
    if (chance(d, 20)) {
        jsonw_str(w, "mode", PICK(d, "on", "off", "yes", "no"));
    }
    if (chance(d, 30)) {
        jsonw_obj(w, "inner");
        if (chance(d, 60)) {
            jsonw_str(w, "a", PICK(d, "p", "q"));
        }
        if (chance(d, 40)) {
            jsonw_int(w, "b", roll(d, 2) + 3);
        }
        jsonw_end(w);
    }
    if (chance(d, 40)) {
        write_items(d, w);
    }
    if (chance(d, 30)) {
        write_words(d, w, "tags");
    }
    if (chance(d, 20)) {
        write_words(d, w, "words");
    }
    if (chance(d, 30)) {
        jsonw_obj(w, "table");
        jsonw_str(w, PICK(d, "k", "l"), PICK(d, "1", "2"));
        jsonw_end(w);
    }
    if (chance(d, 5)) {
        jsonw_str(w, "unknown", "field");
    }
    jsonw_end(w);
}

static void write_widget_status(struct dice *d, struct jsonw *w)
{
    jsonw_obj(w, "status");
    jsonw_str(w, "phase", PICK(d, "Up", "Down")); /* an empty status is a known difference */
    if (chance(d, 40)) {
        jsonw_int(w, "count", roll(d, 3));
    }
    if (chance(d, 50)) {
        jsonw_arr(w, "conditions");
        jsonw_obj(w, NULL);
        jsonw_str(w, "type", PICK(d, "Ready", "Stalled"));
        jsonw_str(w, "status", PICK(d, "True", "False"));
        if (chance(d, 50)) {
            jsonw_str(w, "reason", PICK(d, "A", "B"));
        }
        jsonw_end(w);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void write_pod(struct dice *d, struct jsonw *w)
{
    jsonw_obj(w, "spec");
    if (chance(d, 60)) {
        jsonw_str(w, "nodeName", "conformance");
    }
    if (chance(d, 40)) {
        jsonw_int(w, "terminationGracePeriodSeconds", roll(d, 3) * 10);
    }
    jsonw_arr(w, "containers");
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "main");
    jsonw_str(w, "image", "example:1");
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

static void write_pod_status(struct dice *d, struct jsonw *w)
{
    jsonw_obj(w, "status");
    jsonw_str(w, "phase", PICK(d, "Pending", "Running", "Succeeded", "Failed"));
    if (chance(d, 40)) {
        jsonw_str(w, "message", PICK(d, "a", "b"));
    }
    jsonw_end(w);
}

static void write_data(struct dice *d, struct jsonw *w)
{
    jsonw_obj(w, "data");
    if (chance(d, 70)) {
        jsonw_fmt(w, PICK(d, "k", "l"), "%u", roll(d, 3));
    }
    if (chance(d, 30)) {
        jsonw_fmt(w, "m", "%u", roll(d, 3));
    }
    jsonw_end(w);
}

static void write_content(struct dice *d, struct jsonw *w, enum ask_kind k, bool status)
{
    if (k == ASK_CONFIGMAP) {
        write_data(d, w);
    } else if (k == ASK_POD && status) {
        write_pod_status(d, w);
    } else if (k == ASK_POD) {
        write_pod(d, w);
    } else if (status) {
        write_widget_status(d, w);
    } else if (!chance(d, 5)) {
        write_widget(d, w);
    }
}

static const char *whole(struct dice *d, struct arena *a, struct ask *q, const char *ns,
                         bool status)
{
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "apiVersion", chance(d, 1) ? "v7" : versions[q->kind]);
    jsonw_str(&w, "kind", !status && chance(d, 1) ? "Thing" : kinds[q->kind]);
    write_meta(d, &w, q, ns, status);
    write_content(d, &w, q->kind, status);
    jsonw_end(&w);
    return jsonw_text(&w);
}

/* --- requests -------------------------------------------------------------------------------- */

static bool has_status(enum ask_kind k)
{
    return k != ASK_CONFIGMAP;
}

static const char *at(struct arena *a, const struct ask *q, const char *ns, bool status,
                      const char *query)
{
    return arena_printf(a, "%s/n%d%s%s", ask_collection(a, q->kind, ns), q->name,
                        status ? "/status" : "", query);
}

static void make_create(struct dice *d, struct arena *a, const char *ns, struct ask *q)
{
    q->method = "POST";
    q->type = "application/json";
    q->path = arena_printf(a, "%s?fieldManager=%s", ask_collection(a, q->kind, ns),
                           PICK(d, "ada", "bob"));
    q->body = whole(d, a, q, ns, false);
}

static void make_put(struct dice *d, struct arena *a, const char *ns, struct ask *q)
{
    bool status = has_status(q->kind) && chance(d, 40);

    if (q->kind == ASK_POD) { /* most of a pod cannot be changed: only its status */
        status = true;
    }
    q->method = "PUT";
    q->type = "application/json";
    q->path = at(a, q, ns, status, arena_printf(a, "?fieldManager=%s", PICK(d, "ada", "bob")));
    q->body = whole(d, a, q, ns, status);
}

static void make_apply(struct dice *d, struct arena *a, const char *ns, struct ask *q)
{
    bool status = has_status(q->kind) && chance(d, 40);
    const char *who = pick(d, managers, 3);

    if (q->kind == ASK_POD) {
        status = true;
    }
    q->method = "PATCH";
    q->type = "application/apply-patch+yaml";
    q->path = at(a, q, ns, status,
                 arena_printf(a, "?fieldManager=%s%s", who, chance(d, 50) ? "&force=true" : ""));
    q->body = whole(d, a, q, ns, status);
}

static void make_merge(struct dice *d, struct arena *a, const char *ns, struct ask *q)
{
    bool status = has_status(q->kind) && chance(d, 40);
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    if (chance(d, 60)) {
        jsonw_obj(&w, "metadata");
        if (chance(d, 40)) {
            jsonw_obj(&w, "labels");
            jsonw_str(&w, PICK(d, "app", "tier"), chance(d, 30) ? NULL : PICK(d, "a", "b"));
            jsonw_end(&w);
        }
        if (chance(d, 40)) {
            jsonw_arr(&w, "finalizers");
            if (chance(d, 40)) {
                jsonw_str(&w, NULL, PICK(d, "x.io/one", "x.io/two"));
            }
            jsonw_end(&w);
        }
        if (chance(d, 20)) {
            jsonw_str(&w, "resourceVersion", PICK(d, "@rv@", "@rv@", "@old@"));
        }
        if (chance(d, 20)) {
            jsonw_str(&w, "uid", PICK(d, "@uid@", "@uid@", "11111111-1111-4111-8111-111111111111"));
        }
        jsonw_end(&w);
    }
    if (chance(d, 60) && (q->kind != ASK_POD || status)) {
        write_content(d, &w, q->kind, status);
    }
    jsonw_end(&w);
    q->method = "PATCH";
    q->type = "application/merge-patch+json";
    q->path = at(a, q, ns, status, arena_printf(a, "?fieldManager=%s", PICK(d, "ada", "bob")));
    q->body = jsonw_text(&w);
}

static const char *one_step(struct dice *d, enum ask_kind k)
{
    if (chance(d, 40)) {
        return PICK(d,
                    "{\"op\":\"add\",\"path\":\"/metadata/finalizers\",\"value\":[\"x.io/one\"]}",
                    "{\"op\":\"add\",\"path\":\"/metadata/finalizers/-\",\"value\":\"x.io/two\"}",
                    "{\"op\":\"remove\",\"path\":\"/metadata/finalizers/0\"}",
                    "{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}");
    }
    if (k == ASK_WIDGET) {
        return PICK(d, "{\"op\":\"add\",\"path\":\"/spec/text\",\"value\":\"c\"}",
                    "{\"op\":\"replace\",\"path\":\"/spec/number\",\"value\":4}",
                    "{\"op\":\"remove\",\"path\":\"/spec/items/0\"}",
                    "{\"op\":\"test\",\"path\":\"/spec/mode\",\"value\":\"yes\"}");
    }
    return PICK(d, "{\"op\":\"add\",\"path\":\"/metadata/labels\",\"value\":{\"app\":\"a\"}}",
                "{\"op\":\"replace\",\"path\":\"/metadata/labels/app\",\"value\":\"b\"}");
}

static void make_steps(struct dice *d, struct arena *a, const char *ns, struct ask *q)
{
    static const char *const tests[] = {
        "{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":\"@uid@\"}",
        "{\"op\":\"test\",\"path\":\"/metadata/resourceVersion\",\"value\":\"@rv@\"}",
        "{\"op\":\"test\",\"path\":\"/metadata/resourceVersion\",\"value\":\"@old@\"}"};

    q->method = "PATCH";
    q->type = "application/json-patch+json";
    q->path = at(a, q, ns, false, arena_printf(a, "?fieldManager=%s", PICK(d, "ada", "bob")));
    q->body = chance(d, 60) ? arena_printf(a, "[%s,%s]", pick(d, tests, 3), one_step(d, q->kind))
                            : arena_printf(a, "[%s]", one_step(d, q->kind));
}

static void make_delete(struct dice *d, struct arena *a, const char *ns, struct ask *q)
{
    struct jsonw w;

    q->method = "DELETE";
    q->path = at(a, q, ns, false, "");
    if (chance(d, 20)) {
        return;
    }
    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "apiVersion", "v1");
    jsonw_str(&w, "kind", "DeleteOptions");
    jsonw_str(&w, "propagationPolicy", "Background");
    if (chance(d, 50)) {
        jsonw_int(&w, "gracePeriodSeconds", roll(d, 3) * 10);
    }
    if (chance(d, 60)) {
        jsonw_obj(&w, "preconditions");
        jsonw_str(&w, "uid",
                  PICK(d, "@uid@", "@uid@", "@uid@", "11111111-1111-4111-8111-111111111111"));
        if (chance(d, 20)) {
            jsonw_str(&w, "resourceVersion", PICK(d, "@rv@", "@old@"));
        }
        jsonw_end(&w);
    }
    jsonw_end(&w);
    q->type = "application/json";
    q->body = jsonw_text(&w);
}

static void make_list(struct dice *d, struct arena *a, const char *ns, struct ask *q)
{
    q->method = "GET";
    q->list = true;
    q->name = -1;
    q->path = arena_printf(a, "%s?limit=%u%s", ask_collection(a, q->kind, ns), roll(d, 4),
                           PICK(d, "", "", "&labelSelector=app%3Da", "&labelSelector=%21tier",
                                "&labelSelector=app%21%3Da%2Ctier"));
}

void ask_make(struct dice *d, struct arena *a, const char *ns, struct ask *ret)
{
    unsigned what = roll(d, 100);

    *ret = (struct ask){.kind = (enum ask_kind)roll(d, ASK_KINDS), .name = (int)roll(d, ASK_NAMES)};
    if (chance(d, 40)) {
        ret->kind = ASK_WIDGET;
    }
    if (what < 25) {
        make_create(d, a, ns, ret);
    } else if (what < 50) {
        make_apply(d, a, ns, ret);
    } else if (what < 60) {
        make_merge(d, a, ns, ret);
    } else if (what < 70) {
        make_put(d, a, ns, ret);
    } else if (what < 78) {
        make_steps(d, a, ns, ret);
    } else if (what < 90) {
        make_delete(d, a, ns, ret);
    } else if (what < 95) {
        make_list(d, a, ns, ret);
    } else {
        ret->method = "GET";
        ret->path = at(a, ret, ns, false, "");
    }
}
