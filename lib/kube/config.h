/*
 * config.h — where the API server is and who we are: kubeconfig files merged, or the pod's service
 * account.
 *
 * The result points into the arena and borrows nothing else. Files that it names (tokens,
 * certificates) are not read here but by material_read(), again and again, because they rotate.
 * What would change who we are and is not supported (basic auth, auth-provider, as-groups) is
 * refused, never ignored. Errors are ERR_INVALID, reason "InvalidKubeconfig", and name the file and
 * the field. Not thread-safe against setenv.
 */
#ifndef DKUBE_KUBE_CONFIG_H
#define DKUBE_KUBE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* Text given in place, or the file that holds it; both NULL when there is none. */
struct material {
    const char *text, *file;
};

struct exec_env {
    const char *name, *value;
};

/* A credential plugin: argv without a shell. */
struct exec_plugin {
    const char *command;     /* with a '/', relative paths are resolved; else found in PATH */
    const char *const *args; /* arg_count of them, without argv[0] */
    size_t arg_count;
    const struct exec_env *env; /* added to ours */
    size_t env_count;
    const char *api_version;  /* client.authentication.k8s.io/v1 or v1beta1 */
    const char *install_hint; /* or NULL */
    bool cluster_info;        /* provideClusterInfo */
};

struct config {
    const char *source; /* the file, or "in-cluster": for messages */
    const char *server; /* URL without a trailing slash */
    const char *ns;     /* of the context; "default" */
    struct material ca, cert, key, token;
    const char *proxy_url, *server_name, *impersonate; /* or NULL */
    bool insecure;
    const struct exec_plugin *exec; /* or NULL */
};

/* path NULL: $KUBECONFIG (a ':' list, first definition of a name wins), then in-cluster, then
 * ~/.kube/config. context NULL: current-context. */
int config_load(struct arena *a, const char *path, const char *context, struct config *ret,
                struct err *e) MUSTCHECK;

/* The service account mounted in `dir`, and KUBERNETES_SERVICE_HOST and _PORT. */
int config_in_cluster(struct arena *a, const char *dir, struct config *ret,
                      struct err *e) MUSTCHECK;

/* The text in place, else the file's content; NULL when there is neither. Arena. */
int material_read(struct arena *a, const struct material *m, const char **ret,
                  struct err *e) MUSTCHECK;

#endif
