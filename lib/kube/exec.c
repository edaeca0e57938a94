/* exec.c — credential plugins. */
#include "kube/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "json/json.h"
#include "json/jsonw.h"

#define REASON "CredentialPlugin"
extern char **environ;

struct exec_run {
    struct loop *l;
    const struct config *conf; /* borrowed */
    exec_done_fn *done;
    void *ctx;
    pid_t pid;
    int pidfd, out; /* -1: not open */
    struct buf text;
    struct loop_timer timer;
    struct err error; /* set before the end: too much output, too slow, not started */
};

/* --- What it is told and what it says
 * -------------------------------------------------------------- */

static const char *base64(struct arena *a, const char *s)
{
    size_t n = strlen(s);
    unsigned char *out = arena_alloc(a, n / 3 * 4 + 8);
    EVP_EncodeBlock(out, (const unsigned char *)s, (int)n);
    return (const char *)out;
}

static const char *exec_info(struct arena *a, const struct config *c, const char *ca_pem)
{
    struct jsonw w;
    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "kind", "ExecCredential");
    jsonw_str(&w, "apiVersion", c->exec->api_version);
    jsonw_obj(&w, "spec");
    jsonw_bool(&w, "interactive", false);
    if (c->exec->cluster_info) {
        jsonw_obj(&w, "cluster");
        jsonw_str(&w, "server", c->server);
        jsonw_opt(&w, "tls-server-name", c->server_name);
        jsonw_opt(&w, "proxy-url", c->proxy_url);
        if (c->insecure) {
            jsonw_bool(&w, "insecure-skip-tls-verify", true);
        }
        if (ca_pem != NULL) {
            jsonw_str(&w, "certificate-authority-data", base64(a, ca_pem));
        }
        jsonw_end(&w);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

/* Our environment, without the names that are set anew, then those. */
static char **environment(struct arena *a, const struct exec_plugin *x, const char *info)
{
    size_t n = 0, count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    char **env = arena_alloc(a, (count + x->env_count + 2) * sizeof(*env));
    for (size_t i = 0; i < count; i++) {
        size_t len = strcspn(environ[i], "=");
        bool anew = len == 20 && strncmp(environ[i], "KUBERNETES_EXEC_INFO", len) == 0;
        for (size_t k = 0; k < x->env_count; k++) {
            anew |= strlen(x->env[k].name) == len && strncmp(environ[i], x->env[k].name, len) == 0;
        }
        if (!anew) {
            env[n++] = environ[i];
        }
    }
    for (size_t k = 0; k < x->env_count; k++) {
        env[n++] = arena_printf(a, "%s=%s", x->env[k].name, x->env[k].value);
    }
    env[n] = arena_printf(a, "KUBERNETES_EXEC_INFO=%s", info);
    return env;
}

int exec_parse(struct arena *a, const char *out, size_t n, struct credentials *ret, struct err *e)
{
    const struct json *j;
    if (json_parse(a, out, n, &j, e) < 0) {
        return err_in(e, "the plugin's output");
    }
    const char *version = json_str(j, "apiVersion", "");
    if (!str_eq(json_str(j, "kind", NULL), "ExecCredential") ||
        strncmp(version, "client.authentication.k8s.io/", 29) != 0) {
        return err_set(e, ERR_INVALID, REASON, "the plugin's output is not an ExecCredential");
    }
    struct credentials c = {
        .token = json_str(j, "status.token", NULL),
        .cert = json_str(j, "status.clientCertificateData", NULL),
        .key = json_str(j, "status.clientKeyData", NULL),
    };
    const char *expires = json_str(j, "status.expirationTimestamp", NULL);
    if (expires != NULL && clock_parse_rfc3339(expires, &c.expires_ms) < 0) {
        return err_set(e, ERR_INVALID, REASON, "expirationTimestamp '%s' is not RFC 3339", expires);
    }
    if (str_empty(c.token) && (str_empty(c.cert) || str_empty(c.key))) {
        return err_set(e, ERR_INVALID, REASON,
                       "the plugin gave neither a token nor a certificate and key");
    }
    *ret = c;
    return 0;
}

/* --- The child
 * ------------------------------------------------------------------------------------- */

static void exec_free(struct exec_run *x)
{
    loop_timer_clear(x->l, &x->timer);
    if (x->pidfd >= 0) {
        loop_fd(x->l, x->pidfd, 0, NULL, NULL);
        close(x->pidfd);
    }
    if (x->out >= 0) {
        loop_fd(x->l, x->out, 0, NULL, NULL);
        close(x->out);
    }
    buf_done(&x->text);
    mem_free(x);
}

static void conclude(struct exec_run *x)
{
    struct arena a = {0};
    struct credentials c = {0};
    exec_done_fn *done = x->done;
    void *ctx = x->ctx;
    struct err e = x->error;
    bool ok = e.kind == ERR_OK && exec_parse(&a, buf_str(&x->text), x->text.len, &c, &e) == 0;
    if (!ok) {
        err_in(&e, "credential plugin '%s'", x->conf->exec->command);
    }
    exec_free(x);
    done(ctx, ok ? &c : NULL, ok ? NULL : &e);
    arena_done(&a);
}

static void kill_group(struct exec_run *x)
{
    kill(-x->pid, SIGKILL);
}

static void reap(struct exec_run *x)
{
    kill_group(x);
    waitid(P_PID, (id_t)x->pid, &(siginfo_t){0}, WEXITED); /* it dies at once */
}

static void on_output(void *ctx, int fd, int ready UNUSED)
{
    struct exec_run *x = ctx;
    char piece[8192];
    ssize_t n;
    while ((n = read(fd, piece, sizeof(piece))) > 0) {
        if (x->error.kind == ERR_OK && buf_add(&x->text, piece, (size_t)n) < 0) {
            err_set(&x->error, ERR_INVALID, REASON, "printed more than %zu bytes", x->text.max);
            kill_group(x);
        }
    }
    if (n == 0) {
        loop_fd(x->l, fd, 0, NULL, NULL);
    }
}

/* The end is the child's end, not the pipe's: a grandchild may keep that open. */
static void on_exit_of_child(void *ctx, int fd UNUSED, int ready UNUSED)
{
    struct exec_run *x = ctx;
    siginfo_t si = {0};
    if (waitid(P_PID, (id_t)x->pid, &si, WEXITED | WNOHANG) < 0 || si.si_pid == 0) {
        return;
    }
    on_output(x, x->out, LOOP_READ);
    if (x->error.kind == ERR_OK && (si.si_code != CLD_EXITED || si.si_status != 0)) {
        err_set(&x->error, ERR_RETRY, REASON, "%s %d",
                si.si_code == CLD_EXITED ? "exited with status" : "was killed by signal",
                si.si_status);
    }
    conclude(x);
}

static void on_too_slow(void *ctx)
{
    struct exec_run *x = ctx;
    if (x->pid == 0) {
        conclude(x); /* it was never started */
        return;
    }
    err_set(&x->error, ERR_RETRY, REASON, "was killed after %lld ms",
            (long long)limit(LIMIT_EXEC_PLUGIN_MS));
    kill_group(x);
}

static int spawn(struct exec_run *x, int out, char **argv, char **env)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, 1);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    int r = posix_spawnp(&x->pid, argv[0], &files, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return r;
}

static int launch(struct exec_run *x, const char *ca_pem)
{
    const struct exec_plugin *p = x->conf->exec;
    struct arena a = {0};
    int pipe_fd[2], r;
    char **argv = arena_alloc(&a, (p->arg_count + 2) * sizeof(*argv));
    argv[0] = arena_strdup(&a, p->command);
    for (size_t i = 0; i < p->arg_count; i++) {
        argv[i + 1] = arena_strdup(&a, p->args[i]);
    }
    if (pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK) < 0) {
        r = errno;
    } else {
        fcntl(pipe_fd[1], F_SETFL, 0); /* the plugin's end blocks */
        r = spawn(x, pipe_fd[1], argv, environment(&a, p, exec_info(&a, x->conf, ca_pem)));
        close(pipe_fd[1]);
        x->out = pipe_fd[0];
    }
    arena_done(&a);
    return r;
}

struct exec_run *exec_start(struct loop *l, const struct config *conf, const char *ca_pem,
                            exec_done_fn *done, void *ctx)
{
    struct exec_run *x = mem_alloc(sizeof(*x));
    *x = (struct exec_run){.l = l, .conf = conf, .done = done, .ctx = ctx, .pidfd = -1, .out = -1};
    buf_init(&x->text, (size_t)limit(LIMIT_RESPONSE_BYTES));
    int r = launch(x, ca_pem);
    if (r == 0) {
        x->pidfd = (int)syscall(SYS_pidfd_open, x->pid, 0);
        r = x->pidfd < 0 ? errno : 0;
    }
    if (r != 0 && x->pid > 0) { /* nobody would learn of its end */
        reap(x);
    }
    if (r != 0) {
        const char *hint = conf->exec->install_hint;
        err_set(&x->error, ERR_INVALID, REASON, "cannot be started: %s%s%s", strerror(r),
                hint != NULL ? "; " : "", hint != NULL ? hint : "");
        x->pid = 0;
        loop_timer_in(l, &x->timer, 0, on_too_slow, x);
        return x;
    }
    loop_fd(l, x->out, LOOP_READ, on_output, x);
    loop_fd(l, x->pidfd, LOOP_READ, on_exit_of_child, x);
    loop_timer_in(l, &x->timer, limit(LIMIT_EXEC_PLUGIN_MS), on_too_slow, x);
    return x;
}

void exec_cancel(struct exec_run *x)
{
    if (x == NULL) {
        return;
    }
    if (x->pid > 0) {
        reap(x);
    }
    exec_free(x);
}
