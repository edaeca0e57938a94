/* protoform.c — from rows with dotted paths to field numbers. */
#include "api/protoform.h"

#include <stdio.h>

#include "base/attr.h"
#include "base/mem.h"

enum { SEGMENT_MAX = 64 };

/* --- which messages -------------------------------------------------------------------------- */

static const struct proto_message *find_message(const struct kind *k)
{
    if (kind_is_metadata_only(k)) {
        return proto_of_partial_object_metadata;
    }
    for (const struct proto_kind *p = proto_kinds; p->kind != NULL; p++) {
        if (str_eq(p->group, k->group) && str_eq(p->version, k->version) &&
            str_eq(p->kind, k->kind)) {
            return p->message;
        }
    }
    return NULL;
}

const struct proto_message *proto_message_of(const struct kind *k)
{
    const struct proto_message *m = find_message(k);
    struct protoform *f = m != NULL ? protoform_new(k->rows, m) : NULL;

    protoform_free(f);
    return f != NULL ? m : NULL;
}

/* --- compiling ------------------------------------------------------------------------------- */

static const struct proto_field *find_field(const struct proto_message *m, const char *name)
{
    for (uint16_t i = 0; i < m->count; i++) {
        if (strcmp(m->field[i].name, name) == 0) {
            return &m->field[i];
        }
    }
    return NULL;
}

static struct wants *wants_new(const struct proto_message *m)
{
    struct wants *w = mem_alloc(sizeof *w);

    for (uint16_t i = 0; i < m->count; i++) {
        w->top = m->field[i].number > w->top ? m->field[i].number : w->top;
    }
    w->list = mem_alloc((m->count + 1u) * sizeof *w->list); /* never moves: rows point into it */
    w->by_number = mem_alloc(w->top + 1u);
    return w;
}

static struct want *want_field(struct protoform *form, struct wants *w, const struct proto_field *f)
{
    struct want *old = want_of(w, f->number);

    if (old != NULL) {
        return old;
    }
    w->list[w->count] = (struct want){.f = f, .cell = form->cells++};
    w->by_number[f->number] = ++w->count;
    return &w->list[w->count - 1];
}

/* The first segment of the path, which is moved behind it. Keys with dots are no fields. */
static bool segment(const char **path, char name[SEGMENT_MAX])
{
    size_t n = strcspn(*path, ".");

    if (n == 0 || n >= SEGMENT_MAX || memchr(*path, '\\', n) != NULL) {
        return false;
    }
    memcpy(name, *path, n);
    name[n] = '\0';
    *path += n + ((*path)[n] == '.');
    return true;
}

static struct want *walk(struct protoform *form, const struct proto_message *m, const char *path)
{
    struct wants *w = form->root;
    struct want *at = NULL;
    char name[SEGMENT_MAX];

    while (*path != '\0') {
        const struct proto_field *f = segment(&path, name) ? find_field(m, name) : NULL;

        if (f == NULL || (*path != '\0' && f->type != PROTO_MESSAGE)) {
            return NULL;
        }
        at = want_field(form, w, f);
        if (f->type == PROTO_MESSAGE && at->below == NULL) {
            at->below = wants_new(f->of);
        }
        w = at->below;
        m = f->of;
    }
    return at;
}

static bool suits(enum rec_type row, enum proto_type field)
{
    switch (row) {
    case REC_STR:
        return field == PROTO_STRING;
    case REC_INT:
        return field == PROTO_INT32 || field == PROTO_INT64;
    case REC_BOOL:
        return field == PROTO_BOOL;
    case REC_TIME:
        return field == PROTO_TIME;
    case REC_MAP:
        return field == PROTO_MAP || field == PROTO_QUANTITIES;
    case REC_LIST:
        return field == PROTO_MESSAGES || field == PROTO_STRINGS;
    case REC_OBJ:
        return field == PROTO_MESSAGE;
    case REC_TEXT:
    case REC_QTY:
    case REC_RAW:
    case REC_OWNED:
    default:
        return false;
    }
}

static struct protoform *strings_form(const struct rows *rows)
{
    struct protoform *f;

    if (rows != &rec_string_rows) {
        return NULL;
    }
    f = mem_alloc(sizeof *f);
    f->rows = rows;
    f->cells = 1;
    f->row_cell = mem_alloc(sizeof *f->row_cell);
    f->row_want = mem_alloc(sizeof *f->row_want);
    return f;
}

static bool add_row(struct protoform *form, const struct proto_message *m, unsigned i)
{
    const struct row *row = &form->rows->row[i];
    struct want *w = walk(form, m, row->path);

    if (w == NULL || !suits(row->type, w->f->type)) {
        return false;
    }
    if (row->type == REC_LIST) {
        if (w->items != NULL) {
            return false; /* two rows of one list */
        }
        w->items = w->f->type == PROTO_STRINGS ? strings_form(row->items)
                                               : protoform_new(row->items, w->f->of);
        if (w->items == NULL) {
            return false;
        }
    }
    form->row_want[i] = w;
    form->row_cell[i] = w->cell;
    return true;
}

struct protoform *protoform_new(const struct rows *rows, const struct proto_message *message)
{
    struct protoform *f = mem_alloc(sizeof *f);

    f->rows = rows;
    f->root = wants_new(message);
    f->row_cell = mem_alloc((rows->count + 1u) * sizeof *f->row_cell);
    f->row_want = mem_alloc((rows->count + 1u) * sizeof *f->row_want);
    for (unsigned i = 0; i < rows->count; i++) {
        if (!add_row(f, message, i)) {
            protoform_free(f);
            return NULL;
        }
    }
    return f;
}

static void wants_free(struct wants *w)
{
    if (w == NULL) {
        return;
    }
    for (unsigned i = 0; i < w->count; i++) {
        wants_free(w->list[i].below);
        protoform_free(w->list[i].items);
    }
    mem_free(w->by_number);
    mem_free(w->list);
    mem_free(w);
}

void protoform_free(struct protoform *f)
{
    if (f == NULL) {
        return;
    }
    wants_free(f->root);
    protocells_free(f->work);
    mem_free(f->row_cell);
    mem_free(f->row_want);
    mem_free(f);
}
