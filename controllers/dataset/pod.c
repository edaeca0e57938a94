#include "api/dataset.gen.h"
#include "base/span.h"
#include "controllers/dataset/dataset.h"

static const char *or_dflt(const char *s, const char *dflt)
{
    return str_empty(s) ? dflt : s;
}

/* What `step import` reads from DKUBE_STEP. */
static const char *config(const struct dataset_view *v, struct arena *a)
{
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "namespace", rec_namespace(v->subject.live));
    jsonw_str(&w, "store", v->conf->store_url);
    jsonw_end(&w);
    return jsonw_text(&w);
}

const char *dataset_pod(const struct dataset_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    const char *args[] = {"import",
                          "--url",
                          dataset_spec_source_git_url(live),
                          "--ref",
                          or_dflt(dataset_spec_source_git_ref(live), "main"),
                          "--path",
                          or_dflt(dataset_spec_source_git_path(live), "."),
                          NULL};
    struct step_pod sp = {
        .child = {.ns = rec_namespace(live),
                  .name = v->pod_name,
                  .group = v->versions.group,
                  .owner_kind = &kind_dataset,
                  .owner = live,
                  .labels = {{LABEL_PART_OF, "dkube"},
                             {LABEL_ROLE, "import"},
                             {"dkube.io/dataset", rec_name(live)}}},
        .conf = v->conf,
        .container = DATASET_CONTAINER,
        .args = args,
        .config = config(v, a),
        .secret = dataset_spec_source_git_secret_ref_name(live),
        .token = true,
        .deadline_s = DATASET_DEADLINE_S,
    };

    return step_pod_body(a, &sp);
}

const char *dataset_source(const struct dataset_view *v, struct arena *a, const char *commit)
{
    const struct rec *live = v->subject.live;

    return arena_printf(a, "%s@%s:%s", dataset_spec_source_git_url(live), commit,
                        or_dflt(dataset_spec_source_git_path(live), "."));
}
