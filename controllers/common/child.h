/*
 * child.h — what controllers make for an object: labels, owner, and pods of the program `step`.
 *
 * Everything that DKube makes carries app.kubernetes.io/managed-by=dkube and dkube.io/group; pods
 * run as the account dkube-run without its token. Pods of `step` alone see credentials: the store's
 * projected token, or the Secret of a repository. Bodies are arena memory. Pure.
 */
#ifndef DKUBE_CONTROLLERS_COMMON_CHILD_H
#define DKUBE_CONTROLLERS_COMMON_CHILD_H

#include "kube/cache.h"
#include "kube/plan.h"

#define LABEL_MANAGED "app.kubernetes.io/managed-by"
#define LABEL_PART_OF "app.kubernetes.io/part-of"
#define LABEL_GROUP "dkube.io/group"
#define LABEL_ROLE "dkube.io/role"
#define RUN_ACCOUNT "dkube-run"
#define TOKEN_DIR "/var/run/dkube/token"
#define GIT_DIR "/var/run/dkube/git"
#define STEP_UID 65532

/* The program's own configuration: struct pass's conf. */
struct step_conf {
    const char *image;       /* DKUBE_IMAGE */
    const char *store_url;   /* DKUBE_STORE_URL */
    const char *pull_policy; /* DKUBE_PULL_POLICY */
    const char *system_ns;   /* POD_NAMESPACE: the install namespace */
};
/* From the environment, with the defaults of an installation; strings are borrowed from it. */
struct step_conf step_conf_env(void);
extern const char *const step_conf_names[]; /* the variables, ended by NULL: struct program's env */

struct label {
    const char *key, *value; /* a NULL value is left out */
};
struct child {
    const char *ns, *name;         /* ns "" for cluster-scoped */
    const char *group;             /* the label dkube.io/group; NULL leaves it out */
    const struct kind *owner_kind; /* NULL: no owner */
    const struct rec *owner;
    struct label labels[6];
    struct label annotation;
};
/* Key "metadata" of a body. */
void child_metadata(struct jsonw *w, const struct child *c);
/* Opens a body: apiVersion, kind and metadata. The caller ends it. */
void child_begin(struct jsonw *w, const struct kind *k, const struct child *c);

/* The namespace a Group works in, and the Group whose namespace this is (its name; NULL: none). */
const char *group_namespace_of(const struct rec *group);
const char *group_of_namespace(const struct caches *c, const char *ns);

/* True when `owner` is the controller of `child`; NULL is nobody's. */
bool is_owned(const struct rec *child, const struct rec *owner);

/* So that the kubelet, which expands $(NAME) and $$ in commands and environments, hands on `text`;
 * arena, or text itself. */
const char *verbatim(struct arena *a, const char *text);

/* Pod parts, each one JSON member. */
void step_container_begin(struct jsonw *w, const struct step_conf *conf, const char *name);
void token_mount(struct jsonw *w);
void token_volume(struct jsonw *w);

/* One pod that runs `step` once and reports in its termination message. */
struct step_pod {
    struct child child;
    const struct step_conf *conf;
    const char *container;
    const char *const *args; /* NULL-terminated: subcommand and options */
    const char *config;      /* DKUBE_STEP, or NULL */
    const char *secret;      /* the repository's Secret, or NULL */
    bool token;              /* the store's token is mounted */
    int64_t deadline_s;
};
const char *step_pod_body(struct arena *a, const struct step_pod *sp);

#endif
