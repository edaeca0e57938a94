#include "base/metrics.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"

const double metrics_seconds[] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 0};

enum { LABELS_MAX = 6, TEXT_MAX = 512 };

struct series {
    UT_hash_handle hh;
    double value; /* histograms: the sum */
    uint64_t count;
    uint64_t *buckets; /* owned */
    char labels[];     /* a="x",b="y" */
};

struct family {
    struct family *next;
    const struct metric *d;
    struct series *series;
};

struct metrics {
    struct family *first, *last;
    uint64_t dropped;
};

struct metrics *metrics_new(void)
{
    return mem_alloc(sizeof(struct metrics));
}

static void family_free(struct family *f)
{
    struct series *s, *tmp;
    HASH_ITER (hh, f->series, s, tmp) {
        HASH_DEL(f->series, s);
        mem_free(s->buckets);
        mem_free(s);
    }
    mem_free(f);
}

void metrics_free(struct metrics *m)
{
    while (m != NULL && m->first != NULL) {
        struct family *f = m->first;
        m->first = f->next;
        family_free(f);
    }
    mem_free(m);
}

static size_t escape(char *out, size_t room, const char *s)
{
    size_t n = 0;
    for (; *s != '\0' && n + 2 < room; s++) {
        if (*s == '"' || *s == '\\' || *s == '\n') {
            out[n++] = '\\';
        }
        out[n++] = *s == '\n' ? 'n' : *s;
    }
    out[n] = '\0';
    return n;
}

/* a="x",b="y" of the descriptor's names and the given values. */
static void labels_text(const struct metric *d, va_list ap, char *out, size_t room)
{
    const char *name = d->labels != NULL ? d->labels : "";
    size_t n = 0;
    out[0] = '\0';
    for (int i = 0; i < LABELS_MAX && *name != '\0'; i++) {
        const char *value = va_arg(ap, const char *);
        if (value == NULL) {
            break;
        }
        size_t len = strcspn(name, ",");
        int w = snprintf(out + n, room - n, "%s%.*s=\"", n > 0 ? "," : "", (int)len, name);
        n += (size_t)w;
        if (n + 8 >= room) {
            break;
        }
        n += escape(out + n, (room - n - 4) / 2, value);
        out[n++] = '"';
        out[n] = '\0';
        name += len + (name[len] == ',' ? 1 : 0);
    }
}

static struct family *family_find(const struct metrics *m, const struct metric *d)
{
    struct family *f = m->first;
    while (f != NULL && f->d != d) {
        f = f->next;
    }
    return f;
}

static size_t bucket_count(const struct metric *d)
{
    size_t n = 0;
    while (d->buckets != NULL && d->buckets[n] > 0) {
        n++;
    }
    return n;
}

static struct series *series_get(struct metrics *m, const struct metric *d, va_list ap)
{
    char text[TEXT_MAX];
    struct family *f = family_find(m, d);
    if (f == NULL) {
        f = mem_alloc(sizeof(*f));
        f->d = d;
        *(m->last != NULL ? &m->last->next : &m->first) = f;
        m->last = f;
    }
    struct series *s;
    labels_text(d, ap, text, sizeof(text));
    HASH_FIND_STR(f->series, text, s);
    if (s == NULL && HASH_COUNT(f->series) >= METRICS_SERIES) {
        m->dropped++;
    } else if (s == NULL) {
        size_t n = strlen(text) + 1;
        s = mem_alloc(sizeof(*s) + n);
        memcpy(s->labels, text, n);
        s->buckets = d->type == METRIC_HISTOGRAM
                         ? mem_alloc((bucket_count(d) + 1) * sizeof(*s->buckets))
                         : NULL;
        HASH_ADD_STR(f->series, labels, s);
    }
    return s;
}

void metrics_add(struct metrics *m, const struct metric *d, double n, ...)
{
    va_list ap;
    va_start(ap, n);
    struct series *s = m != NULL ? series_get(m, d, ap) : NULL;
    va_end(ap);
    if (s != NULL) {
        s->value += n;
    }
}

void metrics_set(struct metrics *m, const struct metric *d, double v, ...)
{
    va_list ap;
    va_start(ap, v);
    struct series *s = m != NULL ? series_get(m, d, ap) : NULL;
    va_end(ap);
    if (s != NULL) {
        s->value = v;
    }
}

void metrics_observe(struct metrics *m, const struct metric *d, double v, ...)
{
    va_list ap;
    va_start(ap, v);
    struct series *s = m != NULL ? series_get(m, d, ap) : NULL;
    va_end(ap);
    if (s == NULL || s->buckets == NULL) {
        return;
    }
    s->value += v;
    s->count++;
    for (size_t i = 0; i < bucket_count(d); i++) {
        s->buckets[i] += v <= d->buckets[i];
    }
}

double metrics_value(const struct metrics *m, const struct metric *d, ...)
{
    char text[TEXT_MAX];
    const struct family *f = family_find(m, d);
    struct series *s = NULL;
    va_list ap;
    va_start(ap, d);
    labels_text(d, ap, text, sizeof(text));
    va_end(ap);
    if (f != NULL) {
        HASH_FIND_STR(f->series, text, s);
    }
    if (s == NULL) {
        return 0;
    }
    return d->type == METRIC_HISTOGRAM ? (double)s->count : s->value;
}

/* --- text --------------------------------------------------------------------------------------
 */

static int write_histogram(struct buf *b, const struct metric *d, const struct series *s)
{
    const char *comma = s->labels[0] != '\0' ? "," : "";
    int r = 0;
    for (size_t i = 0; i < bucket_count(d); i++) {
        r |= buf_printf(b, "%s_bucket{%s%sle=\"%g\"} %llu\n", d->name, s->labels, comma,
                        d->buckets[i], (unsigned long long)s->buckets[i]);
    }
    r |= buf_printf(b, "%s_bucket{%s%sle=\"+Inf\"} %llu\n", d->name, s->labels, comma,
                    (unsigned long long)s->count);
    bool bare = s->labels[0] == '\0';
    r |= buf_printf(b, "%s_sum%s%s%s %.9g\n", d->name, bare ? "" : "{", s->labels, bare ? "" : "}",
                    s->value);
    r |= buf_printf(b, "%s_count%s%s%s %llu\n", d->name, bare ? "" : "{", s->labels,
                    bare ? "" : "}", (unsigned long long)s->count);
    return r;
}

static int write_family(struct buf *b, const struct family *f)
{
    static const char *const types[] = {
        [METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};
    const struct metric *d = f->d;
    int r =
        buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", d->name, d->help, d->name, types[d->type]);
    for (const struct series *s = f->series; s != NULL; s = s->hh.next) {
        bool bare = s->labels[0] == '\0';
        if (d->type == METRIC_HISTOGRAM) {
            r |= write_histogram(b, d, s);
        } else if (s->value == floor(s->value) && fabs(s->value) < 1e15) {
            r |= buf_printf(b, "%s%s%s%s %.0f\n", d->name, bare ? "" : "{", s->labels,
                            bare ? "" : "}", s->value);
        } else {
            r |= buf_printf(b, "%s%s%s%s %.9g\n", d->name, bare ? "" : "{", s->labels,
                            bare ? "" : "}", s->value);
        }
    }
    return r;
}

int metrics_write(const struct metrics *m, struct buf *ret)
{
    int r = 0;
    for (const struct family *f = m->first; f != NULL; f = f->next) {
        r |= write_family(ret, f);
    }
    r |= buf_printf(ret,
                    "# HELP dkube_metrics_dropped_total series over the limit of one metric\n"
                    "# TYPE dkube_metrics_dropped_total counter\n"
                    "dkube_metrics_dropped_total %llu\n",
                    (unsigned long long)m->dropped);
    return r < 0 ? -1 : 0;
}
