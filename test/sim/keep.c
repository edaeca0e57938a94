#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/keep.h"

#include "base/mem.h"

#define MAGIC 0x316d6973656b6264u

struct batch { /* its hashes follow it */
    uint64_t magic, size;
    struct tally t;
};

void tally_add(struct tally *sum, const struct tally *t)
{
    sum->schedules += t->schedules;
    sum->steps += t->steps;
    sum->faults += t->faults;
    sum->violations += t->violations;
    sum->digest ^= t->digest;
    sum->seconds += t->seconds;
    for (int k = 0; k < FAULT_COUNT; k++) {
        sum->kinds[k] += t->kinds[k];
    }
}

static void take(struct kept *k, const struct tally *t, const uint64_t *hashes)
{
    uint64_t end = t->seed + t->schedules;

    k->hashes = mem_resize(k->hashes, (k->sum.schedules + t->schedules + 1) * sizeof(*k->hashes));
    memcpy(k->hashes + k->sum.schedules, hashes, t->schedules * sizeof(*hashes));
    k->next_seed = end > k->next_seed ? end : k->next_seed;
    tally_add(&k->sum, t);
}

/* One whole batch; false: there is none, or but a part of one. */
static bool read_batch(struct kept *k)
{
    struct batch b;
    uint64_t *hashes;
    bool whole;

    if (fread(&b, sizeof(b), 1, k->file) != 1 || b.magic != MAGIC || b.size != sizeof(b)) {
        return false;
    }
    hashes = mem_alloc((b.t.schedules + 1) * sizeof(*hashes));
    whole = fread(hashes, sizeof(*hashes), b.t.schedules, k->file) == b.t.schedules;
    if (whole) {
        take(k, &b.t, hashes);
    }
    mem_free(hashes);
    return whole;
}

int keep_open(struct kept *k, const char *path, uint64_t first_seed)
{
    long end = 0;

    *k = (struct kept){.next_seed = first_seed};
    if (path == NULL) {
        return 0;
    }
    k->file = fopen(path, "a+e");
    if (k->file == NULL) {
        fprintf(stderr, "cannot write %s\n", path);
        return -1;
    }
    rewind(k->file);
    while (read_batch(k)) {
        end = ftell(k->file);
    }
    return ftruncate(fileno(k->file), end) + fseek(k->file, end, SEEK_SET);
}

void keep_add(struct kept *k, const struct tally *t, const uint64_t *hashes)
{
    struct batch b = {.magic = MAGIC, .size = sizeof(b), .t = *t};

    take(k, t, hashes);
    if (k->file != NULL &&
        (fwrite(&b, sizeof(b), 1, k->file) != 1 ||
         fwrite(hashes, sizeof(*hashes), t->schedules, k->file) != t->schedules ||
         fflush(k->file) != 0)) {
        fprintf(stderr, "a batch could not be kept\n");
    }
}

static int by_value(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

    return a < b ? -1 : a > b;
}

uint64_t keep_distinct(const struct kept *k)
{
    uint64_t n = k->sum.schedules, distinct = n > 0, *list = mem_alloc((n + 1) * sizeof(*list));

    memcpy(list, k->hashes, n * sizeof(*list));
    qsort(list, n, sizeof(*list), by_value);
    for (uint64_t i = 1; i < n; i++) {
        distinct += list[i] != list[i - 1];
    }
    mem_free(list);
    return distinct;
}

static double each(uint64_t sum, uint64_t n)
{
    return n > 0 ? (double)sum / (double)n : 0;
}

void keep_tell(const struct kept *k, uint64_t distinct)
{
    const struct tally *t = &k->sum;

    printf("%" PRIu64 " schedules, %" PRIu64 " distinct, %.2f faults and %.0f steps each, %" PRIu64
           " violations, digest %016" PRIx64 ", %.0f a second\n",
           t->schedules, distinct, each(t->faults, t->schedules), each(t->steps, t->schedules),
           t->violations, t->digest, (double)t->schedules / t->seconds);
    fflush(stdout);
}

void keep_json(const struct kept *k, uint64_t distinct, size_t loads, const char *path)
{
    const struct tally *t = &k->sum;
    FILE *f = fopen(path, "we");

    if (f == NULL) {
        fprintf(stderr, "cannot write %s\n", path);
        return;
    }
    fprintf(f,
            "{\"schedules\":%" PRIu64 ",\"distinct\":%" PRIu64 ",\"faults\":%" PRIu64
            ",\"faults_per_schedule\":%.2f,\"steps\":%" PRIu64
            ",\"workloads\":%zu,\"violations\":%" PRIu64
            ",\"per_second\":%.0f,\"seconds\":%.1f,\"digest\":\"%016" PRIx64
            "\",\"next_seed\":%" PRIu64 ",\"kinds\":{",
            t->schedules, distinct, t->faults, each(t->faults, t->schedules), t->steps, loads,
            t->violations, (double)t->schedules / t->seconds, t->seconds, t->digest, k->next_seed);
    for (int i = 1; i < FAULT_COUNT; i++) {
        fprintf(f, "%s\"%s\":%" PRIu64, i > 1 ? "," : "", fault_names[i], t->kinds[i]);
    }
    fprintf(f, "}}\n");
    fclose(f);
}

void keep_close(struct kept *k)
{
    if (k->file != NULL) {
        fclose(k->file);
    }
    mem_free(k->hashes);
}
