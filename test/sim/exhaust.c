/*
 * exhaust.c — every order of events of a small world: two runs, one pool of two GPUs, two
 * candidates for the Lease, at most two faults. The process forks at each choice; states that were
 * seen before (by a hash of what the server holds, what is under way, and what the programs have
 * queued) are not entered again.
 *
 * All orders are too many; those that differ from the usual one (the first of world_list()) in at
 * most N choices are not, and N can rise until time is out: an order that goes wrong mostly does
 * after few of them. Faults are not counted among these: each place is tried for each of them.
 *
 * Not chosen, but done at once: what a program that does not lead hears, opening watches, and the
 * Lease's own requests (faults strike those, too). Time passes when nothing else can happen.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/span.h"
#include "sim/sim.h"

#define SEEN_SLOTS (1u << 25)
#define DEEPEST 4000

struct shared { /* by all processes */
    uint64_t states, again, ends, steps, violations, most, faulted;
    int64_t spare; /* processes that may yet run beside */
    unsigned unusual;
    bool cut; /* something was left out */
    uint64_t seen[SEEN_SLOTS];
};
static struct shared *sh;
static unsigned path[DEEPEST], path_len; /* choices made on the way here */
static unsigned unusual;                 /* how many may still be another than the first */
static bool is_beside;                   /* nobody waits for this process */

struct choice {
    struct action a;
    enum fault fault; /* instead of the action */
    unsigned prog;    /* whom it strikes */
};

/* --- states ---------------------------------------------------------------------------------- */

static bool is_known(uint64_t h)
{
    for (size_t i = 0; i < SEEN_SLOTS; i++) {
        uint64_t slot = __atomic_load_n(&sh->seen[(h + i) & (SEEN_SLOTS - 1)], __ATOMIC_RELAXED);

        if (slot == h || slot == 0) {
            return slot == h;
        }
    }
    return false;
}

/* True: it was not known, and is now. */
static bool is_new(uint64_t h)
{
    for (size_t i = 0; i < SEEN_SLOTS; i++) {
        uint64_t *slot = &sh->seen[(h + i) & (SEEN_SLOTS - 1)], none = 0;

        if (__atomic_compare_exchange_n(slot, &none, h, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
            return true;
        }
        if (none == h) {
            return false;
        }
    }
    sh->cut = true; /* the table is full */
    return false;
}

static uint64_t with_left(uint64_t state, unsigned left)
{
    return (state ^ left * 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u | 1;
}

/* True: it was not entered with as many unusual choices left, or more. */
static bool is_to_enter(uint64_t state)
{
    for (unsigned more = unusual + 1; unusual != UINT_MAX && more <= sh->unusual; more++) {
        if (is_known(with_left(state, more))) {
            return false;
        }
    }
    return is_new(with_left(state, unusual));
}

static void count(uint64_t *what)
{
    __atomic_fetch_add(what, 1, __ATOMIC_RELAXED);
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
    count(&sh->steps);
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
    count(&sh->violations);
    printf("FAILED in the small world: %s\n  path:", w->violation);
    for (unsigned i = 0; i < path_len; i++) {
        printf(" %u", path[i]);
    }
    printf("\n");
    fflush(stdout);
}

/* A child that goes another way; waited for, unless there is room for one beside. */
static bool branches(void)
{
    bool beside = __atomic_fetch_sub(&sh->spare, 1, __ATOMIC_RELAXED) > 0;
    pid_t child;

    if (!beside) {
        __atomic_fetch_add(&sh->spare, 1, __ATOMIC_RELAXED);
    }
    fflush(stdout);
    child = fork();
    if (child == 0) {
        is_beside = beside;
        return true;
    }
    if (child < 0) {
        sh->cut = true;
    } else if (!beside) {
        waitpid(child, NULL, 0);
    }
    return false;
}

/* This and all other ways from here: the index of the one that this process takes. */
static size_t spread(const struct choice *list, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        bool is_usual = list[i].fault != FAULT_NONE;

        if (!is_usual && unusual == 0) {
            continue;
        }
        if (branches()) {
            unusual -= !is_usual && unusual != UINT_MAX;
            return i;
        }
    }
    return 0;
}

static bool goes_on(struct world *w)
{
    if (!is_to_enter(world_state(w))) {
        count(&sh->again);
        return false;
    }
    count(&sh->states);
    if (sh->states >= sh->most || path_len == DEEPEST) {
        sh->cut = true;
        return false;
    }
    return true;
}

/* To the end of this line; each other choice is a child that goes to the end of its own. */
static void go(struct world *w)
{
    static struct choice list[SIM_ACTIONS * 2];

    for (;;) {
        size_t n, mine = 0;

        world_list(w);
        if (world_is_over(w)) {
            break;
        }
        n = choices(w, list);
        if (n > 1) {
            if (!goes_on(w)) {
                return;
            }
            mine = spread(list, n);
            path[path_len++] = (unsigned)mine;
        }
        take(w, &list[mine]);
    }
    if (w->violation[0] == '\0') {
        oracle_end(w);
    }
    count(&sh->ends);
    if (w->faults.fired > 0) {
        count(&sh->faulted);
    }
    if (w->violation[0] != '\0') {
        tell(w);
    }
}

/* Ends the process when its own children have ended. */
static void leave(void)
{
    while (wait(NULL) > 0 || errno == EINTR) {
    }
    if (is_beside) {
        __atomic_fetch_add(&sh->spare, 1, __ATOMIC_RELAXED);
    }
    fflush(stdout);
    _exit(0);
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

int exhaust(struct apisim *api, const struct search *search)
{
    static struct world w;
    pid_t first;
    int status = 0;

    sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (sh == MAP_FAILED) {
        return 2;
    }
    sh->most = search->states;
    sh->spare = search->jobs - 1;
    sh->unusual = search->unusual;
    first = fork();
    if (first == 0) {
        w.api = api;
        world_begin(&w, &workload_small, 1, 0, 0);
        w.exhaustive = true;
        settle(&w);
        w.faults.planned = search->faults;
        unusual = search->unusual;
        go(&w);
        leave();
    }
    waitpid(first, &status, 0);
    if (search->unusual != UINT_MAX) {
        printf("at most %u unusual choices: ", search->unusual);
    }
    printf("%" PRIu64 " states (%" PRIu64 " met again), %" PRIu64 " ends, %" PRIu64
           " of them with faults, %" PRIu64 " steps, %" PRIu64 " violations; %s\n",
           sh->states, sh->again, sh->ends, sh->faulted, sh->steps, sh->violations,
           sh->cut ? "cut short" : "complete");
    return sh->violations > 0 || status != 0 ? 1 : 0;
}
