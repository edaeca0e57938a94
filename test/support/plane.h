/* plane.h — the control plane that hack/envtest made, as tests see it: its folder and its files. */
#ifndef DKUBE_TEST_PLANE_H
#define DKUBE_TEST_PLANE_H

#include "base/arena.h"

const char *plane_dir(struct arena *a);              /* of KUBECONFIG; fails the test without one */
char *plane_file(struct arena *a, const char *path); /* the whole text; fails the test without it */

#endif
