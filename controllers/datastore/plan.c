#include "api/datastore.gen.h"
#include "controllers/datastore/datastore.h"

static struct standing standing(const struct datastore_view *v, struct arena *a)
{
    if (v->is_store_ready) {
        return standing_of(a, STANDING_READY, "Available", "the store answers");
    }
    if (v->store_held != NULL) {
        return standing_of(a, STANDING_WAITING, "StoreNotReady", "the store does not start: %s",
                           v->store_held);
    }
    return standing_of(a, STANDING_WAITING, "StoreNotReady",
                       "no pod of the store is ready; look at the StatefulSet 'store' in the "
                       "install namespace if this lasts");
}

void datastore_plan(const void *view, struct plan *p)
{
    const struct datastore_view *v = view;
    struct standing st;
    struct jsonw w;

    if (v->subject.live == NULL) {
        plan_create(p, &kind_datastore, "", DATASTORE_DEFAULT, NULL,
                    "{\"apiVersion\":\"dkube.io/v1alpha1\",\"kind\":\"DataStore\",\"metadata\":{"
                    "\"name\":\"default\",\"labels\":{\"app.kubernetes.io/managed-by\":\"dkube\"}},"
                    "\"spec\":{\"storage\":{\"local\":{}}}}");
        return;
    }
    if (rec_is_deleted(v->subject.live)) {
        return;
    }
    st = standing(v, p->a);
    status_begin(&w, p, &v->subject, &st);
    jsonw_bool(&w, "ready", v->is_store_ready);
    jsonw_int(&w, "versions", v->versions);
    jsonw_int(&w, "bytesStored", v->bytes);
    (void)status_end(&w, p, &v->subject, &st);
}
