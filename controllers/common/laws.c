#include "controllers/common/laws.h"

#include <stdlib.h>
#include <string.h>

#include "api/rec.h"
#include "base/span.h"

#define RANKS 64 /* workers of a run at most */

static const char *const resources[] = {"nvidia\\.com/gpu", "amd\\.com/gpu"};

static const char *const texts[LAW_COUNT] = {
    [LAW_NODES] = "no node gives more GPUs than it has",
    [LAW_PARTITION] = "every GPU is in exactly one pool",
    [LAW_SUMS] = "the figures of every pool add up",
    [LAW_SEATS] = "what is admitted has as many GPUs of a node as it asks for",
    [LAW_ONCE] = "no worker of a run has two pods at work",
    [LAW_ENDED] = "what has ended holds no GPUs",
    [LAW_FIRST] = "of each queue one run is the first",
};

struct node_sum {
    const char *name;
    int64_t has, used;
};
struct check {
    struct arena *a;
    const struct law_view *v;
    struct law_report *r;
    struct node_sum *nodes; /* by name */
};

const char *law_text(enum law l)
{
    return texts[l];
}

static void PRINTF(3, 4) broken(struct check *c, enum law law, const char *fmt, ...)
{
    struct law_break *b =
        arena_push(c->a, (void **)&c->r->breaks, &c->r->count, sizeof(*c->r->breaks));
    va_list ap;

    va_start(ap, fmt);
    *b = (struct law_break){law, arena_vprintf(c->a, fmt, ap)};
    va_end(ap);
}

static const char *name_of(const struct json *o)
{
    return json_str(o, "metadata.name", "");
}

static const char *full_name(const struct check *c, const struct json *o)
{
    return arena_printf(c->a, "%s/%s", json_str(o, "metadata.namespace", ""), name_of(o));
}

/* --- GPUs ------------------------------------------------------------------------------------ */

static int64_t quantity(const struct json *list, const char *resource)
{
    const char *text = json_str(list, resource, NULL);
    int64_t n = json_int(list, resource, 0);

    return text != NULL && quantity_parse(text, &n) < 0 ? 0 : n;
}

static int64_t gpus_of_container(const struct json *c)
{
    int64_t sum = 0;

    for (size_t i = 0; i < ARRAY_LEN(resources); i++) {
        int64_t asked = quantity(json_get(c, "resources.requests"), resources[i]);
        int64_t limit = quantity(json_get(c, "resources.limits"), resources[i]);

        sum += asked > 0 ? asked : limit;
    }
    return sum;
}

/* Sidecars stay; of the other init containers one runs at a time, before the rest. */
static int64_t gpus_of_pod(const struct json *pod)
{
    const struct json *inits = json_get(pod, "spec.initContainers");
    const struct json *mains = json_get(pod, "spec.containers");
    int64_t stay = 0, peak = 0, sum = 0;

    for (size_t i = 0; i < json_len(inits); i++) {
        int64_t n = gpus_of_container(json_at(inits, i));

        if (str_eq(json_str(json_at(inits, i), "restartPolicy", ""), "Always")) {
            stay += n;
        } else if (stay + n > peak) {
            peak = stay + n;
        }
    }
    for (size_t i = 0; i < json_len(mains); i++) {
        sum += gpus_of_container(json_at(mains, i));
    }
    return stay + sum > peak ? stay + sum : peak;
}

static bool has_ended(const struct json *pod)
{
    const char *phase = json_str(pod, "status.phase", "");

    return str_eq(phase, "Succeeded") || str_eq(phase, "Failed");
}

static int64_t gpus_of_node(const struct json *node)
{
    for (size_t i = 0; i < ARRAY_LEN(resources); i++) {
        int64_t has = quantity(json_get(node, "status.capacity"), resources[i]);
        int64_t may = quantity(json_get(node, "status.allocatable"), resources[i]);

        if (has > 0 || may > 0) {
            return has > may ? has : may;
        }
    }
    return 0;
}

static int by_name(const void *x, const void *y)
{
    return strcmp(((const struct node_sum *)x)->name, ((const struct node_sum *)y)->name);
}

static void read_nodes(struct check *c)
{
    size_t n = json_len(c->v->nodes);

    c->nodes = arena_alloc(c->a, n * sizeof(*c->nodes) + 1);
    for (size_t i = 0; i < n; i++) {
        const struct json *node = json_at(c->v->nodes, i);
        int64_t has = gpus_of_node(node);

        if (has > 0) {
            c->nodes[c->r->nodes++] = (struct node_sum){name_of(node), has, 0};
            c->r->gpus += has;
        }
    }
    if (c->r->nodes > 1) {
        qsort(c->nodes, (size_t)c->r->nodes, sizeof(*c->nodes), by_name);
    }
}

static struct node_sum *node_called(const struct check *c, const char *name)
{
    struct node_sum key = {name, 0, 0};

    return c->r->nodes == 0
               ? NULL
               : bsearch(&key, c->nodes, (size_t)c->r->nodes, sizeof(*c->nodes), by_name);
}

static void use(struct check *c, const char *node, int64_t gpus)
{
    struct node_sum *n = node_called(c, node);

    if (n != NULL) {
        n->used += gpus;
        c->r->used += gpus;
    }
}

/* --- runs ------------------------------------------------------------------------------------ */

static bool is_over(const struct json *run)
{
    const char *phase = json_str(run, "status.phase", "");

    return str_eq(phase, "Complete") || str_eq(phase, "Error") || str_eq(phase, "Stopped");
}

static bool is_admitted(const struct json *run)
{
    return !is_over(run) && json_get(run, "status.admission") != NULL &&
           json_int(run, "status.admission.attempt", -1) == json_int(run, "status.attempt", 0);
}

static bool is_owned_by(const struct json *pod, const struct json *owner)
{
    const struct json *list = json_get(pod, "metadata.ownerReferences");

    for (size_t i = 0; i < json_len(list); i++) {
        if (json_flag(json_at(list, i), "controller", false)) {
            return str_eq(json_str(json_at(list, i), "uid", ""),
                          json_str(owner, "metadata.uid", "-"));
        }
    }
    return false;
}

static bool stands_on_node(const struct json *pod)
{
    return *json_str(pod, "spec.nodeName", "") != '\0';
}

/* Of the attempt's worker, that it has asked for and not got yet: no pod of it is on a node, and
 * none has ended. */
static bool has_nothing_yet(const struct check *c, const struct json *run, size_t rank)
{
    const char *name = json_int(run, "status.attempt", 0) == 0
                           ? arena_printf(c->a, "%s-worker-%zu", name_of(run), rank)
                           : arena_printf(c->a, "%s-worker-%zu-a%lld", name_of(run), rank,
                                          (long long)json_int(run, "status.attempt", 0));

    for (size_t i = 0; i < json_len(c->v->pods); i++) {
        const struct json *pod = json_at(c->v->pods, i);

        if (str_eq(name_of(pod), name) && is_owned_by(pod, run)) {
            return !stands_on_node(pod) && !has_ended(pod);
        }
    }
    return true;
}

/* Of all its pods together. */
static int64_t asks_for(const struct json *run)
{
    const struct json *manual = json_get(run, "spec.distribution.manual");

    return manual == NULL
               ? json_int(run, "spec.gpus", 0)
               : json_int(manual, "gpusPerWorker", 0) * (json_int(manual, "workers", 0) + 1);
}

static void check_seats(struct check *c, const struct json *run)
{
    const struct json *nodes = json_get(run, "status.admission.nodes");
    int64_t has = 0, wants = asks_for(run);

    for (size_t i = 0; i < json_len(nodes); i++) {
        has += json_int(json_at(nodes, i), "gpus", 0);
    }
    if (json_flag(run, "spec.freeOnly", false) ? has > wants : has != wants) {
        broken(c, LAW_SEATS, "run %s was admitted with %lld GPUs and asks for %lld",
               full_name(c, run), (long long)has, (long long)wants);
    }
    for (size_t i = 0; i < json_len(nodes); i++) {
        if (has_nothing_yet(c, run, i)) {
            use(c, json_str(json_at(nodes, i), "name", ""), json_int(json_at(nodes, i), "gpus", 0));
        }
    }
}

static void check_run(struct check *c, const struct json *run)
{
    const char *phase = json_str(run, "status.phase", "");
    bool works = str_eq(phase, "Starting") || str_eq(phase, "Running");

    if (asks_for(run) == 0) {
        return;
    }
    if (is_admitted(run)) {
        check_seats(c, run);
    } else if (works) {
        broken(c, LAW_SEATS, "run %s is %s and was admitted to no GPUs", full_name(c, run), phase);
    }
    if (json_int(run, "status.position", 0) > 0 && is_over(run)) {
        broken(c, LAW_ENDED, "run %s is %s and still has a place in a queue", full_name(c, run),
               phase);
    }
}

/* Which of a run's workers a pod is; a run without distribution has one. */
static size_t rank_of(const struct json *pod)
{
    long rank = strtol(json_str(pod, "metadata.labels.dkube\\.io/rank", "0"), NULL, 10);

    return rank > 0 && rank < RANKS ? (size_t)rank : 0;
}

static void check_workers(struct check *c, const struct json *run)
{
    const char *first[RANKS] = {NULL};

    for (size_t i = 0; i < json_len(c->v->pods); i++) {
        const struct json *pod = json_at(c->v->pods, i);

        if (has_ended(pod) || json_get(pod, "metadata.deletionTimestamp") != NULL ||
            gpus_of_pod(pod) == 0 || !is_owned_by(pod, run)) {
            continue;
        }
        if (first[rank_of(pod)] != NULL) {
            broken(c, LAW_ONCE, "run %s has the pods %s and %s", full_name(c, run),
                   first[rank_of(pod)], name_of(pod));
        }
        first[rank_of(pod)] = name_of(pod);
    }
}

/* --- pods and seats of deployments ----------------------------------------------------------- */

static void count_pods(struct check *c)
{
    for (size_t i = 0; i < json_len(c->v->pods); i++) {
        const struct json *pod = json_at(c->v->pods, i);

        if (!has_ended(pod)) {
            use(c, json_str(pod, "spec.nodeName", ""), gpus_of_pod(pod));
        }
    }
}

static bool replica_stands(const struct check *c, const struct json *d, size_t i, const char *node)
{
    const char *name = arena_printf(c->a, "%s-replica-%zu", name_of(d), i);

    for (size_t k = 0; k < json_len(c->v->pods); k++) {
        const struct json *pod = json_at(c->v->pods, k);

        if (str_eq(name_of(pod), name) && is_owned_by(pod, d)) {
            return !has_ended(pod) && str_eq(json_str(pod, "spec.nodeName", ""), node);
        }
    }
    return false;
}

static void count_deployment(struct check *c, const struct json *d)
{
    const struct json *nodes = json_get(d, "status.admission.nodes");
    int64_t size = json_int(d, "spec.gpus", 0), seats = json_int(d, "spec.minReplicas", 1);

    if (json_get(d, "metadata.deletionTimestamp") != NULL) {
        return;
    }
    for (size_t i = 0; i < json_len(nodes) && (int64_t)i < seats; i++) {
        const char *node = json_str(json_at(nodes, i), "name", "");

        if (json_int(json_at(nodes, i), "gpus", 0) == size && !replica_stands(c, d, i, node)) {
            use(c, node, size);
        }
    }
}

static void check_nodes(struct check *c)
{
    for (int64_t i = 0; i < c->r->nodes; i++) {
        const struct node_sum *n = &c->nodes[i];

        if (n->used > n->has) {
            broken(c, LAW_NODES, "node %s has %lld GPUs and gives %lld", n->name, (long long)n->has,
                   (long long)n->used);
        }
    }
}

/* --- pools ----------------------------------------------------------------------------------- */

static int64_t shares_of(const struct check *c, const char *node)
{
    int64_t sum = 0;

    for (size_t i = 0; i < json_len(c->v->pools); i++) {
        const struct json *nodes = json_get(json_at(c->v->pools, i), "status.nodes");

        for (size_t k = 0; k < json_len(nodes); k++) {
            sum += str_eq(json_str(json_at(nodes, k), "name", ""), node)
                       ? json_int(json_at(nodes, k), "gpus", 0)
                       : 0;
        }
    }
    return sum;
}

static void check_partition(struct check *c)
{
    for (int64_t i = 0; i < c->r->nodes; i++) {
        int64_t sum = shares_of(c, c->nodes[i].name);

        if (sum != c->nodes[i].has) {
            broken(c, LAW_PARTITION, "node %s has %lld GPUs and the pools hold %lld of it",
                   c->nodes[i].name, (long long)c->nodes[i].has, (long long)sum);
        }
    }
    for (size_t i = 0; i < json_len(c->v->pools); i++) {
        const struct json *nodes = json_get(json_at(c->v->pools, i), "status.nodes");

        for (size_t k = 0; k < json_len(nodes); k++) {
            const char *node = json_str(json_at(nodes, k), "name", "");

            if (node_called(c, node) == NULL) {
                broken(c, LAW_PARTITION, "pool %s holds GPUs of the node %s, which has none",
                       name_of(json_at(c->v->pools, i)), node);
            }
        }
    }
}

static void check_sums(struct check *c, const struct json *pool)
{
    const struct json *nodes = json_get(pool, "status.nodes");
    int64_t gpus = 0, free = 0, has = json_int(pool, "status.capacity", 0);
    int64_t may = json_int(pool, "status.free", 0), ill = json_int(pool, "status.unhealthy", 0);

    for (size_t i = 0; i < json_len(nodes); i++) {
        gpus += json_int(json_at(nodes, i), "gpus", 0);
        free += json_int(json_at(nodes, i), "free", 0);
    }
    if (gpus != has || free != may || may + ill > has) {
        broken(c, LAW_SUMS,
               "pool %s says capacity %lld, free %lld, unhealthy %lld; its nodes sum up to %lld "
               "and %lld free",
               name_of(pool), (long long)has, (long long)may, (long long)ill, (long long)gpus,
               (long long)free);
    }
}

static const struct json *run_called(const struct check *c, const char *full)
{
    for (size_t i = 0; i < json_len(c->v->runs); i++) {
        if (str_eq(full_name(c, json_at(c->v->runs, i)), full)) {
            return json_at(c->v->runs, i);
        }
    }
    return NULL;
}

static void check_listed(struct check *c, const struct json *pool)
{
    const struct json *runs = json_get(pool, "status.runs");

    for (size_t i = 0; i < json_len(runs); i++) {
        const char *full = json_as_str(json_at(runs, i));
        const struct json *run = run_called(c, full);

        if (run == NULL || is_over(run)) {
            broken(c, LAW_ENDED, "pool %s counts the run %s, which %s", name_of(pool), full,
                   run == NULL ? "is not there" : "has ended");
        }
    }
}

/* The runs of one queue share a namespace: a pool has one group. */
static void check_first(struct check *c, const struct json *run)
{
    for (size_t i = 0; i < json_len(c->v->runs); i++) {
        const struct json *other = json_at(c->v->runs, i);

        if (other == run) {
            return; /* each pair once */
        }
        if (json_int(other, "status.position", 0) == 1 &&
            str_eq(json_str(other, "metadata.namespace", ""),
                   json_str(run, "metadata.namespace", ""))) {
            broken(c, LAW_FIRST, "runs %s and %s are both first", full_name(c, other),
                   full_name(c, run));
        }
    }
}

void laws_check(struct arena *a, const struct law_view *v, struct law_report *ret)
{
    struct check c = {.a = a, .v = v, .r = ret};

    *ret = (struct law_report){0};
    read_nodes(&c);
    count_pods(&c);
    for (size_t i = 0; i < json_len(v->runs); i++) {
        const struct json *run = json_at(v->runs, i);

        check_run(&c, run);
        if (asks_for(run) > 0 && !is_over(run)) {
            check_workers(&c, run);
        }
        if (json_int(run, "status.position", 0) == 1) {
            check_first(&c, run);
        }
    }
    for (size_t i = 0; i < json_len(v->deployments); i++) {
        count_deployment(&c, json_at(v->deployments, i));
    }
    check_nodes(&c);
    check_partition(&c);
    for (size_t i = 0; i < json_len(v->pools); i++) {
        check_sums(&c, json_at(v->pools, i));
        check_listed(&c, json_at(v->pools, i));
    }
}
