/*
 * sim — schedules by the million: real controllers, a simulated API server, faults; a seed is a
 * schedule.
 */
#include <inttypes.h>
#include <limits.h>
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
#include "sim/keep.h"

enum { BATCH = 1000 }; /* schedules that an interrupted run loses at most */

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
    "  --keep FILE       add to what the file has until there are as many; goes on where it ended\n"
    "  --exhaust         every schedule of the small world instead\n"
    "  --unusual N       of these the ones with at most N choices that are not the usual one\n";

struct options {
    uint64_t seed, schedules;
    const char *workload, *json, *keep;
    int faults, jobs, unusual;
    uint32_t mask;
    bool trace, exhaust;
};

/* In memory that all processes share. */
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

/* Of how it went and what was left: any other order of events, or another object, is another. */
static uint64_t digest_of(const struct world *w, uint64_t seed)
{
    uint64_t h = w->hash ^ apisim_hash(w->api) * 0x9e3779b97f4a7c15u ^ seed * 0xbf58476d1ce4e5b9u;

    h = (h ^ h >> 31) * 0x94d049bb133111ebu + w->steps * 1000003u + apisim_version(w->api);
    return h ^ h >> 29;
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
        t->digest ^= digest_of(&w, t->seed);
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

static void run_batch(const struct api_types *types, const struct options *o, struct board *b,
                      struct tally *ret)
{
    double began = seconds();

    memset(b->tallies, 0, (size_t)o->jobs * sizeof(*b->tallies));
    run_jobs(types, o, b);
    *ret = (struct tally){.seed = o->seed};
    for (int i = 0; i < o->jobs; i++) {
        tally_add(ret, &b->tallies[i]);
    }
    ret->seconds = seconds() - began;
}

/* One batch, or with --keep as many as are still missing. */
static int run_all(const struct api_types *types, struct options o)
{
    uint64_t all = o.schedules, most = o.keep != NULL ? BATCH : all;
    struct board b = {shared((size_t)o.jobs * sizeof(struct tally)),
                      shared((most + 1) * sizeof(uint64_t))};
    double told = seconds();
    struct kept k;

    if (keep_open(&k, o.keep, o.seed) < 0) {
        return 2;
    }
    while (k.sum.schedules < all) {
        struct tally t;

        o.seed = k.next_seed;
        o.schedules = all - k.sum.schedules < most ? all - k.sum.schedules : most;
        run_batch(types, &o, &b, &t);
        keep_add(&k, &t, b.hashes);
        if (o.json != NULL && seconds() - told > 60) {
            keep_json(&k, keep_distinct(&k), o.workload != NULL ? 1 : workload_count, o.json);
            told = seconds();
        }
    }
    keep_tell(&k, keep_distinct(&k));
    if (o.json != NULL) {
        keep_json(&k, keep_distinct(&k), o.workload != NULL ? 1 : workload_count, o.json);
    }
    keep_close(&k);
    return k.sum.violations > 0 ? 1 : 0;
}

static int search_all(const struct api_types *types, const struct options *o)
{
    struct search search = {.faults = o->faults >= 0 ? (unsigned)o->faults : 2,
                            .unusual = o->unusual >= 0 ? (unsigned)o->unusual : UINT_MAX,
                            .states = o->schedules,
                            .jobs = o->jobs};

    return exhaust(apisim_new(types), &search);
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
    } else if (str_eq(name, "--unusual")) {
        o->unusual = (int)strtol(value, NULL, 10);
    } else if (str_eq(name, "--mask")) {
        o->mask = (uint32_t)strtoul(value, NULL, 10);
    } else if (str_eq(name, "--jobs")) {
        o->jobs = (int)strtol(value, NULL, 10);
    } else if (str_eq(name, "--keep")) {
        o->keep = value;
    } else if (str_eq(name, "--json")) {
        o->json = value;
    } else {
        return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options o = {.seed = 1, .schedules = 200, .faults = -1, .jobs = 1, .unusual = -1};
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
    result = o.exhaust ? search_all(types, &o) : run_all(types, o);
    api_types_free(types);
    return result;
}
