#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/dkube-sim/sim.h"

#define HOUR 3600000.0

const char *policy_name(enum sched_policy p)
{
    static const char *const names[] = {[SCHED_STRICT] = "strict",
                                        [SCHED_BACKFILL] = "backfill",
                                        [SCHED_SHORTEST] = "shortest-first",
                                        [SCHED_SKIP] = "skip"};

    return names[p];
}

const char *estimate_name(enum estimate e)
{
    static const char *const names[] = {[ESTIMATE_EXACT] = "exact",
                                        [ESTIMATE_NOISY] = "noisy",
                                        [ESTIMATE_LEARNED] = "learned",
                                        [ESTIMATE_NONE] = "none"};

    return names[e];
}

/* --- figures --------------------------------------------------------------------------------- */

struct spread {
    double *list;
    size_t count;
    double mean, p50, p90, p99, max;
};

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

static double at(const struct spread *s, double share)
{
    return s->list[(size_t)(share * (double)(s->count - 1) + 0.5)];
}

static void spread_end(struct spread *s)
{
    if (s->count == 0) {
        return;
    }
    qsort(s->list, s->count, sizeof(*s->list), by_value);
    for (size_t i = 0; i < s->count; i++) {
        s->mean += s->list[i];
    }
    s->mean /= (double)s->count;
    s->p50 = at(s, 0.5);
    s->p90 = at(s, 0.9);
    s->p99 = at(s, 0.99);
    s->max = s->list[s->count - 1];
}

static const struct size_class {
    const char *name;
    int64_t least, most;
} classes[] = {{"1 GPU", 1, 1},       {"2-4 GPUs", 2, 4},
               {"5-8 GPUs", 5, 8},    {"> 8 GPUs", 9, INT64_MAX},
               {"all", 1, INT64_MAX}, {">= 8 GPUs", 8, INT64_MAX}};
enum { CLASS_ALL = 4, CLASS_GANGS = 5, CLASS_COUNT = 6 };

struct figures {
    struct spread wait[CLASS_COUNT], eta;
    double jct, bound, used; /* hours; share of the GPU time up to the last submission */
    size_t unknown;          /* forecasts that nobody could make */
};

static bool counts(const struct trace *t, const struct options *o, const struct job *j)
{
    return (double)j->submit_ms >= (double)t->span_ms * (double)o->from_percent / 100.0;
}

static void add_eta(struct figures *f, const struct job *j)
{
    double off = (double)(j->eta_ms - j->start_ms) / HOUR;

    if (!j->forecast) {
        return;
    }
    if (j->eta_ms == SCHED_NEVER) {
        f->unknown++;
    } else {
        f->eta.list[f->eta.count++] = off < 0 ? -off : off;
    }
}

static void add_job(const struct trace *t, struct figures *f, const struct job *j)
{
    int64_t gpus = j->gpus * j->pods, end = j->start_ms + j->lasts_ms;

    for (int c = 0; c < CLASS_COUNT; c++) {
        if (gpus >= classes[c].least && gpus <= classes[c].most) {
            f->wait[c].list[f->wait[c].count++] = (double)(j->start_ms - j->submit_ms) / HOUR;
        }
    }
    f->jct += (double)(end - j->submit_ms) / HOUR;
    end = end < t->span_ms ? end : t->span_ms;
    if (end > j->start_ms) {
        f->used += (double)(end - j->start_ms) * (double)gpus;
    }
    add_eta(f, j);
}

static void figures_of(const struct trace *t, const struct options *o, struct figures *f)
{
    double gpus = 0;
    size_t n = 0;

    *f = (struct figures){.used = 0};
    f->eta.list = arena_alloc(t->a, t->count * sizeof(double) + 1);
    for (int c = 0; c < CLASS_COUNT; c++) {
        f->wait[c].list = arena_alloc(t->a, t->count * sizeof(double) + 1);
    }
    for (size_t i = 0; i < t->count; i++) {
        if (counts(t, o, &t->jobs[i])) {
            add_job(t, f, &t->jobs[i]);
            n++;
        }
    }
    for (int c = 0; c < CLASS_COUNT; c++) {
        spread_end(&f->wait[c]);
    }
    spread_end(&f->eta);
    for (size_t p = 0; p < t->pool_count; p++) {
        size_t jobs = 0;

        for (size_t i = 0; i < t->count; i++) {
            jobs += t->jobs[i].pool == (int)p;
        }
        gpus += jobs > 0 ? (double)(t->pools[p].nodes * t->pools[p].node_gpus) : 0;
        f->bound += lower_bound_ms(t, (int)p) * (double)jobs / HOUR / (double)t->count;
    }
    f->jct /= n > 0 ? (double)n : 1;
    f->used /= gpus * (double)t->span_ms * (100.0 - (double)o->from_percent) / 100.0 + 1e-9;
}

/* --- for people ------------------------------------------------------------------------------ */

static void print_spread(const char *name, const struct spread *s)
{
    printf("  %-10s %7zu %9.2f %9.2f %9.2f %9.2f %9.2f\n", name, s->count, s->mean, s->p50, s->p90,
           s->p99, s->max);
}

void report(const struct trace *t, const struct options *o, const struct result *r)
{
    struct figures f;

    figures_of(t, o, &f);
    printf("%s, %s estimates: mean time to completion %.2f h", policy_name(r->policy),
           estimate_name(r->estimate), f.jct);
    if (o->from_percent == 0) {
        printf(", %.2f times the lower bound of %.2f h", f.jct / f.bound, f.bound);
    }
    printf("; %.1f %% of the GPUs used\n", 100 * f.used);
    printf("  wait, h       jobs      mean       p50       p90       p99       max\n");
    for (int c = 0; c < CLASS_COUNT; c++) {
        print_spread(classes[c].name, &f.wait[c]);
    }
    if (f.eta.count > 0) {
        print_spread("ETA error", &f.eta);
    }
    if (f.unknown > 0) {
        printf("  %zu forecasts could not be made\n", f.unknown);
    }
    printf("  %" PRIu64 " plans, %" PRIu64 " decisions, %.2f s: %.0f decisions/s\n\n", r->plans,
           r->decisions, r->seconds, (double)r->decisions / r->seconds);
}

/* --- for programs ---------------------------------------------------------------------------- */

static void json_spread(FILE *out, const char *name, const struct spread *s)
{
    fprintf(out,
            "\"%s\":{\"jobs\":%zu,\"mean\":%.4f,\"p50\":%.4f,\"p90\":%.4f,\"p99\":%.4f,"
            "\"max\":%.4f},",
            name, s->count, s->mean, s->p50, s->p90, s->p99, s->max);
}

int report_json(const struct trace *t, const struct options *o, const struct result *r, FILE *out)
{
    struct figures f;

    figures_of(t, o, &f);
    fprintf(out, "{\"policy\":\"%s\",\"estimates\":\"%s\",", policy_name(r->policy),
            estimate_name(r->estimate));
    for (int c = 0; c < CLASS_COUNT; c++) {
        json_spread(out, classes[c].name, &f.wait[c]);
    }
    json_spread(out, "ETA error", &f.eta);
    fprintf(out,
            "\"jct\":%.4f,\"bound\":%.4f,\"used\":%.4f,\"plans\":%" PRIu64 ",\"decisions\":%" PRIu64
            ",\"seconds\":%.3f}\n",
            f.jct, f.bound, f.used, r->plans, r->decisions, r->seconds);
    return ferror(out) ? -1 : 0;
}
