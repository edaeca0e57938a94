/*
 * spec.h — tests as sentences over cmocka: TEST(name_that_is_a_sentence) { … } registers itself;
 * one SPEC_MAIN() a file. Output is TAP when CMOCKA_MESSAGE_OUTPUT=TAP, which `make test` sets.
 */
#ifndef DKUBE_TEST_SPEC_H
#define DKUBE_TEST_SPEC_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"

struct spec {
    const char *name;
    void (*fn)(void **state);
};

#define TEST(sentence)                                                                      \
    static void sentence(void **state);                                                     \
    static const struct spec spec_##sentence                                                \
        __attribute__((used, section("spec_tests"), aligned(sizeof(void *)))) = {#sentence, \
                                                                                 sentence}; \
    static void sentence(void **state __attribute__((unused)))

extern const struct spec __start_spec_tests[] __attribute__((weak));
extern const struct spec __stop_spec_tests[] __attribute__((weak));

#define SPEC_MAX 256
#define SPEC_MAIN()                                                     \
    int main(void)                                                      \
    {                                                                   \
        static struct CMUnitTest tests[SPEC_MAX];                       \
        size_t n = (size_t)(__stop_spec_tests - __start_spec_tests);    \
        if (n > SPEC_MAX) {                                             \
            return 99;                                                  \
        }                                                               \
        for (size_t i = 0; i < n; i++) {                                \
            tests[i].name = __start_spec_tests[i].name;                 \
            tests[i].test_func = __start_spec_tests[i].fn;              \
        }                                                               \
        return _cmocka_run_group_tests(__FILE__, tests, n, NULL, NULL); \
    }

#define assert_ok(call, e)                                         \
    do {                                                           \
        if ((call) < 0) {                                          \
            fail_msg("%s: %s: %s", #call, (e)->reason, (e)->text); \
        }                                                          \
    } while (0)

#endif
