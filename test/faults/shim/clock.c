/*
 * clock.so — a wall clock that is wrong, for a program started with LD_PRELOAD.
 *
 * CLOCK_OFFSET_MS is added to what CLOCK_REALTIME says, from CLOCK_AFTER_MS after the start on.
 * Other clocks stay: time-outs and Leases must not depend on this one.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

static int64_t setting(const char *name)
{
    const char *s = getenv(name);

    return s != NULL ? strtoll(s, NULL, 10) : 0;
}

static int64_t ms_of(const struct timespec *t)
{
    return (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
    static int (*real)(clockid_t, struct timespec *);
    static int64_t offset_ms, from_ms;
    struct timespec boot;

    if (real == NULL) {
        int (*found)(clockid_t, struct timespec *);

        *(void **)&found = dlsym(RTLD_NEXT, "clock_gettime");
        found(CLOCK_BOOTTIME, &boot);
        offset_ms = setting("CLOCK_OFFSET_MS");
        from_ms = ms_of(&boot) + setting("CLOCK_AFTER_MS");
        real = found;
    }
    int r = real(id, ret);
    if (r == 0 && id == CLOCK_REALTIME && real(CLOCK_BOOTTIME, &boot) == 0 &&
        ms_of(&boot) >= from_ms) {
        ret->tv_sec += offset_ms / 1000;
    }
    return r;
}
