#include "controllers/ledger/claim.h"

#include <stdio.h>

#include "api/dkuberun.gen.h"
#include "base/span.h"
#include "controllers/common/activity.h"

const char *worker_pod_name(struct arena *a, const char *run, int64_t attempt)
{
    char name[WORKER_NAME_MAX];

    worker_pod_name_into(name, sizeof(name), run, attempt);
    return arena_strdup(a, name);
}

void worker_pod_name_into(char *ret, size_t size, const char *run, int64_t attempt)
{
    if (attempt == 0) {
        snprintf(ret, size, "%s-worker-0", run);
    } else {
        snprintf(ret, size, "%s-worker-0-a%lld", run, (long long)attempt);
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

int64_t run_gpus(const struct rec *run)
{
    if (!dkuberun_spec_free_only(run) || !dkuberun_status_admission_set(run) ||
        dkuberun_status_admission_attempt(run) != dkuberun_status_attempt(run)) {
        return dkuberun_spec_gpus(run);
    }
    return dkuberun_status_admission_nodes_gpus(dkuberun_status_admission_nodes_at(run, 0));
}

bool run_is_queued(const struct rec *run)
{
    return str_eq(dkuberun_status_phase(run), "WaitingForGPUs") && dkuberun_spec_gpus(run) > 0 &&
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
