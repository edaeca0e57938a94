#include "kube/script.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/span.h"
#include "kube/write.h"

enum { DIFF_MAX = 4000 /* lines of one side; beyond, lines are compared in pairs */ };

static void line(struct arena *a, struct script *s, const char *text)
{
    *(const char **)arena_push(a, (void **)&s->lines, &s->count, sizeof(*s->lines)) = text;
}

/* --- a plan as lines ---------------------------------------------------------------------------
 */

static void flatten(struct arena *a, struct script *s, const char *path, const struct json *j)
{
    struct json_iter it = {0};
    bool empty = true;
    for (size_t i = 0; i < json_len(j); i++) {
        flatten(a, s, arena_printf(a, "%s[%zu]", path, i), json_at(j, i));
        empty = false;
    }
    while (json_kind(j) == JSON_OBJECT && json_next(j, &it)) {
        flatten(a, s, arena_printf(a, "%s%s%s", path, path[0] != '\0' ? "." : "", it.key),
                it.value);
        empty = false;
    }
    if (empty) {
        line(a, s, arena_printf(a, "  %s = %s", path, json_text(a, j)));
    }
}

static void body_lines(struct arena *a, struct script *s, const char *body)
{
    const struct json *j = NULL;
    struct err e;
    if (json_parse(a, body, strlen(body), &j, &e) < 0) {
        line(a, s, arena_printf(a, "  %s", body));
    } else {
        flatten(a, s, "", j);
    }
}

static const char *place(struct arena *a, const char *ns, const char *name)
{
    return str_empty(ns) ? (name != NULL ? name : "") : arena_printf(a, "%s/%s", ns, name);
}

/* " key=value", or nothing. */
static const char *fact(struct arena *a, const char *key, const char *value)
{
    return str_empty(value) ? "" : arena_printf(a, " %s=%s", key, value);
}

static void op_lines(struct arena *a, struct script *s, const struct op *op,
                     const struct mask *mask)
{
    const char *grace = op->grace_s >= 0 ? arena_printf(a, " grace=%" PRId64, op->grace_s) : "";
    line(a, s,
         arena_printf(a, "%s %s %s%s%s%s%s%s", op_verb_name(op->verb), op->kind->kind,
                      place(a, op->ns, op->name), fact(a, "uid", op->uid), fact(a, "rv", op->rv),
                      fact(a, "owner", op->owner_uid), fact(a, "manager", op->manager), grace));
    if (op->body != NULL) {
        bool hide = mask != NULL && kind_is_secret(op->kind);
        body_lines(a, s, hide ? mask_secret(mask, a, op->body) : op->body);
    }
}

static void need_line(struct arena *a, struct script *s, const struct need *n)
{
    if (n->verb == NEED_GET) {
        line(a, s, arena_printf(a, "get %s %s", n->kind->kind, place(a, n->ns, n->name)));
    } else {
        line(a, s,
             arena_printf(a, "log %s%s lines=%" PRId64 " bytes=%" PRId64, place(a, n->ns, n->name),
                          fact(a, "container", n->container), n->tail_lines, n->tail_bytes));
    }
}

void script_of(struct arena *a, const struct plan *p, const struct mask *mask, struct script *ret)
{
    *ret = (struct script){0};
    if (p == NULL) {
        line(a, ret, "nothing to plan");
        return;
    }
    for (size_t i = 0; i < p->op_count; i++) {
        op_lines(a, ret, &p->ops[i], mask);
    }
    for (size_t i = 0; i < p->event_count; i++) {
        const struct event *e = &p->events[i];
        line(a, ret,
             arena_printf(a, "event %s %s %s %s %s: %s",
                          e->type == EVENT_WARNING ? "Warning" : "Normal", e->reason,
                          e->action != NULL ? e->action : "", e->kind->kind,
                          place(a, e->ns, e->name), e->note != NULL ? e->note : ""));
    }
    for (size_t i = 0; i < p->need_count; i++) {
        need_line(a, ret, &p->needs[i]);
    }
    if (p->wake_at_ms > 0) {
        line(a, ret, arena_printf(a, "wake %s", clock_rfc3339_micro(a, p->wake_at_ms)));
    }
    line(a, ret, arena_printf(a, "skipped %zu", p->skipped));
}

/* --- comparing ---------------------------------------------------------------------------------
 */

bool script_equal(const struct script *a, const struct script *b)
{
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++) {
        equal = strcmp(a->lines[i], b->lines[i]) == 0;
    }
    return equal;
}

/* Longest common subsequences of all tails: rows of b.count + 1. */
static uint32_t *lcs(const struct script *a, const struct script *b)
{
    size_t width = b->count + 1;
    uint32_t *t = mem_alloc((a->count + 1) * width * sizeof(*t));
    for (size_t i = a->count; i-- > 0;) {
        for (size_t j = b->count; j-- > 0;) {
            uint32_t down = t[(i + 1) * width + j], right = t[i * width + j + 1];
            t[i * width + j] = strcmp(a->lines[i], b->lines[j]) == 0
                                   ? t[(i + 1) * width + j + 1] + 1
                               : down > right ? down
                                              : right;
        }
    }
    return t;
}

struct diff {
    FILE *out;
    const char *head; /* the operation of an equal part, not yet shown */
};

static void differ(struct diff *d, char mark, const char *text)
{
    if (d->head != NULL && text[0] == ' ') {
        fprintf(d->out, "    %s\n", d->head);
    }
    d->head = NULL;
    fprintf(d->out, "  %c %s\n", mark, text);
}

static void agree(struct diff *d, const char *text)
{
    if (text[0] != ' ') {
        d->head = text;
    }
}

void script_diff(FILE *out, const struct script *a, const struct script *b)
{
    struct diff d = {.out = out};
    bool small = a->count <= DIFF_MAX && b->count <= DIFF_MAX;
    uint32_t *t = small ? lcs(a, b) : NULL;
    size_t i = 0, j = 0, width = b->count + 1;
    while (i < a->count || j < b->count) {
        bool both = i < a->count && j < b->count;
        if (both && strcmp(a->lines[i], b->lines[j]) == 0) {
            agree(&d, a->lines[i]);
            i++;
            j++;
        } else if (j == b->count ||
                   (both && (!small || t[(i + 1) * width + j] >= t[i * width + j + 1]))) {
            differ(&d, '-', a->lines[i++]);
        } else {
            differ(&d, '+', b->lines[j++]);
        }
    }
    mem_free(t);
}
