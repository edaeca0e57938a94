/* shape.c — from tables of dotted paths to tries. */
#include "api/shape.h"

#include <assert.h>

#include "base/mem.h"

/* A trie while paths are added: nodes in the order in which they came. */
struct draft_node {
    char *key;
    size_t key_len, child, sibling;
    const struct trie *items;
    uint8_t flags;
    uint16_t number; /* in preorder, at last */
};

struct sketch {
    struct draft_node *node;
    size_t count;
};

static size_t add_node(struct sketch *s, const char *key, size_t n)
{
    s->node = mem_resize(s->node, (s->count + 1) * sizeof *s->node);
    s->node[s->count] = (struct draft_node){.key = mem_strndup(key, n), .key_len = n};
    return s->count++;
}

static size_t child_of(struct sketch *s, size_t at, const char *key, size_t n)
{
    size_t fresh;

    for (size_t i = s->node[at].child; i != 0; i = s->node[i].sibling) {
        if (s->node[i].key_len == n && memcmp(s->node[i].key, key, n) == 0) {
            return i;
        }
    }
    fresh = add_node(s, key, n);
    s->node[fresh].sibling = s->node[at].child;
    s->node[at].child = fresh;
    return fresh;
}

/* Follows a dotted path, "\\." being a dot inside a key. */
static size_t walk(struct sketch *s, size_t at, const char *path)
{
    while (*path != '\0') {
        char *seg = mem_alloc(strlen(path) + 1);
        size_t n = 0;

        while (*path != '\0' && *path != '.') {
            path += *path == '\\' && path[1] == '.' ? 1 : 0;
            seg[n++] = *path++;
        }
        path += *path == '.' ? 1 : 0;
        at = child_of(s, at, seg, n);
        mem_free(seg);
    }
    return at;
}

static uint8_t flag_of(enum rec_type type)
{
    switch (type) {
    case REC_RAW:
        return NODE_RAW;
    case REC_MAP:
        return NODE_MAP;
    case REC_LIST:
    case REC_OWNED:
        return NODE_LIST;
    case REC_OBJ:
        return 0;
    case REC_STR:
    case REC_TEXT:
    case REC_INT:
    case REC_BOOL:
    case REC_TIME:
    case REC_QTY:
    default:
        return NODE_TEXT;
    }
}

static const struct trie *items_of(const struct row *row)
{
    static const struct row ours[] = {{"manager", REC_STR, NULL}, {"operation", REC_STR, NULL}};
    static const struct rows ours_rows = {"ours", ours, ARRAY_LEN(ours)};
    struct scan_part parts[2] = {{"", row->items}, {"", &ours_rows}};
    struct trie *t = trie_new(parts, row->type == REC_OWNED ? 2 : 1);

    if (row->type == REC_OWNED) {
        t->owned = true;
        t->manager = t->row_nodes[1][0];
        t->operation = t->row_nodes[1][1];
    }
    return t;
}

static void number_nodes(struct sketch *s, struct trie *t, size_t at)
{
    struct draft_node *from = &s->node[at];
    struct node *to = &t->nodes[t->count];
    uint16_t *link = &to->child;

    from->number = t->count++;
    *to = (struct node){.key = from->key,
                        .key_len = (uint32_t)from->key_len,
                        .items = from->items,
                        .flags = from->flags};
    for (size_t i = from->child; i != 0; i = s->node[i].sibling) {
        *link = t->count;
        to->mask |= shape_bit(s->node[i].key, s->node[i].key_len);
        number_nodes(s, t, i);
        link = &t->nodes[*link].sibling;
    }
    to->end = t->count;
}

struct trie *trie_new(const struct scan_part *parts, size_t n)
{
    struct trie *t = mem_alloc(sizeof *t);
    struct scan_part *own = mem_alloc(n * sizeof *own);
    struct sketch s = {0};

    memcpy(own, parts, n * sizeof *own);
    t->parts = own;
    t->part_count = n;
    t->row_nodes = mem_alloc(n * sizeof *t->row_nodes);
    add_node(&s, "", 0);
    for (size_t p = 0; p < n; p++) {
        size_t from = walk(&s, 0, parts[p].prefix);

        t->row_nodes[p] = mem_alloc(parts[p].rows->count * sizeof **t->row_nodes);
        for (unsigned i = 0; i < parts[p].rows->count; i++) {
            const struct row *row = &parts[p].rows->row[i];
            size_t at = walk(&s, from, row->path);

            s.node[at].flags |= flag_of(row->type);
            if (flag_of(row->type) == NODE_LIST) {
                assert(s.node[at].items == NULL);
                s.node[at].items = items_of(row);
            }
            t->row_nodes[p][i] = (uint16_t)at;
        }
    }
    assert(s.count < UINT16_MAX);
    t->nodes = mem_alloc(s.count * sizeof *t->nodes);
    number_nodes(&s, t, 0);
    for (size_t p = 0; p < n; p++) {
        for (unsigned i = 0; i < parts[p].rows->count; i++) {
            t->row_nodes[p][i] = s.node[t->row_nodes[p][i]].number;
        }
    }
    mem_free(s.node);
    return t;
}

void trie_free(struct trie *t)
{
    if (t == NULL) {
        return;
    }
    for (unsigned i = 0; i < t->count; i++) {
        trie_free((struct trie *)(uintptr_t)t->nodes[i].items);
        mem_free((char *)(uintptr_t)t->nodes[i].key);
    }
    for (size_t p = 0; p < t->part_count; p++) {
        mem_free(t->row_nodes[p]);
    }
    mem_free(t->row_nodes);
    mem_free((struct scan_part *)(uintptr_t)t->parts);
    mem_free(t->nodes);
    mem_free(t);
}
