/* The event loop: order of timers, descriptors, posts from other threads, signals, the heartbeat.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "http/loop.h"
#include "http/timers.h"
#include "support/spec.h"

struct trace {
    struct loop *l;
    char order[32];
    size_t n;
    int fd;
};

static struct trace *the_trace; /* of the idle function */

static void note(struct trace *t, char c)
{
    t->order[t->n++] = c;
}

static void on_a(void *ctx)
{
    note(ctx, 'a');
}

static void on_b(void *ctx)
{
    note(ctx, 'b');
}

static void on_end(void *ctx)
{
    struct trace *t = ctx;
    note(t, '.');
    loop_stop(t->l);
}

TEST(timers_fire_in_the_order_of_their_deadlines)
{
    struct trace t = {.l = loop_new()};
    struct loop_timer a = {0}, b = {0}, end = {0};
    loop_timer_in(t.l, &end, 30, on_end, &t);
    loop_timer_in(t.l, &b, 20, on_b, &t);
    loop_timer_in(t.l, &a, 10, on_a, &t);
    loop_run(t.l);
    assert_string_equal(t.order, "ab.");
    assert_int_equal(a.slot, 0);
    loop_free(t.l);
}

TEST(a_timer_set_again_moves_and_fires_once)
{
    struct trace t = {.l = loop_new()};
    struct loop_timer a = {0}, b = {0}, end = {0};
    loop_timer_in(t.l, &a, 1, on_a, &t);
    loop_timer_in(t.l, &b, 15, on_b, &t);
    loop_timer_in(t.l, &a, 25, on_a, &t);
    loop_timer_in(t.l, &end, 40, on_end, &t);
    loop_run(t.l);
    assert_string_equal(t.order, "ba.");
    loop_free(t.l);
}

TEST(a_cleared_timer_never_fires)
{
    struct trace t = {.l = loop_new()};
    struct loop_timer a = {0}, end = {0};
    loop_timer_in(t.l, &a, 1, on_a, &t);
    loop_timer_clear(t.l, &a);
    loop_timer_clear(t.l, &a);
    loop_timer_in(t.l, &end, 10, on_end, &t);
    loop_run(t.l);
    assert_string_equal(t.order, ".");
    loop_free(t.l);
}

TEST(a_timer_in_the_past_fires_at_once)
{
    struct trace t = {.l = loop_new()};
    struct loop_timer end = {0};
    int64_t began = clock_boot_ms();
    loop_timer_at(t.l, &end, began - 1000, on_end, &t);
    loop_run(t.l);
    assert_true(clock_boot_ms() - began < 500);
    loop_free(t.l);
}

static struct loop_timer again;
static void on_again(void *ctx)
{
    struct trace *t = ctx;
    if (t->n < sizeof(t->order) - 1) {
        note(t, 'x');
        loop_timer_in(t->l, &again, 0, on_again, t);
    } else {
        loop_stop(t->l);
    }
}

TEST(a_timer_that_sets_itself_anew_does_not_starve_the_loop)
{
    struct trace t = {.l = loop_new()};
    struct loop_stats s;
    loop_timer_in(t.l, &again, 0, on_again, &t);
    loop_run(t.l);
    loop_stats(t.l, &s);
    assert_true(s.iterations >= sizeof(t.order) - 1);
    loop_free(t.l);
}

TEST(a_heap_of_many_timers_gives_them_back_in_order_after_random_removals)
{
    enum { N = 1000 };
    static struct loop_timer many[N];
    struct timers ts = {0};
    srand(7);
    memset(many, 0, sizeof(many));
    for (int i = 0; i < N; i++) {
        many[i].at_ms = 1 + rand() % 300;
        timers_add(&ts, &many[i]);
    }
    for (int i = 0; i < N / 2; i++) {
        timers_remove(&ts, &many[rand() % N]);
    }
    int64_t last = 0;
    uint32_t left = ts.len, seen = 0;
    for (struct loop_timer *t; (t = timers_first(&ts)) != NULL; seen++) {
        assert_true(t->at_ms >= last);
        last = t->at_ms;
        timers_remove(&ts, t);
    }
    assert_int_equal(seen, left);
    timers_done(&ts);
}

static void on_readable(void *ctx, int fd, int ready)
{
    struct trace *t = ctx;
    char c = 0;
    assert_true(ready & LOOP_READ);
    assert_int_equal(read(fd, &c, 1), 1);
    note(t, c);
    if (c == '.') {
        loop_fd(t->l, fd, 0, NULL, NULL);
        loop_stop(t->l);
    }
}

TEST(a_readable_descriptor_calls_back_until_it_is_removed)
{
    struct trace t = {.l = loop_new()};
    int p[2];
    assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
    loop_fd(t.l, p[0], LOOP_READ, on_readable, &t);
    assert_int_equal(write(p[1], "xy.z", 4), 4);
    loop_run(t.l);
    assert_string_equal(t.order, "xy.");
    close(p[0]);
    close(p[1]);
    loop_free(t.l);
}

static int pair[2][2];
static void on_first_of_two(void *ctx, int fd, int ready UNUSED)
{
    struct trace *t = ctx;
    int other = fd == pair[0][0] ? pair[1][0] : pair[0][0];
    note(t, 'x');
    loop_fd(t->l, fd, 0, NULL, NULL);
    loop_fd(t->l, other, 0, NULL, NULL); /* its event is in the same batch */
}

TEST(an_event_of_a_descriptor_removed_in_the_same_batch_is_dropped)
{
    struct trace t = {.l = loop_new()};
    struct loop_timer end = {0};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipe2(pair[i], O_CLOEXEC | O_NONBLOCK), 0);
        assert_int_equal(write(pair[i][1], "1", 1), 1);
        loop_fd(t.l, pair[i][0], LOOP_READ, on_first_of_two, &t);
    }
    loop_timer_in(t.l, &end, 20, on_end, &t);
    loop_run(t.l);
    assert_string_equal(t.order, "x.");
    for (int i = 0; i < 4; i++) {
        close(pair[i / 2][i % 2]);
    }
    loop_free(t.l);
}

TEST(a_descriptor_number_that_was_closed_and_reused_is_watched_again)
{
    struct trace t = {.l = loop_new()};
    int p[2], q[2];
    assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
    loop_fd(t.l, p[0], LOOP_READ, on_readable, &t);
    close(p[0]); /* without telling the loop */
    close(p[1]);
    assert_int_equal(pipe2(q, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(q[0], p[0]);
    loop_fd(t.l, q[0], LOOP_READ, on_readable, &t);
    assert_int_equal(write(q[1], ".", 1), 1);
    loop_run(t.l);
    assert_string_equal(t.order, ".");
    close(q[0]);
    close(q[1]);
    loop_free(t.l);
}

static void on_last_post(void *ctx)
{
    struct trace *t = ctx;
    if (++t->n == 4000) {
        loop_stop(t->l);
    }
}

static void *post_many(void *ctx)
{
    struct trace *t = ctx;
    for (int i = 0; i < 1000; i++) {
        loop_post(t->l, on_last_post, t);
    }
    return NULL;
}

TEST(posts_of_four_threads_all_arrive_on_the_loop)
{
    struct trace t = {.l = loop_new()};
    pthread_t th[4];
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&th[i], NULL, post_many, &t), 0);
    }
    loop_run(t.l);
    assert_int_equal(t.n, 4000);
    for (int i = 0; i < 4; i++) {
        pthread_join(th[i], NULL);
    }
    loop_free(t.l);
}

static void on_usr1(void *ctx, int signo)
{
    struct trace *t = ctx;
    assert_int_equal(signo, SIGUSR1);
    note(t, 's');
    loop_stop(t->l);
}

TEST(a_signal_arrives_as_an_event)
{
    struct trace t = {.l = loop_new()};
    loop_signal(t.l, SIGUSR1, on_usr1, &t);
    kill(getpid(), SIGUSR1);
    loop_run(t.l);
    assert_string_equal(t.order, "s");
    loop_free(t.l);
}

static void on_idle(void *ctx)
{
    the_trace = ctx;
    loop_stop(the_trace->l);
}

TEST(the_idle_function_runs_after_a_batch_and_the_heartbeat_moves)
{
    struct trace t = {.l = loop_new()};
    struct loop_stats s;
    struct loop_timer a = {0};
    int64_t began = clock_boot_ms();
    loop_idle(t.l, on_idle, &t);
    loop_timer_in(t.l, &a, 5, on_a, &t);
    loop_run(t.l);
    loop_stats(t.l, &s);
    assert_true(the_trace == &t);
    assert_string_equal(t.order, "a");
    assert_true(s.last_ms >= began);
    loop_free(t.l);
}

static void on_slow(void *ctx)
{
    usleep(60 * 1000);
    on_end(ctx);
}

static void on_stuck(void *ctx)
{
    struct trace *t = ctx;
    loop_stage(t->l, "watch", "Pod", NULL);
    loop_stage(t->l, "plan", "run-controller", "team/digits");
    usleep((useconds_t)(limit(LIMIT_STUCK_ITERATION_MS) + 30) * 1000);
    loop_stage(t->l, "publish", NULL, NULL);
    loop_stop(t->l);
}

TEST(a_stuck_iteration_is_logged_with_the_key_and_the_stage_that_took_longest)
{
    struct trace t = {.l = loop_new()};
    struct loop_stats s;
    struct loop_timer a = {0};
    char line[1024];
    int ends[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    loop_timer_in(t.l, &a, 1, on_stuck, &t);
    loop_run(t.l);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    ssize_t n = read(ends[0], line, sizeof(line) - 1);
    close(ends[0]);
    line[n > 0 ? n : 0] = '\0';
    loop_stats(t.l, &s);
    assert_int_equal(s.stuck, 1);
    assert_non_null(strstr(line, "event loop was stuck"));
    assert_non_null(strstr(line, "stage=plan key=\"run-controller team/digits\""));
    loop_free(t.l);
}

TEST(an_iteration_over_the_limit_is_counted_as_slow)
{
    struct trace t = {.l = loop_new()};
    struct loop_stats s;
    struct loop_timer a = {0};
    loop_timer_in(t.l, &a, 1, on_slow, &t);
    loop_run(t.l);
    loop_stats(t.l, &s);
    assert_int_equal(s.slow, 1);
    assert_int_equal(s.stuck, 0);
    loop_free(t.l);
}

SPEC_MAIN()
