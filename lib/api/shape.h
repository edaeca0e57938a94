/*
 * shape.h — tables of declared rows compiled into tries of path segments, for scan.c alone.
 *
 * One trie for the document and one for the elements of each declared list. Nodes stand in
 * preorder, so that all nodes below one are those up to `end`. Compiled once, never changed, owned
 * by the caller; keys are copies. Tables must not contain themselves, and one path holds at most
 * one LIST or OWNED row.
 */
#ifndef DKUBE_API_SHAPE_H
#define DKUBE_API_SHAPE_H

#include <string.h>

#include "api/rec.h"

enum {
    NODE_TEXT = 1, /* rows that want the scalar */
    NODE_RAW = 2,
    NODE_MAP = 4,
    NODE_LIST = 8
};

struct trie;
struct node {
    const char *key; /* owned */
    uint64_t mask;   /* of its children, by shape_bit() */
    const struct trie *items;
    uint32_t key_len;
    uint16_t child, sibling; /* 0: none */
    uint16_t end;
    uint8_t flags;
};

struct scan_part { /* the table's paths, seen from `prefix` */
    const char *prefix;
    const struct rows *rows;
};

struct trie {
    struct node *nodes;
    uint16_t count;
    bool owned; /* an element of managedFields: kept when it is ours */
    uint16_t manager, operation;
    const struct scan_part *parts; /* owned copy */
    uint16_t **row_nodes;          /* of each part */
    size_t part_count;
};

static inline uint64_t shape_bit(const char *key, size_t n)
{
    return UINT64_C(1) << ((n * 5 + (n > 0 ? (unsigned char)key[0] : 0)) & 63);
}

struct trie *trie_new(const struct scan_part *parts, size_t n);
void trie_free(struct trie *t);

/* The child of `at` with this key, or -1. */
static inline int trie_child(const struct trie *t, int at, const char *key, size_t n)
{
    if ((t->nodes[at].mask & shape_bit(key, n)) == 0) {
        return -1;
    }
    for (unsigned i = t->nodes[at].child; i != 0; i = t->nodes[i].sibling) {
        if (t->nodes[i].key_len == n && memcmp(t->nodes[i].key, key, n) == 0) {
            return (int)i;
        }
    }
    return -1;
}

#endif
