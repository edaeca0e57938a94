#include "controllers/model/model.h"

static struct standing standing(const struct model_view *v, struct arena *a)
{
    const struct rec *latest = versions_newest(&v->versions, NULL);

    if (v->versions.owed_count > 0 && versions_highest(&v->versions) >= VERSION_NUMBER_MAX) {
        return standing_of(a, STANDING_STALLED, "TooManyVersions",
                           "the numbers up to %d are used up; make another Model and name it in "
                           "spec.outputs of the run",
                           VERSION_NUMBER_MAX);
    }
    if (latest == NULL) {
        return standing_of(a, STANDING_READY, "NoVersions",
                           "there is no version yet; a run that names this Model in spec.outputs "
                           "makes one");
    }
    return standing_of(a, STANDING_READY, "Available", "the newest version is '%s'",
                       rec_name(latest));
}

void model_say(const struct model_view *v, struct plan *p)
{
    struct standing st = standing(v, p->a);
    const struct rec *latest = versions_newest(&v->versions, NULL);
    const struct rec *published = versions_newest(&v->versions, "Published");
    struct jsonw w;

    status_begin(&w, p, &v->subject, &st);
    if (latest != NULL) {
        jsonw_str(&w, "latest", rec_name(latest));
    }
    if (published != NULL) {
        jsonw_str(&w, "published", rec_name(published));
    }
    jsonw_int(&w, "versions", versions_ready_count(&v->versions));
    jsonw_int(&w, "lastNumber", versions_highest(&v->versions));
    (void)status_end(&w, p, &v->subject, &st);
}
