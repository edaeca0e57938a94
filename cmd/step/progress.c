/* progress.c — long transfers say how far they are. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmd/step/step.h"

enum { EVERY_MS = 5000 };

/* "12.3 MiB" */
static void human(char *ret, size_t n, double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t u = 0;
    for (; bytes >= 1024 && u < ARRAY_LEN(units) - 1; u++) {
        bytes /= 1024;
    }
    snprintf(ret, n, u == 0 ? "%.0f %s" : "%.1f %s", bytes, units[u]);
}

void progress_say(struct progress *p, const char *doing, int64_t bytes, int64_t total)
{
    char done[32], all[32], rate[48];
    int64_t now = clock_boot_ms(), since = now - p->said_ms;
    if (p->began_ms == 0 || bytes < p->said_bytes) {
        p->began_ms = p->said_ms = now;
        p->said_bytes = bytes;
        return;
    }
    if (since < EVERY_MS) {
        return;
    }
    human(done, sizeof(done), (double)bytes);
    human(all, sizeof(all), (double)total);
    human(rate, sizeof(rate) - 2, (double)(bytes - p->said_bytes) * 1000 / (double)since);
    LOG_I(doing, "what", p->what, "done", done, "of", total > 0 ? all : "?", "per_second", rate,
          NULL);
    p->said_ms = now;
    p->said_bytes = bytes;
}

void progress_tree(void *ctx, const char *doing, int64_t bytes, int64_t total)
{
    progress_say(ctx, doing, bytes, total);
}

void progress_repo(void *ctx, int64_t bytes, int64_t objects UNUSED, int64_t total_objects UNUSED)
{
    progress_say(ctx, "fetching", bytes, 0);
}
