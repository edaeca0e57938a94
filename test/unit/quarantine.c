/* quarantine.c — what ended the process twice is left alone for ten minutes. */
#include "kube/quarantine.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/spec.h"

static char path[64];
static struct quarantine *q;
static int64_t now;

static void opened(void)
{
    struct err e = {0};
    q = quarantine_open(path, now, &e);
    if (q == NULL) {
        fail_msg("%s", e.text);
    }
}

static void given_a_new_file(void)
{
    snprintf(path, sizeof(path), "/tmp/dkube-quarantine-%d", (int)getpid());
    unlink(path);
    now = 1000000;
    opened();
}

static void crash_while_planning(const char *id)
{
    quarantine_enter(q, id);
    quarantine_close(q); /* the mapping ends as it does with the process: what was written stays */
    now += 1000;
    opened();
}

static void done(void)
{
    quarantine_close(q);
    unlink(path);
}

TEST(one_crash_is_forgiven)
{
    given_a_new_file();
    crash_while_planning("run/u1");
    assert_int_equal(quarantine_until_ms(q, "run/u1", now), 0);
    done();
}

TEST(after_two_crashes_the_object_is_left_alone_for_ten_minutes)
{
    given_a_new_file();
    crash_while_planning("run/u1");
    crash_while_planning("run/u1");
    assert_int_equal(quarantine_until_ms(q, "run/u1", now), now + QUARANTINE_MS);
    assert_int_equal(quarantine_count(q, now), 1);
    assert_int_equal(quarantine_until_ms(q, "run/u1", now + QUARANTINE_MS), 0);
    done();
}

TEST(other_objects_go_on)
{
    given_a_new_file();
    crash_while_planning("run/u1");
    crash_while_planning("run/u1");
    assert_int_equal(quarantine_until_ms(q, "run/u2", now), 0);
    done();
}

TEST(a_plan_that_returns_forgets_the_crashes)
{
    given_a_new_file();
    crash_while_planning("run/u1");
    quarantine_enter(q, "run/u1");
    quarantine_leave(q);
    crash_while_planning("run/u1");
    assert_int_equal(quarantine_until_ms(q, "run/u1", now), 0);
    done();
}

TEST(a_crash_after_the_ten_minutes_quarantines_at_once)
{
    given_a_new_file();
    crash_while_planning("run/u1");
    crash_while_planning("run/u1");
    now += QUARANTINE_MS;
    crash_while_planning("run/u1");
    assert_true(quarantine_until_ms(q, "run/u1", now) > now);
    done();
}

TEST(the_oldest_of_many_makes_room)
{
    given_a_new_file();
    for (int i = 0; i < 60; i++) {
        char id[16];
        snprintf(id, sizeof(id), "run/u%d", i);
        crash_while_planning(id);
        crash_while_planning(id);
    }
    assert_int_equal(quarantine_until_ms(q, "run/u0", now), 0);
    assert_true(quarantine_until_ms(q, "run/u59", now) > now);
    done();
}

TEST(a_file_of_another_shape_is_begun_anew)
{
    given_a_new_file();
    quarantine_close(q);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("something else", f);
    fclose(f);
    opened();
    assert_int_equal(quarantine_count(q, now), 0);
    done();
}

TEST(a_path_that_cannot_be_made_is_an_error_that_names_it)
{
    struct err e = {0};
    assert_null(quarantine_open("/nonexistent/file", 0, &e));
    assert_non_null(strstr(e.text, "'/nonexistent/file'"));
}

SPEC_MAIN()
