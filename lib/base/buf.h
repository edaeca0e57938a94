/*
 * buf.h — a growing byte buffer with a mandatory maximum (after curl's dynbuf): what a peer sends
 * can never exceed what we said we would hold. Always NUL-terminated behind `len`. Owned by its
 * holder.
 */
#ifndef DKUBE_BASE_BUF_H
#define DKUBE_BASE_BUF_H

#include <stddef.h>

#include "base/attr.h"

struct buf {
    char *data; /* owned; NULL while empty */
    size_t len, cap, max;
};

void buf_init(struct buf *b, size_t max);                      /* max bytes of content */
int buf_add(struct buf *b, const void *p, size_t n) MUSTCHECK; /* -1: would exceed max, unchanged */
int buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_clear(struct buf *b);            /* len 0, memory kept */
void buf_drop(struct buf *b, size_t n);   /* removes the first n bytes */
void buf_done(struct buf *b);             /* frees; also for CLEANUP */
const char *buf_str(const struct buf *b); /* borrowed until the next change; "" when empty */

#endif
