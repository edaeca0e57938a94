/* journal.c — what passed and what was done to it, one line of JSON an entry. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/span.h"
#include "proxy.h"

static void begin(struct jsonw *w, struct arena *a, const char *what, const struct call *c)
{
    jsonw_init(w, a);
    jsonw_obj(w, NULL);
    jsonw_str(w, "what", what);
    jsonw_int(w, "ms", clock_boot_ms());
    if (c != NULL) {
        jsonw_str(w, "program", c->program);
        jsonw_str(w, "verb", c->verb);
        jsonw_str(w, "kind", c->kind);
        jsonw_str(w, "sub", c->sub);
        jsonw_str(w, "ns", c->ns);
        jsonw_opt(w, "name", c->name);
        jsonw_int(w, "n", c->n);
    }
}

static void finish(struct jsonw *w, struct arena *a)
{
    const char *line;

    jsonw_end(w);
    line = arena_printf(a, "%s\n", jsonw_text(w));
    if (proxy.journal >= 0 && write(proxy.journal, line, strlen(line)) < 0) {
        perror("journal");
    }
}

static const struct json *body_of(struct arena *a, const struct buf *message)
{
    size_t head = head_len(message);
    const struct json *j = NULL;
    struct err e;

    if (head == 0 || head >= message->len ||
        json_parse(a, message->data + head, message->len - head, &j, &e) < 0) {
        return NULL;
    }
    return j;
}

/* What a request must carry so that it is safe to be sent twice. */
static const char *fault_of_request(const struct call *c, const struct buf *request,
                                    const struct json *body)
{
    bool create = str_eq(c->verb, "create");

    if (str_eq(c->verb, "delete") && json_str(body, "preconditions.uid", NULL) == NULL) {
        return "delete without uid";
    }
    if (str_eq(c->verb, "update") && json_str(body, "metadata.resourceVersion", NULL) == NULL) {
        return "update without resourceVersion";
    }
    if (create && json_str(body, "metadata.generateName", NULL) != NULL) {
        return "create with generateName";
    }
    if (str_eq(c->verb, "patch") && memmem(request->data, head_len(request), "apply-patch", 11) &&
        json_str(body, "metadata.uid", NULL) == NULL) {
        return "apply without uid";
    }
    return NULL;
}

void jot_call(const struct call *c, const struct buf *request, const struct buf *reply)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct jsonw w;
    bool is_read = str_eq(c->verb, "get") || str_eq(c->verb, "list");
    const struct json *sent = is_read ? NULL : body_of(&a, request);
    const struct json *got = reply != NULL && !is_read ? body_of(&a, reply) : NULL;
    int code = 0;

    if (reply != NULL && reply->len > 12) {
        sscanf(reply->data + 9, "%3d", &code);
    }
    begin(&w, &a, "call", c);
    jsonw_int(&w, "code", code);
    jsonw_int(&w, "server", c->server);
    if (c->name == NULL) {
        jsonw_opt(&w, "name", json_str(sent, "metadata.name", NULL));
    }
    jsonw_opt(&w, "reason", json_str(got, "reason", NULL));
    if (code >= 400) {
        jsonw_opt(&w, "message", json_str(got, "message", NULL));
    }
    jsonw_opt(&w, "uid", json_str(got, "metadata.uid", NULL));
    jsonw_opt(&w, "rv", json_str(got, "metadata.resourceVersion", NULL));
    jsonw_opt(&w, "hygiene", is_read ? NULL : fault_of_request(c, request, sent));
    finish(&w, &a);
    if (!is_read && code < 300) {
        faults_own(json_str(got, "metadata.resourceVersion", NULL));
    }
}

void jot_fired(const struct fault *f, const struct call *c, const char *note)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct jsonw w;

    begin(&w, &a, "fired", c);
    jsonw_int(&w, "fault", f->index);
    jsonw_opt(&w, "note", note);
    finish(&w, &a);
}

void jot_open(const struct call *c)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct jsonw w;

    begin(&w, &a, "open", c);
    jsonw_bool(&w, "list", c->list_first);
    jsonw_str(&w, "selector", c->selector);
    finish(&w, &a);
}

void jot_refused(const struct call *c, const struct buf *reply)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct jsonw w;

    begin(&w, &a, "refused", c);
    jsonw_opt(&w, "message", json_str(body_of(&a, reply), "message", NULL));
    jsonw_int(&w, "server", c->server);
    finish(&w, &a);
}

void jot_statement(const struct call *c)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct jsonw w;

    begin(&w, &a, "call", c);
    jsonw_int(&w, "code", 200);
    finish(&w, &a);
}

void jot_event(const struct call *c, const char *type, const struct json *event, bool live)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct jsonw w;

    begin(&w, &a, "event", c);
    jsonw_str(&w, "type", type);
    jsonw_opt(&w, "object", json_str(event, "object.metadata.name", NULL));
    jsonw_opt(&w, "message", json_str(event, "object.message", NULL));
    jsonw_opt(&w, "rv", json_str(event, "object.metadata.resourceVersion", NULL));
    jsonw_bool(&w, "live", live);
    jsonw_int(&w, "server", c->server);
    finish(&w, &a);
}
