#include "api/dataset.gen.h"
#include "api/datastore.gen.h"
#include "controllers/dataset/dataset.h"

bool dataset_may_import(const struct dataset_view *v, struct arena *a, struct standing *ret)
{
    const char *name = dataset_spec_data_store_ref(v->subject.live);

    if (v->store == NULL) {
        *ret = standing_of(a, STANDING_STALLED, "UnknownDataStore",
                           "spec.dataStoreRef names no DataStore '%s'; write default, or make it",
                           name != NULL ? name : "default");
        return false;
    }
    if (!datastore_status_ready(v->store)) {
        *ret = standing_of(a, STANDING_WAITING, "StoreNotReady",
                           "the DataStore '%s' is not ready; the import begins when it is",
                           rec_name(v->store));
        return false;
    }
    return true;
}
