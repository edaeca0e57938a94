/* fuzz.c — the corpus without libFuzzer. */
#include "support/fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/span.h"
#include "support/prop.h"

enum { INPUT_MAX = 64 << 10, WORK_MAX = 200000 };

static struct {
    fuzz_fn *target;
    char *last; /* a mapped file: "<length>\n" and the bytes */
    struct arena a;
} run;

static void keep_last(const char *folder)
{
    char path[256];

    mkdir("build", 0755);
    mkdir("build/fuzz", 0755);
    snprintf(path, sizeof path, "build/fuzz/%s.last", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, INPUT_MAX + 16), 0);
    run.last = mmap(NULL, INPUT_MAX + 16, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(run.last, MAP_FAILED);
    close(fd);
}

/* An allocation of exactly n bytes, so that the sanitizer sees each read behind them. */
static void try(const char *p, size_t n)
{
    uint8_t *copy = malloc(n + (n == 0));

    assert_non_null(copy);
    memcpy(copy, p, n);
    snprintf(run.last, 16, "%-14zu\n", n);
    memcpy(run.last + 15, p, n);
    run.target(copy, n);
    free(copy);
}

static size_t unescape(char *p, size_t n)
{
    static const char from[] = "nrt0\\\"", to[] = "\n\r\t\0\\\"";
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        const char *at = p[i] == '\\' && i + 1 < n ? memchr(from, p[i + 1], 6) : NULL;

        if (at != NULL) {
            p[k++] = to[at - from];
            i++;
        } else if (p[i] == '\\' && i + 3 < n && p[i + 1] == 'x') {
            char hex[] = {p[i + 2], p[i + 3], '\0'};

            p[k++] = (char)strtoul(hex, NULL, 16);
            i += 3;
        } else {
            p[k++] = p[i];
        }
    }
    return k;
}

/* One to four small changes. */
static size_t mutate(struct dice *d, char *p, size_t n)
{
    static const char odd[] = "\0\n\"\\{}[]:,-+.eE019 \x7f\x80\xc3\xff/@%=";

    for (unsigned i = 1 + roll(d, 4); i > 0 && n > 0; i--) {
        size_t at = roll(d, (unsigned)n), len = 1 + roll(d, 8);

        len = len > n - at ? n - at : len;
        switch (roll(d, 4)) {
        case 0:
            p[at] = odd[roll(d, sizeof odd - 1)];
            break;
        case 1:
            p[at] = (char)dice_bits(d);
            break;
        case 2:
            memmove(p + at, p + at + len, n - at - len);
            n -= len;
            break;
        default:
            if (n + len <= INPUT_MAX) {
                memmove(p + at + len, p + at, n - at);
                n += len;
            }
        }
    }
    return n;
}

static void replay_file(const char *path, unsigned rounds, struct dice *d)
{
    static char text[INPUT_MAX], changed[INPUT_MAX];
    FILE *f = fopen(path, "re");

    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text, f), len = strlen(path);
    fclose(f);
    if (len > 4 && str_eq(path + len - 4, ".esc")) {
        n = unescape(text, n);
    }
    try(text, n);
    for (unsigned i = 0; i < rounds && i * n < WORK_MAX; i++) {
        memcpy(changed, text, n);
        try(changed, mutate(d, changed, n));
    }
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

void fuzz_replay(const char *folder, fuzz_fn *target)
{
    const char *rounds = getenv("FUZZ_ROUNDS");
    struct dirent **names = NULL;
    struct dice d = {42};
    char path[512];
    int files = 0;

    snprintf(path, sizeof path, "test/fuzz/corpus/%s", folder);
    int n = scandir(path, &names, NULL, by_name);
    keep_last(folder);
    run.target = target;
    for (int i = 0; i < n; i++) {
        if (names[i]->d_name[0] != '.') {
            snprintf(path, sizeof path, "test/fuzz/corpus/%s/%.200s", folder, names[i]->d_name);
            replay_file(path, rounds != NULL ? (unsigned)strtoul(rounds, NULL, 10) : 200, &d);
            files++;
        }
        free(names[i]);
    }
    free(names);
    munmap(run.last, INPUT_MAX + 16);
    assert_true(files > 0);
}
