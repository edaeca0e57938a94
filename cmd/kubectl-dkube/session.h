/*
 * session.h — one command of the plugin at work: the API server of the caller's context, with the
 * caller's own credentials, and what is read from it.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_SESSION_H
#define DKUBE_CMD_KUBECTL_DKUBE_SESSION_H

#include "cmd/kubectl-dkube/options.h"
#include "json/jsonw.h"
#include "kube/client.h"

struct session {
    struct arena *a;
    struct client *c;
    const char *ns; /* the namespace that is meant */
    bool as_json;   /* -o json */
    int64_t now_ms;
};

/* Returns 0, 1 when what was asked about is not so, or -1 with *e. Prints to standard output. */
typedef int command_fn(struct session *s, const char *what, struct err *e);

/* NULL with *e: what cannot be read, e.g. ERR_NOT_FOUND. */
const struct json *session_get(struct session *s, const struct kind *k, const char *ns,
                               const char *name, struct err *e);
/* All objects of a kind, ns NULL: of all namespaces; an array. NULL with *e. */
const struct json *session_list(struct session *s, const struct kind *k, const char *ns,
                                struct err *e);

/* "1h05m", "12m", "40s"; a length that is negative is 0s. */
const char *length_text(struct arena *a, int64_t ms);
/* The time at the dotted path, or 0. */
int64_t time_at(const struct json *object, const char *path);

#endif
