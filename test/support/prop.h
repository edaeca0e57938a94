/*
 * prop.h — laws over random inputs: LAW(sentence) { … } runs once for each seed, PROP_SEEDS of them
 * (200).
 *
 * The body gets `struct dice *d` and an empty `struct arena *a`. A failing law says its seed in a
 * line "seed N"; PROP_SEED=N runs that one alone. Dice are deterministic: a seed is a test case.
 */
#ifndef DKUBE_TEST_PROP_H
#define DKUBE_TEST_PROP_H

#include <stdbool.h>

#include "base/attr.h"
#include "support/spec.h"

struct dice {
    uint64_t state;
};

uint64_t dice_bits(struct dice *d);
unsigned roll(struct dice *d, unsigned n); /* 0 … n-1 */
bool chance(struct dice *d, unsigned percent);
/* A text of up to n characters, now and then awkward ones; arena. */
const char *random_text(struct dice *d, struct arena *a, unsigned n);
/* A JSON document of at most `depth` levels, as text; arena. */
const char *random_json(struct dice *d, struct arena *a, int depth);

typedef void law_fn(struct dice *d, struct arena *a);
void law_run(law_fn *law);
extern uint64_t law_seed; /* of the case that is running */

#define LAW(sentence)                                            \
    static void sentence##_law(struct dice *d, struct arena *a); \
    TEST(sentence)                                               \
    {                                                            \
        law_run(sentence##_law);                                 \
    }                                                            \
    static void sentence##_law(struct dice *d UNUSED, struct arena *a UNUSED)

/* Fails with the seed and a message unless cond holds. */
#define holds(cond, ...)                                              \
    do {                                                              \
        if (!(cond)) {                                                \
            print_error("seed %llu: ", (unsigned long long)law_seed); \
            fail_msg(__VA_ARGS__);                                    \
        }                                                             \
    } while (0)

#endif
