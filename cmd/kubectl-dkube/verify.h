/*
 * verify.h — `kubectl dkube verify`: do the laws of the ledger hold in this cluster? What is broken
 * must still be so when it is read again: lists are not read at one instant.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_VERIFY_H
#define DKUBE_CMD_KUBECTL_DKUBE_VERIFY_H

#include "cmd/kubectl-dkube/session.h"

command_fn verify;

#endif
