/*
 * host.h — one libwebsockets context with one listening address, in a thread of its own; what the
 * programs' small servers have in common.
 *
 * The callbacks of the protocol and the hooks run on that thread; host_wake() may be called from
 * any. The thread takes no signal: they belong to the loop. The context's user pointer is
 * `conf.ctx` (lws_context_user). Sizes are bytes, times milliseconds.
 */
#ifndef DKUBE_SERVE_HOST_H
#define DKUBE_SERVE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct lws_protocols;
struct host;

struct host_conf {
    const char *listen;                    /* "ADDR:PORT" or "[ADDR]:PORT"; port 0: a free one */
    const struct lws_protocols *protocols; /* static */
    void *ctx;
    bool (*is_over)(void *ctx); /* the thread ends when true; asked after each round */
    unsigned descriptors;       /* at most */
    unsigned service_bytes, header_bytes, header_pool; /* 0: libwebsockets' own */
    unsigned timeout_s, keepalive_s;
};

/* Listens; no callback runs before host_run(), which starts the thread. NULL with *e (BadAddress,
 * CannotListen, NoDescriptors). */
struct host *host_new(const struct host_conf *conf, struct err *e) MUSTCHECK;
int host_run(struct host *h, struct err *e) MUSTCHECK;
int host_port(const struct host *h);
void host_wake(struct host *h); /* LWS_CALLBACK_EVENT_WAIT_CANCELLED, and is_over is asked */

/* Waits for the thread, which is_over ends, waking it at least every 100 ms; then frees. NULL is
 * fine. */
void host_free(struct host *h);

#endif
