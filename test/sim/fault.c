/* fault.c — what goes wrong, and when. */
#include "sim/sim.h"

#include <string.h>

#include "base/span.h"

static void crash(struct world *w, struct prog *p, bool commits)
{
    for (size_t i = 0; i < SIM_CALLS; i++) {
        struct call *c = &w->calls[i];

        if (c->of == p && !c->served && commits) {
            world_serve(w, c);
        }
    }
    prog_kill(p);
    p->starts_ms = sim_now_ms + 500 + roll(&w->fate, 3) * 1000;
}

static struct prog *some_prog(struct world *w)
{
    unsigned n = 0;

    while (n < SIM_PROGRAMS && w->progs[n].program != NULL) {
        n++;
    }
    struct prog *p = &w->progs[roll(&w->fate, n)];
    return prog_is_awake(p) ? p : NULL;
}

static struct http_stream *some_stream(struct world *w)
{
    struct http_stream *chosen = NULL;
    unsigned n = 0;

    for (size_t i = 0; i < SIM_STREAMS; i++) {
        struct http_stream *s = &w->streams[i];

        if (s->of != NULL && s->watch != NULL && prog_is_awake(s->of) && roll(&w->fate, ++n) == 0) {
            chosen = s;
        }
    }
    return chosen;
}

static bool strike_stream(struct world *w, enum fault f)
{
    static const int64_t pauses[] = {100, 1000, 10000, 60000};
    struct http_stream *s = some_stream(w);

    if (s == NULL) {
        return false;
    }
    world_note(w, "fault: %s on p%u %.80s", fault_names[f], s->of->id, s->path);
    if (f == FAULT_STALL) {
        s->stalled_until_ms = sim_now_ms + pauses[roll(&w->fate, 4)];
    } else if (f == FAULT_GONE) {
        apisim_compact(w->api);
        world_end_stream(s, 200, NULL);
    } else {
        world_end_stream(s, 200, chance(&w->fate, 50) ? "connection reset" : NULL);
    }
    return true;
}

void world_strike_prog(struct world *w, struct prog *p, enum fault f, int64_t frozen_ms)
{
    world_note(w, "fault: %s of p%u", fault_names[f], p->id);
    if (f == FAULT_FREEZE) {
        p->frozen_until_ms = sim_now_ms + frozen_ms;
    } else {
        crash(w, p, f == FAULT_CRASH_COMMIT);
    }
}

static bool strike_prog(struct world *w, enum fault f)
{
    static const int64_t pauses[] = {1000, 12000, 20000, 40000};
    struct prog *p = some_prog(w);

    if (p == NULL) {
        return false;
    }
    world_strike_prog(w, p, f, pauses[roll(&w->fate, 4)]);
    return true;
}

static void refuse(struct world *w, struct call *c, int code, const char *reason)
{
    struct arena *a = apisim_arena(w->api);

    c->served = true;
    c->reply.code = code;
    c->reply.body =
        arena_printf(a,
                     "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","
                     "\"reason\":\"%s\",\"message\":\"it is a fault\",\"code\":%d}",
                     reason, code);
    c->reply.len = strlen(c->reply.body);
}

static bool strike_call(struct world *w, enum fault f, struct call *c)
{
    bool writes = !str_eq(c->r.method, "GET");

    if (c->served || (!writes && (f == FAULT_CONFLICT || f == FAULT_LATE_ERROR)) ||
        (f == FAULT_CONFLICT && !str_eq(c->r.method, "PATCH"))) {
        return false;
    }
    world_note(w, "fault: %s on p%u %s %s", fault_names[f], c->of->id, c->r.method, c->r.path);
    if (f == FAULT_LOST_REPLY || f == FAULT_LATE_ERROR) {
        world_serve(w, c);
    }
    c->lost = f == FAULT_LOST_REPLY;
    c->unsent = f == FAULT_NOT_SENT;
    c->served = true;
    if (f == FAULT_LATE_ERROR) {
        refuse(w, c, 504, "Timeout");
    } else if (f == FAULT_ERROR) {
        refuse(w, c, 500, "InternalError");
    } else if (f == FAULT_CONFLICT) {
        refuse(w, c, 409, "Conflict");
    } else if (f == FAULT_TOO_MANY) {
        refuse(w, c, 429, "TooManyRequests");
        c->retry_after_ms = roll(&w->fate, 3) * 1000;
    }
    return true;
}

/* False: it cannot strike here. */
bool world_strike(struct world *w, enum fault f, const struct action *a)
{
    if (f >= FAULT_LOST_REPLY && f <= FAULT_TOO_MANY) {
        return a->kind == ACT_SERVE && strike_call(w, f, &w->calls[a->at]);
    }
    if (f >= FAULT_CUT && f <= FAULT_STALL) {
        return strike_stream(w, f);
    }
    if (f >= FAULT_CRASH_BEFORE && f <= FAULT_FREEZE) {
        return strike_prog(w, f);
    }
    return f == FAULT_NODE ? cluster_lose_node(w) : f == FAULT_POD && cluster_fail(w);
}

/* True: a fault has struck in place of the action. */
bool world_maybe_strike(struct world *w, const struct action *a)
{
    struct sim_faults *f = &w->faults;
    enum fault kind;

    if (f->fired >= f->planned || w->steps < f->at[f->fired]) {
        return false;
    }
    kind = 1 + roll(&w->fate, FAULT_COUNT - 1);
    if ((f->mask >> f->fired & 1) != 0) {
        f->fired++;
        return false;
    }
    if (!world_strike(w, kind, a)) {
        return false;
    }
    w->steps++;
    w->hash = (w->hash ^ (0x5bd1e995u + (uint64_t)kind) ^ a->id) * 0x100000001b3u;
    f->kinds[kind]++;
    f->fired++;
    oracle_step(w);
    return true;
}
