/* arena.c — memory of one pass, and memory that cannot fail. */
#include "base/arena.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "support/spec.h"

TEST(an_allocation_is_zeroed_aligned_and_never_null)
{
    struct arena a CLEANUP(arena_done) = {0};

    for (size_t n = 0; n < 9000; n = n * 2 + 1) {
        unsigned char *p = arena_alloc(&a, n);

        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(p[i], 0);
        }
        memset(p, 0xff, n);
    }
}

TEST(memory_is_zeroed_again_after_a_reset)
{
    struct arena a CLEANUP(arena_done) = {0};

    memset(arena_alloc(&a, 100), 0xff, 100);
    arena_reset(&a);
    assert_int_equal(a.used, 0);
    assert_int_equal(*(unsigned char *)arena_alloc(&a, 100), 0);
}

TEST(the_gauge_counts_what_was_handed_out)
{
    struct arena a CLEANUP(arena_done) = {0};

    assert_non_null(arena_alloc(&a, 64));
    assert_non_null(arena_alloc(&a, 32));
    assert_int_equal(a.used, 96);
}

TEST(strings_are_copied_and_formatted)
{
    struct arena a CLEANUP(arena_done) = {0};
    char text[] = "digits";
    const char *s = arena_strdup(&a, text);

    text[0] = 'D';
    assert_string_equal(s, "digits");
    assert_string_equal(arena_strndup(&a, text, 3), "Dig");
    assert_string_equal(arena_printf(&a, "%s-%d", s, 7), "digits-7");
    assert_null(arena_strdup(&a, NULL));
    assert_memory_equal(arena_memdup(&a, "a\0b", 3), "a\0b", 3);
}

static char order[8];
static void note(void *p)
{
    order[strlen(order)] = *(const char *)p;
}

TEST(deferred_calls_run_last_in_first_out_and_once)
{
    struct arena a = {0};
    char one[] = "1", two[] = "2", three[] = "3";

    memset(order, 0, sizeof order);
    arena_defer(&a, note, one);
    arena_defer(&a, note, two);
    arena_reset(&a);
    assert_string_equal(order, "21");
    arena_defer(&a, note, three);
    arena_done(&a);
    assert_string_equal(order, "213");
    arena_done(&a);
    assert_string_equal(order, "213");
}

TEST(a_pushed_array_keeps_its_elements_as_it_grows)
{
    struct arena a CLEANUP(arena_done) = {0};
    int *list = NULL;
    size_t n = 0;

    for (int i = 0; i < 1000; i++) {
        int *slot = arena_push(&a, (void **)&list, &n, sizeof *slot);

        assert_int_equal(*slot, 0);
        *slot = i;
    }
    assert_int_equal(n, 1000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(list[i], i);
    }
}

TEST(memory_outside_arenas_is_zeroed_copied_and_freed)
{
    char *s CLEANUP(mem_freep) = mem_strndup("digits", 3);
    int *p = mem_alloc(sizeof *p);

    assert_int_equal(*p, 0);
    p = mem_resize(p, 4 * sizeof *p);
    assert_int_equal(*p, 0);
    mem_free(p);
    mem_free(NULL);
    assert_string_equal(s, "dig");
    assert_null(mem_strdup(NULL));
}

TEST(exhaustion_ends_the_process_with_status_70)
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        mem_exhausted();
    }
    waitpid(child, &status, 0);
    assert_int_equal(WEXITSTATUS(status), 70);
}

SPEC_MAIN()
