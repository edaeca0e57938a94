#include "base/span.h"
#include "controllers/mirror/mirror.h"

#define PATIENCE_MS 5000 /* a deletion waits this long before it says so */
#define POLL_MS 200
#define SLOW_POLL_MS 1000

static const struct row rows[] = {
    REC_META_ROWS,
    {"", REC_RAW, NULL},
    {"status", REC_RAW, NULL},
};
const struct rows mirror_rows = {"mirror", rows, ARRAY_LEN(rows)};

const struct mirror_kind mirror_kinds[MIRROR_KIND_COUNT] = {
#define MIRROR_ROW(c, k, p, n, f) \
    [MIRROR_KIND_##c] = {{"dkube.io", "v1alpha1", k, p, n, &mirror_rows}, f},
    MIRROR_KINDS(MIRROR_ROW)
#undef MIRROR_ROW
};

static bool operator_forgets(const struct mirror_view *v, struct arena *a)
{
    const struct json *whole = rec_json(v->live, MIRROR_WHOLE, a);

    return str_eq(json_str(whole, "metadata.annotations.dkube\\.io/forget", ""), "true");
}

static void say_unavailable(const struct mirror_view *v, struct plan *p)
{
    const struct condition c = {
        "LineageUnavailable", "True", "DatabaseUnreachable",
        "the last state is not in the lineage database yet, so deletion waits; restore the "
        "database, "
        "or annotate the object with dkube.io/forget=true to give its history up"};
    struct jsonw w;

    jsonw_init(&w, p->a);
    jsonw_obj(&w, NULL);
    status_conditions(&w, v->live, MIRROR_STATUS, &c, 1, v->now_ms);
    jsonw_end(&w);
    plan_status(p, &v->mk->kind, v->live, NULL, jsonw_text(&w));
}

static int64_t deleted_for_ms(const struct mirror_view *v)
{
    return v->now_ms - rec_int(v->live, REC_DELETED);
}

static void plan_deletion(const struct mirror_view *v, struct plan *p)
{
    if (v->committed || operator_forgets(v, p->a)) {
        plan_finalizer_drop(p, &v->mk->kind, v->live, MIRROR_FINALIZER);
        return;
    }
    if (deleted_for_ms(v) < PATIENCE_MS) {
        plan_wake_at(p, v->now_ms + POLL_MS);
        return;
    }
    say_unavailable(v, p);
    plan_wake_at(p, v->now_ms + SLOW_POLL_MS);
}

void mirror_plan(const void *view, struct plan *p)
{
    const struct mirror_view *v = view;

    if (!v->mk->finalizer) {
        return;
    }
    if (!rec_is_deleted(v->live)) {
        plan_finalizer_add(p, &v->mk->kind, v->live, MIRROR_FINALIZER);
    } else if (rec_has_finalizer(v->live, MIRROR_FINALIZER)) {
        plan_deletion(v, p);
    }
}
