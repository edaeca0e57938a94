#include "cmd/kubectl-dkube/lineage.h"

#include <string.h>

#include "api/artifactversion.gen.h"
#include "api/coderepo.gen.h"
#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "base/span.h"

#define GENERATIONS_MAX 16 /* runs one behind the other */

struct seen {
    const struct seen *next;
    const char *version;
};

struct walk {
    struct client *c;
    struct arena *a;
    const char *ns;
    struct err e;            /* why the last fetch() gave nothing */
    const struct seen *seen; /* versions that the tree holds already */
    unsigned generations;
};

static const struct json *fetch(struct walk *w, const struct kind *k, const char *name)
{
    const struct http_request r = {.method = "GET",
                                   .path = kube_path(w->a, k, w->ns, name, NULL, NULL)};
    const struct json *j = NULL;
    const char *body;
    size_t len;

    if (client_wait(w->c, w->a, &r, &body, &len, &w->e) < 0 ||
        json_parse(w->a, body, len, &j, &w->e) < 0) {
        return NULL;
    }
    return j;
}

/* Why an object of a kind whose history outlives it could not be read. */
static const char *trouble(struct walk *w, const struct kind *k, const char *name)
{
    if (w->e.kind != ERR_NOT_FOUND) {
        return w->e.text;
    }
    return arena_printf(w->a,
                        "there is no %s '%s' in namespace '%s'; if it was deleted, an operator "
                        "finds its last state in the lineage database (docs/reference/lineage.md; "
                        "on the demo cluster: psql \"$(make -s lineage-url)\")",
                        k->kind, name, w->ns);
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
             repo != NULL                 ? json_str(repo, "spec.url", "?")
             : w->e.kind == ERR_NOT_FOUND ? "a CodeRepo that is gone"
                                          : w->e.text);
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

static void describe_run(struct walk *w, struct node *n, const struct json *run)
{
    const char *params = pairs(w->a, json_get(run, "spec.parameters"));
    const char *metrics = pairs(w->a, json_get(run, "status.metrics"));
    const char *digest = json_str(run, "status.imageDigest", "");

    add_code(w, n, run);
    add_inputs(w, n, run);
    tree_add(w->a, n, "image %s%s%s", json_str(run, "spec.image", "?"), *digest ? " = " : "",
             digest);
    tree_add(w->a, n, "command %s", join(w->a, json_get(run, "spec.command")));
    if (*params != '\0') {
        tree_add(w->a, n, "parameters %s", params);
    }
    if (*metrics != '\0') {
        tree_add(w->a, n, "metrics %s", metrics);
    }
}

/* uid: of the run that is meant, "" for whichever has the name. */
static void add_run(struct walk *w, struct node *parent, const char *name, const char *uid)
{
    const struct json *run = fetch(w, &kind_dkuberun, name);
    struct node *n;

    if (run != NULL && *uid != '\0' && !str_eq(json_str(run, "metadata.uid", ""), uid)) {
        w->e.kind = ERR_NOT_FOUND; /* a later run has taken the name */
        run = NULL;
    }
    if (run == NULL) {
        tree_add(w->a, parent, "run %s: %s", name, trouble(w, &kind_dkuberun, name));
        return;
    }
    n = tree_add(w->a, parent, "run %s by %s, %s", name, json_str(run, "spec.owner", "?"),
                 json_str(run, "status.phase", "not seen yet"));
    if (w->generations >= GENERATIONS_MAX) {
        tree_add(w->a, n, "and so on: kubectl dkube lineage run/%s", name);
        return;
    }
    w->generations++;
    describe_run(w, n, run);
    w->generations--;
}

/* True the second time. */
static bool is_shown(struct walk *w, const char *version)
{
    struct seen *s;

    for (const struct seen *at = w->seen; at != NULL; at = at->next) {
        if (str_eq(at->version, version)) {
            return true;
        }
    }
    s = arena_alloc(w->a, sizeof *s);
    *s = (struct seen){w->seen, version};
    w->seen = s;
    return false;
}

static void add_version(struct walk *w, struct node *parent, const char *label, const char *name)
{
    const struct json *v;
    const char *run, *source;
    struct node *n;

    if (is_shown(w, name)) {
        tree_add(w->a, parent, "%s: %s, as above", label, name);
        return;
    }
    v = fetch(w, &kind_artifactversion, name);
    if (v == NULL) {
        tree_add(w->a, parent, "%s: %s", label, trouble(w, &kind_artifactversion, name));
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
        add_run(w, n, run, json_str(v, "spec.runUID", ""));
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

/* The tree whose root one of the two makes; NULL when there is no such object. */
static struct node *tree_of(struct walk *w, const struct kind *k, const char *name)
{
    struct node *holder;

    if (fetch(w, k, name) == NULL) {
        return NULL;
    }
    holder = tree_add(w->a, NULL, "%s", "");
    if (k == &kind_dkuberun) {
        add_run(w, holder, name, "");
    } else {
        add_version(w, holder, arena_printf(w->a, "version %s", name), name);
    }
    return holder->child;
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

static const struct kind *kind_called(struct span word)
{
    if (is_one_of(word, "deployment deployments deployments.dkube.io dkdep")) {
        return &kind_deployment;
    }
    if (is_one_of(word, "run dkuberun dkuberuns dkuberuns.dkube.io dkr")) {
        return &kind_dkuberun;
    }
    if (is_one_of(word, "version artifactversion artifactversions artifactversions.dkube.io dkv")) {
        return &kind_artifactversion;
    }
    return NULL;
}

int lineage_tree(struct client *c, struct arena *a, const char *ns, const char *what,
                 struct node **ret, struct err *e)
{
    struct walk w = {.c = c, .a = a, .ns = ns};
    const char *slash = strchr(what, '/');
    const struct kind *k;
    struct node *root;

    if (slash == NULL || slash[1] == '\0' || strchr(slash + 1, '/') != NULL) {
        return err_set(e, ERR_INVALID, "BadArgument",
                       "'%s' is not KIND/NAME, e.g. deployment/digits", what);
    }
    k = kind_called((struct span){what, (size_t)(slash - what)});
    if (k == NULL) {
        return err_set(e, ERR_INVALID, "BadArgument",
                       "'%.*s' has no lineage; use deployment, run or version", (int)(slash - what),
                       what);
    }
    root = k == &kind_deployment ? deployment_tree(&w, slash + 1) : tree_of(&w, k, slash + 1);
    if (root == NULL) {
        return err_set(e, w.e.kind, w.e.reason, "%s", trouble(&w, k, slash + 1));
    }
    *ret = root;
    return 0;
}

int lineage(struct session *s, const char *what, struct err *e)
{
    struct node *root = NULL;

    if (s->as_json) {
        return err_set(e, ERR_INVALID, "BadArgument", "lineage draws a tree; it has no -o json");
    }
    if (lineage_tree(s->c, s->a, s->ns, what, &root, e) < 0) {
        return -1;
    }
    tree_draw(stdout, root);
    return 0;
}
