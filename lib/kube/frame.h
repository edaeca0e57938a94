/*
 * frame.h — cuts a byte stream into JSON objects: a watch event ends where its value ends, whatever
 * the chunks.
 *
 * Only braces outside strings are counted; whether the value is JSON is the parser's to say. A
 * value that lies whole in one chunk is not copied. Memory is bounded by `max`.
 */
#ifndef DKUBE_KUBE_FRAME_H
#define DKUBE_KUBE_FRAME_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

struct frame {
    struct buf buf; /* the beginning of a value, from earlier chunks */
    unsigned depth; /* open braces; 0: between values */
    bool string, escape;
    bool given; /* the buffer's value was handed out */
};

void frame_init(struct frame *f, size_t max);
void frame_reset(struct frame *f); /* for another stream; memory kept */
void frame_done(struct frame *f);

/* Takes bytes from the front of *chunk. 1: *ret is a whole value, borrowed until the next call and
 * while the chunk lives; call again. 0: the chunk is used up. -1: a value is larger than max, or
 * something else than an object begins: the stream is of no more use. */
int frame_next(struct frame *f, struct span *chunk, struct span *ret);

#endif
