#include "support/pb.h"

struct span pb_join(struct arena *a, size_t n, const struct span *list)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        len += list[i].n;
    }
    char *p = arena_alloc(a, len + 1);
    len = 0;
    for (size_t i = 0; i < n; i++) {
        if (list[i].n > 0) {
            memcpy(p + len, list[i].p, list[i].n);
        }
        len += list[i].n;
    }
    return (struct span){p, len};
}

struct span pb_varint(struct arena *a, uint64_t v)
{
    char *p = arena_alloc(a, 10);
    size_t n = 0;
    for (; v >= 0x80; v >>= 7) {
        p[n++] = (char)(v | 0x80);
    }
    p[n++] = (char)v;
    return (struct span){p, n};
}

struct span pb_int(struct arena *a, uint32_t field, int64_t v)
{
    return pb(a, pb_varint(a, (uint64_t)field << 3), pb_varint(a, (uint64_t)v));
}

struct span pb_msg(struct arena *a, uint32_t field, struct span bytes)
{
    return pb(a, pb_varint(a, (uint64_t)field << 3 | 2), pb_varint(a, bytes.n), bytes);
}

struct span pb_str(struct arena *a, uint32_t field, const char *s)
{
    return pb_msg(a, field, span_of(s));
}

struct span pb_pair(struct arena *a, uint32_t field, const char *key, const char *value)
{
    return pb_msg(a, field, pb(a, pb_str(a, 1, key), pb_str(a, 2, value)));
}

struct span pb_quantity(struct arena *a, uint32_t field, const char *key, const char *value)
{
    struct span quantity = pb_str(a, 1, value);
    return pb_msg(a, field, pb(a, pb_str(a, 1, key), pb_msg(a, 2, quantity)));
}

struct span pb_time(struct arena *a, uint32_t field, int64_t seconds)
{
    return pb_msg(a, field, pb(a, pb_int(a, 1, seconds), pb_int(a, 2, 0)));
}

struct span pb_wrap(struct arena *a, const char *kind, struct span object)
{
    struct span type = pb(a, pb_str(a, 1, "v1"), pb_str(a, 2, kind));
    return pb(a, (struct span){"k8s", 4}, pb_msg(a, 1, type), pb_msg(a, 2, object),
              pb_str(a, 3, ""), pb_str(a, 4, ""));
}

struct span pb_frame(struct arena *a, const char *type, const char *kind, struct span object)
{
    struct span raw = pb_msg(a, 1, pb_wrap(a, kind, object));
    struct span event = pb(a, pb_str(a, 1, type), pb_msg(a, 2, raw));
    char *head = arena_alloc(a, 4);
    for (int i = 0; i < 4; i++) {
        head[i] = (char)(event.n >> (24 - 8 * i));
    }
    return pb(a, (struct span){head, 4}, event);
}

struct span pb_meta(struct arena *a, const char *name, const char *rv)
{
    return pb_msg(a, 1,
                  pb(a, pb_str(a, 1, name), pb_str(a, 2, ""), pb_str(a, 3, "n"),
                     pb_str(a, 5, arena_printf(a, "u-%s", name)), pb_str(a, 6, rv), pb_int(a, 7, 0),
                     pb_msg(a, 8, (struct span){"", 0})));
}

struct span pb_status(struct arena *a, int code, const char *reason, const char *message)
{
    struct span list = pb_str(a, 2, "");
    return pb(a, pb_msg(a, 1, list), pb_str(a, 2, "Failure"), pb_str(a, 3, message),
              pb_str(a, 4, reason), pb_int(a, 6, code));
}
