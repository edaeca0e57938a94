#include "api/coderepo.gen.h"
#include "api/dkuberun.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "controllers/common/child.h"
#include "controllers/common/podlook.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/dkuberun/part.h"
#include "controllers/ledger/claim.h"

#define PULL_PATIENCE_MS 20000 /* a pull that fails so long fails for good */
#define DEADLINE_S 3600
#define PROBE_DIR "/dkube-probe"
#define IMAGE "image"
#define COMMIT "commit"

/* --- the answer ----------------------------------------------------------------------------------
 */

static struct finding PRINTF(4, 5)
    find(struct arena *a, enum run_signal signal, enum run_reason reason, const char *fmt, ...)
{
    struct finding f = {.signal = signal, .reason = reason};
    va_list ap;

    va_start(ap, fmt);
    f.message = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return f;
}

static struct finding going(struct arena *a)
{
    return find(a, SIGNAL_NONE, REASON_RESOLVING,
                "looks up the commit, the versions and the image");
}

static struct finding image_waits(const struct run_view *v, struct arena *a, const struct part *c)
{
    const char *image = dkuberun_spec_image(v->subject.live);
    int64_t until = rec_created_ms(v->resolve) + PULL_PATIENCE_MS;
    struct finding f = going(a);

    if (part_pull(c) == PULL_BAD || (part_pull(c) == PULL_FAILING && v->subject.now_ms >= until)) {
        return find(a, SIGNAL_REFUSED, REASON_UNKNOWN_IMAGE,
                    "spec.image '%s' cannot be pulled (%s); correct the name, or give the "
                    "ServiceAccount " RUN_ACCOUNT " a pull secret",
                    image,
                    one_line(a, str_empty(c->waiting_message) ? c->waiting : c->waiting_message));
    }
    if (part_pull(c) == PULL_FAILING) {
        f.look_again_ms = until;
    }
    return f;
}

/* A container that the cluster ended has not given its answer. */
static struct part answer_of(const struct run_view *v, const char *container)
{
    struct part c = part_of(v->resolve, container);

    if (c.has_ended && c.exit_code != 0 && pod_is_disrupted(v->resolve)) {
        c.has_ended = false;
    }
    return c;
}

static struct finding look_image(const struct run_view *v, struct arena *a, struct resolved *ret)
{
    struct part c = answer_of(v, IMAGE);

    if (!c.has_ended) {
        return image_waits(v, a, &c);
    }
    if (c.exit_code != 0) {
        return find(a, SIGNAL_REFUSED, REASON_IMAGE_NOT_RUNNABLE,
                    "spec.image '%s' cannot be started (%s); use an image for the nodes' "
                    "architecture",
                    dkuberun_spec_image(v->subject.live),
                    one_line(a, str_empty(c.end_message) ? c.end_reason : c.end_message));
    }
    ret->image = str_empty(c.image_id) ? dkuberun_spec_image(v->subject.live) : c.image_id;
    return find(a, SIGNAL_RESOLVED, REASON_RESOLVING, "the image is there");
}

/* What `step resolve` says names its field and the remedy. */
static struct finding commit_failed(const struct run_view *v, struct arena *a, const struct part *c)
{
    const char *said, *text = part_error(a, c, &said);
    enum run_reason reason = reason_parse(said, REASON_RESOLVE_FAILED);

    if (text == NULL) {
        text = arena_printf(a, "the look-up ended with exit code %lld; make a new run",
                            (long long)c->exit_code);
    }
    if (reason == REASON_UNKNOWN_COMMIT) {
        return find(a, SIGNAL_REFUSED, reason, "%s", text);
    }
    return find(a, SIGNAL_REFUSED, reason, "spec.code.repo '%s': %s",
                dkuberun_spec_code_repo(v->subject.live), text);
}

static struct finding look_commit(const struct run_view *v, struct arena *a, struct resolved *ret)
{
    struct part c = answer_of(v, COMMIT);
    struct finding f = going(a);

    if (v->repo == NULL) {
        f.signal = SIGNAL_RESOLVED;
        return f;
    }
    if (!c.has_ended) {
        if (part_pull(&c) != PULL_FINE) {
            return find(a, SIGNAL_NONE, REASON_STEP_IMAGE,
                        "DKube's own image '%s' cannot be pulled on the node; an operator must "
                        "make it available",
                        v->conf->image);
        }
        return f;
    }
    ret->commit = arena_strdup(a, json_str(part_report(a, &c), "commit", NULL));
    if (c.exit_code != 0 || str_empty(ret->commit)) {
        return commit_failed(v, a, &c);
    }
    f.signal = SIGNAL_RESOLVED;
    return f;
}

static struct finding taken(const struct run_view *v, struct arena *a)
{
    struct finding f = find(a, SIGNAL_NONE, REASON_NAME_TAKEN,
                            "a pod '%s' is there already and is not this run's; delete it, or "
                            "give the run another name",
                            v->resolve_name);

    f.needs_help = !rec_is_deleted(v->resolve);
    f.look_again_ms = v->subject.now_ms + TAKEN_MS;
    return f;
}

bool resolve_is_lost(const struct run_view *v)
{
    return is_owned(v->resolve, v->subject.live) && pod_has_ended(v->resolve) &&
           (!answer_of(v, IMAGE).has_ended || (v->repo != NULL && !answer_of(v, COMMIT).has_ended));
}

struct finding resolve_look(const struct run_view *v, struct arena *a, struct resolved *ret)
{
    struct finding image, commit;

    if (v->resolve == NULL) {
        return going(a);
    }
    if (!is_owned(v->resolve, v->subject.live)) {
        return taken(v, a);
    }
    image = look_image(v, a, ret);
    commit = look_commit(v, a, ret);
    if (image.signal == SIGNAL_REFUSED || commit.signal == SIGNAL_RESOLVED) {
        return image;
    }
    commit.look_again_ms = image.look_again_ms;
    return commit;
}

/* --- the pod --------------------------------------------------------------------------------- */

static void write_strings(struct jsonw *w, const char *key, const char *const *list, size_t count)
{
    jsonw_arr(w, key);
    for (size_t i = 0; i < count && list[i] != NULL; i++) {
        jsonw_str(w, NULL, verbatim(w->a, list[i]));
    }
    jsonw_end(w);
}

static void write_mount(struct jsonw *w, const char *name, const char *path, bool read_only)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_str(w, "mountPath", path);
    jsonw_bool(w, "readOnly", read_only);
    jsonw_end(w);
}

/* Our own program that does nothing, for the user's image to run. */
static void write_probe(struct jsonw *w, const struct run_view *v)
{
    static const char *const copy[] = {"/usr/bin/step", "install-probe", PROBE_DIR};

    step_container_begin(w, v->conf, "probe");
    write_strings(w, "command", copy, ARRAY_LEN(copy));
    jsonw_arr(w, "volumeMounts");
    write_mount(w, "probe", PROBE_DIR, false);
    jsonw_end(w);
    jsonw_end(w);
}

static void write_image(struct jsonw *w, const struct run_view *v)
{
    static const char *const run[] = {PROBE_DIR "/probe"};

    jsonw_obj(w, NULL);
    jsonw_str(w, "name", IMAGE);
    jsonw_str(w, "image", dkuberun_spec_image(v->subject.live));
    write_strings(w, "command", run, ARRAY_LEN(run));
    jsonw_obj(w, "resources");
    jsonw_obj(w, "requests");
    jsonw_str(w, "cpu", "10m");
    jsonw_str(w, "memory", "16Mi");
    jsonw_end(w);
    jsonw_obj(w, "limits");
    jsonw_str(w, "memory", "64Mi");
    jsonw_end(w);
    jsonw_end(w);
    jsonw_obj(w, "securityContext");
    jsonw_bool(w, "allowPrivilegeEscalation", false);
    jsonw_end(w);
    jsonw_arr(w, "volumeMounts");
    write_mount(w, "probe", PROBE_DIR, true);
    jsonw_end(w);
    jsonw_end(w);
}

static void write_commit(struct jsonw *w, const struct run_view *v)
{
    const char *branch = coderepo_spec_branch(v->repo);
    const char *commit = dkuberun_spec_code_commit(v->subject.live);
    const char *args[] = {"/usr/bin/step",
                          "resolve",
                          "--url",
                          coderepo_spec_url(v->repo),
                          "--ref",
                          str_empty(branch) ? "main" : branch,
                          str_empty(commit) ? NULL : "--commit",
                          commit};

    step_container_begin(w, v->conf, COMMIT);
    write_strings(w, "command", args, ARRAY_LEN(args));
    jsonw_arr(w, "env");
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", "HOME");
    jsonw_str(w, "value", "/tmp");
    jsonw_end(w);
    jsonw_end(w);
    jsonw_arr(w, "volumeMounts");
    write_mount(w, "tmp", "/tmp", false);
    if (coderepo_spec_secret_ref_name(v->repo) != NULL) {
        write_mount(w, "git", GIT_DIR, true);
    }
    jsonw_end(w);
    jsonw_end(w);
}

static void write_empty_dir(struct jsonw *w, const char *name)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_obj(w, "emptyDir");
    jsonw_end(w);
    jsonw_end(w);
}

static void write_volumes(struct jsonw *w, const struct run_view *v)
{
    const char *secret = coderepo_spec_secret_ref_name(v->repo);

    jsonw_arr(w, "volumes");
    write_empty_dir(w, "probe");
    write_empty_dir(w, "tmp");
    if (secret != NULL) {
        jsonw_obj(w, NULL);
        jsonw_str(w, "name", "git");
        jsonw_obj(w, "secret");
        jsonw_str(w, "secretName", secret);
        jsonw_int(w, "defaultMode", 0440);
        jsonw_end(w);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static void write_spec(struct jsonw *w, const struct run_view *v)
{
    jsonw_str(w, "restartPolicy", "Never");
    jsonw_str(w, "serviceAccountName", RUN_ACCOUNT);
    jsonw_bool(w, "automountServiceAccountToken", false);
    jsonw_bool(w, "enableServiceLinks", false);
    jsonw_int(w, "activeDeadlineSeconds", DEADLINE_S);
    jsonw_int(w, "terminationGracePeriodSeconds", 5);
    jsonw_obj(w, "securityContext");
    jsonw_int(w, "fsGroup", STEP_UID);
    jsonw_obj(w, "seccompProfile");
    jsonw_str(w, "type", "RuntimeDefault");
    jsonw_end(w);
    jsonw_end(w);
    jsonw_arr(w, "initContainers");
    write_probe(w, v);
    jsonw_end(w);
    jsonw_arr(w, "containers");
    write_image(w, v);
    if (v->repo != NULL) {
        write_commit(w, v);
    }
    jsonw_end(w);
    write_volumes(w, v);
}

const char *resolve_pod(const struct run_view *v, struct arena *a)
{
    struct child child = {.ns = rec_namespace(v->subject.live),
                          .name = v->resolve_name,
                          .group = v->space.group,
                          .owner_kind = &kind_dkuberun,
                          .owner = v->subject.live,
                          .labels = {{LABEL_RUN, rec_name(v->subject.live)},
                                     {LABEL_ROLE, "resolve"},
                                     {LABEL_ATTEMPT, "0"}}};
    struct jsonw w;

    jsonw_init(&w, a);
    child_begin(&w, &kind_pod, &child);
    jsonw_obj(&w, "spec");
    write_spec(&w, v);
    jsonw_end(&w);
    jsonw_end(&w);
    return jsonw_text(&w);
}
