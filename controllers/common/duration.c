#include "controllers/common/duration.h"

#include <stddef.h>

int64_t duration_ms(const char *s)
{
    int64_t total = 0, n = 0;

    for (; s != NULL && *s != '\0'; s++) {
        int64_t unit = *s == 'h' ? 3600000 : *s == 'm' ? 60000 : *s == 's' ? 1000 : 0;

        if (*s >= '0' && *s <= '9' && n < INT32_MAX) {
            n = n * 10 + (*s - '0');
        } else if (unit > 0) {
            total += n * unit;
            n = 0;
        } else {
            return 0;
        }
    }
    return total;
}
