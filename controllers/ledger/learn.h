/*
 * learn.h — how long a job of some size may be expected to last, from those that have ended: nine
 * of ten of the last ones took no longer (rule 14). The ledger and dkube-sim share it. Pure.
 */
#ifndef DKUBE_CONTROLLERS_LEDGER_LEARN_H
#define DKUBE_CONTROLLERS_LEDGER_LEARN_H

#include <stddef.h>
#include <stdint.h>

#define LEARN_CLASSES 5 /* sizes: 1, 2–3, 4–7, 8 GPUs, more */
#define LEARN_MOST 256  /* the last so many count */
#define LEARN_LEAST 10  /* fewer say nothing */

size_t learn_class(int64_t gpus);
/* Of at most LEARN_MOST lengths, which are sorted; SCHED_NEVER: too few. */
int64_t learn_estimate(int64_t *lasts_ms, size_t n);

#endif
