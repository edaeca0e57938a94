/*
 * loop.h — the one event loop: epoll for descriptors, timers ordered by deadline, signalfd,
 * eventfd.
 *
 * Everything of a program that may touch a cache or a plan runs on this loop's thread. Callbacks
 * must not block. Only loop_post() and loop_stats() may be called from other threads. SIGPIPE is
 * ignored from loop_new() on. Times are CLOCK_BOOTTIME milliseconds. One warning is logged here: a
 * stuck iteration.
 */
#ifndef DKUBE_HTTP_LOOP_H
#define DKUBE_HTTP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

struct loop *loop_new(void); /* owned; ends the process when the kernel refuses the descriptors */
void loop_free(struct loop *l);
void loop_run(struct loop *l); /* until loop_stop(); returns after the current iteration */
void loop_stop(struct loop *l);

/* Descriptors: events is a mask of LOOP_READ|LOOP_WRITE; 0 removes. fn gets the ready mask. */
enum { LOOP_READ = 1, LOOP_WRITE = 2 };
typedef void loop_fd_fn(void *ctx, int fd, int ready);
void loop_fd(struct loop *l, int fd, int events, loop_fd_fn *fn, void *ctx);

/* Timers live in the caller's storage, zero-initialised; setting again moves; fires once. */
typedef void loop_timer_fn(void *ctx);
struct loop_timer {
    int64_t at_ms; /* 0: not set */
    loop_timer_fn *fn;
    void *ctx;
    uint32_t slot; /* private: heap index + 1 */
};
void loop_timer_at(struct loop *l, struct loop_timer *t, int64_t boot_ms, loop_timer_fn *fn,
                   void *ctx);
void loop_timer_in(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_timer_fn *fn,
                   void *ctx);
void loop_timer_clear(struct loop *l, struct loop_timer *t);

/* signo is blocked for the process and delivered here. Call before starting threads. */
void loop_signal(struct loop *l, int signo, void (*fn)(void *ctx, int signo), void *ctx);

/* Runs fn(ctx) on the loop's thread soon. Thread-safe; never drops. */
void loop_post(struct loop *l, void (*fn)(void *ctx), void *ctx);

/* Runs after each batch of events; where the shell starts due work. One idle function a loop. */
void loop_idle(struct loop *l, void (*fn)(void *ctx), void *ctx);

/* Names what is being done from now on in this iteration, for the log of stuck ones, which tells
 * the longest: stage is static text; who and key (may be NULL) are borrowed until the next call.
 * stage NULL: nothing that has a name. */
void loop_stage(struct loop *l, const char *stage, const char *who, const char *key);
struct loop_stats {
    uint64_t iterations, slow, stuck; /* over LIMIT_SLOW_ITERATION_MS, LIMIT_STUCK_ITERATION_MS */
    int64_t last_ms;                  /* boot time of the last iteration: the heartbeat */
};
void loop_stats(const struct loop *l, struct loop_stats *ret);

#endif
