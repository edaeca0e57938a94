#include <stdlib.h>

#include "base/mem.h"
#include "cmd/dkube-sim/sim.h"

/* Shortest remaining work first on one machine of all GPUs that divides work at will. */
struct fluid {
    double *left; /* a heap of work that is left, GPU ms */
    size_t count;
    double now, sum; /* ends less submissions */
    double speed;
};

static void push(struct fluid *f, double work)
{
    size_t i = f->count++;

    for (; i > 0 && f->left[(i - 1) / 2] > work; i = (i - 1) / 2) {
        f->left[i] = f->left[(i - 1) / 2];
    }
    f->left[i] = work;
}

static void pop(struct fluid *f)
{
    double last = f->left[--f->count];
    size_t i = 0;

    for (;;) {
        size_t child = 2 * i + 1;

        if (child + 1 < f->count && f->left[child + 1] < f->left[child]) {
            child++;
        }
        if (child >= f->count || f->left[child] >= last) {
            break;
        }
        f->left[i] = f->left[child];
        i = child;
    }
    f->left[i] = last;
}

static void work_until(struct fluid *f, double until)
{
    while (f->count > 0 && f->now + f->left[0] / f->speed <= until) {
        f->now += f->left[0] / f->speed;
        f->sum += f->now;
        pop(f);
    }
    if (f->count > 0 && until > f->now) {
        f->left[0] -= (until - f->now) * f->speed; /* stays the least: it only shrinks */
    }
    f->now = until;
}

double lower_bound_ms(const struct trace *t, int pool)
{
    const struct sim_pool *p = &t->pools[pool];
    struct fluid f = {.speed = (double)(p->nodes * p->node_gpus)};
    double lengths = 0, submitted = 0;
    size_t n = 0;

    f.left = mem_alloc(t->count * sizeof(*f.left) + 1);
    for (size_t i = 0; i < t->count; i++) {
        const struct job *j = &t->jobs[i];

        if (j->pool == pool) {
            work_until(&f, (double)j->submit_ms);
            push(&f, (double)j->lasts_ms * (double)(j->gpus * j->pods));
            lengths += (double)j->lasts_ms;
            submitted += (double)j->submit_ms;
            n++;
        }
    }
    while (f.count > 0) {
        work_until(&f, f.now + f.left[0] / f.speed);
    }
    mem_free(f.left);
    if (n == 0) {
        return 0;
    }
    f.sum -= submitted;
    return (f.sum > lengths ? f.sum : lengths) / (double)n;
}
