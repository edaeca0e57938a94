/* faults.c — which fault strikes which call or event. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "proxy.h"

enum { FAULTS_MAX = 16, COUNTERS_MAX = 512, OWN_MAX = 4096, GONE_MAX = 16, TOLD_MAX = 128 };

static struct {
    pthread_mutex_t lock;
    struct arena a;
    struct fault faults[FAULTS_MAX];
    size_t count;
    struct {
        char *id;
        int64_t n;
    } counters[COUNTERS_MAX];
    size_t counter_count;
    char *own[OWN_MAX];
    size_t own_count;
    char *gone[GONE_MAX]; /* "program kind", owned */
    bool healing;
    char *told[TOLD_MAX]; /* the same, owned */
    size_t told_count;
} plan = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const struct {
    const char *name;
    enum action action;
} actions[] = {
    {"crash", ACT_CRASH},   {"signal", ACT_SIGNAL},   {"status", ACT_STATUS},
    {"reset", ACT_RESET},   {"cut", ACT_CUT},         {"hold", ACT_HOLD},
    {"delay", ACT_DELAY},   {"trickle", ACT_TRICKLE}, {"body", ACT_BODY},
    {"outage", ACT_OUTAGE}, {"actor", ACT_ACTOR},     {"drop", ACT_DROP},
    {"dup", ACT_DUP},       {"swap", ACT_SWAP},       {"old", ACT_OLD},
    {"gone", ACT_GONE},     {"stall", ACT_STALL},     {"split", ACT_SPLIT},
    {"insert", ACT_INSERT}, {"rewind", ACT_REWIND},   {"repeat", ACT_REPEAT},
    {"stale", ACT_STALE},
};

static enum action action_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (str_eq(actions[i].name, name)) {
            return actions[i].action;
        }
    }
    return ACT_NONE;
}

static enum when when_of(const char *s)
{
    return str_eq(s, "committed") ? WHEN_COMMITTED : str_eq(s, "after") ? WHEN_AFTER : WHEN_BEFORE;
}

static int read_fault(const struct json *j, struct fault *f, struct err *e)
{
    *f = (struct fault){
        .program = json_str(j, "program", NULL),
        .verb = json_str(j, "verb", NULL),
        .kind = json_str(j, "kind", NULL),
        .sub = json_str(j, "sub", NULL),
        .nth = json_int(j, "nth", 1),
        .count = json_int(j, "count", 1),
        .event = json_int(j, "event", 0),
        .initial = json_flag(j, "initial", false),
        .own = json_flag(j, "own", false),
        .action = action_of(json_str(j, "do", NULL)),
        .when = when_of(json_str(j, "when", NULL)),
        .code = json_int(j, "code", 500),
        .ms = json_int(j, "ms", 0),
        .at = json_int(j, "at", 0),
        .reason = json_str(j, "reason", "InternalError"),
        .retry_after = json_str(j, "retryAfter", NULL),
        .how = json_str(j, "how", ""),
        .signal = json_str(j, "signal", "TERM"),
        .target = json_str(j, "target", NULL),
        .index = (int)plan.count,
    };
    if (f->action == ACT_NONE) {
        return err_set(e, ERR_INVALID, "BadPlan", "a fault without a known \"do\"");
    }
    return 0;
}

static int read_file(const char *file, struct buf *b, struct err *e)
{
    char chunk[8192];
    size_t n;
    FILE *f = fopen(file, "re");

    if (f == NULL) {
        return err_set(e, ERR_INVALID, "BadPlan", "cannot read %s", file);
    }
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0) {
        if (buf_add(b, chunk, n) < 0) {
            fclose(f);
            return err_set(e, ERR_INVALID, "BadPlan", "%s is too large", file);
        }
    }
    fclose(f);
    return 0;
}

int faults_load(const char *file, struct err *e)
{
    struct buf text CLEANUP(buf_done) = {.max = 1u << 20};
    const struct json *j, *faults;

    if (read_file(file, &text, e) < 0 || json_parse(&plan.a, text.data, text.len, &j, e) < 0) {
        return -1;
    }
    faults = json_get(j, "faults");
    for (size_t i = 0; i < json_len(faults) && plan.count < FAULTS_MAX; i++) {
        if (read_fault(json_at(faults, i), &plan.faults[plan.count], e) < 0) {
            return -1;
        }
        plan.count++;
    }
    return 0;
}

static bool agrees(const char *want, const char *have)
{
    return want == NULL || str_eq(want, have);
}

static bool matches(const struct fault *f, const struct call *c)
{
    return agrees(f->program, c->program) && agrees(f->verb, c->verb) && agrees(f->kind, c->kind) &&
           agrees(f->sub, c->sub) &&
           (f->verb != NULL || f->kind != NULL || !str_eq(c->kind, "leases"));
}

/* Counts, and says whether it is the fault's turn. */
static bool strikes(struct fault *f)
{
    f->seen++;
    return f->seen >= f->nth && f->seen < f->nth + f->count;
}

const struct fault *faults_call(const struct call *c)
{
    const struct fault *hit = NULL;

    pthread_mutex_lock(&plan.lock);
    for (size_t i = 0; i < plan.count; i++) {
        struct fault *f = &plan.faults[i];

        if (f->event == 0 && matches(f, c) && strikes(f) && hit == NULL) {
            hit = f;
        }
    }
    pthread_mutex_unlock(&plan.lock);
    return hit;
}

static bool is_own(const char *rv)
{
    for (size_t i = plan.own_count; i > 0; i--) {
        if (str_eq(plan.own[i - 1], rv)) {
            return true;
        }
    }
    return false;
}

const struct fault *faults_event(const struct call *c, bool live, const char *rv)
{
    const struct fault *hit = NULL;

    pthread_mutex_lock(&plan.lock);
    for (size_t i = 0; i < plan.count; i++) {
        struct fault *f = &plan.faults[i];

        if (f->event == 0 || f->initial == live || !matches(f, c) || (f->own && !is_own(rv))) {
            continue;
        }
        f->seen++;
        if (f->seen >= f->event && f->seen < f->event + f->count && hit == NULL) {
            hit = f;
        }
    }
    pthread_mutex_unlock(&plan.lock);
    return hit;
}

int64_t faults_ordinal(const struct call *c)
{
    char id[256];
    int64_t n = 0;
    size_t i = 0;

    snprintf(id, sizeof id, "%s %s %s %s", c->program, c->verb, c->kind, c->sub);
    pthread_mutex_lock(&plan.lock);
    while (i < plan.counter_count && !str_eq(plan.counters[i].id, id)) {
        i++;
    }
    if (i < COUNTERS_MAX) {
        if (i == plan.counter_count) {
            plan.counters[plan.counter_count++].id = mem_strdup(id);
        }
        n = ++plan.counters[i].n;
    }
    pthread_mutex_unlock(&plan.lock);
    return n;
}

void faults_own(const char *rv)
{
    pthread_mutex_lock(&plan.lock);
    if (!str_empty(rv) && plan.own_count < OWN_MAX) {
        plan.own[plan.own_count++] = mem_strdup(rv);
    }
    pthread_mutex_unlock(&plan.lock);
}

static void stream_id(const struct call *c, char *id, size_t n)
{
    snprintf(id, n, "%s %s", c->program, c->kind);
}

void faults_force_gone(const struct call *c)
{
    char id[160];

    stream_id(c, id, sizeof id);
    pthread_mutex_lock(&plan.lock);
    for (size_t i = 0; i < GONE_MAX; i++) {
        if (plan.gone[i] == NULL) {
            plan.gone[i] = mem_strdup(id);
            break;
        }
    }
    pthread_mutex_unlock(&plan.lock);
}

/* Each stream that resumes is told once that its revision is too old. */
void faults_heal(void)
{
    pthread_mutex_lock(&plan.lock);
    plan.healing = true;
    for (size_t i = 0; i < plan.told_count; i++) {
        mem_free(plan.told[i]);
    }
    plan.told_count = 0;
    pthread_mutex_unlock(&plan.lock);
}

static bool is_told(const char *id)
{
    for (size_t i = 0; i < plan.told_count; i++) {
        if (str_eq(plan.told[i], id)) {
            return true;
        }
    }
    if (plan.told_count < TOLD_MAX) {
        plan.told[plan.told_count++] = mem_strdup(id);
    }
    return false;
}

bool faults_forced_gone(const struct call *c)
{
    char id[160];
    bool found;

    stream_id(c, id, sizeof id);
    pthread_mutex_lock(&plan.lock);
    found = plan.healing && !is_told(id);
    for (size_t i = 0; i < GONE_MAX && !found; i++) {
        if (plan.gone[i] != NULL && str_eq(plan.gone[i], id)) {
            mem_free(plan.gone[i]);
            plan.gone[i] = NULL;
            found = true;
        }
    }
    pthread_mutex_unlock(&plan.lock);
    return found;
}
