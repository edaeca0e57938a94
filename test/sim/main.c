/*
 * sim — schedules by the million: real controllers, a simulated API server, faults; a seed is a
 * schedule.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/span.h"
#include "sim/sim.h"

static const char usage[] =
    "usage: sim [option…]\n"
    "  --schedules N     how many (default 200)\n"
    "  --seed N          the first seed; with --schedules 1 one schedule is run again\n"
    "  --workload NAME   only this one (default: all in turn)\n"
    "  --faults N        as many in each schedule (default: 2 to 6, by the seed)\n"
    "  --mask BITS       leave out these faults\n"
    "  --jobs N          processes\n"
    "  --trace           tell every step\n"
    "  --json FILE       write the figures\n"
    "  --exhaust         every schedule of the small world instead\n";

struct options {
    uint64_t seed, schedules;
    const char *workload, *json;
    int faults, jobs;
    uint32_t mask;
    bool trace, exhaust;
};

/* What one process has done; in memory that all share. */
struct tally {
    uint64_t schedules, steps, faults, violations, seed;
    uint64_t kinds[FAULT_COUNT];
};
struct board {
    struct tally *tallies;
    uint64_t *hashes;
};

/* --- one schedule ---------------------------------------------------------------------------- */

static const struct workload *load_of(const struct options *o, uint64_t seed)
{
    for (size_t i = 0; o->workload != NULL && i < workload_count; i++) {
        if (str_eq(workloads[i]->name, o->workload)) {
            return workloads[i];
        }
    }
    return workloads[seed % workload_count];
}

static unsigned faults_of(const struct options *o, uint64_t seed)
{
    return o->faults >= 0 ? (unsigned)o->faults : 2 + (unsigned)(seed / workload_count % 5);
}

static void run_one(struct world *w, const struct options *o, uint64_t seed, uint32_t mask)
{
    world_begin(w, load_of(o, seed), seed, faults_of(o, seed), mask);
    world_run(w);
    world_end(w);
}

/* Leaves out faults one by one as long as it still fails. */
static uint32_t shrink(struct world *w, const struct options *o, uint64_t seed)
{
    uint32_t mask = o->mask;
    char first[sizeof(w->violation)];

    memcpy(first, w->violation, sizeof(first));
    for (unsigned i = 0; i < faults_of(o, seed); i++) {
        run_one(w, o, seed, mask | 1u << i);
        if (w->violation[0] != '\0') {
            mask |= 1u << i;
        }
    }
    memcpy(w->violation, first, sizeof(first));
    return mask;
}

static void tell_failure(struct world *w, const struct options *o, uint64_t seed)
{
    uint32_t mask;

    printf("FAILED %s, seed %" PRIu64 ": %s\n", w->load->name, seed, w->violation);
    mask = shrink(w, o, seed);
    printf("  again: build/dev/test/sim --schedules 1 --workload %s --seed %" PRIu64
           " --faults %u --mask %u --trace\n",
           w->load->name, seed, faults_of(o, seed), mask);
    fflush(stdout);
}

static void run_range(const struct api_types *types, const struct options *o, struct board *b,
                      int job)
{
    static struct world w;
    struct tally *t = &b->tallies[job];

    w.api = apisim_new(types);
    w.trace = o->trace;
    for (uint64_t i = (uint64_t)job; i < o->schedules; i += (uint64_t)o->jobs) {
        t->seed = o->seed + i;
        run_one(&w, o, t->seed, o->mask);
        b->hashes[i] = w.hash;
        t->schedules++;
        t->steps += w.steps;
        t->faults += w.faults.fired;
        for (int k = 0; k < FAULT_COUNT; k++) {
            t->kinds[k] += w.faults.kinds[k];
        }
        if (w.violation[0] != '\0') {
            t->violations++;
            tell_failure(&w, o, t->seed);
        }
    }
    apisim_free(w.api);
}

/* --- many ------------------------------------------------------------------------------------ */

static void *shared(size_t n)
{
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED) {
        mem_exhausted();
    }
    return p;
}

static int by_value(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

    return a < b ? -1 : a > b;
}

static uint64_t count_distinct(uint64_t *list, uint64_t n)
{
    uint64_t distinct = n > 0;

    qsort(list, n, sizeof(*list), by_value);
    for (uint64_t i = 1; i < n; i++) {
        distinct += list[i] != list[i - 1];
    }
    return distinct;
}

static double seconds(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void run_jobs(const struct api_types *types, const struct options *o, struct board *b)
{
    if (o->jobs == 1) {
        run_range(types, o, b, 0);
        return;
    }
    for (int i = 0; i < o->jobs; i++) {
        if (fork() == 0) {
            run_range(types, o, b, i);
            fflush(stdout);
            _exit(0);
        }
    }
    for (int i = 0; i < o->jobs; i++) {
        int status = 0;

        if (wait(&status) > 0 && status != 0) {
            printf("FAILED: a process ended with %d; the seeds under way:", status);
            for (int j = 0; j < o->jobs; j++) {
                printf(" %" PRIu64, b->tallies[j].seed);
            }
            printf("\n");
            b->tallies[0].violations++;
        }
    }
}

static void write_json(const struct options *o, const struct tally *t, uint64_t distinct, double s)
{
    FILE *f = fopen(o->json, "we");

    if (f == NULL) {
        fprintf(stderr, "cannot write %s\n", o->json);
        return;
    }
    fprintf(f,
            "{\"schedules\":%" PRIu64 ",\"distinct\":%" PRIu64 ",\"faults\":%" PRIu64
            ",\"faults_per_schedule\":%.2f,\"steps\":%" PRIu64
            ",\"workloads\":%zu,\"violations\":%" PRIu64
            ",\"per_second\":%.0f,\"seconds\":%.1f,\"jobs\":%d,\"first_seed\":%" PRIu64
            ",\"kinds\":{",
            t->schedules, distinct, t->faults, (double)t->faults / (double)t->schedules, t->steps,
            o->workload != NULL ? 1 : workload_count, t->violations, (double)t->schedules / s, s,
            o->jobs, o->seed);
    for (int k = 1; k < FAULT_COUNT; k++) {
        fprintf(f, "%s\"%s\":%" PRIu64, k > 1 ? "," : "", fault_names[k], t->kinds[k]);
    }
    fprintf(f, "}}\n");
    fclose(f);
}

static int run_all(const struct api_types *types, const struct options *o)
{
    struct board b = {shared((size_t)o->jobs * sizeof(struct tally)),
                      shared((o->schedules + 1) * sizeof(uint64_t))};
    struct tally sum = {0};
    double began = seconds(), took;
    uint64_t distinct;

    run_jobs(types, o, &b);
    took = seconds() - began;
    for (int i = 0; i < o->jobs; i++) {
        sum.schedules += b.tallies[i].schedules;
        sum.steps += b.tallies[i].steps;
        sum.faults += b.tallies[i].faults;
        sum.violations += b.tallies[i].violations;
        for (int k = 0; k < FAULT_COUNT; k++) {
            sum.kinds[k] += b.tallies[i].kinds[k];
        }
    }
    distinct = count_distinct(b.hashes, o->schedules);
    printf("%" PRIu64 " schedules, %" PRIu64 " distinct, %.2f faults and %.0f steps each, %" PRIu64
           " violations, %.0f a second\n",
           sum.schedules, distinct, (double)sum.faults / (double)(sum.schedules + !sum.schedules),
           (double)sum.steps / (double)(sum.schedules + !sum.schedules), sum.violations,
           (double)sum.schedules / took);
    if (o->json != NULL) {
        write_json(o, &sum, distinct, took);
    }
    return sum.violations > 0 ? 1 : 0;
}

/* --- the command line ------------------------------------------------------------------------ */

static bool take_flag(struct options *o, const char *name)
{
    if (str_eq(name, "--trace")) {
        o->trace = true;
        return true;
    }
    if (str_eq(name, "--exhaust")) {
        o->exhaust = true;
        return true;
    }
    return false;
}

static bool take_value(struct options *o, const char *name, const char *value)
{
    if (str_eq(name, "--schedules")) {
        o->schedules = strtoull(value, NULL, 10);
    } else if (str_eq(name, "--seed")) {
        o->seed = strtoull(value, NULL, 10);
    } else if (str_eq(name, "--workload")) {
        o->workload = value;
    } else if (str_eq(name, "--faults")) {
        o->faults = (int)strtol(value, NULL, 10);
    } else if (str_eq(name, "--mask")) {
        o->mask = (uint32_t)strtoul(value, NULL, 10);
    } else if (str_eq(name, "--jobs")) {
        o->jobs = (int)strtol(value, NULL, 10);
    } else if (str_eq(name, "--json")) {
        o->json = value;
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options o = {.seed = 1, .schedules = 200, .faults = -1, .jobs = 1};
    struct api_types *types = api_types_new();
    int result;

    for (int i = 1; i < argc; i++) {
        if (take_flag(&o, argv[i])) {
            continue;
        }
        if (i + 1 == argc || !take_value(&o, argv[i], argv[i + 1]) || o.jobs < 1) {
            fputs(usage, stderr);
            return 2;
        }
        i++;
    }
    log_init("sim", o.trace ? LOG_INFO : LOG_ERROR, false);
    if (api_types_add_folder(types, "crds") < 0) {
        fprintf(stderr, "run it where crds/ is\n");
        return 2;
    }
    result = o.exhaust
                 ? exhaust(apisim_new(types), o.faults >= 0 ? (unsigned)o.faults : 2, o.schedules)
                 : run_all(types, &o);
    api_types_free(types);
    return result;
}
