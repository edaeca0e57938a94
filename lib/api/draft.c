/* draft.c — what a scanner keeps, and the record it becomes. */
#include "api/draft.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { KEEP_BYTES = 64 << 10, FIRST_CELLS = 128, FIRST_ENTRIES = 32, FIRST_SEEN = 64 };

/* --- keeping --------------------------------------------------------------------------------- */

void draft_done(struct draft *d)
{
    mem_free(d->cell);
    mem_free(d->entry);
    mem_free(d->text.p);
    mem_free(d->raw.p);
    mem_free(d->seen);
    *d = (struct draft){0};
}

void draft_clear(struct draft *d)
{
    uint32_t stamp = d->stamp;
    size_t held = d->cell_cap * sizeof *d->cell + d->entry_cap * sizeof *d->entry + d->text.cap +
                  d->raw.cap + d->seen_cap * sizeof *d->seen;

    if (held > 4 * KEEP_BYTES || stamp == UINT32_MAX) {
        draft_done(d);
        return;
    }
    d->cells = d->entries = 1;
    d->text.len = d->raw.len = 0;
    d->seen_count = 0;
    d->stamp = stamp + 1;
    d->twice = false;
}

struct draft_mark draft_mark(const struct draft *d)
{
    return (struct draft_mark){d->cells, d->entries, d->text.len, d->raw.len};
}

void draft_back(struct draft *d, struct draft_mark m)
{
    d->cells = m.cells;
    d->entries = m.entries;
    d->text.len = m.text;
    d->raw.len = m.raw;
    d->seen_count = 0;
    d->stamp++;
    d->twice = false;
}

uint32_t draft_cells(struct draft *d, const struct trie *t)
{
    uint32_t at = d->cells > 0 ? d->cells : 1;

    if (at + t->count > d->cell_cap) {
        uint32_t cap = d->cell_cap > 0 ? d->cell_cap : FIRST_CELLS;

        while (cap < at + t->count) {
            cap *= 2;
        }
        d->cell = mem_resize(d->cell, cap * sizeof *d->cell);
        d->cell_cap = cap;
    }
    memset(d->cell + at, 0, t->count * sizeof *d->cell);
    d->cells = at + t->count;
    return at;
}

uint32_t draft_entry(struct draft *d, struct cell *map, uint32_t key)
{
    uint32_t at = d->entries > 0 ? d->entries : 1;

    if (at >= d->entry_cap) {
        d->entry_cap = d->entry_cap > 0 ? d->entry_cap * 2 : FIRST_ENTRIES;
        d->entry = mem_resize(d->entry, d->entry_cap * sizeof *d->entry);
    }
    d->entry[at] = (struct entry_text){.key = key};
    d->entries = at + 1;
    if (map->count++ == 0) {
        map->first = at;
    } else {
        d->entry[map->last].next = at;
    }
    map->last = at;
    return at;
}

static struct seen *seen_slot(struct draft *d, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & (d->seen_cap - 1);

    while (d->seen[i].stamp == d->stamp + 1 && d->seen[i].hash != hash) {
        i = (i + 1) & (d->seen_cap - 1);
    }
    return &d->seen[i];
}

static void grow_seen(struct draft *d)
{
    struct seen *old = d->seen;
    uint32_t n = d->seen_cap;

    d->seen_cap = n > 0 ? n * 2 : FIRST_SEEN;
    d->seen = mem_alloc(d->seen_cap * sizeof *d->seen);
    for (uint32_t i = 0; i < n; i++) {
        if (old[i].stamp == d->stamp + 1) {
            *seen_slot(d, old[i].hash) = old[i];
        }
    }
    mem_free(old);
}

bool draft_seen(struct draft *d, uint64_t serial, struct span key, uint32_t *entry)
{
    uint64_t hash = (serial + 1) * UINT64_C(0x9e3779b97f4a7c15);
    struct seen *at;

    for (size_t i = 0; i < key.n; i++) {
        hash = (hash ^ (unsigned char)key.p[i]) * UINT64_C(0x100000001b3);
    }
    hash ^= hash >> 32;
    if (d->seen_count * 2 >= d->seen_cap) {
        grow_seen(d);
    }
    at = seen_slot(d, hash);
    if (at->stamp == d->stamp + 1) {
        *entry = at->entry;
        return true;
    }
    *at = (struct seen){hash, d->stamp + 1, *entry};
    d->seen_count++;
    return false;
}

void bytes_room(struct bytes *b, size_t n)
{
    size_t cap = b->cap > 0 ? b->cap : 1024;

    while (cap - b->len <= n) {
        cap *= 2;
    }
    if (cap > UINT32_MAX) {
        mem_exhausted();
    }
    b->p = mem_resize(b->p, cap);
    b->cap = (uint32_t)cap;
}

void bytes_escaped(struct bytes *b, const char *p, size_t n)
{
    static const char hex[] = "0123456789abcdef", from[] = "\b\n\r\t\f\"\\", to[] = "bnrtf\"\\";
    size_t done = 0;

    bytes_add(b, "\"", 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        const char *named;

        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        bytes_add(b, p + done, i - done);
        done = i + 1;
        named = c != '\0' ? strchr(from, c) : NULL;
        if (named != NULL) {
            bytes_add(b, (char[]){'\\', to[named - from]}, 2);
        } else {
            bytes_add(b, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
        }
    }
    bytes_add(b, p + done, n - done);
    bytes_add(b, "\"", 1);
}

/* --- the record ------------------------------------------------------------------------------ */

static const char *text_of(const struct draft *d, const struct cell *c, bool numbers)
{
    bool is = c->there && (c->kind == JSON_STRING ||
                           (numbers && (c->kind == JSON_INT || c->kind == JSON_DOUBLE)));

    return is ? d->text.p + c->text : NULL;
}

static bool integer_of(const struct draft *d, const struct cell *c, int64_t *ret)
{
    const char *s = text_of(d, c, true);

    if (s == NULL || c->kind == JSON_STRING) {
        return false;
    }
    if (c->kind == JSON_DOUBLE) {
        double v = strtod(s, NULL);

        *ret = v >= -9007199254740992.0 && v <= 9007199254740992.0 ? (int64_t)v : 0;
        return v >= -9007199254740992.0 && v <= 9007199254740992.0 && (double)*ret == v;
    }
    if (*s == '-') {
        *ret = strtoll(s, NULL, 10); /* clamped, as json-c does */
        return true;
    }
    uint64_t v = strtoull(s, NULL, 10);
    *ret = (int64_t)v;
    return v <= INT64_MAX;
}

static bool is_ours(const struct draft *d, const struct trie *t, uint32_t at)
{
    const char *manager = text_of(d, &d->cell[at + t->manager], false);
    const char *operation = text_of(d, &d->cell[at + t->operation], false);

    return rec_is_own_manager(manager) && str_eq(operation, "Apply");
}

static void set_list(const struct draft *d, struct recbuf *b, struct place at,
                     const struct trie *items, const struct cell *c)
{
    size_t list = recbuf_list(b, c->count), kept = 0;

    for (uint32_t i = c->first; i != 0; i = d->cell[i].next) {
        if (!items->owned || is_ours(d, items, i)) {
            size_t item = draft_rec(d, items, 0, i, b);

            recbuf_item(b, at, list, kept++, item);
        }
    }
    recbuf_count(b, at, list, kept);
}

static void set_map(const struct draft *d, struct recbuf *b, struct place at, const struct cell *c)
{
    size_t map = recbuf_map(b, c->count), kept = 0;

    for (uint32_t i = c->first; i != 0; i = d->entry[i].next) {
        const struct entry_text *e = &d->entry[i];

        if (e->kept) {
            recbuf_pair(b, at, kept++, map,
                        (const char *const[]){d->text.p + e->key, d->text.p + e->value});
        }
    }
    recbuf_count(b, at, map, kept);
}

static void set_raw(const struct draft *d, struct recbuf *b, struct place at, const struct cell *c)
{
    const char *text = d->raw.p + c->raw;
    const struct json *j;
    struct err e;

    if (c->kind == JSON_NULL) {
        return;
    }
    if (!d->twice) {
        recbuf_text(b, at, text, c->raw_len);
    } else if (json_parse(b->a, text, c->raw_len, &j, &e) == 0) {
        text = json_text(b->a, j);
        recbuf_text(b, at, text, strlen(text));
    }
}

static void set_scalar(const struct draft *d, struct recbuf *b, struct place at,
                       const struct row *row, const struct cell *c)
{
    const char *s = text_of(d, c, row->type == REC_TEXT || row->type == REC_QTY);
    int64_t v;

    if (row->type == REC_STR || row->type == REC_TEXT) {
        if (s != NULL) {
            recbuf_text(b, at, s, c->text_len);
        }
    } else if (row->type == REC_INT    ? integer_of(d, c, &v)
               : row->type == REC_TIME ? s != NULL && clock_parse_rfc3339(s, &v) == 0
                                       : s != NULL && quantity_parse(s, &v) == 0) {
        recbuf_number(b, at, v);
    }
}

/* The kind of value that a row takes whole; JSON_NULL: its type tells. */
static enum json_kind kind_wanted(enum rec_type type)
{
    return type == REC_BOOL                        ? JSON_BOOL
           : type == REC_MAP || type == REC_OBJ    ? JSON_OBJECT
           : type == REC_LIST || type == REC_OWNED ? JSON_ARRAY
                                                   : JSON_NULL;
}

static void set_row(const struct draft *d, struct recbuf *b, struct place at, const struct node *n,
                    const struct cell *c)
{
    const struct row *row = at.row;

    if (!c->there || (kind_wanted(row->type) != JSON_NULL && c->kind != kind_wanted(row->type))) {
        return;
    }
    switch (row->type) {
    case REC_BOOL:
        recbuf_number(b, at, d->text.p[c->text] == 't');
        break;
    case REC_OBJ:
        recbuf_number(b, at, 1);
        break;
    case REC_MAP:
        set_map(d, b, at, c);
        break;
    case REC_LIST:
    case REC_OWNED:
        set_list(d, b, at, n->items, c);
        break;
    case REC_RAW:
        set_raw(d, b, at, c);
        break;
    case REC_STR:
    case REC_TEXT:
    case REC_INT:
    case REC_TIME:
    case REC_QTY:
        set_scalar(d, b, at, row, c);
        break;
    }
}

size_t draft_rec(const struct draft *d, const struct trie *t, size_t part, uint32_t at,
                 struct recbuf *b)
{
    const struct rows *rows = t->parts[part].rows;
    struct place place = recbuf_begin(b, rows);

    for (unsigned i = 0; i < rows->count; i++) {
        unsigned node = t->row_nodes[part][i];

        place.i = i;
        place.row = &rows->row[i];
        set_row(d, b, place, &t->nodes[node], &d->cell[at + node]);
    }
    return place.rec;
}
