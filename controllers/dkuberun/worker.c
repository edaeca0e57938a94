#include "api/dkuberun.gen.h"
#include "api/pod.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "controllers/common/podlook.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/dkuberun/part.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/gpu.h"

#define BIND_MS 60000     /* rule 11 */
#define PATIENCE_MS 60000 /* a container that cannot start for so long never will */
#define STRANDED_MS 30000 /* past the deletion's grace, on a node that does not answer */

static struct worker PRINTF(4, 5)
    look(struct arena *a, enum worker_state state, enum run_reason reason, const char *fmt, ...)
{
    struct worker w = {.state = state, .reason = reason};
    va_list ap;

    va_start(ap, fmt);
    w.message = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return w;
}

static const char *logs(const struct run_view *v, struct arena *a)
{
    return arena_printf(a, "see kubectl logs -n %s %s -c " RUN_MAIN, rec_namespace(v->subject.live),
                        v->worker_name);
}

/* --- how it ended ---------------------------------------------------------------------------- */

static const struct rec *condition_of(const struct rec *pod, const char *type)
{
    for (uint32_t i = 0; i < pod_status_conditions_count(pod); i++) {
        const struct rec *c = pod_status_conditions_at(pod, i);

        if (str_eq(pod_status_conditions_type(c), type)) {
            return c;
        }
    }
    return NULL;
}

static bool reports_output(const struct json *report, const char *name)
{
    const struct json *list = json_key(report, "outputs");

    for (size_t i = 0; i < json_len(list); i++) {
        if (str_eq(json_str(json_at(list, i), "name", ""), name) &&
            strncmp(json_str(json_at(list, i), "digest", ""), "sha256:", 7) == 0) {
            return true;
        }
    }
    return false;
}

/* All outputs or none (rule 22). */
static struct worker look_outputs(const struct run_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    struct part c = part_of(v->worker, RUN_COLLECT);
    const struct json *report = part_report(a, &c);
    const char *said, *text = part_error(a, &c, &said);
    struct worker w = {.state = WORKER_DONE, .reason = REASON_COMPLETE, .report = report};

    for (uint32_t i = 0; i < dkuberun_spec_outputs_count(live) && v->rank == 0; i++) {
        const char *name = dkuberun_spec_outputs_name(dkuberun_spec_outputs_at(live, i));

        if (text != NULL || !reports_output(report, name)) {
            return look(a, WORKER_FAILED, reason_parse(said, REASON_OUTPUT_UPLOAD_FAILED),
                        "spec.outputs '%s' could not be stored: %s; no output was kept, so make "
                        "a new run",
                        name, text != NULL ? text : "the upload ended without a report");
        }
    }
    w.message = v->workers > 1 ? "the program ended with exit code 0 in each of its pods"
                               : "the program ended with exit code 0";
    return w;
}

static bool cannot_start(const struct part *c)
{
    return str_eq(c->end_reason, "StartError") || str_eq(c->end_reason, "ContainerCannotRun");
}

static struct worker not_started(const struct run_view *v, struct arena *a, const char *why)
{
    static const char *const missing[] = {"executable file not found", "no such file",
                                          "permission denied", "is a directory",
                                          "exec format error"};
    const char *program = dkuberun_spec_command_at(v->subject.live, 0);

    for (size_t i = 0; i < ARRAY_LEN(missing); i++) {
        if (why != NULL && strstr(why, missing[i]) != NULL) {
            return look(a, WORKER_FAILED, REASON_COMMAND_NOT_FOUND,
                        "spec.command starts '%s', which spec.image '%s' cannot run (%s); name "
                        "a program that is in the image",
                        program, dkuberun_spec_image(v->subject.live), missing[i]);
        }
    }
    return look(a, WORKER_FAILED, REASON_START_FAILED,
                "spec.command '%s' could not be started in spec.image '%s': %s", program,
                dkuberun_spec_image(v->subject.live), one_line(a, why));
}

/* The program ended with something other than 0. */
static struct worker look_exit(const struct run_view *v, struct arena *a, const struct part *c)
{
    long long code = (long long)c->exit_code;
    struct worker w;

    if (cannot_start(c)) {
        return not_started(v, a, c->end_message);
    }
    if (str_eq(c->end_reason, "OOMKilled")) {
        w = look(a, WORKER_FAILED, REASON_OUT_OF_MEMORY,
                 "the program was killed for using more memory than it may; raise "
                 "spec.resources.memory, and %s",
                 logs(v, a));
    } else {
        w = look(a, WORKER_FAILED, REASON_COMMAND_FAILED, "spec.command exited with %lld; %s", code,
                 logs(v, a));
    }
    w.may_retry = code >= 128 || code <= 0;
    return w;
}

/* Exit code 1 is for what the user must correct, anything else may pass. */
static struct worker look_fetch(struct arena *a, const struct part *fetch)
{
    const char *said, *text = part_error(a, fetch, &said);
    struct worker w = look(a, WORKER_FAILED, reason_parse(said, REASON_FETCH_FAILED),
                           "code or inputs could not be fetched: %s",
                           text != NULL ? text : "the fetch ended without a report");

    w.may_retry = fetch->exit_code != 1;
    return w;
}

static struct worker look_ended(const struct run_view *v, struct arena *a)
{
    struct part c = part_of(v->worker, RUN_MAIN), fetch = part_of(v->worker, RUN_FETCH);
    const char *why = pod_status_message(v->worker);
    struct worker w;

    why = one_line(a, str_empty(why) ? pod_status_reason(v->worker) : why);
    if (c.has_ended && c.exit_code == 0) {
        w = look_outputs(v, a);
    } else if (pod_is_disrupted(v->worker) || c.is_lost || fetch.is_lost) {
        w = look(a, WORKER_LOST, REASON_NODE_LOST, "the pod was ended by its node: %s", why);
    } else if (c.has_ended) {
        w = look_exit(v, a, &c);
    } else if (fetch.has_ended && fetch.exit_code != 0) {
        w = look_fetch(a, &fetch);
    } else {
        w = look(a, WORKER_REJECTED, REASON_POD_REJECTED, "the node refused the pod: %s", why);
    }
    w.never_started = !c.has_ended || cannot_start(&c);
    w.has_exit = c.has_ended;
    w.exit_code = c.exit_code;
    w.started_ms = c.started_ms;
    w.ended_ms = c.ended_ms;
    return w;
}

/* --- on its way ------------------------------------------------------------------------------ */

static struct worker look_unbound(const struct run_view *v, struct arena *a)
{
    const struct rec *c = condition_of(v->worker, "PodScheduled");
    const char *why = c != NULL ? one_line(a, pod_status_conditions_message(c)) : "";
    int64_t until = rec_created_ms(v->worker) + BIND_MS;
    struct worker w;

    if (run_asks(v->subject.live) > 0 && v->subject.now_ms >= until) {
        return look(a, WORKER_UNBOUND, REASON_NOT_SCHEDULED,
                    "the pod did not get onto its node within 60 s%s%s; its GPUs go back and it "
                    "queues again",
                    *why != '\0' ? ": " : "", why);
    }
    w = look(a, WORKER_PENDING, *why != '\0' ? REASON_UNSCHEDULABLE : REASON_STARTING,
             "the pod waits for a node%s%s", *why != '\0' ? ": " : "", why);
    w.look_again_ms = run_asks(v->subject.live) > 0 ? until : 0;
    return w;
}

static struct worker stuck(const struct run_view *v, struct arena *a, const struct pod_trouble *t)
{
    const char *image = dkuberun_spec_image(v->subject.live);
    struct worker w;

    if (!str_eq(t->container, RUN_MAIN)) {
        return look(a, WORKER_STUCK, REASON_STEP_FAILED, "DKube's own container '%s' failed: %s",
                    t->container, one_line(a, t->message));
    }
    if (str_eq(t->reason, "ImagePullFailed") || str_eq(t->reason, "InvalidImage")) {
        return look(a, WORKER_STUCK, REASON_UNKNOWN_IMAGE,
                    "spec.image '%s' cannot be pulled (%s); correct the name, or give the "
                    "ServiceAccount " RUN_ACCOUNT " a pull secret",
                    image, one_line(a, t->message));
    }
    w = not_started(v, a, t->message);
    w.state = WORKER_STUCK;
    return w;
}

static struct worker look_pending(const struct run_view *v, struct arena *a)
{
    struct pod_trouble t = pod_trouble(a, v->worker);
    int64_t until = rec_created_ms(v->worker) + PATIENCE_MS;
    bool ours = t.reason != NULL && !str_eq(t.container, RUN_MAIN);
    struct worker w;

    if (str_empty(pod_spec_node_name(v->worker))) {
        return look_unbound(v, a);
    }
    if (ours && str_eq(t.reason, "ImagePullFailed")) {
        return look(a, WORKER_PENDING, REASON_STEP_IMAGE,
                    "DKube's own image '%s' cannot be pulled on the node; an operator must make "
                    "it available",
                    v->conf->image);
    }
    if (t.reason != NULL && v->subject.now_ms >= until) {
        return stuck(v, a, &t);
    }
    w = look(a, WORKER_PENDING, REASON_STARTING, "the pod fetches code and inputs and starts");
    w.look_again_ms = t.reason != NULL ? until : 0;
    return w;
}

const char *worker_places(const struct run_view *v, struct arena *a)
{
    const char *name = v->worker_name;

    return v->workers > 1 ? arena_printf(a, "%u pods, each with a rank, the first '%s'", v->workers,
                                         worker_pod_name(a, v->subject.live, 0))
                          : arena_printf(a, "the pod '%s'", name);
}

static struct worker look_alive(const struct run_view *v, struct arena *a)
{
    struct part c = part_of(v->worker, RUN_MAIN);
    struct worker w;

    if (!c.is_running && !c.has_ended) {
        return look_pending(v, a);
    }
    if (c.is_running) {
        w = look(a, WORKER_RUNNING, REASON_RUNNING, "the program runs in %s", worker_places(v, a));
    } else {
        w = look(a, WORKER_UPLOADING, REASON_UPLOADING,
                 "the program has ended with exit code %lld; its outputs are being stored",
                 (long long)c.exit_code);
    }
    w.started_ms = c.started_ms;
    w.has_exit = c.has_ended;
    w.exit_code = c.exit_code;
    return w;
}

struct worker worker_look(const struct run_view *v, struct arena *a)
{
    struct worker w;

    if (v->worker == NULL) {
        return look(a, WORKER_NONE, REASON_STARTING,
                    "the pod is being made; if that lasts, the Events of the run say what refuses "
                    "it");
    }
    if (!is_owned(v->worker, v->subject.live)) {
        w = look(a, WORKER_TAKEN, REASON_NAME_TAKEN,
                 "a pod '%s' is there already and is not this run's; delete it, or give the "
                 "run another name",
                 v->worker_name);
        w.look_again_ms = v->subject.now_ms + TAKEN_MS;
        return w;
    }
    if (pod_has_ended(v->worker)) {
        return look_ended(v, a);
    }
    if (rec_is_deleted(v->worker)) {
        w = look(a, WORKER_LEAVING, REASON_POD_LEAVING, "the pod '%s' is being ended",
                 v->worker_name);
        w.look_again_ms = worker_stranded_at(v);
        return w;
    }
    return look_alive(v, a);
}

/* --- a pod that nobody will ever end --------------------------------------------------------- */

int64_t worker_stranded_at(const struct run_view *v)
{
    return rec_int(v->worker, REC_DELETED) + STRANDED_MS;
}

bool worker_is_stranded(const struct run_view *v)
{
    return rec_is_deleted(v->worker) && !str_empty(pod_spec_node_name(v->worker)) &&
           !node_is_ready(v->node) && v->subject.now_ms >= worker_stranded_at(v);
}

/* --- a node that does not answer ------------------------------------------------------------- */

bool worker_is_abandoned(const struct run_view *v)
{
    int64_t at = node_given_up_ms(v->node);

    return at > 0 && v->subject.now_ms >= at;
}

const char *worker_absence(const struct run_view *v)
{
    if (v->node == NULL && v->worker == NULL && run_asks(v->subject.live) > 0) {
        return "the node that it was given is gone";
    }
    return worker_is_abandoned(v) ? "the node does not answer" : "the pod is gone";
}
