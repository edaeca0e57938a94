/*
 * web.h — a small HTTP/1.1 server in threads, plain or TLS, for tests of clients: the handler
 * writes the bytes it likes, in the pieces it likes. Certificates are made on the spot. Everything
 * aborts on failure.
 */
#ifndef DKUBE_TEST_WEB_H
#define DKUBE_TEST_WEB_H

#include <stdbool.h>
#include <stddef.h>

/* A fresh authority, and a server certificate and key signed by it; all PEM, owned. */
struct web_pki {
    char *ca, *cert, *key;
};
void web_pki_make(struct web_pki *p, const char *alt_names); /* "DNS:a,IP:127.0.0.1" */
void web_pki_free(struct web_pki *p);

/* The newest TLS version that servers started from now on speak (TLS1_1_VERSION …); 0: all. */
extern int web_newest_tls;

struct web;
struct web_conn;
/* Called on a thread for each request: its head and body as received, NUL-terminated. Returning
 * false closes the connection. */
typedef bool web_handler(void *ctx, struct web_conn *c, const char *request);
void web_write(struct web_conn *c, const void *p, size_t n); /* errors are ignored */
void web_cork(struct web_conn *c, bool on); /* what is written meanwhile comes at once */
void web_reply(struct web_conn *c, int status, const char *headers, const char *body);

struct web *web_start(const struct web_pki *tls, web_handler *fn, void *ctx); /* NULL: plain */
int web_port(const struct web *w);
int web_connections(const struct web *w); /* accepted so far */
void web_stop(struct web *w);             /* ends every connection, frees */

#endif
