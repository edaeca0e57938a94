/* Bench: one pass of the ledger, gather and plan, after one event: 1,000 nodes of 8 GPUs, all in
 * use, 10,000 runs in the queue and 45,000 that have ended. Prints and writes
 * build/bench/plan.json. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/clock.h"
#include "base/span.h"
#include "controllers/ledger/ledger.h"

enum { NODES = 1000, NODE_GPUS = 8, QUEUED = 10000, ENDED = 45000, EVENTS = 200, POOLS_MANY = 30 };

static const int64_t began_ms = 1790000000000;

struct bench {
    struct caches *c;
    struct arena a, pass;
    int pools;
    int64_t now_ms;
    int serial;
    struct plan plan;
    double gather_ms[EVENTS], plan_ms[EVENTS], all_ms[EVENTS];
    size_t writes;
};

/* Time on a processor: others may be at work on the machine. */
static double ms_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void put(struct bench *b, const struct kind *k, const char *text)
{
    const struct json *j = NULL;
    struct err e = {0};

    if (json_parse(&b->a, text, strlen(text), &j, &e) < 0 || cache_put(b->c, k, j, &e) < 0) {
        fprintf(stderr, "plan: %s: %s\n", e.text, text);
        exit(1);
    }
    arena_reset(&b->a);
}

static const char *at(struct bench *b, int64_t ms)
{
    return clock_rfc3339(&b->a, ms);
}

static int pool_of(const struct bench *b, int i)
{
    return i % b->pools;
}

static void put_nodes(struct bench *b)
{
    for (int i = 0; i < NODES; i++) {
        put(b, &kind_node,
            arena_printf(&b->a,
                         "{\"metadata\":{\"name\":\"node-%04d\",\"uid\":\"n%d\",\"labels\":{"
                         "\"nvidia.com/gpu.product\":\"A100\"}},\"spec\":{},\"status\":{"
                         "\"capacity\":{\"cpu\":\"64\",\"nvidia.com/gpu\":\"%d\"},"
                         "\"allocatable\":{\"cpu\":\"64\",\"nvidia.com/gpu\":\"%d\"},"
                         "\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}",
                         i, i, NODE_GPUS, NODE_GPUS));
    }
}

static void put_pools(struct bench *b)
{
    put(b, &kind_pool, "{\"metadata\":{\"name\":\"default\",\"uid\":\"pd\"},\"spec\":{}}");
    for (int i = 0; i < b->pools; i++) {
        put(b, &kind_pool,
            arena_printf(&b->a,
                         "{\"metadata\":{\"name\":\"pool-%02d\",\"uid\":\"p%d\","
                         "\"creationTimestamp\":\"%s\"},\"spec\":{\"gpus\":%d}}",
                         i, i, at(b, began_ms), NODES / b->pools * NODE_GPUS));
        put(b, &kind_group,
            arena_printf(&b->a,
                         "{\"metadata\":{\"name\":\"team-%02d\",\"uid\":\"g%d\","
                         "\"creationTimestamp\":\"%s\"},\"spec\":{\"poolRef\":\"pool-%02d\"},"
                         "\"status\":{\"namespace\":\"team-%02d\"}}",
                         i, i, at(b, began_ms), i, i));
    }
}

static int64_t gpus_of(int i)
{
    static const int64_t sizes[] = {1, 1, 1, 1, 2, 2, 4, 8};

    return sizes[(i * 7 + i / 8) % 8];
}

/* A third has a limit; of the others it is learned how long they last. */
static void put_run(struct bench *b, int i, const char *status)
{
    put(b, &kind_dkuberun,
        arena_printf(&b->a,
                     "{\"metadata\":{\"namespace\":\"team-%02d\",\"name\":\"run-%06d\",\"uid\":"
                     "\"00000000-0000-4000-8000-%012d\",\"generation\":1,\"resourceVersion\":"
                     "\"%d\",\"creationTimestamp\":\"%s\"},\"spec\":{\"gpus\":%lld,\"owner\":"
                     "\"ada\",\"image\":\"x\",\"command\":[\"x\"]%s},\"status\":{%s}}",
                     pool_of(b, i), i, i, ++b->serial, at(b, began_ms + i * 1000LL),
                     (long long)gpus_of(i), i % 3 == 0 ? ",\"maxRuntime\":\"4h\"" : "", status));
}

static void put_waiting(struct bench *b, int i)
{
    put_run(b, i, "\"phase\":\"WaitingForGPUs\",\"attempt\":0");
}

static void put_ended(struct bench *b, int i)
{
    put_run(b, i,
            arena_printf(&b->a,
                         "\"phase\":\"Complete\",\"attempt\":0,\"startTime\":\"%s\","
                         "\"completionTime\":\"%s\",\"admission\":{\"attempt\":0,\"pool\":"
                         "\"pool-%02d\",\"type\":\"A100\",\"nodes\":[{\"name\":\"node-%04d\","
                         "\"gpus\":%lld}]}",
                         at(b, b->now_ms - 3600000 - i * 100), at(b, b->now_ms - i * 50),
                         pool_of(b, i), i % NODES, (long long)gpus_of(i)));
}

static double pass(struct bench *b, double *ret_gather_ms)
{
    struct pass p = {.key = {"", LEDGER_KEY}, .now_ms = b->now_ms};
    struct ledger_view *v;
    double began = ms_now(), gathered;

    arena_reset(&b->pass);
    v = arena_alloc(&b->pass, sizeof(*v));
    plan_init(&b->plan, &b->pass);
    b->plan.manager = LEDGER_MANAGER;
    (void)ledger_controller.gather(&b->pass, b->c, &p, v);
    gathered = ms_now();
    ledger_controller.plan(v, &b->plan);
    *ret_gather_ms = gathered - began;
    return ms_now() - gathered;
}

static int number_of(const char *run)
{
    return (int)strtol(run + strlen("run-"), NULL, 10);
}

/* What the API server would show after the write; our manager owns what it wrote. */
static void write_back(struct bench *b, const struct op *op)
{
    const struct rec *live = cache_get(b->c, op->kind, op->ns, op->name);
    const struct json *body = NULL;
    struct json_iter it = {0};
    struct err e = {0};
    struct jsonw w;
    int i = 0;

    if (json_parse(&b->a, op->body, strlen(op->body), &body, &e) < 0) {
        exit(1);
    }
    if (op->kind == &kind_dkuberun) {
        jsonw_init(&w, &b->a);
        jsonw_obj(&w, NULL);
        jsonw_str(&w, "phase",
                  json_get(body, "status.admission") != NULL ? "Running" : "WaitingForGPUs");
        jsonw_int(&w, "attempt", 0);
        if (json_get(body, "status.admission") != NULL) {
            jsonw_str(&w, "startTime", at(b, b->now_ms));
        }
        while (json_next(json_get(body, "status"), &it)) {
            jsonw_json(&w, it.key, it.value);
        }
        jsonw_end(&w);
        i = number_of(op->name);
        put_run(b, i, arena_strndup(&b->a, jsonw_text(&w) + 1, strlen(jsonw_text(&w)) - 2));
    } else {
        put(b, op->kind,
            arena_printf(&b->a,
                         "{\"metadata\":{\"name\":\"%s\",\"uid\":\"%s\",\"creationTimestamp\":"
                         "\"%s\",\"managedFields\":[]},\"spec\":%s,\"status\":%s}",
                         op->name, op->uid, at(b, rec_created_ms(live)),
                         str_eq(op->name, "default")
                             ? "{}"
                             : arena_printf(&b->a, "{\"gpus\":%d}", NODES / b->pools * NODE_GPUS),
                         json_text(&b->a, json_get(body, "status"))));
    }
}

static void settle(struct bench *b)
{
    double ignored;

    do {
        (void)pass(b, &ignored);
        b->writes += b->plan.op_count;
        for (size_t i = 0; i < b->plan.op_count; i++) {
            write_back(b, &b->plan.ops[i]);
        }
    } while (b->plan.op_count > 0);
}

/* Some run that has GPUs ends; its length is what was said of it. */
static void end_one(struct bench *b, int n)
{
    struct cache_iter it = {0};
    const struct rec *r;
    int skip = n * 37 % 500;

    while ((r = cache_next(b->c, &kind_dkuberun, NULL, &it)) != NULL) {
        if (str_eq(dkuberun_status_phase(r), "Running") && skip-- == 0) {
            put_ended(b, number_of(rec_name(r)));
            return;
        }
    }
}

static void fill(struct bench *b)
{
    b->c = caches_new();
    for (size_t i = 0; i < ledger_controller.watch_count; i++) {
        caches_add_kind(b->c, ledger_controller.watches[i].kind);
    }
    caches_add_orders(b->c, ledger_controller.orders);
    b->now_ms = began_ms + 1000000000;
    put_nodes(b);
    put_pools(b);
    for (int i = 0; i < ENDED; i++) {
        put_ended(b, i);
    }
    for (int i = ENDED; i < ENDED + QUEUED + 4000; i++) { /* so many fill the nodes */
        put_waiting(b, i);
    }
    settle(b);
}

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

static double quantile(double *list, int percent)
{
    qsort(list, EVENTS, sizeof(*list), by_value);
    return list[(EVENTS - 1) * percent / 100];
}

static void play(struct bench *b, int pools)
{
    *b = (struct bench){.pools = pools};
    fill(b);
    b->writes = 0;
    for (int i = 0; i < EVENTS; i++) {
        b->now_ms += 2000;
        end_one(b, i);
        b->plan_ms[i] = pass(b, &b->gather_ms[i]);
        b->all_ms[i] = b->gather_ms[i] + b->plan_ms[i];
        settle(b);
    }
    printf("%2d pool%s: one event p50 %.2f ms, p99 %.2f ms (gather %.2f, plan %.2f); %.1f writes "
           "an event\n",
           pools, pools == 1 ? " " : "s", quantile(b->all_ms, 50), quantile(b->all_ms, 99),
           quantile(b->gather_ms, 50), quantile(b->plan_ms, 50), (double)b->writes / EVENTS);
    caches_free(b->c);
    arena_done(&b->a);
    arena_done(&b->pass);
}

int main(void)
{
    static struct bench one, many;
    FILE *f;

    printf("%d nodes of %d GPUs, %d runs that wait, %d that have ended; CPU time, %d events\n",
           NODES, NODE_GPUS, QUEUED, ENDED, EVENTS);
    play(&one, 1);
    play(&many, POOLS_MANY);
    if ((mkdir("build", 0755) < 0 && errno != EEXIST) ||
        (mkdir("build/bench", 0755) < 0 && errno != EEXIST) ||
        (f = fopen("build/bench/plan.json", "w")) == NULL) {
        perror("build/bench/plan.json");
        return 1;
    }
    fprintf(
        f,
        "[{\"figure\":\"CPU time of a pass for one event, 10,000 queued runs over 1,000 nodes, one "
        "pool\",\"unit\":\"ms\",\"ours\":%.2f,\"p99\":%.2f,\"rivals\":{},\"target\":\"<= 5\","
        "\"met\":%s},\n"
        " {\"figure\":\"the same in %d pools\",\"unit\":\"ms\",\"ours\":%.2f,\"p99\":%.2f,"
        "\"rivals\":{},\"target\":\"<= 5\",\"met\":%s}]\n",
        quantile(one.all_ms, 50), quantile(one.all_ms, 99),
        quantile(one.all_ms, 50) <= 5 ? "true" : "false", POOLS_MANY, quantile(many.all_ms, 50),
        quantile(many.all_ms, 99), quantile(many.all_ms, 50) <= 5 ? "true" : "false");
    return fclose(f) == 0 ? 0 : 1;
}
