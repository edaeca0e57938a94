/* The mirror against a real PostgreSQL, and against a server that never says a word. */
#include "pg/mirror.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "support/sh.h"
#include "support/spec.h"

#define UID_A "00000000-0000-0000-0000-00000000000a"
#define UID_B "00000000-0000-0000-0000-00000000000b"

static char top[64];

/* A program of the server, which refuses to run as root. */
#define PG                                                                    \
    "cd / && bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1) && "          \
    "as=$(test $(id -u) != 0 || echo setpriv --reuid=nobody --regid=nogroup " \
    "--clear-groups) && "                                                     \
    "$as $bin/"

static void postgres_start(void)
{
    snprintf(top, sizeof(top), "/tmp/mirror-XXXXXX");
    assert_non_null(mkdtemp(top));
    assert_int_equal(sh("test $(id -u) != 0 || chown nobody %s", top), 0);
    assert_int_equal(sh(PG "initdb -D %s/data -U dkube -A trust -E UTF8 --no-sync >/dev/null", top),
                     0);
    assert_int_equal(sh(PG "pg_ctl -D %s/data -w -l %s/log -o '-k %s -c listen_addresses= "
                           "-c fsync=off' start >/dev/null",
                        top, top, top),
                     0);
}

static void postgres_stop(void)
{
    assert_int_equal(sh(PG "pg_ctl -D %s/data -m fast stop >/dev/null", top), 0);
    assert_int_equal(sh("rm -rf %s", top), 0);
}

static void put(struct mirror *m, const char *uid, const char *rv, const char *body)
{
    mirror_put(m, &(struct mirror_state){
                      .kind = "Model", .ns = "n", .name = "m", .uid = uid, .rv = rv, .body = body});
}

static bool is_committed_in_time(struct mirror *m, const char *uid, const char *rv)
{
    int64_t began = clock_boot_ms();
    while (!mirror_committed(m, uid, rv) && clock_boot_ms() - began < 15000) {
        usleep(10000);
    }
    return mirror_committed(m, uid, rv);
}

TEST(a_state_that_the_database_refuses_does_not_block_the_others)
{
    struct mirror_stats s;
    char url[128];
    postgres_start();
    snprintf(url, sizeof(url), "postgresql:///postgres?host=%s&user=dkube", top);
    struct mirror *m = mirror_new(url);
    put(m, UID_A, "1", "{\"n\":1e999999}"); /* beyond what a numeric holds */
    put(m, UID_B, "2", "{}");
    assert_true(is_committed_in_time(m, UID_B, "2"));
    assert_false(mirror_committed(m, UID_A, "1"));
    mirror_stats(m, &s);
    assert_int_equal(s.refused, 1);
    assert_int_equal(s.written, 1);
    assert_non_null(strstr(s.last_refusal, "Model n/m"));
    put(m, UID_A, "3", "{\"n\":1}"); /* its next state is as welcome as any */
    assert_true(is_committed_in_time(m, UID_A, "3"));
    mirror_free(m);
    postgres_stop();
}

TEST(a_full_queue_is_dropped_whole_and_told_once)
{
    struct mirror_stats st;
    char uid[40];
    struct mirror *m = mirror_new("postgresql:///none?host=/nowhere");
    for (int i = 0; i < MIRROR_QUEUE_MAX + 600; i++) { /* 500 are in the thread's hands */
        snprintf(uid, sizeof(uid), "00000000-0000-0000-0000-%012d", i);
        put(m, uid, "1", "{}");
    }
    mirror_stats(m, &st);
    assert_true(st.failures <= 5); /* a state that comes in is no reason to try at once */
    assert_int_equal(st.overflows, 1);
    assert_int_equal(st.dropped, MIRROR_QUEUE_MAX);
    assert_in_range(st.queued, 1, 600);
    assert_true(mirror_overflowed(m));
    assert_false(mirror_overflowed(m));
    mirror_free(m);
}

TEST(a_database_that_never_answers_does_not_hold_the_program)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(at);
    char url[128];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    snprintf(url, sizeof(url), "postgresql://u@127.0.0.1:%d/d?sslmode=disable", ntohs(at.sin_port));
    limits_scale(20);
    alarm(60); /* ends the test that would never end */
    struct mirror *m = mirror_new(url);
    put(m, UID_A, "1", "{}");
    usleep(100000);
    mirror_free(m);
    alarm(0);
    limits_scale(1);
    close(fd);
}

SPEC_MAIN()
