/* place.c — where in the declared tables the scanner is, and what it keeps there. */
#include "api/scanner.h"

#include "base/mem.h"

/* --- values ---------------------------------------------------------------------------------- */

static struct level *top(const struct scan *s)
{
    return &s->level[s->live - 1];
}

static struct cell *cell_at(struct scan *s)
{
    return &s->d.cell[s->at.cells + (unsigned)s->at.node];
}

/* An element of a list begins: it gets cells of its own. */
static void begin_item(struct scan *s, struct level *l)
{
    struct cell *list;
    uint32_t item;

    if (l->each) {
        l->mark = draft_mark(&s->d);
    }
    item = draft_cells(&s->d, l->items);
    list = &s->d.cell[l->at.cells + (unsigned)l->at.node];
    s->at = (struct where){l->items, item, 0, 0};
    s->item_at = l->each ? item : s->item_at;
    if (l->each) {
        return;
    }
    if (list->count++ == 0) {
        list->first = item;
    } else {
        s->d.cell[list->last].next = item;
    }
    list->last = item;
}

/* A value begins here: false when it is too deep. */
bool place_begin(struct scan *s)
{
    if (s->depth + 1 > s->max_depth) {
        scan_fail(s, "nested too deeply");
        return false;
    }
    s->raw_here = false;
    if (!scan_is_live(s)) {
        s->keep = false;
        return true;
    }
    if (s->depth > 0 && !top(s)->object) {
        struct level *l = top(s);

        if (l->raw && l->comma) {
            bytes_add(&s->d.raw, ",", 1);
        }
        l->comma = true;
        s->at.node = NOWHERE;
        s->at.entry = 0;
        if (l->items != NULL) {
            begin_item(s, l);
        }
    }
    s->keep = s->raw_on > 0 || s->at.entry != 0;
    if (s->at.node != NOWHERE) {
        unsigned flags = s->at.trie->nodes[s->at.node].flags;

        s->keep = s->keep || (flags & (NODE_TEXT | NODE_RAW)) != 0;
        if ((flags & NODE_RAW) != 0) {
            s->raw_here = true;
            s->raw_on++;
            s->raw_start = s->d.raw.len;
        }
    }
    return true;
}

/* The place gets a value of this kind: what an equal key before it had is forgotten. */
static void claim(struct scan *s, enum json_kind kind)
{
    if (s->at.node != NOWHERE) {
        struct cell *c = cell_at(s);

        if (c->there) {
            const struct node *n = &s->at.trie->nodes[s->at.node];

            memset(c, 0, (size_t)(n->end - s->at.node) * sizeof *c);
        }
        c->there = true;
        c->kind = (uint8_t)kind;
    }
}

static void end_raw(struct scan *s, uint32_t start)
{
    struct cell *c = cell_at(s);

    c->raw = start;
    c->raw_len = s->d.raw.len - start;
    s->raw_on--;
}

static void hand_out(struct scan *s, struct level *l)
{
    if (s->each(s->each_ctx, s, &s->each_err) < 0) {
        s->each_failed = true;
        scan_fail(s, "an element was refused");
        return;
    }
    draft_back(&s->d, l->mark);
}

static void end_value(struct scan *s)
{
    s->state = s->depth == 0 ? DONE : AFTER;
    if (s->depth > 0 && scan_is_live(s) && top(s)->each) {
        hand_out(s, top(s));
    }
}

/* A kept scalar has come whole: its text is [token, len) of the texts. */
static void keep_scalar(struct scan *s, enum json_kind kind)
{
    uint32_t n = s->d.text.len - s->token;
    const char *text;

    bytes_add(&s->d.text, "", 1);
    text = s->d.text.p + s->token;
    claim(s, kind);
    if (s->at.node != NOWHERE) {
        cell_at(s)->text = s->token;
        cell_at(s)->text_len = n;
    }
    if (s->at.entry != 0) {
        s->d.entry[s->at.entry].value = s->token;
        s->d.entry[s->at.entry].kept =
            kind == JSON_STRING || kind == JSON_INT || kind == JSON_DOUBLE;
    }
    if (s->raw_on > 0 && kind == JSON_STRING) {
        bytes_escaped(&s->d.raw, text, n);
    } else if (s->raw_on > 0) {
        bytes_add(&s->d.raw, text, n);
    }
    if (s->raw_here) {
        end_raw(s, s->raw_start);
    }
}

void place_scalar(struct scan *s, enum json_kind kind)
{
    if (s->keep) {
        keep_scalar(s, kind);
    } else if (scan_is_live(s)) {
        claim(s, kind);
    }
    end_value(s);
}

static void push_level(struct scan *s, bool object)
{
    struct level *l;
    unsigned flags = s->at.node != NOWHERE ? s->at.trie->nodes[s->at.node].flags : 0;

    if (s->live == s->level_cap) {
        s->level_cap = s->level_cap > 0 ? s->level_cap * 2 : 8;
        s->level = mem_resize(s->level, s->level_cap * sizeof *s->level);
    }
    l = &s->level[s->live++];
    *l = (struct level){.at = s->at,
                        .serial = s->serial++,
                        .object = object,
                        .map = object && (flags & NODE_MAP) != 0,
                        .raw = s->raw_on > 0,
                        .raw_here = s->raw_here,
                        .raw_start = s->raw_start};
    if (!object && (flags & NODE_LIST) != 0) {
        l->items = s->at.trie->nodes[s->at.node].items;
        l->each = s->each_node == s->at.node && s->at.cells == s->root;
    }
    if (l->raw) {
        bytes_add(&s->d.raw, object ? "{" : "[", 1);
    }
}

static bool wants_inside(const struct scan *s, bool object)
{
    const struct node *n;

    if (s->raw_on > 0 || s->at.node == NOWHERE) {
        return s->raw_on > 0;
    }
    n = &s->at.trie->nodes[s->at.node];
    return object ? n->child != 0 || (n->flags & NODE_MAP) != 0 : (n->flags & NODE_LIST) != 0;
}

void place_open(struct scan *s, bool object)
{
    uint64_t bit = UINT64_C(1) << s->depth % 64;

    if (scan_is_live(s)) {
        claim(s, object ? JSON_OBJECT : JSON_ARRAY);
        if (wants_inside(s, object)) {
            push_level(s, object);
        }
    }
    if (object) {
        s->kinds[s->depth / 64] |= bit;
    } else {
        s->kinds[s->depth / 64] &= ~bit;
    }
    s->depth++;
    s->state = object ? FIRST_KEY : FIRST_VALUE;
}

void place_close(struct scan *s)
{
    if (scan_is_live(s)) {
        struct level *l = top(s);

        s->at = l->at;
        if (l->raw) {
            bytes_add(&s->d.raw, l->object ? "}" : "]", 1);
        }
        if (l->raw_here) {
            end_raw(s, l->raw_start);
        }
        s->live--;
    }
    s->depth--;
    end_value(s);
}

/* --- keys ------------------------------------------------------------------------------------ */

/* The entry of this key, fresh or of an equal key before. key: place of its text. */
static uint32_t entry_of(struct scan *s, struct level *l, uint32_t key, size_t n)
{
    struct cell *map = &s->d.cell[l->at.cells + (unsigned)l->at.node];
    uint32_t e = s->d.entries > 0 ? s->d.entries : 1;

    if (!draft_seen(&s->d, l->serial, (struct span){s->d.text.p + key, n}, &e)) {
        return draft_entry(&s->d, map, key);
    }
    s->d.twice = true;
    if (strcmp(s->d.text.p + s->d.entry[e].key, s->d.text.p + key) != 0) {
        for (e = map->first; e != 0; e = s->d.entry[e].next) {
            if (strcmp(s->d.text.p + s->d.entry[e].key, s->d.text.p + key) == 0) {
                break;
            }
        }
    }
    if (e == 0) {
        return draft_entry(&s->d, map, key);
    }
    s->d.entry[e].kept = false;
    return e;
}

/* In an entry of managedFields that is not ours the fields need not be kept. */
static bool is_foreign(const struct scan *s, const struct level *l)
{
    const struct cell *c = &s->d.cell[l->at.cells + l->at.trie->manager];

    return l->at.node == 0 && c->there &&
           (c->kind != JSON_STRING || !rec_is_own_manager(s->d.text.p + c->text));
}

/* The place of the member's value. */
static void find_member(struct scan *s, struct level *l, struct span key)
{
    s->at.trie = l->at.trie;
    s->at.cells = l->at.cells;
    s->at.entry = 0;
    s->at.node = l->at.node != NOWHERE ? trie_child(l->at.trie, l->at.node, key.p, key.n) : NOWHERE;
    if (s->at.node != NOWHERE && l->at.trie->owned && is_foreign(s, l) &&
        (l->at.trie->nodes[s->at.node].flags & NODE_RAW) != 0) {
        s->at.node = NOWHERE;
    }
}

/* A key has come whole; what follows a NUL is no part of it, as in json-c. */
void place_key(struct scan *s, struct span key)
{
    struct level *l = top(s);

    key.n = strnlen(key.p, key.n);
    find_member(s, l, key);
    if (l->raw) {
        uint32_t none = 0;

        if (l->comma) {
            bytes_add(&s->d.raw, ",", 1);
        }
        l->comma = true;
        bytes_escaped(&s->d.raw, key.p, key.n);
        bytes_add(&s->d.raw, ":", 1);
        if (!l->map && draft_seen(&s->d, l->serial, key, &none)) {
            s->d.twice = true;
        }
    }
    if (l->map) {
        uint32_t at = s->d.text.len;

        bytes_add(&s->d.text, key.p, key.n);
        bytes_add(&s->d.text, "", 1);
        s->at.entry = entry_of(s, l, at, key.n);
    }
}

/* The same for a key that came in pieces: it lies behind the texts. */
void place_pieced_key(struct scan *s)
{
    size_t n = s->d.text.len - s->token;
    char *key = mem_alloc(n + 1); /* place_key() may move the texts */

    if (n > 0) {
        memcpy(key, s->d.text.p + s->token, n);
    }
    s->d.text.len = s->token;
    place_key(s, (struct span){key, n});
    mem_free(key);
}
