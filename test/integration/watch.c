/*
 * The watch against a real kube-apiserver and etcd, which this program also kills,
 * starts again and compacts. KUBECONFIG must be the one of a control plane of its own that
 * hack/envtest made.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/configmap.gen.h"
#include "api/pool.gen.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "support/plane.h"
#include "support/sh.h"
#include "support/spec.h"
#include "yaml/yaml.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define CRDS "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

/* --- The control plane
 * ----------------------------------------------------------------------------- */

static int number_in(const char *path)
{
    struct arena a = {0};
    int n = (int)strtol(plane_file(&a, path), NULL, 10);
    arena_done(&a);
    return n;
}

static void kill_apiserver(void)
{
    struct arena a = {0};
    int pid = number_in(arena_printf(&a, "%s/run/kube-apiserver.pid", plane_dir(&a)));
    assert_true(pid > 1);
    assert_int_equal(kill(pid, SIGKILL), 0);
    while (kill(pid, 0) == 0) {
        usleep(10000);
    }
    arena_done(&a);
}

static void start_apiserver(void)
{
    struct arena a = {0};
    assert_int_equal(sh("hack/envtest up %s >/dev/null 2>&1", plane_dir(&a)), 0);
    arena_done(&a);
}

/* --- An outsider that writes: a client on a loop of its own
 * ---------------------------------------- */

struct outsider {
    struct loop *l;
    struct client *c;
    struct arena a;
};

static void outsider_open(struct outsider *o)
{
    struct err e;
    *o = (struct outsider){.l = loop_new()};
    o->c = client_new(o->l, NULL, NULL, "outsider", &e);
    if (o->c == NULL) {
        fail_msg("%s", e.text);
    }
}

static void outsider_done(struct outsider *o)
{
    client_free(o->c);
    loop_free(o->l);
    arena_done(&o->a);
}

static int call(struct outsider *o, const char *method, const char *path, const char *body,
                const struct json **ret, struct err *e)
{
    struct http_request r = {.method = method, .path = path, .body = body};
    const char *text;
    size_t n;
    if (body != NULL) {
        r.body_len = strlen(body);
        r.content_type = "application/json";
    }
    if (client_wait(o->c, &o->a, &r, &text, &n, e) < 0) {
        return -1;
    }
    return json_parse(&o->a, text, n, ret, e);
}

static void must(struct outsider *o, const char *method, const char *path, const char *body)
{
    const struct json *j;
    struct err e;
    assert_ok(call(o, method, path, body, &j, &e), &e);
}

static const char *map_body(struct arena *a, const char *label, const char *name, int value)
{
    return arena_printf(a,
                        "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"test\":\"%s\"}},"
                        "\"data\":{\"v\":\"%d\"}}",
                        name, label, value);
}

static void create(struct outsider *o, const char *label, const char *name)
{
    must(o, "POST", MAPS, map_body(&o->a, label, name, 0));
}

static void clear(struct outsider *o, const char *label)
{
    must(o, "DELETE", arena_printf(&o->a, MAPS "?labelSelector=test%%3D%s", label), NULL);
}

/* Compacts etcd's history up to now, over its JSON gateway. */
struct reply {
    struct loop *l;
    int status;
    char body[65536];
};

static void on_reply(void *ctx, const struct http_response *r)
{
    struct reply *p = ctx;
    p->status = r->status;
    snprintf(p->body, sizeof(p->body), "%.65000s", r->status != 0 ? r->body : r->error);
    loop_stop(p->l);
}

static void etcd(struct http *h, struct reply *p, const char *path, const char *body)
{
    http_send(h,
              &(struct http_request){.method = "POST",
                                     .path = path,
                                     .body = body,
                                     .body_len = strlen(body),
                                     .content_type = "application/json"},
              on_reply, p);
    loop_run(p->l);
    if (p->status != 200) {
        fail_msg("etcd: %d %s", p->status, p->body);
    }
}

static void compact(void)
{
    static struct reply p;
    struct arena a = {0};
    struct err e;
    const char *dir = plane_dir(&a), *pki = arena_printf(&a, "%s/pki", dir);
    const struct json *j;
    struct http_identity id = {
        .base_url =
            arena_printf(&a, "https://127.0.0.1:%d", number_in(arena_printf(&a, "%s/ports", dir))),
        .ca_pem = plane_file(&a, arena_printf(&a, "%s/etcd-ca.crt", pki)),
        .cert_pem = plane_file(&a, arena_printf(&a, "%s/etcd.crt", pki)),
        .key_pem = plane_file(&a, arena_printf(&a, "%s/etcd.key", pki)),
    };
    p.l = loop_new();
    struct http *h = http_new(p.l, &id);
    etcd(h, &p, "/v3/kv/range", "{\"key\":\"AA==\"}");
    assert_ok(json_parse(&a, p.body, strlen(p.body), &j, &e), &e);
    etcd(h, &p, "/v3/kv/compaction",
         arena_printf(&a, "{\"revision\":\"%s\",\"physical\":true}",
                      json_str(j, "header.revision", "0")));
    http_free(h);
    loop_free(p.l);
    arena_done(&a);
}

/* --- A watching client
 * ----------------------------------------------------------------------------- */

struct bed {
    struct loop *l;
    struct client *c;
    struct caches *caches;
    struct watcher *w;
    const struct kind *k;
    const char *label;
    int added, changed, removed, synced;
    enum err_kind worst; /* ERR_GONE once seen stays */
    struct loop_timer tick, guard;
    bool (*until)(struct bed *b, const void *arg);
    const void *arg;
    bool reached;
    struct outsider o;
};

static void on_changed(void *ctx, const struct kind *k UNUSED, const struct rec *old,
                       const struct rec *now, bool initial UNUSED)
{
    struct bed *b = ctx;
    b->added += old == NULL;
    b->removed += now == NULL;
    b->changed += old != NULL && now != NULL;
}

static void on_synced(void *ctx, const struct kind *k UNUSED)
{
    ((struct bed *)ctx)->synced++;
}

static void on_trouble(void *ctx, const struct kind *k UNUSED, const struct err *e)
{
    struct bed *b = ctx;
    b->worst = b->worst == ERR_GONE ? ERR_GONE : e->kind;
}

static void bed_open(struct bed *b, const struct kind *k, const char *label)
{
    struct err e;
    char selector[64];
    *b = (struct bed){.l = loop_new(), .caches = caches_new(), .k = k, .label = label};
    b->c = client_new(b->l, NULL, NULL, "watcher", &e);
    if (b->c == NULL) {
        fail_msg("%s", e.text);
    }
    outsider_open(&b->o);
    if (label != NULL) {
        clear(&b->o, label); /* an earlier run may have failed */
    }
    caches_add_kind(b->caches, k);
    snprintf(selector, sizeof(selector), "test=%s", label != NULL ? label : "");
    b->w = watcher_new(
        b->l, client_transport(b->c), b->caches, k, label != NULL ? selector : NULL, NULL,
        &(struct watch_sink){
            .ctx = b, .changed = on_changed, .synced = on_synced, .trouble = on_trouble});
}

static void bed_done(struct bed *b)
{
    if (b->label != NULL) {
        clear(&b->o, b->label);
    }
    watcher_free(b->w);
    client_free(b->c);
    caches_free(b->caches);
    loop_timer_clear(b->l, &b->tick);
    loop_timer_clear(b->l, &b->guard);
    loop_free(b->l);
    outsider_done(&b->o);
}

static void on_tick(void *ctx)
{
    struct bed *b = ctx;
    if (b->until != NULL && b->until(b, b->arg)) {
        b->reached = true;
        loop_stop(b->l);
    } else {
        loop_timer_in(b->l, &b->tick, 10, on_tick, b);
    }
}

static void on_guard(void *ctx)
{
    loop_stop(((struct bed *)ctx)->l);
}

static bool run(struct bed *b, int ms, bool (*until)(struct bed *, const void *), const void *arg)
{
    b->until = until;
    b->arg = arg;
    b->reached = false;
    loop_timer_in(b->l, &b->guard, ms, on_guard, b);
    on_tick(b);
    if (!b->reached) {
        loop_run(b->l);
    }
    loop_timer_clear(b->l, &b->guard);
    loop_timer_clear(b->l, &b->tick);
    return b->reached;
}

static bool is_steady(struct bed *b, const void *arg UNUSED)
{
    return cache_is_steady(b->caches, b->k);
}

static bool counts(struct bed *b, const void *arg)
{
    return is_steady(b, NULL) && (int)cache_count(b->caches, b->k) == *(const int *)arg;
}

static bool has(struct bed *b, const void *arg)
{
    return cache_get(b->caches, b->k, "default", arg) != NULL;
}

static bool has_not(struct bed *b, const void *arg)
{
    return is_steady(b, NULL) && !has(b, arg);
}

static bool was_gone(struct bed *b, const void *arg)
{
    return b->worst == ERR_GONE && is_steady(b, arg);
}

static bool failed_once(struct bed *b, const void *arg UNUSED)
{
    struct watch_stats s;
    watcher_stats(b->w, &s);
    return s.failures > 0;
}

/* The store holds what the server holds: names and resource versions. */
static bool is_equal(struct bed *b, const void *arg)
{
    const struct json *list;
    struct err e;
    assert_ok(call(&b->o, "GET", arg, NULL, &list, &e), &e);
    const struct json *items = json_key(list, "items");
    bool same = json_len(items) == cache_count(b->caches, b->k);
    for (size_t i = 0; same && i < json_len(items); i++) {
        const struct rec *r =
            cache_get(b->caches, b->k, "default", json_str(json_at(items, i), "metadata.name", ""));
        same = r != NULL &&
               str_eq(rec_rv(r), json_str(json_at(items, i), "metadata.resourceVersion", ""));
    }
    return same;
}

/* --- Tests
 * ----------------------------------------------------------------------------------------- */

TEST(what_is_created_changed_and_deleted_reaches_the_store)
{
    struct bed b;
    bed_open(&b, &kind_configmap, "basic");
    create(&b.o, "basic", "basic-a");
    watcher_start(b.w);
    assert_true(run(&b, 10000, is_steady, NULL));
    assert_true(has(&b, "basic-a"));
    create(&b.o, "basic", "basic-b");
    create(&b.o, "other", "basic-c");
    must(&b.o, "PUT", MAPS "/basic-a", map_body(&b.o.a, "basic", "basic-a", 1));
    must(&b.o, "DELETE", MAPS "/basic-b", NULL);
    create(&b.o, "basic", "basic-d");
    assert_true(run(&b, 10000, has, "basic-d"));
    assert_int_equal(b.added, 3);
    assert_int_equal(b.changed, 1);
    assert_int_equal(b.removed, 1);
    assert_int_equal(cache_count(b.caches, b.k), 2);
    assert_int_equal(b.worst, ERR_OK);
    clear(&b.o, "other");
    bed_done(&b);
}

TEST(an_object_that_leaves_the_selector_leaves_the_store)
{
    struct bed b;
    bed_open(&b, &kind_configmap, "leaver");
    create(&b.o, "leaver", "leaver-a");
    watcher_start(b.w);
    assert_true(run(&b, 10000, has, "leaver-a"));
    must(&b.o, "PUT", MAPS "/leaver-a", map_body(&b.o.a, "left", "leaver-a", 1));
    assert_true(run(&b, 10000, has_not, "leaver-a"));
    clear(&b.o, "left");
    bed_done(&b);
}

/* A wave of writes on the watching client itself, sixteen at a time over one HTTP/2 connection. */
struct storm {
    struct bed *b;
    struct arena a;
    int left, in_flight, failures;
    unsigned seed;
    bool create_only;
};

static void storm_on(struct storm *s);

static void on_stormed(void *ctx, const struct http_response *r)
{
    struct storm *s = ctx;
    s->in_flight--;
    s->failures += r->status == 0 || r->status >= 500;
    storm_on(s);
}

static void storm_one(struct storm *s)
{
    struct transport *t = client_transport(s->b->c);
    int dice = s->create_only ? 0 : rand_r(&s->seed) % 3;
    int i = s->create_only ? s->left : rand_r(&s->seed) % 60;
    const char *name = arena_printf(&s->a, "%s-%d", s->b->label, i);
    const char *one = arena_printf(&s->a, "%s/%s", MAPS, name);
    struct http_request r = {.method = dice == 0   ? "POST"
                                       : dice == 1 ? "PUT"
                                                   : "DELETE",
                             .path = dice == 0 ? MAPS : one};
    if (dice < 2) {
        r.body = map_body(&s->a, s->b->label, name, (int)(rand_r(&s->seed) % 1000));
        r.body_len = strlen(r.body);
        r.content_type = "application/json";
    }
    t->send(t->self, &r, on_stormed, s);
}

static void storm_on(struct storm *s)
{
    for (; s->left > 0 && s->in_flight < 16; s->left--) {
        s->in_flight++;
        storm_one(s);
    }
}

static bool storm_over(struct bed *b UNUSED, const void *arg)
{
    return ((const struct storm *)arg)->in_flight == 0;
}

TEST(a_store_is_equal_to_the_server_after_a_storm_of_writes)
{
    struct bed b;
    bed_open(&b, &kind_configmap, "storm");
    watcher_start(b.w);
    assert_true(run(&b, 10000, is_steady, NULL));
    struct storm s = {.b = &b, .left = 600, .seed = 11};
    storm_on(&s);
    assert_true(run(&b, 60000, storm_over, &s));
    assert_int_equal(s.failures, 0);
    assert_true(run(&b, 10000, is_equal, MAPS "?labelSelector=test%3Dstorm"));
    assert_int_equal(b.worst, ERR_OK);
    arena_done(&s.a);
    bed_done(&b);
}

TEST(without_watch_list_many_objects_come_in_pages)
{
    enum { N = 1050 };
    const int n = N, fewer = N - 1;
    struct bed b;
    bed_open(&b, &kind_configmap, "pages");
    client_transport(b.c)->no_watch_list = true;
    struct storm s = {.b = &b, .left = N, .create_only = true};
    storm_on(&s);
    assert_true(run(&b, 60000, storm_over, &s));
    watcher_start(b.w);
    assert_true(run(&b, 20000, counts, &n));
    must(&b.o, "DELETE", MAPS "/pages-7", NULL);
    assert_true(run(&b, 10000, counts, &fewer));
    assert_int_equal(b.worst, ERR_OK);
    arena_done(&s.a);
    bed_done(&b);
}

TEST(a_megabyte_object_comes_whole)
{
    struct bed b;
    bed_open(&b, &kind_configmap, "large");
    watcher_start(b.w);
    assert_true(run(&b, 10000, is_steady, NULL));
    char *big = arena_alloc(&b.o.a, 1000001);
    memset(big, '{', 1000000);
    must(&b.o, "POST", MAPS,
         arena_printf(&b.o.a,
                      "{\"metadata\":{\"name\":\"large-a\",\"labels\":{\"test\":\"large\"}},"
                      "\"data\":{\"v\":\"%s\"}}",
                      big));
    assert_true(run(&b, 10000, has, "large-a"));
    struct watch_stats st;
    watcher_stats(b.w, &st);
    assert_true(st.bytes > 1000000);
    bed_done(&b);
}

TEST(a_kind_that_is_not_there_yet_is_watched_as_soon_as_it_is)
{
    struct bed b;
    struct err e;
    const struct json *crd, *ignored;
    const int one = 1;
    bed_open(&b, &kind_pool, NULL);
    const char *yaml = plane_file(&b.o.a, "crds/pool.yaml");
    assert_ok(yaml_parse(&b.o.a, yaml, strlen(yaml), &crd, &e), &e);
    if (call(&b.o, "DELETE", CRDS "/pools.dkube.io", NULL, &ignored, &e) == 0) {
        usleep(500000);
    }
    limits_scale(10);
    watcher_start(b.w);
    assert_true(run(&b, 10000, failed_once, NULL));
    must(&b.o, "POST", CRDS, json_text(&b.o.a, crd));
    assert_true(run(&b, 20000, is_steady, NULL));
    limits_scale(1);
    const char *pool =
        "{\"apiVersion\":\"dkube.io/v1alpha1\",\"kind\":\"Pool\",\"metadata\":{\"name\":\"p\"},"
        "\"spec\":{\"gpuType\":\"t4\",\"gpus\":2}}";
    must(&b.o, "POST", "/apis/dkube.io/v1alpha1/pools", pool);
    assert_true(run(&b, 10000, counts, &one));
    must(&b.o, "DELETE", CRDS "/pools.dkube.io", NULL);
    bed_done(&b);
}

TEST(an_apiserver_killed_and_started_again_loses_nothing)
{
    struct bed b;
    bed_open(&b, &kind_configmap, "restart");
    create(&b.o, "restart", "restart-a");
    watcher_start(b.w);
    assert_true(run(&b, 10000, is_steady, NULL));
    limits_scale(10);
    kill_apiserver();
    assert_true(run(&b, 10000, failed_once, NULL));
    assert_true(has(&b, "restart-a")); /* still readable */
    run(&b, 300, NULL, NULL);          /* a few refused attempts */
    start_apiserver();
    create(&b.o, "restart", "restart-b");
    must(&b.o, "DELETE", MAPS "/restart-a", NULL);
    assert_true(run(&b, 20000, has, "restart-b"));
    assert_true(run(&b, 20000, has_not, "restart-a"));
    assert_true(run(&b, 10000, is_equal, MAPS "?labelSelector=test%3Drestart"));
    limits_scale(1);
    bed_done(&b);
}

TEST(a_delete_lost_to_compaction_is_found_by_the_relist)
{
    struct bed b;
    bed_open(&b, &kind_configmap, "compact");
    create(&b.o, "compact", "compact-a");
    create(&b.o, "compact", "compact-b");
    watcher_start(b.w);
    assert_true(run(&b, 10000, is_steady, NULL));
    assert_true(has(&b, "compact-a") && has(&b, "compact-b"));
    limits_scale(10);
    kill_apiserver();
    assert_true(
        run(&b, 10000, failed_once, NULL)); /* cut off, and its loop stands still from here */
    start_apiserver();
    must(&b.o, "DELETE", MAPS "/compact-a", NULL);
    create(&b.o, "compact", "compact-c");
    compact();
    kill_apiserver();
    start_apiserver();
    assert_true(has(&b, "compact-a"));
    assert_true(run(&b, 20000, was_gone, NULL));
    limits_scale(1);
    assert_false(has(&b, "compact-a"));
    assert_true(has(&b, "compact-b"));
    assert_true(has(&b, "compact-c"));
    assert_int_equal(b.removed, 1);
    assert_int_equal(b.synced, 2);
    bed_done(&b);
}

SPEC_MAIN()
