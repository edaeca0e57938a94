/*
 * dkuberun.h — one DkubeRun: looks up what it names, waits for the ledger, runs its pod, and says
 * how it went. States and rules: README.md; the table of phases: phase.h; the reasons: reasons.h.
 *
 * plan: the facts of the current phase give one signal, the table gives the next phase, and the
 * whole status is written; pods are made and removed only for a phase that already stands in the
 * status. So a controller may die at any point. Pure; the view borrows from the cache, texts are
 * arena memory.
 */
#ifndef DKUBE_CONTROLLERS_DKUBERUN_H
#define DKUBE_CONTROLLERS_DKUBERUN_H

#include "controllers/common/child.h"
#include "controllers/common/standing.h"
#include "controllers/dkuberun/phase.h"
#include "controllers/dkuberun/reasons.h"
#include "controllers/ledger/groups.h"
#include "kube/controller.h"

#define RUN_INPUTS_MAX 16
#define RUN_METRICS_MAX 100
#define TAKEN_MS 30000 /* until the next look at a name that is taken: its pod leads to no run */
#define RUN_MAIN "main"
#define RUN_FETCH "fetch"
#define RUN_COLLECT "collect"

/* An input or output as the spec names it, and what the cache knows of it. */
struct run_ref {
    const char *kind, *name;   /* Dataset or Model */
    const struct rec *owner;   /* that object, or NULL */
    const struct rec *version; /* inputs: the version asked for, or the newest ready; outputs: what
                                  became of it; or NULL */
    int64_t newest;            /* the highest number there is; 0: none */
};
struct run_view {
    struct subject subject;
    const struct step_conf *conf;
    struct answers answers;
    const struct refused *refused; /* its last write, by the API server; NULL: it was not */
    struct ns_pool space;          /* whose GPUs it may use; ns NULL: the namespace is no group's */
    const struct rec *pool, *repo;
    struct run_ref inputs[RUN_INPUTS_MAX], outputs[RUN_INPUTS_MAX];
    const char *resolve_name, *worker_name; /* of this attempt; arena */
    const struct rec *resolve, *worker;     /* the pods of those names, whoever's they are */
    const struct rec *node;                 /* the node that it was given or stands on, or NULL */
    const struct rec **pods;                /* all that it owns */
    size_t pod_count;
    uint32_t rank, workers; /* which of how many the worker above is */
    struct run_view *peers; /* of rank 0: the same run as ranks 1, 2 … see it */
};
/* The run as one of its workers sees it; v is rank 0's. */
const struct run_view *run_member(const struct run_view *v, uint32_t rank);
extern const struct controller dkuberun_controller;

bool run_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view);
void run_plan(const void *view, struct plan *p);

/* --- what a phase's facts say -------------------------------------------------------------------
 */

struct finding {
    enum run_signal signal;
    enum run_reason reason;
    const char *message;
    bool needs_help;        /* somebody must act, though it goes on */
    bool node_lost;         /* REQUEUE or REDO: counts as a lost node */
    bool costs_restart;     /* REQUEUE or REDO: uses up one of spec.restarts */
    int64_t look_again_ms;  /* wall clock; 0: when something changes */
    const struct kind *ask; /* REFUSED because this is not in the cache: is it really not there? */
    const char *ask_ns, *ask_name;
    int64_t retry_ms; /* it rests until then, without GPUs: status.retryTime; 0: it does not */
};

/* refusal.c: what the API server's refusal of the pod or Service `name` means. NONE with a message:
 * it may be allowed later. FAILED: never. No message: that was not refused. */
struct finding refusal_look(const struct run_view *v, struct arena *a, const struct kind *k,
                            const char *name);

/* policy.c: can it run at all? NONE: yes. REFUSED: never. A message without REFUSED: not yet. */
struct finding run_may_start(const struct run_view *v, struct arena *a);
struct finding run_may_wait(const struct run_view *v, struct arena *a); /* its pool alone */

/* resolve.c: the pod that looks up commit and image. */
struct resolved {
    const char *commit, *image; /* NULL: none */
};
struct finding resolve_look(const struct run_view *v, struct arena *a, struct resolved *ret);
const char *resolve_pod(const struct run_view *v, struct arena *a);
bool resolve_is_lost(const struct run_view *v); /* it ended without an answer: make it anew */

/* worker.c: the pod of this attempt; of several, one each. */
enum worker_state {
    WORKER_NONE,      /* not there */
    WORKER_TAKEN,     /* somebody else's pod has the name */
    WORKER_PENDING,   /* on its way */
    WORKER_UNBOUND,   /* not on a node in time */
    WORKER_STUCK,     /* it will never start */
    WORKER_RUNNING,   /* the program runs */
    WORKER_UPLOADING, /* the program has ended, the pod has not */
    WORKER_LEAVING,   /* being deleted, not gone */
    WORKER_DONE,      /* exit code 0 and every output stored */
    WORKER_FAILED,    /* ended badly */
    WORKER_REJECTED,  /* the node refused it */
    WORKER_LOST,      /* ended by the cluster, not by itself */
};
struct worker {
    enum worker_state state;
    enum run_reason reason;
    const char *message;
    bool may_retry;     /* FAILED: spec.restarts applies */
    bool never_started; /* FAILED: the program was not started */
    bool has_exit;      /* exit_code says how the program ended */
    int64_t exit_code;
    int64_t started_ms; /* the program's start; 0: not yet */
    int64_t ended_ms;   /* its end; 0: not yet */
    int64_t look_again_ms;
    const struct json *report; /* DONE: outputs[] of collect */
};
struct worker worker_look(const struct run_view *v, struct arena *a);
bool worker_is_stranded(const struct run_view *v); /* being deleted on a node that is not there */
int64_t worker_stranded_at(const struct run_view *v);
bool worker_is_abandoned(const struct run_view *v);   /* its node has not answered for too long */
const char *worker_absence(const struct run_view *v); /* why there is no pod, in words */
/* "the pod 'r1-worker-0'", or how many there are; arena. */
const char *worker_places(const struct run_view *v, struct arena *a);

/* pod.c: the body of the worker's pod, from the resolved status. */
const char *worker_pod(const struct run_view *v, struct arena *a);

/* gang.c: what a run of several pods has beside them: a Service that gives each a name, and the
 * variables by which programs find each other. */
#define GANG_PORT 29500 /* where rank 0 listens, if its program does */
const char *gang_service_name(const struct run_view *v, struct arena *a);
const char *gang_service(const struct run_view *v, struct arena *a);          /* its body */
const char *gang_host(const struct rec *run, struct arena *a, uint32_t rank); /* the same always */
struct env_var {
    const char *name, *value;
};
#define GANG_ENV_MAX 20
size_t gang_env(const struct run_view *v, struct arena *a, struct env_var ret[GANG_ENV_MAX]);
int64_t gang_pod_gpus(const struct run_view *v); /* of this worker's pod alone */

/* metrics.c: name=value in the lines of a log; the last value of a name counts. */
struct metric_value {
    const char *name, *value;
};
size_t metrics_parse(struct arena *a, const char *log, struct metric_value *ret, size_t max);

/* --- status.c: all that this controller writes ----------------------------------------------- */

struct status_input {
    const char *kind, *name, *digest;
    int64_t version;
};
struct status_output {
    const char *kind, *name, *digest, *version;
    int64_t size, files;
};
struct run_status {
    enum run_phase phase;
    const char *reason, *message;
    bool needs_help;
    int64_t attempt, restarts, node_losses;
    const char *commit, *image, *pod_name;
    struct status_input inputs[RUN_INPUTS_MAX];
    size_t input_count;
    struct status_output outputs[RUN_INPUTS_MAX];
    size_t output_count;
    bool has_exit;
    int64_t exit_code, start_ms, completion_ms, retry_ms;
    struct metric_value metrics[RUN_METRICS_MAX];
    size_t metric_count;
};
void status_load(struct run_status *st, const struct rec *live);
/* What collect's report says of spec.outputs. */
void status_take_outputs(struct run_status *st, const struct run_view *v,
                         const struct json *report);
/* The model-controller makes a version of each output; here it gets its name. */
void status_name_versions(struct run_status *st, const struct run_view *v);
void status_save(const struct run_status *st, const struct run_view *v, struct plan *p);

#endif
