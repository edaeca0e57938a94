/* noop: reconciles that find nothing to do, through the whole shell and on one core: queue add and
 * take, the view of a parent with its eight children among 10,000 pods, a status planned in full
 * and compared with the cached one and with what we own of it, done. Prints the rate. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/span.h"
#include "kube/shell.h"
#include "support/benchkinds.h"
#include "support/pods.h"
#include "support/wire.h"

enum { PARENTS = 1250, SECONDS = 5 };

struct view {
    const struct rec *parent;
    const struct rec **pods;
    size_t count;
};

static uint64_t planned, changed;

static bool gather(struct arena *a, const struct caches *c, const struct pass *pass, void *ret)
{
    struct view *v = ret;

    v->parent = cache_get(c, BENCH_PARENT, pass->key.ns, pass->key.name);
    if (v->parent == NULL) {
        return false;
    }
    v->pods = cache_owned(a, c, BENCH_POD, rec_uid(v->parent), &v->count);
    return true;
}

static void plan(const void *view, struct plan *p)
{
    const struct view *v = view;
    struct jsonw w;
    int64_t running = 0;

    for (size_t i = 0; i < v->count; i++) {
        running += str_eq(rec_str(v->pods[i], BENCH_POD_PHASE), "Running");
    }
    jsonw_init(&w, p->a);
    jsonw_obj(&w, NULL);
    jsonw_int(&w, "replicas", (int64_t)v->count);
    jsonw_int(&w, "readyReplicas", running);
    jsonw_str(&w, "selector", rec_name(v->parent));
    jsonw_end(&w);
    plan_status(p, BENCH_PARENT, v->parent, NULL, jsonw_text(&w));
    planned++;
    changed += !plan_is_empty(p);
}

static const struct watch watches[] = {{.kind = BENCH_PARENT, .map = map_self},
                                       {.kind = BENCH_POD, .map = map_owner}};
static const struct controller parents = {
    .name = "parents",
    .root = BENCH_PARENT,
    .watches = watches,
    .watch_count = 2,
    .view_size = sizeof(struct view),
    .gather = gather,
    .plan = plan,
};

static void put(struct caches *c, const struct kind *k, struct buf *b)
{
    CLEANUP(arena_done) struct arena a = {0};
    const struct json *j;
    struct err e = {0};

    if (json_parse(&a, b->data, b->len, &j, &e) < 0 || cache_put(c, k, j, &e) < 0) {
        fprintf(stderr, "noop: %s\n", e.text);
        exit(1);
    }
    buf_clear(b);
}

/* The parent's uid is the one that its pods name; its status is as the plan wants it. */
static void put_parent(struct caches *c, struct buf *b, int i)
{
    CLEANUP(buf_done) struct buf made;

    buf_init(&made, 1 << 16);
    pods_parent(&made, i, true);
    const char *status = strstr(made.data, ",\"status\""), *meta = strstr(made.data, "\"uid\"");
    if (buf_printf(b, "%.*s", (int)(meta - made.data), made.data) < 0 ||
        buf_printf(b,
                   "\"managedFields\":[{\"manager\":\"dkube-bench\",\"operation\":\"Apply\","
                   "\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\",\"subresource\":\"status\","
                   "\"fieldsV1\":{\"f:status\":{\"f:replicas\":{},\"f:readyReplicas\":{},"
                   "\"f:selector\":{}}}}],") < 0 ||
        buf_printf(b, "%.*s", (int)(status - meta), meta) < 0 ||
        buf_printf(b,
                   ",\"status\":{\"loadBalancer\":{},\"replicas\":%d,\"readyReplicas\":%d,"
                   "\"selector\":\"app-%05d\"}}",
                   PODS_PER_PARENT, PODS_PER_PARENT, i) < 0) {
        abort();
    }
    put(c, BENCH_PARENT, b);
}

static void fill(struct caches *c)
{
    CLEANUP(buf_done) struct buf b;

    buf_init(&b, 1 << 20);
    for (int i = 0; i < PARENTS; i++) {
        put_parent(c, &b, i);
    }
    for (int i = 0; i < PARENTS * PODS_PER_PARENT; i++) {
        pods_pod(&b, i, true);
        put(c, BENCH_POD, &b);
    }
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double rate(struct shell *s, struct wire *w)
{
    double began = seconds(), took;
    uint64_t first = planned;
    char name[32];

    do {
        w->now_ms++;
        for (int i = 0; i < PARENTS; i++) {
            snprintf(name, sizeof(name), "app-%05d", i);
            shell_enqueue(s, "parents", "default", name);
        }
        while (!shell_is_idle(s)) {
            shell_step(s);
        }
        took = seconds() - began;
    } while (took < SECONDS);
    return (double)(planned - first) / took;
}

int main(void)
{
    static const struct controller *const list[] = {&parents};
    static const struct program program = {.name = "bench", .controllers = list, .count = 1};
    struct caches *c = caches_new();
    struct metrics *m = metrics_new();
    struct err e = {0};
    struct wire w;

    wire_init(&w);
    struct shell *s = shell_new(
        &(struct shell_conf){.transport = &w.t, .caches = c, .program = &program, .metrics = m},
        &e);
    if (s == NULL) {
        fprintf(stderr, "noop: %s\n", e.text);
        return 1;
    }
    for (size_t i = 0; i < ARRAY_LEN(watches); i++) {
        cache_begin_relist(c, watches[i].kind, true);
    }
    fill(c);
    struct watch_sink sink = shell_sink(s);
    for (size_t i = 0; i < ARRAY_LEN(watches); i++) {
        cache_sweep(c, watches[i].kind, NULL, NULL);
        sink.synced(sink.ctx, watches[i].kind);
    }
    shell_act(s, true);
    printf("noop %.0f %llu\n", rate(s, &w), (unsigned long long)changed);
    shell_free(s);
    metrics_free(m);
    caches_free(c);
    wire_done(&w);
    return 0;
}
