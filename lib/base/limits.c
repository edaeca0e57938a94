#include "base/limits.h"

static const struct {
    const char *name;
    int64_t value;
    int is_time;
    const char *text;
} rows[] = {
#define LIMIT_ROW(name, value, is_time, text) {#name, value, is_time, text},
    LIMITS(LIMIT_ROW)
#undef LIMIT_ROW
};

static int64_t divisor = 1;

int64_t limit(enum limit which)
{
    int64_t v = rows[which].value;

    if (rows[which].is_time && divisor > 1) {
        v /= divisor;
        return v > 0 ? v : 1;
    }
    return v;
}

const char *limit_name(enum limit which)
{
    return rows[which].name;
}

const char *limit_text(enum limit which)
{
    return rows[which].text;
}

void limits_scale(int64_t d)
{
    divisor = d > 0 ? d : 1;
}
