/* world.c — all that may happen next, and one step of it. */
#include "sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"

#define MOST_STEPS 20000
#define MOST_MS (4 * 3600 * 1000)

const char *const fault_names[FAULT_COUNT] = {
    [FAULT_NONE] = "none",
    [FAULT_LOST_REPLY] = "lost-reply",
    [FAULT_NOT_SENT] = "not-sent",
    [FAULT_CONFLICT] = "conflict",
    [FAULT_ERROR] = "error",
    [FAULT_LATE_ERROR] = "late-error",
    [FAULT_TOO_MANY] = "too-many",
    [FAULT_CUT] = "cut",
    [FAULT_GONE] = "gone",
    [FAULT_STALL] = "stall",
    [FAULT_CRASH_BEFORE] = "crash",
    [FAULT_CRASH_COMMIT] = "crash-after-commit",
    [FAULT_FREEZE] = "freeze",
    [FAULT_NODE] = "node",
    [FAULT_POD] = "pod",
};

void world_fail(struct world *w, const char *fmt, ...)
{
    va_list ap;

    if (w->violation[0] != '\0') {
        return;
    }
    va_start(ap, fmt);
    vsnprintf(w->violation, sizeof(w->violation), fmt, ap);
    va_end(ap);
}

void world_note(struct world *w, const char *fmt, ...)
{
    va_list ap;

    if (!w->trace) {
        return;
    }
    printf("%9.3f %5u  ", (double)sim_now_ms / 1000, w->steps);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
}

int64_t world_wall_ms(const struct world *w UNUSED)
{
    return SIM_EPOCH_MS + sim_now_ms;
}

int world_request(struct world *w, const char *method, const char *path, const char *body)
{
    struct apisim_request r = {.method = method,
                               .path = path,
                               .content_type = "application/json",
                               .body = body,
                               .body_len = body != NULL ? strlen(body) : 0};
    struct apisim_reply reply = {0};

    if (str_eq(method, "PATCH")) {
        r.content_type = "application/merge-patch+json";
    }
    apisim_set_time(w->api, world_wall_ms(w));
    apisim_call(w->api, &r, &reply);
    world_note(w, "        %s %s: %d", method, path, reply.code);
    if (reply.code >= 400 && !str_eq(method, "DELETE")) {
        world_fail(w, "the workload's own %s %s was answered with %d: %s", method, path, reply.code,
                   reply.body);
    }
    return reply.code;
}

int world_requestf(struct world *w, const char *method, const char *path, const char *fmt, ...)
{
    const char *body;
    va_list ap;

    va_start(ap, fmt);
    body = arena_vprintf(apisim_arena(w->api), fmt, ap);
    va_end(ap);
    return world_request(w, method, path, body);
}

/* --- life ------------------------------------------------------------------------------------ */

static void plan_faults(struct world *w, unsigned faults, uint32_t mask)
{
    struct sim_faults *f = &w->faults;

    f->planned = faults < ARRAY_LEN(f->at) ? faults : ARRAY_LEN(f->at);
    f->mask = mask;
    for (unsigned i = 0; i < f->planned; i++) {
        f->at[i] = roll(&w->fate, w->load->length * 3 / 4 + 1);
    }
    for (unsigned i = 1; i < f->planned; i++) { /* in order */
        for (unsigned j = i; j > 0 && f->at[j - 1] > f->at[j]; j--) {
            unsigned x = f->at[j];

            f->at[j] = f->at[j - 1];
            f->at[j - 1] = x;
        }
    }
}

void world_begin(struct world *w, const struct workload *load, uint64_t seed, unsigned faults,
                 uint32_t mask)
{
    struct apisim *api = w->api;
    bool trace = w->trace;

    memset(w, 0, sizeof(*w));
    *w = (struct world){.api = api, .load = load, .trace = trace, .hash = 0xcbf29ce484222325u};
    w->dice.state = seed * 0x2545f4914f6cdd1du + 1;
    w->fate.state = seed * 0x9e3779b97f4a7c15u + 2;
    sim_jitter.state = seed + 3;
    sim_now_ms = 1000000;
    sim_json_forget();
    apisim_reset(api);
    apisim_set_time(api, world_wall_ms(w));
    plan_faults(w, faults, mask);
    load->begin(w);
    w->settled_since_ms = sim_now_ms;
    for (unsigned i = 0; i < SIM_PROGRAMS && load->programs[i] != NULL; i++) {
        w->progs[i] = (struct prog){.w = w, .program = load->programs[i], .id = i};
        prog_start(&w->progs[i], load->leases);
    }
}

void world_end(struct world *w)
{
    for (unsigned i = 0; i < SIM_PROGRAMS; i++) {
        if (w->progs[i].program != NULL) {
            prog_kill(&w->progs[i]);
        }
    }
}

/* --- the list -------------------------------------------------------------------------------- */

static uint64_t hash_text(uint64_t h, const char *s)
{
    for (; *s != '\0'; s++) {
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    }
    return h;
}

static void add(struct world *w, enum action_kind kind, size_t at, uint64_t id)
{
    if (w->action_count < SIM_ACTIONS) {
        w->actions[w->action_count++] = (struct action){kind, (unsigned)at, id};
    }
}

bool prog_is_awake(const struct prog *p)
{
    return p->alive && p->frozen_until_ms <= sim_now_ms;
}

uint64_t world_call_id(const struct call *c, bool served)
{
    return hash_text(hash_text(c->of->id * 31u + served, c->r.method), c->r.path);
}

uint64_t world_stream_id(const struct http_stream *s)
{
    size_t n = strcspn(s->path, "?");
    uint64_t h = s->of->id * 37u;

    for (size_t i = 0; i < n; i++) {
        h = (h ^ (unsigned char)s->path[i]) * 0x100000001b3u;
    }
    return h;
}

static void list_network(struct world *w)
{
    for (size_t i = 0; i < SIM_CALLS; i++) {
        const struct call *c = &w->calls[i];

        if (c->of != NULL && (!c->served || prog_is_awake(c->of))) {
            add(w, c->served ? ACT_REPLY : ACT_SERVE, i, c->ids[c->served]);
        }
    }
    for (size_t i = 0; i < SIM_STREAMS; i++) {
        const struct http_stream *s = &w->streams[i];

        if (s->of == NULL || !prog_is_awake(s->of) || s->stalled_until_ms > sim_now_ms) {
            continue;
        }
        if (s->watch == NULL) {
            add(w, ACT_OPEN, i, s->id);
        } else if (apisim_watch_ready(s->watch)) {
            add(w, ACT_TELL, i, s->id);
        }
    }
}

void world_list(struct world *w)
{
    w->action_count = 0;
    list_network(w);
    cluster_look(w);
    for (size_t i = 0; i < w->cluster.move_count; i++) {
        const struct move *m = &w->cluster.moves[i];

        add(w, ACT_MOVE, i, hash_text(hash_text((uint64_t)m->kind + 7, m->ns), m->name));
    }
    if (w->people_at < w->load->acts && w->load->can(w, w->people_at)) {
        add(w, ACT_PEOPLE, w->people_at, w->people_at + 1);
    }
}

/* --- time ------------------------------------------------------------------------------------ */

static void earliest(int64_t *next, int64_t at)
{
    if (at > 0 && (*next == 0 || at < *next)) {
        *next = at;
    }
}

static int64_t next_ms(struct world *w)
{
    int64_t next = cluster_next_ms(w);

    for (size_t i = 0; i < SIM_PROGRAMS && w->progs[i].program != NULL; i++) {
        earliest(&next, prog_next_ms(&w->progs[i]));
    }
    for (size_t i = 0; i < SIM_STREAMS; i++) {
        const struct http_stream *s = &w->streams[i];

        if (s->of != NULL && prog_is_awake(s->of)) {
            earliest(&next, s->ends_ms);
            earliest(&next, s->stalled_until_ms > sim_now_ms ? s->stalled_until_ms : 0);
        }
    }
    for (size_t i = 0; i < SIM_CALLS; i++) {
        if (w->calls[i].of != NULL && prog_is_awake(w->calls[i].of)) {
            earliest(&next, w->calls[i].deadline_ms);
        }
    }
    return next;
}

void world_end_stream(struct http_stream *s, int status, const char *error)
{
    struct prog *p = s->of;
    http_done_fn *done = s->done;
    void *ctx = s->ctx;

    s->of = NULL;
    done(ctx, &(struct http_response){.status = status, .sent = true, .body = "", .error = error});
    prog_step(p);
}

static void answer(struct call *c, const struct http_response *r)
{
    struct prog *p = c->of;
    http_done_fn *done = c->done;
    void *ctx = c->ctx;

    c->of = NULL;
    done(ctx, r);
    prog_step(p);
}

static void time_out(struct world *w)
{
    for (size_t i = 0; i < SIM_CALLS; i++) {
        struct call *c = &w->calls[i];

        if (c->of != NULL && prog_is_awake(c->of) && c->deadline_ms <= sim_now_ms) {
            answer(c, &(struct http_response){.sent = true, .error = "timed out"});
        }
    }
    for (size_t i = 0; i < SIM_STREAMS; i++) {
        struct http_stream *s = &w->streams[i];

        if (s->of != NULL && prog_is_awake(s->of) && s->ends_ms <= sim_now_ms) {
            world_end_stream(s, 200, NULL);
        }
    }
}

static void pass_time(struct world *w)
{
    int64_t next = next_ms(w);

    if (next == 0) {
        return;
    }
    sim_now_ms = next > sim_now_ms ? next : sim_now_ms + 1;
    apisim_set_time(w->api, world_wall_ms(w));
    for (size_t i = 0; i < SIM_PROGRAMS && w->progs[i].program != NULL; i++) {
        struct prog *p = &w->progs[i];

        if (!p->alive && p->starts_ms > 0 && p->starts_ms <= sim_now_ms) {
            world_note(w, "p%u starts again", p->id);
            prog_start(p, w->load->leases);
        } else if (prog_is_awake(p)) {
            sim_loop_fire(p->loop, sim_now_ms);
            prog_step(p);
        }
    }
    time_out(w);
    cluster_time(w);
}

/* --- one step -------------------------------------------------------------------------------- */

void world_serve(struct world *w, struct call *c)
{
    apisim_set_time(w->api, world_wall_ms(w));
    apisim_call(w->api, &c->r, &c->reply);
    c->served = true;
    world_note(w, "p%u %s %s: %d", c->of->id, c->r.method, c->r.path, c->reply.code);
}

static void reply(struct world *w, struct call *c)
{
    struct http_response r = {.status = c->reply.code,
                              .sent = !c->unsent,
                              .body = c->reply.body,
                              .body_len = c->reply.len,
                              .retry_after_ms = c->retry_after_ms};

    if (c->lost || c->unsent) {
        r.status = 0;
        r.body_len = 0;
        r.error = "connection reset";
    }
    world_note(w, "p%u is told of %s %s: %d", c->of->id, c->r.method, c->r.path, r.status);
    answer(c, &r);
}

/* A page of a list, in two pieces. */
static void send_page(struct world *w, struct http_stream *s)
{
    struct apisim_request q = {.method = "GET", .path = s->path};
    struct apisim_reply r = {0};
    uint32_t serial = s->serial;
    size_t half;

    apisim_call(w->api, &q, &r);
    world_note(w, "p%u GET %s: %d", s->of->id, s->path, r.code);
    half = r.len / 2;
    if (r.code == 200 && s->data(s->ctx, r.body, half) == 0 && s->serial == serial) {
        (void)s->data(s->ctx, r.body + half, r.len - half);
    }
    if (s->of != NULL && s->serial == serial) {
        world_end_stream(s, r.code, NULL);
    }
}

static void open_watch(struct world *w, struct http_stream *s)
{
    struct apisim_reply r = {0};

    if (strstr(s->path, "watch=1") == NULL) {
        send_page(w, s);
        return;
    }
    s->watch = apisim_watch_open(w->api, s->path, s->accept, &r);
    if (s->watch == NULL) {
        world_end_stream(s, r.code, NULL);
    }
}

/* One event or all there are; the reader may end the stream. */
static void tell(struct world *w, struct http_stream *s)
{
    bool all = w->load->leases ? true : chance(&w->dice, 50);
    struct prog *p = s->of;
    uint32_t serial = s->serial;
    const char *line;

    do {
        line = apisim_watch_next(s->watch);
        if (line == NULL) {
            break;
        }
        world_note(w, "p%u hears %.150s", p->id, line);
        if (s->data(s->ctx, line, strlen(line)) < 0) {
            world_end_stream(s, 200, NULL);
            return;
        }
    } while ((all || strstr(line, "\"ADDED\"") != NULL) && s->of == p && s->serial == serial);
    prog_step(p);
}

void world_do(struct world *w, const struct action *a)
{
    w->steps++;
    w->hash = (w->hash ^ (a->id * 8 + (uint64_t)a->kind)) * 0x100000001b3u;
    switch (a->kind) {
    case ACT_SERVE:
        world_serve(w, &w->calls[a->at]);
        break;
    case ACT_REPLY:
        reply(w, &w->calls[a->at]);
        break;
    case ACT_OPEN:
        open_watch(w, &w->streams[a->at]);
        break;
    case ACT_TELL:
        tell(w, &w->streams[a->at]);
        break;
    case ACT_MOVE:
        world_note(w, "        move %d of %s", (int)w->cluster.moves[a->at].kind,
                   w->cluster.moves[a->at].name);
        cluster_move(w, &w->cluster.moves[a->at]);
        break;
    case ACT_PEOPLE:
        w->people_at++;
        w->load->act(w, a->at);
        break;
    case ACT_TIME:
        pass_time(w);
        break;
    }
    oracle_step(w);
}

/* What there is, when something was wrong and somebody looks. */
static void dump(struct world *w)
{
    static const char *const kinds[] = {
        "nodes",     "pools",  "groups",      "dkuberuns",        "datastores", "datasets",
        "coderepos", "models", "deployments", "artifactversions", "pods"};
    struct apisim_object o;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        for (size_t at = 0; apisim_each(w->api, kinds[i], &at, &o);) {
            const struct tree *status = jt_key(o.body, "status");

            world_note(w, "%s %s v%llu %s", o.kind, o.name, (unsigned long long)o.version,
                       status != NULL ? jt_text(apisim_arena(w->api), status) : "");
        }
    }
    for (size_t i = 0; i < SIM_PROGRAMS && w->progs[i].program != NULL; i++) {
        if (w->progs[i].alive) {
            struct jsonw j;

            jsonw_init(&j, apisim_arena(w->api));
            jsonw_obj(&j, NULL);
            shell_describe(w->progs[i].shell, &j);
            jsonw_end(&j);
            world_note(w, "p%zu %s", i, jsonw_text(&j));
        }
    }
}

/* --- to the end ------------------------------------------------------------------------------ */

/* Every watch is open: none waits for its turn to be tried again. */
static bool is_watching(struct world *w, const struct prog *p)
{
    size_t n = 0;

    for (size_t i = 0; i < SIM_STREAMS; i++) {
        n += w->streams[i].of == p && w->streams[i].watch != NULL;
    }
    return n == p->watcher_count;
}

static bool is_calm(struct world *w)
{
    for (size_t i = 0; i < SIM_PROGRAMS && w->progs[i].program != NULL; i++) {
        const struct prog *p = &w->progs[i];

        if (!prog_is_awake(p) || (!w->load->leases && !shell_is_idle(p->shell)) ||
            !shell_is_synced(p->shell, NULL) || !is_watching(w, p)) {
            return false;
        }
    }
    for (size_t i = 0; i < SIM_STREAMS; i++) {
        if (w->streams[i].of != NULL && w->streams[i].stalled_until_ms > sim_now_ms) {
            return false;
        }
    }
    return cluster_next_ms(w) == 0 && w->people_at == w->load->acts;
}

bool world_is_over(struct world *w)
{
    int64_t quiet = w->load->leases ? 12000 : 65000;

    if (w->violation[0] != '\0') {
        return true;
    }
    if (w->steps > MOST_STEPS || sim_now_ms > 1000000 + MOST_MS) {
        world_fail(w, "it comes to no end: %s, wanted %s", w->load->end(w), w->load->expected);
        return true;
    }
    return w->action_count == 0 && sim_now_ms - w->settled_since_ms >= quiet && is_calm(w) &&
           str_eq(w->load->end(w), w->load->expected);
}

void world_run(struct world *w)
{
    static const struct action time = {ACT_TIME, 0, 0};

    for (;;) {
        const struct action *a = &time;

        world_list(w);
        if (world_is_over(w)) {
            break;
        }
        if (w->action_count > 0 && !chance(&w->dice, 2)) {
            a = &w->actions[roll(&w->dice, (unsigned)w->action_count)];
        }
        if (!world_maybe_strike(w, a)) {
            world_do(w, a);
        }
    }
    if (w->violation[0] == '\0') {
        oracle_end(w);
    }
    if (w->trace && w->violation[0] != '\0') {
        dump(w);
    }
}
