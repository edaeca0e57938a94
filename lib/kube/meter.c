/* meter.c — the shell's metrics: controller-runtime's own names, so that its dashboards work, and
 * ours. */
#include "kube/pass.h"

#define METRIC(id, type_, name_, labels_, help_)               \
    const struct metric metric_##id = {.name = name_,          \
                                       .help = help_,          \
                                       .type = METRIC_##type_, \
                                       .labels = labels_,      \
                                       .buckets = metrics_seconds};

METRIC(reconcile_total, COUNTER, "controller_runtime_reconcile_total", "controller,result",
       "passes by result: success, requeue_after, requeue (stale), error")
METRIC(reconcile_errors, COUNTER, "controller_runtime_reconcile_errors_total", "controller",
       "passes that failed")
METRIC(reconcile_time, HISTOGRAM, "controller_runtime_reconcile_time_seconds", "controller",
       "length of a pass, its requests included")
METRIC(active_workers, GAUGE, "controller_runtime_active_workers", "controller", "passes under way")
METRIC(max_workers, GAUGE, "controller_runtime_max_concurrent_reconciles", "controller",
       "passes that may be under way, of all controllers together")
METRIC(queue_depth, GAUGE, "workqueue_depth", "name,controller", "keys due and not yet taken")
METRIC(queue_adds, COUNTER, "workqueue_adds_total", "name,controller", "times a key was added")
METRIC(queue_wait, HISTOGRAM, "workqueue_queue_duration_seconds", "name,controller",
       "time from due to taken")
METRIC(queue_work, HISTOGRAM, "workqueue_work_duration_seconds", "name,controller",
       "time from taken to done")
METRIC(queue_retries, COUNTER, "workqueue_retries_total", "name,controller",
       "times a key was put into back-off")
METRIC(queue_unfinished, GAUGE, "workqueue_unfinished_work_seconds", "name,controller",
       "age of the passes under way, added up")
METRIC(queue_longest, GAUGE, "workqueue_longest_running_processor_seconds", "name,controller",
       "age of the oldest pass under way")
METRIC(queue_keys, GAUGE, "dkube_queue_keys", "controller,state", "keys delayed and processing")
METRIC(queue_dropped, COUNTER, "dkube_queue_dropped_total", "controller",
       "delayed keys dropped at the limit QUEUE_KEYS")
METRIC(writes, COUNTER, "dkube_writes_total", "controller,verb,kind,code",
       "operations sent, by the reply's code; 0: no reply")
METRIC(skipped, COUNTER, "dkube_writes_skipped_total", "controller",
       "operations that would have changed nothing")
METRIC(unknown_writes, COUNTER, "dkube_writes_unknown_total", NULL,
       "writes whose outcome a live GET had to tell")
METRIC(quarantined, COUNTER, "dkube_quarantined_total", "controller",
       "times an object was set aside because planning it ended the process twice")
METRIC(ryw_waits, GAUGE, "dkube_unseen_writes", NULL, "own writes that the cache does not show yet")
METRIC(ryw_given_up, COUNTER, "dkube_unseen_writes_given_up_total", NULL,
       "own writes not seen within the limit RYW_MS")
METRIC(events_pending, GAUGE, "dkube_events_pending", NULL, "Events waiting to be sent")
METRIC(events_sent, COUNTER, "dkube_events_sent_total", NULL, "Events created or counted up")
METRIC(events_dropped, COUNTER, "dkube_events_dropped_total", NULL,
       "Events over the rate or the limit EVENTS_PENDING, or refused")
METRIC(cache_objects, GAUGE, "dkube_cache_objects", "kind", "objects in the cache")
METRIC(passes, GAUGE, "dkube_passes_in_flight", NULL, "passes under way, at most PASSES_IN_FLIGHT")
METRIC(limit, GAUGE, "dkube_limit", "name", "the limit in force: milliseconds, bytes or a count")
