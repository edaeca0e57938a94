/*
 * call.h — one HTTP request to the store, repeated until it has an answer; used by client.c alone.
 */
#ifndef DKUBE_STORE_CALL_H
#define DKUBE_STORE_CALL_H

#include "base/buf.h"
#include "store/client.h"

struct line; /* the connection, its token file and its patience */

struct line *line_new(const struct store_client_conf *conf);
void line_free(struct line *l);

struct call {
    const char *method, *path;
    int body_fd;      /* PUT: a file, or -1 and … */
    const char *body; /* … a text, borrowed */
    int64_t body_len;
    /* where the body of a 2xx goes; NULL drops it. Begins anew at each attempt when `restart` says
     * so. */
    int (*restart)(void *ctx);
    int (*data)(void *ctx, const void *p, size_t n); /* -1 ends the attempt as broken */
    void *ctx;
    void (*sent)(void *ctx,
                 int64_t bytes); /* PUT: bytes sent so far in this attempt; may be NULL */
    void *sent_ctx;
    int fatal;  /* errno that `data` sets when no further attempt can help */
    int status; /* the final one */
};
/* 0 for a 2xx or 404, -1 with *e for everything else. */
int line_call(struct line *l, struct call *c, struct err *e) MUSTCHECK;

#endif
