/* timers.c — the binary heap behind loop_timer_at(). */
#include "http/timers.h"

#include "base/mem.h"

static void put(struct timers *ts, uint32_t i, struct loop_timer *t)
{
    ts->heap[i] = t;
    t->slot = i + 1;
}

static void rise(struct timers *ts, uint32_t i, struct loop_timer *t)
{
    while (i > 0 && ts->heap[(i - 1) / 2]->at_ms > t->at_ms) {
        put(ts, i, ts->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    put(ts, i, t);
}

static void sink(struct timers *ts, uint32_t i, struct loop_timer *t)
{
    for (uint32_t child; (child = 2 * i + 1) < ts->len; i = child) {
        if (child + 1 < ts->len && ts->heap[child + 1]->at_ms < ts->heap[child]->at_ms) {
            child++;
        }
        if (ts->heap[child]->at_ms >= t->at_ms) {
            break;
        }
        put(ts, i, ts->heap[child]);
    }
    put(ts, i, t);
}

void timers_add(struct timers *ts, struct loop_timer *t)
{
    if (ts->len == ts->cap) {
        ts->cap = ts->cap * 2 + 16;
        ts->heap = mem_resize(ts->heap, ts->cap * sizeof(struct loop_timer *));
    }
    rise(ts, ts->len++, t);
}

void timers_remove(struct timers *ts, struct loop_timer *t)
{
    if (t->slot == 0) {
        return;
    }
    uint32_t i = t->slot - 1;
    struct loop_timer *last = ts->heap[--ts->len];
    t->slot = 0;
    t->at_ms = 0;
    if (last != t) {
        rise(ts, i, last);
        sink(ts, last->slot - 1, last);
    }
}

struct loop_timer *timers_first(const struct timers *ts)
{
    return ts->len > 0 ? ts->heap[0] : NULL;
}

void timers_done(struct timers *ts)
{
    mem_free(ts->heap);
    *ts = (struct timers){0};
}
