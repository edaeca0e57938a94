/* The lineage finalizer, and how all is handed in to the mirror again after its queue overflowed.
 */
#include "controllers/mirror/mirror.h"

#include <stdio.h>

#include "controllers/mirror/resend.h"
#include "support/spec.h"
#include "support/world.h"

#define RUN (&mirror_kinds[MIRROR_KIND_dkuberun].kind)

static bool is_committed;

static bool gather(struct arena *a UNUSED, const struct caches *c, const struct pass *pass,
                   void *view)
{
    *(struct mirror_view *)view =
        (struct mirror_view){.mk = &mirror_kinds[MIRROR_KIND_dkuberun],
                             .live = cache_get(c, RUN, pass->key.ns, pass->key.name),
                             .committed = is_committed,
                             .now_ms = pass->now_ms};
    return true;
}

static const struct watch watches[] = {
#define WATCH(c, k, p, n, f) {.kind = &mirror_kinds[MIRROR_KIND_##c].kind, .map = map_self},
    MIRROR_KINDS(WATCH)
#undef WATCH
};
static const struct controller controller = {.name = "mirror",
                                             .manager = "dkube-lineage",
                                             .watches = watches,
                                             .watch_count = ARRAY_LEN(watches),
                                             .view_size = sizeof(struct mirror_view),
                                             .gather = gather,
                                             .plan = mirror_plan};

/* The run t, deleted that long ago when it is deleted at all. */
static struct world given_run(const char *metadata, bool committed)
{
    struct world w;

    is_committed = committed;
    world_init(&w, &controller, NULL);
    put(&w, RUN, "{'metadata':{'name':'t','namespace':'n'%s},'spec':{}}", metadata);
    reconcile(&w, "n", "t");
    return w;
}

#define JUST_DELETED ",'deletionTimestamp':'2026-09-21T14:13:19Z','finalizers':['dkube.io/lineage']"
#define LONG_DELETED ",'deletionTimestamp':'2026-09-21T14:13:10Z','finalizers':['dkube.io/lineage']"

TEST(a_living_run_gets_the_finalizer_once)
{
    struct world w = given_run("", false);

    assert_int_equal(w.plan.op_count, 1);
    world_done(&w);
    w = given_run(",'finalizers':['dkube.io/lineage']", false);
    assert_int_equal(w.plan.op_count, 0);
    world_done(&w);
}

TEST(a_deleted_run_is_let_go_once_its_last_state_is_committed)
{
    struct world w = given_run(LONG_DELETED, true);

    assert_int_equal(w.plan.op_count, 1);
    assert_int_equal(w.plan.ops[0].verb, OP_PATCH);
    assert_non_null(strstr(w.plan.ops[0].body, "\"remove\""));
    world_done(&w);
}

TEST(a_deletion_waits_in_silence_at_first)
{
    struct world w = given_run(JUST_DELETED, false);

    assert_int_equal(w.plan.op_count, 0);
    assert_true(w.plan.wake_at_ms > w.now_ms && w.plan.wake_at_ms <= w.now_ms + 1000);
    world_done(&w);
}

TEST(a_deletion_that_waits_for_the_database_says_so_and_goes_on_looking)
{
    struct world w = given_run(LONG_DELETED, false);

    assert_int_equal(w.plan.op_count, 1);
    assert_string_equal(condition(&w, "LineageUnavailable"), "True/DatabaseUnreachable");
    assert_true(w.plan.wake_at_ms > w.now_ms);
    world_done(&w);
}

TEST(an_operator_lets_a_deletion_through_by_the_annotation_true_and_by_no_other)
{
    struct world w = given_run(LONG_DELETED ",'annotations':{'dkube.io/forget':'true'}", false);

    assert_int_equal(w.plan.op_count, 1);
    assert_string_equal(condition(&w, "LineageUnavailable"), "");
    world_done(&w);
    w = given_run(LONG_DELETED ",'annotations':{'dkube.io/forget':'false'}", false);
    assert_string_equal(condition(&w, "LineageUnavailable"), "True/DatabaseUnreachable");
    world_done(&w);
}

TEST(a_finalizer_of_somebody_else_is_not_ours_to_drop)
{
    struct world w =
        given_run(",'deletionTimestamp':'2026-09-21T14:13:10Z','finalizers':['x/y']", true);

    assert_int_equal(w.plan.op_count, 0);
    world_done(&w);
}

/* --- handing in again ----------------------------------------------------------------------------
 */

/* A queue of a few places that a database empties between steps. */
struct queue {
    size_t places, held, most, taken, sweeps, swept;
    char last[96];
};

static void sink_put(void *ctx, const struct mirror_kind *mk UNUSED, const struct rec *r)
{
    struct queue *q = ctx;
    char now[96];

    snprintf(now, sizeof now, "%s/%s", rec_namespace(r), rec_name(r));
    assert_true(strcmp(now, q->last) > 0); /* each once */
    memcpy(q->last, now, sizeof now);
    q->taken++;
    q->held++;
    q->most = q->held > q->most ? q->held : q->most;
}

static void sink_sweep(void *ctx, const struct mirror_kind *mk UNUSED, const char *const *uids,
                       size_t count, const char *rv UNUSED)
{
    struct queue *q = ctx;

    assert_true(count == 0 || uids[count - 1] != NULL);
    q->sweeps++;
    q->swept += count;
    q->held++;
    q->most = q->held > q->most ? q->held : q->most;
}

static struct world given_runs(int count)
{
    struct world w;

    world_init(&w, &controller, NULL);
    for (int i = 0; i < count; i++) {
        put(&w, RUN, "{'metadata':{'name':'r%05d','namespace':'n%d'}}", i / 3, i % 3);
    }
    return w;
}

static int steps_until_done(struct resend *s, struct world *w, struct queue *q)
{
    const struct resend_sink sink = {q, sink_put, sink_sweep};
    int steps = 1;

    while (!resend_step(s, &w->a, w->c, &sink, q->places - q->held)) {
        assert_in_range(++steps, 1, 10000);
        q->held /= 2; /* the database writes */
    }
    return steps;
}

TEST(more_objects_than_the_queue_holds_are_handed_in_without_an_overflow)
{
    struct world w = given_runs(3000);
    struct queue q = {.places = 100};
    struct resend s = {0};

    resend_begin(&s);
    assert_true(steps_until_done(&s, &w, &q) > 30);
    assert_in_range(q.most, 1, 100);
    assert_int_equal(q.taken, 3000);
    assert_int_equal(q.sweeps, MIRROR_KIND_COUNT);
    assert_int_equal(q.swept, 3000);
    resend_done(&s);
    world_done(&w);
}

TEST(one_step_leaves_the_loop_its_time)
{
    struct world w = given_runs(RESEND_STEP + 10);
    struct queue q = {.places = 1 << 20};
    struct resend s = {0};

    resend_begin(&s);
    assert_int_equal(steps_until_done(&s, &w, &q), 2);
    assert_int_equal(q.taken, RESEND_STEP + 10);
    resend_done(&s);
    world_done(&w);
}

TEST(an_object_that_goes_between_two_steps_neither_stops_nor_repeats_the_rest)
{
    struct world w = given_runs(30);
    struct queue q = {.places = 10};
    struct resend s = {0};
    const struct resend_sink sink = {&q, sink_put, sink_sweep};

    resend_begin(&s);
    while (q.taken < 5) {
        assert_false(resend_step(&s, &w.a, w.c, &sink, 5 - q.taken));
    }
    drop(&w, RUN, strncmp(q.last, "n0/", 3) == 0 ? "n0" : "n1", strchr(q.last, '/') + 1);
    q.held = 0;
    steps_until_done(&s, &w, &q);
    assert_int_equal(q.taken, 30);
    assert_int_equal(q.swept, 29);
    resend_done(&s);
    world_done(&w);
}

TEST(without_room_and_without_a_beginning_nothing_is_handed_in)
{
    struct world w = given_runs(3);
    struct queue q = {0};
    struct resend s = {0};
    const struct resend_sink sink = {&q, sink_put, sink_sweep};

    assert_true(resend_step(&s, &w.a, w.c, &sink, 10));
    resend_begin(&s);
    assert_false(resend_step(&s, &w.a, w.c, &sink, 0));
    assert_int_equal(q.taken + q.sweeps, 0);
    resend_sweep(&w.a, w.c, &sink);
    assert_int_equal(q.taken, 0);
    assert_int_equal(q.swept, 3);
    resend_done(&s);
    world_done(&w);
}

SPEC_MAIN()
