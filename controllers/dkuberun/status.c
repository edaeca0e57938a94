#include "api/dkuberun.gen.h"
#include "base/clock.h"
#include "base/span.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/ledger/claim.h"

static void load_lists(struct run_status *st, const struct rec *live)
{
    for (uint32_t i = 0; i < dkuberun_status_inputs_count(live) && i < RUN_INPUTS_MAX; i++) {
        const struct rec *e = dkuberun_status_inputs_at(live, i);

        st->inputs[st->input_count++] = (struct status_input){
            dkuberun_status_inputs_kind(e), dkuberun_status_inputs_name(e),
            dkuberun_status_inputs_digest(e), dkuberun_status_inputs_version(e)};
    }
    for (uint32_t i = 0; i < dkuberun_status_outputs_count(live) && i < RUN_INPUTS_MAX; i++) {
        const struct rec *e = dkuberun_status_outputs_at(live, i);

        st->outputs[st->output_count++] = (struct status_output){
            dkuberun_status_outputs_kind(e),   dkuberun_status_outputs_name(e),
            dkuberun_status_outputs_digest(e), dkuberun_status_outputs_version(e),
            dkuberun_status_outputs_size(e),   dkuberun_status_outputs_files(e)};
    }
    for (uint32_t i = 0; i < dkuberun_status_metrics_count(live) && i < RUN_METRICS_MAX; i++) {
        const struct rec *e = dkuberun_status_metrics_at(live, i);

        st->metrics[st->metric_count++] = (struct metric_value){dkuberun_status_metrics_name(e),
                                                                dkuberun_status_metrics_value(e)};
    }
}

void status_load(struct run_status *st, const struct rec *live)
{
    *st = (struct run_status){
        .phase = phase_parse(dkuberun_status_phase(live)),
        .reason = dkuberun_status_reason(live),
        .message = dkuberun_status_message(live),
        .attempt = dkuberun_status_attempt(live),
        .restarts = dkuberun_status_restarts(live),
        .node_losses = dkuberun_status_node_losses(live),
        .commit = dkuberun_status_commit(live),
        .image = dkuberun_status_image_digest(live),
        .pod_name = dkuberun_status_pod_name(live),
        .has_exit = dkuberun_status_exit_code_set(live),
        .exit_code = dkuberun_status_exit_code(live),
        .start_ms = dkuberun_status_start_time(live),
        .completion_ms = dkuberun_status_completion_time(live),
        .retry_ms = dkuberun_status_retry_time(live),
    };
    load_lists(st, live);
}

void status_take_outputs(struct run_status *st, const struct run_view *v, const struct json *report)
{
    const struct json *list = json_key(report, "outputs");
    uint32_t count = dkuberun_spec_outputs_count(v->subject.live);

    st->output_count = 0;
    for (uint32_t i = 0; i < count && i < RUN_INPUTS_MAX; i++) {
        const struct run_ref *ref = &v->outputs[i];

        for (size_t k = 0; k < json_len(list); k++) {
            const struct json *o = json_at(list, k);

            if (str_eq(json_str(o, "name", ""), ref->name)) {
                st->outputs[st->output_count++] = (struct status_output){ref->kind,
                                                                         ref->name,
                                                                         json_str(o, "digest", ""),
                                                                         NULL,
                                                                         json_int(o, "size", 0),
                                                                         json_int(o, "files", 0)};
                break;
            }
        }
    }
}

void status_name_versions(struct run_status *st, const struct run_view *v)
{
    for (size_t i = 0; i < st->output_count; i++) {
        for (size_t k = 0; k < RUN_INPUTS_MAX && v->outputs[k].name != NULL; k++) {
            const struct run_ref *ref = &v->outputs[k];

            if (str_eq(ref->name, st->outputs[i].name) && ref->version != NULL) {
                st->outputs[i].version = rec_name(ref->version);
            }
        }
    }
}

/* The printed column: the phase in the user's words. */
static const char *state_text(const struct run_status *st, const struct rec *live)
{
    if (st->phase != PHASE_RUNNING) {
        return phase_text(st->phase);
    }
    return str_eq(dkuberun_spec_kind(live), "preprocessing") ? "Preprocessing" : "Training";
}

static void write_inputs(struct jsonw *w, const struct run_status *st)
{
    if (st->input_count == 0) {
        return;
    }
    jsonw_arr(w, "inputs");
    for (size_t i = 0; i < st->input_count; i++) {
        jsonw_obj(w, NULL);
        jsonw_str(w, "kind", st->inputs[i].kind);
        jsonw_str(w, "name", st->inputs[i].name);
        jsonw_int(w, "version", st->inputs[i].version);
        jsonw_opt(w, "digest", st->inputs[i].digest);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void write_outputs(struct jsonw *w, const struct run_status *st)
{
    if (st->output_count == 0) {
        return;
    }
    jsonw_arr(w, "outputs");
    for (size_t i = 0; i < st->output_count; i++) {
        jsonw_obj(w, NULL);
        jsonw_str(w, "kind", st->outputs[i].kind);
        jsonw_str(w, "name", st->outputs[i].name);
        jsonw_opt(w, "digest", st->outputs[i].digest);
        jsonw_int(w, "size", st->outputs[i].size);
        jsonw_int(w, "files", st->outputs[i].files);
        jsonw_opt(w, "version", st->outputs[i].version);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void write_metrics(struct jsonw *w, const struct run_status *st)
{
    if (st->metric_count == 0) {
        return;
    }
    jsonw_arr(w, "metrics");
    for (size_t i = 0; i < st->metric_count; i++) {
        jsonw_obj(w, NULL);
        jsonw_str(w, "name", st->metrics[i].name);
        jsonw_str(w, "value", st->metrics[i].value);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void write_time(struct jsonw *w, const char *key, int64_t ms)
{
    if (ms > 0) {
        jsonw_str(w, key, clock_rfc3339(w->a, ms));
    }
}

static enum standing_kind standing_kind_of(const struct run_status *st)
{
    if (st->phase == PHASE_COMPLETE) {
        return STANDING_READY;
    }
    return phase_is_final(st->phase) || st->needs_help ? STANDING_STALLED : STANDING_WAITING;
}

void status_save(const struct run_status *st, const struct run_view *v, struct plan *p)
{
    const struct rec *live = v->subject.live;
    struct standing standing = {
        .kind = standing_kind_of(st), .reason = st->reason, .message = st->message};
    struct jsonw w;

    status_begin(&w, p, &v->subject, &standing);
    jsonw_str(&w, "phase", phase_text(st->phase));
    jsonw_str(&w, "state", state_text(st, live));
    jsonw_str(&w, "reason", st->reason);
    jsonw_str(&w, "message", st->message);
    jsonw_int(&w, "attempt", st->attempt);
    jsonw_int(&w, "restarts", st->restarts);
    jsonw_int(&w, "nodeLosses", st->node_losses);
    jsonw_int(&w, "totalGPUs", run_gpus(live));
    if (dkuberun_spec_free_only(live) && run_is_admitted(live)) {
        jsonw_int(&w, "gpus", run_gpus(live));
    }
    jsonw_opt(&w, "commit", st->commit);
    jsonw_opt(&w, "imageDigest", st->image);
    jsonw_opt(&w, "podName", st->pod_name);
    if (st->has_exit) {
        jsonw_int(&w, "exitCode", st->exit_code);
    }
    write_time(&w, "retryTime", st->retry_ms);
    write_time(&w, "startTime", st->start_ms);
    write_time(&w, "completionTime", st->completion_ms);
    write_inputs(&w, st);
    write_outputs(&w, st);
    write_metrics(&w, st);
    (void)status_end(&w, p, &v->subject, &standing);
}
