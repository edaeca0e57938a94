/*
 * complete.h — shell completion: kubectl runs `kubectl_complete-dkube WORD… LAST` and offers what
 * it prints.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_COMPLETE_H
#define DKUBE_CMD_KUBECTL_DKUBE_COMPLETE_H

/* Prints candidates for the last word, one a line, then the directive ":4" (no file names). Objects
 * are listed from the current context; without a server there are none. Returns 0. */
int complete(int argc, char **argv);

#endif
