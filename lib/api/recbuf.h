/*
 * recbuf.h — how a flat record is laid out, and the growing block in which one is put together.
 *
 * Used by the two fillers, rec_build() (from a document) and scan.c (from bytes as they arrive),
 * which write the same bytes for the same object, and by the readers in rec.c; by nobody else.
 * The block lies in the caller's arena and moves when it grows, so all places are offsets. A
 * record is begun, its rows are set in any order the filler likes (both take the table's), and at
 * last the whole block is sealed.
 */
#ifndef DKUBE_API_RECBUF_H
#define DKUBE_API_RECBUF_H

#include "api/rec.h"
#include "base/span.h"

/* A record in memory: this head, `words` words of presence bits, `count` slots, the heap. Elements
 * are records too; all offsets count from the record they stand in. */
struct rec {
    uint32_t size; /* 0 in elements */
    uint16_t count, words;
};

union slot {
    int64_t number;
    struct {
        uint32_t at, n; /* bytes of a string; items of a list or map */
    } ref;
};

struct pair { /* an entry of a map */
    uint32_t key, value;
};

struct recbuf {
    struct arena *a;
    unsigned char *p; /* arena */
    size_t len, cap;
};

/* The place of one row: of the record at `rec`, slot number `i`. */
struct place {
    size_t rec;
    uint16_t words;
    unsigned i;
    const struct row *row; /* for the filler */
};

/* Begins a record, or an element, of this table; every row is absent. */
struct place recbuf_begin(struct recbuf *b, const struct rows *rows);

/* Set one row. */
void recbuf_number(struct recbuf *b, struct place at, int64_t v);
void recbuf_text(struct recbuf *b, struct place at, const char *s, size_t n);

/* Lists and maps: room for n items, then each kept one by its number, then their count. */
size_t recbuf_list(struct recbuf *b, size_t n);
void recbuf_item(struct recbuf *b, struct place at, size_t list, size_t i, size_t item);
size_t recbuf_map(struct recbuf *b, size_t n);
void recbuf_pair(struct recbuf *b, struct place at, size_t i, size_t map, const char *const kv[2]);
void recbuf_entry(struct recbuf *b, struct place at, size_t i, size_t map, const struct span kv[2]);
void recbuf_count(struct recbuf *b, struct place at, size_t where, size_t kept);

/* The finished record; see rec_build(). */
int recbuf_seal(struct recbuf *b, const struct rec **ret, uint32_t *ret_size,
                struct err *e) MUSTCHECK;

#endif
