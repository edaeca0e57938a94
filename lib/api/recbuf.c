/* recbuf.c — putting a flat record together. */
#include "api/recbuf.h"

#include <string.h>

/* Appends n zero bytes at a multiple of `align`; returns where. */
static size_t extend(struct recbuf *b, size_t n, size_t align)
{
    size_t at = (b->len + align - 1) / align * align;

    if (at + n > b->cap) {
        size_t cap = b->cap > 0 ? b->cap : 512;
        unsigned char *bigger;

        while (cap < at + n) {
            cap *= 2;
        }
        bigger = arena_alloc(b->a, cap);
        if (b->len > 0) {
            memcpy(bigger, b->p, b->len);
        }
        b->p = bigger;
        b->cap = cap;
    }
    b->len = at + n;
    return at;
}

static size_t add_text(struct recbuf *b, const char *s, size_t n)
{
    size_t at = extend(b, n + 1, 1);

    if (n > 0) {
        memcpy(b->p + at, s, n);
    }
    return at;
}

struct place recbuf_begin(struct recbuf *b, const struct rows *rows)
{
    struct rec head = {0, rows->count, (uint16_t)((rows->count + 63) / 64)};
    size_t at = extend(b, sizeof head + head.words * 8u + rows->count * sizeof(union slot), 8);

    memcpy(b->p + at, &head, sizeof head);
    return (struct place){.rec = at, .words = head.words};
}

static void set_slot(struct recbuf *b, struct place at, union slot s)
{
    size_t bits = at.rec + sizeof(struct rec) + at.i / 64 * 8;
    uint64_t word;

    memcpy(&word, b->p + bits, sizeof word);
    word |= UINT64_C(1) << at.i % 64;
    memcpy(b->p + bits, &word, sizeof word);
    memcpy(b->p + at.rec + sizeof(struct rec) + at.words * 8u + at.i * sizeof s, &s, sizeof s);
}

void recbuf_number(struct recbuf *b, struct place at, int64_t v)
{
    set_slot(b, at, (union slot){.number = v});
}

void recbuf_count(struct recbuf *b, struct place at, size_t where, size_t kept)
{
    set_slot(b, at, (union slot){.ref = {(uint32_t)(where - at.rec), (uint32_t)kept}});
}

void recbuf_text(struct recbuf *b, struct place at, const char *s, size_t n)
{
    recbuf_count(b, at, add_text(b, s, n), n);
}

size_t recbuf_list(struct recbuf *b, size_t n)
{
    return extend(b, n * sizeof(uint32_t), sizeof(uint32_t));
}

void recbuf_item(struct recbuf *b, struct place at, size_t list, size_t i, size_t item)
{
    uint32_t offset = (uint32_t)(item - at.rec);

    memcpy(b->p + list + i * sizeof offset, &offset, sizeof offset);
}

size_t recbuf_map(struct recbuf *b, size_t n)
{
    return extend(b, n * sizeof(struct pair), sizeof(uint32_t));
}

void recbuf_pair(struct recbuf *b, struct place at, size_t i, size_t map, const char *const kv[2])
{
    recbuf_entry(b, at, i, map, (const struct span[]){span_of(kv[0]), span_of(kv[1])});
}

void recbuf_entry(struct recbuf *b, struct place at, size_t i, size_t map, const struct span kv[2])
{
    struct pair p;

    p.key = (uint32_t)(add_text(b, kv[0].p, kv[0].n) - at.rec);
    p.value = (uint32_t)(add_text(b, kv[1].p, kv[1].n) - at.rec);
    memcpy(b->p + map + i * sizeof p, &p, sizeof p);
}

int recbuf_seal(struct recbuf *b, const struct rec **ret, uint32_t *ret_size, struct err *e)
{
    uint32_t size = (uint32_t)b->len;

    if (b->len > UINT32_MAX) {
        return err_set(e, ERR_INVALID, "ObjectTooLarge", "an object of %zu bytes is too large",
                       b->len);
    }
    memcpy(b->p + offsetof(struct rec, size), &size, sizeof size);
    *ret = (const struct rec *)(const void *)b->p;
    *ret_size = size;
    return 0;
}
