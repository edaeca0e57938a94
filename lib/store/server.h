/*
 * server.h — the store's HTTP side: PUT, HEAD and GET of blobs and trees, /healthz and /metrics.
 *
 * libwebsockets runs in a thread of its own, and so does all disk work. Who calls is decided by the
 * caller's `auth`, which may answer at once or later by server_answer(); until then nothing of the
 * body is read. Bodies are streamed to disk and hashed on the way. Requests must give
 * Content-Length. Refusals are JSON: {"reason": "…", "message": "…"}. Never expose it beyond the
 * cluster.
 */
#ifndef DKUBE_STORE_SERVER_H
#define DKUBE_STORE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/blobs.h"

#define SERVER_BLOB_MAX (INT64_C(1) << 40) /* a larger body is refused with 413 */

struct server;
struct server_verdict {
    int status;     /* 200: `ns` may; 401: not a valid token; 503: nobody knows, try again */
    char ns[64];    /* the caller's namespace */
    char text[200]; /* why not, for status other than 200 */
};
/* On the server's thread. True: *ret is the answer; false: it comes by server_answer(s, ask, …). */
typedef bool server_auth_fn(void *ctx, uint64_t ask, const char *token, struct server_verdict *ret);

struct server_conf {     /* listen is borrowed during the call, the rest until server_stop */
    const char *listen;  /* "ADDR:PORT" or "[ADDR]:PORT"; port 0 takes a free one */
    struct blobs *blobs; /* used by the server's thread only */
    server_auth_fn *auth;
    void *ctx;
};
struct server *server_start(const struct server_conf *conf, struct err *e) MUSTCHECK;
int server_port(const struct server *s);
/* From any thread; an ask whose caller has gone is ignored. */
void server_answer(struct server *s, uint64_t ask, const struct server_verdict *v);
/* From any thread: the rest of the program is alive. /healthz fails after LIMIT_HEARTBEAT_MS. */
void server_beat(struct server *s);
/* Answers new requests with 503, waits at most grace_ms for those under way, joins, frees; NULL is
 * fine. */
void server_stop(struct server *s, int64_t grace_ms);

#endif
