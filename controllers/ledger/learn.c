#include "controllers/ledger/learn.h"

#include <stdlib.h>

#include "controllers/ledger/schedule.h"

size_t learn_class(int64_t gpus)
{
    return gpus <= 1 ? 0 : gpus < 4 ? 1 : gpus < 8 ? 2 : gpus == 8 ? 3 : 4;
}

static int by_size(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;

    return (a > b) - (a < b);
}

int64_t learn_estimate(int64_t *lasts_ms, size_t n)
{
    if (n < LEARN_LEAST) {
        return SCHED_NEVER;
    }
    qsort(lasts_ms, n, sizeof(*lasts_ms), by_size);
    return lasts_ms[n * 9 / 10];
}
