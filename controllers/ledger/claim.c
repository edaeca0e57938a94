#include "controllers/ledger/claim.h"

#include <stdio.h>

#include "api/dkuberun.gen.h"
#include "base/span.h"
#include "controllers/common/activity.h"

const char *worker_pod_name(struct arena *a, const struct rec *run, uint32_t i)
{
    char name[WORKER_NAME_MAX];

    worker_pod_name_into(name, sizeof(name), run, i);
    return arena_strdup(a, name);
}

void worker_pod_name_into(char *ret, size_t size, const struct rec *run, uint32_t i)
{
    int64_t attempt = dkuberun_status_attempt(run);

    if (attempt == 0) {
        snprintf(ret, size, "%s-worker-%u", rec_name(run), i);
    } else {
        snprintf(ret, size, "%s-worker-%u-a%lld", rec_name(run), i, (long long)attempt);
    }
}

const char *replica_pod_name(struct arena *a, const char *deployment, uint32_t i)
{
    return arena_printf(a, "%s-replica-%u", deployment, i);
}

bool run_is_admitted(const struct rec *run)
{
    return run_is_active(run) && dkuberun_status_admission_set(run) &&
           dkuberun_status_admission_attempt(run) == dkuberun_status_attempt(run);
}

bool run_is_gang(const struct rec *run)
{
    return dkuberun_spec_distribution_set(run);
}

int64_t run_asks(const struct rec *run)
{
    if (!dkuberun_spec_distribution_manual_set(run)) {
        return dkuberun_spec_gpus(run);
    }
    return dkuberun_spec_distribution_manual_gpus_per_worker(run) *
           (dkuberun_spec_distribution_manual_workers(run) + 1);
}

void run_shape(const struct rec *run, int64_t most, int64_t *ret_gpus, int64_t *ret_count)
{
    int64_t gpus = run_asks(run), count = 1;

    if (dkuberun_spec_distribution_manual_set(run)) {
        count = dkuberun_spec_distribution_manual_workers(run) + 1;
    } else if (dkuberun_spec_distribution_auto_set(run)) {
        for (int64_t n = 2; n <= RUN_WORKERS_MAX && gpus / count > most; n++) {
            count = gpus % n == 0 ? n : count;
        }
    }
    *ret_gpus = gpus / count;
    *ret_count = count;
}

uint32_t run_workers(const struct rec *run)
{
    uint32_t count = run_is_admitted(run) ? dkuberun_status_admission_nodes_count(run) : 0;

    return count == 0 ? 1 : count < RUN_WORKERS_MAX ? count : RUN_WORKERS_MAX;
}

int64_t run_gpus(const struct rec *run)
{
    int64_t sum = 0;

    if (!dkuberun_spec_free_only(run) || !dkuberun_status_admission_set(run) ||
        dkuberun_status_admission_attempt(run) != dkuberun_status_attempt(run)) {
        return run_asks(run);
    }
    for (uint32_t i = 0; i < dkuberun_status_admission_nodes_count(run); i++) {
        sum += dkuberun_status_admission_nodes_gpus(dkuberun_status_admission_nodes_at(run, i));
    }
    return sum;
}

bool run_is_queued(const struct rec *run)
{
    return str_eq(dkuberun_status_phase(run), "WaitingForGPUs") && run_asks(run) > 0 &&
           !dkuberun_spec_stop(run) && !rec_is_deleted(run) && !run_is_admitted(run) &&
           !dkuberun_status_retry_time_set(run);
}

int run_place_order(const struct rec *a, const struct rec *b)
{
    int order = strcmp(rec_namespace(a), rec_namespace(b));

    return order != 0 ? order : strcmp(rec_name(a), rec_name(b));
}

int run_order(const struct rec *a, const struct rec *b)
{
    int64_t p = dkuberun_spec_priority(a), q = dkuberun_spec_priority(b);
    int64_t s = rec_created_ms(a), t = rec_created_ms(b);

    if (p != q) {
        return p > q ? -1 : 1;
    }
    if (s != t) {
        return s < t ? -1 : 1;
    }
    return run_place_order(a, b);
}
