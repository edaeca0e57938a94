/*
 * top.h — `kubectl dkube top`: the pools, what is in use of them, and who waits.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_TOP_H
#define DKUBE_CMD_KUBECTL_DKUBE_TOP_H

#include "cmd/kubectl-dkube/session.h"

command_fn top;

#endif
