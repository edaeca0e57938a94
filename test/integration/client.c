/* Who the server is, who we are, and how many connections it takes: against a real kube-apiserver.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kube/client.h"
#include "kube/config.h"
#include "support/plane.h"
#include "support/spec.h"

#define MAPS "/api/v1/namespaces/default/configmaps"

/* The administrator's certificate in a bare struct http, to see its connections. */
struct crowd {
    struct loop *l;
    int left, good;
};

static void on_one_of(void *ctx, const struct http_response *r)
{
    struct crowd *c = ctx;
    c->good += r->status == 200;
    if (--c->left == 0) {
        loop_stop(c->l);
    }
}

static int on_ignored(void *ctx, const char *p UNUSED, size_t n UNUSED)
{
    struct crowd *c = ctx;
    c->good++;
    loop_stop(c->l);
    return 0;
}

TEST(requests_share_one_connection_and_each_stream_has_its_own)
{
    struct arena a = {0};
    struct config conf;
    struct err e;
    struct crowd c = {.l = loop_new(), .left = 50};
    struct http_stats st;
    assert_ok(config_load(&a, NULL, NULL, &conf, &e), &e);
    struct http *h = http_new(c.l, &(struct http_identity){.base_url = conf.server,
                                                           .ca_pem = conf.ca.text,
                                                           .cert_pem = conf.cert.text,
                                                           .key_pem = conf.key.text});
    struct http_request one = {.method = "GET", .path = MAPS "?limit=1"};
    for (int i = 0; i < 50; i++) {
        http_send(h, &one, on_one_of, &c);
    }
    loop_run(c.l);
    http_stats(h, &st);
    assert_int_equal(c.good, 50);
    assert_int_equal(st.connections, 1);
    struct http_request watch = {
        .method = "GET",
        .path = MAPS "?watch=1&sendInitialEvents=true&"
                     "resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1"};
    c.left = 3;
    for (int i = 0; i < 3; i++) {
        http_stream_open(h, &watch, on_ignored, on_one_of, &c);
    }
    while (c.left > 0) {
        loop_run(c.l);
    }
    http_stats(h, &st);
    assert_int_equal(st.connections, 1 + 3);
    http_free(h);
    loop_free(c.l);
    arena_done(&a);
}

TEST(where_they_are_told_to_streams_share_a_connection_too)
{
    struct arena a = {0};
    struct config conf;
    struct err e;
    struct crowd c = {.l = loop_new(), .left = 5};
    struct http_stats st;
    assert_ok(config_load(&a, NULL, NULL, &conf, &e), &e);
    struct http *h = http_new(c.l, &(struct http_identity){.base_url = conf.server,
                                                           .ca_pem = conf.ca.text,
                                                           .cert_pem = conf.cert.text,
                                                           .key_pem = conf.key.text});
    struct http_request watch = {
        .method = "GET",
        .path = MAPS "?watch=1&sendInitialEvents=true&"
                     "resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1"};
    http_streams_share(h, true);
    for (int i = 0; i < 5; i++) {
        http_stream_open(h, &watch, on_ignored, on_one_of, &c);
    }
    while (c.left > 0) {
        loop_run(c.l);
    }
    http_stats(h, &st);
    assert_true(c.good >= 5);
    assert_int_equal(st.connections, 1);
    http_free(h);
    loop_free(c.l);
    arena_done(&a);
}

/* The kubeconfig with one thing changed; the answer to GET /version. */
static int ask_with(const char *find, const char *with, struct err *e)
{
    struct arena a = {0};
    struct loop *l = loop_new();
    const char *body;
    size_t n;
    char path[] = "/tmp/kubeconfig-XXXXXX";
    char *text = plane_file(&a, getenv("KUBECONFIG")), *at = strstr(text, find);
    assert_non_null(at);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    dprintf(fd, "%.*s%s%s", (int)(at - text), text, with, at + strlen(find));
    close(fd);
    int r = -1;
    struct client *c = client_new(l, path, NULL, "test", e);
    unlink(path);
    if (c != NULL) {
        r = client_wait(c, &a,
                        &(struct http_request){.method = "GET", .path = "/api/v1/namespaces"},
                        &body, &n, e);
    }
    client_free(c);
    loop_free(l);
    arena_done(&a);
    return r;
}

TEST(a_server_under_another_name_is_refused_and_under_its_own_is_not)
{
    struct err e;
    assert_ok(
        ask_with("    server:", "    tls-server-name: kubernetes.default.svc\n    server:", &e),
        &e);
    assert_int_equal(
        ask_with("    server:", "    tls-server-name: other.example.org\n    server:", &e), -1);
    assert_int_equal(e.kind, ERR_RETRY);
    assert_non_null(strstr(e.text, "other.example.org"));
}

TEST(a_server_whose_authority_is_not_ours_is_refused)
{
    struct err e;
    struct arena a = {0};
    const char *dir = plane_dir(&a);
    assert_int_equal(
        ask_with(
            "    certificate-authority-data:",
            arena_printf(&a, "    certificate-authority: %s/pki/etcd-ca.crt\n    extensions:", dir),
            &e),
        -1);
    assert_non_null(strcasestr(e.text, "certificate"));
    assert_int_equal(ask_with("    certificate-authority-data:", "    extensions:", &e),
                     -1); /* not the system's */
    assert_int_equal(e.kind, ERR_RETRY);
    arena_done(&a);
}

TEST(an_unknown_token_is_unauthorized)
{
    struct err e;
    assert_int_equal(ask_with("- name: admin\n  user:\n",
                              "- name: admin\n  user: {token: nobody}\n- name: x\n  user:\n", &e),
                     -1);
    assert_string_equal(e.reason, "Unauthorized");
}

TEST(without_a_user_the_request_is_anonymous_and_forbidden)
{
    struct err e;
    assert_int_equal(ask_with("user: admin", "user: ''", &e), -1);
    assert_string_equal(e.reason, "Forbidden");
    assert_non_null(strstr(e.text, "system:anonymous"));
}

SPEC_MAIN()
