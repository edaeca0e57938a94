/*
 * service.h — the parts of the program put together: the loop with the API server's client on the
 * main thread, the HTTP server on its own.
 */
#ifndef DKUBE_CMD_STORE_SERVICE_H
#define DKUBE_CMD_STORE_SERVICE_H

#include "base/err.h"

struct service;
struct service_conf { /* borrowed until service_stop */
    const char *root, *listen;
    const char *kubeconfig; /* NULL: as lib/kube's client_new decides */
};

/* Owned by the caller; NULL with *e. */
struct service *service_start(const struct service_conf *conf, struct err *e) MUSTCHECK;
int service_port(const struct service *s);
void service_run(struct service *s);  /* until SIGTERM or SIGINT */
void service_stop(struct service *s); /* lets requests under way end, frees */

#endif
