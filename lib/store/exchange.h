/*
 * exchange.h — one request of the store and its reply, on the server's thread; server.c feeds it.
 *
 * Stages: IDLE → (ASKING) → BODY → REPLYING → IDLE. Every reply leaves in exchange_write(), when
 * the socket can take it. Lives in libwebsockets' per-session memory (zeroed), cleared by
 * exchange_clear().
 */
#ifndef DKUBE_STORE_EXCHANGE_H
#define DKUBE_STORE_EXCHANGE_H

#include <libwebsockets.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/metrics.h"
#include "base/sha256.h"
#include "store/server.h"

enum stage { STAGE_IDLE, STAGE_ASKING, STAGE_BODY, STAGE_REPLYING };
enum method { METHOD_OTHER, METHOD_GET, METHOD_HEAD, METHOD_PUT };
enum target {
    TARGET_NONE,
    TARGET_HEALTH,
    TARGET_METRICS,
    TARGET_BLOB,
    TARGET_TREE,
    TARGET_TREE_BLOB
};

/* What an exchange needs of its server. */
struct exchange_host {
    const struct server_conf *conf;
    struct metrics *metrics;
    uint64_t next_ask;
    bool draining;
    int64_t silent_ms; /* since the program's last sign of life */
    LIST_HEAD(, exchange) busy;
};

struct exchange {
    LIST_ENTRY(exchange) link;
    bool linked;
    struct exchange_host *host;
    struct lws *wsi;
    uint64_t ask;
    enum stage stage;
    enum method method;
    enum target target;
    char ns[64], hex[SHA256_HEX], blob[SHA256_HEX];
    int64_t length; /* of the body */
    bool body_done;
    struct buf body; /* a manifest, or what came before the verdict */
    struct blob_in *in;
    int status, retry_after;
    bool headers_sent, open;
    const char *type;
    char *text; /* owned; the reply, or … */
    int fd;     /* … the file, while `open` */
    int64_t size, at;
};

/* Each returns what the libwebsockets callback returns: 0, or -1 to drop the connection. */
int exchange_begin(struct exchange *x, struct exchange_host *h, struct lws *wsi, const char *path);
int exchange_body(struct exchange *x, const void *p, size_t n);
int exchange_body_done(struct exchange *x);
int exchange_write(struct exchange *x);
void exchange_verdict(struct exchange *x, const struct server_verdict *v);
void exchange_clear(struct exchange *x); /* frees, back to zero */

#endif
