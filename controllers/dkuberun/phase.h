/*
 * phase.h — the phases of a DkubeRun and the one table of how it goes from one to the next.
 *
 *     Queued → WaitingForGPUs → Starting → Running → Complete
 *        \__________________\_______\________\____→ Error
 *         \__________________\_______\________\___→ Stopping → Stopped
 *
 * What is not in the table does not happen: a signal without a row leaves the phase as it is.
 */
#ifndef DKUBE_CONTROLLERS_DKUBERUN_PHASE_H
#define DKUBE_CONTROLLERS_DKUBERUN_PHASE_H

#include <stdbool.h>

enum run_phase {
    PHASE_QUEUED,   /* commit, inputs or image not yet known */
    PHASE_WAITING,  /* in the pool's queue */
    PHASE_STARTING, /* admitted; the program has not started */
    PHASE_RUNNING,  /* the program runs, or its outputs are being stored */
    PHASE_STOPPING, /* told to end */
    PHASE_COMPLETE,
    PHASE_ERROR,
    PHASE_STOPPED,
    PHASE_COUNT
};

enum run_signal {
    SIGNAL_NONE,
    SIGNAL_REFUSED,  /* it can never run */
    SIGNAL_RESOLVED, /* all that it names is known */
    SIGNAL_ADMITTED, /* it has its GPUs, or needs none */
    SIGNAL_STARTED,  /* the program has started */
    SIGNAL_DONE,     /* it ended well, outputs and all */
    SIGNAL_FAILED,   /* it ended badly, for good */
    SIGNAL_REQUEUE,  /* another attempt, from the queue */
    SIGNAL_REDO,     /* another attempt of a run without GPUs */
    SIGNAL_STOP,     /* somebody wants it to stop */
    SIGNAL_TIMEOUT,  /* spec.maxRuntime is over */
    SIGNAL_GONE,     /* its pod has ended or is gone */
};

const char *phase_text(enum run_phase p);  /* "WaitingForGPUs" */
enum run_phase phase_parse(const char *s); /* NULL, "" and anything else: PHASE_QUEUED */
bool phase_is_final(enum run_phase p);
enum run_phase phase_next(enum run_phase from, enum run_signal s);

#endif
