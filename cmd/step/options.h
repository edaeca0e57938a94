/* options.h — the command line of step, into the configuration; ends the program for --help and
 * mistakes. */
#ifndef DKUBE_CMD_STEP_OPTIONS_H
#define DKUBE_CMD_STEP_OPTIONS_H

#include "cmd/step/step.h"

void options_parse(int argc, char **argv, struct step *s);

#endif
