/* config.c — kubeconfig as client-go reads it, and the in-cluster identity. */
#include "kube/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/span.h"
#include "json/json.h"
#include "yaml/yaml.h"

#define REASON "InvalidKubeconfig"
#define SERVICE_ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"
enum { FILE_MAX = 1 << 20 };

/* One kubeconfig file; paths in it are relative to its directory. */
struct doc {
    const char *path, *dir;
    const struct json *root;
};
struct docs {
    struct doc *list;
    size_t count;
};

static int read_file(struct arena *a, const char *path, struct span *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct buf b;
    char piece[8192];
    ssize_t n = -1;
    buf_init(&b, FILE_MAX);
    while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0) {
        if (buf_add(&b, piece, (size_t)n) < 0) {
            errno = EFBIG;
            n = -1;
            break;
        }
    }
    int saved = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (n == 0) {
        *ret = (struct span){arena_strndup(a, buf_str(&b), b.len), b.len};
    }
    buf_done(&b);
    errno = saved;
    return n == 0 ? 0 : -1;
}

int material_read(struct arena *a, const struct material *m, const char **ret, struct err *e)
{
    struct span s;
    if (m->file == NULL || m->text != NULL) {
        *ret = m->text;
        return 0;
    }
    if (read_file(a, m->file, &s) < 0) {
        return err_set(e, ERR_INVALID, REASON, "cannot read '%s': %s", m->file, strerror(errno));
    }
    *ret = s.p;
    return 0;
}

static const char *dir_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? "." : arena_strndup(a, path, (size_t)(slash - path) + (slash == path));
}

static const char *resolve(struct arena *a, const struct doc *d, const char *path)
{
    return str_empty(path) ? NULL : path[0] == '/' ? path : arena_printf(a, "%s/%s", d->dir, path);
}

/* --- Files
 * ----------------------------------------------------------------------------------------- */

static int load_one(struct arena *a, const char *path, bool optional, struct docs *docs,
                    struct err *e)
{
    struct span s;
    if (read_file(a, path, &s) < 0) {
        if (optional && errno == ENOENT) {
            return 0;
        }
        return err_set(e, ERR_INVALID, REASON, "cannot read kubeconfig '%s': %s", path,
                       strerror(errno));
    }
    const struct json *root;
    if (yaml_parse(a, s.p, s.n, &root, e) < 0) {
        return err_in(e, "kubeconfig '%s'", path);
    }
    if (root != NULL && json_kind(root) != JSON_OBJECT) {
        return err_set(e, ERR_INVALID, REASON, "kubeconfig '%s' is not a mapping", path);
    }
    struct doc *d = arena_push(a, (void **)&docs->list, &docs->count, sizeof(*d));
    *d = (struct doc){arena_strdup(a, path), dir_of(a, path), root};
    return 0;
}

static int load_list(struct arena *a, const char *list, struct docs *docs, struct err *e)
{
    for (const char *p = list; *p != '\0';) {
        size_t n = strcspn(p, ":");
        if (n > 0 && load_one(a, arena_strndup(a, p, n), true, docs, e) < 0) {
            return -1;
        }
        p += n + (p[n] == ':');
    }
    if (docs->count == 0) {
        return err_set(e, ERR_INVALID, REASON, "none of the files of KUBECONFIG '%s' exists", list);
    }
    return 0;
}

/* The first definition of `name` in all files: clusters[name=…].cluster and so on. */
static const struct json *find(const struct docs *docs, const char *list, const char *entry,
                               const char *name, const struct doc **ret_doc)
{
    for (size_t i = 0; i < docs->count; i++) {
        const struct json *array = json_key(docs->list[i].root, list);
        for (size_t k = 0; k < json_len(array); k++) {
            if (str_eq(json_str(json_at(array, k), "name", NULL), name)) {
                *ret_doc = &docs->list[i];
                return json_key(json_at(array, k), entry);
            }
        }
    }
    return NULL;
}

/* --- Fields
 * ---------------------------------------------------------------------------------------- */

/* One entry of a kubeconfig, with what an error about it must name. */
struct entry {
    struct arena *a;
    const struct json *j;
    const struct doc *doc;
    const char *what, *name;
};

static const char *text(const struct entry *n, const char *field)
{
    const char *s = json_str(n->j, field, NULL);
    return str_empty(s) ? NULL : arena_strdup(n->a, s);
}

static int refuse(const struct entry *n, const char *field, const char *why, struct err *e)
{
    return err_set(e, ERR_INVALID, REASON, "kubeconfig '%s': %s '%s': %s: %s", n->doc->path,
                   n->what, n->name, field, why);
}

static int base64(struct arena *a, const char *s, const char **ret)
{
    size_t n = 0, len = strlen(s);
    unsigned char *in = arena_alloc(a, len + 1), *out = arena_alloc(a, len + 1);
    for (const char *p = s; *p != '\0'; p++) {
        if (!isspace((unsigned char)*p)) {
            in[n++] = (unsigned char)*p;
        }
    }
    int size = n % 4 == 0 ? EVP_DecodeBlock(out, in, (int)n) : -1;
    if (size < 0) {
        return -1;
    }
    for (size_t i = n; i > 0 && in[i - 1] == '=' && size > 0; i--) {
        size--;
    }
    out[size] = '\0';
    *ret = (const char *)out;
    return 0;
}

/* `field`-data in base64 goes before the file of `field`. */
static int material(const struct entry *n, const char *field, struct material *ret, struct err *e)
{
    const char *data_field = arena_printf(n->a, "%s-data", field);
    const char *data = text(n, data_field);
    if (data != NULL && base64(n->a, data, &ret->text) < 0) {
        return refuse(n, data_field, "is not base64", e);
    }
    ret->file = data == NULL ? resolve(n->a, n->doc, text(n, field)) : NULL;
    return 0;
}

static int set_cluster(const struct entry *n, struct config *c, struct err *e)
{
    const char *server = text(n, "server");
    if (server == NULL) {
        return refuse(n, "server", "is missing", e);
    }
    if (strncmp(server, "https://", 8) != 0 && strncmp(server, "http://", 7) != 0) {
        return refuse(n, "server", "must begin with https:// or http://", e);
    }
    size_t len = strlen(server);
    c->server = arena_strndup(n->a, server, len - (server[len - 1] == '/'));
    c->insecure = json_flag(n->j, "insecure-skip-tls-verify", false);
    c->server_name = text(n, "tls-server-name");
    c->proxy_url = text(n, "proxy-url");
    if (material(n, "certificate-authority", &c->ca, e) < 0) {
        return -1;
    }
    if (c->insecure && (c->ca.text != NULL || c->ca.file != NULL)) {
        return refuse(n, "insecure-skip-tls-verify", "excludes a certificate authority", e);
    }
    return 0;
}

static int set_exec(const struct entry *n, const struct json *j, struct config *c, struct err *e)
{
    struct exec_plugin *x = arena_alloc(n->a, sizeof(*x));
    const struct json *args = json_key(j, "args"), *env = json_key(j, "env");
    const char *command = json_str(j, "command", "");
    x->api_version = arena_strdup(n->a, json_str(j, "apiVersion", ""));
    if (*command == '\0') {
        return refuse(n, "exec.command", "is missing", e);
    }
    if (!str_eq(x->api_version, "client.authentication.k8s.io/v1") &&
        !str_eq(x->api_version, "client.authentication.k8s.io/v1beta1")) {
        return refuse(n, "exec.apiVersion", "must be client.authentication.k8s.io/v1 or v1beta1",
                      e);
    }
    x->command =
        strchr(command, '/') != NULL ? resolve(n->a, n->doc, command) : arena_strdup(n->a, command);
    x->install_hint = arena_strdup(n->a, json_str(j, "installHint", NULL));
    x->cluster_info = json_flag(j, "provideClusterInfo", false);
    const char **argv = arena_alloc(n->a, (json_len(args) + 1) * sizeof(*argv));
    for (size_t i = 0; i < json_len(args); i++) {
        const char *arg = json_as_str(json_at(args, i));
        argv[x->arg_count++] = arena_strdup(n->a, arg != NULL ? arg : "");
    }
    x->args = argv;
    struct exec_env *vars = arena_alloc(n->a, (json_len(env) + 1) * sizeof(*vars));
    for (size_t i = 0; i < json_len(env); i++) {
        vars[x->env_count].name = arena_strdup(n->a, json_str(json_at(env, i), "name", ""));
        vars[x->env_count++].value = arena_strdup(n->a, json_str(json_at(env, i), "value", ""));
    }
    x->env = vars;
    c->exec = x;
    return 0;
}

static int set_user(const struct entry *n, struct config *c, struct err *e)
{
    static const char *const refused[] = {"username", "password",  "auth-provider",
                                          "as-uid",   "as-groups", "as-user-extra"};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        if (json_key(n->j, refused[i]) != NULL) {
            return refuse(n, refused[i], "is not supported", e);
        }
    }
    if (material(n, "client-certificate", &c->cert, e) < 0 ||
        material(n, "client-key", &c->key, e) < 0) {
        return -1;
    }
    bool cert = c->cert.text != NULL || c->cert.file != NULL;
    if (cert != (c->key.text != NULL || c->key.file != NULL)) {
        return refuse(n, cert ? "client-key" : "client-certificate", "is missing", e);
    }
    c->token.file = resolve(n->a, n->doc, text(n, "tokenFile"));
    c->token.text = c->token.file == NULL ? text(n, "token") : NULL;
    c->impersonate = text(n, "as");
    const struct json *exec = json_key(n->j, "exec");
    if (exec != NULL && (c->token.file != NULL || c->token.text != NULL)) {
        return refuse(n, "exec", "excludes a token", e);
    }
    return exec != NULL ? set_exec(n, exec, c, e) : 0;
}

/* --- The whole
 * ------------------------------------------------------------------------------------- */

static const char *current_context(const struct docs *docs)
{
    for (size_t i = 0; i < docs->count; i++) {
        const char *s = json_str(docs->list[i].root, "current-context", NULL);
        if (!str_empty(s)) {
            return s;
        }
    }
    return NULL;
}

static int lookup(struct entry *n, const struct docs *docs, const char *list, struct err *e)
{
    n->j = find(docs, list, n->what, n->name, &n->doc);
    if (json_kind(n->j) != JSON_OBJECT) {
        return err_set(e, ERR_INVALID, REASON, "kubeconfig '%s' has no %s '%s'", docs->list[0].path,
                       n->what, n->name);
    }
    return 0;
}

static int choose(struct arena *a, const struct docs *docs, const char *context, struct config *c,
                  struct err *e)
{
    struct entry ctx = {.a = a, .what = "context", .name = context};
    if (ctx.name == NULL && (ctx.name = current_context(docs)) == NULL) {
        return err_set(e, ERR_INVALID, REASON, "kubeconfig '%s': current-context is missing",
                       docs->list[0].path);
    }
    if (lookup(&ctx, docs, "contexts", e) < 0) {
        return -1;
    }
    struct entry cluster = {.a = a, .what = "cluster", .name = json_str(ctx.j, "cluster", "")};
    struct entry user = {.a = a, .what = "user", .name = json_str(ctx.j, "user", "")};
    const char *ns = text(&ctx, "namespace");
    c->source = cluster.name;
    c->ns = ns != NULL ? ns : "default";
    if (lookup(&cluster, docs, "clusters", e) < 0 || set_cluster(&cluster, c, e) < 0) {
        return -1;
    }
    c->source = cluster.doc->path;
    if (*user.name == '\0') {
        return 0; /* anonymous */
    }
    return lookup(&user, docs, "users", e) < 0 ? -1 : set_user(&user, c, e);
}

int config_in_cluster(struct arena *a, const char *dir, struct config *ret, struct err *e)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST"), *port = getenv("KUBERNETES_SERVICE_PORT");
    struct span ns;
    if (str_empty(host) || str_empty(port)) {
        return err_set(e, ERR_INVALID, REASON,
                       "KUBERNETES_SERVICE_HOST or _PORT is not set: not in a pod");
    }
    struct config c = {.source = "in-cluster", .ns = "default"};
    c.server = strchr(host, ':') != NULL ? arena_printf(a, "https://[%s]:%s", host, port)
                                         : arena_printf(a, "https://%s:%s", host, port);
    c.ca.file = arena_printf(a, "%s/ca.crt", dir);
    c.token.file = arena_printf(a, "%s/token", dir);
    if (read_file(a, arena_printf(a, "%s/namespace", dir), &ns) == 0 && ns.n > 0) {
        c.ns = arena_strndup(a, ns.p, strcspn(ns.p, "\n"));
    }
    *ret = c;
    return 0;
}

int config_load(struct arena *a, const char *path, const char *context, struct config *ret,
                struct err *e)
{
    struct docs docs = {0};
    struct config c = {0};
    const char *env = getenv("KUBECONFIG"), *home = getenv("HOME");
    int r;
    if (path != NULL) {
        r = load_one(a, path, false, &docs, e);
    } else if (!str_empty(env)) {
        r = load_list(a, env, &docs, e);
    } else if (!str_empty(getenv("KUBERNETES_SERVICE_HOST"))) {
        return config_in_cluster(a, SERVICE_ACCOUNT, ret, e);
    } else {
        r = load_one(a, arena_printf(a, "%s/.kube/config", home != NULL ? home : ""), false, &docs,
                     e);
    }
    if (r < 0 || choose(a, &docs, context, &c, e) < 0) {
        return -1;
    }
    *ret = c;
    return 0;
}
