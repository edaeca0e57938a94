/*
 * draft.h — what a scanner has kept of the value that is under way, for scan.c alone.
 *
 * A cell for each node of the trie; a list's elements have runs of cells of their own. Texts lie in
 * one buffer, RAW texts in another, maps' entries in a third; all places are offsets, and all is
 * forgotten at once. The last of two equal keys wins and keeps the place of the first, as in
 * json-c. One thread; memory is freed by draft_done().
 */
#ifndef DKUBE_API_DRAFT_H
#define DKUBE_API_DRAFT_H

#include "api/recbuf.h"
#include "api/shape.h"
#include "base/span.h"

struct bytes { /* grows; every text is followed by a NUL */
    char *p;
    uint32_t len, cap;
};

struct cell {
    uint32_t text, text_len;
    uint32_t raw, raw_len;
    uint32_t first, last, count; /* elements (places of their cells) or entries; 0: none */
    uint32_t next;               /* an element's root: the element behind it */
    bool there;
    uint8_t kind; /* enum json_kind */
};

struct entry_text { /* of a map */
    uint32_t key, value, next;
    bool kept; /* has the value a text? */
};

struct seen { /* a set of (object, key), to find keys that come twice */
    uint64_t hash;
    uint32_t stamp, entry;
};

struct draft {
    struct cell *cell; /* [0] is not used */
    uint32_t cells, cell_cap;
    struct entry_text *entry; /* [0] is not used */
    uint32_t entries, entry_cap;
    struct bytes text, raw;
    struct seen *seen;
    uint32_t seen_count, seen_cap, stamp;
    bool twice; /* a key may have come twice within a RAW */
};

struct draft_mark {
    uint32_t cells, entries, text, raw;
};

void draft_done(struct draft *d);
void draft_clear(struct draft *d);
struct draft_mark draft_mark(const struct draft *d);
void draft_back(struct draft *d, struct draft_mark m); /* forgets what came since */

uint32_t draft_cells(struct draft *d, const struct trie *t); /* fresh cells; the root's place */
uint32_t draft_entry(struct draft *d, struct cell *map, uint32_t key);
/* True when the object `serial` had this key; *entry is then the earlier entry, else remembered. */
bool draft_seen(struct draft *d, uint64_t serial, struct span key, uint32_t *entry);

void bytes_room(struct bytes *b, size_t n);
static inline void bytes_add(struct bytes *b, const char *p, size_t n)
{
    if (b->cap - b->len <= n) {
        bytes_room(b, n);
    }
    memcpy(b->p + b->len, p, n);
    b->len += (uint32_t)n;
}
void bytes_escaped(struct bytes *b, const char *p,
                   size_t n); /* a JSON string as json-c writes it */

/* The record of one part of the trie whose cells begin at `at`. */
size_t draft_rec(const struct draft *d, const struct trie *t, size_t part, uint32_t at,
                 struct recbuf *b);

#endif
