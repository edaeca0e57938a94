#include "base/process.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"

#define GAUGE(id, name_, help_) \
    static const struct metric id = {.name = name_, .help = help_, .type = METRIC_GAUGE};

static const struct metric cpu = {
    .name = "process_cpu_seconds_total", .help = "user and system time", .type = METRIC_COUNTER};
GAUGE(resident, "process_resident_memory_bytes", "memory that is in RAM")
GAUGE(virtual_size, "process_virtual_memory_bytes", "address space in use")
GAUGE(fds, "process_open_fds", "open descriptors")
GAUGE(fds_max, "process_max_fds", "how many may be open")
GAUGE(started, "process_start_time_seconds", "when it started, since 1970")

static void measure_memory(struct metrics *m)
{
    unsigned long long size, in_ram;
    FILE *f = fopen("/proc/self/statm", "re");

    if (f == NULL) {
        return;
    }
    if (fscanf(f, "%llu %llu", &size, &in_ram) == 2) {
        double page = (double)sysconf(_SC_PAGESIZE);

        metrics_set(m, &virtual_size, (double)size * page, NULL);
        metrics_set(m, &resident, (double)in_ram * page, NULL);
    }
    fclose(f);
}

static void measure_fds(struct metrics *m)
{
    struct rlimit most;
    DIR *dir = opendir("/proc/self/fd");
    int n = -3; /* ".", ".." and its own */

    if (dir == NULL) {
        return;
    }
    while (readdir(dir) != NULL) {
        n++;
    }
    closedir(dir);
    metrics_set(m, &fds, n, NULL);
    if (getrlimit(RLIMIT_NOFILE, &most) == 0) {
        metrics_set(m, &fds_max, (double)most.rlim_cur, NULL);
    }
}

/* The 22nd word of stat, counted behind the name in parentheses: ticks since boot. */
static int64_t start_ms(void)
{
    char text[1024];
    unsigned long long ticks = 0;
    FILE *f = fopen("/proc/self/stat", "re");
    size_t n = f != NULL ? fread(text, 1, sizeof(text) - 1, f) : 0;

    if (f != NULL) {
        fclose(f);
    }
    text[n] = '\0';
    char *p = strrchr(text, ')');

    for (int i = 2; p != NULL && i < 22; i++) {
        p = strchr(p + 1, ' ');
    }
    if (p == NULL || sscanf(p, " %llu", &ticks) != 1) {
        return 0;
    }
    int64_t age = clock_boot_ms() - (int64_t)(ticks * 1000 / (unsigned long)sysconf(_SC_CLK_TCK));

    return clock_wall_ms() - age;
}

void process_measure(struct metrics *m)
{
    static int64_t since_ms;
    struct rusage u;

    if (since_ms == 0) {
        since_ms = start_ms();
    }
    metrics_set(m, &started, (double)(since_ms / 1000), NULL);
    if (getrusage(RUSAGE_SELF, &u) == 0) {
        metrics_set(m, &cpu,
                    (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                        (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6,
                    NULL);
    }
    measure_memory(m);
    measure_fds(m);
}
