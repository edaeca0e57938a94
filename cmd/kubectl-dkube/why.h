/*
 * why.h — `kubectl dkube why RUN`: what a run waits for, who holds the GPUs, when it starts and how
 * sure that is; of a run that does not wait, where it stands.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_WHY_H
#define DKUBE_CMD_KUBECTL_DKUBE_WHY_H

#include "cmd/kubectl-dkube/session.h"

command_fn why;

#endif
