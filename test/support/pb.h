/*
 * pb.h — protobuf as a test writes it: fields one behind the other, each helper giving a span in
 * the arena. pb(a, x, y, …) puts spans together.
 */
#ifndef DKUBE_TEST_PB_H
#define DKUBE_TEST_PB_H

#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

struct span pb_join(struct arena *a, size_t n, const struct span *list);
#define pb(a, ...)                                                               \
    pb_join(a, sizeof((const struct span[]){__VA_ARGS__}) / sizeof(struct span), \
            (const struct span[]){__VA_ARGS__})

struct span pb_varint(struct arena *a, uint64_t v);
struct span pb_int(struct arena *a, uint32_t field, int64_t v);
struct span pb_str(struct arena *a, uint32_t field, const char *s);
struct span pb_msg(struct arena *a, uint32_t field, struct span bytes);
struct span pb_pair(struct arena *a, uint32_t field, const char *key, const char *value);
struct span pb_quantity(struct arena *a, uint32_t field, const char *key, const char *value);
struct span pb_time(struct arena *a, uint32_t field, int64_t seconds);

/* An object of this kind in the API server's envelope; a frame of a watch; a page of objects. */
struct span pb_wrap(struct arena *a, const char *kind, struct span object);
struct span pb_frame(struct arena *a, const char *type, const char *kind, struct span object);
struct span pb_meta(struct arena *a, const char *name, const char *rv); /* a whole object's bytes */
struct span pb_status(struct arena *a, int code, const char *reason, const char *message);

#endif
