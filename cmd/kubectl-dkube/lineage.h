/*
 * lineage.h — `kubectl dkube lineage KIND/NAME`: walks live objects with the caller's own
 * credentials, from an endpoint or a model version back to the commit, the data, the image and the
 * command.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_LINEAGE_H
#define DKUBE_CMD_KUBECTL_DKUBE_LINEAGE_H

#include "cmd/kubectl-dkube/session.h"
#include "cmd/kubectl-dkube/tree.h"

/* what is "deployment/NAME", "run/NAME" or "version/NAME" (and the usual plurals and short names).
 * The tree is arena memory. An object that is referred to but gone is a line that says so, not an
 * error. */
int lineage_tree(struct client *c, struct arena *a, const char *ns, const char *what,
                 struct node **ret, struct err *e) MUSTCHECK;
command_fn lineage; /* draws it */

#endif
