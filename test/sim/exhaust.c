/*
 * exhaust.c — every order of events of a small world: two runs, one pool of two GPUs, two
 * candidates for the Lease, at most two faults. The process forks at each choice; states that were
 * seen before (by a hash of what the server holds, what is under way, and what the programs have
 * queued) are not entered again.
 *
 * Not chosen, but done at once: what a program that does not lead hears, opening watches, and the
 * Lease's own requests (faults strike those, too). Time passes when nothing else can happen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/span.h"
#include "sim/sim.h"

#define SEEN_SLOTS (1u << 22)
#define DEEPEST 4000

struct shared { /* by all processes */
    uint64_t states, again, ends, steps, violations, most, faulted;
    uint64_t seen[SEEN_SLOTS];
};
static struct shared *sh;
static unsigned path[DEEPEST], path_len; /* choices made on the way here */

struct choice {
    struct action a;
    enum fault fault; /* instead of the action */
    unsigned prog;    /* whom it strikes */
};

/* --- states ---------------------------------------------------------------------------------- */

/* True: it was not known. */
static bool is_new(uint64_t h)
{
    h = h != 0 ? h : 1;
    for (size_t i = 0; i < SEEN_SLOTS; i++) {
        uint64_t *slot = &sh->seen[(h + i) & (SEEN_SLOTS - 1)];

        if (*slot == h) {
            return false;
        }
        if (*slot == 0) {
            *slot = h;
            return true;
        }
    }
    return false;
}

/* --- what may happen ------------------------------------------------------------------------- */

static struct prog *prog_of(struct world *w, const struct action *a)
{
    switch (a->kind) {
    case ACT_SERVE:
    case ACT_REPLY:
        return w->calls[a->at].of;
    case ACT_OPEN:
    case ACT_TELL:
        return w->streams[a->at].of;
    case ACT_MOVE:
    case ACT_PEOPLE:
    case ACT_TIME:
    default:
        return NULL;
    }
}

/* Done at once: it commutes with all else, or nearly. */
static bool is_forced(struct world *w, const struct action *a)
{
    const struct prog *p = prog_of(w, a);
    bool call = a->kind == ACT_SERVE || a->kind == ACT_REPLY;

    return a->kind == ACT_OPEN || (p != NULL && !p->leads) ||
           (call && strstr(w->calls[a->at].r.path, "/leases") != NULL);
}

static void add(struct choice *list, size_t *n, struct choice c)
{
    if (*n < SIM_ACTIONS * 2) {
        list[(*n)++] = c;
    }
}

static bool has_unserved(struct world *w, const struct prog *p)
{
    for (size_t i = 0; i < SIM_CALLS; i++) {
        if (w->calls[i].of == p && !w->calls[i].served) {
            return true;
        }
    }
    return false;
}

static void add_faults(struct world *w, struct choice *list, size_t *n)
{
    for (size_t i = 0; i < w->action_count; i++) {
        const struct action *a = &w->actions[i];

        if (a->kind == ACT_SERVE && !str_eq(w->calls[a->at].r.method, "GET")) {
            add(list, n, (struct choice){*a, FAULT_LOST_REPLY, 0});
        }
    }
    for (unsigned i = 0; i < SIM_PROGRAMS && w->progs[i].program != NULL; i++) {
        const struct prog *p = &w->progs[i];

        if (!prog_is_awake(p) || !p->leads) {
            continue;
        }
        add(list, n, (struct choice){{ACT_TIME, 0, 0}, FAULT_CRASH_BEFORE, i});
        if (has_unserved(w, p)) {
            add(list, n, (struct choice){{ACT_TIME, 0, 0}, FAULT_CRASH_COMMIT, i});
        }
        add(list, n, (struct choice){{ACT_TIME, 0, 0}, FAULT_FREEZE, i});
    }
}

static size_t choices(struct world *w, struct choice *list)
{
    size_t n = 0;

    for (size_t i = 0; i < w->action_count; i++) {
        if (is_forced(w, &w->actions[i])) {
            add(list, &n, (struct choice){w->actions[i], FAULT_NONE, 0});
            return n;
        }
    }
    for (size_t i = 0; i < w->action_count; i++) {
        add(list, &n, (struct choice){w->actions[i], FAULT_NONE, 0});
    }
    if (n == 0) {
        add(list, &n, (struct choice){{ACT_TIME, 0, 0}, FAULT_NONE, 0});
        return n; /* time alone is no place for a fault: it was possible before */
    }
    if (w->faults.fired < w->faults.planned) {
        add_faults(w, list, &n);
    }
    return n;
}

/* --- going on -------------------------------------------------------------------------------- */

static void take(struct world *w, const struct choice *c)
{
    sh->steps++;
    if (c->fault == FAULT_NONE) {
        world_do(w, &c->a);
        return;
    }
    w->faults.fired++;
    if (c->fault == FAULT_LOST_REPLY) {
        world_strike(w, c->fault, &c->a);
    } else {
        world_strike_prog(w, &w->progs[c->prog], c->fault, 20000);
    }
    oracle_step(w);
}

static void tell(struct world *w)
{
    sh->violations++;
    printf("FAILED in the small world: %s\n  path:", w->violation);
    for (unsigned i = 0; i < path_len; i++) {
        printf(" %u", path[i]);
    }
    printf("\n");
    fflush(stdout);
}

/* To the end of this line; each other choice is a child that goes to the end of its own. */
static void go(struct world *w)
{
    static struct choice list[SIM_ACTIONS * 2];

    for (;;) {
        size_t n, mine;

        world_list(w);
        if (world_is_over(w)) {
            break;
        }
        n = choices(w, list);
        mine = n - 1;
        if (n > 1) {
            if (!is_new(world_state(w))) {
                sh->again++;
                return;
            }
            if (++sh->states >= sh->most || path_len == DEEPEST) {
                return;
            }
        }
        for (size_t i = 0; i + 1 < n; i++) {
            pid_t child = fork();

            if (child == 0) {
                mine = i;
                break;
            }
            if (child > 0) {
                waitpid(child, NULL, 0);
            }
        }
        if (n > 1) {
            path[path_len++] = (unsigned)mine;
        }
        take(w, &list[mine]);
    }
    if (w->violation[0] == '\0') {
        oracle_end(w);
    }
    sh->ends++;
    sh->faulted += w->faults.fired > 0;
    if (w->violation[0] != '\0') {
        tell(w);
    }
}

/* Both candidates have synced and one leads before anybody makes a run. */
static void settle(struct world *w)
{
    static const struct action time = {ACT_TIME, 0, 0};

    for (int i = 0; i < 2000 && !(w->progs[0].leads || w->progs[1].leads); i++) {
        world_list(w);
        world_do(w, w->action_count > 0 ? &w->actions[0] : &time);
    }
    for (int i = 0; i < 500; i++) {
        world_list(w);
        if (w->action_count == 0 || w->actions[0].kind == ACT_PEOPLE) {
            return;
        }
        world_do(w, &w->actions[0]);
    }
}

int exhaust(struct apisim *api, unsigned faults, unsigned long most)
{
    static struct world w;
    pid_t first;
    int status = 0;

    sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (sh == MAP_FAILED) {
        return 2;
    }
    sh->most = most;
    first = fork();
    if (first == 0) {
        w.api = api;
        world_begin(&w, &workload_small, 1, 0, 0);
        w.exhaustive = true;
        settle(&w);
        w.faults.planned = faults;
        go(&w);
        _exit(0);
    }
    waitpid(first, &status, 0);
    printf("%" PRIu64 " states (%" PRIu64 " met again), %" PRIu64 " ends, %" PRIu64
           " of them with faults, %" PRIu64 " steps, %" PRIu64 " violations; %s\n",
           sh->states, sh->again, sh->ends, sh->faulted, sh->steps, sh->violations,
           sh->states >= sh->most ? "cut short" : "complete");
    return sh->violations > 0 || status != 0 ? 1 : 0;
}
