#include "controllers/dkuberun/phase.h"

#include "base/attr.h"
#include "base/span.h"

static const char *const names[PHASE_COUNT] = {
    [PHASE_QUEUED] = "Queued",   [PHASE_WAITING] = "WaitingForGPUs", [PHASE_STARTING] = "Starting",
    [PHASE_RUNNING] = "Running", [PHASE_STOPPING] = "Stopping",      [PHASE_COMPLETE] = "Complete",
    [PHASE_ERROR] = "Error",     [PHASE_STOPPED] = "Stopped",
};

static const struct {
    enum run_phase from;
    enum run_signal on;
    enum run_phase to;
} transitions[] = {
    {PHASE_QUEUED, SIGNAL_RESOLVED, PHASE_WAITING},
    {PHASE_QUEUED, SIGNAL_ADMITTED, PHASE_STARTING}, /* resolved, and needs no GPUs */
    {PHASE_QUEUED, SIGNAL_REFUSED, PHASE_ERROR},
    {PHASE_QUEUED, SIGNAL_STOP, PHASE_STOPPED},
    {PHASE_WAITING, SIGNAL_ADMITTED, PHASE_STARTING},
    {PHASE_WAITING, SIGNAL_REFUSED, PHASE_ERROR},
    {PHASE_WAITING, SIGNAL_STOP, PHASE_STOPPED},
    {PHASE_STARTING, SIGNAL_STARTED, PHASE_RUNNING},
    {PHASE_STARTING, SIGNAL_FAILED, PHASE_ERROR},
    {PHASE_STARTING, SIGNAL_REQUEUE, PHASE_WAITING},
    {PHASE_STARTING, SIGNAL_REDO, PHASE_STARTING},
    {PHASE_STARTING, SIGNAL_STOP, PHASE_STOPPING},
    {PHASE_RUNNING, SIGNAL_DONE, PHASE_COMPLETE},
    {PHASE_RUNNING, SIGNAL_FAILED, PHASE_ERROR},
    {PHASE_RUNNING, SIGNAL_REQUEUE, PHASE_WAITING},
    {PHASE_RUNNING, SIGNAL_REDO, PHASE_STARTING},
    {PHASE_RUNNING, SIGNAL_STOP, PHASE_STOPPING},
    {PHASE_RUNNING, SIGNAL_TIMEOUT, PHASE_STOPPING},
    {PHASE_STOPPING, SIGNAL_GONE, PHASE_STOPPED},
    {PHASE_STOPPING, SIGNAL_REQUEUE, PHASE_WAITING}, /* its GPUs were recalled */
    {PHASE_STOPPING, SIGNAL_FAILED, PHASE_ERROR},    /* stopped for its spec.maxRuntime */
};

const char *phase_text(enum run_phase p)
{
    return names[p];
}

enum run_phase phase_parse(const char *s)
{
    for (int i = 0; i < PHASE_COUNT; i++) {
        if (str_eq(names[i], s)) {
            return (enum run_phase)i;
        }
    }
    return PHASE_QUEUED;
}

bool phase_is_final(enum run_phase p)
{
    return p == PHASE_COMPLETE || p == PHASE_ERROR || p == PHASE_STOPPED;
}

enum run_phase phase_next(enum run_phase from, enum run_signal s)
{
    for (size_t i = 0; i < ARRAY_LEN(transitions); i++) {
        if (transitions[i].from == from && transitions[i].on == s) {
            return transitions[i].to;
        }
    }
    return from;
}
