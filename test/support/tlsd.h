/*
 * tlsd.h — a TLS server for benches: HTTP/1.1 with kept connections, a thread for each, on a free
 * port of 127.0.0.1, with a certificate of its own making. Failing to start ends the process.
 */
#ifndef DKUBE_TEST_TLSD_H
#define DKUBE_TEST_TLSD_H

#include <openssl/types.h>
#include <stdbool.h>

#include "base/buf.h"

struct tlsd;
/* Serves the request in c->in (head and body, NUL-terminated); false closes the connection. */
typedef bool tlsd_fn(struct tlsd *c);
struct tlsd {
    int fd;
    SSL *ssl;
    char *in;
    struct buf out; /* for the handler */
    tlsd_fn *serve;
};

/* Writes the kubeconfig (and FILE.ca beside it) once it listens, then serves for ever. */
__attribute__((noreturn)) void tlsd_run(const char *kubeconfig, tlsd_fn *serve);

bool tlsd_send(struct tlsd *c, const char *p, size_t n); /* false: the peer is gone */
bool tlsd_reply(struct tlsd *c, int status, const char *body, size_t n); /* JSON */

#endif
