/*
 * transport.h — the one table between the runtime and an API server: the shell and the watches call
 * only this; client.c implements it over lib/http, the simulator and tests in memory. No retries
 * below it except GETs on a connection that broke before the reply.
 */
#ifndef DKUBE_KUBE_TRANSPORT_H
#define DKUBE_KUBE_TRANSPORT_H

#include "http/http.h"

struct transport {
    void *self;
    void (*send)(void *self, const struct http_request *r, http_done_fn *done, void *ctx);
    struct http_stream *(*stream)(void *self, const struct http_request *r, http_data_fn *data,
                                  http_done_fn *done, void *ctx);
    void (*stream_close)(void *self, struct http_stream *s);
    void (*forget)(void *self,
                   void *ctx);      /* no callback for the request sent with ctx; may be NULL */
    int64_t (*wall_ms)(void *self); /* the one now() of a program: the server's, where known */
    int64_t (*boot_ms)(void *self);
    bool no_watch_list; /* learned by the watches: this server refuses sendInitialEvents */
};

#endif
