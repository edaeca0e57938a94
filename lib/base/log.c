#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"

#define FIELDS_MAX \
    (LOG_LINE_MAX - 64) /* a line this long gets no further fields, so that it stays whole */

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static struct {
    const char *program;
    enum log_level min;
    bool json;
} conf = {.program = "dkube", .min = LOG_INFO};

struct line {
    char buf[LOG_LINE_MAX];
    size_t len;
};

void log_init(const char *program, enum log_level min, bool json)
{
    conf.program = program;
    conf.min = min;
    conf.json = json;
}

int log_level_parse(const char *s, enum log_level *ret_level)
{
    for (int i = 0; i < 4; i++) {
        if (strcmp(s, level_names[i]) == 0) {
            *ret_level = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

/* The last two bytes are kept for '}' and '\n'. */
static void put(struct line *l, const char *s, size_t n)
{
    size_t room = sizeof l->buf - 2 - l->len;

    if (n > room) {
        n = room;
    }
    memcpy(l->buf + l->len, s, n);
    l->len += n;
}

static void put_quoted(struct line *l, const char *s)
{
    char esc[8];
    size_t n;

    put(l, "\"", 1);
    for (; *s != '\0'; s += n > 0 ? n : 1) {
        unsigned char c = (unsigned char)*s;

        if (l->len > sizeof l->buf - 16) { /* keep the closing quote */
            break;
        }
        n = utf8_len(s);
        if (n == 0) {
            put(l, UTF8_REPLACEMENT, 3);
        } else if (c == '"' || c == '\\') {
            esc[0] = '\\';
            esc[1] = (char)c;
            put(l, esc, 2);
        } else if (c < 0x20 || c == 0x7f) {
            put(l, esc, (size_t)snprintf(esc, sizeof esc, "\\u%04x", c));
        } else {
            put(l, s, n);
        }
    }
    put(l, "\"", 1);
}

static bool is_plain(const char *s)
{
    return *s != '\0' && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "-_./:+@") == strlen(s);
}

static void put_field(struct line *l, const char *key, const char *value)
{
    if (conf.json) {
        put(l, l->len > 1 ? "," : "", l->len > 1 ? 1 : 0);
        put_quoted(l, key);
        put(l, ":", 1);
        put_quoted(l, value);
        return;
    }
    put(l, " ", l->len > 0 ? 1 : 0);
    put(l, key, strlen(key));
    put(l, "=", 1);
    if (is_plain(value)) {
        put(l, value, strlen(value));
    } else {
        put_quoted(l, value);
    }
}

static void put_time(struct line *l)
{
    char stamp[40], full[64];
    struct timespec ts;
    struct tm tm;

    clock_gettime(CLOCK_REALTIME, &ts);
    gmtime_r(&ts.tv_sec, &tm);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(full, sizeof full, "%s.%03ldZ", stamp, ts.tv_nsec / 1000000);
    put_field(l, "ts", full);
}

void log_line(enum log_level level, const char *msg, ...)
{
    struct line l = {.len = 0};
    va_list ap;
    const char *key;
    ssize_t done;

    if (level < conf.min) {
        return;
    }
    put(&l, "{", conf.json ? 1 : 0);
    put_time(&l);
    put_field(&l, "level", level_names[level]);
    put_field(&l, "program", conf.program);
    put_field(&l, "msg", msg);
    va_start(ap, msg);
    while (l.len < FIELDS_MAX && (key = va_arg(ap, const char *)) != NULL) {
        const char *value = va_arg(ap, const char *);

        put_field(&l, key, value != NULL ? value : "");
    }
    va_end(ap);
    if (conf.json) {
        l.buf[l.len++] = '}';
    }
    l.buf[l.len++] = '\n';
    done = write(STDERR_FILENO, l.buf, l.len); /* one write, so lines of threads never mix */
    (void)done;
}
