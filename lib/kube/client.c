/* client.c — the transport to one API server, and its credentials kept fresh. */
#include "kube/client.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "kube/config.h"
#include "kube/exec.h"

enum { SHORT_LIFE_MS = 10000, RENEWAL_PAUSE_MAX_MS = 64000 };

/* A request on its way, kept so that it can be sent again; or a stream, so that its 401 is seen. */
struct call {
    LIST_ENTRY(call) link;
    struct client *c;
    struct http_request r; /* method, path, … owned; the body is the caller's */
    http_done_fn *done;
    http_data_fn *data;
    void *ctx;
    struct http_stream *stream;
    int64_t began_ms;
    unsigned renewals;     /* the client's when it went out */
    bool held;             /* it waits for the plugin */
    bool renewed, retried; /* each is done once */
    int again_for;         /* struct http_response's `retried` */
};
LIST_HEAD(calls, call);

/* What is in force, owned. */
struct secrets {
    char *ca, *cert, *key, *token;
};

struct client {
    struct loop *l;
    struct arena a; /* holds conf */
    struct config conf;
    char *user_agent;
    struct secrets now;
    struct http *http;
    struct exec_run *plugin;   /* running */
    unsigned renewals;         /* how often credentials came */
    struct loop_timer reread;  /* the next reading of the files */
    struct loop_timer renewal; /* the plugin's next run, before its credentials expire */
    int64_t pause_ms;          /* doubled while the plugin gives what has expired already */
    struct calls calls;
    struct transport transport;
};

/* --- Identity
 * -------------------------------------------------------------------------------------- */

static void replace(char **old, const char *fresh, bool *changed)
{
    if (fresh != NULL && !str_eq(*old, fresh)) {
        mem_free(*old);
        *old = mem_strdup(fresh);
        *changed = true;
    }
}

static const char *either(const char *name, const char *other)
{
    const char *value = getenv(name);
    return str_empty(value) ? getenv(other) : value;
}

/* kubeconfig's proxy, whatever the environment excepts; else the environment's as libcurl and Go
 * read it, never for this machine itself. */
static void set_proxy(struct http_identity *id, const struct config *c)
{
    if (c->proxy_url != NULL) {
        id->proxy_url = c->proxy_url;
    } else if (!http_is_local(c->server)) {
        bool tls = strncmp(c->server, "https:", 6) == 0;
        id->proxy_url = tls ? either("HTTPS_PROXY", "https_proxy") : getenv("http_proxy");
        id->no_proxy = either("NO_PROXY", "no_proxy");
    }
    if (str_empty(id->proxy_url)) {
        id->proxy_url = NULL;
    }
}

static struct http_identity identity(const struct client *c)
{
    struct http_identity id = {
        .base_url = c->conf.server,
        .ca_pem = c->now.ca,
        .cert_pem = c->now.cert,
        .key_pem = c->now.key,
        .server_name = c->conf.server_name,
        .user_agent = c->user_agent,
        .impersonate = c->conf.impersonate,
        .insecure = c->conf.insecure,
    };
    set_proxy(&id, &c->conf);
    return id;
}

static void put_in_force(struct client *c, bool identity_changed)
{
    if (identity_changed) {
        struct http_identity id = identity(c);
        http_identity_set(c->http, &id);
    }
    http_token(c->http, c->now.token);
}

/* A token without the line end that files have; NULL when nothing is left: then the old one stays.
 */
static const char *trimmed(struct arena *a, const char *s)
{
    size_t n = s != NULL ? strlen(s) : 0;
    while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL) {
        n--;
    }
    return n > 0 ? arena_strndup(a, s, n) : NULL;
}

static int no_passphrase(char *text UNUSED, int size UNUSED, int writing UNUSED, void *ctx UNUSED)
{
    return -1; /* never asked for at the terminal */
}

static bool is_pair(const char *cert, const char *key)
{
    BIO *b = BIO_new_mem_buf(cert, -1), *k = BIO_new_mem_buf(key, -1);
    X509 *x = PEM_read_bio_X509(b, NULL, no_passphrase, NULL);
    EVP_PKEY *secret = PEM_read_bio_PrivateKey(k, NULL, no_passphrase, NULL);
    bool pair = x != NULL && secret != NULL && X509_check_private_key(x, secret) == 1;
    EVP_PKEY_free(secret);
    X509_free(x);
    BIO_free(k);
    BIO_free(b);
    ERR_clear_error();
    return pair;
}

/* The first pair is taken as it is, so that TLS says what is wrong with it. With a plugin, which
 * gave a newer one, the files' is the old one. */
static bool takes_pair(const struct client *c, const char *cert, const char *key)
{
    if (str_empty(cert) || str_empty(key)) {
        return false;
    }
    return c->now.cert == NULL || (c->conf.exec == NULL && is_pair(cert, key));
}

/* Reads all that comes from files. Half a rotation (a certificate without its key) is not taken.
 */
static int read_materials(struct client *c, struct err *e)
{
    struct arena a = {0};
    const char *ca, *cert, *key, *token;
    bool changed = false, ignored;
    int r = -1;
    if (material_read(&a, &c->conf.ca, &ca, e) == 0 &&
        material_read(&a, &c->conf.cert, &cert, e) == 0 &&
        material_read(&a, &c->conf.key, &key, e) == 0 &&
        material_read(&a, &c->conf.token, &token, e) == 0) {
        replace(&c->now.ca, str_empty(ca) ? NULL : ca, &changed);
        if (takes_pair(c, cert, key)) {
            replace(&c->now.cert, cert, &changed);
            replace(&c->now.key, key, &changed);
        }
        replace(&c->now.token, trimmed(&a, token), &ignored);
        r = 0;
    }
    arena_done(&a);
    if (r == 0 && c->http != NULL) {
        put_in_force(c, changed);
    }
    return r;
}

static bool has_files(const struct config *c)
{
    return c->ca.file != NULL || c->cert.file != NULL || c->key.file != NULL ||
           c->token.file != NULL;
}

static void on_reread(void *ctx)
{
    struct client *c = ctx;
    struct err e;
    if (read_materials(c, &e) < 0) {
        /* the old ones stay in force until the files are back */
    }
    loop_timer_in(c->l, &c->reread, limit(LIMIT_TOKEN_REREAD_MS), on_reread, c);
}

/* --- Credential plugin
 * ----------------------------------------------------------------------------- */

static void run_plugin(struct client *c);

static void on_expiring(void *ctx)
{
    run_plugin(ctx);
}

/* Anew when nine tenths of its life are over, so that no request meets an expired token. A plugin
 * that gives expired ones (its clock or its cache is wrong) is asked after 1, 2, 4 … 64 s. */
static void plan_renewal(struct client *c, int64_t expires_ms)
{
    int64_t life = expires_ms - clock_wall_ms();
    if (expires_ms == 0) {
        loop_timer_clear(c->l, &c->renewal);
        return;
    }
    if (life > 0 || c->pause_ms == 0) {
        c->pause_ms = SHORT_LIFE_MS / 10;
    } else if (c->pause_ms < RENEWAL_PAUSE_MAX_MS) {
        c->pause_ms *= 2;
    }
    loop_timer_in(c->l, &c->renewal, life > SHORT_LIFE_MS ? life / 10 * 9 : c->pause_ms,
                  on_expiring, c);
}

/* What was held back goes out with these credentials; what is on its way did not. */
static void note_renewal(struct client *c)
{
    struct call *k;
    c->renewals++;
    LIST_FOREACH(k, &c->calls, link)
    {
        if (k->held) {
            k->held = false;
            k->renewals = c->renewals;
        }
    }
}

static void on_plugin(void *ctx, const struct credentials *k, const struct err *e)
{
    struct client *c = ctx;
    bool changed = false, ignored;
    c->plugin = NULL;
    if (e != NULL) {
        http_release(c->http, e->text);
        return;
    }
    replace(&c->now.cert, k->cert, &changed);
    replace(&c->now.key, k->key, &changed);
    replace(&c->now.token, k->token, &ignored);
    note_renewal(c);
    put_in_force(c, changed);
    plan_renewal(c, k->expires_ms);
    http_release(c->http, NULL);
}

static void run_plugin(struct client *c)
{
    if (c->plugin == NULL) {
        http_hold(c->http);
        c->plugin = exec_start(c->l, &c->conf, c->now.ca, on_plugin, c);
    }
}

static bool can_renew(const struct client *c)
{
    return c->conf.exec != NULL || c->conf.token.file != NULL;
}

/* A plugin that failed is asked again, rather than going out as nobody. */
static void want_credentials(struct client *c)
{
    if (c->conf.exec != NULL && c->now.token == NULL && c->now.cert == NULL) {
        run_plugin(c);
    }
}

/* After a 401; one renewal serves all that were refused. */
static void renew(struct client *c, const struct call *k)
{
    struct err e;
    if (k->renewals != c->renewals) {
        return;
    }
    if (c->conf.exec != NULL) {
        run_plugin(c);
    } else if (can_renew(c) && read_materials(c, &e) < 0) {
        /* the request goes out once more with the old token and is refused again */
    }
}

/* --- Requests
 * -------------------------------------------------------------------------------------- */

static void call_free(struct call *k)
{
    LIST_REMOVE(k, link);
    mem_free((void *)(uintptr_t)k->r.method);
    mem_free((void *)(uintptr_t)k->r.path);
    mem_free((void *)(uintptr_t)k->r.content_type);
    mem_free((void *)(uintptr_t)k->r.accept);
    mem_free(k);
}

static struct call *call_new(struct client *c, const struct http_request *r, http_done_fn *done,
                             void *ctx)
{
    struct call *k = mem_alloc(sizeof(*k));
    k->c = c;
    k->r = *r;
    k->r.method = mem_strdup(r->method);
    k->r.path = mem_strdup(r->path);
    k->r.content_type = mem_strdup(r->content_type);
    k->r.accept = mem_strdup(r->accept);
    k->done = done;
    k->ctx = ctx;
    k->began_ms = clock_boot_ms();
    want_credentials(c);
    k->held = c->plugin != NULL;
    k->renewals = c->renewals;
    LIST_INSERT_HEAD(&c->calls, k, link);
    return k;
}

/* True when the request goes out once more: renewed credentials, or a GET whose connection broke.
 */
static bool again(struct call *k, const struct http_response *r)
{
    if (k->done == NULL) {
        return false;
    }
    int64_t timeout = k->r.timeout_ms > 0 ? k->r.timeout_ms : limit(LIMIT_REQUEST_MS);
    if (r->status == 401 && !k->renewed && can_renew(k->c)) {
        k->renewed = true;
        k->again_for = 401;
        renew(k->c, k);
        return true;
    }
    if (r->status == 0 && r->sent && !k->retried && str_eq(k->r.method, "GET") &&
        clock_boot_ms() - k->began_ms < timeout / 2) {
        k->retried = true;
        k->again_for = -1;
        return true;
    }
    return false;
}

static void on_reply(void *ctx, const struct http_response *r)
{
    struct call *k = ctx;
    if (again(k, r)) {
        k->held = k->c->plugin != NULL;
        k->renewals = k->c->renewals;
        http_send(k->c->http, &k->r, on_reply, k);
        return;
    }
    http_done_fn *done = k->done;
    void *caller = k->ctx;
    struct http_response told = *r;
    told.retried = k->again_for;
    call_free(k);
    if (done != NULL) {
        done(caller, &told);
    }
}

/* The request itself goes on: it cannot be unsent. */
static void client_forget(void *self, void *ctx)
{
    struct client *c = self;
    struct call *k;
    LIST_FOREACH(k, &c->calls, link)
    {
        if (k->stream == NULL && k->ctx == ctx) {
            k->done = NULL;
        }
    }
}

static void client_send(void *self, const struct http_request *r, http_done_fn *done, void *ctx)
{
    struct client *c = self;
    http_send(c->http, r, on_reply, call_new(c, r, done, ctx));
}

/* A refused stream is its owner's to open again; the credentials are renewed meanwhile. */
static void on_stream_end(void *ctx, const struct http_response *r)
{
    struct call *k = ctx;
    http_done_fn *done = k->done;
    void *caller = k->ctx;
    if (r->status == 401) {
        renew(k->c, k);
    }
    call_free(k);
    done(caller, r);
}

static int on_stream_data(void *ctx, const char *p, size_t n)
{
    struct call *k = ctx;
    return k->data(k->ctx, p, n);
}

static struct http_stream *client_stream(void *self, const struct http_request *r,
                                         http_data_fn *data, http_done_fn *done, void *ctx)
{
    struct client *c = self;
    struct call *k = call_new(c, r, done, ctx);
    k->data = data;
    k->stream = http_stream_open(c->http, r, on_stream_data, on_stream_end, k);
    return k->stream;
}

static void client_stream_close(void *self, struct http_stream *s)
{
    struct client *c = self;
    struct call *k;
    LIST_FOREACH(k, &c->calls, link)
    {
        if (s != NULL && k->stream == s) {
            http_stream_close(s);
            call_free(k);
            return;
        }
    }
}

/* The server's, as far as it is known: all ages are of objects that it made. */
static int64_t wall_ms(void *self)
{
    const struct client *c = self;
    return http_wall_ms(c->http);
}

static int64_t boot_ms(void *self UNUSED)
{
    return clock_boot_ms();
}

/* --- The client
 * ------------------------------------------------------------------------------------ */

struct client *client_new(struct loop *l, const char *path, const char *context,
                          const char *user_agent, struct err *e)
{
    struct client *c = mem_alloc(sizeof(*c));
    c->l = l;
    LIST_INIT(&c->calls);
    c->user_agent = mem_strdup(user_agent);
    c->transport = (struct transport){.self = c,
                                      .send = client_send,
                                      .stream = client_stream,
                                      .stream_close = client_stream_close,
                                      .forget = client_forget,
                                      .wall_ms = wall_ms,
                                      .boot_ms = boot_ms};
    if (config_load(&c->a, path, context, &c->conf, e) < 0 || read_materials(c, e) < 0) {
        client_free(c);
        return NULL;
    }
    struct http_identity id = identity(c);
    c->http = http_new(l, &id);
    http_token(c->http, c->now.token);
    if (c->conf.exec != NULL) {
        run_plugin(c);
    }
    if (has_files(&c->conf)) {
        loop_timer_in(l, &c->reread, limit(LIMIT_TOKEN_REREAD_MS), on_reread, c);
    }
    return c;
}

void client_free(struct client *c)
{
    if (c == NULL) {
        return;
    }
    http_free(c->http);
    exec_cancel(c->plugin);
    loop_timer_clear(c->l, &c->reread);
    loop_timer_clear(c->l, &c->renewal);
    while (!LIST_EMPTY(&c->calls)) {
        call_free(LIST_FIRST(&c->calls));
    }
    mem_free(c->now.ca);
    mem_free(c->now.cert);
    mem_free(c->now.key);
    mem_free(c->now.token);
    mem_free(c->user_agent);
    arena_done(&c->a);
    mem_free(c);
}

void client_watches_share(struct client *c, bool share)
{
    http_streams_share(c->http, share);
}

struct transport *client_transport(struct client *c)
{
    return &c->transport;
}

const char *client_server(const struct client *c)
{
    return c->conf.server;
}

const char *client_namespace(const struct client *c)
{
    return c->conf.ns;
}

/* --- Waiting
 * --------------------------------------------------------------------------------------- */

struct waiter {
    struct loop *l;
    struct arena *a;
    bool done;
    int r;
    const char *what, *body;
    size_t len;
    struct err e;
};

static void on_waited(void *ctx, const struct http_response *r)
{
    struct waiter *w = ctx;
    w->done = true;
    w->r = kube_error(r, w->what, &w->e);
    w->body = arena_strndup(w->a, r->body, r->body_len);
    w->len = r->body_len;
    loop_stop(w->l);
}

int client_wait(struct client *c, struct arena *a, const struct http_request *r,
                const char **ret_body, size_t *ret_len, struct err *e)
{
    struct waiter w = {.l = c->l, .a = a, .what = arena_printf(a, "%s %s", r->method, r->path)};
    client_send(c, r, on_waited, &w);
    loop_run(c->l);
    if (!w.done) { /* somebody else stopped the loop */
        client_forget(c, &w);
        return err_set(e, ERR_RETRY, "Interrupted", "%s: interrupted", w.what);
    }
    if (w.r < 0) {
        *e = w.e;
        return -1;
    }
    *ret_body = w.body;
    *ret_len = w.len;
    return 0;
}
