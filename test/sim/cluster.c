/* cluster.c — what a cluster does by itself: pods get nodes, run, end and are collected; nodes go
 * and come back. Each move is one of the world's actions. */
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/span.h"

#define GPU "nvidia.com/gpu"
#define DIGEST "sha256:1111111111111111111111111111111111111111111111111111111111111111"
#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define EVICT_MS 30000
#define INSTALLED "dkube-system" /* its pods are a StatefulSet's: somebody else sees to them */

/* --- reading pods ---------------------------------------------------------------------------- */

static int64_t pod_gpus_of(const struct tree *pod)
{
    const struct tree *list = jt_get(pod, "spec.containers");
    int64_t n = 0;

    for (uint32_t i = 0; i < jt_len(list); i++) {
        const struct tree *q = jt_key(jt_get(list->u.at[i].value, "resources.requests"), GPU);

        n += jt_is_str(q) ? strtoll(q->u.s, NULL, 10) : 0;
    }
    return n;
}

static const char *pinned_node(const struct tree *pod)
{
    const struct tree *t =
        jt_get(pod, "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
                    "nodeSelectorTerms");

    t = jt_len(t) > 0 ? jt_key(t->u.at[0].value, "matchFields") : NULL;
    t = jt_len(t) > 0 ? jt_key(t->u.at[0].value, "values") : NULL;
    return jt_len(t) > 0 ? t->u.at[0].value->u.s : "";
}

static bool has_ended(const struct tree *pod)
{
    const char *phase = jt_get_str(pod, "status.phase", "");

    return str_eq(phase, "Succeeded") || str_eq(phase, "Failed");
}

static const char *role_of(const struct tree *pod)
{
    const struct tree *v = jt_key(jt_get(pod, "metadata.labels"), "dkube.io/role");

    return jt_is_str(v) ? v->u.s : "";
}

/* --- nodes ----------------------------------------------------------------------------------- */

static struct sim_node *node_named(struct world *w, const char *name)
{
    for (size_t i = 0; i < w->cluster.node_count; i++) {
        if (str_eq(w->cluster.nodes[i].name, name)) {
            return &w->cluster.nodes[i];
        }
    }
    return NULL;
}

static bool is_up(struct world *w, const char *name)
{
    struct sim_node *n = node_named(w, name);

    return n != NULL && n->down_until_ms == 0;
}

static const struct tree *parse(struct world *w, const char *text)
{
    return jt_parse(apisim_arena(w->api), text, strlen(text));
}

static void say_ready(struct world *w, const char *name, bool ready)
{
    struct arena *a = apisim_arena(w->api);
    struct apisim_object o;

    if (apisim_find(w->api, "nodes", "", name, &o)) {
        const struct tree *list =
            parse(w, arena_printf(a, "[{\"type\":\"Ready\",\"status\":\"%s\"}]",
                                  ready ? "True" : "Unknown"));

        apisim_put(w->api, "nodes", "", name, jt_with(a, o.body, "status.conditions", list));
    }
}

void cluster_add_node(struct world *w, const char *name, int gpus)
{
    struct arena *a = apisim_arena(w->api);
    struct apisim_object o;

    w->cluster.nodes[w->cluster.node_count++] = (struct sim_node){.name = name};
    world_requestf(w, "POST", "/api/v1/nodes",
                   "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"%s\","
                   "\"labels\":{\"nvidia.com/gpu.product\":\"A100\"}},\"spec\":{}}",
                   name);
    if (apisim_find(w->api, "nodes", "", name, &o)) {
        const char *status = arena_printf(
            a, "{\"capacity\":{\"" GPU "\":\"%d\"},\"allocatable\":{\"" GPU "\":\"%d\"}}", gpus,
            gpus);

        apisim_put(w->api, "nodes", "", name, jt_with(a, o.body, "status", parse(w, status)));
    }
    say_ready(w, name, true);
}

static int64_t node_gpus(struct world *w, const char *name)
{
    struct apisim_object o;
    const struct tree *q;

    if (!apisim_find(w->api, "nodes", "", name, &o)) {
        return 0;
    }
    q = jt_key(jt_get(o.body, "status.allocatable"), GPU);
    return jt_is_str(q) ? strtoll(q->u.s, NULL, 10) : 0;
}

static int64_t used_gpus(struct world *w, const char *name)
{
    struct apisim_object o;
    int64_t n = 0;

    for (size_t at = 0; apisim_each(w->api, "pods", &at, &o);) {
        if (str_eq(jt_get_str(o.body, "spec.nodeName", ""), name) && !has_ended(o.body)) {
            n += pod_gpus_of(o.body);
        }
    }
    return n;
}

/* The node that the scheduler would choose; NULL: none now. */
static const char *place_for(struct world *w, const struct tree *pod)
{
    const char *pin = pinned_node(pod);
    int64_t gpus = pod_gpus_of(pod);

    for (size_t i = 0; i < w->cluster.node_count; i++) {
        struct sim_node *n = &w->cluster.nodes[i];

        if (n->down_until_ms == 0 && (*pin == '\0' || str_eq(pin, n->name)) &&
            (gpus == 0 || used_gpus(w, n->name) + gpus <= node_gpus(w, n->name))) {
            return n->name;
        }
    }
    return NULL;
}

/* --- what may happen ------------------------------------------------------------------------- */

static void add_move(struct world *w, enum move_kind kind, const char *plural,
                     const struct apisim_object *o)
{
    struct cluster *c = &w->cluster;

    if (c->move_count < SIM_MOVES) {
        c->moves[c->move_count++] = (struct move){kind, plural, o->ns, o->name, o->uid};
    }
}

static bool is_served_forever(const struct tree *pod)
{
    return str_eq(role_of(pod), "replica");
}

static void look_at_pod(struct world *w, const struct apisim_object *o)
{
    const char *node = jt_get_str(o->body, "spec.nodeName", "");
    const char *phase = jt_get_str(o->body, "status.phase", "");

    if (*node == '\0') {
        if (jt_get(o->body, "metadata.deletionTimestamp") == NULL && !has_ended(o->body) &&
            place_for(w, o->body) != NULL) {
            add_move(w, MOVE_BIND, "pods", o);
        }
    } else if (!is_up(w, node)) {
        return;
    } else if (jt_get(o->body, "metadata.deletionTimestamp") != NULL) {
        add_move(w, MOVE_KILL, "pods", o);
    } else if (str_eq(phase, "Pending")) {
        add_move(w, MOVE_RUN, "pods", o);
    } else if (str_eq(phase, "Running") && !is_served_forever(o->body)) {
        add_move(w, MOVE_END, "pods", o);
    }
}

static bool is_garbage(struct world *w, const struct tree *body)
{
    const struct tree *owners = jt_get(body, "metadata.ownerReferences");

    for (uint32_t i = 0; i < jt_len(owners); i++) {
        if (apisim_has_uid(w->api, jt_get_str(owners->u.at[i].value, "uid", ""))) {
            return false;
        }
    }
    return jt_len(owners) > 0 && jt_get(body, "metadata.deletionTimestamp") == NULL;
}

void cluster_look(struct world *w)
{
    static const char *const kinds[] = {"pods", "services", "serviceaccounts", "rolebindings",
                                        "networkpolicies"};
    struct cluster *c = &w->cluster;
    struct apisim_object o;

    if (c->seen_version == apisim_version(w->api) && c->seen_ms == sim_now_ms) {
        return;
    }
    c->seen_version = apisim_version(w->api);
    c->seen_ms = sim_now_ms;
    c->move_count = 0;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        for (size_t at = 0; apisim_each(w->api, kinds[i], &at, &o);) {
            if (i == 0) {
                look_at_pod(w, &o);
            }
            if (is_garbage(w, o.body)) {
                add_move(w, MOVE_COLLECT, kinds[i], &o);
            }
        }
    }
}

/* --- what pods say --------------------------------------------------------------------------- */

#define ENDED(name, code, more)                            \
    "{\"name\":\"" name "\",\"imageID\":\"example@" DIGEST \
    "\",\"state\":{\"terminated\":{\"exitCode\":" code     \
    ",\"startedAt\":\"2026-09-21T14:13:30Z\"" more "}}}"
#define RUNS(name)                                                                             \
    "{\"name\":\"" name "\",\"state\":{\"running\":{\"startedAt\":\"2026-09-21T14:13:30Z\"}}," \
    "\"ready\":true}"
#define SAYS(text) ",\"message\":\"" text "\""

static const char resolved[] = "{\"phase\":\"Succeeded\",\"containerStatuses\":[" ENDED(
    "image", "0", "") "," ENDED("commit", "0", SAYS("{\\\"commit\\\":\\\"" COMMIT "\\\"}")) "]}";
static const char headed[] = "{\"phase\":\"Succeeded\",\"containerStatuses\":[" ENDED(
    "resolve", "0",
    SAYS("{\\\"commit\\\":\\\"" COMMIT
         "\\\"}")) "," ENDED("head", "0", SAYS("{\\\"commit\\\":\\\"" COMMIT "\\\"}")) "]}";
static const char imported[] = "{\"phase\":\"Succeeded\",\"containerStatuses\":[" ENDED(
    "import", "0",
    SAYS("{\\\"digest\\\":\\\"" DIGEST
         "\\\",\\\"size\\\":12,\\\"files\\\":3,\\\"commit\\\":\\\"" COMMIT "\\\"}")) "]}";
static const char running[] = "{\"phase\":\"Running\",\"initContainerStatuses\":[" ENDED(
    "fetch", "0", "") "," RUNS("collect") "],\"containerStatuses\":[" RUNS("main") "]}";
static const char uploading[] = "{\"phase\":\"Running\",\"initContainerStatuses\":[" ENDED(
    "fetch", "0", "") "," RUNS("collect") "],\"containerStatuses\":[" ENDED("main", "0", "") "]}";
static const char done[] =
    "{\"phase\":\"Succeeded\",\"initContainerStatuses\":[" ENDED("fetch", "0", "") "," ENDED(
        "collect", "0",
        SAYS("{\\\"outputs\\\":[{\\\"name\\\":\\\"digits\\\",\\\"digest\\\":\\\"" DIGEST
             "\\\",\\\"size\\\":12,\\\"files\\\":3}]}")) "],\"containerStatuses\":[" ENDED("main",
                                                                                           "0",
                                                                                           "") "]}";
static const char serving[] =
    "{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],"
    "\"containerStatuses\":[" RUNS("server") "]}";
static const char crashed[] = "{\"phase\":\"Failed\",\"containerStatuses\":[" ENDED(
    "main", "137", "") "," ENDED("image", "137", "") "]}";
static const char killed[] =
    "{\"phase\":\"Failed\",\"initContainerStatuses\":[" ENDED("fetch", "0", "") "," ENDED(
        "collect", "0", "") "],\"containerStatuses\":[" ENDED("main", "143", "") "]}";
static const char evicted[] =
    "{\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"the node ran out of memory\"}";
static const char refused[] =
    "{\"phase\":\"Failed\",\"reason\":\"OutOfcpu\",\"message\":\"the node has no room\"}";

static const char *begun(const char *role, bool *ret_ends)
{
    static const struct {
        const char *role, *says;
    } steps[] = {{"resolve", resolved}, {"head", headed}, {"import", imported}};

    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (str_eq(role, steps[i].role)) {
            *ret_ends = true;
            return steps[i].says;
        }
    }
    *ret_ends = false;
    return str_eq(role, "replica") ? serving : running;
}

static void say(struct world *w, const struct apisim_object *o, const char *status)
{
    const struct tree *t = jt_with(apisim_arena(w->api), o->body, "status", parse(w, status));

    apisim_put(w->api, "pods", o->ns, o->name, t);
}

static void bind(struct world *w, const struct apisim_object *o)
{
    struct arena *a = apisim_arena(w->api);
    const char *node = place_for(w, o->body);

    if (node != NULL) {
        apisim_put(w->api, "pods", o->ns, o->name,
                   jt_with(a, o->body, "spec.nodeName", jt_str(a, node)));
    }
}

static void end_pod(struct world *w, const struct apisim_object *o)
{
    const struct tree *main = jt_get(o->body, "status.containerStatuses");
    bool is_worker = str_eq(role_of(o->body), "worker");

    main = jt_len(main) > 0 ? main->u.at[0].value : NULL;
    if (is_worker && jt_get(main, "state.running") != NULL && !w->exhaustive &&
        chance(&w->dice, 40)) {
        say(w, o, uploading);
    } else {
        say(w, o, done);
    }
}

static void collect(struct world *w, const struct move *m)
{
    const char *group = str_eq(m->plural, "rolebindings")      ? "apis/rbac.authorization.k8s.io/v1"
                        : str_eq(m->plural, "networkpolicies") ? "apis/networking.k8s.io/v1"
                                                               : "api/v1";

    world_request(w, "DELETE",
                  arena_printf(apisim_arena(w->api), "/%s/namespaces/%s/%s/%s", group, m->ns,
                               m->plural, m->name),
                  NULL);
}

void cluster_move(struct world *w, const struct move *m)
{
    struct apisim_object o;
    bool ends;

    if (!apisim_find(w->api, m->plural, m->ns, m->name, &o) || !str_eq(o.uid, m->uid)) {
        return;
    }
    switch (m->kind) {
    case MOVE_BIND:
        bind(w, &o);
        break;
    case MOVE_RUN:
        say(w, &o, begun(role_of(o.body), &ends));
        break;
    case MOVE_END:
        end_pod(w, &o);
        break;
    case MOVE_KILL:
        if (str_eq(jt_get_str(o.body, "status.phase", ""), "Running")) {
            say(w, &o, killed);
        } else {
            apisim_remove(w->api, "pods", m->ns, m->name);
        }
        break;
    case MOVE_COLLECT:
        collect(w, m);
        break;
    }
}

/* --- what goes wrong ------------------------------------------------------------------------- */

bool cluster_fail(struct world *w)
{
    static const char *const how[] = {crashed, evicted, refused};
    struct apisim_object o, chosen = {0};
    unsigned n = 0;

    for (size_t at = 0; apisim_each(w->api, "pods", &at, &o);) {
        const char *node = jt_get_str(o.body, "spec.nodeName", "");

        if (*node != '\0' && is_up(w, node) && !has_ended(o.body) && !str_eq(o.ns, INSTALLED) &&
            roll(&w->fate, ++n) == 0) {
            chosen = o;
        }
    }
    if (n == 0) {
        return false;
    }
    bool fresh = str_eq(jt_get_str(chosen.body, "status.phase", ""), "Pending");
    bool looks_up = str_eq(role_of(chosen.body), "resolve"); /* its exit code is an answer */
    unsigned i = looks_up ? 1 + roll(&w->fate, fresh ? 2 : 1) : roll(&w->fate, fresh ? 3 : 2);
    world_note(w, "the pod %s fails (%u)", chosen.name, i);
    say(w, &chosen, how[i]);
    return true;
}

bool cluster_lose_node(struct world *w)
{
    struct sim_node *n = &w->cluster.nodes[roll(&w->fate, (unsigned)w->cluster.node_count)];

    if (n->down_until_ms > 0) {
        return false;
    }
    n->evicts_ms = sim_now_ms + EVICT_MS;
    n->down_until_ms = sim_now_ms + 10000 + (int64_t)roll(&w->fate, 150) * 1000;
    world_note(w, "the node %s goes", n->name);
    say_ready(w, n->name, false);
    return true;
}

static void evict_all(struct world *w, const char *node)
{
    struct apisim_object o;
    struct {
        const char *ns, *name;
    } list[SIM_MOVES];
    size_t n = 0;

    for (size_t at = 0; apisim_each(w->api, "pods", &at, &o);) {
        if (str_eq(jt_get_str(o.body, "spec.nodeName", ""), node) && !has_ended(o.body) &&
            !str_eq(o.ns, INSTALLED) && n < SIM_MOVES) {
            list[n].ns = o.ns;
            list[n++].name = o.name;
        }
    }
    for (size_t i = 0; i < n; i++) {
        world_request(w, "DELETE",
                      arena_printf(apisim_arena(w->api), "/api/v1/namespaces/%s/pods/%s",
                                   list[i].ns, list[i].name),
                      NULL);
    }
}

void cluster_time(struct world *w)
{
    for (size_t i = 0; i < w->cluster.node_count; i++) {
        struct sim_node *n = &w->cluster.nodes[i];

        if (n->down_until_ms > 0 && n->evicts_ms > 0 && sim_now_ms >= n->evicts_ms) {
            n->evicts_ms = 0;
            evict_all(w, n->name);
        }
        if (n->down_until_ms > 0 && sim_now_ms >= n->down_until_ms) {
            n->down_until_ms = 0;
            say_ready(w, n->name, true);
        }
    }
}

int64_t cluster_next_ms(struct world *w)
{
    int64_t next = 0;

    for (size_t i = 0; i < w->cluster.node_count; i++) {
        struct sim_node *n = &w->cluster.nodes[i];
        int64_t at = n->down_until_ms;

        at = at > 0 && n->evicts_ms > 0 && n->evicts_ms < at ? n->evicts_ms : at;
        next = at > 0 && (next == 0 || at < next) ? at : next;
    }
    return next;
}
