#include "api/artifactversion.gen.h"
#include "base/span.h"
#include "controllers/artifactversion/artifactversion.h"

static void say(const struct artifactversion_view *v, struct plan *p)
{
    const struct rec *live = v->subject.live;
    const char *stage = artifactversion_spec_stage(live);
    struct standing st;
    struct jsonw w;

    stage = str_empty(stage) ? "Created" : stage;
    stage = v->is_deployed ? "Deployed" : stage;
    st = standing_of(p->a, STANDING_READY, stage, "the content '%s' is in the store",
                     artifactversion_spec_digest(live));
    status_begin(&w, p, &v->subject, &st);
    jsonw_bool(&w, "ready", true);
    jsonw_str(&w, "stage", stage);
    (void)status_end(&w, p, &v->subject, &st);
}

void artifactversion_plan(const void *view, struct plan *p)
{
    const struct artifactversion_view *v = view;
    const struct rec *live = v->subject.live;

    if (!rec_is_deleted(live)) {
        say(v, p);
    } else if (!v->is_owner_there ||
               (v->last_number >= artifactversion_spec_number(live) && !v->is_owed)) {
        plan_finalizer_drop(p, &kind_artifactversion, live, VERSION_FINALIZER);
    }
}
