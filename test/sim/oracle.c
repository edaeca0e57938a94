/* oracle.c — what must hold: after every write, and when all is quiet. */
#include "sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"

#define GPU "nvidia.com/gpu"

/* --- requests -------------------------------------------------------------------------------- */

/* The write law, seen from the wire: a deletion names its uid, an apply too. */
void oracle_request(struct world *w, const struct apisim_request *r)
{
    if (str_eq(r->method, "DELETE") && strstr(r->body != NULL ? r->body : "", "\"uid\"") == NULL) {
        world_fail(w, "a DELETE without a uid: %s", r->path);
    }
    if (str_eq(r->content_type, "application/apply-patch+yaml") &&
        strstr(r->body, "\"uid\"") == NULL) {
        world_fail(w, "an apply without a uid: %s", r->path);
    }
    if (str_eq(r->method, "PUT")) {
        world_fail(w, "a PUT: %s", r->path);
    }
}

/* --- GPUs ------------------------------------------------------------------------------------ */

static int64_t gpus_of(const struct tree *pod)
{
    const struct tree *list = jt_get(pod, "spec.containers");
    int64_t n = 0;

    for (uint32_t i = 0; i < jt_len(list); i++) {
        const struct tree *q = jt_key(jt_get(list->u.at[i].value, "resources.requests"), GPU);

        n += jt_is_str(q) ? strtoll(q->u.s, NULL, 10) : 0;
    }
    return n;
}

static bool has_ended(const struct tree *pod)
{
    const char *phase = jt_get_str(pod, "status.phase", "");

    return str_eq(phase, "Succeeded") || str_eq(phase, "Failed");
}

/* Where its GPUs are: bound, or pinned by whoever made it. */
static const char *seat_of(const struct tree *pod)
{
    const char *node = jt_get_str(pod, "spec.nodeName", "");
    const struct tree *t;

    if (*node != '\0') {
        return node;
    }
    t = jt_get(pod, "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
                    "nodeSelectorTerms");
    t = jt_len(t) > 0 ? jt_key(t->u.at[0].value, "matchFields") : NULL;
    t = jt_len(t) > 0 ? jt_key(t->u.at[0].value, "values") : NULL;
    return jt_len(t) > 0 ? t->u.at[0].value->u.s : "";
}

struct tally {
    const char *node;
    int64_t capacity, pods, claims;
};

static struct tally *tally_of(struct tally *list, size_t n, const char *node)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(list[i].node, node)) {
            return &list[i];
        }
    }
    return NULL;
}

static bool is_final(const char *phase)
{
    return str_eq(phase, "Complete") || str_eq(phase, "Error") || str_eq(phase, "Stopped");
}

static struct seen_run *seen_run(struct world *w, const char *uid)
{
    for (size_t i = 0; i < w->run_count; i++) {
        if (str_eq(w->runs[i].uid, uid)) {
            return &w->runs[i];
        }
    }
    if (w->run_count == SIM_RUNS) {
        return NULL;
    }
    w->runs[w->run_count] = (struct seen_run){.uid = uid};
    return &w->runs[w->run_count++];
}

/* Whether this worker of the run has had its pod in this attempt. */
static bool was_podded(struct world *w, struct seen_run *seen, const struct apisim_object *o,
                       int64_t attempt, uint32_t rank)
{
    struct apisim_object pod;
    char name[128];

    if (seen->podded != attempt) {
        seen->podded = attempt;
        seen->ranks = 0;
    }
    snprintf(name, sizeof(name), attempt == 0 ? "%s-worker-%u" : "%s-worker-%u-a%" PRId64, o->name,
             rank, attempt);
    if (apisim_find(w->api, "pods", o->ns, name, &pod)) {
        seen->ranks |= UINT64_C(1) << rank;
    }
    return (seen->ranks >> rank & 1) != 0;
}

/* The GPUs of workers of an admitted run whose pod has not been made yet; once it was, the pods
 * count. */
static void count_claim(struct world *w, struct tally *list, size_t n,
                        const struct apisim_object *o)
{
    int64_t attempt = jt_get_int(o->body, "status.attempt", 0);
    const struct tree *nodes = jt_get(o->body, "status.admission.nodes");
    struct seen_run *seen = seen_run(w, o->uid);

    if (jt_len(nodes) == 0 || seen == NULL || is_final(jt_get_str(o->body, "status.phase", "")) ||
        jt_get_int(o->body, "status.admission.attempt", -1) != attempt) {
        return;
    }
    for (uint32_t i = 0; i < nodes->len; i++) {
        const struct tree *e = nodes->u.at[i].value;
        struct tally *t = tally_of(list, n, jt_get_str(e, "name", ""));

        if (!was_podded(w, seen, o, attempt, i) && t != NULL) {
            t->claims += jt_get_int(e, "gpus", 0);
        }
    }
}

static void check_gpus(struct world *w)
{
    struct tally list[SIM_NODES];
    struct apisim_object o;
    size_t n = 0;

    for (size_t at = 0; n < SIM_NODES && apisim_each(w->api, "nodes", &at, &o);) {
        const struct tree *q = jt_key(jt_get(o.body, "status.allocatable"), GPU);

        list[n++] = (struct tally){o.name, jt_is_str(q) ? strtoll(q->u.s, NULL, 10) : 0, 0, 0};
    }
    for (size_t at = 0; apisim_each(w->api, "pods", &at, &o);) {
        struct tally *t = has_ended(o.body) ? NULL : tally_of(list, n, seat_of(o.body));

        if (t != NULL) {
            t->pods += gpus_of(o.body);
        }
    }
    for (size_t at = 0; apisim_each(w->api, "dkuberuns", &at, &o);) {
        count_claim(w, list, n, &o);
    }
    for (size_t i = 0; i < n; i++) {
        if (list[i].pods + list[i].claims > list[i].capacity) {
            world_fail(w, "node %s: %" PRId64 " GPUs of pods and %" PRId64 " of claims on %" PRId64,
                       list[i].node, list[i].pods, list[i].claims, list[i].capacity);
        }
    }
}

/* --- pods ------------------------------------------------------------------------------------ */

static const char *label(const struct tree *body, const char *key)
{
    const struct tree *v = jt_key(jt_get(body, "metadata.labels"), key);

    return jt_is_str(v) ? v->u.s : "";
}

/* Workers of one attempt, each another one. */
static bool are_peers(const struct tree *a, const struct tree *b)
{
    return *label(a, "dkube.io/rank") != '\0' && *label(b, "dkube.io/rank") != '\0' &&
           !str_eq(label(a, "dkube.io/rank"), label(b, "dkube.io/rank")) &&
           str_eq(label(a, "dkube.io/attempt"), label(b, "dkube.io/attempt"));
}

/* At most one live pod for each role of a run, and of several workers for each rank; and never half
 * of one attempt beside half of another. */
static void check_pods(struct world *w)
{
    struct apisim_object o, p;

    for (size_t at = 0; apisim_each(w->api, "pods", &at, &o);) {
        const char *run = label(o.body, "dkube.io/run"), *role = label(o.body, "dkube.io/role");

        if (*run == '\0' || has_ended(o.body)) {
            continue;
        }
        for (size_t more = at; apisim_each(w->api, "pods", &more, &p);) {
            if (!has_ended(p.body) && str_eq(o.ns, p.ns) &&
                str_eq(run, label(p.body, "dkube.io/run")) &&
                str_eq(role, label(p.body, "dkube.io/role")) && !are_peers(o.body, p.body)) {
                world_fail(w, "two live pods of run %s, role %s: %s and %s", run, role, o.name,
                           p.name);
            }
        }
    }
}

/* --- runs ------------------------------------------------------------------------------------ */

/* A phase that ends a run is its last, and attempts only rise. */
static void check_runs(struct world *w)
{
    struct apisim_object o;

    for (size_t at = 0; apisim_each(w->api, "dkuberuns", &at, &o);) {
        struct seen_run *r = seen_run(w, o.uid);
        const char *phase = jt_get_str(o.body, "status.phase", "");
        int64_t attempt = jt_get_int(o.body, "status.attempt", 0);

        if (r == NULL) {
            continue;
        }
        if (r->final != NULL && !str_eq(r->final, phase)) {
            world_fail(w, "run %s was %s and is %s", o.name, r->final, phase);
        }
        if (attempt < r->attempt) {
            world_fail(w, "run %s was in attempt %" PRId64 " and is in %" PRId64, o.name,
                       r->attempt, attempt);
        }
        r->final = is_final(phase) ? phase : NULL;
        r->attempt = attempt;
    }
}

static bool changed_kinds(struct world *w)
{
    static const char *const dull[] = {"leases", "events"};
    struct apisim_object o;
    bool more = false;

    for (size_t i = 0; i < ARRAY_LEN(dull); i++) {
        for (size_t at = 0; apisim_each(w->api, dull[i], &at, &o);) {
            more = more || o.version > w->checked;
        }
    }
    return !more || apisim_version(w->api) - w->checked > 1;
}

void oracle_step(struct world *w)
{
    if (apisim_version(w->api) == w->checked) {
        return;
    }
    if (changed_kinds(w)) {
        w->settled_since_ms = sim_now_ms;
        check_gpus(w);
        check_pods(w);
        check_runs(w);
    }
    w->checked = apisim_version(w->api);
}

/* --- at the end ------------------------------------------------------------------------------ */

static void check_orphans(struct world *w)
{
    struct apisim_object o;

    for (size_t at = 0; apisim_each(w->api, "pods", &at, &o);) {
        const struct tree *owners = jt_get(o.body, "metadata.ownerReferences");

        if (jt_len(owners) > 0 &&
            !apisim_has_uid(w->api, jt_get_str(owners->u.at[0].value, "uid", ""))) {
            world_fail(w, "the pod %s has outlived its owner", o.name);
        }
    }
}

static bool is_watched(const struct watch *watch, const struct apisim_object *o)
{
    const char *s = watch->selector;

    if (watch->ns != NULL && !str_eq(watch->ns, o->ns)) {
        return false;
    }
    while (s != NULL && *s != '\0') { /* "k=v" and "k" parts are all that programs use */
        size_t n = strcspn(s, ","), k = strcspn(s, ",=");
        const char *key = arena_strndup(apisim_arena(o->of), s, k);
        const struct tree *v = jt_key(jt_get(o->body, "metadata.labels"), key);

        if (v == NULL || (k < n && strncmp(v->u.s, s + k + 1, n - k - 1) != 0)) {
            return false;
        }
        s += n + (s[n] == ',');
    }
    return true;
}

/* The record that a LIST would give now. */
static const struct rec *record_of(struct world *w, const struct kind *k,
                                   const struct apisim_object *o, struct arena *a)
{
    const char *text = apisim_text(w->api, o);
    const struct json *j = NULL;
    const struct rec *r = NULL;
    struct err e = {0};
    uint32_t size;

    if (json_parse(a, text, strlen(text), &j, &e) < 0 ||
        rec_build(a, k->rows, j, &r, &size, &e) < 0) {
        world_fail(w, "%s %s is no record: %s", o->kind, o->name, e.text);
    }
    return r;
}

static void check_kind(struct world *w, struct prog *p, const struct watch *watch)
{
    CLEANUP(arena_done) struct arena a = {0};
    struct apisim_object o;
    size_t n = 0;

    for (size_t at = 0; apisim_each(w->api, watch->kind->plural, &at, &o);) {
        const struct rec *have, *want;

        if (!is_watched(watch, &o)) {
            continue;
        }
        n++;
        have = cache_get(p->caches, watch->kind, o.ns, o.name);
        want = record_of(w, watch->kind, &o, &a);
        if (have == NULL || want == NULL || rec_size(have) != rec_size(want) ||
            memcmp(have, want, rec_size(want)) != 0) {
            world_fail(w, "p%u's cache has another %s %s/%s than a LIST", p->id, o.kind, o.ns,
                       o.name);
        }
    }
    if (n != cache_count(p->caches, watch->kind)) {
        world_fail(w, "p%u's cache has %zu of %s, a LIST %zu", p->id,
                   cache_count(p->caches, watch->kind), watch->kind->plural, n);
    }
}

void oracle_end(struct world *w)
{
    check_orphans(w);
    for (size_t i = 0; i < SIM_PROGRAMS && w->progs[i].program != NULL; i++) {
        size_t n;
        const struct watch *const *ws = shell_watches(w->progs[i].shell, &n);

        for (size_t k = 0; k < n; k++) {
            check_kind(w, &w->progs[i], ws[k]);
        }
    }
}
