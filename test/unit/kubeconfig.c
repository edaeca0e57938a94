/* kubeconfig, in-cluster identity and credential plugins, with real files and real children. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/span.h"
#include "kube/client.h"
#include "kube/config.h"
#include "kube/exec.h"
#include "support/sh.h"
#include "support/spec.h"
#include "support/web.h"

static struct arena a;
static char dir[64];

static const char *put(const char *name, const char *text, int mode)
{
    if (*dir == '\0') {
        snprintf(dir, sizeof(dir), "/tmp/kubeconfig-XXXXXX");
        assert_non_null(mkdtemp(dir));
    }
    const char *path = arena_printf(&a, "%s/%s", dir, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    chmod(path, (mode_t)mode);
    return path;
}

static void clean(void)
{
    if (*dir != '\0') {
        assert_int_equal(sh("rm -rf %s", dir), 0);
        *dir = '\0';
    }
    unsetenv("KUBECONFIG");
    unsetenv("KUBERNETES_SERVICE_HOST");
    unsetenv("KUBERNETES_SERVICE_PORT");
    arena_done(&a);
}

#define CONTEXT                                             \
    "apiVersion: v1\nkind: Config\ncurrent-context: main\n" \
    "contexts: [{name: main, context: {cluster: c, user: u, namespace: vision}}]\n"

/* A kubeconfig whose user is `user` and whose server is `server`, with more cluster fields. */
static const char *kubeconfig(const char *server, const char *cluster, const char *user)
{
    return put("config",
               arena_printf(&a,
                            CONTEXT "clusters: [{name: c, cluster: {server: '%s'%s}}]\n"
                                    "users: [{name: u, user: {%s}}]\n",
                            server, cluster, user),
               0600);
}

/* --- Files
 * ----------------------------------------------------------------------------------------- */

TEST(a_context_names_its_cluster_user_and_namespace)
{
    struct config c;
    struct err e;
    const char *p =
        kubeconfig("https://10.0.0.1:6443/", ", tls-server-name: api, proxy-url: 'http://p:1'",
                   "token: sesame, as: jane");
    assert_ok(config_load(&a, p, NULL, &c, &e), &e);
    assert_string_equal(c.server, "https://10.0.0.1:6443");
    assert_string_equal(c.ns, "vision");
    assert_string_equal(c.token.text, "sesame");
    assert_string_equal(c.impersonate, "jane");
    assert_string_equal(c.server_name, "api");
    assert_string_equal(c.proxy_url, "http://p:1");
    assert_string_equal(c.source, p);
    assert_false(c.insecure);
    clean();
}

TEST(data_in_base64_goes_before_the_file)
{
    struct config c;
    struct err e;
    const char *text;
    const char *p = kubeconfig(
        "https://h", ", certificate-authority: no-such, certificate-authority-data: aGVsbG8=",
        "client-certificate-data: YQ==, client-key-data: YWI=");
    assert_ok(config_load(&a, p, NULL, &c, &e), &e);
    assert_ok(material_read(&a, &c.ca, &text, &e), &e);
    assert_string_equal(text, "hello");
    assert_string_equal(c.cert.text, "a");
    assert_string_equal(c.key.text, "ab");
    clean();
}

TEST(relative_files_are_found_beside_the_kubeconfig)
{
    struct config c;
    struct err e;
    const char *text;
    put("ca.crt", "PEM", 0600);
    const char *p = kubeconfig("https://h", ", certificate-authority: ca.crt", "tokenFile: t");
    assert_ok(config_load(&a, p, NULL, &c, &e), &e);
    assert_ok(material_read(&a, &c.ca, &text, &e), &e);
    assert_string_equal(text, "PEM");
    assert_string_equal(c.token.file, arena_printf(&a, "%s/t", dir));
    clean();
}

TEST(a_plugin_without_a_slash_is_found_in_the_path_and_with_one_beside_the_file)
{
    const char *const command = "exec: {apiVersion: client.authentication.k8s.io/v1, command: ";
    struct config c;
    struct err e;
    const char *p = kubeconfig("https://h", "", arena_printf(&a, "%s%s}", command, "aws"));
    assert_ok(config_load(&a, p, NULL, &c, &e), &e);
    assert_string_equal(c.exec->command, "aws");
    p = kubeconfig("https://h", "", arena_printf(&a, "%s%s}", command, "bin/aws"));
    assert_ok(config_load(&a, p, NULL, &c, &e), &e);
    assert_string_equal(c.exec->command, arena_printf(&a, "%s/bin/aws", dir));
    clean();
}

TEST(the_first_file_of_the_list_that_defines_a_name_wins)
{
    struct config c;
    struct err e;
    const char *one =
        put("one", "current-context: b\nusers: [{name: u, user: {token: first}}]\n", 0600);
    const char *two = put("two",
                          CONTEXT "clusters: [{name: c, cluster: {server: 'https://two'}}]\n"
                                  "users: [{name: u, user: {token: second}}]\n",
                          0600);
    const char *three =
        put("three", "contexts: [{name: b, context: {cluster: c, user: u}}]\n", 0600);
    setenv("KUBECONFIG", arena_printf(&a, "%s:/no/such/file:%s:%s", one, two, three), 1);
    assert_ok(config_load(&a, NULL, NULL, &c, &e), &e);
    assert_string_equal(c.token.text, "first");
    assert_string_equal(c.server, "https://two");
    assert_string_equal(c.ns, "default");
    assert_ok(config_load(&a, NULL, "main", &c, &e), &e);
    assert_string_equal(c.ns, "vision");
    clean();
}

static void refused(const char *path, const char *context, const char *words)
{
    struct config c;
    struct err e;
    assert_int_equal(config_load(&a, path, context, &c, &e), -1);
    assert_int_equal(e.kind, ERR_INVALID);
    if (strstr(e.text, words) == NULL) {
        fail_msg("'%s' does not say '%s'", e.text, words);
    }
}

TEST(what_is_missing_or_wrong_is_named_with_its_file)
{
    refused("/no/such/file", NULL, "/no/such/file");
    refused(put("x", "a: [", 0600), NULL, "/x");
    refused(put("x", "clusters: []", 0600), NULL, "current-context");
    refused(kubeconfig("https://h", "", ""), "other", "no context 'other'");
    refused(kubeconfig("h:1", "", ""), NULL, "cluster 'c': server");
    refused(kubeconfig("https://h", ", certificate-authority-data: '%%'", ""), NULL, "base64");
    refused(kubeconfig("https://h", "", "client-key: k"), NULL, "client-certificate: is missing");
    refused(
        kubeconfig("https://h", ", insecure-skip-tls-verify: true, certificate-authority: x", ""),
        NULL, "insecure");
    refused(kubeconfig("https://h", "", "exec: {apiVersion: v1, command: x}"), NULL,
            "exec.apiVersion");
    clean();
}

TEST(what_would_change_who_we_are_is_refused_and_not_ignored)
{
    refused(kubeconfig("https://h", "", "username: x, password: y"), NULL,
            "username: is not supported");
    refused(kubeconfig("https://h", "", "as: x, as-groups: [y]"), NULL,
            "as-groups: is not supported");
    refused(kubeconfig("https://h", "", "auth-provider: {name: y}"), NULL, "auth-provider");
    clean();
}

TEST(in_a_pod_the_service_account_and_its_namespace_are_used)
{
    struct config c;
    struct err e;
    put("namespace", "dkube-system\n", 0600);
    setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
    setenv("KUBERNETES_SERVICE_PORT", "443", 1);
    assert_ok(config_in_cluster(&a, dir, &c, &e), &e);
    assert_string_equal(c.server, "https://[fd00::1]:443");
    assert_string_equal(c.ns, "dkube-system");
    assert_string_equal(c.token.file, arena_printf(&a, "%s/token", dir));
    clean();
}

/* --- The client against a server
 * ------------------------------------------------------------------- */

/* Takes one bearer token, which the test changes. */
struct gate {
    pthread_mutex_t lock;
    char token[64];
    int requests;
};

static bool guard(void *ctx, struct web_conn *c, const char *request)
{
    struct gate *g = ctx;
    char want[128];
    pthread_mutex_lock(&g->lock);
    g->requests++;
    snprintf(want, sizeof(want), "Authorization: Bearer %s\r\n", g->token);
    pthread_mutex_unlock(&g->lock);
    bool in = strstr(request, want) != NULL;
    web_reply(c, in ? 200 : 401, NULL,
              in ? "{}" : "{\"kind\":\"Status\",\"reason\":\"Unauthorized\",\"message\":\"who\"}");
    return true;
}

static int ask(struct client *c, struct err *e)
{
    const char *body;
    size_t n;
    return client_wait(c, &a, &(struct http_request){.method = "GET", .path = "/version"}, &body,
                       &n, e);
}

static const char *url(const struct web *w)
{
    return arena_printf(&a, "http://127.0.0.1:%d", web_port(w));
}

TEST(a_token_file_is_read_again_on_a_401_and_the_request_sent_once_more)
{
    struct gate g = {PTHREAD_MUTEX_INITIALIZER, "one", 0};
    struct loop *l = loop_new();
    struct web *w = web_start(NULL, guard, &g);
    struct err e;
    put("token", "one\n", 0600);
    struct client *c = client_new(l, kubeconfig(url(w), "", "tokenFile: token"), NULL, "test", &e);
    assert_non_null(c);
    assert_string_equal(client_namespace(c), "vision");
    assert_ok(ask(c, &e), &e);
    pthread_mutex_lock(&g.lock);
    snprintf(g.token, sizeof(g.token), "two");
    pthread_mutex_unlock(&g.lock);
    assert_int_equal(ask(c, &e), -1); /* the file is still the old one */
    assert_int_equal(e.kind, ERR_FORBIDDEN);
    assert_string_equal(e.reason, "Unauthorized");
    put("token", "two\n", 0600);
    assert_ok(ask(c, &e), &e);
    put("token", "", 0600); /* caught in the middle of a rotation: the old one stays */
    assert_ok(ask(c, &e), &e);
    assert_int_equal(g.requests, 1 + 2 + 2 + 1);
    client_free(c);
    web_stop(w);
    loop_free(l);
    clean();
}

TEST(a_token_file_is_read_again_when_its_time_has_come)
{
    struct gate g = {PTHREAD_MUTEX_INITIALIZER, "two", 0};
    struct loop *l = loop_new();
    struct web *w = web_start(NULL, guard, &g);
    struct loop_timer t = {0};
    struct err e;
    limits_scale(1000);
    put("token", "one\n", 0600);
    struct client *c = client_new(l, kubeconfig(url(w), "", "tokenFile: token"), NULL, "test", &e);
    assert_non_null(c);
    put("token", "two\n", 0600);
    loop_timer_in(l, &t, 200, (loop_timer_fn *)loop_stop, l);
    loop_run(l);
    limits_scale(1);
    assert_ok(ask(c, &e), &e);
    assert_int_equal(g.requests, 1); /* never with the old token */
    client_free(c);
    web_stop(w);
    loop_free(l);
    clean();
}

TEST(an_empty_token_file_keeps_the_old_token)
{
    struct gate g = {PTHREAD_MUTEX_INITIALIZER, "one", 0};
    struct loop *l = loop_new();
    struct web *w = web_start(NULL, guard, &g);
    struct loop_timer t = {0};
    struct err e;
    limits_scale(1000);
    put("token", "one\n", 0600);
    struct client *c = client_new(l, kubeconfig(url(w), "", "tokenFile: token"), NULL, "test", &e);
    assert_non_null(c);
    put("token", "\n", 0600);
    loop_timer_in(l, &t, 200, (loop_timer_fn *)loop_stop, l);
    loop_run(l);
    limits_scale(1);
    assert_ok(ask(c, &e), &e);
    client_free(c);
    web_stop(w);
    loop_free(l);
    clean();
}

TEST(half_a_rotation_of_a_certificate_and_its_key_is_not_taken)
{
    struct gate g = {PTHREAD_MUTEX_INITIALIZER, "t", 0};
    struct web_pki old, fresh;
    struct loop *l = loop_new();
    struct loop_timer t = {0};
    struct err e;
    web_pki_make(&old, "IP:127.0.0.1");
    web_pki_make(&fresh, "IP:127.0.0.1");
    struct web *w = web_start(&old, guard, &g);
    put("ca.crt", old.ca, 0600);
    put("tls.crt", old.cert, 0600);
    put("tls.key", old.key, 0600);
    put("token", "t", 0600);
    const char *conf = kubeconfig(
        arena_printf(&a, "https://127.0.0.1:%d", web_port(w)), ", certificate-authority: ca.crt",
        "client-certificate: tls.crt, client-key: tls.key, tokenFile: token");
    limits_scale(1000);
    struct client *c = client_new(l, conf, NULL, "test", &e);
    assert_non_null(c);
    put("tls.crt", fresh.cert, 0600);
    loop_timer_in(l, &t, 200, (loop_timer_fn *)loop_stop, l);
    loop_run(l);
    limits_scale(1);
    assert_ok(ask(c, &e), &e); /* with the old pair: TLS refuses one that does not match */
    client_free(c);
    web_stop(w);
    loop_free(l);
    web_pki_free(&old);
    web_pki_free(&fresh);
    clean();
}

/* --- Proxies
 * --------------------------------------------------------------------------------------- */

static int ask_through(const char *server, const char *cluster)
{
    struct loop *l = loop_new();
    struct err e;
    struct client *c = client_new(l, kubeconfig(server, cluster, "token: t"), NULL, "test", &e);
    assert_non_null(c);
    int r = ask(c, &e);
    client_free(c);
    loop_free(l);
    return r;
}

TEST(the_environments_proxy_is_passed_by_on_the_way_to_this_machine_alone)
{
    struct gate g = {PTHREAD_MUTEX_INITIALIZER, "t", 0};
    struct web *w = web_start(NULL, guard, &g);
    setenv("http_proxy", url(w), 1);
    assert_int_equal(ask_through("http://localhost.example.org", ""), 0);
    assert_int_equal(ask_through("http://127.example.org", ""), 0);
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    assert_int_equal(ask_through(url(w), ""), 0);
    const char *any = arena_printf(&a, "http://0.0.0.0:%d", web_port(w));
    assert_int_equal(ask_through(any, ""), -1);
    setenv("no_proxy", "0.0.0.0", 1);
    assert_int_equal(ask_through(any, ""), 0);
    unsetenv("http_proxy");
    unsetenv("no_proxy");
    web_stop(w);
    clean();
}

TEST(the_kubeconfigs_proxy_is_used_whatever_the_environment_excepts)
{
    struct gate g = {PTHREAD_MUTEX_INITIALIZER, "t", 0};
    struct web *w = web_start(NULL, guard, &g);
    setenv("NO_PROXY", "*", 1);
    assert_int_equal(
        ask_through("http://api.example.org", arena_printf(&a, ", proxy-url: '%s'", url(w))), 0);
    unsetenv("NO_PROXY");
    web_stop(w);
    clean();
}

/* --- Credential plugins
 * ---------------------------------------------------------------------------- */

#define EXEC(extra) \
    "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin" extra "}"
#define CREDENTIAL(token, more)                                                              \
    "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\"," \
    "\"status\":{\"token\":\"" token "\"" more "}}'\n"

static int with_plugin(const char *script, const char *user, const char *token, int times,
                       struct err *e)
{
    struct gate g = {PTHREAD_MUTEX_INITIALIZER, "", 0};
    struct loop *l = loop_new();
    struct web *w = web_start(NULL, guard, &g);
    int r = 0;
    snprintf(g.token, sizeof(g.token), "%s", token);
    if (script != NULL) {
        put("plugin", arena_printf(&a, "#!/bin/sh\nDIR=%s\n%s", dir, script), 0700);
    }
    struct client *c = client_new(l, kubeconfig(url(w), "", user), NULL, "test", e);
    assert_non_null(c);
    for (int i = 0; i < times && r == 0; i++) {
        r = ask(c, e);
    }
    client_free(c);
    web_stop(w);
    loop_free(l);
    return r;
}

TEST(a_plugins_token_is_used_and_the_plugin_runs_once)
{
    struct err e;
    put("x", "", 0600);
    assert_ok(
        with_plugin("echo x >>$DIR/runs\n" CREDENTIAL("sesame", ""), EXEC(""), "sesame", 3, &e),
        &e);
    assert_int_equal(sh("test $(wc -l <%s/runs) = 1", dir), 0);
    clean();
}

TEST(a_plugin_gets_its_arguments_environment_and_the_exec_info)
{
    struct err e;
    put("x", "", 0600);
    assert_ok(
        with_plugin(
            "printf '%s|' \"$@\" >$DIR/args\necho \"$NAME\" >$DIR/env\n"
            "echo \"$KUBERNETES_EXEC_INFO\" >$DIR/info\nls /proc/self/fd >$DIR/fds\n" CREDENTIAL(
                "t", ""),
            EXEC(", args: ['a b', '$HOME'], env: [{name: NAME, value: v}],"
                 " provideClusterInfo: true"),
            "t", 1, &e),
        &e);
    assert_int_equal(sh("grep -qxF 'a b|$HOME|' %s/args", dir), 0);
    assert_int_equal(sh("grep -qxF v %s/env", dir), 0);
    assert_int_equal(sh("grep -q '\"server\":\"http://127.0.0.1' %s/info", dir), 0);
    /* 0, 1, 2 and the directory that ls reads: nothing of ours */
    assert_int_equal(sh("test $(wc -l <%s/fds) = 4", dir), 0);
    clean();
}

TEST(a_401_runs_the_plugin_again)
{
    struct err e;
    put("x", "", 0600);
    assert_ok(with_plugin("if [ -e $DIR/ran ]; then\n" CREDENTIAL(
                              "new", "") "else\ntouch $DIR/ran\n" CREDENTIAL("old", "") "fi\n",
                          EXEC(""), "new", 1, &e),
              &e);
    clean();
}

TEST(credentials_are_renewed_before_they_expire)
{
    struct err e;
    struct loop_timer t = {0};
    struct loop *l = loop_new();
    put("x", "", 0600);
    put("plugin",
        arena_printf(
            &a, "#!/bin/sh\necho x >>%s/runs\n" CREDENTIAL("t", ",\"expirationTimestamp\":\"%s\""),
            dir, clock_rfc3339(&a, clock_wall_ms() + 1000)),
        0700);
    struct client *c =
        client_new(l, kubeconfig("http://127.0.0.1:1", "", EXEC("")), NULL, "test", &e);
    assert_non_null(c);
    loop_timer_in(l, &t, 1700, (loop_timer_fn *)loop_stop, l);
    loop_run(l);
    assert_int_equal(sh("test $(wc -l <%s/runs) -ge 2", dir), 0);
    client_free(c);
    loop_free(l);
    clean();
}

static void run_for(struct loop *l, int64_t ms)
{
    struct loop_timer t = {0};
    loop_timer_in(l, &t, ms, (loop_timer_fn *)loop_stop, l);
    loop_run(l);
    loop_timer_clear(l, &t);
}

TEST(a_plugin_whose_credentials_have_expired_already_is_asked_less_and_less_often)
{
    struct err e;
    struct loop *l = loop_new();
    put("x", "", 0600);
    put("plugin",
        arena_printf(&a,
                     "#!/bin/sh\necho x >>%s/runs\n" CREDENTIAL(
                         "t", ",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\""),
                     dir),
        0700);
    struct client *c =
        client_new(l, kubeconfig("http://127.0.0.1:1", "", EXEC("")), NULL, "test", &e);
    assert_non_null(c);
    run_for(l, 2700);
    assert_int_equal(sh("test $(wc -l <%s/runs) = 2", dir), 0); /* at 0 and 1 s, then at 3 s */
    client_free(c);
    loop_free(l);
    clean();
}

TEST(beside_a_plugin_the_authoritys_file_is_read_again)
{
    struct err e;
    struct loop *l = loop_new();
    put("ca.crt", "one", 0600);
    put("plugin",
        arena_printf(&a,
                     "#!/bin/sh\necho \"$KUBERNETES_EXEC_INFO\" >>%s/info\n" CREDENTIAL(
                         "t", ",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\""),
                     dir),
        0700);
    limits_scale(100); /* every 600 ms; the plugin runs again after 1 s */
    struct client *c =
        client_new(l,
                   kubeconfig("http://127.0.0.1:1", ", certificate-authority: ca.crt",
                              EXEC(", provideClusterInfo: true")),
                   NULL, "test", &e);
    assert_non_null(c);
    put("ca.crt", "two", 0600);
    run_for(l, 1700);
    limits_scale(1);
    assert_int_equal(sh("head -n 1 %s/info | grep -q b25l", dir), 0);
    assert_int_equal(sh("tail -n 1 %s/info | grep -q dHdv", dir), 0);
    client_free(c);
    loop_free(l);
    clean();
}

/* From here on the kernel gives no pidfd. */
static int break_pidfds(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = ARRAY_LEN(code), .filter = code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
               ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)
               : -1;
}

static void on_unwatched(void *ctx, const struct credentials *k UNUSED, const struct err *e)
{
    bool right = e != NULL && strstr(e->text, strerror(EMFILE)) != NULL;
    bool childless = waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD;
    _exit(!right ? 2 : !childless ? 3 : *(int *)ctx);
}

TEST(a_plugin_that_cannot_be_watched_is_not_left_behind)
{
    struct config conf;
    struct err e;
    int status = 0, done = 0;
    put("x", "", 0600);
    put("plugin", "#!/bin/sh\nexec sleep 60\n", 0700);
    assert_ok(config_load(&a, kubeconfig("http://127.0.0.1:1", "", EXEC("")), NULL, &conf, &e), &e);
    pid_t child = fork();
    if (child == 0) {
        struct loop *l = loop_new();
        if (break_pidfds() < 0) {
            _exit(1);
        }
        (void)exec_start(l, &conf, NULL, on_unwatched, &done);
        loop_run(l);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    clean();
}

static void plugin_fails(const char *script, const char *user, const char *words)
{
    struct err e;
    put("x", "", 0600);
    assert_int_equal(with_plugin(script, user, "t", 1, &e), -1);
    if (strstr(e.text, words) == NULL) {
        fail_msg("'%s' does not say '%s'", e.text, words);
    }
    clean();
}

TEST(a_plugin_that_fails_fails_the_request_with_its_reason)
{
    plugin_fails("exit 3\n", EXEC(""), "exited with status 3");
    plugin_fails("kill -9 $$\n", EXEC(""), "killed by signal 9");
    plugin_fails("echo '{}'\n", EXEC(""), "is not an ExecCredential");
    plugin_fails("echo 'hello'\n", EXEC(""), "the plugin's output");
    plugin_fails(CREDENTIAL("", ""), EXEC(""), "neither a token nor");
    plugin_fails(NULL, EXEC(", installHint: get it"),
                 "cannot be started: No such file or directory; get it");
}

TEST(a_plugin_that_hangs_is_killed_with_its_children)
{
    struct err e;
    int64_t began = clock_boot_ms();
    put("x", "", 0600);
    limits_scale(200); /* 300 ms */
    assert_int_equal(with_plugin("sleep 60 & echo $! >$DIR/pid; wait\n", EXEC(""), "t", 1, &e), -1);
    limits_scale(1);
    assert_true(clock_boot_ms() - began < 10000);
    assert_non_null(strstr(e.text, "was killed after 300 ms"));
    assert_int_not_equal(sh("kill -0 $(cat %s/pid) 2>/dev/null && "
                            "! grep -q '^State:.Z' /proc/$(cat %s/pid)/status",
                            dir, dir),
                         0);
    clean();
}

TEST(freeing_the_client_ends_a_running_plugin)
{
    struct err e;
    struct loop *l = loop_new();
    put("x", "", 0600);
    put("plugin", "#!/bin/sh\nexec sleep 60\n", 0700);
    int64_t began = clock_boot_ms();
    struct client *c =
        client_new(l, kubeconfig("http://127.0.0.1:1", "", EXEC("")), NULL, "test", &e);
    assert_non_null(c);
    client_free(c);
    loop_free(l);
    assert_true(clock_boot_ms() - began < 10000);
    clean();
}

/* --- Paths and refusals
 * ---------------------------------------------------------------------------- */

TEST(paths_are_made_of_escaped_parts)
{
    static const struct kind core = {"", "v1", "Pod", "pods", true, NULL};
    static const struct kind pool = {"dkube.io", "v1alpha1", "Pool", "pools", false, NULL};
    assert_string_equal(kube_path(&a, &core, "ns", "a/b", "log", "x=1"),
                        "/api/v1/namespaces/ns/pods/a%2Fb/log?x=1");
    assert_string_equal(kube_path(&a, &core, NULL, NULL, NULL, NULL), "/api/v1/pods");
    assert_string_equal(kube_path(&a, &pool, "ignored", "p", "status", NULL),
                        "/apis/dkube.io/v1alpha1/pools/p/status");
    assert_string_equal(url_escape(&a, "a=b,c in (d)"), "a%3Db%2Cc%20in%20%28d%29");
    clean();
}

static enum err_kind refusal(int status, const char *body, struct err *e)
{
    err_clear(e);
    kube_error(&(struct http_response){.status = status, .body = body, .body_len = strlen(body)},
               "get", e);
    return e->kind;
}

TEST(a_refusal_becomes_an_error_by_its_reason_else_by_its_code)
{
    struct err e;
    assert_int_equal(refusal(200, "{}", &e), ERR_OK);
    assert_int_equal(refusal(0, "", &e), ERR_RETRY);
    assert_int_equal(refusal(404, "page not found", &e), ERR_NOT_FOUND);
    assert_string_equal(e.text, "get: HTTP status 404");
    assert_int_equal(
        refusal(409,
                "{\"kind\":\"Status\",\"reason\":\"AlreadyExists\",\"message\":\"it is there\"}",
                &e),
        ERR_CONFLICT);
    assert_string_equal(e.reason, "AlreadyExists");
    assert_string_equal(e.text, "get: it is there");
    assert_int_equal(refusal(410, "{\"kind\":\"Status\",\"reason\":\"Expired\"}", &e), ERR_GONE);
    assert_int_equal(refusal(422, "", &e), ERR_INVALID);
    assert_int_equal(refusal(429, "", &e), ERR_RETRY);
    assert_int_equal(refusal(500, "", &e), ERR_RETRY);
    assert_int_equal(refusal(502, "", &e), ERR_RETRY);
    assert_int_equal(refusal(418, "", &e), ERR_INVALID);
}

SPEC_MAIN()
