/*
 * process.h — what Linux says of this process, under the names that every Prometheus client uses.
 *
 * One read of /proc/self a call, some tens of microseconds. One thread.
 */
#ifndef DKUBE_BASE_PROCESS_H
#define DKUBE_BASE_PROCESS_H

#include "base/metrics.h"

/* Sets process_cpu_seconds_total, _resident_memory_bytes, _virtual_memory_bytes, _open_fds,
 * _max_fds and _start_time_seconds. What can not be read stays as it was. */
void process_measure(struct metrics *m);

#endif
