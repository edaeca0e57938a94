/*
 * podplayer — plays the kubelet where there is none: takes the pods of runs through the states that
 * the run controller waits for, with the termination messages that `step` would write. Fault plans
 * need thousands of pods that end in milliseconds; the end-to-end test has real ones. A controller
 * on the runtime itself.
 */
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

static void terminated(struct jsonw *w, const char *name, const char *message)
{
    jsonw_obj(w, NULL);
    jsonw_str(w, "name", name);
    jsonw_bool(w, "ready", false);
    jsonw_int(w, "restartCount", 0);
    jsonw_str(w, "image", "example:1");
    jsonw_str(w, "imageID", "example@" DIGEST);
    jsonw_obj(w, "state");
    jsonw_obj(w, "terminated");
    jsonw_int(w, "exitCode", 0);
    jsonw_str(w, "reason", "Completed");
    jsonw_opt(w, "message", message);
    jsonw_end(w);
    jsonw_end(w);
    jsonw_end(w);
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

static void worker(struct jsonw *w, bool ended)
{
    jsonw_str(w, "phase", ended ? "Succeeded" : "Running");
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
        terminated(w, "main", NULL);
    } else {
        running(w, "main");
    }
    jsonw_end(w);
}

static bool gather(struct arena *a UNUSED, const struct caches *c, const struct pass *pass,
                   void *view)
{
    struct view *v = view;

    v->pod = cache_get(c, &pod_kind, pass->key.ns, pass->key.name);
    v->now_ms = pass->now_ms;
    return v->pod != NULL && !rec_is_deleted(v->pod);
}

static void plan(const void *view, struct plan *p)
{
    const struct view *v = view;
    const char *role = rec_label(v->pod, "dkube.io/role");
    const char *phase = json_str(rec_json(v->pod, POD_STATUS, p->a), "phase", "Pending");
    struct jsonw w;

    if (str_eq(phase, "Succeeded")) {
        return;
    }
    jsonw_init(&w, p->a);
    jsonw_obj(&w, NULL);
    if (str_eq(role, "resolve")) {
        resolved(&w);
    } else {
        worker(&w, str_eq(phase, "Running"));
    }
    jsonw_end(&w);
    plan_status(p, &pod_kind, v->pod, NULL, jsonw_text(&w));
}

int main(int argc, char **argv)
{
    static const struct watch watches[] = {
        {.kind = &pod_kind, .selector = "dkube.io/run", .map = map_self},
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
