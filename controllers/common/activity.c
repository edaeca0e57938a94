#include "controllers/common/activity.h"

#include "api/dkuberun.gen.h"
#include "base/span.h"

bool run_is_active(const struct rec *run)
{
    const char *phase = dkuberun_status_phase(run);

    return !str_eq(phase, "Complete") && !str_eq(phase, "Error") && !str_eq(phase, "Stopped");
}

bool run_activity_changed(const struct rec *old, const struct rec *now)
{
    bool before = old != NULL && run_is_active(old);
    bool after = now != NULL && run_is_active(now);

    return before != after;
}
