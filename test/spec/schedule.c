/* Who of a queue starts now: small pools drawn by hand. */
#include "base/attr.h"
#include "controllers/ledger/schedule.h"
#include "support/spec.h"

#define MINUTE 60000

static struct sched_node nodes[8];
static struct sched_hold holds[8];
static struct sched_job jobs[8];
static struct sched s;
static size_t job_count;

static void pool(enum sched_policy p, size_t count, const int64_t *free)
{
    s = (struct sched){
        .policy = p, .now_ms = 100 * MINUTE, .nodes = nodes, .node_count = count, .holds = holds};
    for (size_t i = 0; i < count; i++) {
        nodes[i] = (struct sched_node){0, free[i]};
    }
    job_count = 0;
}

static void in_use(size_t node, int64_t gpus, int64_t ends_min)
{
    holds[s.hold_count++] =
        (struct sched_hold){node, gpus, ends_min < 0 ? SCHED_NEVER : (100 + ends_min) * MINUTE};
}

static struct sched_job *job(int64_t gpus, int64_t count, int64_t lasts_min)
{
    struct sched_job *j = &jobs[job_count++];

    *j = (struct sched_job){.gpus = gpus,
                            .count = count,
                            .type = -1,
                            .avoid = SIZE_MAX,
                            .lasts_ms = lasts_min < 0 ? SCHED_NEVER : lasts_min * MINUTE};
    return j;
}

static bool starts_on(const struct sched_job *j, size_t node)
{
    return j->nodes != NULL && j->nodes[0] == node;
}

TEST(the_smallest_hole_that_holds_a_job_is_taken)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_job *one;

    pool(SCHED_BACKFILL, 3, (int64_t[]){8, 2, 4});
    one = job(2, 1, 10);
    sched_plan(&a, &s, jobs, job_count);
    assert_true(starts_on(one, 1));
    assert_true(s.head == SIZE_MAX && s.aside == NULL);
}

TEST(a_gang_starts_whole_or_not_at_all)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_job *gang, *small;

    pool(SCHED_SKIP, 2, (int64_t[]){8, 4});
    gang = job(8, 2, 10);
    small = job(8, 1, 10);
    sched_plan(&a, &s, jobs, job_count);
    assert_null(gang->nodes);
    assert_true(starts_on(small, 0));
}

TEST(a_gang_stands_on_gpus_of_one_type)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_job *gang, *pair;

    pool(SCHED_BACKFILL, 3, (int64_t[]){4, 4, 4});
    nodes[0].type = nodes[2].type = 1;
    gang = job(4, 2, 10);
    pair = job(4, 2, 10);
    sched_plan(&a, &s, jobs, job_count);
    assert_non_null(gang->nodes);
    assert_true(gang->nodes[0] == 0 && gang->nodes[1] == 2);
    assert_null(pair->nodes);
}

TEST(under_strict_nobody_passes_the_head)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_job *small;

    pool(SCHED_STRICT, 1, (int64_t[]){4});
    in_use(0, 4, 60);
    job(8, 1, 10);
    small = job(1, 1, 1);
    sched_plan(&a, &s, jobs, job_count);
    assert_null(small->nodes);
    assert_int_equal(s.head, 0);
    assert_int_equal(s.shadow_ms, 160 * MINUTE);
}

TEST(a_job_that_is_over_before_the_head_can_start_passes_it)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_job *in_time, *late;

    pool(SCHED_BACKFILL, 1, (int64_t[]){4});
    in_use(0, 4, 60);
    job(8, 1, 10);
    late = job(2, 1, 61);
    in_time = job(2, 1, 60);
    sched_plan(&a, &s, jobs, job_count);
    assert_null(late->nodes);
    assert_true(starts_on(in_time, 0));
}

TEST(a_long_job_may_use_what_the_head_will_not_need)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_job *beside, *unknown;

    pool(SCHED_BACKFILL, 2, (int64_t[]){4, 3});
    in_use(0, 4, 60);
    in_use(1, 5, -1);
    job(8, 1, 10); /* node 0, in an hour */
    beside = job(2, 1, 10000);
    unknown = job(1, 1, -1);
    sched_plan(&a, &s, jobs, job_count);
    assert_int_equal(s.aside[0], 8);
    assert_int_equal(s.aside[1], 0);
    assert_true(starts_on(beside, 1));
    assert_true(starts_on(unknown, 1));
}

TEST(without_a_shadow_time_only_what_is_not_set_aside_is_used)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_job *brief, *brief_too;

    pool(SCHED_BACKFILL, 2, (int64_t[]){4, 2});
    in_use(0, 4, -1);
    job(8, 1, 10);
    brief = job(2, 1, 1);
    brief_too = job(2, 1, 1);
    sched_plan(&a, &s, jobs, job_count);
    assert_int_equal(s.shadow_ms, SCHED_NEVER);
    assert_int_equal(s.aside[0], 8);
    assert_true(starts_on(brief, 1));
    assert_null(brief_too->nodes);
}

TEST(shortest_first_lets_the_briefest_pass)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_job *longer, *brief, *unknown;

    pool(SCHED_SHORTEST, 1, (int64_t[]){2});
    in_use(0, 6, 60);
    job(8, 1, 10);
    unknown = job(1, 1, -1);
    longer = job(2, 1, 50);
    brief = job(1, 1, 5);
    sched_plan(&a, &s, jobs, job_count);
    assert_true(starts_on(brief, 0));
    assert_null(longer->nodes);
    assert_null(unknown->nodes);
}

TEST(what_could_never_fit_stands_in_nobodys_way)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_job *after;

    pool(SCHED_STRICT, 1, (int64_t[]){4});
    job(16, 1, 1)->stands = true;
    after = job(4, 1, 1);
    sched_plan(&a, &s, jobs, job_count);
    assert_true(starts_on(after, 0));
}

TEST(a_node_on_which_it_failed_is_taken_last)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_job *again, *only;

    pool(SCHED_BACKFILL, 2, (int64_t[]){2, 8});
    again = job(2, 1, 1);
    again->avoid = 0;
    only = job(2, 1, 1);
    only->avoid = 1;
    sched_plan(&a, &s, jobs, job_count);
    assert_true(starts_on(again, 1));
    assert_true(starts_on(only, 0));
}

TEST(what_outlives_its_estimate_is_expected_to_last_as_long_again)
{
    assert_int_equal(sched_ends_ms(0, 10, 4), 10);
    assert_int_equal(sched_ends_ms(0, 10, 10), 20);
    assert_int_equal(sched_ends_ms(5, 10, 25), 45);
    assert_int_equal(sched_ends_ms(5, SCHED_NEVER, 25), SCHED_NEVER);
    assert_int_equal(sched_ends_ms(5, SCHED_NEVER - 3, 25), SCHED_NEVER);
}

TEST(the_forecast_says_when_each_starts)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_eta starts[3];

    pool(SCHED_BACKFILL, 1, (int64_t[]){4});
    in_use(0, 4, 60);
    job(8, 1, 10);
    job(8, 1, 10);
    job(4, 1, 30);
    sched_plan(&a, &s, jobs, job_count);
    sched_forecast(&a, &s, jobs, job_count, starts);
    assert_int_equal(starts[2].start_ms, 100 * MINUTE);
    assert_int_equal(starts[0].start_ms, 160 * MINUTE);
    assert_int_equal(starts[1].start_ms, 170 * MINUTE);
}

TEST(what_waits_for_something_without_an_end_has_no_forecast)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct sched_eta starts[2];

    pool(SCHED_BACKFILL, 1, (int64_t[]){4});
    in_use(0, 4, -1);
    job(8, 1, 10);
    job(4, 1, 30);
    sched_plan(&a, &s, jobs, job_count);
    sched_forecast(&a, &s, jobs, job_count, starts);
    assert_int_equal(starts[0].start_ms, SCHED_NEVER);
    assert_int_equal(starts[1].start_ms, SCHED_NEVER);
}

SPEC_MAIN()
