/*
 * options.h — the command line of dkube-sim.
 */
#ifndef DKUBE_CMD_SIM_OPTIONS_H
#define DKUBE_CMD_SIM_OPTIONS_H

#include "cmd/dkube-sim/sim.h"

extern const char usage[];

int options_read(struct arena *a, int argc, char **argv, struct options *o, struct err *e);

#endif
