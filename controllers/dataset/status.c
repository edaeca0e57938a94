#include "api/artifactversion.gen.h"
#include "controllers/dataset/dataset.h"

bool dataset_say(const struct dataset_view *v, struct plan *p, const struct standing *st)
{
    const struct rec *latest = versions_newest(&v->versions, NULL);
    struct jsonw w;

    status_begin(&w, p, &v->subject, st);
    if (latest != NULL) {
        jsonw_str(&w, "latest", rec_name(latest));
        jsonw_int(&w, "size", artifactversion_spec_size(latest));
    }
    jsonw_int(&w, "versions", versions_ready_count(&v->versions));
    jsonw_int(&w, "lastNumber", versions_highest(&v->versions));
    return status_end(&w, p, &v->subject, st);
}
