/*
 * commands.h — the commands that talk to an API server.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_COMMANDS_H
#define DKUBE_CMD_KUBECTL_DKUBE_COMMANDS_H

#include "cmd/kubectl-dkube/session.h"

struct command {
    const char *name;
    const char *takes;       /* its one argument, for people; NULL: none */
    const struct kind *kind; /* whose names it takes, for completion; or NULL */
    command_fn *fn;
};
extern const struct command commands[];
extern const size_t command_count;

const struct command *command_called(const char *name); /* or NULL */

#endif
