/*
 * metrics.h — counters, gauges and histograms in Prometheus' text format.
 *
 * A metric is a constant descriptor; its series are made when a combination of label values is
 * first used. Label values follow in the descriptor's order as strings, ended by NULL. A metric has
 * at most METRICS_SERIES series; what comes beyond is counted in dkube_metrics_dropped_total. The
 * registry is owned by its maker and belongs to one thread; other threads get the text.
 */
#ifndef DKUBE_BASE_METRICS_H
#define DKUBE_BASE_METRICS_H

#include "base/buf.h"

#define METRICS_SERIES 1000

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };
struct metric { /* static data, compared by address */
    const char *name, *help;
    enum metric_type type;
    const char *labels;    /* "controller,result"; NULL: none */
    const double *buckets; /* histograms: upper bounds, rising, ended by 0; seconds by habit */
};

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* All four accept m NULL and then do nothing. The label values are copied. */
void metrics_add(struct metrics *m, const struct metric *d, double n, ...)
    __attribute__((sentinel));
void metrics_set(struct metrics *m, const struct metric *d, double v, ...)
    __attribute__((sentinel));
void metrics_observe(struct metrics *m, const struct metric *d, double v, ...)
    __attribute__((sentinel));
/* The value of a counter or gauge, of a histogram its count; 0 when there is no such series. */
double metrics_value(const struct metrics *m, const struct metric *d, ...)
    __attribute__((sentinel));

/* Appends all of it, metrics in the order of first use, text format 0.0.4; -1: the buffer is full.
 */
int metrics_write(const struct metrics *m, struct buf *ret);

/* 1 ms … 60 s: the bounds that durations use. */
extern const double metrics_seconds[];

#endif
