/*
 * Built-in kinds in JSON and in protobuf from a real kube-apiserver: every record is the same, byte
 * for byte. KUBECONFIG must be the one of a control plane that hack/envtest made.
 */
#include <stdio.h>

#include "api/kinds.gen.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "kube/client.h"
#include "kube/watch.h"
#include "support/spec.h"

#define PODS "/api/v1/namespaces/default/pods"

static const struct kind partial[] = {
    {"", "v1", "ServiceAccount", "serviceaccounts", true, &rec_meta_rows},
    {"discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true, &rec_meta_rows},
    {"rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", false, &rec_meta_rows},
    {"apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", false,
     &rec_meta_rows},

};
static const struct kind *const kinds[] = {&kind_pod,   &kind_node,  &kind_namespace, &kind_secret,
                                           &partial[0], &partial[1], &partial[2],     &partial[3]};

/* --- one way of watching all kinds ------------------------------------------------------------
 */

struct side {
    struct caches *c;
    struct watcher *w[ARRAY_LEN(kinds)];
    struct transport t; /* the client's, with a mind of its own about WatchList */
    unsigned asked;     /* requests that named protobuf */
};

struct bed {
    struct loop *l;
    struct client *c;
    struct arena a;
    struct side side[2]; /* JSON, protobuf */
    struct loop_timer tick, guard;
    const char *wanted; /* of the kind `pod`: a resource version to have seen */
    bool reached;
};

static struct client *client; /* of the bed that is open */

static struct http_stream *spy(void *self, const struct http_request *r, http_data_fn *data,
                               http_done_fn *done, void *ctx)
{
    struct side *s = self;
    struct transport *t = client_transport(client);
    s->asked += strncmp(r->accept, "application/vnd.kubernetes.protobuf", 35) == 0;
    return t->stream(t->self, r, data, done, ctx);
}

static void spy_close(void *self UNUSED, struct http_stream *stream)
{
    struct transport *t = client_transport(client);
    t->stream_close(t->self, stream);
}

static int64_t spy_wall(void *self UNUSED)
{
    struct transport *t = client_transport(client);
    return t->wall_ms(t->self);
}

static int64_t spy_boot(void *self UNUSED)
{
    struct transport *t = client_transport(client);
    return t->boot_ms(t->self);
}

static void on_trouble(void *ctx UNUSED, const struct kind *k, const struct err *e)
{
    print_message("%s: %s: %s\n", k->kind, e->reason, e->text);
}

static void side_open(struct bed *b, struct side *s, bool pages)
{
    *s = (struct side){.c = caches_new(),
                       .t = {.self = s,
                             .stream = spy,
                             .stream_close = spy_close,
                             .wall_ms = spy_wall,
                             .boot_ms = spy_boot,
                             .no_watch_list = pages}};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        caches_add_kind(s->c, kinds[i]);
        s->w[i] = watcher_new(b->l, &s->t, s->c, kinds[i], NULL, NULL,
                              &(struct watch_sink){.trouble = on_trouble});
        if (s == &b->side[1]) {
            watcher_protobuf(s->w[i]);
        }
    }
}

static void bed_open(struct bed *b, bool pages)
{
    struct err e;
    *b = (struct bed){.l = loop_new()};
    client = b->c = client_new(b->l, NULL, NULL, "protobuf", &e);
    if (client == NULL) {
        fail_msg("%s", e.text);
    }
    side_open(b, &b->side[0], pages);
    side_open(b, &b->side[1], pages);
}

static void bed_start(struct bed *b)
{
    for (size_t i = 0; i < 2 * ARRAY_LEN(kinds); i++) {
        watcher_start(b->side[i % 2].w[i / 2]);
    }
}

static void bed_done(struct bed *b)
{
    for (size_t i = 0; i < 2 * ARRAY_LEN(kinds); i++) {
        watcher_free(b->side[i % 2].w[i / 2]);
    }
    caches_free(b->side[0].c);
    caches_free(b->side[1].c);
    client_free(b->c);
    loop_timer_clear(b->l, &b->tick);
    loop_timer_clear(b->l, &b->guard);
    loop_free(b->l);
    arena_done(&b->a);
}

static bool is_there(const struct bed *b)
{
    bool there = true;
    for (size_t i = 0; i < 2 * ARRAY_LEN(kinds); i++) {
        there = there && cache_is_steady(b->side[i % 2].c, kinds[i / 2]);
    }
    for (size_t i = 0; i < 2 && b->wanted != NULL; i++) {
        there = there && rv_compare(cache_rv(b->side[i].c, &kind_pod), b->wanted) >= 0;
    }
    return there;
}

static void on_tick(void *ctx)
{
    struct bed *b = ctx;
    b->reached = is_there(b);
    if (b->reached) {
        loop_stop(b->l);
    } else {
        loop_timer_in(b->l, &b->tick, 10, on_tick, b);
    }
}

static void on_guard(void *ctx)
{
    loop_stop(((struct bed *)ctx)->l);
}

static void run(struct bed *b)
{
    loop_timer_in(b->l, &b->guard, 30000, on_guard, b);
    loop_timer_in(b->l, &b->tick, 0, on_tick, b);
    loop_run(b->l);
    loop_timer_clear(b->l, &b->guard);
    loop_timer_clear(b->l, &b->tick);
    assert_true(b->reached);
}

/* --- what is there ----------------------------------------------------------------------------
 */

/* The reply's resource version; a failure may be one of these statuses. */
static const char *call(struct bed *b, const char *method, const char *path, const char *body)
{
    struct http_request r = {.method = method, .path = path, .body = body};
    const struct json *j;
    const char *text;
    size_t n;
    struct err e;
    if (body != NULL) {
        r.body_len = strlen(body);
        r.content_type =
            str_eq(method, "PATCH") ? "application/merge-patch+json" : "application/json";
    }
    if (client_wait(b->c, &b->a, &r, &text, &n, &e) < 0) {
        if (e.kind != ERR_NOT_FOUND && e.kind != ERR_CONFLICT) {
            fail_msg("%s %s: %s", method, path, e.text);
        }
        return NULL;
    }
    assert_ok(json_parse(&b->a, text, n, &j, &e), &e);
    return json_str(j, "metadata.resourceVersion", NULL);
}

static const char pod_status[] =
    "{\"metadata\":{\"name\":\"pb-whole\"},\"status\":{\"phase\":\"Running\",\"reason\":\"Why\","
    "\"message\":\"caf\xc3\xa9 \\ud83d\\ude00 \\\"q\\\"\\n\",\"hostIP\":\"10.0.0.9\",\"podIP\":"
    "\"10.1.0.9\",\"podIPs\":[{\"ip\":\"10.1.0.9\"}],\"hostIPs\":[{\"ip\":\"10.0.0.9\"}],"
    "\"startTime\":\"2026-01-02T03:04:05Z\",\"conditions\":[{\"type\":\"Ready\",\"status\":"
    "\"False\","
    "\"lastProbeTime\":null,\"lastTransitionTime\":\"2026-01-02T03:04:05Z\",\"reason\":\"R\","
    "\"message\":\"M\"},{\"type\":\"Initialized\",\"status\":\"True\"}],\"initContainerStatuses\":["
    "{"
    "\"name\":\"init\",\"image\":\"i:1\",\"imageID\":\"\",\"ready\":true,\"restartCount\":3,"
    "\"started\":false,\"state\":{\"terminated\":{\"exitCode\":137,\"signal\":9,\"reason\":\"OOM\","
    "\"message\":\"\",\"startedAt\":\"2026-01-02T03:04:05Z\",\"finishedAt\":\"2026-01-02T03:04:"
    "06Z\"}},"
    "\"lastState\":{\"terminated\":{\"exitCode\":0,\"startedAt\":null,\"finishedAt\":null}}}],"
    "\"containerStatuses\":[{\"name\":\"main\",\"image\":\"i:1\",\"imageID\":\"sha256:1\","
    "\"ready\":"
    "false,\"restartCount\":0,\"started\":true,\"state\":{\"running\":{\"startedAt\":"
    "\"2026-01-02T03:04:05Z\"}}},{\"name\":\"side\",\"image\":\"\",\"imageID\":\"\",\"ready\":"
    "false,"
    "\"restartCount\":0,\"state\":{\"waiting\":{\"reason\":\"ErrImagePull\"}}}]}}";

static const char pod_body[] =
    "{\"metadata\":{\"name\":\"pb-whole\",\"labels\":{\"b\":\"2\",\"a\":\"1\",\"empty\":\"\"},"
    "\"annotations\":{\"z\":\"caf\xc3\xa9\",\"a\":\"1\\u00002\",\"long\":\"0123456789abcdef\"},"
    "\"finalizers\":[\"dkube.io/pb\",\"dkube.io/pb2\"],\"ownerReferences\":[{\"apiVersion\":\"v1\","
    "\"kind\":\"ConfigMap\",\"name\":\"c\",\"uid\":\"u1\"},{\"apiVersion\":\"v1\",\"kind\":"
    "\"ConfigMap\",\"name\":\"d\",\"uid\":\"u2\",\"controller\":true,\"blockOwnerDeletion\":false}]"
    "},"
    "\"spec\":{\"nodeName\":\"pb-node\",\"restartPolicy\":\"Never\",\"priorityClassName\":"
    "\"system-cluster-critical\",\"runtimeClassName\":\"pb-heavy\","
    "\"terminationGracePeriodSeconds\":"
    "0,\"initContainers\":[{\"name\":\"init\",\"image\":\"i:1\",\"restartPolicy\":\"Always\","
    "\"resources\":{\"limits\":{\"cpu\":\"1500m\"}}}],\"containers\":[{\"name\":\"main\",\"image\":"
    "\"i:1\",\"resources\":{\"requests\":{\"memory\":\"1073741824\",\"cpu\":\"0.5\"},\"limits\":{"
    "\"memory\":\"2Gi\",\"cpu\":\"1e3\"}}},{\"name\":\"side\",\"image\":\"i:1\"}]}}";

static const char node_status[] =
    "{\"metadata\":{\"name\":\"pb-node\"},\"status\":{\"capacity\":{\"cpu\":\"8\",\"memory\":"
    "\"16384Mi\",\"gpu.example/"
    "one\":\"4\"},\"allocatable\":{\"cpu\":\"7500m\",\"memory\":\"16Gi\"},"
    "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"lastHeartbeatTime\":"
    "\"2026-01-02T03:04:05Z\",\"lastTransitionTime\":\"2026-01-02T03:04:05Z\",\"reason\":\"R\","
    "\"message\":\"m\"},{\"type\":\"MemoryPressure\",\"status\":\"Unknown\"}]}}";

static void make_others(struct bed *b)
{
    call(b, "POST", "/apis/node.k8s.io/v1/runtimeclasses",
         "{\"metadata\":{\"name\":\"pb-heavy\"},\"handler\":\"h\",\"overhead\":{\"podFixed\":{"
         "\"cpu\":\"0.25\",\"memory\":\"120Mi\"}}}");
    call(b, "POST", "/api/v1/nodes",
         "{\"metadata\":{\"name\":\"pb-node\",\"annotations\":{\"a\":\"b\"}},\"spec\":{"
         "\"unschedulable\":true,\"taints\":[{\"key\":\"k\",\"effect\":\"NoSchedule\"},{\"key\":"
         "\"l\","
         "\"value\":\"v\",\"effect\":\"NoExecute\",\"timeAdded\":\"2026-01-02T03:04:05Z\"}]}}");
    call(b, "PATCH", "/api/v1/nodes/pb-node/status", node_status);
    call(b, "POST", "/api/v1/nodes", "{\"metadata\":{\"name\":\"pb-bare\"}}");
    call(b, "POST", "/api/v1/namespaces",
         "{\"metadata\":{\"name\":\"pb-space\",\"annotations\":{\"a\":\"b\"}}}");
    call(b, "POST", "/api/v1/namespaces/default/secrets",
         "{\"metadata\":{\"name\":\"pb-secret\",\"labels\":{\"a\":\"b\"}},\"data\":{\"k\":\"dg==\"}"
         "}");
    call(b, "POST", "/api/v1/namespaces/default/serviceaccounts",
         "{\"metadata\":{\"name\":\"pb-account\"}}");
    call(b, "POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
         "{\"metadata\":{\"name\":\"pb-slice\"},\"addressType\":\"IPv4\",\"endpoints\":[]}");
}

static const char *bare_pod(struct arena *a, int i)
{
    return arena_printf(a,
                        "{\"metadata\":{\"name\":\"pb-bare-%d\"},\"spec\":{\"containers\":[{"
                        "\"name\":\"c\",\"image\":\"i\"}]}}",
                        i);
}

static void make_all(struct bed *b)
{
    make_others(b);
    call(b, "POST", PODS, pod_body);
    call(b, "PATCH", PODS "/pb-whole/status", pod_status);
    call(b, "DELETE", PODS "/pb-whole", NULL); /* its finalizers keep it */
    for (int i = 0; i < 30; i++) {
        call(b, "POST", PODS, bare_pod(&b->a, i));
    }
}

static void compare(struct bed *b)
{
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        size_t n, m;
        const struct rec **json = cache_list(&b->a, b->side[0].c, kinds[k], NULL, &n);
        const struct rec **proto = cache_list(&b->a, b->side[1].c, kinds[k], NULL, &m);
        assert_int_equal(n, m);
        for (size_t i = 0; i < n; i++) {
            if (rec_size(json[i]) != rec_size(proto[i]) ||
                memcmp(json[i], proto[i], rec_size(json[i])) != 0) {
                fail_msg("%s '%s' differs", kinds[k]->kind, rec_name(json[i]));
            }
        }
    }
}

static void same_records(bool pages, bool http2)
{
    struct bed b;
    bed_open(&b, pages);
    client_watches_share(b.c, http2);
    make_all(&b);
    bed_start(&b);
    run(&b);
    compare(&b);
    assert_int_equal(b.side[0].asked, 0);
    assert_true(b.side[1].asked >= ARRAY_LEN(kinds));
    const struct rec *whole = cache_get(b.side[1].c, &kind_pod, "default", "pb-whole");
    assert_non_null(whole);
    assert_true(rec_is_deleted(whole));
    assert_int_equal(pod_status_container_statuses_count(whole), 2);
    assert_string_equal(pod_spec_overhead_get(whole, "cpu"), "250m");
    call(&b, "DELETE", PODS "/pb-bare-0", NULL); /* and the events behind the list */
    b.wanted = call(&b, "POST", PODS, bare_pod(&b.a, 0));
    run(&b);
    compare(&b);
    bed_done(&b);
}

TEST(every_kind_that_is_read_in_protobuf_makes_the_records_of_its_json)
{
    same_records(false, false);
}

TEST(pages_in_protobuf_make_the_records_of_pages_in_json)
{
    same_records(true, false);
}

TEST(on_one_shared_connection_the_records_are_the_same)
{
    same_records(false, true);
}

SPEC_MAIN()
