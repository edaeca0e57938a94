#include "api/pool.gen.h"
#include "controllers/pool/pool.h"

#define REMIND_MS 60000

static int64_t held(const struct pool_view *v)
{
    int64_t said = pool_status_run_count(v->live);

    return v->holder_count > said ? v->holder_count : said;
}

void pool_plan(const void *view, struct plan *p)
{
    const struct pool_view *v = view;

    if (v->live == NULL) {
        plan_create(
            p, &kind_pool, "", POOL_DEFAULT, NULL,
            "{\"apiVersion\":\"dkube.io/v1alpha1\",\"kind\":\"Pool\",\"metadata\":{\"name\":"
            "\"default\",\"labels\":{\"app.kubernetes.io/managed-by\":\"dkube\"}},"
            "\"spec\":{\"description\":\"The GPUs that no other pool takes.\"}}");
        return;
    }
    if (!rec_is_deleted(v->live)) {
        plan_finalizer_add(p, &kind_pool, v->live, POOL_FINALIZER);
        return;
    }
    if (held(v) == 0) {
        plan_finalizer_drop(p, &kind_pool, v->live, POOL_FINALIZER);
        return;
    }
    plan_event(p, &kind_pool, v->live, EVENT_WARNING, "PoolInUse",
               "the pool goes when the last of its %lld holders ends%s%s; stop them with spec.stop "
               "to hasten it",
               (long long)held(v), v->holder_count > 0 ? ": " : "", v->holders);
    plan_wake_at(p, v->now_ms + REMIND_MS);
}
