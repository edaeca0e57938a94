#include "controllers/model/model.h"

void model_plan(const void *view, struct plan *p)
{
    const struct model_view *v = view;

    if (rec_is_deleted(v->subject.live)) {
        return;
    }
    versions_make_owed(p, &v->versions);
    model_say(v, p);
}
