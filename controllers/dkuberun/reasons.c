#include "controllers/dkuberun/reasons.h"

#include "base/span.h"

static const struct {
    const char *text, *help;
} reasons[REASON_COUNT] = {
#define RUN_REASON_ROW(c, text, help) {text, help},
    RUN_REASONS(RUN_REASON_ROW)
#undef RUN_REASON_ROW
};

const char *reason_text(enum run_reason r)
{
    return reasons[r].text;
}

const char *reason_help(enum run_reason r)
{
    return reasons[r].help;
}

enum run_reason reason_parse(const char *text, enum run_reason dflt)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        if (str_eq(reasons[i].text, text)) {
            return (enum run_reason)i;
        }
    }
    return dflt;
}
