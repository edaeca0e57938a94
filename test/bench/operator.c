/* operator: our subject of the benches. It watches eight kinds, keeps twelve fields of a pod, and
 * by $BENCH_MODE does nothing else (cache), reconciles each pod and notes when (watch), the same
 * and tells what malloc() has given out and not got back, a number for each line on its standard
 * input (soak), or writes the status of the pods' parents over and over (status). Prints "ready
 * CPU_MICROSECONDS" once all is synced; at SIGTERM it writes to $BENCH_OUT a line "sent
 * resourceVersion now" for each reconcile of a stamped pod, and the number of status plans. Options
 * are those of every controller. */
#include <inttypes.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/mem.h"
#include "base/span.h"
#include "kube/controller.h"
#include "support/benchkinds.h"

struct sample {
    int64_t sent, now;
    uint64_t rv;
};

static struct sample *samples;
static size_t sample_count, sample_room;
static uint64_t plans;

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* --- what is held -------------------------------------------------------------------------------
 */

static void *tell_held(void *ctx UNUSED)
{
    for (int c; (c = getchar()) != EOF;) {
        if (c == '\n') {
            struct mallinfo2 m = mallinfo2();
            printf("held %zu\n", m.uordblks + m.hblkhd);
            fflush(stdout);
        }
    }
    return NULL;
}

static void serve_held(void)
{
    pthread_t t;
    sigset_t all, old;

    sigfillset(&all); /* signals are the loop's */
    pthread_sigmask(SIG_BLOCK, &all, &old);
    if (pthread_create(&t, NULL, tell_held, NULL) != 0) {
        perror("operator");
        exit(1);
    }
    pthread_detach(t);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* --- said once, when all is synced --------------------------------------------------------------
 */

static bool gather_nothing(struct arena *a UNUSED, const struct caches *c UNUSED,
                           const struct pass *pass UNUSED, void *view UNUSED)
{
    return true;
}

static void say_ready(const void *view UNUSED, struct plan *p UNUSED)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    printf("ready %ld\n", (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec +
                              u.ru_stime.tv_usec);
    fflush(stdout);
}

static const struct watch watches[BENCH_KINDS] = {
    {.kind = &bench_kinds[0]}, {.kind = &bench_kinds[1]}, {.kind = &bench_kinds[2]},
    {.kind = &bench_kinds[3]}, {.kind = &bench_kinds[4]}, {.kind = &bench_kinds[5]},
    {.kind = &bench_kinds[6]}, {.kind = &bench_kinds[7]},
};
static const struct controller ready = {
    .name = "ready",
    .start = {"", "ready"},
    .watches = watches,
    .watch_count = BENCH_KINDS,
    .view_size = 1,
    .gather = gather_nothing,
    .plan = say_ready,
};

/* --- a pass of a pod ----------------------------------------------------------------------------
 */

static bool gather_root(const struct caches *c, const struct kind *k, const struct pass *pass,
                        void *view)
{
    const struct rec **root = view;

    *root = cache_get(c, k, pass->key.ns, pass->key.name);
    return *root != NULL;
}

static bool gather_pod(struct arena *a UNUSED, const struct caches *c, const struct pass *pass,
                       void *view)
{
    return gather_root(c, BENCH_POD, pass, view);
}

static void note_pod(const void *view, struct plan *p UNUSED)
{
    const struct rec *pod = *(const struct rec *const *)view;
    const char *sent = rec_map_get(pod, BENCH_POD_ANNOTATIONS, "bench/sent");
    int64_t now = now_ns();

    if (str_empty(sent) || str_eq(sent, "1000000000000000000")) {
        return;
    }
    if (sample_count == sample_room) {
        sample_room = sample_room > 0 ? sample_room * 2 : 1 << 16;
        samples = mem_resize(samples, sample_room * sizeof(*samples));
    }
    samples[sample_count++] =
        (struct sample){strtoll(sent, NULL, 10), now, strtoull(rec_rv(pod), NULL, 10)};
}

static const struct watch pod_watches[] = {{.kind = BENCH_POD, .map = map_self}};
static const struct controller pods = {
    .name = "pods",
    .root = BENCH_POD,
    .watches = pod_watches,
    .watch_count = 1,
    .view_size = sizeof(struct rec *),
    .gather = gather_pod,
    .plan = note_pod,
};

/* --- a pass of a parent -------------------------------------------------------------------------
 */

static bool gather_parent(struct arena *a UNUSED, const struct caches *c, const struct pass *pass,
                          void *view)
{
    return gather_root(c, BENCH_PARENT, pass, view);
}

static void write_status(const void *view, struct plan *p)
{
    const struct rec *parent = *(const struct rec *const *)view;

    plan_status(p, BENCH_PARENT, parent, NULL,
                arena_printf(p->a,
                             "{\"conditions\":[{\"type\":\"Bench\",\"status\":\"True\",\"reason\":"
                             "\"Written\",\"message\":\"write %" PRIu64
                             "\",\"lastTransitionTime\":\"2026-01-02T03:04:05Z\"}]}",
                             ++plans));
}

static const struct watch parent_watches[] = {{.kind = BENCH_PARENT, .map = map_self}};
static const struct controller parents = {
    .name = "parents",
    .root = BENCH_PARENT,
    .watches = parent_watches,
    .watch_count = 1,
    .view_size = sizeof(struct rec *),
    .gather = gather_parent,
    .plan = write_status,
};

static void write_samples(const char *file)
{
    FILE *f = file != NULL ? fopen(file, "w") : NULL;

    for (size_t i = 0; f != NULL && i < sample_count; i++) {
        fprintf(f, "%" PRId64 " %" PRIu64 " %" PRId64 "\n", samples[i].sent, samples[i].rv,
                samples[i].now);
    }
    if (f != NULL && fclose(f) != 0) {
        perror(file);
    }
    printf("plans %" PRIu64 "\n", plans);
    mem_free(samples);
}

int main(int argc, char **argv)
{
    const char *mode = getenv("BENCH_MODE");
    const struct controller *const list[] = {&ready, str_eq(mode, "status") ? &parents : &pods};
    if (str_eq(mode, "soak")) {
        serve_held();
    }
    size_t count = str_empty(mode) || str_eq(mode, "cache") ? 1 : 2;
    int status = manager_main(
        argc, argv, &(struct program){.name = "bench", .controllers = list, .count = count});

    write_samples(getenv("BENCH_OUT"));
    return status;
}
