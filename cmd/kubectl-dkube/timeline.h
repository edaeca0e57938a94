/*
 * timeline.h — `kubectl dkube queue POOL`: what runs in a pool and what waits for it, each a bar
 * from its start to its end as far as they are known, as wide as the terminal.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_TIMELINE_H
#define DKUBE_CMD_KUBECTL_DKUBE_TIMELINE_H

#include "cmd/kubectl-dkube/session.h"

command_fn timeline;

#endif
