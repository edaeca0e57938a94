/*
 * easy.h — what every libcurl handle of the project is told: identity, TLS, sockets, limits.
 *
 * A struct identity is an owned copy of a struct http_identity with the derived parts ready: the
 * URL whose host is the TLS server name, and where to connect instead. Not thread-safe; nothing
 * here fails: a URL that cannot be parsed is kept as it is, and the transfer fails with libcurl's
 * words.
 */
#ifndef DKUBE_HTTP_EASY_H
#define DKUBE_HTTP_EASY_H

#include <curl/curl.h>

#include "http/http.h"

struct identity {
    char *url;        /* owned, as all of these; NULL where absent */
    char *connect_to; /* "::host:port" when the server name differs from the host */
    char *ca, *cert, *key, *proxy, *no_proxy, *agent, *impersonate;
    bool insecure;
    bool local; /* a loopback host: no compression */
};

void identity_copy(struct identity *i, const struct http_identity *from); /* frees what was there */
void identity_done(struct identity *i);

/* Sets everything that does not depend on one request. *ret_slist must outlive the transfer and be
 * freed by the caller; it may be NULL. alone: HTTP/1.1 and a connection of its own; else
 * HTTP/2 where TLS negotiates it. When no socket can be made, an int at CURLOPT_OPENSOCKETDATA (may
 * be NULL) gets its errno. */
void easy_identity(CURL *c, const struct identity *i, bool alone, struct curl_slist **ret_slist);

#endif
