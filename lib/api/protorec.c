/* protorec.c — the fields of one object in protobuf, and the record they become. */
#include "api/protorec.h"

#include "api/protoform.h"
#include "api/recbuf.h"
#include "api/utf8.h"
#include "api/wire.h"
#include "base/mem.h"

enum { FIRST_CELLS = 128, FIRST_ENTRIES = 32, KEEP_CELLS = 4096, KEEP_ENTRIES = 4096 };

/* The first and the last second that RFC 3339 can write, and Go's zero time, which JSON shows as
 * null. */
static const int64_t year_0 = -62167219200, year_10000 = 253402300800, zero_time = -62135596800;

struct cell {
    const char *text;            /* in the object's bytes */
    uint32_t len;                /* of it */
    uint32_t first, last, count; /* elements (places of their cells) or entries; 0: none */
    uint32_t next;               /* an element's first cell: the element behind it */
    int64_t number;
    bool there, unsorted; /* a map's keys are out of order */
};

struct entry { /* of a map */
    struct span key, value;
    uint32_t next;
};

struct protocells {
    struct cell *cell; /* [0] is not used */
    uint32_t cells, cell_cap;
    struct entry *entry; /* [0] is not used */
    uint32_t entries, entry_cap;
};

void protocells_free(struct protocells *c)
{
    if (c != NULL) {
        mem_free(c->cell);
        mem_free(c->entry);
        mem_free(c);
    }
}

/* Fresh cells of a form; their place. */
static uint32_t take_cells(struct protocells *c, const struct protoform *f)
{
    uint32_t at = c->cells;

    if (at + f->cells > c->cell_cap) {
        uint32_t cap = c->cell_cap > 0 ? c->cell_cap : FIRST_CELLS;

        while (cap < at + f->cells) {
            cap *= 2;
        }
        c->cell = mem_resize(c->cell, cap * sizeof *c->cell);
        c->cell_cap = cap;
    }
    memset(c->cell + at, 0, f->cells * sizeof *c->cell);
    c->cells = at + f->cells;
    return at;
}

/* --- reading --------------------------------------------------------------------------------- */

/* An element of a list of `items`, or an entry of a map, behind those that are there. */
static uint32_t link_item(struct protocells *c, uint32_t list, const struct protoform *items)
{
    uint32_t at = take_cells(c, items);
    struct cell *l = &c->cell[list];

    if (l->count++ == 0) {
        l->first = at;
    } else {
        c->cell[l->last].next = at;
    }
    l->last = at;
    l->there = true;
    return at;
}

static bool is_above(struct span key, struct span last)
{
    size_t n = last.n < key.n ? last.n : key.n;
    int order = n > 0 ? memcmp(key.p, last.p, n) : 0;

    return order > 0 || (order == 0 && key.n > last.n);
}

/* The entry with this key: the last of two equal keys wins, at the first's place. They come in
 * order, so nothing has to be looked for while each is above the one before. */
static struct entry *entry_of(struct protocells *c, struct cell *map, struct span key)
{
    if (map->count == 0 || (!map->unsorted && is_above(key, c->entry[map->last].key))) {
        return NULL;
    }
    map->unsorted = true;
    for (uint32_t i = map->first; i != 0; i = c->entry[i].next) {
        if (span_eq(c->entry[i].key, key)) {
            return &c->entry[i];
        }
    }
    return NULL;
}

static struct entry *add_entry(struct protocells *c, uint32_t list)
{
    struct cell *map = &c->cell[list];

    if (c->entries >= c->entry_cap) {
        c->entry_cap *= 2;
        c->entry = mem_resize(c->entry, c->entry_cap * sizeof *c->entry);
    }
    c->entry[c->entries] = (struct entry){0};
    if (map->count++ == 0) {
        map->first = c->entries;
    } else {
        c->entry[map->last].next = c->entries;
    }
    map->last = c->entries;
    map->there = true;
    return &c->entry[c->entries++];
}

/* Field 1 of a message, a string: what a quantity is. */
static bool read_quantity(struct span s, struct span *ret)
{
    uint32_t number;
    unsigned wire;

    *ret = (struct span){"", 0};
    while (s.n > 0) {
        if (!wire_tag(&s, &number, &wire) || (number == 1 && wire != WIRE_BYTES)) {
            return false;
        }
        if (number == 1 ? !wire_bytes(&s, ret) : !wire_skip(&s, number, wire)) {
            return false;
        }
    }
    return true;
}

static bool read_entry(struct protocells *c, uint32_t map, bool quantities, struct span s)
{
    struct span kv[2] = {{"", 0}, {"", 0}};
    struct entry *e;
    uint32_t number;
    unsigned wire;

    while (s.n > 0) {
        if (!wire_tag(&s, &number, &wire)) {
            return false;
        }
        if (number > 2 ? !wire_skip(&s, number, wire)
                       : wire != WIRE_BYTES || !wire_bytes(&s, &kv[number - 1])) {
            return false;
        }
    }
    if (quantities && !read_quantity(kv[1], &kv[1])) {
        return false;
    }
    kv[0].n = strnlen(kv[0].p, kv[0].n); /* what follows a NUL is no part of a key, as in JSON */
    e = entry_of(c, &c->cell[map], kv[0]);
    e = e != NULL ? e : add_entry(c, map);
    e->key = kv[0];
    e->value = kv[1];
    return true;
}

/* {1: seconds}; JSON has no fractions of them either. */
static bool read_time(struct cell *c, struct span s)
{
    bool empty = s.n == 0;
    int64_t seconds = 0;
    uint32_t number;
    unsigned wire;
    uint64_t v;

    while (s.n > 0) {
        if (!wire_tag(&s, &number, &wire) || (number == 1 && wire != WIRE_VARINT)) {
            return false;
        }
        if (number == 1 ? !wire_varint(&s, &v) : !wire_skip(&s, number, wire)) {
            return false;
        }
        seconds = number == 1 ? (int64_t)v : seconds;
    }
    c->there = !empty && seconds >= year_0 && seconds < year_10000 && seconds != zero_time;
    c->number = c->there ? seconds * 1000 : 0;
    return true;
}

static bool read_message(struct protocells *c, const struct wants *w, uint32_t at, struct span s);

static void set_text(struct cell *c, const struct want *w, struct span text)
{
    c->text = text.p;
    c->len = (uint32_t)text.n;
    c->there = text.n > 0 || w->f->shown;
}

/* A wanted field of the type that has a length. */
static bool read_long(struct protocells *c, const struct want *w, uint32_t at, struct span s)
{
    uint32_t cell = at + w->cell, item;

    switch (w->f->type) {
    case PROTO_STRING:
        set_text(&c->cell[cell], w, s);
        return true;
    case PROTO_TIME:
        return read_time(&c->cell[cell], s);
    case PROTO_MESSAGE:
        c->cell[cell].there = true;
        return read_message(c, w->below, at, s);
    case PROTO_MAP:
    case PROTO_QUANTITIES:
        return read_entry(c, cell, w->f->type == PROTO_QUANTITIES, s);
    case PROTO_MESSAGES:
        item = link_item(c, cell, w->items);
        return read_message(c, w->items->root, item, s);
    case PROTO_STRINGS:
        item = link_item(c, cell, w->items);
        c->cell[item].text = s.p;
        c->cell[item].len = (uint32_t)s.n;
        c->cell[item].there = true;
        return true;
    case PROTO_INT32:
    case PROTO_INT64:
    case PROTO_BOOL:
    default:
        return false;
    }
}

static bool read_number(struct cell *c, const struct want *w, uint64_t v)
{
    int64_t wide = (int64_t)v;

    switch (w->f->type) {
    case PROTO_INT32:
        wide = (int32_t)(uint32_t)v;
        break;
    case PROTO_INT64:
        break;
    case PROTO_BOOL:
        wide = v != 0;
        break;
    case PROTO_STRING:
    case PROTO_TIME:
    case PROTO_STRINGS:
    case PROTO_MAP:
    case PROTO_QUANTITIES:
    case PROTO_MESSAGE:
    case PROTO_MESSAGES:
    default:
        return false;
    }
    c->number = wide;
    c->there = wide != 0 || w->f->shown;
    return true;
}

static bool read_message(struct protocells *c, const struct wants *w, uint32_t at, struct span s)
{
    while (s.n > 0) {
        const struct want *want;
        struct span bytes;
        uint32_t number;
        unsigned wire;
        uint64_t v;

        if (!wire_tag(&s, &number, &wire)) {
            return false;
        }
        want = want_of(w, number);
        if (wire == WIRE_BYTES) {
            if (!wire_bytes(&s, &bytes) || (want != NULL && !read_long(c, want, at, bytes))) {
                return false;
            }
        } else if (want == NULL ? !wire_skip(&s, number, wire)
                                : wire != WIRE_VARINT || !wire_varint(&s, &v) ||
                                      !read_number(&c->cell[at + want->cell], want, v)) {
            return false;
        }
    }
    return true;
}

/* --- the record ------------------------------------------------------------------------------ */

static size_t add_rec(const struct protocells *c, const struct protoform *f, uint32_t at,
                      struct recbuf *b);

static void set_list(const struct protocells *c, const struct protoform *items,
                     const struct cell *list, struct place at, struct recbuf *b)
{
    size_t index = recbuf_list(b, list->count), n = 0;

    for (uint32_t i = list->first; i != 0; i = c->cell[i].next) {
        size_t item = add_rec(c, items, i, b);

        recbuf_item(b, at, index, n++, item);
    }
    recbuf_count(b, at, index, n);
}

static void set_map(const struct protocells *c, const struct cell *map, struct place at,
                    struct recbuf *b)
{
    size_t index = recbuf_map(b, map->count), n = 0;

    for (uint32_t i = map->first; i != 0; i = c->entry[i].next) {
        struct span kv[2] = {utf8_mended(b->a, c->entry[i].key),
                             utf8_mended(b->a, c->entry[i].value)};

        kv[1].n = strnlen(kv[1].p, kv[1].n);
        recbuf_entry(b, at, n++, index, kv);
    }
    recbuf_count(b, at, index, n);
}

static void set_row(const struct protocells *c, const struct protoform *f, const struct cell *cell,
                    struct place at, struct recbuf *b)
{
    struct span text;

    switch (at.row->type) {
    case REC_STR:
        text = utf8_mended(b->a, (struct span){cell->text, cell->len});
        recbuf_text(b, at, text.p, text.n);
        break;
    case REC_LIST:
        set_list(c, f->row_want[at.i]->items, cell, at, b);
        break;
    case REC_MAP:
        set_map(c, cell, at, b);
        break;
    case REC_OBJ:
        recbuf_number(b, at, 1);
        break;
    case REC_INT:
    case REC_BOOL:
    case REC_TIME:
    case REC_TEXT: /* no form has one of these */
    case REC_QTY:
    case REC_RAW:
    case REC_OWNED:
    default:
        recbuf_number(b, at, cell->number);
        break;
    }
}

static size_t add_rec(const struct protocells *c, const struct protoform *f, uint32_t at,
                      struct recbuf *b)
{
    struct place place = recbuf_begin(b, f->rows);

    for (unsigned i = 0; i < f->rows->count; i++) {
        const struct cell *cell = &c->cell[at + f->row_cell[i]];

        if (cell->there) {
            place.i = i;
            place.row = &f->rows->row[i];
            set_row(c, f, cell, place, b);
        }
    }
    return place.rec;
}

/* Empty cells; what one large object needed is given back. */
static struct protocells *begin(struct protoform *f)
{
    struct protocells *c = f->work;

    if (c != NULL && (c->cell_cap > KEEP_CELLS || c->entry_cap > KEEP_ENTRIES)) {
        protocells_free(c);
        c = NULL;
    }
    if (c == NULL) {
        c = mem_alloc(sizeof *c);
        c->entry_cap = FIRST_ENTRIES;
        c->entry = mem_alloc(c->entry_cap * sizeof *c->entry);
    }
    c->cells = c->entries = 1;
    f->work = c;
    return c;
}

int protoform_rec(struct protoform *f, struct span bytes, struct arena *a, const struct rec **ret,
                  uint32_t *ret_size, struct err *e)
{
    struct protocells *c = begin(f);
    struct recbuf b = {.a = a};
    uint32_t root = take_cells(c, f);

    if (bytes.n > UINT32_MAX || !read_message(c, f->root, root, bytes)) {
        return err_set(e, ERR_INVALID, "MalformedProtobuf", "malformed protobuf in an object");
    }
    add_rec(c, f, root, &b);
    return recbuf_seal(&b, ret, ret_size, e);
}
