#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t *fake;

void clock_set_fake(const int64_t *ms)
{
    fake = ms;
}

static int64_t read_clock(clockid_t id)
{
    struct timespec ts;

    if (fake != NULL) {
        return *fake;
    }
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_wall_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_boot_ms(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

static void split(int64_t wall_ms, struct tm *tm, int *ms)
{
    time_t s = (time_t)(wall_ms / 1000);
    int64_t rest = wall_ms % 1000;

    if (rest < 0) {
        rest += 1000;
        s--;
    }
    gmtime_r(&s, tm);
    *ms = (int)rest;
}

/* strftime()'s years have as many digits as they need; RFC 3339's have four. */
static const char *seconds_text(struct arena *a, const struct tm *tm)
{
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d", tm->tm_year + 1900, tm->tm_mon + 1,
                        tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec);
}

const char *clock_rfc3339(struct arena *a, int64_t wall_ms)
{
    struct tm tm;
    int ms;

    split(wall_ms, &tm, &ms);
    return arena_printf(a, "%sZ", seconds_text(a, &tm));
}

const char *clock_rfc3339_micro(struct arena *a, int64_t wall_ms)
{
    struct tm tm;
    int ms;

    split(wall_ms, &tm, &ms);
    return arena_printf(a, "%s.%06dZ", seconds_text(a, &tm), ms * 1000);
}

/* strptime() alone takes blanks and single digits. */
static bool has_layout(const char *s)
{
    static const char layout[] = "0000-00-00T00:00:00";

    for (size_t i = 0; layout[i] != '\0'; i++) {
        if (layout[i] == '0' ? s[i] < '0' || s[i] > '9' : s[i] != layout[i]) {
            return false;
        }
    }
    return true;
}

/* ".123456" → milliseconds; *s ends behind the digits, and stays where there are none. */
static int parse_fraction(const char **s)
{
    int ms = 0, unit = 100;

    if (**s != '.' || (*s)[1] < '0' || (*s)[1] > '9') {
        return 0;
    }
    for ((*s)++; **s >= '0' && **s <= '9'; (*s)++) {
        ms += (**s - '0') * unit;
        unit /= 10;
    }
    return ms;
}

static bool two_digits(const char *s, int below, int *ret)
{
    if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9') {
        return false;
    }
    *ret = (s[0] - '0') * 10 + s[1] - '0';
    return *ret < below;
}

/* "Z", "+02:00" → what the local time is ahead of UTC. */
static int parse_offset(const char *s, int *ret_seconds)
{
    int hours, minutes;

    if (strcmp(s, "Z") == 0) {
        *ret_seconds = 0;
        return 0;
    }
    if ((*s != '+' && *s != '-') || !two_digits(s + 1, 24, &hours) || s[3] != ':' ||
        !two_digits(s + 4, 60, &minutes) || s[6] != '\0') {
        return -1;
    }
    *ret_seconds = (*s == '-' ? -60 : 60) * (hours * 60 + minutes);
    return 0;
}

int clock_parse_rfc3339(const char *s, int64_t *ret_wall_ms)
{
    struct tm tm = {0};
    const char *rest = has_layout(s) ? strptime(s, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
    int ms, offset, day = tm.tm_mday;
    time_t seconds;

    if (rest == NULL) {
        return -1;
    }
    ms = parse_fraction(&rest);
    if (parse_offset(rest, &offset) < 0) {
        return -1;
    }
    seconds = timegm(&tm);
    if (tm.tm_mday != day) { /* 30 February became a day of March */
        return -1;
    }
    *ret_wall_ms = ((int64_t)seconds - offset) * 1000 + ms;
    return 0;
}
