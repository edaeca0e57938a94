/*
 * feed.c — keys are (namespace, "Kind/name"); the key ("", "*") stands for all objects: it is
 * planned when every kind has synced, sweeps what vanished unseen, and hands everything in again
 * after an overflow, no faster than the mirror's queue has room.
 */
#include "cmd/lineage/feed.h"

#include <stdio.h>
#include <string.h>

#include "base/span.h"
#include "controllers/mirror/resend.h"

#define PACE_MS 100

static struct mirror *mirror;
static struct resend resend;
static bool swept;

void feed_init(struct mirror *m)
{
    mirror = m;
}

void feed_done(void)
{
    resend_done(&resend);
}

static struct mirror_state state_of(const struct mirror_kind *mk, const struct rec *r)
{
    return (struct mirror_state){
        .kind = mk->kind.kind,
        .ns = rec_namespace(r),
        .name = rec_name(r),
        .uid = rec_uid(r),
        .rv = rec_rv(r),
        .created_ms = rec_created_ms(r),
        .body = rec_str(r, MIRROR_WHOLE),
    };
}

static void feed_event(enum mirror_kind_index i, struct enqueuer *q, const struct rec *old,
                       const struct rec *now)
{
    const struct mirror_kind *mk = &mirror_kinds[i];
    const struct rec *r = now != NULL ? now : old;
    struct mirror_state s = state_of(mk, r);
    char name[320];

    if (now == NULL) {
        mirror_delete(mirror, &s);
    } else {
        mirror_put(mirror, &s);
        snprintf(name, sizeof name, "%s/%s", mk->kind.kind, rec_name(r));
        enqueue(q, rec_namespace(r) != NULL ? rec_namespace(r) : "", name);
    }
    enqueue(q, "", "*");
}

#define FEED_MAP(c, k, p, n, f)                                                                    \
    static void map_##c(struct enqueuer *q, const struct caches *cs UNUSED, const struct rec *old, \
                        const struct rec *now)                                                     \
    {                                                                                              \
        feed_event(MIRROR_KIND_##c, q, old, now);                                                  \
    }
MIRROR_KINDS(FEED_MAP)
#undef FEED_MAP

static const struct watch watches[] = {
#define FEED_WATCH(c, k, p, n, f) {.kind = &mirror_kinds[MIRROR_KIND_##c].kind, .map = map_##c},
    MIRROR_KINDS(FEED_WATCH)
#undef FEED_WATCH
};

static void sink_put(void *ctx, const struct mirror_kind *mk, const struct rec *r)
{
    struct mirror_state s = state_of(mk, r);

    mirror_put(ctx, &s);
}

static void sink_sweep(void *ctx, const struct mirror_kind *mk, const char *const *uids,
                       size_t count, const char *rv)
{
    mirror_sweep(ctx, mk->kind.kind, uids, count, rv);
}

/* What events bring has the other half of the queue. */
static size_t room(void)
{
    struct mirror_stats st;

    mirror_stats(mirror, &st);
    return st.queued < MIRROR_QUEUE_MAX / 2 ? MIRROR_QUEUE_MAX / 2 - st.queued : 0;
}

/* False: more is to come. */
static bool see_to_all(struct arena *a, const struct caches *c)
{
    const struct resend_sink sink = {mirror, sink_put, sink_sweep};

    if (mirror_overflowed(mirror)) {
        resend_begin(&resend);
        swept = true;
    }
    if (!swept) {
        resend_sweep(a, c, &sink);
        swept = true;
    }
    return resend_step(&resend, a, c, &sink, room());
}

static const struct mirror_kind *find_kind(const char *name, size_t n)
{
    for (size_t i = 0; i < MIRROR_KIND_COUNT; i++) {
        if (strlen(mirror_kinds[i].kind.kind) == n &&
            strncmp(mirror_kinds[i].kind.kind, name, n) == 0) {
            return &mirror_kinds[i];
        }
    }
    return NULL;
}

static bool feed_gather(struct arena *a, const struct caches *c, const struct pass *pass,
                        void *view)
{
    struct mirror_view *v = view;
    const char *slash = strchr(pass->key.name, '/');

    v->now_ms = pass->now_ms;
    if (slash == NULL) {
        return !see_to_all(a, c);
    }
    v->mk = find_kind(pass->key.name, (size_t)(slash - pass->key.name));
    v->live = v->mk == NULL ? NULL : cache_get(c, &v->mk->kind, pass->key.ns, slash + 1);
    if (v->live == NULL) {
        return false;
    }
    v->committed = mirror_committed(mirror, rec_uid(v->live), rec_rv(v->live));
    return true;
}

/* Of the key for all objects a view says only that more is to come. */
static void feed_plan(const void *view, struct plan *p)
{
    const struct mirror_view *v = view;

    if (v->live == NULL) {
        plan_wake_at(p, v->now_ms + PACE_MS);
    } else {
        mirror_plan(v, p);
    }
}

const struct controller feed_controller = {
    .name = "mirror",
    .manager = "dkube-lineage",
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct mirror_view),
    .gather = feed_gather,
    .plan = feed_plan,
};
