/* Times: what is read is written and read again as itself, and is the time that timegm() says. */
#include <time.h>

#include "base/clock.h"
#include "support/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = {0};
    int64_t ms = 0, again = 0;
    char text[128] = "";

    if (n < sizeof text) {
        memcpy(text, data, n);
    }
    if (clock_parse_rfc3339(text, &ms) == 0) {
        const char *micro = clock_rfc3339_micro(&a, ms), *whole = clock_rfc3339(&a, ms);
        struct tm tm = {0};

        /* an offset may lead out of the years that have four digits */
        law(clock_parse_rfc3339(micro, &again) == 0 || ms < -62167219200000 || ms > 253402300799999,
            "%s becomes %s", text, micro);
        law(again == 0 || again == ms, "%s becomes %s", text, micro);
        law(strptime(whole, "%Y-%m-%dT%H:%M:%SZ", &tm) != NULL || ms < 0 || ms > 253402300799999,
            "%s becomes %s", text, whole);
    }
    arena_done(&a);
    return 0;
}

FUZZ_TARGET("time", a_time_that_is_read_is_written_as_itself);
