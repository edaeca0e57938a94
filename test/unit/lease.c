/* lease.c — who may act: taking, keeping, losing and giving away a Lease. */
#include "kube/lease.h"

#include <stdio.h>

#include "base/limits.h"
#include "support/spec.h"
#include "support/wire.h"

#define LEASES "/apis/coordination.k8s.io/v1/namespaces/sys/leases"

static struct wire w;
static struct lease *l;

static void given_a_candidate(void)
{
    wire_init(&w);
    l = lease_new(&w.t,
                  &(struct lease_conf){.ns = "sys", .name = "prog", .identity = "me", .seed = 7});
}

static void done(void)
{
    lease_free(l);
    wire_done(&w);
}

static const char *record(const char *holder, const char *rv)
{
    static char text[512];
    snprintf(text, sizeof(text),
             "{\"metadata\":{\"name\":\"prog\",\"uid\":\"u\",\"resourceVersion\":\"%s\"},"
             "\"spec\":{\"holderIdentity\":\"%s\",\"leaseDurationSeconds\":15,"
             "\"leaseTransitions\":3}}",
             rv, holder);
    return text;
}

static void pass_ms(int64_t ms)
{
    w.now_ms += ms;
    lease_step(l);
}

static void given_the_leader(void)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 404, "");
    wire_answer(&w, 201, record("me", "1"));
    assert_int_equal(lease_state(l), LEASE_HELD);
}

TEST(nobody_may_write_before_the_lease_is_held)
{
    given_a_candidate();
    lease_step(l);
    assert_int_equal(lease_left_ms(l), 0);
    wire_expect(&w, "GET", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog", NULL);
    done();
}

TEST(a_missing_lease_is_made_and_held)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 404, "");
    wire_expect(&w, "POST", "/apis/coordination.k8s.io/v1/namespaces/sys/leases",
                "\"holderIdentity\":\"me\"");
    wire_answer(&w, 201, record("me", "1"));
    assert_int_equal(lease_left_ms(l), limit(LIMIT_LEASE_RENEW_MS));
    done();
}

TEST(anothers_lease_is_taken_only_when_it_has_not_changed_for_its_duration)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 200, record("other", "5"));
    for (int i = 0; i < 4; i++) {
        pass_ms(3000);
        wire_answer(&w, 200, record("other", "5"));
        assert_int_equal(lease_state(l), LEASE_WAITING);
    }
    pass_ms(3000);
    wire_answer(&w, 200, record("other", "5"));
    wire_expect(&w, "PATCH", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog",
                "\"resourceVersion\":\"5\"");
    wire_expect(&w, "PATCH", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog",
                "\"leaseTransitions\":4");
    done();
}

TEST(a_renewal_of_the_other_begins_the_wait_anew)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 200, record("other", "5"));
    pass_ms(14000);
    wire_answer(&w, 200, record("other", "6"));
    pass_ms(14000);
    wire_answer(&w, 200, record("other", "6"));
    assert_int_equal(wire_open(&w), 0);
    assert_int_equal(lease_state(l), LEASE_WAITING);
    done();
}

TEST(a_released_lease_is_taken_at_once)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 200, record("", "5"));
    wire_answer(&w, 200, record("me", "6"));
    assert_int_equal(lease_state(l), LEASE_HELD);
    done();
}

TEST(two_candidates_cannot_both_win)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 200, record("", "5"));
    wire_answer(&w, 409, wire_status(409, "Conflict", "modified"));
    assert_int_equal(lease_state(l), LEASE_WAITING);
    pass_ms(3000);
    wire_answer(&w, 200, record("other", "6"));
    assert_int_equal(lease_state(l), LEASE_WAITING);
    assert_int_equal(wire_open(&w), 0);
    done();
}

TEST(the_deadline_counts_from_when_the_renewal_was_sent)
{
    given_the_leader();
    pass_ms(3000);
    wire_expect(&w, "PATCH", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog", NULL);
    w.now_ms += 4000;
    wire_answer(&w, 200, record("me", "2"));
    assert_int_equal(lease_left_ms(l), limit(LIMIT_LEASE_RENEW_MS) - 4000);
    done();
}

TEST(without_a_renewal_for_ten_seconds_the_lease_is_lost_for_good)
{
    given_the_leader();
    for (int i = 0; i < 3; i++) {
        pass_ms(3000);
        wire_lose(&w);
    }
    assert_int_equal(lease_left_ms(l), limit(LIMIT_LEASE_RENEW_MS) - 9000);
    w.now_ms += 1000;
    assert_int_equal(lease_left_ms(l), 0);
    lease_step(l);
    assert_int_equal(lease_state(l), LEASE_LOST);
    done();
}

TEST(after_a_lost_reply_the_holder_looks_and_renews)
{
    given_the_leader();
    pass_ms(3000);
    wire_lose(&w);
    pass_ms(3000);
    wire_expect(&w, "GET", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog", NULL);
    wire_answer(&w, 200, record("me", "2"));
    wire_expect(&w, "PATCH", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog",
                "\"resourceVersion\":\"2\"");
    wire_answer(&w, 200, record("me", "3"));
    assert_int_equal(lease_left_ms(l), limit(LIMIT_LEASE_RENEW_MS));
    done();
}

TEST(a_lease_that_another_took_is_lost)
{
    given_the_leader();
    pass_ms(3000);
    wire_answer(&w, 409, wire_status(409, "Conflict", "modified"));
    lease_step(l);
    wire_answer(&w, 200, record("other", "9"));
    assert_int_equal(lease_state(l), LEASE_LOST);
    assert_int_equal(lease_left_ms(l), 0);
    done();
}

TEST(a_deleted_lease_is_lost)
{
    given_the_leader();
    pass_ms(3000);
    wire_answer(&w, 404, wire_status(404, "NotFound", "gone"));
    pass_ms(3000);
    wire_answer(&w, 404, wire_status(404, "NotFound", "gone"));
    assert_int_equal(lease_state(l), LEASE_LOST);
    done();
}

TEST(release_names_nobody_and_ends_all_writes_at_once)
{
    given_the_leader();
    lease_release(l);
    assert_int_equal(lease_left_ms(l), 0);
    wire_expect(&w, "PATCH", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog",
                "\"holderIdentity\":\"\"");
    assert_false(lease_is_quiet(l));
    wire_answer(&w, 200, record("", "3"));
    assert_true(lease_is_quiet(l));
    done();
}

TEST(a_release_waits_for_the_renewal_that_is_on_its_way)
{
    given_the_leader();
    pass_ms(3000);
    lease_release(l);
    assert_int_equal(lease_left_ms(l), 0);
    assert_false(lease_is_quiet(l));
    wire_answer(&w, 200, record("me", "2"));
    wire_expect(&w, "PATCH", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog",
                "\"resourceVersion\":\"2\"");
    assert_non_null(strstr(wire_last(&w)->body, "\"holderIdentity\":\"\""));
    wire_answer(&w, 200, record("", "3"));
    assert_true(lease_is_quiet(l));
    assert_int_equal(lease_state(l), LEASE_RELEASED);
    size_t before = w.count;
    pass_ms(60000);
    assert_int_equal(w.count, before); /* nothing is asked any more */
    done();
}

TEST(a_lease_that_is_won_after_the_release_is_given_away)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 200, record("", "5"));
    lease_release(l);
    assert_false(lease_is_quiet(l));
    wire_answer(&w, 200, record("me", "6"));
    assert_int_equal(lease_state(l), LEASE_RELEASED);
    wire_expect(&w, "PATCH", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog",
                "\"holderIdentity\":\"\"");
    assert_non_null(strstr(wire_last(&w)->body, "\"resourceVersion\":\"6\""));
    wire_answer(&w, 200, record("", "7"));
    assert_true(lease_is_quiet(l));
    done();
}

static void expect_release(const char *rv)
{
    wire_expect(&w, "PATCH", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog",
                "\"holderIdentity\":\"\"");
    assert_non_null(strstr(wire_last(&w)->body, rv));
    wire_answer(&w, 200, record("", "99"));
    assert_true(lease_is_quiet(l));
}

TEST(a_release_after_a_renewal_without_an_answer_looks_first)
{
    given_the_leader();
    pass_ms(3000);
    wire_lose(&w);
    lease_release(l);
    assert_int_equal(lease_left_ms(l), 0);
    wire_expect(&w, "GET", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog", NULL);
    wire_answer(&w, 200, record("me", "2"));
    expect_release("\"resourceVersion\":\"2\"");
    done();
}

TEST(a_release_while_the_holder_looks_gives_away_what_it_finds)
{
    given_the_leader();
    pass_ms(3000);
    wire_lose(&w);
    pass_ms(3000);
    lease_release(l);
    assert_false(lease_is_quiet(l));
    wire_answer(&w, 200, record("me", "2"));
    expect_release("\"resourceVersion\":\"2\"");
    done();
}

TEST(a_release_whose_renewal_gets_no_answer_looks_once)
{
    given_the_leader();
    pass_ms(3000);
    lease_release(l);
    wire_lose(&w);
    wire_expect(&w, "GET", "/apis/coordination.k8s.io/v1/namespaces/sys/leases/prog", NULL);
    wire_lose(&w);
    assert_true(lease_is_quiet(l));
    done();
}

TEST(a_release_that_gets_no_answer_is_left_at_that)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 200, record("", "5"));
    lease_release(l);
    wire_answer(&w, 200, record("me", "6"));
    size_t before = w.count;
    wire_lose(&w); /* the release itself: the lease runs out by its own */
    assert_true(lease_is_quiet(l));
    assert_int_equal(w.count, before);
    done();
}

TEST(a_release_never_takes_the_lease_from_another)
{
    given_the_leader();
    pass_ms(3000);
    wire_lose(&w);
    lease_release(l);
    wire_answer(&w, 200, record("other", "9"));
    assert_true(lease_is_quiet(l));
    assert_string_equal(wire_last(&w)->method, "GET");
    done();
}

TEST(a_candidate_that_never_led_releases_nothing)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 200, record("other", "5"));
    size_t before = w.count;
    lease_release(l);
    assert_int_equal(w.count, before);
    assert_true(lease_is_quiet(l));
    done();
}

TEST(the_record_says_who_since_when_and_for_how_long)
{
    given_a_candidate();
    lease_step(l);
    assert_int_equal(wire_last(&w)->timeout_ms, limit(LIMIT_LEASE_RENEW_MS) / 2);
    wire_answer(&w, 404, "");
    wire_expect(&w, "POST", LEASES, "\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\"");
    wire_expect(&w, "POST", LEASES, "\"leaseDurationSeconds\":15");
    wire_expect(&w, "POST", LEASES, "\"acquireTime\":\"1970-");
    wire_expect(&w, "POST", LEASES, "\"renewTime\":\"1970-");
    wire_expect(&w, "POST", LEASES, "\"leaseTransitions\":0");
    wire_answer(&w, 201, record("me", "1"));
    pass_ms(3000);
    wire_expect(&w, "PATCH", LEASES "/prog", "\"uid\":\"u\"");
    wire_expect(&w, "PATCH", LEASES "/prog", "\"resourceVersion\":\"1\"");
    assert_null(strstr(wire_last(&w)->body, "acquireTime"));
    assert_null(strstr(wire_last(&w)->body, "leaseTransitions"));
    wire_answer(&w, 200, record("me", "2"));
    lease_release(l);
    wire_expect(&w, "PATCH", LEASES "/prog", "\"leaseDurationSeconds\":1,");
    done();
}

TEST(taking_a_lease_says_since_when)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 200, record("", "5"));
    wire_expect(&w, "PATCH", LEASES "/prog", "\"acquireTime\":\"1970-");
    wire_expect(&w, "PATCH", LEASES "/prog", "\"uid\":\"u\"");
    done();
}

TEST(scaled_times_still_make_a_lease_of_a_second)
{
    limits_scale(1000);
    given_a_candidate();
    lease_step(l);
    assert_int_equal(wire_last(&w)->timeout_ms, 5);
    wire_answer(&w, 404, "");
    wire_expect(&w, "POST", LEASES, "\"leaseDurationSeconds\":1,");
    limits_scale(100000);
    wire_answer(&w, 500, "");
    w.now_ms += 1000;
    lease_step(l);
    assert_int_equal(wire_last(&w)->timeout_ms, 1);
    limits_scale(1);
    done();
}

TEST(what_went_wrong_is_said_until_it_goes_well)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 403, wire_status(403, "Forbidden", "not you"));
    assert_non_null(strstr(lease_trouble(l), "not you"));
    pass_ms(3000);
    wire_answer(&w, 200, "no json");
    assert_non_null(strstr(lease_trouble(l), "JSON"));
    pass_ms(3000);
    wire_answer(&w, 200, record("other", "5"));
    assert_string_equal(lease_trouble(l), "");
    assert_string_equal(lease_holder(l), "other");
    done();
}

TEST(a_redirect_is_no_success)
{
    given_the_leader();
    pass_ms(3000);
    wire_answer(&w, 300, record("me", "2"));
    assert_int_equal(lease_left_ms(l), limit(LIMIT_LEASE_RENEW_MS) - 3000);
    assert_string_not_equal(lease_trouble(l), "");
    done();
}

TEST(attempts_are_two_seconds_apart_and_a_little_more)
{
    given_a_candidate();
    lease_step(l);
    size_t before = w.count;
    wire_answer(&w, 200, record("other", "5"));
    int64_t due = lease_step(l);
    assert_in_range(due - w.now_ms, 2000, 2400);
    pass_ms(1999);
    assert_int_equal(w.count, before);
    pass_ms(402);
    assert_int_equal(w.count, before + 1);
    assert_int_equal(lease_step(l), w.now_ms + 2000); /* while it is under way */
    done();
}

TEST(a_holder_that_meets_a_conflict_looks_at_once_and_after_other_refusals_later)
{
    given_the_leader();
    pass_ms(3000);
    wire_answer(&w, 500, "");
    size_t before = w.count;
    assert_true(lease_step(l) > w.now_ms);
    assert_int_equal(w.count, before);
    pass_ms(3000);
    wire_answer(&w, 200, record("me", "2"));
    wire_answer(&w, 409, wire_status(409, "Conflict", "modified"));
    before = w.count;
    lease_step(l);
    assert_int_equal(w.count, before + 1);
    assert_string_equal(wire_last(&w)->method, "GET");
    done();
}

TEST(a_candidate_that_meets_a_conflict_does_not_hurry)
{
    given_a_candidate();
    lease_step(l);
    wire_answer(&w, 200, record("", "5"));
    wire_answer(&w, 409, wire_status(409, "Conflict", "modified"));
    size_t before = w.count;
    lease_step(l);
    assert_int_equal(w.count, before);
    done();
}

TEST(a_holder_is_due_no_later_than_its_deadline)
{
    given_the_leader();
    pass_ms(9500);
    assert_int_equal(lease_step(l), w.now_ms + 500);
    done();
}

TEST(a_renewal_that_comes_after_the_loss_changes_nothing)
{
    given_the_leader();
    pass_ms(9000);
    assert_int_equal(wire_open(&w), 1);
    w.now_ms += 1000;
    lease_step(l);
    assert_int_equal(lease_state(l), LEASE_LOST);
    wire_answer(&w, 200, record("me", "2"));
    assert_int_equal(lease_state(l), LEASE_LOST);
    assert_int_equal(lease_left_ms(l), 0);
    assert_int_equal(lease_step(l), 0);
    done();
}

SPEC_MAIN()
