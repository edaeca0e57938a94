#include "api/node.gen.h"
#include "api/pool.gen.h"
#include "controllers/ledger/ledger.h"

const struct metric ledger_node_gpus = {
    .name = "dkube_node_gpus", .help = "GPUs of all nodes", .type = METRIC_GAUGE};
const struct metric ledger_pool_gpus = {
    .name = "dkube_pool_gpus",
    .help =
        "GPUs of all pools together; capacity is dkube_node_gpus whenever the ledger is at rest",
    .type = METRIC_GAUGE,
    .labels = "state"};

static void measure_nodes(const struct caches *c, struct metrics *m)
{
    struct cache_iter it = {0};
    const struct rec *node;
    struct gpu_node n;
    int64_t sum = 0;

    while ((node = cache_next(c, &kind_node, NULL, &it)) != NULL) {
        sum = gpu_add(sum, gpu_node_read(node, &n) ? n.total : 0);
    }
    metrics_set(m, &ledger_node_gpus, (double)sum, NULL);
}

void ledger_measure(const struct caches *c, struct metrics *m)
{
    int64_t capacity = 0, allocated = 0, free = 0, unhealthy = 0, foreign = 0, draining = 0;
    struct cache_iter it = {0};
    const struct rec *p;

    while ((p = cache_next(c, &kind_pool, NULL, &it)) != NULL) {
        capacity = gpu_add(capacity, pool_status_capacity(p));
        allocated = gpu_add(allocated, pool_status_allocated(p));
        free = gpu_add(free, pool_status_free(p));
        unhealthy = gpu_add(unhealthy, pool_status_unhealthy(p));
        foreign = gpu_add(foreign, pool_status_foreign(p));
        draining = gpu_add(draining, pool_status_draining(p));
    }
    measure_nodes(c, m);
    metrics_set(m, &ledger_pool_gpus, (double)capacity, "capacity", NULL);
    metrics_set(m, &ledger_pool_gpus, (double)allocated, "allocated", NULL);
    metrics_set(m, &ledger_pool_gpus, (double)free, "free", NULL);
    metrics_set(m, &ledger_pool_gpus, (double)unhealthy, "unhealthy", NULL);
    metrics_set(m, &ledger_pool_gpus, (double)foreign, "foreign", NULL);
    metrics_set(m, &ledger_pool_gpus, (double)draining, "draining", NULL);
}
