/* wire.c — the rare ways of protobuf's wire form. */
#include "api/wire.h"

bool wire_long_varint(struct span *s, uint64_t *ret)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < VARINT_MAX && i < s->n; i++) {
        unsigned char c = (unsigned char)s->p[i];

        if (i == VARINT_MAX - 1 && c > 1) {
            return false; /* more than 64 bits */
        }
        v |= (uint64_t)(c & 0x7f) << 7 * i;
        if (c < 0x80) {
            *ret = v;
            s->p += i + 1;
            s->n -= i + 1;
            return true;
        }
    }
    return false;
}

static bool skip_fixed(struct span *s, size_t n)
{
    if (s->n < n) {
        return false;
    }
    s->p += n;
    s->n -= n;
    return true;
}

static bool skip_plain(struct span *s, unsigned wire)
{
    uint64_t v;
    struct span bytes;

    switch (wire) {
    case WIRE_VARINT:
        return wire_varint(s, &v);
    case WIRE_FIXED64:
        return skip_fixed(s, 8);
    case WIRE_BYTES:
        return wire_bytes(s, &bytes);
    case WIRE_FIXED32:
        return skip_fixed(s, 4);
    default:
        return false;
    }
}

/* Groups within it are counted: only the outermost's number is compared. */
static bool skip_group(struct span *s, uint32_t number)
{
    size_t depth = 1;

    while (depth > 0) {
        uint32_t inner;
        unsigned wire;

        if (!wire_tag(s, &inner, &wire)) {
            return false;
        }
        if (wire == WIRE_GROUP) {
            depth++;
        } else if (wire == WIRE_END_GROUP) {
            depth--;
            if (depth == 0 && inner != number) {
                return false;
            }
        } else if (!skip_plain(s, wire)) {
            return false;
        }
    }
    return true;
}

bool wire_skip(struct span *s, uint32_t number, unsigned wire)
{
    return wire == WIRE_GROUP ? skip_group(s, number) : skip_plain(s, wire);
}
