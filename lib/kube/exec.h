/*
 * exec.h — runs a credential plugin (client.authentication.k8s.io) as a child watched by the loop.
 *
 * posix_spawn with every descriptor above 2 closed, standard input empty, standard error ours,
 * signals back to their defaults, a process group of its own. Nothing waits: a pidfd and a pipe
 * wake the loop. One that runs longer than LIMIT_EXEC_PLUGIN_MS is killed with its group. Loop's
 * thread only.
 */
#ifndef DKUBE_KUBE_EXEC_H
#define DKUBE_KUBE_EXEC_H

#include <stdint.h>

#include "http/loop.h"
#include "kube/config.h"

struct credentials { /* borrowed during the callback; NULL where the plugin gave none */
    const char *token, *cert, *key;
    int64_t expires_ms; /* wall clock; 0: not said */
};

struct exec_run; /* freed by itself after the callback */
/* Exactly one of c and e is not NULL. */
typedef void exec_done_fn(void *ctx, const struct credentials *c, const struct err *e);

/* ca_pem goes into KUBERNETES_EXEC_INFO where the plugin wants the cluster. Never calls back at
 * once; a plugin that cannot be started is reported through the callback, too. */
struct exec_run *exec_start(struct loop *l, const struct config *conf, const char *ca_pem,
                            exec_done_fn *done, void *ctx);
void exec_cancel(struct exec_run *x); /* kills it; no callback; NULL is fine */

/* The ExecCredential that a plugin printed; strings are arena memory. */
int exec_parse(struct arena *a, const char *out, size_t n, struct credentials *ret,
               struct err *e) MUSTCHECK;

#endif
