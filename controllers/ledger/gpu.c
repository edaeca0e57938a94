#include "controllers/ledger/gpu.h"

#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "base/attr.h"
#include "base/span.h"

static const struct {
    const char *resource, *label;
} vendors[] = {
    {GPU_RESOURCE_DEFAULT, "nvidia.com/gpu.product"},
    {"amd.com/gpu", "amd.com/gpu.product-name"},
};

int64_t gpu_add(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t gpu_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t gpu_minus(int64_t a, int64_t b)
{
    return a > b ? a - b : 0;
}

static int64_t count_of(const char *quantity)
{
    int64_t n = 0;

    if (quantity == NULL || quantity_parse(quantity, &n) < 0) {
        return 0;
    }
    return gpu_min(n, GPU_MAX);
}

bool node_is_ready(const struct rec *node)
{
    for (uint32_t i = 0; i < node_status_conditions_count(node); i++) {
        const struct rec *c = node_status_conditions_at(node, i);

        if (str_eq(node_status_conditions_type(c), "Ready")) {
            return str_eq(node_status_conditions_status(c), "True") && !rec_is_deleted(node);
        }
    }
    return false;
}

int64_t node_lost_ms(const struct rec *node)
{
    for (uint32_t i = 0; i < node_status_conditions_count(node); i++) {
        const struct rec *c = node_status_conditions_at(node, i);

        if (str_eq(node_status_conditions_type(c), "Ready")) {
            return str_eq(node_status_conditions_status(c), "True")
                       ? 0
                       : node_status_conditions_last_transition_time(c);
        }
    }
    return 0;
}

int64_t node_given_up_ms(const struct rec *node)
{
    int64_t lost = node_lost_ms(node);

    return lost > 0 ? lost + NODE_LOST_MS : 0;
}

bool gpu_node_read(const struct rec *node, struct gpu_node *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(vendors); i++) {
        int64_t capacity = count_of(node_status_capacity_get(node, vendors[i].resource));
        int64_t healthy = count_of(node_status_allocatable_get(node, vendors[i].resource));
        const char *type = rec_label(node, vendors[i].label);

        if (capacity > 0 || healthy > 0) {
            *ret = (struct gpu_node){
                .name = rec_name(node),
                .type = str_empty(type) ? GPU_TYPE_UNKNOWN : type,
                .resource = vendors[i].resource,
                .total = capacity > healthy ? capacity : healthy,
                .healthy = healthy,
                .ready = node_is_ready(node),
                .cordoned = node_spec_unschedulable(node),
                .lost_ms = node_lost_ms(node),
            };
            return true;
        }
    }
    return false;
}

int64_t gpu_node_usable(const struct gpu_node *n)
{
    return n->ready && !n->cordoned && !n->quarantined ? n->healthy : 0;
}

/* Of one container; the rows of both kinds of container hold requests and limits. */
static int64_t asked(const struct rec *c, unsigned requests, unsigned limits)
{
    int64_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(vendors); i++) {
        const char *q = rec_map_get(c, requests, vendors[i].resource);

        n = gpu_add(n, count_of(q != NULL ? q : rec_map_get(c, limits, vendors[i].resource)));
    }
    return n;
}

int64_t pod_gpus(const struct rec *pod)
{
    int64_t sidecars = 0, largest = 0, sum = 0;

    for (uint32_t i = 0; i < pod_spec_init_containers_count(pod); i++) {
        const struct rec *c = pod_spec_init_containers_at(pod, i);
        int64_t n = asked(c, POD_SPEC_INIT_CONTAINERS_RESOURCES_REQUESTS,
                          POD_SPEC_INIT_CONTAINERS_RESOURCES_LIMITS);

        if (str_eq(pod_spec_init_containers_restart_policy(c), "Always")) {
            sidecars = gpu_add(sidecars, n);
            n = 0;
        }
        n = gpu_add(n, sidecars);
        largest = n > largest ? n : largest;
    }
    for (uint32_t i = 0; i < pod_spec_containers_count(pod); i++) {
        sum = gpu_add(sum,
                      asked(pod_spec_containers_at(pod, i), POD_SPEC_CONTAINERS_RESOURCES_REQUESTS,
                            POD_SPEC_CONTAINERS_RESOURCES_LIMITS));
    }
    sum = gpu_add(sum, sidecars);
    return sum > largest ? sum : largest;
}
