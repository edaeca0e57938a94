/* queue.c — the laws of the work queue, under ten thousand random histories and as sentences. */
#include "kube/queue.h"

#include <stdio.h>

#include "base/attr.h"
#include "base/limits.h"
#include "support/spec.h"

static uint64_t seed;

static unsigned pick(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed % n);
}

/* What the laws say of one key, kept naively. */
struct model {
    bool due, busy, dirty;
    int64_t at_ms; /* delayed until; 0: not */
    unsigned failures;
};

enum { KEYS = 12, STEPS = 60, HISTORIES = 10000 };
static struct model model[KEYS];
static int64_t now;

static struct queue_key key_of(unsigned i)
{
    static const char *const names[] = {"a", "b", "c"};
    return (struct queue_key){i / 6, (i / 3) % 2 == 0 ? "" : "ns", names[i % 3]};
}

static unsigned index_of(const struct queue_key *k)
{
    return k->who * 6 + (*k->ns != '\0' ? 3u : 0u) + (unsigned)(k->name[0] - 'a');
}

static void model_advance(void)
{
    for (unsigned i = 0; i < KEYS; i++) {
        struct model *m = &model[i];
        if (m->at_ms != 0 && m->at_ms <= now) {
            m->at_ms = 0;
            m->dirty = m->busy ? true : m->dirty;
            m->due = !m->busy ? true : m->due;
        }
    }
}

static void do_add(struct queue *q, unsigned i)
{
    struct queue_key k = key_of(i);
    queue_add(q, &k, now, pick(2) == 0);
    if (model[i].busy) {
        model[i].dirty = true;
    } else {
        model[i].due = true;
        model[i].at_ms = 0;
    }
}

static void do_delay(struct queue *q, unsigned i)
{
    struct queue_key k = key_of(i);
    int64_t at = now + 1 + pick(20);
    queue_add_at(q, &k, at);
    if (!model[i].due && (model[i].at_ms == 0 || at < model[i].at_ms)) {
        model[i].at_ms = at;
    }
}

static void do_take(struct queue *q)
{
    struct queue_key k;
    bool any = false;
    model_advance();
    for (unsigned i = 0; i < KEYS; i++) {
        any = any || model[i].due;
    }
    bool got = queue_take(q, now, &k);
    assert_int_equal(got, any);
    if (got) {
        struct model *m = &model[index_of(&k)];
        assert_true(m->due);
        assert_false(m->busy);
        m->due = false;
        m->busy = true;
    }
}

static void do_done(struct queue *q, unsigned i, bool failed)
{
    struct queue_key k = key_of(i);
    struct model *m = &model[i];
    if (!m->busy) {
        return;
    }
    if (failed) {
        int64_t pause = queue_retry(q, &k, now, 0);
        assert_int_equal(pause, limit(LIMIT_QUEUE_BACKOFF_MS) << m->failures);
        m->failures++;
        m->at_ms = now + pause;
    } else {
        queue_forget(q, &k);
        m->failures = 0;
    }
    queue_done(q, &k, now);
    m->busy = false;
    if (m->dirty) {
        m->dirty = false;
        m->due = true;
        m->at_ms = 0;
    }
}

static void one_history(void)
{
    struct queue *q = queue_new(2);
    memset(model, 0, sizeof(model));
    now = 1000;
    for (int step = 0; step < STEPS; step++) {
        unsigned i = pick(KEYS);
        switch (pick(6)) {
        case 0:
            do_add(q, i);
            break;
        case 1:
            do_delay(q, i);
            break;
        case 2:
        case 3:
            do_take(q);
            break;
        case 4:
            do_done(q, i, pick(3) == 0);
            break;
        default:
            now += pick(10);
            break;
        }
    }
    queue_free(q);
}

TEST(a_key_is_handed_out_iff_it_was_added_and_is_not_being_processed)
{
    for (int i = 0; i < HISTORIES; i++) {
        seed = 0x9e3779b97f4a7c15u * (uint64_t)(i + 1);
        one_history();
    }
}

TEST(a_failing_key_waits_twice_as_long_each_time_up_to_the_limit)
{
    struct queue *q = queue_new(1);
    struct queue_key k = {0, "ns", "x"}, got;
    int64_t t = 0, last = 0;
    queue_add(q, &k, t, false);
    for (int i = 0; i < 30; i++) {
        assert_true(queue_take(q, t, &got));
        int64_t pause = queue_retry(q, &got, t, 0);
        assert_true(pause == limit(LIMIT_QUEUE_BACKOFF_MAX_MS) || pause == (5LL << i));
        assert_true(pause >= last);
        last = pause;
        queue_done(q, &got, t);
        assert_false(queue_take(q, t + pause - 1, &got));
        t += pause;
    }
    assert_int_equal(last, limit(LIMIT_QUEUE_BACKOFF_MAX_MS));
    assert_true(queue_take(q, t, &got));
    queue_forget(q, &got);
    queue_done(q, &got, t);
    assert_int_equal(queue_keys(q), 0);
    queue_free(q);
}

TEST(the_servers_retry_after_is_a_lower_bound)
{
    struct queue *q = queue_new(1);
    struct queue_key k = {0, "", "x"};
    assert_int_equal(queue_retry(q, &k, 0, 7000), 7000);
    queue_free(q);
}

TEST(keys_of_an_initial_list_come_after_all_others_until_something_happens_to_them)
{
    struct queue *q = queue_new(1);
    struct queue_key old = {0, "", "old"}, lifted = {0, "", "lifted"}, fresh = {0, "", "fresh"},
                     got;
    struct queue_stats st;
    queue_add(q, &old, 0, true);
    queue_add(q, &lifted, 0, true);
    queue_stats(q, 0, &st);
    assert_int_equal(st.low, 2);
    queue_add(q, &fresh, 0, false);
    queue_add(q, &lifted, 0, false);
    assert_true(queue_take(q, 0, &got));
    assert_string_equal(got.name, "fresh");
    assert_true(queue_take(q, 0, &got));
    assert_string_equal(got.name, "lifted");
    assert_true(queue_take(q, 0, &got));
    assert_string_equal(got.name, "old");
    queue_stats(q, 0, &st);
    assert_int_equal(st.low, 0);
    queue_free(q);
}

TEST(controllers_take_turns)
{
    struct queue *q = queue_new(2);
    struct queue_key k, got;
    for (int i = 0; i < 10; i++) {
        char name[8];
        snprintf(name, sizeof(name), "k%d", i);
        k = (struct queue_key){0, "", name};
        queue_add(q, &k, 0, false);
    }
    k = (struct queue_key){1, "", "other"};
    queue_add(q, &k, 0, false);
    assert_true(queue_take(q, 0, &got));
    assert_true(queue_take(q, 0, &got));
    assert_int_equal(got.who, 1);
    queue_free(q);
}

TEST(a_paused_controller_collects_its_keys)
{
    struct queue *q = queue_new(1);
    struct queue_key k = {0, "", "x"}, got;
    queue_pause(q, 0, true);
    queue_add(q, &k, 0, false);
    assert_false(queue_take(q, 0, &got));
    queue_pause(q, 0, false);
    assert_true(queue_take(q, 0, &got));
    queue_free(q);
}

TEST(keys_beyond_the_limit_are_dropped_from_the_delayed_and_counted)
{
    struct queue *q = queue_new(1);
    struct queue_stats st;
    char name[32];
    for (int64_t i = 0; i < limit(LIMIT_QUEUE_KEYS) + 5; i++) {
        snprintf(name, sizeof(name), "k%lld", (long long)i);
        queue_add_at(q, &(struct queue_key){0, "", name}, 100);
    }
    queue_stats(q, 0, &st);
    assert_int_equal(st.dropped, 5);
    assert_int_equal(queue_keys(q), limit(LIMIT_QUEUE_KEYS));
    queue_free(q);
}

TEST(a_key_that_is_forgotten_and_idle_is_gone)
{
    struct queue *q = queue_new(1);
    struct queue_key k = {0, "", "x"}, got;
    queue_retry(q, &k, 0, 0);
    assert_true(queue_take(q, 1000, &got));
    queue_done(q, &got, 1000);
    assert_int_equal(queue_keys(q), 1);
    assert_int_equal(queue_failures(q, &k), 1);
    queue_forget(q, &k);
    assert_int_equal(queue_keys(q), 0);
    assert_int_equal(queue_failures(q, &k), 0);
    queue_free(q);
}

TEST(the_end_of_a_key_that_nobody_has_means_nothing)
{
    struct queue *q = queue_new(1);
    struct queue_key k = {0, "", "x"}, unknown = {0, "", "y"}, got;
    struct queue_stats st;
    queue_add(q, &k, 0, false);
    queue_done(q, &k, 0);
    queue_done(q, &unknown, 0);
    queue_stats(q, 0, &st);
    assert_int_equal(st.processing, 0);
    assert_int_equal(st.depth, 1);
    assert_true(queue_take(q, 0, &got));
    queue_free(q);
}

TEST(a_delayed_key_that_falls_due_comes_before_those_of_an_initial_list)
{
    struct queue *q = queue_new(1);
    struct queue_key low = {0, "", "low"}, late = {0, "", "late"}, got;
    queue_add(q, &low, 0, true);
    queue_add_at(q, &late, 50);
    assert_int_equal(queue_next_ms(q), 50);
    assert_true(queue_take(q, 50, &got));
    assert_string_equal(got.name, "late");
    queue_free(q);
}

TEST(a_key_that_was_low_and_came_again_while_processed_is_not_low)
{
    struct queue *q = queue_new(1);
    struct queue_key k = {0, "", "k"}, low = {0, "", "low"}, got;
    queue_add(q, &k, 0, true);
    assert_true(queue_take(q, 0, &got));
    queue_add(q, &low, 0, true);
    queue_add(q, &k, 0, true);
    queue_add(q, &k, 0, false);
    queue_add(q, &k, 0, true);
    queue_done(q, &k, 0);
    assert_true(queue_take(q, 0, &got));
    assert_string_equal(got.name, "k");
    queue_free(q);
}

TEST(waits_are_counted_and_measured)
{
    struct queue *q = queue_new(2);
    struct queue_key k = {1, "", "x"}, at = {1, "", "y"}, got;
    struct queue_stats st;
    queue_add(q, &k, 100, false);
    assert_true(queue_take(q, 130, &got));
    queue_add_at(q, &at, 200);
    assert_true(queue_take(q, 205, &got));
    queue_stats(q, 1, &st);
    assert_int_equal(st.adds, 1);
    assert_int_equal(st.waits, 2);
    assert_int_equal(st.wait_ms, 35);
    assert_int_equal(st.last_wait_ms, 5);
    assert_int_equal(st.processing, 2);
    assert_int_equal(st.delayed, 0);
    queue_retry(q, &at, 300, 0);
    queue_stats(q, 1, &st);
    assert_int_equal(st.retries, 1);
    assert_int_equal(st.delayed, 1);
    queue_stats(q, 0, &st);
    assert_int_equal(st.waits, 0);
    queue_free(q);
}

TEST(a_key_added_twice_keeps_the_time_of_the_first)
{
    struct queue *q = queue_new(1);
    struct queue_key k = {0, "", "x"}, got;
    struct queue_stats st;
    queue_add(q, &k, 100, true);
    queue_add(q, &k, 150, false);
    assert_true(queue_take(q, 160, &got));
    queue_stats(q, 0, &st);
    assert_int_equal(st.wait_ms, 60);
    queue_free(q);
}

TEST(of_two_delays_the_earlier_counts)
{
    struct queue *q = queue_new(1);
    struct queue_key k = {0, "", "x"};
    queue_add_at(q, &k, 100);
    queue_add_at(q, &k, 200);
    assert_int_equal(queue_next_ms(q), 100);
    queue_add_at(q, &k, 50);
    assert_int_equal(queue_next_ms(q), 50);
    queue_add(q, &k, 0, false);
    assert_int_equal(queue_next_ms(q), 0); /* it is due: no delay is left */
    queue_add_at(q, &k, 300);
    assert_int_equal(queue_next_ms(q), 0);
    queue_free(q);
}

TEST(long_names_are_keys_too)
{
    struct queue *q = queue_new(1);
    char name[900];
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    struct queue_key k = {0, "ns", name}, got;
    queue_add(q, &k, 0, false);
    queue_add(q, &k, 0, false);
    assert_int_equal(queue_keys(q), 1);
    assert_true(queue_take(q, 0, &got));
    assert_string_equal(got.name, name);
    queue_free(q);
}

struct looks {
    char text[256];
    size_t n;
};

static void on_look(void *ctx, const struct queue_look *look)
{
    struct looks *s = ctx;
    s->n += (size_t)snprintf(s->text + s->n, sizeof(s->text) - s->n, "%s %s %lld %u, ",
                             look->key.name, look->state, (long long)look->ms, look->failures);
}

TEST(every_state_of_a_key_can_be_looked_at)
{
    struct queue *q = queue_new(1);
    struct queue_key k[] = {{0, "", "busy"}, {0, "", "dirty"}, {0, "", "due"},
                            {0, "", "low"},  {0, "", "later"}, {0, "", "failed"}},
                     got;
    struct looks s = {.n = 0};
    queue_add(q, &k[0], 1, false);
    queue_add(q, &k[1], 1, false);
    assert_true(queue_take(q, 1, &got) && queue_take(q, 1, &got));
    queue_add(q, &k[1], 2, false);
    queue_add(q, &k[2], 3, false);
    queue_add(q, &k[3], 4, true);
    queue_add_at(q, &k[4], 50);
    queue_retry(q, &k[5], 10, 30);
    queue_each(q, 100, on_look, &s);
    assert_string_equal(s.text, "busy processing 1 0, dirty dirty 1 0, due due 3 0, low low 4 0, "
                                "later delayed 50 0, failed delayed 40 1, ");
    s.n = 0;
    queue_each(q, 2, on_look, &s);
    assert_string_equal(s.text, "busy processing 1 0, dirty dirty 1 0, ");
    queue_free(q);
    queue_free(NULL);
}

TEST(a_key_that_is_due_fails_without_a_pause)
{
    struct queue *q = queue_new(1);
    struct queue_key k = {0, "", "x"}, unknown = {0, "", "y"};
    queue_add(q, &k, 0, false);
    assert_int_equal(queue_retry(q, &k, 0, 0), 5);
    assert_int_equal(queue_next_ms(q), 0);
    assert_int_equal(queue_failures(q, &k), 1);
    queue_forget(q, &unknown);
    queue_forget(q, &k);
    assert_int_equal(queue_keys(q), 1); /* it is still due */
    queue_free(q);
}

SPEC_MAIN()
