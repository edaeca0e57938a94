#include "support/desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/span.h"
#include "support/spec.h"

struct desk d;
static bool gathers_always;

static bool gather(struct arena *a UNUSED, const struct caches *c, const struct pass *pass,
                   void *view)
{
    struct desk_view *v = view;
    v->root = cache_get(c, &kind_configmap, pass->key.ns, pass->key.name);
    v->child = cache_get(c, &kind_pod, pass->key.ns, pass->key.name);
    v->answers = pass->answers;
    v->refused = pass->refused;
    v->now_ms = pass->now_ms;
    return v->root != NULL || gathers_always;
}

static void plan(const void *view, struct plan *p)
{
    d.plans++;
    if (d.planner != NULL) {
        d.planner(view, p);
    }
}

static const struct watch watches[] = {
    {.kind = &kind_configmap, .map = map_self},
    {.kind = &kind_pod, .selector = "app=x", .map = map_owner},
};
const struct controller root_controller = {.name = "root",
                                           .root = &kind_configmap,
                                           .watches = watches,
                                           .watch_count = ARRAY_LEN(watches),
                                           .view_size = sizeof(struct desk_view),
                                           .gather = gather,
                                           .plan = plan};
static bool gather_pool(struct arena *a UNUSED, const struct caches *c, const struct pass *pass,
                        void *view)
{
    struct desk_view *v = view;
    v->root = cache_get(c, &kind_pool, pass->key.ns, pass->key.name);
    return v->root != NULL;
}

static const struct watch pool_watches[] = {
    {.kind = &kind_configmap, .map = map_owner},
    {.kind = &kind_pod, .selector = "app=x"},
    {.kind = &kind_pool, .map = map_self},
};
const struct controller cluster_controller = {.name = "cluster",
                                              .root = &kind_pool,
                                              .watches = pool_watches,
                                              .watch_count = ARRAY_LEN(pool_watches),
                                              .view_size = sizeof(struct desk_view),
                                              .gather = gather_pool,
                                              .plan = plan};

static void map_cluster(struct enqueuer *q, const struct caches *c UNUSED,
                        const struct rec *old UNUSED, const struct rec *now UNUSED)
{
    enqueue(q, "", "cluster");
}

static const struct watch ledger_watches[] = {
    {.kind = &kind_configmap, .map = map_cluster},
    {.kind = &kind_pod, .selector = "app=x"},
};
const struct controller singleton = {.name = "ledger",
                                     .manager = "dkube-ledger",
                                     .start = {"", "cluster"},
                                     .watches = ledger_watches,
                                     .watch_count = ARRAY_LEN(ledger_watches),
                                     .view_size = sizeof(struct desk_view),
                                     .gather = gather,
                                     .plan = plan};

void given(const struct controller *c)
{
    static const struct controller *list[1];
    static struct program program = {.name = "prog", .controllers = list, .count = 1};
    struct err e = {0};
    list[0] = c;
    wire_init(&d.w);
    d.caches = caches_new();
    d.metrics = metrics_new();
    d.events = events_new(&d.w.t, "dkube.io/prog", "me");
    d.plans = 0;
    d.planner = NULL;
    gathers_always = c->root == NULL;
    d.program = &program;
    if (d.record != NULL) {
        d.journal = journal_open(d.record, d.record_bytes, &program, d.caches, &e);
    }
    d.s = shell_new(&(struct shell_conf){.transport = &d.w.t,
                                         .caches = d.caches,
                                         .program = &program,
                                         .metrics = d.metrics,
                                         .lease = d.lease,
                                         .events = d.events,
                                         .journal = d.journal,
                                         .dry_run = d.dry_run},
                    &e);
    if (d.s == NULL) {
        fail_msg("%s", e.text);
    }
}

static const struct kind *const kinds[] = {&kind_configmap, &kind_pod, &kind_pool};

void lists_begin(void)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (caches_has_kind(d.caches, kinds[i])) {
            cache_begin_relist(d.caches, kinds[i], false);
        }
    }
}

void lists_end(void)
{
    struct watch_sink sink = shell_sink(d.s);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (!caches_has_kind(d.caches, kinds[i])) {
            continue;
        }
        cache_sweep(d.caches, kinds[i], NULL, NULL);
        cache_set_rv(d.caches, kinds[i], "10");
        sink.synced(sink.ctx, kinds[i]);
    }
}

void step(void)
{
    for (int i = 0; i < 20; i++) {
        shell_step(d.s);
    }
}

static const struct json *parsed(const char *text)
{
    const struct json *j;
    struct err e;
    assert_ok(json_parse(&d.a, text, strlen(text), &j, &e), &e);
    return j;
}

const char *object(const char *name, const char *uid, const char *rv, const char *more)
{
    return arena_printf(&d.a,
                        "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"%s\",\"uid\":\"%s\","
                        "\"resourceVersion\":\"%s\",\"labels\":{\"app\":\"x\"}%s}}",
                        name, uid, rv, more);
}

static void tell(const struct kind *k, const char *text, bool initial)
{
    struct watch_sink sink = shell_sink(d.s);
    struct cache_change change;
    struct err e;
    const struct json *j = parsed(text);
    assert_ok(cache_apply(d.caches, k, j, &change, &e), &e);
    cache_set_rv(d.caches, k, json_str(j, "metadata.resourceVersion", ""));
    sink.changed(sink.ctx, k, change.old, change.now, initial);
}

void seen(const struct kind *k, const char *text)
{
    tell(k, text, false);
}

void seen_first(const struct kind *k, const char *text)
{
    tell(k, text, true);
}

void given_a_root(const struct controller *c)
{
    given(c);
    lists_begin();
    lists_end();
    shell_act(d.s, true);
    seen(&kind_configmap, object("r1", "root-uid", "11", ""));
}

void desk_clear(void)
{
    shell_free(d.s);
    journal_close(d.journal);
    d.journal = NULL;
    d.record = NULL;
    d.dry_run = false;
    events_free(d.events);
    metrics_free(d.metrics);
    caches_free(d.caches);
    lease_free(d.lease);
    d.lease = NULL;
    wire_done(&d.w);
    arena_reset(&d.a);
}

/* --- what the planners do ----------------------------------------------------------------------
 */

void creates_a_child(const struct desk_view *v, struct plan *p)
{
    if (v->child == NULL) {
        plan_create(p, &kind_pod, "ns", "r1", rec_uid(v->root), CHILD_BODY);
    }
}

void deletes_the_child(const struct desk_view *v, struct plan *p)
{
    plan_delete(p, &kind_pod, v->child, -1);
}

void applies_the_root(const struct desk_view *v, struct plan *p)
{
    plan_apply(p, &kind_configmap, v->root, NULL,
               "{\"metadata\":{\"name\":\"r1\",\"namespace\":\"ns\"},\"data\":{\"k\":\"v\"}}");
}

const char *child(const char *rv)
{
    return object("r1", "child-uid", rv, OWNED_BY_ROOT);
}

const char *metrics_text(void)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(metrics_write(d.metrics, &b), 0);
    return arena_strdup(&d.a, buf_str(&b));
}

double result(const char *r)
{
    const char *line = arena_printf(
        &d.a, "controller_runtime_reconcile_total{controller=\"root\",result=\"%s\"} ", r);
    const char *at = strstr(metrics_text(), line);
    return at != NULL ? strtod(at + strlen(line), NULL) : 0;
}
