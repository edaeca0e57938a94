/* events.c — Events: aggregation, rate, retries, names. */
#include "kube/events.h"

#include <stdio.h>

#include "api/kinds.gen.h"
#include "base/limits.h"
#include "support/spec.h"
#include "support/wire.h"

static struct wire w;
static struct events *ev;

static void given_a_recorder(void)
{
    wire_init(&w);
    ev = events_new(&w.t, "dkube.io/prog", "prog-1");
}

static void done(void)
{
    events_free(ev);
    wire_done(&w);
}

static void record(const struct kind *k, const char *ns, const char *uid, const char *note)
{
    events_record(ev, &(struct event){.type = EVENT_WARNING,
                                      .kind = k,
                                      .ns = ns,
                                      .name = "r1",
                                      .uid = uid,
                                      .reason = "NameTaken",
                                      .action = "Reconcile",
                                      .note = note});
    events_step(ev);
}

static struct events_stats stats(void)
{
    struct events_stats s;
    events_stats(ev, &s);
    return s;
}

TEST(an_event_is_posted_beside_its_object)
{
    given_a_recorder();
    record(&kind_dkuberun, "team", "u1", "taken");
    wire_expect(&w, "POST", "/apis/events.k8s.io/v1/namespaces/team/events",
                "\"regarding\":{\"apiVersion\":\"dkube.io/v1alpha1\",\"kind\":\"DkubeRun\","
                "\"namespace\":\"team\",\"name\":\"r1\",\"uid\":\"u1\"}");
    wire_expect(&w, "POST", "/apis/events.k8s.io/v1/namespaces/team/events",
                "\"reportingController\":\"dkube.io/prog\"");
    done();
}

TEST(events_of_cluster_scoped_objects_go_to_default)
{
    given_a_recorder();
    record(&kind_pool, "", "u1", "taken");
    wire_expect(&w, "POST", "/apis/events.k8s.io/v1/namespaces/default/events",
                "\"namespace\":\"default\"");
    done();
}

TEST(the_same_news_counts_up_one_event)
{
    given_a_recorder();
    record(&kind_dkuberun, "team", "u1", "taken");
    wire_answer(&w, 201, "{}");
    record(&kind_dkuberun, "team", "u1", "taken");
    record(&kind_dkuberun, "team", "u1", "taken");
    assert_int_equal(w.count, 2);
    assert_string_equal(wire_last(&w)->method, "PATCH");
    assert_non_null(strstr(wire_last(&w)->body, "\"count\":2"));
    wire_answer(&w, 200, "{}");
    events_step(ev);
    assert_non_null(strstr(wire_last(&w)->body, "\"count\":3"));
    done();
}

TEST(other_news_of_the_object_is_another_event)
{
    given_a_recorder();
    record(&kind_dkuberun, "team", "u1", "taken");
    record(&kind_dkuberun, "team", "u1", "taken again");
    assert_int_equal(w.count, 2);
    assert_string_equal(wire_at(&w, 0)->method, "POST");
    assert_string_equal(wire_at(&w, 1)->method, "POST");
    done();
}

TEST(after_ten_minutes_the_same_news_is_a_new_event)
{
    given_a_recorder();
    record(&kind_dkuberun, "team", "u1", "taken");
    wire_answer(&w, 201, "{}");
    w.now_ms += 600000;
    record(&kind_dkuberun, "team", "u1", "taken");
    assert_string_equal(wire_last(&w)->method, "POST");
    done();
}

TEST(a_post_whose_reply_was_lost_is_sent_again_under_the_same_name)
{
    given_a_recorder();
    record(&kind_dkuberun, "team", "u1", "taken");
    wire_lose(&w);
    w.now_ms = events_step(ev);
    events_step(ev);
    assert_int_equal(w.count, 2);
    assert_string_equal(wire_at(&w, 0)->body, wire_at(&w, 1)->body);
    wire_answer(&w, 409, wire_status(409, "AlreadyExists", "exists"));
    assert_int_equal(stats().sent, 1);
    assert_int_equal(stats().dropped, 0);
    done();
}

TEST(a_server_that_stays_away_is_given_up)
{
    given_a_recorder();
    record(&kind_dkuberun, "team", "u1", "taken");
    for (int i = 0; i < 100 && wire_open(&w) > 0; i++) {
        wire_answer(&w, 503, "");
        int64_t due = events_step(ev);
        w.now_ms = due > 0 ? due : w.now_ms;
        events_step(ev);
    }
    assert_int_equal(stats().dropped, 1);
    assert_int_equal(stats().pending, 0);
    assert_in_range(w.count, 3, 10);
    done();
}

TEST(an_object_causes_at_most_25_requests_in_a_row)
{
    given_a_recorder();
    w.at_once = 201;
    w.at_once_body = "{}";
    for (int i = 0; i < 40; i++) {
        char note[16] = {(char)('a' + i / 26), (char)('a' + i % 26)};
        record(&kind_dkuberun, "team", "u1", note);
    }
    assert_int_equal(w.count, 25);
    assert_int_equal(stats().dropped, 15);
    record(&kind_dkuberun, "team", "u2", "another object");
    assert_int_equal(w.count, 26);
    w.now_ms += 300000;
    record(&kind_dkuberun, "team", "u1", "one more after five minutes");
    record(&kind_dkuberun, "team", "u1", "but not two");
    assert_int_equal(w.count, 27);
    done();
}

TEST(no_more_than_the_limit_wait)
{
    given_a_recorder();
    for (int i = 0; i < 1100; i++) {
        char uid[16];
        snprintf(uid, sizeof(uid), "u%d", i);
        events_record(ev,
                      &(struct event){
                          .kind = &kind_pool, .name = "p", .uid = uid, .reason = "R", .note = "n"});
    }
    assert_int_equal(stats().pending, limit(LIMIT_EVENTS_PENDING));
    assert_int_equal(stats().dropped, 1100 - limit(LIMIT_EVENTS_PENDING));
    events_step(ev);
    assert_int_equal(wire_open(&w), 4);
    done();
}

TEST(a_refused_event_is_dropped_and_counted)
{
    given_a_recorder();
    record(&kind_dkuberun, "team", "u1", "taken");
    wire_answer(&w, 403, wire_status(403, "Forbidden", "no"));
    assert_int_equal(events_step(ev), 0);
    assert_int_equal(w.count, 1);
    assert_int_equal(stats().dropped, 1);
    done();
}

SPEC_MAIN()
