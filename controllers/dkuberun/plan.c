#include "api/artifactversion.gen.h"
#include "api/dkuberun.gen.h"
#include "api/pod.gen.h"
#include "api/service.gen.h"
#include "base/span.h"
#include "controllers/common/duration.h"
#include "controllers/common/podlook.h"
#include "controllers/dkuberun/turn.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/gpu.h"

#define LOG_LINES 200
#define REJECTED_PAUSE_MS 10000 /* before a rejected run queues again; doubled each time */
#define REJECTED_PAUSE_MAX_MS 300000
#define EARLY_PAUSE_MS 1000 /* at least, before a resolve pod that was refused is tried again */
/* A gang rests while pods of its last attempt end: until this is over, and longer. */
#define STRAYS_MS 60000
#define UNSEEN_MS 1000 /* until a pod that is there, and in no list, is looked for again */

static struct finding PRINTF(4, 5)
    find(struct turn *t, enum run_signal signal, enum run_reason reason, const char *fmt, ...)
{
    struct finding f = {.signal = signal, .reason = reason};
    va_list ap;

    va_start(ap, fmt);
    f.message = arena_vprintf(t->a, fmt, ap);
    va_end(ap);
    return f;
}

static bool is_wanted(const struct turn *t)
{
    return !dkuberun_spec_stop(t->live) && !rec_is_deleted(t->live);
}

static struct finding stop(struct turn *t)
{
    return find(t, SIGNAL_STOP, REASON_STOP_REQUESTED, "%s",
                rec_is_deleted(t->live) ? "the run is being deleted" : "spec.stop is true");
}

static struct finding stop_early(struct turn *t)
{
    return find(t, SIGNAL_STOP, REASON_STOPPED, "it was stopped before it was given a pod");
}

/* --- resting: the API server did not allow the pod ---------------------------------------------
 */

bool turn_is_resting(const struct turn *t)
{
    return t->st.retry_ms > t->v->subject.now_ms;
}

static struct finding rest(struct turn *t, struct finding f, int64_t pause_ms)
{
    f.retry_ms = (t->v->subject.now_ms + pause_ms + 999) / 1000 * 1000; /* whole seconds */
    f.look_again_ms = f.retry_ms;
    return f;
}

static struct finding rest_on(struct turn *t)
{
    struct finding f =
        find(t, SIGNAL_NONE, reason_parse(t->st.reason, REASON_POD_FORBIDDEN), "%s", t->st.message);

    f.needs_help = f.reason == REASON_POD_FORBIDDEN;
    f.retry_ms = f.look_again_ms = t->st.retry_ms;
    return f;
}

/* Attempts that failed without any fault of the run, each time twice as long a pause. */
int64_t turn_pause_of(const struct turn *t)
{
    int64_t others = t->st.restarts + (t->st.node_losses > 0), pause = REJECTED_PAUSE_MS;

    for (int64_t n = t->st.attempt - others; n > 0 && pause < REJECTED_PAUSE_MAX_MS; n--) {
        pause *= 2;
    }
    return pause < REJECTED_PAUSE_MAX_MS ? pause : REJECTED_PAUSE_MAX_MS;
}

/* Before the first attempt its age is the measure. */
static int64_t early_pause_of(const struct turn *t)
{
    int64_t age = t->v->subject.now_ms - rec_created_ms(t->live);

    age = age < EARLY_PAUSE_MS ? EARLY_PAUSE_MS : age;
    return age < REJECTED_PAUSE_MAX_MS ? age : REJECTED_PAUSE_MAX_MS;
}

/* --- Queued ---------------------------------------------------------------------------------- */

static void take_versions(struct turn *t)
{
    uint32_t count = dkuberun_spec_inputs_count(t->live);

    t->st.input_count = 0;
    for (uint32_t i = 0; i < count && i < RUN_INPUTS_MAX; i++) {
        const struct run_ref *ref = &t->v->inputs[i];

        t->st.inputs[t->st.input_count++] =
            (struct status_input){ref->kind, ref->name, artifactversion_spec_digest(ref->version),
                                  artifactversion_spec_number(ref->version)};
    }
}

static struct finding waits(struct turn *t)
{
    if (dkuberun_spec_free_only(t->live)) {
        return find(t, SIGNAL_NONE, REASON_WAITING_FOR_GPUS, "asks for GPUs that are free now");
    }
    return find(t, SIGNAL_NONE, REASON_WAITING_FOR_GPUS,
                "waits for %lld GPUs of the pool '%s', first in, first out",
                (long long)run_asks(t->live), t->v->space.pool);
}

static struct finding find_queued(struct turn *t)
{
    struct resolved r = {0};
    struct finding f;

    if (!is_wanted(t)) {
        return stop_early(t);
    }
    f = run_may_start(t->v, t->a);
    if (f.message != NULL) {
        return f;
    }
    if (turn_is_resting(t)) {
        return rest_on(t);
    }
    f = refusal_look(t->v, t->a, &kind_pod, t->v->resolve_name);
    if (f.message != NULL && t->v->resolve == NULL) {
        f.signal = f.signal == SIGNAL_FAILED ? SIGNAL_REFUSED : f.signal;
        return f.signal == SIGNAL_REFUSED ? f : rest(t, f, early_pause_of(t));
    }
    t->is_resolving = true;
    f = resolve_look(t->v, t->a, &r);
    if (f.signal != SIGNAL_RESOLVED) {
        return f;
    }
    take_versions(t);
    t->st.commit = r.commit;
    t->st.image = r.image;
    if (run_asks(t->live) == 0) {
        return find(t, SIGNAL_ADMITTED, REASON_ADMITTED, "it needs no GPUs; the pod is being made");
    }
    f = waits(t);
    f.signal = SIGNAL_RESOLVED;
    return f;
}

/* --- WaitingForGPUs -------------------------------------------------------------------------- */

/* "the node 'n1'" of one pod, else how many there are. */
static const char *places(struct turn *t)
{
    const struct rec *node = dkuberun_status_admission_nodes_at(t->live, 0);
    const char *name = dkuberun_status_admission_nodes_name(node);

    return t->root->workers > 1
               ? arena_printf(t->a, "%u pods, the first on the node '%s'", t->root->workers, name)
               : arena_printf(t->a, "the node '%s'", name);
}

/* Pods of the last attempt are still ending: it stands in no queue before they have, for two
 * attempts of a gang would hold twice the GPUs. */
static struct finding hold_back(struct turn *t)
{
    struct finding f = rest_on(t);

    if (t->st.retry_ms - STRAYS_MS / 2 < t->v->subject.now_ms) {
        return rest(t, f, STRAYS_MS);
    }
    f.look_again_ms = f.retry_ms - STRAYS_MS / 2 + 1;
    return f;
}

/* It rests because of a refusal, not only until pods have ended. */
static bool was_refused(const struct turn *t)
{
    return str_eq(t->st.reason, reason_text(REASON_QUOTA_EXCEEDED)) ||
           str_eq(t->st.reason, reason_text(REASON_POD_FORBIDDEN));
}

/* One pod of a gang was refused, for now or for good, and others are there. */
static bool was_refused_in_midst(const struct turn *t)
{
    return was_refused(t) || str_eq(t->st.reason, reason_text(REASON_POLICY_DENIED)) ||
           str_eq(t->st.reason, reason_text(REASON_POD_INVALID));
}

static struct finding find_waiting(struct turn *t)
{
    struct finding f;

    if (!is_wanted(t)) {
        return stop_early(t);
    }
    if (run_asks(t->live) == 0) {
        return find(t, SIGNAL_ADMITTED, REASON_ADMITTED, "it needs no GPUs; the pod is being made");
    }
    if (run_is_admitted(t->live) && run_gpus(t->live) == 0) {
        return find(t, SIGNAL_REFUSED, REASON_NO_FREE_GPUS,
                    "spec.freeOnly is true, and no GPU is free for it in its pool%s, without "
                    "delaying who waits; try again later, or leave spec.freeOnly out to wait",
                    t->v->space.pool == NULL ? " (the group has none)" : "");
    }
    if (run_is_admitted(t->live)) {
        return find(t, SIGNAL_ADMITTED, REASON_ADMITTED, "was given %lld GPUs of type %s on %s",
                    (long long)run_gpus(t->live), dkuberun_status_admission_type(t->live),
                    places(t));
    }
    if (run_is_gang(t->live) && crew_has_strays(t)) {
        return hold_back(t);
    }
    f = run_may_wait(t->v, t->a);
    if (f.message == NULL) {
        f = turn_is_resting(t) && was_refused(t) ? rest_on(t) : waits(t);
    }
    return f;
}

/* --- another attempt, or the end ------------------------------------------------------------- */

static struct finding again(struct turn *t, enum run_reason reason, const char *message)
{
    bool queue = run_asks(t->live) > 0;

    return find(t, queue ? SIGNAL_REQUEUE : SIGNAL_REDO, reason, "attempt %lld: %s",
                (long long)t->st.attempt, message);
}

static bool has_restart_left(const struct turn *t)
{
    return t->st.restarts < dkuberun_spec_restarts(t->live);
}

/* The first lost node is free, later ones use spec.restarts (rule 10). */
static struct finding lost(struct turn *t, const char *message)
{
    bool is_free = t->st.node_losses == 0;
    struct finding f;

    if (!is_free && !has_restart_left(t)) {
        return find(t, SIGNAL_FAILED, REASON_NODE_LOST,
                    "%s; that has happened %lld times, more than spec.restarts allows, so raise it "
                    "in a new run",
                    message, (long long)t->st.node_losses + 1);
    }
    f = again(t, REASON_NODE_LOST, message);
    f.node_lost = true;
    f.costs_restart = !is_free;
    return f;
}

static struct finding failed(struct turn *t)
{
    struct finding f;

    if (!t->w.may_retry || !has_restart_left(t)) {
        return find(t, SIGNAL_FAILED, t->w.reason, "%s", t->w.message);
    }
    f = again(t, REASON_RESTARTING, t->w.message);
    f.costs_restart = true;
    return f;
}

/* --- Starting -------------------------------------------------------------------------------- */

/* The attempt has been given up: its pod goes first, then the run queues again (rule 11). */
bool turn_is_giving_back(const struct turn *t)
{
    return str_eq(t->st.reason, reason_text(REASON_NOT_SCHEDULED)) ||
           str_eq(t->st.reason, reason_text(REASON_POD_REJECTED)) ||
           (t->st.phase == PHASE_STARTING && run_is_gang(t->live) && was_refused_in_midst(t));
}

/* Without a queue to return to, the next attempt begins at once, and must not look given up as
 * well. */
static enum run_reason reason_of_return(const struct turn *t)
{
    return run_asks(t->live) > 0 ? reason_parse(t->st.reason, REASON_NOT_SCHEDULED)
                                 : REASON_RESTARTING;
}

static struct finding stay(struct turn *t)
{
    struct finding f = find(t, SIGNAL_NONE, t->w.reason, "%s", t->w.message);

    f.needs_help = t->w.state == WORKER_TAKEN && !rec_is_deleted(t->v->worker);
    f.look_again_ms = t->w.look_again_ms;
    return f;
}

static struct finding started(struct turn *t)
{
    return find(t, SIGNAL_STARTED, REASON_RUNNING, "the program runs in %s",
                worker_places(t->v, t->a));
}

/* Its GPUs go back at once, by the next attempt (rule 9), and it rests before it queues again. */
static struct finding refused(struct turn *t, struct finding f)
{
    bool helpless = f.needs_help;

    if (!crew_is_gone(t)) { /* the others go first; the status remembers why */
        f.signal = SIGNAL_NONE;
        return f;
    }
    if (f.signal == SIGNAL_FAILED) {
        return f;
    }
    f = rest(t, again(t, f.reason, f.message), turn_pause_of(t));
    f.needs_help = helpless;
    return f;
}

/* What the API server said of a pod of this attempt, or of the Service beside them. */
static struct finding refusal_of(struct turn *t)
{
    struct finding f = {.signal = SIGNAL_NONE};

    for (uint32_t i = 0; i < t->root->workers && f.message == NULL; i++) {
        const struct run_view *v = run_member(t->root, i);

        if (t->each[i].state == WORKER_NONE) {
            f = refusal_look(v, t->a, &kind_pod, v->worker_name);
        }
    }
    if (f.message == NULL && run_is_gang(t->live)) {
        f = refusal_look(t->v, t->a, &kind_service, gang_service_name(t->v, t->a));
    }
    return f;
}

static struct finding find_pod_missing(struct turn *t)
{
    struct finding f;

    if (!str_empty(dkuberun_spec_code_repo(t->live)) && t->v->repo == NULL) {
        return find(t, SIGNAL_FAILED, REASON_UNKNOWN_CODE_REPO,
                    "spec.code.repo is '%s', which has been deleted; make it anew, and make a new "
                    "run",
                    dkuberun_spec_code_repo(t->live));
    }
    if (run_asks(t->live) > 0 && (t->v->node == NULL || worker_is_abandoned(t->v))) {
        return lost(t, worker_absence(t->v));
    }
    if (turn_is_resting(t)) {
        return rest_on(t);
    }
    f = refusal_of(t);
    return f.message != NULL ? refused(t, f) : stay(t);
}

/* The program has not been seen to start. */
static struct finding find_fresh(struct turn *t)
{
    switch (t->w.state) {
    case WORKER_NONE:
        return find_pod_missing(t);
    case WORKER_STUCK:
        return find(t, SIGNAL_FAILED, t->w.reason, "%s", t->w.message);
    case WORKER_LOST:
        return lost(t, t->w.message);
    case WORKER_FAILED:
        return t->w.never_started || t->root->workers > 1 ? failed(t) : started(t);
    case WORKER_RUNNING:
    case WORKER_UPLOADING:
    case WORKER_DONE:
        return started(t);
    case WORKER_TAKEN:
    case WORKER_PENDING:
    case WORKER_UNBOUND:
    case WORKER_REJECTED:
    case WORKER_LEAVING:
    default:
        return stay(t);
    }
}

static bool is_recalled(const struct turn *t)
{
    return run_is_admitted(t->live) && dkuberun_status_admission_recalled(t->live);
}

static struct finding recall(struct turn *t)
{
    return find(t, SIGNAL_STOP, REASON_RECALLED,
                "the pool '%s', which lent the GPUs, needs them back",
                dkuberun_status_admission_pool(t->live));
}

/* All that was made of the attempt is gone. */
static struct finding return_from(struct turn *t)
{
    enum run_reason why = reason_parse(t->st.reason, REASON_NOT_SCHEDULED);

    if (was_refused(t)) {
        return refused(t, (struct finding){.reason = why,
                                           .message = t->st.message,
                                           .needs_help = why == REASON_POD_FORBIDDEN});
    }
    return was_refused_in_midst(t) ? find(t, SIGNAL_FAILED, why, "%s", t->st.message)
                                   : again(t, reason_of_return(t), t->st.message);
}

static struct finding find_starting(struct turn *t)
{
    if (!is_wanted(t)) {
        return stop(t);
    }
    if (is_recalled(t)) {
        return recall(t);
    }
    if (turn_is_giving_back(t)) {
        return crew_is_gone(t)
                   ? return_from(t)
                   : find(t, SIGNAL_NONE, reason_parse(t->st.reason, REASON_NOT_SCHEDULED), "%s",
                          t->st.message);
    }
    return find_fresh(t);
}

/* --- Running --------------------------------------------------------------------------------- */

static struct finding find_alive(struct turn *t)
{
    int64_t limit_ms = duration_ms(dkuberun_spec_max_runtime(t->live));
    int64_t deadline = t->st.start_ms + limit_ms;
    struct finding f;

    if (!is_wanted(t)) {
        return stop(t);
    }
    if (is_recalled(t) && t->w.state != WORKER_UPLOADING) {
        return recall(t);
    }
    if (limit_ms == 0 || t->w.state != WORKER_RUNNING) {
        return stay(t);
    }
    if (t->v->subject.now_ms >= deadline) {
        return find(t, SIGNAL_TIMEOUT, REASON_MAX_RUNTIME,
                    "the program ran longer than spec.maxRuntime, %s; raise it in a new run",
                    dkuberun_spec_max_runtime(t->live));
    }
    f = stay(t);
    f.look_again_ms = deadline;
    return f;
}

/* A list may be of the past: a pod that ran and is not seen is looked for in the API before another
 * is made beside it. */
static struct finding pod_unseen(struct turn *t)
{
    const char *ns = rec_namespace(t->live);
    const struct answer *live = answer_get(&t->v->answers, &kind_pod, ns, t->v->worker_name);
    struct finding f;

    if (live != NULL && live->status == 404) {
        return lost(t, worker_absence(t->v));
    }
    f = find(t, SIGNAL_NONE, reason_parse(t->st.reason, REASON_RUNNING), "%s", t->st.message);
    if (live == NULL) {
        f.ask = &kind_pod;
        f.ask_ns = ns;
        f.ask_name = t->v->worker_name;
    } else {
        f.look_again_ms = t->v->subject.now_ms + UNSEEN_MS;
    }
    return f;
}

static struct finding pod_lost(struct turn *t)
{
    bool told = t->w.state == WORKER_LOST || t->w.state == WORKER_REJECTED;
    bool is_there = t->v->node != NULL || run_asks(t->live) == 0;

    if (!is_wanted(t)) {
        return stop(t);
    }
    if (t->v->worker == NULL && is_there && !worker_is_abandoned(t->v)) {
        return pod_unseen(t);
    }
    return lost(t, told ? t->w.message : worker_absence(t->v));
}

static struct finding find_running(struct turn *t)
{
    switch (t->w.state) {
    case WORKER_DONE:
        return find(t, SIGNAL_DONE, REASON_COMPLETE, "%s", t->w.message);
    case WORKER_FAILED:
        return failed(t);
    case WORKER_STUCK:
        return find(t, SIGNAL_FAILED, t->w.reason, "%s", t->w.message);
    case WORKER_NONE:
    case WORKER_TAKEN:
    case WORKER_LOST:
    case WORKER_REJECTED:
        return pod_lost(t);
    case WORKER_PENDING:
    case WORKER_UNBOUND:
    case WORKER_RUNNING:
    case WORKER_UPLOADING:
    case WORKER_LEAVING:
    default:
        return find_alive(t);
    }
}

/* --- Stopping -------------------------------------------------------------------------------- */

/* Back to waiting while spec.restarts are left (rule 13). */
static struct finding recalled(struct turn *t)
{
    struct finding f;

    if (!has_restart_left(t) || !is_wanted(t)) {
        return find(t, SIGNAL_GONE, REASON_RECALLED, "%s; it had no restart left", t->st.message);
    }
    f = again(t, REASON_RECALLED, t->st.message);
    f.costs_restart = true;
    return f;
}

static struct finding find_stopping(struct turn *t)
{
    enum run_reason why = reason_parse(t->st.reason, REASON_STOP_REQUESTED);
    bool there = t->w.state != WORKER_NONE && t->w.state != WORKER_TAKEN;

    if (there && !pod_has_ended(t->v->worker)) {
        struct finding f = find(t, SIGNAL_NONE, why, "%s", t->st.message);

        f.look_again_ms = t->w.state == WORKER_LEAVING ? t->w.look_again_ms : 0;
        return f;
    }
    if (why == REASON_MAX_RUNTIME) {
        return find(t, SIGNAL_FAILED, why, "%s", t->st.message);
    }
    if (why == REASON_RECALLED) {
        return recalled(t);
    }
    return find(t, SIGNAL_GONE, REASON_STOPPED, "it was stopped on request");
}

static struct finding find_final(struct turn *t)
{
    return (struct finding){.reason = reason_parse(t->st.reason, REASON_COMPLETE),
                            .message = t->st.message};
}

static struct finding (*const finders[PHASE_COUNT])(struct turn *t) = {
    [PHASE_QUEUED] = find_queued,     [PHASE_WAITING] = find_waiting,
    [PHASE_STARTING] = find_starting, [PHASE_RUNNING] = find_running,
    [PHASE_STOPPING] = find_stopping, [PHASE_COMPLETE] = find_final,
    [PHASE_ERROR] = find_final,       [PHASE_STOPPED] = find_final,
};

/* --- the new status -------------------------------------------------------------------------- */

static void begin_attempt(struct turn *t)
{
    t->st.attempt++;
    t->st.restarts += t->f.costs_restart;
    t->st.node_losses += t->f.node_lost;
    t->st.start_ms = 0;
    t->st.has_exit = false;
    t->st.pod_name = NULL;
}

/* A gang that goes back rests at once, while others of its pods are there. */
static int64_t retry_of(struct turn *t)
{
    bool goes_back = t->f.signal == SIGNAL_REQUEUE && t->root->workers > 1;

    return goes_back && t->f.retry_ms == 0 && !crew_is_over(t) ? rest(t, t->f, STRAYS_MS).retry_ms
                                                               : t->f.retry_ms;
}

/* What it says of the program. */
static void take_worker(struct turn *t)
{
    if (t->w.started_ms > 0) {
        t->st.start_ms = t->w.started_ms;
    }
    if (t->w.has_exit) {
        t->st.has_exit = true;
        t->st.exit_code = t->w.exit_code;
    }
}

static void change(struct turn *t)
{
    enum run_phase next = phase_next(t->st.phase, t->f.signal);

    if (phase_is_final(next) && !phase_is_final(t->st.phase)) {
        t->st.completion_ms = t->v->subject.now_ms;
    }
    t->st.phase = next;
    if (!phase_is_final(next) || t->f.signal != SIGNAL_NONE) {
        t->st.reason = reason_text(t->f.reason);
        t->st.message = t->f.message;
    }
    t->st.needs_help = t->f.needs_help;
    t->st.retry_ms = phase_is_final(next) ? 0 : retry_of(t);
    if (next == PHASE_STARTING || next == PHASE_RUNNING) {
        t->st.pod_name = t->root->worker_name;
    }
    take_worker(t);
    if (t->f.signal == SIGNAL_REQUEUE || t->f.signal == SIGNAL_REDO) {
        begin_attempt(t);
    }
    if (t->f.signal == SIGNAL_DONE) {
        status_take_outputs(&t->st, t->v, t->w.report);
    }
    if (next == PHASE_COMPLETE) {
        status_name_versions(&t->st, t->v);
    }
}

/* The last lines of the program, before the run ends; false: they have been asked for. */
static bool read_metrics(struct turn *t)
{
    const char *ns = rec_namespace(t->live);
    const struct answer *log;

    if (t->st.phase != PHASE_RUNNING || !t->w.has_exit ||
        !phase_is_final(phase_next(t->st.phase, t->f.signal))) {
        return true;
    }
    log = answer_log(&t->v->answers, ns, t->root->worker_name, RUN_MAIN);
    if (log == NULL) {
        plan_need_log(t->p, ns, t->root->worker_name, RUN_MAIN, LOG_LINES);
        return false;
    }
    if (log->status == 200) {
        t->st.metric_count = metrics_parse(t->a, log->body, t->st.metrics, RUN_METRICS_MAX);
    }
    return true;
}

/* A pod that is on its way to a node counts by its run's claim alone: before a gang gives that up,
 * such pods go. What it found, it finds again. */
static bool leaves_unbound(struct turn *t)
{
    return t->st.phase == PHASE_STARTING && t->root->workers > 1 &&
           (t->f.signal == SIGNAL_REQUEUE || t->f.signal == SIGNAL_FAILED) && turn_drop_unbound(t);
}

void run_plan(const void *view, struct plan *p)
{
    const struct run_view *v = view;
    struct turn t = {.v = v, .root = v, .live = v->subject.live, .p = p, .a = p->a};

    status_load(&t.st, t.live);
    if (t.st.phase == PHASE_STARTING || t.st.phase == PHASE_RUNNING ||
        t.st.phase == PHASE_STOPPING) {
        crew_look(&t);
    }
    t.f = finders[t.st.phase](&t);
    if (t.f.ask != NULL) {
        plan_need_get(p, t.f.ask, t.f.ask_ns, t.f.ask_name);
        return;
    }
    if (!read_metrics(&t) || leaves_unbound(&t)) {
        return;
    }
    change(&t);
    status_save(&t.st, v, p);
    if (t.f.signal == SIGNAL_NONE) {
        turn_act(&t);
        turn_look_again(&t, t.f.look_again_ms);
        crew_look_again(&t);
    }
}
