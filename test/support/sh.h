/* sh.h — runs a shell command for a test and waits. Returns its exit status; 128 + the signal that
 * ended it. */
#ifndef DKUBE_TEST_SH_H
#define DKUBE_TEST_SH_H

#include "base/attr.h"

int sh(const char *fmt, ...) PRINTF(1, 2) MUSTCHECK;

#endif
