/*
 * http.h — HTTP on the loop: libcurl's multi interface, one struct http a TLS identity.
 *
 * Two multi handles inside: requests share HTTP/2 connections, streams (watches) have an HTTP/1.1
 * connection each unless http_streams_share() says otherwise. No transfer is ever paused. TLS
 * ≥ 1.2; the CA is always the given blob and never the system's. Sockets are close-on-exec; a dead
 * peer is noticed within LIMIT_DEAD_PEER_MS (TCP_USER_TIMEOUT); redirects are off; a proxy only
 * where the caller names one. Callbacks run on the loop's thread.
 */
#ifndef DKUBE_HTTP_HTTP_H
#define DKUBE_HTTP_HTTP_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#include "base/err.h"
#include "http/loop.h"

struct http;
struct http_identity {    /* all borrowed during http_new/http_identity_set, then copied */
    const char *base_url; /* https://host:port[/prefix], no trailing slash */
    const char *ca_pem;   /* NULL: no certificate is trusted unless insecure */
    const char *cert_pem, *key_pem;
    const char *server_name; /* tls-server-name or NULL */
    const char *proxy_url;   /* or NULL */
    const char *no_proxy; /* hosts that the proxy is passed by for, as curl lists them; or NULL */
    const char *user_agent;
    const char *impersonate; /* kubeconfig `as`, or NULL */
    bool insecure;           /* insecure-skip-tls-verify: as the kubeconfig says */
};
struct http *http_new(struct loop *l, const struct http_identity *id);
void http_identity_set(struct http *h,
                       const struct http_identity *id); /* rotation: new connections */
void http_free(struct http *h); /* transfers end without a callback; not from a callback */

/* Is the URL's host this machine itself (127.0.0.0/8, ::1, localhost)? */
bool http_is_local(const char *url);

/* Streams share HTTP/2 connections, too, from the next one on; false (the default): HTTP/1.1, one
 * connection each. */
void http_streams_share(struct http *h, bool share);

/* The bearer token for each request from now on (copied); NULL: none. */
void http_token(struct http *h, const char *token);

/* While held, nothing new is started: credentials are on their way. Released, what waited starts
 * with the token and identity then in force; with an error (copied) it all fails with these words,
 * unsent. */
void http_hold(struct http *h);
void http_release(struct http *h, const char *error);

struct http_request {
    const char *method;       /* "GET" … */
    const char *path;         /* starts with '/', escaped, with query */
    const char *content_type; /* NULL without body */
    const char *accept;       /* NULL: application/json */
    const char *body;         /* borrowed until the callback */
    size_t body_len;
    int64_t timeout_ms;  /* 0: LIMIT_REQUEST_MS; of a stream: none */
    bool gzip;           /* of a stream: asked for; of a request: always, but on this machine */
    size_t max_response; /* decoded bytes; 0: LIMIT_RESPONSE_BYTES */
    const bool *bulk;    /* of a stream, borrowed for its life, or NULL: while it is true, bytes may
                            wait a millisecond for others, so that fewer reads bring them */
};
struct http_response { /* borrowed during the callback */
    int status;        /* 0: no reply came, see error; a stream may have both */
    bool sent;         /* false: the request surely never reached the server */
    const char *body;
    size_t body_len;
    int retried;            /* it went out twice, for this: 401, -1 a broken connection; 0: once */
    int64_t retry_after_ms; /* from Retry-After, at most LIMIT_RETRY_AFTER_MS; else 0 */
    const char *error;      /* libcurl's words when status is 0 */
};
typedef void http_done_fn(void *ctx, const struct http_response *r);
void http_send(struct http *h, const struct http_request *r, http_done_fn *done, void *ctx);

/* A stream: data as it comes, then done exactly once (also with an HTTP error status and its body;
 * with its status and an error when it broke). The handle is dead once done has been called. */
struct http_stream;
typedef int http_data_fn(void *ctx, const char *p, size_t n); /* -1 ends the stream */
struct http_stream *http_stream_open(struct http *h, const struct http_request *r,
                                     http_data_fn *data, http_done_fn *done, void *ctx);
void http_stream_close(struct http_stream *s); /* no callback afterwards; NULL is fine */

/* The server's wall clock, as far as its replies tell: this machine's, kept within what the last
 * Date header allows (it has whole seconds). Ages of objects that the server made are measured on
 * it, so that a clock that is wrong here ends nothing too early. Before a reply: this machine's. */
int64_t http_wall_ms(const struct http *h);

struct http_stats {
    uint64_t requests, failures, bytes_in, bytes_out, connections;
};
void http_stats(const struct http *h, struct http_stats *ret);

#endif
