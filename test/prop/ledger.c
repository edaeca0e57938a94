/* Laws of the ledger, after every step of random lives of clusters: nodes come, break and go, pools
 * are made, edited and deleted, runs and deployments come, start, end and start again, strangers
 * take GPUs. */
#include <stdio.h>
#include <stdlib.h>

#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/node.gen.h"
#include "api/pod.gen.h"
#include "api/pool.gen.h"
#include "base/clock.h"
#include "base/span.h"
#include "controllers/common/activity.h"
#include "controllers/common/podlook.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/ledger.h"
#include "support/lives.h"
#include "support/spec.h"

#define SEEDS 40
#define STEPS 120
#define SHORT_SEEDS 10000 /* lives of a few steps */
#define SHORT_STEPS 4

static unsigned seed, step;

/* Said with every failure, so that it can be played again. */
static const char *where(void)
{
    return arena_printf(&lives.a, "seed %u, step %u", seed, step);
}

#define law(holds, ...)                                                       \
    do {                                                                      \
        if (!(holds)) {                                                       \
            fail_msg("%s: %s", where(), arena_printf(&lives.a, __VA_ARGS__)); \
        }                                                                     \
    } while (0)

/* --- the laws
 * -----------------------------------------------------------------------------------------------
 */

static int64_t usable_gpus(const char *node)
{
    struct gpu_node n = {0};
    const struct rec *r = cache_get(lives.c, &kind_node, "", node);

    return r != NULL && gpu_node_read(r, &n) ? gpu_node_usable(&n) : 0;
}

/* Of an admitted run's workers that have no pod on a node. */
static int64_t promised_gpus(const struct rec *run, const char *node)
{
    int64_t sum = 0;

    for (uint32_t k = 0; k < run_workers(run) && run_is_admitted(run); k++) {
        const struct rec *pod = lives_pod_of(run, k);

        if (str_eq(lives_node_of(run, k), node) &&
            (pod == NULL || str_empty(pod_spec_node_name(pod)))) {
            sum += lives_gpus_of(run, k);
        }
    }
    return sum;
}

/* Counted anew, from live objects alone: what stands on a node, and what was promised there. */
static int64_t used_gpus(const char *node)
{
    size_t count = 0;
    const struct rec **list = cache_list(&lives.a, lives.c, &kind_pod, NULL, &count);
    int64_t used = 0;

    for (size_t i = 0; i < count; i++) {
        if (!pod_has_ended(list[i]) && str_eq(pod_spec_node_name(list[i]), node)) {
            used += pod_gpus(list[i]);
        }
    }
    list = cache_list(&lives.a, lives.c, &kind_dkuberun, NULL, &count);
    for (size_t i = 0; i < count; i++) {
        used += promised_gpus(list[i], node);
    }
    list = cache_list(&lives.a, lives.c, &kind_deployment, NULL, &count);
    for (size_t i = 0; i < count; i++) {
        int64_t seats =
            deployment_spec_gpus(list[i]) > 0 ? deployment_spec_min_replicas(list[i]) : 0;

        for (int64_t k = 0; k < seats; k++) { /* past the end there is nothing */
            const struct rec *e = deployment_status_admission_nodes_at(list[i], (uint32_t)k);

            if (e != NULL && str_eq(deployment_status_admission_nodes_name(e), node) &&
                deployment_status_admission_nodes_gpus(e) == deployment_spec_gpus(list[i])) {
                used += deployment_status_admission_nodes_gpus(e);
            }
        }
    }
    return used;
}

static void the_sum_of_the_pools_is_the_sum_of_the_nodes(void)
{
    size_t count = 0;
    const struct rec **list = cache_list(&lives.a, lives.c, &kind_node, NULL, &count);

    for (size_t i = 0; i < count; i++) {
        int64_t shares = 0;
        struct gpu_node n = {0};
        struct cache_iter it = {0};
        const struct rec *pool;

        law(gpu_node_read(list[i], &n), "a node without GPUs");
        while ((pool = cache_next(lives.c, &kind_pool, NULL, &it)) != NULL) {
            for (uint32_t k = 0; k < pool_status_nodes_count(pool); k++) {
                const struct rec *e = pool_status_nodes_at(pool, k);

                shares += str_eq(pool_status_nodes_name(e), n.name) ? pool_status_nodes_gpus(e) : 0;
            }
        }
        law(shares == n.total, "node %s has %lld GPUs, the pools %lld of it", n.name,
            (long long)n.total, (long long)shares);
    }
}

static void no_pool_counts_wrong(void)
{
    struct cache_iter it = {0};
    const struct rec *p;

    while ((p = cache_next(lives.c, &kind_pool, NULL, &it)) != NULL) {
        int64_t gpus = 0, free = 0;
        const char *type = NULL;

        for (uint32_t k = 0; k < pool_status_nodes_count(p); k++) {
            const struct rec *e = pool_status_nodes_at(p, k);

            gpus += pool_status_nodes_gpus(e);
            free += pool_status_nodes_free(e);
            law(pool_status_nodes_free(e) <= pool_status_nodes_gpus(e), "more free than owned");
            law(str_eq(rec_name(p), "default") || type == NULL || pool_status_draining(p) > 0 ||
                    str_eq(type, pool_status_nodes_type(e)),
                "pool %s has two types", rec_name(p));
            type = pool_status_nodes_type(e);
        }
        law(gpus == pool_status_capacity(p) && free == pool_status_free(p), "pool %s adds up wrong",
            rec_name(p));
        law(free + pool_status_unhealthy(p) <= gpus, "pool %s has broken GPUs free", rec_name(p));
    }
}

static void a_final_run_is_in_no_pool(void)
{
    struct cache_iter it = {0};
    const struct rec *p;

    while ((p = cache_next(lives.c, &kind_pool, NULL, &it)) != NULL) {
        for (uint32_t i = 0; i < pool_status_runs_count(p); i++) {
            const char *full = pool_status_runs_at(p, i), *slash = strchr(full, '/');
            const struct rec *run =
                cache_get(lives.c, &kind_dkuberun,
                          arena_strndup(&lives.a, full, (size_t)(slash - full)), slash + 1);

            law(run != NULL && run_is_admitted(run), "pool %s lists %s", rec_name(p), full);
        }
    }
}

/* Only what is lent is recalled. */
static void nobody_is_recalled_at_home(const struct plan *plan)
{
    for (size_t i = 0; i < plan->op_count; i++) {
        const struct op *op = &plan->ops[i];
        const struct rec *run = op->kind == &kind_dkuberun
                                    ? cache_get(lives.c, &kind_dkuberun, op->ns, op->name)
                                    : NULL;
        struct ns_pool space = {0};

        law(run == NULL || strstr(op->body, "\"recalled\":true") == NULL ||
                dkuberun_status_admission_recalled(run) || !run_is_admitted(run) ||
                (dkuberun_spec_free_only(run) &&
                 (!groups_look(&lives.a, lives.c, op->ns, &space) ||
                  !str_eq(space.pool, dkuberun_status_admission_pool(run)))),
            "%s is recalled, and nobody lent it anything", op->name);
    }
}

static bool is_new_admission(const struct op *op)
{
    const struct json *j = NULL;
    struct err e = {0};
    const struct rec *run;

    if (op->verb != OP_STATUS || op->kind != &kind_dkuberun) {
        return false;
    }
    assert_ok(json_parse(&lives.a, op->body, strlen(op->body), &j, &e), &e);
    run = cache_get(lives.c, &kind_dkuberun, op->ns, op->name);
    return json_len(json_get(j, "status.admission.nodes")) > 0 && !run_is_admitted(run) &&
           json_int(j, "status.admission.attempt", -1) == dkuberun_status_attempt(run);
}

static const char *seats_of(const struct json *status)
{
    return arena_printf(&lives.a, "%lld %s", (long long)json_int(status, "admission.attempt", -1),
                        json_text(&lives.a, json_get(status, "admission.nodes")));
}

/* An attempt keeps the GPUs that it was given, and what has ended is given none. */
static void an_attempt_is_admitted_once(const struct plan *plan)
{
    for (size_t i = 0; i < plan->op_count; i++) {
        const struct op *op = &plan->ops[i];
        const struct rec *run = op->verb == OP_STATUS && op->kind == &kind_dkuberun
                                    ? cache_get(lives.c, &kind_dkuberun, op->ns, op->name)
                                    : NULL;
        const struct json *j = NULL;
        struct err e = {0};

        if (run == NULL || (!run_is_admitted(run) && run_is_active(run))) {
            continue;
        }
        assert_ok(json_parse(&lives.a, op->body, strlen(op->body), &j, &e), &e);
        law(str_eq(seats_of(json_get(j, "status")), seats_of(dkuberun_status(run, &lives.a))),
            "%s is admitted again, from %s to %s", op->name,
            seats_of(dkuberun_status(run, &lives.a)), op->body);
    }
}

static int64_t share_of(const char *pool, const char *node)
{
    const struct rec *p = cache_get(lives.c, &kind_pool, "", pool);

    for (uint32_t k = 0; k < pool_status_nodes_count(p); k++) {
        const struct rec *e = pool_status_nodes_at(p, k);

        if (str_eq(pool_status_nodes_name(e), node)) {
            return pool_status_nodes_gpus(e);
        }
    }
    return 0;
}

static void fits_its_nodes(const struct rec *run)
{
    for (uint32_t i = 0; i < run_workers(run); i++) {
        const char *node = lives_node_of(run, i);

        law(used_gpus(node) <= usable_gpus(node), "%s has %lld GPUs of %lld in use after %s came",
            node, (long long)used_gpus(node), (long long)usable_gpus(node), rec_name(run));
    }
}

/* Of all its pods there. */
static int64_t gpus_on(const struct rec *run, const char *node)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < run_workers(run); i++) {
        sum += str_eq(lives_node_of(run, i), node) ? lives_gpus_of(run, i) : 0;
    }
    return sum;
}

/* All pods or none, as many GPUs as it asks for, of one size. */
static void is_whole(const struct rec *run)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < run_workers(run); i++) {
        sum += lives_gpus_of(run, i);
        law(lives_gpus_of(run, i) == lives_gpus_of(run, 0), "%s has unequal pods", rec_name(run));
    }
    law(dkuberun_spec_free_only(run) || sum == run_asks(run), "%s asks for %lld GPUs and got %lld",
        rec_name(run), (long long)run_asks(run), (long long)sum);
    law(run_workers(run) == 1 || run_is_gang(run), "%s is no gang", rec_name(run));
}

/* After the plan was carried out. */
static void an_admission_fits(const struct rec *run)
{
    fits_its_nodes(run);
    is_whole(run);
    for (uint32_t i = 0; i < run_workers(run); i++) {
        const char *node = lives_node_of(run, i);

        law(gpus_on(run, node) <= share_of(dkuberun_status_admission_pool(run), node),
            "%s does not fit its pool's share", rec_name(run));
    }
}

/* The head could still stand on some node of the pool if this run kept its GPUs for ever. */
static bool leaves_room(const struct rec *run, const struct rec *head, const struct rec *p)
{
    for (uint32_t k = 0; k < pool_status_nodes_count(p); k++) {
        const struct rec *e = pool_status_nodes_at(p, k);
        int64_t here = gpus_on(run, pool_status_nodes_name(e));

        if (run_is_gang(head) || pool_status_nodes_gpus(e) - here >= run_asks(head)) {
            return true;
        }
    }
    return false;
}

/* Ten of its size have ended in the pool. */
static bool has_learned_length(const struct rec *run)
{
    struct cache_iter it = {0};
    const struct rec *other;
    size_t n = 0;

    while ((other = cache_next(lives.c, &kind_dkuberun, NULL, &it)) != NULL) {
        n += !run_is_active(other) && dkuberun_status_completion_time_set(other) &&
             str_eq(dkuberun_status_admission_pool(other), dkuberun_status_admission_pool(run)) &&
             learn_class(run_asks(other)) == learn_class(run_asks(run));
    }
    return n >= LEARN_LEAST;
}

static void nobody_was_overtaken_to_his_harm(const struct rec *run)
{
    const struct rec *p = cache_get(lives.c, &kind_pool, "", dkuberun_status_admission_pool(run));
    struct cache_iter it = {0};
    const struct rec *other;

    while ((other = cache_next(lives.c, &kind_dkuberun, NULL, &it)) != NULL) {
        struct ns_pool space = {0};
        bool loose = dkuberun_spec_free_only(run); /* it may be lent */

        if (!groups_look(&lives.a, lives.c, rec_namespace(other), &space) ||
            !str_eq(space.pool, dkuberun_status_admission_pool(run)) ||
            dkuberun_status_position(other) == 0 || (!loose && run_order(run, other) < 0)) {
            continue;
        }
        law(p == NULL || loose || !str_eq(pool_spec_policy(p), "strict"), "%s overtook %s",
            rec_name(run), rec_name(other));
        law(dkuberun_status_position(other) > 1 || !str_empty(dkuberun_spec_max_runtime(run)) ||
                has_learned_length(run) || leaves_room(run, other, p),
            "%s took the GPUs of %s", rec_name(run), rec_name(other));
    }
}

/* It asks for GPUs and does not have them all: not so many, not of that size, or of another pool.
 */
static bool still_waits(const struct rec *d)
{
    struct ns_pool space = {0};
    int64_t size = deployment_spec_gpus(d);
    bool waits = !groups_look(&lives.a, lives.c, rec_namespace(d), &space) ||
                 !str_eq(space.pool, deployment_status_admission_pool(d)) ||
                 deployment_spec_min_replicas(d) != deployment_status_admission_replicas(d);

    for (uint32_t i = 0; i < deployment_status_admission_nodes_count(d); i++) {
        const struct rec *e = deployment_status_admission_nodes_at(d, i);
        const struct rec *live =
            cache_get(lives.c, &kind_node, "", deployment_status_admission_nodes_name(e));
        struct gpu_node n = {0};

        waits = waits || size != deployment_status_admission_nodes_gpus(e) || live == NULL ||
                !gpu_node_read(live, &n) || !str_eq(n.type, deployment_status_admission_type(d));
    }
    return size > 0 && waits;
}

/* All its pods on free GPUs of one type, as large as the pool's largest node makes them. */
static bool is_room_for(const struct rec *run, const struct rec *p)
{
    uint32_t nodes = pool_status_nodes_count(p);
    int64_t most = 0, gpus, count;

    for (uint32_t k = 0; k < nodes; k++) {
        int64_t share = pool_status_nodes_gpus(pool_status_nodes_at(p, k));

        most = share > most ? share : most;
    }
    run_shape(run, most, &gpus, &count);
    for (uint32_t i = 0; i < nodes; i++) {
        const char *type = pool_status_nodes_type(pool_status_nodes_at(p, i));
        int64_t pods = 0;

        for (uint32_t k = 0; k < nodes; k++) {
            const struct rec *e = pool_status_nodes_at(p, k);

            pods += str_eq(pool_status_nodes_type(e), type) ? pool_status_nodes_free(e) / gpus : 0;
        }
        if (pods >= count) {
            return true;
        }
    }
    return false;
}

/* With no deployment that waits, the head of a queue stands there because it does not fit. */
static void nobody_waits_in_front_of_free_gpus(void)
{
    struct cache_iter it = {0};
    const struct rec *run, *d = cache_get(lives.c, &kind_deployment, "team0", "d");

    if (d != NULL && still_waits(d)) {
        return;
    }
    while ((run = cache_next(lives.c, &kind_dkuberun, NULL, &it)) != NULL) {
        struct ns_pool space = {0};
        const struct rec *p = NULL;

        if (dkuberun_status_position(run) == 1) {
            law(groups_look(&lives.a, lives.c, rec_namespace(run), &space), "no group");
            p = cache_get(lives.c, &kind_pool, "", space.pool);
        }
        law(p == NULL || !is_room_for(run, p), "%s waits in front of free GPUs", rec_name(run));
    }
}

/* Of each queue one run is the first; nobody else is told anything. */
static void what_the_waiting_are_told_is_true(void)
{
    struct cache_iter it = {0};
    const struct rec *run;
    unsigned first = 0;

    while ((run = cache_next(lives.c, &kind_dkuberun, NULL, &it)) != NULL) {
        int64_t position = dkuberun_status_position(run);

        law((run_is_queued(run) && !dkuberun_spec_free_only(run)) ||
                (position == 0 && !dkuberun_status_queue_set(run)),
            "%s is not in the queue, and has a place in it", rec_name(run));
        law((position > 0) == dkuberun_status_queue_set(run), "%s: a place alone", rec_name(run));
        if (position == 1) {
            unsigned line = 1u << (rec_namespace(run)[4] % 8); /* teamN, or default */

            law((first & line) == 0, "%s is first with another", rec_name(run));
            first |= line;
        }
        law(dkuberun_status_queue_estimated_start(run) == 0 ||
                dkuberun_status_queue_as_of(run) <= dkuberun_status_queue_estimated_start(run),
            "%s was to start before it was told", rec_name(run));
        for (uint32_t i = 0; i < dkuberun_status_queue_blocked_by_count(run); i++) {
            const char *full = dkuberun_status_queue_blocked_by_at(run, i);
            const char *slash = strchr(full, '/');
            const struct rec *other =
                cache_get(lives.c, &kind_dkuberun,
                          arena_strndup(&lives.a, full, (size_t)(slash - full)), slash + 1);

            law(other != NULL && other != run, "%s is in the way of %s", full, rec_name(run));
        }
    }
}

static void the_same_again(const struct plan *first)
{
    struct plan copy = *first;

    paper_plan(&lives, &ledger_controller, "", LEDGER_KEY);
    law(copy.op_count == lives.plan.op_count, "another plan from the same view");
    for (size_t i = 0; i < copy.op_count; i++) {
        law(str_eq(copy.ops[i].body, lives.plan.ops[i].body), "another body from the same view");
    }
}

/* The next plan is empty. Seats that a deployment has left count once more in the pass that moves
 * it, so then it may take another. */
static void it_is_settled(bool moved)
{
    const struct op *op;

    paper_plan(&lives, &ledger_controller, "", LEDGER_KEY);
    if (moved) {
        paper_apply(&lives);
        paper_plan(&lives, &ledger_controller, "", LEDGER_KEY);
    }
    op = lives.plan.ops;
    law(lives.plan.op_count == 0, "a second plan changes %s %s: %s\nto %s", op->kind->kind,
        op->name, paper_at(&lives, op->kind, op->ns, op->name, "status"), op->body);
}

static void decide_and_check(void)
{
    const char *names[LIVES_RUNS][2];
    size_t count = 0;
    bool moved = false;

    paper_plan(&lives, &ledger_controller, "", LEDGER_KEY);
    the_same_again(&lives.plan);
    an_attempt_is_admitted_once(&lives.plan);
    nobody_is_recalled_at_home(&lives.plan);
    for (size_t i = 0; i < lives.plan.op_count; i++) {
        moved = moved || lives.plan.ops[i].kind == &kind_deployment;
        if (is_new_admission(&lives.plan.ops[i])) {
            names[count][0] = lives.plan.ops[i].ns;
            names[count++][1] = lives.plan.ops[i].name;
        }
    }
    paper_apply(&lives);
    for (size_t i = 0; i < count; i++) {
        const struct rec *run = cache_get(lives.c, &kind_dkuberun, names[i][0], names[i][1]);

        an_admission_fits(run);
        nobody_was_overtaken_to_his_harm(run);
    }
    the_sum_of_the_pools_is_the_sum_of_the_nodes();
    no_pool_counts_wrong();
    a_final_run_is_in_no_pool();
    nobody_waits_in_front_of_free_gpus();
    what_the_waiting_are_told_is_true();
    it_is_settled(moved);
}

TEST(the_laws_of_the_ledger_hold_after_every_step)
{
    const char *first = getenv("SEED"), *many = getenv("SEEDS"); /* to play one again, or more */
    unsigned from = first != NULL ? (unsigned)strtoul(first, NULL, 10) : 1;
    unsigned count = many != NULL ? (unsigned)strtoul(many, NULL, 10) : first != NULL ? 1 : SEEDS;

    for (seed = from; seed < from + count; seed++) {
        lives_begin(seed);
        for (step = 0; step < STEPS; step++) {
            lives_go_on();
            decide_and_check();
        }
        paper_done(&lives);
    }
}

/* --- what is lost ------------------------------------------------------------------------------
 */

/* The process ends behind some of its writes, or somebody sends them all again. */
static void decide_and_lose(unsigned fate)
{
    const struct op *given[LIVES_RUNS];
    size_t all, count = 0;

    paper_plan(&lives, &ledger_controller, "", LEDGER_KEY);
    an_attempt_is_admitted_once(&lives.plan);
    all = lives.plan.op_count;
    if (all == 0) {
        return;
    }
    lives.plan.op_count = fate % (all + 1);
    for (size_t i = 0; i < lives.plan.op_count; i++) {
        const struct op *op = &lives.plan.ops[i];

        if (is_new_admission(op)) {
            given[count++] = op;
        }
    }
    for (unsigned times = fate / 7 % 3 == 0 ? 2 : 1; times > 0; times--) {
        paper_apply(&lives);
    }
    for (size_t i = 0; i < count; i++) {
        fits_its_nodes(cache_get(lives.c, &kind_dkuberun, given[i]->ns, given[i]->name));
    }
}

/* Ten thousand short lives, each with a ledger that is ended again and again and knows nothing of
 * what it did before: what is in the API server is enough. Each tenth is looked at in full. */
TEST(whatever_of_its_writes_is_lost_the_ledger_gives_no_gpu_twice)
{
    const char *first = getenv("SEED"), *many = getenv("PROP_SEEDS");
    unsigned from = first != NULL ? (unsigned)strtoul(first, NULL, 10) : 1;
    unsigned count = many != NULL ? (unsigned)strtoul(many, NULL, 10) : SHORT_SEEDS;

    for (seed = from; seed < from + (first != NULL ? 1 : count); seed++) {
        lives_begin(seed);
        lives_crowd();
        for (step = 0; step < SHORT_STEPS; step++) {
            decide_and_lose(seed * 2654435761u >> step);
            lives_go_on();
        }
        if (seed % 10 == 0) {
            decide_and_check();
        }
        paper_done(&lives);
    }
}

TEST(no_step_is_idle_for_ever)
{
    size_t admitted = 0;

    for (seed = 1; seed <= 5; seed++) {
        lives_begin(seed);
        for (step = 0; step < STEPS; step++) {
            lives_go_on();
            paper_plan(&lives, &ledger_controller, "", LEDGER_KEY);
            for (size_t i = 0; i < lives.plan.op_count; i++) {
                admitted += is_new_admission(&lives.plan.ops[i]);
            }
            paper_apply(&lives);
        }
        paper_done(&lives);
    }
    assert_true(admitted > 20); /* the lives above are worth living */
}

SPEC_MAIN()
