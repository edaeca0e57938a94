/*
 * sim.h — the simulator: real controllers over a simulated API server and cluster, on a clock that
 * is a number. All that may happen next is a list; a seed decides which of it does, and which fault
 * strikes. The same seed is the same schedule, to the last byte.
 *
 *     world.c     the list, the clock, one step          program.c  a controller program, alive or
 * dead cluster.c   scheduler, kubelets, garbage           loop.c     lib/http/loop.h without time
 *     workload.c  what people do                         oracle.c   what must hold
 *     fault.c     what goes wrong                        heap.c     malloc, quickly
 *     main.c      seeds by the million                   exhaust.c  every schedule of a small world
 *     json.c      lib/json/json.h, quickly                state.c    which states are equal
 */
#ifndef DKUBE_SIM_H
#define DKUBE_SIM_H

#include <stdio.h>

#include "kube/shell.h"
#include "sim/api/apisim.h"
#include "support/prop.h"

#define SIM_PROGRAMS 4
#define SIM_CALLS 64
#define SIM_STREAMS 64
#define SIM_ACTIONS 256
#define SIM_EPOCH_MS 1790000000000 /* wall time at boot 0 */

enum fault {
    FAULT_NONE,
    FAULT_LOST_REPLY,   /* committed, no reply */
    FAULT_NOT_SENT,     /* the connection was refused */
    FAULT_CONFLICT,     /* 409 */
    FAULT_ERROR,        /* 500, nothing done */
    FAULT_LATE_ERROR,   /* 504 after the write was committed */
    FAULT_TOO_MANY,     /* 429 with Retry-After */
    FAULT_CUT,          /* a watch ends or breaks */
    FAULT_GONE,         /* the history is forgotten and a watch cut: 410 */
    FAULT_STALL,        /* a watch is silent for up to a minute */
    FAULT_CRASH_BEFORE, /* a program dies; what it sent never arrived */
    FAULT_CRASH_COMMIT, /* a program dies; what it sent is done, and nobody knows */
    FAULT_FREEZE,       /* a program stands still for longer than its lease lasts */
    FAULT_NODE,         /* a node goes, with its pods, and comes back */
    FAULT_POD,          /* a pod fails, is evicted or refused */
    FAULT_COUNT
};
extern const char *const fault_names[FAULT_COUNT];

struct world;

/* --- programs: program.c -----------------------------------------------------------------------
 */

struct call {        /* a request under way */
    struct prog *of; /* NULL: free */
    struct apisim_request r;
    struct apisim_reply reply;
    http_done_fn *done;
    void *ctx;
    int64_t deadline_ms, retry_after_ms;
    bool served;       /* it has been at the server */
    bool lost, unsent; /* how its reply ends */
    uint32_t serial;
    uint64_t ids[2]; /* hashes of whose and of what: under way there, and back */
};
struct http_stream { /* a watch under way; the simulator's own */
    struct prog *of; /* NULL: free */
    const char *path, *accept;
    struct apisim_watch *watch; /* NULL: not open yet */
    http_data_fn *data;
    http_done_fn *done;
    void *ctx;
    int64_t stalled_until_ms, ends_ms;
    uint32_t serial;
    uint64_t id; /* a hash of whose and of what */
};
struct prog {
    struct world *w;
    const struct program *program; /* NULL: no such program in this workload */
    unsigned id, lives;
    bool alive, leads;
    int64_t frozen_until_ms, starts_ms;
    struct transport t;
    struct loop *loop;
    struct caches *caches;
    struct shell *shell;
    struct lease *lease; /* NULL: acts without one */
    struct watcher *watchers[24];
    size_t watcher_count;
    int64_t due_ms;  /* of its shell and lease; 0: none */
    uint64_t inputs; /* a hash of all that it was told */
};
void prog_start(struct prog *p, bool with_lease);
void prog_kill(struct prog *p); /* its requests stay where they are, without anybody to answer to */
void prog_step(struct prog *p); /* after it was told something, or time has passed */
bool prog_is_awake(const struct prog *p);
int64_t prog_next_ms(struct prog *p); /* boot time of its next timer; 0: none */

/* loop.c: timers of one loop. */
int64_t sim_loop_next_ms(struct loop *l);
void sim_loop_fire(struct loop *l, int64_t now_ms);
extern int64_t sim_now_ms;     /* boot time: the one clock */
extern struct dice sim_jitter; /* what arc4random_uniform() is */

/* --- the cluster: cluster.c ----------------------------------------------------------------------
 */

enum move_kind { MOVE_BIND, MOVE_RUN, MOVE_END, MOVE_KILL, MOVE_COLLECT };
struct move {
    enum move_kind kind;
    const char *plural, *ns, *name, *uid;
};
struct sim_node {
    const char *name;
    int64_t down_until_ms; /* 0: up */
    int64_t evicts_ms;
};
#define SIM_NODES 4
#define SIM_MOVES 64
struct cluster {
    struct sim_node nodes[SIM_NODES];
    size_t node_count;
    struct move moves[SIM_MOVES];
    size_t move_count;
    uint64_t seen_version;
    int64_t seen_ms;
};
void cluster_add_node(struct world *w, const char *name, int gpus);
void cluster_look(struct world *w); /* fills moves */
void cluster_move(struct world *w, const struct move *m);
bool cluster_fail(struct world *w); /* a pod fails; false: there is none that could */
bool cluster_lose_node(struct world *w);
void cluster_time(struct world *w);       /* nodes come back, pods are evicted */
int64_t cluster_next_ms(struct world *w); /* 0: nothing waits */

/* --- workloads: workload.c
 * ------------------------------------------------------------------------ */

struct workload {
    const char *name;
    const struct program *programs[SIM_PROGRAMS];
    bool leases;
    void (*begin)(struct world *w);           /* what is there at first */
    bool (*can)(struct world *w, unsigned i); /* may people do their i-th thing now? */
    void (*act)(struct world *w, unsigned i);
    unsigned acts;
    const char *(*end)(struct world *w); /* what must be the same at every end; arena */
    const char *expected;
    unsigned length; /* steps of an ordinary schedule: faults are spread over them */
};
extern const struct workload *const workloads[];
extern const size_t workload_count;
extern const struct workload workload_small; /* of exhaust.c */

/* --- the world: world.c
 * --------------------------------------------------------------------------- */

enum action_kind { ACT_SERVE, ACT_REPLY, ACT_OPEN, ACT_TELL, ACT_MOVE, ACT_PEOPLE, ACT_TIME };
struct action {
    enum action_kind kind;
    unsigned at; /* index of the call, stream, move */
    uint64_t id; /* what it is, for hashes: the same in equal states */
};
struct seen_run { /* what a run has been: a phase that ends it stands for good */
    const char *uid, *final;
    int64_t attempt;
    int64_t podded; /* the attempt whose workers below have had their pods */
    uint64_t ranks; /* a bit for each */
};
#define SIM_RUNS 16
struct sim_faults {
    unsigned planned, fired;
    unsigned at[16]; /* steps from which on each may strike */
    uint32_t mask;   /* those left out (shrinking) */
    unsigned kinds[FAULT_COUNT];
};
struct world {
    struct apisim *api;
    const struct workload *load;
    struct prog progs[SIM_PROGRAMS];
    struct call calls[SIM_CALLS];
    struct http_stream streams[SIM_STREAMS];
    struct cluster cluster;
    struct dice dice, fate; /* what happens; what goes wrong */
    struct sim_faults faults;
    struct action actions[SIM_ACTIONS];
    size_t action_count;
    unsigned people_at; /* their next thing */
    unsigned steps;
    uint32_t serial;
    uint64_t hash;    /* of all decisions */
    uint64_t checked; /* server version up to which the oracles have looked */
    struct seen_run runs[SIM_RUNS];
    size_t run_count;
    int64_t settled_since_ms;
    bool trace, exhaustive; /* exhaustive: nothing is left to the dice */
    char violation[1024];   /* "" : none */
};
void world_begin(struct world *w, const struct workload *load, uint64_t seed, unsigned faults,
                 uint32_t mask);
void world_list(struct world *w);                       /* fills actions */
void world_do(struct world *w, const struct action *a); /* one step */
bool world_is_over(struct world *w);
void world_run(struct world *w); /* to the end: nothing happens any more, or something is wrong */
void world_end(struct world *w);
void world_fail(struct world *w, const char *fmt, ...) PRINTF(2, 3);
void world_note(struct world *w, const char *fmt, ...) PRINTF(2, 3); /* when tracing */
int64_t world_wall_ms(const struct world *w);
void world_serve(struct world *w, struct call *c); /* its request reaches the server */
uint64_t world_call_id(const struct call *c, bool served);
uint64_t world_stream_id(const struct http_stream *s);
void world_end_stream(struct http_stream *s, int status, const char *error);
/* fault.c: true when a fault has struck in place of the action. */
bool world_maybe_strike(struct world *w, const struct action *a);
/* frozen_ms: how long, if it freezes. */
void world_strike_prog(struct world *w, struct prog *p, enum fault f, int64_t frozen_ms);
/* False: this one cannot strike here. */
bool world_strike(struct world *w, enum fault f, const struct action *a);
/* A request of people or the cluster itself, done at once; the code. */
int world_request(struct world *w, const char *method, const char *path, const char *body);
int world_requestf(struct world *w, const char *method, const char *path, const char *fmt, ...)
    PRINTF(4, 5);

/* --- oracle.c
 * --------------------------------------------------------------------------------------- */

void oracle_request(struct world *w, const struct apisim_request *r); /* what programs send */
void oracle_step(struct world *w);                                    /* after each write */
void oracle_end(struct world *w);                                     /* when all is quiet */

void sim_json_forget(void); /* json.c: between schedules */

/* --- exhaust.c
 * --------------------------------------------------------------------------------------- */

uint64_t world_state(struct world *w); /* state.c: equal states are equal numbers */
struct search {
    unsigned faults, unusual; /* at most; UINT_MAX: choices are not counted */
    uint64_t states;          /* until that many */
    int jobs;
};
int exhaust(struct apisim *api, const struct search *search);

#endif
