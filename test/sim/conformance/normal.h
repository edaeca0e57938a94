/* normal.h — a reply or event in a form in which two servers can be compared. */
#ifndef DKUBE_SIM_NORMAL_H
#define DKUBE_SIM_NORMAL_H

#include "base/arena.h"

enum side { REAL, SIM, SIDES };
struct names { /* what a server calls things, in the order in which we heard of them */
    char **list;
    size_t count, cap;
};

/* The text of a body: times are masked, uids and resource versions are their places among those
 * that this server has told so far, managed fields are in an order of their own. Arena. */
const char *normal(struct arena *a, struct names *uids, struct names *rvs, const char *body,
                   size_t len);

#endif
