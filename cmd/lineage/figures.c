#include "cmd/lineage/figures.h"

#include <stdio.h>

#include "base/log.h"

static const struct metric connected = {.name = "dkube_mirror_connected",
                                        .help = "1 while the lineage database answers",
                                        .type = METRIC_GAUGE};
static const struct metric queued = {.name = "dkube_mirror_queue_states",
                                     .help = "states that wait to be written",
                                     .type = METRIC_GAUGE};
static const struct metric written = {.name = "dkube_mirror_written_total",
                                      .help = "states and sweeps committed",
                                      .type = METRIC_COUNTER};
static const struct metric batches = {
    .name = "dkube_mirror_batches_total", .help = "transactions committed", .type = METRIC_COUNTER};
static const struct metric failures = {.name = "dkube_mirror_failures_total",
                                       .help = "connections and transactions that failed",
                                       .type = METRIC_COUNTER};
static const struct metric overflows = {
    .name = "dkube_mirror_overflows_total",
    .help = "times that the full queue was dropped, and all handed in again",
    .type = METRIC_COUNTER};
static const struct metric dropped = {.name = "dkube_mirror_dropped_total",
                                      .help = "states dropped with the full queue",
                                      .type = METRIC_COUNTER};
static const struct metric refused = {.name = "dkube_mirror_refused_total",
                                      .help = "states that the database can never hold",
                                      .type = METRIC_COUNTER};

static void tell(const struct mirror_stats *was, const struct mirror_stats *now)
{
    char count[24];

    if (now->connected && !was->connected) {
        LOG_I("the lineage database answers", NULL);
    }
    if (now->failures > was->failures && (was->connected || was->failures == 0)) {
        LOG_W("the lineage database does not answer; states wait", "error", now->last_error, NULL);
    }
    if (now->overflows > was->overflows) {
        snprintf(count, sizeof count, "%llu", (unsigned long long)(now->dropped - was->dropped));
        LOG_W("the mirror's queue was full and was dropped; all is handed in again", "dropped",
              count, NULL);
    }
    if (now->refused > was->refused) {
        LOG_W("the lineage database can never hold a state; it is left out", "state",
              now->last_refusal, NULL);
    }
}

void figures_measure(struct mirror *mirror, struct metrics *m)
{
    static struct mirror_stats was;
    struct mirror_stats now;

    mirror_stats(mirror, &now);
    tell(&was, &now);
    was = now;
    metrics_set(m, &connected, now.connected, NULL);
    metrics_set(m, &queued, (double)now.queued, NULL);
    metrics_set(m, &written, (double)now.written, NULL);
    metrics_set(m, &batches, (double)now.batches, NULL);
    metrics_set(m, &failures, (double)now.failures, NULL);
    metrics_set(m, &overflows, (double)now.overflows, NULL);
    metrics_set(m, &dropped, (double)now.dropped, NULL);
    metrics_set(m, &refused, (double)now.refused, NULL);
}
