/* metrics.c — the registry and its text. */
#include "base/metrics.h"

#include <stdio.h>

#include "support/spec.h"

static const struct metric counter = {
    .name = "things_total", .help = "things", .type = METRIC_COUNTER, .labels = "color,size"};
static const struct metric gauge = {.name = "level", .help = "a level", .type = METRIC_GAUGE};
static const double bounds[] = {0.1, 1, 0};
static const struct metric histogram = {.name = "took_seconds",
                                        .help = "time",
                                        .type = METRIC_HISTOGRAM,
                                        .labels = "what",
                                        .buckets = bounds};

static void expect_line(const struct metrics *m, const char *line)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(metrics_write(m, &b), 0);
    if (strstr(buf_str(&b), line) == NULL) {
        fail_msg("no line '%s' in:\n%s", line, buf_str(&b));
    }
}

TEST(counters_count_by_their_labels)
{
    struct metrics *m = metrics_new();
    metrics_add(m, &counter, 1, "red", "big", NULL);
    metrics_add(m, &counter, 2, "red", "big", NULL);
    metrics_add(m, &counter, 5, "blue", "big", NULL);
    expect_line(m, "# TYPE things_total counter\n");
    expect_line(m, "\nthings_total{color=\"red\",size=\"big\"} 3\n");
    expect_line(m, "\nthings_total{color=\"blue\",size=\"big\"} 5\n");
    assert_true(metrics_value(m, &counter, "red", "big", NULL) == 3);
    assert_true(metrics_value(m, &counter, "green", "big", NULL) == 0);
    metrics_free(m);
}

TEST(a_gauge_without_labels_has_no_braces)
{
    struct metrics *m = metrics_new();
    metrics_set(m, &gauge, 2.5, NULL);
    expect_line(m, "\nlevel 2.5\n");
    metrics_free(m);
}

TEST(histograms_are_cumulative)
{
    struct metrics *m = metrics_new();
    metrics_observe(m, &histogram, 0.05, "x", NULL);
    metrics_observe(m, &histogram, 0.5, "x", NULL);
    metrics_observe(m, &histogram, 5, "x", NULL);
    expect_line(m, "\ntook_seconds_bucket{what=\"x\",le=\"0.1\"} 1\n");
    expect_line(m, "\ntook_seconds_bucket{what=\"x\",le=\"1\"} 2\n");
    expect_line(m, "\ntook_seconds_bucket{what=\"x\",le=\"+Inf\"} 3\n");
    expect_line(m, "\ntook_seconds_sum{what=\"x\"} 5.55\n");
    expect_line(m, "\ntook_seconds_count{what=\"x\"} 3\n");
    metrics_free(m);
}

TEST(label_values_cannot_forge_a_line)
{
    struct metrics *m = metrics_new();
    metrics_add(m, &counter, 1, "a\"} 7\nfake 1", "\\", NULL);
    expect_line(m, "\nthings_total{color=\"a\\\"} 7\\nfake 1\",size=\"\\\\\"} 1\n");
    metrics_free(m);
}

TEST(series_beyond_the_limit_are_counted_not_kept)
{
    struct metrics *m = metrics_new();
    for (int i = 0; i < METRICS_SERIES + 3; i++) {
        char color[16];
        snprintf(color, sizeof(color), "c%d", i);
        metrics_add(m, &counter, 1, color, "big", NULL);
    }
    expect_line(m, "\ndkube_metrics_dropped_total 3\n");
    metrics_free(m);
}

TEST(without_a_registry_nothing_happens)
{
    metrics_add(NULL, &counter, 1, "red", "big", NULL);
    metrics_set(NULL, &gauge, 1, NULL);
    metrics_observe(NULL, &histogram, 1, "x", NULL);
}

SPEC_MAIN()
