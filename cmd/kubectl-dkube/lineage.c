#include "cmd/kubectl-dkube/lineage.h"

#include <string.h>

#include "api/artifactversion.gen.h"
#include "api/coderepo.gen.h"
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "base/span.h"

struct walk {
    struct client *c;
    struct arena *a;
    const char *ns;
    struct err *e;
};

static const struct json *fetch(struct walk *w, const struct kind *k, const char *name)
{
    const struct http_request r = {.method = "GET",
                                   .path = kube_path(w->a, k, w->ns, name, NULL, NULL)};
    const struct json *j = NULL;
    const char *body;
    size_t len;

    if (client_wait(w->c, w->a, &r, &body, &len, w->e) < 0 ||
        json_parse(w->a, body, len, &j, w->e) < 0) {
        return NULL;
    }
    return j;
}

/* "12,345,678 bytes" is for machines; people get KiB, MiB, GiB. */
static const char *human_size(struct arena *a, int64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double v = (double)bytes;
    size_t u = 0;

    for (; v >= 1024 && u + 1 < ARRAY_LEN(units); u++) {
        v /= 1024;
    }
    return arena_printf(a, u == 0 ? "%.0f %s" : "%.1f %s", v, units[u]);
}

static const char *join(struct arena *a, const struct json *strings)
{
    const char *all = "";

    for (size_t i = 0; i < json_len(strings); i++) {
        all = arena_printf(a, "%s%s%s", all, i > 0 ? " " : "", json_as_str(json_at(strings, i)));
    }
    return all;
}

static const char *pairs(struct arena *a, const struct json *list)
{
    const char *all = "";

    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *p = json_at(list, i);

        all = arena_printf(a, "%s%s%s=%s", all, i > 0 ? " " : "", json_str(p, "name", "?"),
                           json_str(p, "value", ""));
    }
    return all;
}

static void add_version(struct walk *w, struct node *parent, const char *label, const char *name);

static void add_code(struct walk *w, struct node *run_node, const struct json *run)
{
    const char *name = json_str(run, "spec.code.repo", NULL);
    const struct json *repo;

    if (name == NULL) {
        return;
    }
    repo = fetch(w, &kind_coderepo, name);
    tree_add(w->a, run_node, "code %s, commit %s of %s", name,
             json_str(run, "status.commit", "not resolved yet"),
             repo != NULL ? json_str(repo, "spec.url", "?") : "a CodeRepo that is gone");
}

static void add_inputs(struct walk *w, struct node *run_node, const struct json *run)
{
    const struct json *inputs = json_get(run, "status.inputs");

    for (size_t i = 0; i < json_len(inputs); i++) {
        const struct json *in = json_at(inputs, i);
        const char *kind = str_eq(json_str(in, "kind", ""), "Model") ? "model" : "dataset";
        const char *name = json_str(in, "name", "?");

        add_version(
            w, run_node, arena_printf(w->a, "input %s %s", kind, name),
            arena_printf(w->a, "%s-%s-v%lld", kind, name, (long long)json_int(in, "version", 0)));
    }
}

static void add_run(struct walk *w, struct node *parent, const char *name)
{
    const struct json *run = fetch(w, &kind_dkuberun, name);
    const char *params, *metrics, *digest;
    struct node *n;

    if (run == NULL) {
        tree_add(w->a, parent, "run %s: %s", name, w->e->text);
        return;
    }
    n = tree_add(w->a, parent, "run %s by %s, %s", name, json_str(run, "spec.owner", "?"),
                 json_str(run, "status.phase", "not seen yet"));
    add_code(w, n, run);
    add_inputs(w, n, run);
    digest = json_str(run, "status.imageDigest", "");
    tree_add(w->a, n, "image %s%s%s", json_str(run, "spec.image", "?"), *digest ? " = " : "",
             digest);
    tree_add(w->a, n, "command %s", join(w->a, json_get(run, "spec.command")));
    params = pairs(w->a, json_get(run, "spec.parameters"));
    metrics = pairs(w->a, json_get(run, "status.metrics"));
    if (*params != '\0') {
        tree_add(w->a, n, "parameters %s", params);
    }
    if (*metrics != '\0') {
        tree_add(w->a, n, "metrics %s", metrics);
    }
}

static void add_version(struct walk *w, struct node *parent, const char *label, const char *name)
{
    const struct json *v = fetch(w, &kind_artifactversion, name);
    const char *run, *source;
    struct node *n;

    if (v == NULL) {
        tree_add(w->a, parent, "%s: %s", label, w->e->text);
        return;
    }
    n = tree_add(w->a, parent, "%s v%lld, %s, %lld file%s, %s", label,
                 (long long)json_int(v, "spec.number", 0), json_str(v, "spec.digest", "?"),
                 (long long)json_int(v, "spec.files", 0),
                 json_int(v, "spec.files", 0) == 1 ? "" : "s",
                 human_size(w->a, json_int(v, "spec.size", 0)));
    run = json_str(v, "spec.run", "");
    source = json_str(v, "spec.source", "");
    if (*source != '\0') {
        tree_add(w->a, n, "from %s", source);
    }
    if (*run != '\0') {
        add_run(w, n, run);
    }
}

static struct node *deployment_tree(struct walk *w, const char *name)
{
    const struct json *d = fetch(w, &kind_deployment, name);
    const char *version;
    struct node *root;

    if (d == NULL) {
        return NULL;
    }
    root = tree_add(
        w->a, NULL, "deployment %s (%s), %lld of %lld ready, %s", name,
        json_str(d, "spec.type", "Test"), (long long)json_int(d, "status.readyReplicas", 0),
        (long long)json_int(d, "status.replicas", 0), json_str(d, "status.url", "no URL yet"));
    tree_add(w->a, root, "serving image %s", json_str(d, "spec.servingImage", "?"));
    version = json_str(d, "status.modelVersion", "");
    if (*version == '\0') {
        tree_add(w->a, root, "model %s: no version resolved yet, see kubectl describe",
                 json_str(d, "spec.model", "?"));
        return root;
    }
    add_version(w, root, arena_printf(w->a, "model %s", json_str(d, "spec.model", "?")), version);
    return root;
}

static struct node *checked(struct walk *w, const struct kind *k, const char *name,
                            void (*add)(struct walk *, struct node *, const char *))
{
    struct node *holder;

    if (fetch(w, k, name) == NULL) {
        return NULL;
    }
    holder = tree_add(w->a, NULL, "%s", "");
    add(w, holder, name);
    return holder->child;
}

static void add_bare_version(struct walk *w, struct node *parent, const char *name)
{
    add_version(w, parent, arena_printf(w->a, "version %s", name), name);
}

static bool is_one_of(struct span word, const char *list)
{
    size_t n;

    for (; *list != '\0'; list += n + (list[n] == ' ')) {
        n = strcspn(list, " ");
        if (span_eq(word, (struct span){list, n})) {
            return true;
        }
    }
    return false;
}

int lineage_tree(struct client *c, struct arena *a, const char *ns, const char *what,
                 struct node **ret, struct err *e)
{
    struct walk w = {c, a, ns, e};
    const char *slash = strchr(what, '/');
    struct span kind = {what, slash != NULL ? (size_t)(slash - what) : 0};
    struct node *root;

    if (slash == NULL || slash[1] == '\0' || strchr(slash + 1, '/') != NULL) {
        return err_set(e, ERR_INVALID, "BadArgument",
                       "'%s' is not KIND/NAME, e.g. deployment/digits", what);
    }
    if (is_one_of(kind, "deployment deployments deployments.dkube.io dkdep")) {
        root = deployment_tree(&w, slash + 1);
    } else if (is_one_of(kind, "run dkuberun dkuberuns dkuberuns.dkube.io dkr")) {
        root = checked(&w, &kind_dkuberun, slash + 1, add_run);
    } else if (is_one_of(kind, "version artifactversion artifactversions "
                               "artifactversions.dkube.io dkv")) {
        root = checked(&w, &kind_artifactversion, slash + 1, add_bare_version);
    } else {
        return err_set(e, ERR_INVALID, "BadArgument",
                       "'%.*s' has no lineage; use deployment, run or version", (int)kind.n,
                       kind.p);
    }
    if (root == NULL) {
        return -1;
    }
    *ret = root;
    return 0;
}
