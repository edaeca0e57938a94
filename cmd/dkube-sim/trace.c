#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/span.h"
#include "cmd/dkube-sim/sim.h"

#define FIELDS 32
#define LINE_MAX_BYTES 4096

enum column { SUBMIT, DURATION, GPUS, GROUP, COLUMNS };
static const char *const names[COLUMNS][4] = {
    [SUBMIT] = {"submit", "timestamp", "submit_time", NULL},
    [DURATION] = {"duration", "duration_s", "run_time", NULL},
    [GPUS] = {"gpus", "num_gpus", "gpu_num", NULL},
    [GROUP] = {"group", "cluster", "pool", NULL},
};

/* --- CSV ------------------------------------------------------------------------------------- */

struct csv {
    FILE *f;
    const char *file;
    unsigned line;
    char text[LINE_MAX_BYTES];
    char *fields[FIELDS];
    size_t count;
};

static int csv_fail(const struct csv *c, struct err *e, const char *what, const char *remedy)
{
    return err_set(e, ERR_INVALID, "BadTrace", "%s, line %u: %s; %s", c->file, c->line, what,
                   remedy);
}

/* 1: a line, 0: the end. */
static int csv_next(struct csv *c, struct err *e)
{
    do {
        if (fgets(c->text, sizeof(c->text), c->f) == NULL) {
            return 0;
        }
        c->line++;
        if (strchr(c->text, '\n') == NULL && !feof(c->f)) {
            return csv_fail(c, e, "the line is too long", "it may have 4,000 bytes");
        }
        c->text[strcspn(c->text, "\r\n")] = '\0';
    } while (c->text[0] == '\0');
    c->count = 0;
    for (char *p = c->text; p != NULL && c->count < FIELDS;) {
        c->fields[c->count++] = strsep(&p, ",");
    }
    return 1;
}

static int csv_open(struct csv *c, const char *file, struct err *e)
{
    *c = (struct csv){.file = file, .f = fopen(file, "re")};
    return c->f != NULL
               ? 0
               : err_set(e, ERR_INVALID, "NoTrace", "cannot read %s: %s", file, strerror(errno));
}

/* --- values ---------------------------------------------------------------------------------- */

/* Seconds, or "2017-10-09 07:01:55" in UTC. */
static bool read_time(const char *s, int64_t *ret_ms)
{
    struct tm tm = {0};
    char *end = strptime(s, "%Y-%m-%d %H:%M:%S", &tm);
    double seconds;

    if (end != NULL && (*end == '\0' || *end == '.')) {
        *ret_ms = (int64_t)timegm(&tm) * 1000;
        return true;
    }
    seconds = strtod(s, &end);
    *ret_ms = (int64_t)(seconds * 1000);
    return end != s && *end == '\0' && seconds >= 0 && seconds < 1e12;
}

static bool read_number(const char *s, double most, double *ret)
{
    char *end;

    *ret = strtod(s, &end);
    return end != s && *end == '\0' && *ret >= 0 && *ret <= most;
}

static int pool_of(struct trace *t, const char *name)
{
    struct sim_pool *p;

    for (size_t i = 0; i < t->pool_count; i++) {
        if (str_eq(t->pools[i].name, name)) {
            return (int)i;
        }
    }
    p = arena_push(t->a, (void **)&t->pools, &t->pool_count, sizeof(*p));
    p->name = arena_strdup(t->a, name);
    return (int)t->pool_count - 1;
}

/* --- the trace ------------------------------------------------------------------------------- */

static int find_columns(const struct csv *c, size_t *at, struct err *e)
{
    for (int k = 0; k < COLUMNS; k++) {
        at[k] = SIZE_MAX;
        for (size_t i = 0; i < c->count && at[k] == SIZE_MAX; i++) {
            for (int n = 0; names[k][n] != NULL; n++) {
                at[k] = str_eq(c->fields[i], names[k][n]) ? i : at[k];
            }
        }
        if (at[k] == SIZE_MAX && k != GROUP) {
            return err_set(e, ERR_INVALID, "BadTrace", "%s has no column '%s' (or '%s') in line 1",
                           c->file, names[k][0], names[k][1]);
        }
    }
    return 0;
}

static int read_job(struct trace *t, const struct csv *c, const size_t *at, struct err *e)
{
    const char *value[COLUMNS] = {NULL};
    double duration, gpus;
    int64_t submit;
    struct job *j;

    for (int k = 0; k < COLUMNS; k++) {
        value[k] = at[k] < c->count ? c->fields[at[k]] : k == GROUP ? "default" : "";
    }
    if (!read_time(value[SUBMIT], &submit)) {
        return csv_fail(c, e, "the submit time is neither seconds nor 'YYYY-MM-DD hh:mm:ss'",
                        "mend it");
    }
    if (!read_number(value[DURATION], 1e9, &duration) || !read_number(value[GPUS], 1e6, &gpus) ||
        gpus != floor(gpus)) {
        return csv_fail(c, e, "duration must be seconds, and the GPUs a whole number", "mend it");
    }
    if (gpus < 1) {
        t->left_out++;
        return 0;
    }
    j = arena_push(t->a, (void **)&t->jobs, &t->count, sizeof(*j));
    *j = (struct job){.submit_ms = submit,
                      .lasts_ms = duration * 1000 < 1 ? 1 : (int64_t)(duration * 1000),
                      .gpus = (int64_t)gpus,
                      .pods = 1,
                      .pool = pool_of(t, value[GROUP])};
    return 0;
}

static int by_submission(const void *x, const void *y)
{
    const struct job *a = x, *b = y;

    if (a->submit_ms != b->submit_ms) {
        return a->submit_ms < b->submit_ms ? -1 : 1;
    }
    return (a->expected_ms > b->expected_ms) - (a->expected_ms < b->expected_ms);
}

static void settle(struct trace *t)
{
    int64_t first;

    for (size_t i = 0; i < t->count; i++) {
        t->jobs[i].expected_ms = (int64_t)i; /* equal times stay in the order of the file */
    }
    qsort(t->jobs, t->count, sizeof(*t->jobs), by_submission);
    first = t->jobs[0].submit_ms;
    t->span_ms = t->jobs[t->count - 1].submit_ms - first;
    for (size_t i = 0; i < t->count; i++) {
        struct job *j = &t->jobs[i];

        j->submit_ms -= first;
        t->pools[j->pool].jobs++;
        t->pools[j->pool].work += j->lasts_ms * j->gpus;
    }
}

int trace_read(struct arena *a, const char *file, struct trace *ret, struct err *e)
{
    size_t at[COLUMNS];
    struct csv c;
    int got;

    *ret = (struct trace){.a = a};
    if (csv_open(&c, file, e) < 0) {
        return -1;
    }
    got = csv_next(&c, e);
    if (got > 0 && find_columns(&c, at, e) < 0) {
        got = -1;
    }
    while (got > 0 && (got = csv_next(&c, e)) > 0) {
        got = read_job(ret, &c, at, e) < 0 ? -1 : 1;
    }
    fclose(c.f);
    if (got == 0 && ret->count == 0) {
        return err_set(e, ERR_INVALID, "EmptyTrace", "%s has no job that uses a GPU", file);
    }
    if (got == 0) {
        settle(ret);
    }
    return got;
}

/* --- pools ----------------------------------------------------------------------------------- */

int trace_read_pools(struct trace *t, const char *file, struct err *e)
{
    struct csv c;
    int got;

    if (csv_open(&c, file, e) < 0) {
        return -1;
    }
    while ((got = csv_next(&c, e)) > 0) {
        double nodes, gpus;

        if (c.line == 1 && str_eq(c.fields[0], "pool")) {
            continue;
        }
        if (c.count < 3 || !read_number(c.fields[1], 1e5, &nodes) ||
            !read_number(c.fields[2], 1e3, &gpus) || gpus < 1) {
            got = csv_fail(&c, e, "a pool is 'name,nodes,GPUs of a node'", "mend it");
            break;
        }
        t->pools[pool_of(t, c.fields[0])].nodes = (int64_t)nodes;
        t->pools[pool_of(t, c.fields[0])].node_gpus = (int64_t)gpus;
    }
    fclose(c.f);
    return got;
}

void trace_size_pools(struct trace *t, double load, int64_t node_gpus)
{
    for (size_t i = 0; i < t->pool_count; i++) {
        double busy = t->span_ms > 0 ? (double)t->pools[i].work / (double)t->span_ms : 1;

        t->pools[i].node_gpus = node_gpus;
        t->pools[i].nodes = (int64_t)ceil(busy / load / (double)node_gpus);
    }
}

void trace_add(struct trace *t, int64_t gpus)
{
    for (size_t i = 0; i < t->pool_count; i++) {
        int64_t each = t->pools[i].node_gpus > 0 ? t->pools[i].node_gpus : 1;

        t->pools[i].nodes += (gpus + each - 1) / each;
    }
}

static int64_t largest_part(int64_t gpus, int64_t most)
{
    int64_t each = gpus < most ? gpus : most;

    while (each > 1 && gpus % each != 0) {
        each--;
    }
    return each;
}

void trace_split(struct trace *t)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->count; i++) {
        struct job j = t->jobs[i];
        const struct sim_pool *p = &t->pools[j.pool];
        int64_t each = p->node_gpus > 0 ? largest_part(j.gpus, p->node_gpus) : 0;

        if (each == 0 || j.gpus / each > p->nodes * (p->node_gpus / each)) {
            t->left_out++;
            continue;
        }
        j.pods = j.gpus / each;
        j.gpus = each;
        t->jobs[kept++] = j;
    }
    t->count = kept;
}
