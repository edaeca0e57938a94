#include "api/coderepo.gen.h"
#include "api/dkuberun.gen.h"
#include "api/pod.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "controllers/common/child.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/dkuberun/part.h"
#include "controllers/ledger/claim.h"
#include "controllers/ledger/gpu.h"

#define CODE_DIR "/mnt/dkube/code"
#define DATA_DIR "/mnt/dkube"
#define UPLOAD_GRACE_S 600 /* collect's time after the program has ended; a stop has its own */

/* --- small parts ----------------------------------------------------------------------------- */

static void write_mount(struct jsonw *w, const char *name, const char *path, bool read_only)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_str(w, "mountPath", path);
    jsonw_bool(w, "readOnly", read_only);
    jsonw_end(w);
}

static void write_env(struct jsonw *w, const char *name, const char *value)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_str(w, "value", verbatim(w->a, value));
    jsonw_end(w);
}

static const char *volume_name(struct jsonw *w, const char *kind, uint32_t i)
{
    return arena_printf(w->a, "%s-%u", kind, i);
}

static const char *code_dir(const struct rec *live)
{
    const char *dir = dkuberun_spec_code_workdir(live);

    return str_empty(dir) ? CODE_DIR : dir;
}

static bool has_code(const struct rec *live)
{
    return !str_empty(dkuberun_spec_code_repo(live));
}

static bool has_fetch(const struct rec *live)
{
    return has_code(live) || dkuberun_spec_inputs_count(live) > 0;
}

/* Of several workers the first stores the outputs. */
static bool has_collect(const struct run_view *v)
{
    return dkuberun_spec_outputs_count(v->subject.live) > 0 && v->rank == 0;
}

/* Code and inputs; read-only once fetched. */
static void mount_inputs(struct jsonw *w, const struct rec *live, bool read_only)
{
    if (has_code(live)) {
        write_mount(w, "code", code_dir(live), read_only);
    }
    for (uint32_t i = 0; i < dkuberun_spec_inputs_count(live); i++) {
        write_mount(w, volume_name(w, "input", i),
                    dkuberun_spec_inputs_mount_path(dkuberun_spec_inputs_at(live, i)), read_only);
    }
}

static void mount_outputs(struct jsonw *w, const struct rec *live, bool read_only)
{
    for (uint32_t i = 0; i < dkuberun_spec_outputs_count(live); i++) {
        write_mount(w, volume_name(w, "output", i),
                    dkuberun_spec_outputs_mount_path(dkuberun_spec_outputs_at(live, i)), read_only);
    }
}

/* --- DKube's own containers ------------------------------------------------------------------ */

static void begin_config(struct jsonw *w, const struct run_view *v, struct arena *a)
{
    jsonw_init(w, a);
    jsonw_obj(w, NULL);
    jsonw_str(w, "namespace", rec_namespace(v->subject.live));
    jsonw_str(w, "store", v->conf->store_url);
}

static const char *fetch_config(const struct run_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    struct jsonw w;

    begin_config(&w, v, a);
    if (has_code(live)) {
        jsonw_obj(&w, "code");
        jsonw_str(&w, "url", coderepo_spec_url(v->repo));
        jsonw_str(&w, "commit", dkuberun_status_commit(live));
        jsonw_str(&w, "dir", code_dir(live));
        jsonw_end(&w);
    }
    jsonw_arr(&w, "inputs");
    for (uint32_t i = 0; i < dkuberun_spec_inputs_count(live); i++) {
        jsonw_obj(&w, NULL);
        jsonw_str(&w, "digest", dkuberun_status_inputs_digest(dkuberun_status_inputs_at(live, i)));
        jsonw_str(&w, "dir", dkuberun_spec_inputs_mount_path(dkuberun_spec_inputs_at(live, i)));
        jsonw_end(&w);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

static const char *collect_config(const struct run_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    struct jsonw w;

    begin_config(&w, v, a);
    jsonw_arr(&w, "outputs");
    for (uint32_t i = 0; i < dkuberun_spec_outputs_count(live); i++) {
        const struct rec *e = dkuberun_spec_outputs_at(live, i);

        jsonw_obj(&w, NULL);
        jsonw_str(&w, "name", dkuberun_spec_outputs_name(e));
        jsonw_str(&w, "dir", dkuberun_spec_outputs_mount_path(e));
        jsonw_end(&w);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}

static void write_step(struct jsonw *w, const char *command, const char *config)
{
    jsonw_arr(w, "command");
    jsonw_str(w, NULL, "/usr/bin/step");
    jsonw_str(w, NULL, command);
    jsonw_end(w);
    jsonw_arr(w, "env");
    write_env(w, "HOME", "/tmp");
    write_env(w, "DKUBE_STEP", config);
    jsonw_end(w);
}

static void write_fetch(struct jsonw *w, const struct run_view *v)
{
    step_container_begin(w, v->conf, RUN_FETCH);
    write_step(w, "fetch", fetch_config(v, w->a));
    jsonw_arr(w, "volumeMounts");
    mount_inputs(w, v->subject.live, false);
    write_mount(w, "tmp", "/tmp", false);
    token_mount(w);
    if (coderepo_spec_secret_ref_name(v->repo) != NULL) {
        write_mount(w, "git", GIT_DIR, true);
    }
    jsonw_end(w);
    jsonw_end(w);
}

/* The program may run as anybody and leave files that only it can read, so collect is root, with
 * that one capability and nothing else. */
static void write_reader(struct jsonw *w)
{
    jsonw_obj(w, "securityContext");
    jsonw_int(w, "runAsUser", 0);
    jsonw_bool(w, "runAsNonRoot", false);
    jsonw_bool(w, "allowPrivilegeEscalation", false);
    jsonw_bool(w, "readOnlyRootFilesystem", true);
    jsonw_obj(w, "capabilities");
    jsonw_arr(w, "drop");
    jsonw_str(w, NULL, "ALL");
    jsonw_end(w);
    jsonw_arr(w, "add");
    jsonw_str(w, NULL, "DAC_OVERRIDE");
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

/* The program starts once collect waits: a SIGTERM before that would be lost. */
static void write_ready(struct jsonw *w)
{
    jsonw_obj(w, "startupProbe");
    jsonw_obj(w, "exec");
    jsonw_arr(w, "command");
    jsonw_str(w, NULL, "/usr/bin/step");
    jsonw_str(w, NULL, "ready");
    jsonw_end(w);
    jsonw_end(w);
    jsonw_int(w, "periodSeconds", 1);
    jsonw_int(w, "timeoutSeconds", 10);
    jsonw_int(w, "failureThreshold", 120);
    jsonw_end(w);
}

static void write_collect(struct jsonw *w, const struct run_view *v)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", RUN_COLLECT);
    jsonw_str(w, "image", v->conf->image);
    jsonw_str(w, "imagePullPolicy", v->conf->pull_policy);
    jsonw_str(w, "restartPolicy", "Always");
    write_step(w, "collect", collect_config(v, w->a));
    jsonw_obj(w, "resources");
    jsonw_obj(w, "requests");
    jsonw_str(w, "cpu", "20m");
    jsonw_str(w, "memory", "64Mi");
    jsonw_end(w);
    jsonw_obj(w, "limits");
    jsonw_str(w, "memory", "1Gi");
    jsonw_end(w);
    jsonw_end(w);
    write_reader(w);
    write_ready(w);
    jsonw_arr(w, "volumeMounts");
    mount_outputs(w, v->subject.live, true);
    write_mount(w, "tmp", "/tmp", false);
    token_mount(w);
    jsonw_end(w);
    jsonw_end(w);
}

/* --- the user's container -------------------------------------------------------------------- */

/* With its digest where it has one in a registry; one that was imported by hand has only its name.
 */
static const char *image_of(const struct rec *live, struct arena *a)
{
    const char *digest = dkuberun_status_image_digest(live);
    const char *scheme = digest != NULL ? strstr(digest, "://") : NULL;

    if (digest == NULL || strstr(digest, "@sha256:") == NULL) {
        return dkuberun_spec_image(live);
    }
    return arena_strdup(a, scheme != NULL ? scheme + 3 : digest);
}

static const char *gpu_resource(const struct run_view *v)
{
    struct gpu_node n = {0};

    return v->node != NULL && gpu_node_read(v->node, &n) ? n.resource : GPU_RESOURCE_DEFAULT;
}

static void write_amounts(struct jsonw *w, const char *key, const struct run_view *v)
{
    const struct rec *live = v->subject.live;

    jsonw_obj(w, key);
    jsonw_opt(w, "cpu", dkuberun_spec_resources_cpu(live));
    jsonw_opt(w, "memory", dkuberun_spec_resources_memory(live));
    if (run_asks(live) > 0) {
        jsonw_fmt(w, gpu_resource(v), "%lld", (long long)gang_pod_gpus(v));
    }
    jsonw_end(w);
}

/* Before what the user says, which wins. */
static void write_gang_env(struct jsonw *w, const struct run_view *v)
{
    struct env_var vars[GANG_ENV_MAX];
    size_t n = gang_env(v, w->a, vars);

    for (size_t i = 0; i < n; i++) {
        write_env(w, vars[i].name, vars[i].value);
    }
}

static void write_main_env(struct jsonw *w, const struct run_view *v)
{
    const struct rec *live = v->subject.live;
    const char *kind = dkuberun_spec_kind(live);

    jsonw_arr(w, "env");
    write_gang_env(w, v);
    for (uint32_t i = 0; i < dkuberun_spec_parameters_count(live); i++) {
        const struct rec *e = dkuberun_spec_parameters_at(live, i);

        write_env(w, dkuberun_spec_parameters_name(e), dkuberun_spec_parameters_value(e));
    }
    write_env(w, "DKUBE_JOB_UUID", rec_uid(live));
    write_env(w, "DKUBE_JOB_CLASS", str_empty(kind) ? "training" : kind);
    write_env(w, "DKUBE_JOB_NAME", rec_name(live));
    write_env(w, "DKUBE_DATA_BASE_PATH", DATA_DIR);
    write_env(w, "DKUBE_USER_LOGIN_NAME", dkuberun_spec_owner(live));
    write_env(w, "DKUBE_GPUS", arena_printf(w->a, "%lld", (long long)gang_pod_gpus(v)));
    if (run_asks(live) == 0) { /* images of NVIDIA ask for all GPUs that they can see */
        write_env(w, "NVIDIA_VISIBLE_DEVICES", "void");
    }
    jsonw_end(w);
}

static void write_main(struct jsonw *w, const struct run_view *v)
{
    const struct rec *live = v->subject.live;

    jsonw_obj(w, NULL);
    jsonw_str(w, "name", RUN_MAIN);
    jsonw_str(w, "image", image_of(live, w->a));
    jsonw_str(w, "imagePullPolicy", "IfNotPresent");
    jsonw_arr(w, "command");
    for (uint32_t i = 0; i < dkuberun_spec_command_count(live); i++) {
        jsonw_str(w, NULL, verbatim(w->a, dkuberun_spec_command_at(live, i)));
    }
    jsonw_end(w);
    if (has_code(live)) {
        jsonw_str(w, "workingDir", code_dir(live));
    }
    write_main_env(w, v);
    jsonw_obj(w, "resources");
    write_amounts(w, "requests", v);
    write_amounts(w, "limits", v);
    jsonw_end(w);
    jsonw_arr(w, "volumeMounts");
    mount_inputs(w, live, true);
    mount_outputs(w, live, false);
    if (!str_empty(dkuberun_spec_resources_shm(live))) {
        write_mount(w, "shm", "/dev/shm", false);
    }
    jsonw_end(w);
    jsonw_end(w);
}

/* --- the pod --------------------------------------------------------------------------------- */

static void write_empty_dir(struct jsonw *w, const char *name, const char *memory)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_obj(w, "emptyDir");
    if (memory != NULL) {
        jsonw_str(w, "medium", "Memory");
        jsonw_str(w, "sizeLimit", memory);
    }
    jsonw_end(w);
    jsonw_end(w);
}

static void write_secret(struct jsonw *w, const char *secret)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "git");
    jsonw_obj(w, "secret");
    jsonw_str(w, "secretName", secret);
    jsonw_int(w, "defaultMode", 0440);
    jsonw_end(w);
    jsonw_end(w);
}

static void write_volumes(struct jsonw *w, const struct run_view *v)
{
    const struct rec *live = v->subject.live;

    jsonw_arr(w, "volumes");
    if (has_code(live)) {
        write_empty_dir(w, "code", NULL);
    }
    for (uint32_t i = 0; i < dkuberun_spec_inputs_count(live); i++) {
        write_empty_dir(w, volume_name(w, "input", i), NULL);
    }
    for (uint32_t i = 0; i < dkuberun_spec_outputs_count(live); i++) {
        write_empty_dir(w, volume_name(w, "output", i), NULL);
    }
    if (!str_empty(dkuberun_spec_resources_shm(live))) {
        write_empty_dir(w, "shm", dkuberun_spec_resources_shm(live));
    }
    if (has_fetch(live) || has_collect(v)) {
        write_empty_dir(w, "tmp", NULL);
        token_volume(w);
    }
    if (has_fetch(live) && coderepo_spec_secret_ref_name(v->repo) != NULL) {
        write_secret(w, coderepo_spec_secret_ref_name(v->repo));
    }
    jsonw_end(w);
}

static void write_expression(struct jsonw *w, const char *value)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "key", "metadata.name");
    jsonw_str(w, "operator", "In");
    jsonw_arr(w, "values");
    jsonw_str(w, NULL, value);
    jsonw_end(w);
    jsonw_end(w);
}

/* The ledger named the node; the scheduler still checks that it fits. */
static void write_place(struct jsonw *w, const struct run_view *v)
{
    const struct rec *live = v->subject.live;

    jsonw_obj(w, "affinity");
    jsonw_obj(w, "nodeAffinity");
    jsonw_obj(w, "requiredDuringSchedulingIgnoredDuringExecution");
    jsonw_arr(w, "nodeSelectorTerms");
    jsonw_obj(w, NULL);
    jsonw_arr(w, "matchFields");
    write_expression(
        w, dkuberun_status_admission_nodes_name(dkuberun_status_admission_nodes_at(live, v->rank)));
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_arr(w, "tolerations"); /* of the taint that keeps other pods off GPU nodes */
    jsonw_obj(w, NULL);
    jsonw_str(w, "key", gpu_resource(v));
    jsonw_str(w, "operator", "Exists");
    jsonw_str(w, "effect", "NoSchedule");
    jsonw_end(w);
    jsonw_end(w);
}

static int64_t grace_of(const struct run_view *v)
{
    int64_t grace = dkuberun_spec_termination_grace_period_seconds(v->subject.live);

    return has_collect(v) && grace < UPLOAD_GRACE_S ? UPLOAD_GRACE_S : grace;
}

static void write_spec(struct jsonw *w, const struct run_view *v)
{
    const struct rec *live = v->subject.live;

    jsonw_str(w, "restartPolicy", "Never");
    jsonw_str(w, "serviceAccountName", RUN_ACCOUNT);
    jsonw_bool(w, "automountServiceAccountToken", false);
    jsonw_bool(w, "enableServiceLinks", false);
    jsonw_int(w, "terminationGracePeriodSeconds", grace_of(v));
    if (run_is_gang(live)) { /* a name that every attempt keeps */
        jsonw_str(w, "hostname", gang_host(live, w->a, v->rank));
        jsonw_str(w, "subdomain", gang_service_name(v, w->a));
    }
    jsonw_obj(w, "securityContext"); /* the volumes are writable for every user's program */
    jsonw_int(w, "fsGroup", STEP_UID);
    jsonw_obj(w, "seccompProfile");
    jsonw_str(w, "type", "RuntimeDefault");
    jsonw_end(w);
    jsonw_end(w);
    if (run_asks(live) > 0) {
        write_place(w, v);
    }
    jsonw_arr(w, "initContainers");
    if (has_fetch(live)) {
        write_fetch(w, v);
    }
    if (has_collect(v)) {
        write_collect(w, v);
    }
    jsonw_end(w);
    jsonw_arr(w, "containers");
    write_main(w, v);
    jsonw_end(w);
    write_volumes(w, v);
}

const char *worker_pod(const struct run_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    struct child child = {
        .ns = rec_namespace(live),
        .name = v->worker_name,
        .group = v->space.group,
        .owner_kind = &kind_dkuberun,
        .owner = live,
        .labels = {
            {LABEL_RUN, rec_name(live)},
            {LABEL_ROLE, "worker"},
            {LABEL_ATTEMPT, arena_printf(a, "%lld", (long long)dkuberun_status_attempt(live))},
            {LABEL_RANK, run_is_gang(live) ? arena_printf(a, "%u", v->rank) : NULL}}};
    struct jsonw w;

    jsonw_init(&w, a);
    child_begin(&w, &kind_pod, &child);
    jsonw_obj(&w, "spec");
    write_spec(&w, v);
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}
