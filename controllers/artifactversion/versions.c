#include "controllers/artifactversion/versions.h"

#include <stdlib.h>

#include "api/artifactversion.gen.h"
#include "api/dkuberun.gen.h"
#include "base/span.h"
#include "controllers/common/child.h"

static int by_number(const void *x, const void *y)
{
    int64_t a = artifactversion_spec_number(*(const struct rec *const *)x);
    int64_t b = artifactversion_spec_number(*(const struct rec *const *)y);

    return (a > b) - (a < b);
}

void versions_list(struct arena *a, const struct caches *c, struct versions *v)
{
    struct cache_iter it = {0};
    const struct rec *r;
    void *list = NULL;

    while ((r = cache_next(c, &kind_artifactversion, v->ns, &it)) != NULL) {
        if (str_eq(artifactversion_spec_of_kind(r), v->kind) &&
            str_eq(artifactversion_spec_of_name(r), v->of)) {
            *(const struct rec **)arena_push(a, &list, &v->count, sizeof(r)) = r;
        }
    }
    v->list = list;
    if (v->count > 0) {
        qsort(list, v->count, sizeof(r), by_number);
    }
}

static bool is_made(const struct versions *v, const struct rec *run, const struct rec *output)
{
    if (!str_empty(dkuberun_status_outputs_version(output))) {
        return true;
    }
    for (size_t i = 0; i < v->count; i++) {
        if (str_eq(artifactversion_spec_run_uid(v->list[i]), rec_uid(run)) &&
            str_eq(artifactversion_spec_output(v->list[i]), dkuberun_status_outputs_name(output))) {
            return true;
        }
    }
    return false;
}

bool version_is_owed(const struct caches *c, const struct rec *version)
{
    const char *name = artifactversion_spec_run(version);
    const struct rec *run =
        str_empty(name) ? NULL : cache_get(c, &kind_dkuberun, rec_namespace(version), name);

    if (run == NULL || !str_eq(rec_uid(run), artifactversion_spec_run_uid(version))) {
        return false;
    }
    for (uint32_t i = 0; i < dkuberun_status_outputs_count(run); i++) {
        const struct rec *o = dkuberun_status_outputs_at(run, i);

        if (str_eq(dkuberun_status_outputs_name(o), artifactversion_spec_output(version)) &&
            str_eq(dkuberun_status_outputs_kind(o), artifactversion_spec_of_kind(version))) {
            return str_empty(dkuberun_status_outputs_version(o));
        }
    }
    return false;
}

static int by_completion(const void *x, const void *y)
{
    const struct owed *a = x, *b = y;
    int64_t s = dkuberun_status_completion_time(a->run);
    int64_t t = dkuberun_status_completion_time(b->run);

    return s != t ? (s > t) - (s < t) : strcmp(rec_name(a->run), rec_name(b->run));
}

static void gather_owed(struct arena *a, const struct caches *c, struct versions *v)
{
    struct cache_iter it = {0};
    const struct rec *run;
    void *owed = NULL;

    while ((run = cache_next(c, &kind_dkuberun, v->ns, &it)) != NULL) {
        if (!str_eq(dkuberun_status_phase(run), "Complete")) {
            continue;
        }
        for (uint32_t i = 0; i < dkuberun_status_outputs_count(run); i++) {
            const struct rec *o = dkuberun_status_outputs_at(run, i);

            if (str_eq(dkuberun_status_outputs_kind(o), v->kind) &&
                str_eq(dkuberun_status_outputs_name(o), v->of) &&
                !str_empty(dkuberun_status_outputs_digest(o)) && !is_made(v, run, o)) {
                *(struct owed *)arena_push(a, &owed, &v->owed_count, sizeof(struct owed)) =
                    (struct owed){run, o};
            }
        }
    }
    v->owed = owed;
    if (v->owed_count > 0) {
        qsort(owed, v->owed_count, sizeof(struct owed), by_completion);
    }
}

void versions_gather(struct arena *a, const struct caches *c, struct versions *v)
{
    v->group = group_of_namespace(c, v->ns);
    versions_list(a, c, v);
    gather_owed(a, c, v);
}

int64_t versions_highest(const struct versions *v)
{
    int64_t there = v->count > 0 ? artifactversion_spec_number(v->list[v->count - 1]) : 0;

    return there > v->last_number ? there : v->last_number;
}

static bool counts(const struct rec *r)
{
    return artifactversion_status_ready(r) && !rec_is_deleted(r);
}

const struct rec *versions_newest(const struct versions *v, const char *stage)
{
    for (size_t i = v->count; i > 0; i--) {
        const struct rec *r = v->list[i - 1];

        if (counts(r) && (stage == NULL || str_eq(artifactversion_spec_stage(r), stage))) {
            return r;
        }
    }
    return NULL;
}

int64_t versions_ready_count(const struct versions *v)
{
    int64_t n = 0;

    for (size_t i = 0; i < v->count; i++) {
        n += counts(v->list[i]);
    }
    return n;
}

const char *version_name(struct arena *a, const char *kind, const char *of, int64_t number)
{
    return arena_printf(a, "%s-%s-v%lld", str_eq(kind, "Model") ? "model" : "dataset", of,
                        (long long)number);
}

static void write_spec(struct jsonw *w, const struct versions *v, const struct new_version *nv)
{
    jsonw_obj(w, "spec");
    jsonw_obj(w, "of");
    jsonw_str(w, "kind", v->kind);
    jsonw_str(w, "name", v->of);
    jsonw_end(w);
    jsonw_int(w, "number", nv->number);
    jsonw_str(w, "digest", nv->digest);
    jsonw_opt(w, "runUID", nv->run_uid);
    jsonw_opt(w, "run", nv->run);
    jsonw_opt(w, "output", nv->output);
    jsonw_opt(w, "source", nv->source);
    jsonw_int(w, "size", nv->size);
    jsonw_int(w, "files", nv->files);
    jsonw_str(w, "stage", "Created");
    jsonw_end(w);
}

void version_create(struct plan *p, const struct versions *v, const struct new_version *nv)
{
    const char *name = version_name(p->a, v->kind, v->of, nv->number);
    struct jsonw w;

    jsonw_init(&w, p->a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "apiVersion", "dkube.io/v1alpha1");
    jsonw_str(&w, "kind", "ArtifactVersion");
    jsonw_obj(&w, "metadata");
    jsonw_str(&w, "name", name);
    jsonw_str(&w, "namespace", v->ns);
    jsonw_obj(&w, "labels");
    jsonw_str(&w, LABEL_MANAGED, "dkube");
    jsonw_opt(&w, LABEL_GROUP, v->group);
    jsonw_str(&w, str_eq(v->kind, "Model") ? "dkube.io/model" : "dkube.io/dataset", v->of);
    jsonw_opt(&w, "dkube.io/run", nv->run);
    jsonw_end(&w);
    jsonw_arr(&w, "finalizers");
    jsonw_str(&w, NULL, VERSION_FINALIZER);
    jsonw_end(&w);
    jsonw_end(&w);
    write_spec(&w, v, nv);
    jsonw_end(&w);
    plan_create(p, &kind_artifactversion, v->ns, name, NULL, jsonw_text(&w));
}

int64_t versions_make_owed(struct plan *p, const struct versions *v)
{
    int64_t number = versions_highest(v);

    for (size_t i = 0; i < v->owed_count && number < VERSION_NUMBER_MAX; i++) {
        const struct rec *run = v->owed[i].run, *o = v->owed[i].output;

        version_create(p, v,
                       &(struct new_version){
                           .number = ++number,
                           .digest = dkuberun_status_outputs_digest(o),
                           .run_uid = rec_uid(run),
                           .run = rec_name(run),
                           .output = dkuberun_status_outputs_name(o),
                           .size = dkuberun_status_outputs_size(o),
                           .files = dkuberun_status_outputs_files(o),
                       });
    }
    return number;
}

/* --- Whom an event concerns
 * ------------------------------------------------------------------------ */

static void enqueue_outputs(struct enqueuer *q, const struct rec *run, const char *kind)
{
    if (run == NULL || !str_eq(dkuberun_status_phase(run), "Complete")) {
        return;
    }
    for (uint32_t i = 0; i < dkuberun_status_outputs_count(run); i++) {
        const struct rec *o = dkuberun_status_outputs_at(run, i);

        if (str_eq(dkuberun_status_outputs_kind(o), kind)) {
            enqueue(q, rec_namespace(run), dkuberun_status_outputs_name(o));
        }
    }
}

void map_run_models(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old UNUSED,
                    const struct rec *now)
{
    enqueue_outputs(q, now, "Model");
}

void map_run_datasets(struct enqueuer *q, const struct caches *c UNUSED,
                      const struct rec *old UNUSED, const struct rec *now)
{
    enqueue_outputs(q, now, "Dataset");
}

static void enqueue_owner(struct enqueuer *q, const struct rec *version, const char *kind)
{
    if (str_eq(artifactversion_spec_of_kind(version), kind)) {
        enqueue(q, rec_namespace(version), artifactversion_spec_of_name(version));
    }
}

void map_version_model(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
                       const struct rec *now)
{
    enqueue_owner(q, now != NULL ? now : old, "Model");
}

void map_version_dataset(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
                         const struct rec *now)
{
    enqueue_owner(q, now != NULL ? now : old, "Dataset");
}
