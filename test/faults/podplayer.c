/*
 * podplayer — plays the kubelet where there is none: takes DKube's pods through the states that the
 * controllers wait for, with the termination messages that `step` would write, and lets deleted
 * pods go. Fault plans need thousands of pods that end in milliseconds; the end-to-end test has
 * real ones. What the program of a run does is in the run's name: "hold" runs until it is deleted,
 * "fail" ends with 3, "kill" ends with 137 at its first attempt, "evict" is lost at its first
 * attempt. A controller on the runtime itself.
 */
#include <string.h>

#include "base/span.h"
#include "kube/controller.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum { POD_STATUS = REC_META_COUNT };
static const struct row rows[] = {REC_META_ROWS, {"status", REC_RAW, NULL}};
static const struct rows pod_rows = {"pod", rows, ARRAY_LEN(rows)};
static const struct kind pod_kind = {"", "v1", "Pod", "pods", true, &pod_rows};

struct view {
    const struct rec *pod;
    int64_t now_ms;
};

static void exited(struct jsonw *w, const char *name, int code, const char *message)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_bool(w, "ready", false);
    jsonw_int(w, "restartCount", 0);
    jsonw_str(w, "image", "example:1");
    jsonw_str(w, "imageID", "example@" DIGEST);
    jsonw_obj(w, "state");
    jsonw_obj(w, "terminated");
    jsonw_int(w, "exitCode", code);
    jsonw_str(w, "reason", code == 0 ? "Completed" : "Error");
    jsonw_opt(w, "message", message);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

static void terminated(struct jsonw *w, const char *name, const char *message)
{
    exited(w, name, 0, message);
}

static void running(struct jsonw *w, const char *name)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_bool(w, "ready", true);
    jsonw_bool(w, "started", true);
    jsonw_int(w, "restartCount", 0);
    jsonw_str(w, "image", "example:1");
    jsonw_str(w, "imageID", "example@" DIGEST);
    jsonw_obj(w, "state");
    jsonw_obj(w, "running");
    jsonw_str(w, "startedAt", "2026-01-01T00:00:00Z");
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
}

static void resolved(struct jsonw *w)
{
    jsonw_str(w, "phase", "Succeeded");
    jsonw_arr(w, "containerStatuses");
    terminated(w, "image", NULL);
    terminated(w, "commit", "{\"commit\":\"" COMMIT "\"}");
    jsonw_end(w);
}

/* A pod of `step` with one container. */
static void stepped(struct jsonw *w, const char *container, const char *message)
{
    jsonw_str(w, "phase", "Succeeded");
    jsonw_arr(w, "containerStatuses");
    terminated(w, container, message);
    jsonw_end(w);
}

static void serving(struct jsonw *w)
{
    jsonw_str(w, "phase", "Running");
    jsonw_arr(w, "conditions");
    jsonw_obj(w, NULL);
    jsonw_str(w, "type", "Ready");
    jsonw_str(w, "status", "True");
    jsonw_end(w);
    jsonw_end(w);
    jsonw_arr(w, "initContainerStatuses");
    terminated(w, "fetch", NULL);
    jsonw_end(w);
    jsonw_arr(w, "containerStatuses");
    running(w, "server");
    jsonw_end(w);
}

static int exit_code(const struct view *v)
{
    const char *run = rec_label(v->pod, "dkube.io/run");
    bool first = str_eq(rec_label(v->pod, "dkube.io/attempt"), "0");

    return strstr(run, "fail") != NULL ? 3 : strstr(run, "kill") != NULL && first ? 137 : 0;
}

static void worker(struct jsonw *w, bool ended, int code)
{
    jsonw_str(w, "phase", !ended ? "Running" : code != 0 ? "Failed" : "Succeeded");
    jsonw_arr(w, "initContainerStatuses");
    terminated(w, "fetch", NULL);
    if (ended) {
        terminated(w, "collect",
                   "{\"outputs\":[{\"name\":\"digits\",\"digest\":\"" DIGEST
                   "\",\"size\":1,\"files\":1}]}");
    } else {
        running(w, "collect");
    }
    jsonw_end(w);
    jsonw_arr(w, "containerStatuses");
    if (ended) {
        exited(w, "main", code, NULL);
    } else {
        running(w, "main");
    }
    jsonw_end(w);
}

static void evicted(struct jsonw *w)
{
    jsonw_str(w, "phase", "Failed");
    jsonw_str(w, "reason", "Evicted");
    jsonw_str(w, "message", "the node was low on memory");
}

static bool gather(struct arena *a UNUSED, const struct caches *c, const struct pass *pass,
                   void *view)
{
    struct view *v = view;

    v->pod = cache_get(c, &pod_kind, pass->key.ns, pass->key.name);
    v->now_ms = pass->now_ms;
    return v->pod != NULL;
}

/* The next state of a pod that runs a user's program; false: it stays. */
static bool play_worker(const struct view *v, const char *phase, struct jsonw *w)
{
    const char *run = rec_label(v->pod, "dkube.io/run");
    bool runs = str_eq(phase, "Running");

    if (runs && strstr(run, "hold") != NULL) {
        return false;
    }
    if (runs && strstr(run, "evict") != NULL &&
        str_eq(rec_label(v->pod, "dkube.io/attempt"), "0")) {
        evicted(w);
    } else {
        worker(w, runs, exit_code(v));
    }
    return true;
}

static bool play(const struct view *v, const char *phase, struct jsonw *w)
{
    const char *role = rec_label(v->pod, "dkube.io/role");

    if (str_eq(role, "worker")) {
        return play_worker(v, phase, w);
    }
    if (str_eq(role, "resolve")) {
        resolved(w);
    } else if (str_eq(role, "import")) {
        stepped(w, "import",
                "{\"digest\":\"" DIGEST "\",\"size\":1,\"files\":1,\"commit\":\"" COMMIT "\"}");
    } else if (str_eq(role, "head")) {
        stepped(w, "resolve", "{\"commit\":\"" COMMIT "\"}");
    } else if (str_eq(role, "replica") && !str_eq(phase, "Running")) {
        serving(w);
    } else {
        return false;
    }
    return true;
}

static void plan(const void *view, struct plan *p)
{
    const struct view *v = view;
    const char *phase = json_str(rec_json(v->pod, POD_STATUS, p->a), "phase", "Pending");
    struct jsonw w;

    if (rec_is_deleted(v->pod)) {
        plan_delete(p, &pod_kind, v->pod, 0);
        return;
    }
    if (str_eq(phase, "Succeeded") || str_eq(phase, "Failed")) {
        return;
    }
    jsonw_init(&w, p->a);
    jsonw_obj(&w, NULL);
    if (play(v, phase, &w)) {
        jsonw_end(&w);
        plan_status(p, &pod_kind, v->pod, NULL, jsonw_text(&w));
    }
}

int main(int argc, char **argv)
{
    static const struct watch watches[] = {
        {.kind = &pod_kind, .selector = "app.kubernetes.io/managed-by=dkube", .map = map_self},
    };
    static const struct controller player = {
        .name = "podplayer",
        .manager = "podplayer",
        .root = &pod_kind,
        .watches = watches,
        .watch_count = ARRAY_LEN(watches),
        .view_size = sizeof(struct view),
        .gather = gather,
        .plan = plan,
    };
    static const struct controller *const list[] = {&player};

    return manager_main(argc, argv,
                        &(struct program){.name = "podplayer", .controllers = list, .count = 1});
}
