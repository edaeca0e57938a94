/* loop.c — epoll, timers behind one timerfd, signalfd, and an eventfd for posts. */
#include "http/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/posts.h"
#include "http/stages.h"
#include "http/timers.h"

struct fd_slot {
    loop_fd_fn *fn;
    void *ctx;
    int events;
    uint32_t turn; /* changes with each registration: events of an earlier one are dropped */
};

struct loop {
    int epoll, timer, event, signal;
    bool stop;
    struct fd_slot *fds;
    int fd_cap;
    struct timers timers;
    int64_t armed_ms; /* what the timerfd is set to; 0: off */
    struct posts posts;
    sigset_t signals;
    void (*on_signal[NSIG])(void *ctx, int signo);
    void *signal_ctx[NSIG];
    void (*idle)(void *ctx);
    void *idle_ctx;
    struct stages stages;
    struct loop_stats stats; /* read by other threads: atomic accesses */
};

static int must(int r, const char *what)
{
    if (r < 0) {
        LOG_E("the event loop cannot go on", "call", what, "error", strerror(errno), NULL);
        exit(70);
    }
    return r;
}

static void fd_control(struct loop *l, int fd, int op)
{
    struct fd_slot *s = &l->fds[fd];
    struct epoll_event ev = {
        .events = (s->events & LOOP_READ ? EPOLLIN | EPOLLRDHUP : 0) |
                  (s->events & LOOP_WRITE ? EPOLLOUT : 0),
        .data.u64 = (uint64_t)s->turn << 32 | (uint32_t)fd,
    };
    int r = epoll_ctl(l->epoll, op, fd, &ev);
    if (r < 0 && op == EPOLL_CTL_MOD && errno == ENOENT) {
        r = epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev); /* closed and opened again meanwhile */
    }
    must(r, "epoll_ctl");
}

void loop_fd(struct loop *l, int fd, int events, loop_fd_fn *fn, void *ctx)
{
    if (fd >= l->fd_cap) {
        int cap = fd * 2 + 16;
        l->fds = mem_resize(l->fds, (size_t)cap * sizeof(*l->fds));
        memset(l->fds + l->fd_cap, 0, (size_t)(cap - l->fd_cap) * sizeof(*l->fds));
        l->fd_cap = cap;
    }
    struct fd_slot *s = &l->fds[fd];
    int before = s->events;
    s->turn += before == 0;
    s->fn = fn;
    s->ctx = ctx;
    s->events = events;
    if (events != 0) {
        fd_control(l, fd, before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD);
    } else if (before != 0) {
        epoll_ctl(l->epoll, EPOLL_CTL_DEL, fd, NULL); /* it may be closed already */
    }
}

static void fd_dispatch(struct loop *l, const struct epoll_event *ev)
{
    int fd = (int)(uint32_t)ev->data.u64;
    struct fd_slot *s = &l->fds[fd];
    if (s->events == 0 || s->turn != (uint32_t)(ev->data.u64 >> 32)) {
        return;
    }
    int ready =
        (ev->events & (EPOLLIN | EPOLLRDHUP) ? LOOP_READ : 0) |
        (ev->events & EPOLLOUT ? LOOP_WRITE : 0) |
        (ev->events & (EPOLLERR | EPOLLHUP) ? s->events : 0); /* who reads finds the error */
    s->fn(s->ctx, fd, ready);
}

void loop_timer_clear(struct loop *l, struct loop_timer *t)
{
    timers_remove(&l->timers, t);
}

void loop_timer_at(struct loop *l, struct loop_timer *t, int64_t boot_ms, loop_timer_fn *fn,
                   void *ctx)
{
    timers_remove(&l->timers, t);
    t->at_ms = boot_ms > 0 ? boot_ms : 1;
    t->fn = fn;
    t->ctx = ctx;
    timers_add(&l->timers, t);
}

void loop_timer_in(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_timer_fn *fn,
                   void *ctx)
{
    loop_timer_at(l, t, clock_boot_ms() + (delay_ms > 0 ? delay_ms : 0), fn, ctx);
}

/* Those due now, each at most once: a timer that sets itself anew waits for the next iteration. */
static void timers_run(struct loop *l)
{
    int64_t now = clock_boot_ms();
    struct loop_timer *t;
    for (uint32_t n = l->timers.len; n > 0; n--) {
        if ((t = timers_first(&l->timers)) == NULL || t->at_ms > now) {
            return;
        }
        timers_remove(&l->timers, t);
        t->fn(t->ctx);
    }
}

/* A timerfd and not epoll's time-out: it counts the time of a suspended machine. */
static void timers_arm(struct loop *l)
{
    const struct loop_timer *first = timers_first(&l->timers);
    int64_t at = first != NULL ? first->at_ms : 0;
    if (at == l->armed_ms) {
        return;
    }
    l->armed_ms = at;
    struct itimerspec spec = {0};
    if (at != 0) {
        int64_t in = at - clock_boot_ms();
        spec.it_value.tv_sec = in > 0 ? in / 1000 : 0;
        spec.it_value.tv_nsec = in > 0 ? in % 1000 * 1000000 : 1;
    }
    must(timerfd_settime(l->timer, 0, &spec, NULL), "timerfd_settime");
}

static void on_timer(void *ctx, int fd, int ready UNUSED)
{
    struct loop *l = ctx;
    uint64_t n;
    if (read(fd, &n, sizeof(n)) > 0) {
        l->armed_ms = 0; /* it has fired: arm again, also for the same deadline */
    }
}

void loop_post(struct loop *l, void (*fn)(void *ctx), void *ctx)
{
    posts_add(&l->posts, fn, ctx);
    uint64_t one = 1;
    (void)!write(l->event, &one, sizeof(one)); /* fails only when it is readable anyway */
}

static void on_post(void *ctx, int fd, int ready UNUSED)
{
    struct loop *l = ctx;
    uint64_t n;
    (void)!read(fd, &n, sizeof(n));
    posts_run(&l->posts);
}

void loop_signal(struct loop *l, int signo, void (*fn)(void *ctx, int signo), void *ctx)
{
    sigaddset(&l->signals, signo);
    l->on_signal[signo] = fn;
    l->signal_ctx[signo] = ctx;
    must(-pthread_sigmask(SIG_BLOCK, &l->signals, NULL), "pthread_sigmask");
    must(signalfd(l->signal, &l->signals, 0), "signalfd");
}

static void on_signal(void *ctx, int fd, int ready UNUSED)
{
    struct loop *l = ctx;
    struct signalfd_siginfo si;
    while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
        l->on_signal[si.ssi_signo](l->signal_ctx[si.ssi_signo], (int)si.ssi_signo);
    }
}

struct loop *loop_new(void)
{
    struct loop *l = mem_alloc(sizeof(*l));
    signal(SIGPIPE, SIG_IGN);
    posts_init(&l->posts);
    sigemptyset(&l->signals);
    l->epoll = must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    l->timer = must(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd_create");
    l->event = must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
    l->signal = must(signalfd(-1, &l->signals, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
    loop_fd(l, l->timer, LOOP_READ, on_timer, l);
    loop_fd(l, l->event, LOOP_READ, on_post, l);
    loop_fd(l, l->signal, LOOP_READ, on_signal, l);
    return l;
}

void loop_free(struct loop *l)
{
    if (l == NULL) {
        return;
    }
    close(l->signal);
    close(l->event);
    close(l->timer);
    close(l->epoll);
    posts_done(&l->posts);
    timers_done(&l->timers);
    mem_free(l->fds);
    mem_free(l);
}

static void count(uint64_t *n)
{
    __atomic_add_fetch(n, 1, __ATOMIC_RELAXED);
}

static void measure(struct loop *l, int64_t began)
{
    int64_t now = clock_boot_ms(), took = now - began;
    stages_enter(&l->stages, now, NULL, NULL, NULL);
    count(&l->stats.iterations);
    __atomic_store_n(&l->stats.last_ms, now, __ATOMIC_RELAXED);
    if (took <= limit(LIMIT_SLOW_ITERATION_MS)) {
        return;
    }
    count(&l->stats.slow);
    if (took > limit(LIMIT_STUCK_ITERATION_MS)) {
        count(&l->stats.stuck);
        stages_warn(&l->stages, took);
    }
}

void loop_run(struct loop *l)
{
    struct epoll_event ready[64];
    l->stop = false;
    while (!l->stop) {
        timers_arm(l);
        int n = epoll_wait(l->epoll, ready, ARRAY_LEN(ready), (int)(limit(LIMIT_HEARTBEAT_MS) / 4));
        if (n < 0 && errno != EINTR) {
            must(n, "epoll_wait");
        }
        int64_t began = clock_boot_ms();
        stages_begin(&l->stages, began);
        for (int i = 0; i < n; i++) {
            fd_dispatch(l, &ready[i]);
        }
        timers_run(l);
        if (l->idle != NULL) {
            l->idle(l->idle_ctx);
        }
        measure(l, began);
    }
}

void loop_stop(struct loop *l)
{
    l->stop = true;
}

void loop_idle(struct loop *l, void (*fn)(void *ctx), void *ctx)
{
    l->idle = fn;
    l->idle_ctx = ctx;
}

void loop_stage(struct loop *l, const char *stage, const char *who, const char *key)
{
    stages_enter(&l->stages, clock_boot_ms(), stage, who, key);
}

void loop_stats(const struct loop *l, struct loop_stats *ret)
{
    ret->iterations = __atomic_load_n(&l->stats.iterations, __ATOMIC_RELAXED);
    ret->slow = __atomic_load_n(&l->stats.slow, __ATOMIC_RELAXED);
    ret->stuck = __atomic_load_n(&l->stats.stuck, __ATOMIC_RELAXED);
    ret->last_ms = __atomic_load_n(&l->stats.last_ms, __ATOMIC_RELAXED);
}
