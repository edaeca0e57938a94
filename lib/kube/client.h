/*
 * client.h — one API server: kubeconfig or in-cluster identity, credentials kept fresh, URLs, and
 * the transport over lib/http.
 *
 * kubeconfig: merge of the KUBECONFIG list; client certificate (file or data), token, tokenFile
 * (re-read every LIMIT_TOKEN_REREAD_MS and on 401), exec plugin (argv without a shell,
 * KUBERNETES_EXEC_INFO, expiry, again on 401; run by posix_spawn off the loop), proxy-url,
 * tls-server-name, as. In-cluster: token and CA files, re-read. Keys are never written to disk.
 */
#ifndef DKUBE_KUBE_CLIENT_H
#define DKUBE_KUBE_CLIENT_H

#include "api/rec.h"
#include "kube/transport.h"

struct client;

/* path NULL: $KUBECONFIG, then in-cluster, then ~/.kube/config; context NULL: current-context.
 * ERR_INVALID names the file and the field. The client is owned by the caller. */
struct client *client_new(struct loop *l, const char *path, const char *context,
                          const char *user_agent, struct err *e);
void client_free(struct client *c);
/* Watches share HTTP/2 connections (http.h). */
void client_watches_share(struct client *c, bool share);
struct transport *client_transport(struct client *c); /* borrowed */
const char *client_server(const struct client *c);    /* borrowed: the URL, for logs */
const char *client_namespace(const struct client *c); /* of the context; "default" */

/* "/apis/g/v/namespaces/ns/plural/name[/sub][?query]"; each part percent-escaped; arena. ns NULL or
 * "" for cluster scope or all namespaces, name NULL for the collection, query verbatim or NULL. */
const char *kube_path(struct arena *a, const struct kind *k, const char *ns, const char *name,
                      const char *sub, const char *query);
const char *url_escape(struct arena *a, const char *s);
/* q with "&name=escaped" after it, unless the value is empty. */
const char *url_query(struct arena *a, const char *q, const char *name, const char *value);

/* The refusal as an error: from a Status body, JSON or protobuf, else from the HTTP code; 0 for a
 * 2xx. status 0 is ERR_RETRY. */
int kube_error(const struct http_response *r, const char *what, struct err *e);

/* The same of a Status that is known already; reason and message may be NULL. */
int kube_refusal(int code, const char *reason, const char *message, const char *what,
                 struct err *e);

/* For command-line programs: the same, waiting. The loop is run until the reply is there. The body
 * is arena memory. -1 with *e for every status ≥ 400. */
int client_wait(struct client *c, struct arena *a, const struct http_request *r,
                const char **ret_body, size_t *ret_len, struct err *e) MUSTCHECK;

#endif
