/* loop.c — lib/http/loop.h on a clock that is a number: only timers, and nobody waits. */
#include "sim/sim.h"

#include <stdlib.h>

#include "base/mem.h"

#define LOOP_TIMERS 64

struct loop {
    struct loop_timer *timers[LOOP_TIMERS];
    uint32_t count;
};

int64_t sim_now_ms;
struct dice sim_jitter;

/* The watches' jitter comes from libc; here it comes from the seed. */
uint32_t arc4random_uniform(uint32_t upper);
uint32_t arc4random_uniform(uint32_t upper)
{
    return upper > 0 ? roll(&sim_jitter, upper) : 0;
}

struct loop *loop_new(void)
{
    return mem_alloc(sizeof(struct loop));
}

void loop_free(struct loop *l)
{
    mem_free(l);
}

void loop_timer_clear(struct loop *l, struct loop_timer *t)
{
    if (t->slot == 0) {
        return;
    }
    l->timers[t->slot - 1] = l->timers[--l->count];
    l->timers[t->slot - 1]->slot = t->slot;
    t->slot = 0;
    t->at_ms = 0;
}

void loop_timer_at(struct loop *l, struct loop_timer *t, int64_t boot_ms, loop_timer_fn *fn,
                   void *ctx)
{
    if (t->slot == 0) {
        if (l->count == LOOP_TIMERS) {
            abort();
        }
        l->timers[l->count++] = t;
        t->slot = l->count;
    }
    t->at_ms = boot_ms;
    t->fn = fn;
    t->ctx = ctx;
}

void loop_timer_in(struct loop *l, struct loop_timer *t, int64_t delay_ms, loop_timer_fn *fn,
                   void *ctx)
{
    loop_timer_at(l, t, sim_now_ms + (delay_ms > 0 ? delay_ms : 0), fn, ctx);
}

int64_t sim_loop_next_ms(struct loop *l)
{
    int64_t next = 0;

    for (uint32_t i = 0; i < l->count; i++) {
        if (next == 0 || l->timers[i]->at_ms < next) {
            next = l->timers[i]->at_ms;
        }
    }
    return next;
}

void sim_loop_fire(struct loop *l, int64_t now_ms)
{
    for (uint32_t i = 0; i < l->count;) {
        struct loop_timer *t = l->timers[i];

        if (t->at_ms > now_ms) {
            i++;
            continue;
        }
        loop_timer_clear(l, t);
        t->fn(t->ctx);
        i = 0;
    }
}

/* --- what a simulated program has no use for -------------------------------------------------- */

void loop_run(struct loop *l UNUSED)
{
    abort();
}

void loop_stop(struct loop *l UNUSED)
{
}

void loop_fd(struct loop *l UNUSED, int fd UNUSED, int events UNUSED, loop_fd_fn *fn UNUSED,
             void *ctx UNUSED)
{
}

void loop_signal(struct loop *l UNUSED, int signo UNUSED, void (*fn)(void *, int) UNUSED,
                 void *ctx UNUSED)
{
}

void loop_post(struct loop *l UNUSED, void (*fn)(void *) UNUSED, void *ctx UNUSED)
{
    abort();
}

void loop_idle(struct loop *l UNUSED, void (*fn)(void *) UNUSED, void *ctx UNUSED)
{
}

void loop_stage(struct loop *l UNUSED, const char *stage UNUSED, const char *who UNUSED,
                const char *key UNUSED)
{
}

void loop_stats(const struct loop *l UNUSED, struct loop_stats *ret)
{
    *ret = (struct loop_stats){0};
}
