/*
 * fuzz.h — a fuzz target: one function over bytes that abort()s when a law is broken.
 *
 * FUZZ_TARGET(folder, sentence) ends the file. Under clang's libFuzzer (MODE=fuzz) it adds nothing;
 * in every other mode it makes a test that runs each file of test/fuzz/corpus/<folder> and
 * FUZZ_ROUNDS (200) seeded mutations of it. Names that end in ".esc" hold backslash escapes (\n \0
 * \xNN). The input under way is kept in build/fuzz/<folder>.last, also when the program dies.
 */
#ifndef DKUBE_TEST_FUZZ_H
#define DKUBE_TEST_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "support/spec.h"

typedef int fuzz_fn(const uint8_t *data, size_t n);
fuzz_fn LLVMFuzzerTestOneInput;

/* Runs the committed inputs; fails the test when there are none. */
void fuzz_replay(const char *folder, fuzz_fn *target);

#define law(cond, ...)                                             \
    do {                                                           \
        if (!(cond)) {                                             \
            fprintf(stderr, "the law does not hold: %s: ", #cond); \
            fprintf(stderr, __VA_ARGS__);                          \
            fputc('\n', stderr);                                   \
            abort();                                               \
        }                                                          \
    } while (0)

#ifdef LIBFUZZER
#define FUZZ_TARGET(folder, sentence) extern const char fuzz_folder[]
#else
#define FUZZ_TARGET(folder, sentence)                \
    TEST(sentence)                                   \
    {                                                \
        fuzz_replay(folder, LLVMFuzzerTestOneInput); \
    }                                                \
    SPEC_MAIN()
#endif

#endif
