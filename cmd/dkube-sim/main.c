/*
 * dkube-sim — what would these jobs wait in these pools? A trace through the ledger's own queue.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/span.h"
#include "cmd/dkube-sim/options.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int load(struct arena *a, const struct options *o, struct trace *t, struct err *e)
{
    if (trace_read(a, o->trace, t, e) < 0) {
        return -1;
    }
    if (o->pools == NULL) {
        trace_size_pools(t, o->load, o->node_gpus);
    } else if (trace_read_pools(t, o->pools, e) < 0) {
        return -1;
    }
    trace_add(t, o->add_gpus);
    trace_split(t);
    if (t->count == 0) {
        return err_set(e, ERR_INVALID, "NoJob", "no job fits its pool; give larger pools");
    }
    return 0;
}

static int run(struct trace *t, const struct options *o, FILE *json, struct err *e)
{
    struct result r = {0};

    for (size_t i = 0; i < o->policy_count * o->estimate_count; i++) {
        simulate(t, o, (enum sched_policy)o->policy[i / o->estimate_count],
                 (enum estimate)o->estimate[i % o->estimate_count], &r);
        report(t, o, &r);
        if (json != NULL && report_json(t, o, &r, json) < 0) {
            return err_set(e, ERR_INVALID, "NoJSON", "cannot write %s", o->json);
        }
    }
    return o->svg != NULL ? plot(t, &r, o->svg, e) : 0;
}

int main(int argc, char **argv)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct options o;
    struct trace t;
    struct err e;
    FILE *json = NULL;
    int failed;

    if (argc == 2 && str_eq(argv[1], "--help")) {
        fputs(usage, stdout);
        return 0;
    }
    if (options_read(&a, argc, argv, &o, &e) < 0 || load(&a, &o, &t, &e) < 0) {
        fprintf(stderr, "dkube-sim: %s\n", e.text);
        return EXIT_USAGE;
    }
    if (o.json != NULL && (json = fopen(o.json, "we")) == NULL) {
        fprintf(stderr, "dkube-sim: cannot write %s: %s\n", o.json, strerror(errno));
        return EXIT_USAGE;
    }
    printf("jobs: %zu, pools: %zu", t.count, t.pool_count);
    printf(t.left_out > 0 ? ", left out (no GPU, or more than the pool has): %zu\n\n" : "\n\n",
           t.left_out);
    failed = run(&t, &o, json, &e);
    if (json != NULL && fclose(json) != 0 && failed == 0) {
        failed = err_set(&e, ERR_INVALID, "NoJSON", "cannot write %s", o.json);
    }
    if (failed != 0) {
        fprintf(stderr, "dkube-sim: %s\n", e.text);
    }
    return failed != 0 ? EXIT_FAILED : 0;
}
