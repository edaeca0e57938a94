/*
 * wire.h — protobuf's tags, varints and lengths, read from a span that holds them whole.
 *
 * Every reader moves the span behind what it read; false: the bytes are malformed or end too
 * early, and the span is spent.
 */
#ifndef DKUBE_API_WIRE_H
#define DKUBE_API_WIRE_H

#include <stdint.h>

#include "base/span.h"

enum { WIRE_VARINT, WIRE_FIXED64, WIRE_BYTES, WIRE_GROUP, WIRE_END_GROUP, WIRE_FIXED32 };
enum { VARINT_MAX = 10 }; /* bytes */

bool wire_long_varint(struct span *s, uint64_t *ret);

static inline bool wire_varint(struct span *s, uint64_t *ret)
{
    if (s->n > 0 && (unsigned char)*s->p < 0x80) {
        *ret = (unsigned char)*s->p;
        s->p++;
        s->n--;
        return true;
    }
    return wire_long_varint(s, ret);
}

/* A length and as many bytes. */
static inline bool wire_bytes(struct span *s, struct span *ret)
{
    uint64_t n;

    if (!wire_varint(s, &n) || n > s->n) {
        return false;
    }
    *ret = (struct span){s->p, (size_t)n};
    s->p += n;
    s->n -= (size_t)n;
    return true;
}

static inline bool wire_tag(struct span *s, uint32_t *number, unsigned *wire)
{
    uint64_t tag;

    if (!wire_varint(s, &tag) || tag >> 3 == 0 || tag >> 3 >= UINT64_C(1) << 29) {
        return false;
    }
    *number = (uint32_t)(tag >> 3);
    *wire = tag & 7;
    return true;
}

/* Passes over the value of a field of this number and type, a group with all that is in it. */
bool wire_skip(struct span *s, uint32_t number, unsigned wire);

#endif
