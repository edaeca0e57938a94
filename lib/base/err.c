#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, enum err_kind kind, const char *reason, const char *fmt, ...)
{
    va_list ap;

    e->kind = kind;
    e->reason = reason;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    return -1;
}

int err_in(struct err *e, const char *fmt, ...)
{
    char old[sizeof e->text];
    va_list ap;
    int n;

    memcpy(old, e->text, sizeof old);
    va_start(ap, fmt);
    n = vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n + 3 < sizeof e->text) {
        size_t room = sizeof e->text - (size_t)n - 3, len = strnlen(old, room);

        memcpy(e->text + n, ": ", 2);
        memcpy(e->text + n + 2, old, len);
        e->text[(size_t)n + 2 + len] = '\0';
    }
    return -1;
}

void err_clear(struct err *e)
{
    e->kind = ERR_OK;
    e->reason = "";
    e->text[0] = '\0';
}
