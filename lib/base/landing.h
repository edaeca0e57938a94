/*
 * landing.h — fills a folder all or nothing: files are written into a hidden part of it and moved
 * to their places at the end. The folder itself may be a mount point, which is why it cannot be
 * renamed.
 *
 * What stood in the folder before goes away when a landing begins, so a step that was interrupted
 * can simply run again; mount points inside stay. Not thread-safe. A landing is the caller's
 * storage.
 */
#ifndef DKUBE_BASE_LANDING_H
#define DKUBE_BASE_LANDING_H

#include "base/err.h"

struct landing {
    const char *dir;  /* borrowed */
    int folder, part; /* descriptors; write below `part` */
    char name[32];
};

/* Makes the folder (and its parents) if need be. ERR_INVALID, reason "BadFolder", for "/" and what
 * is not an absolute path, has a ".." in it or cannot be written. */
int landing_begin(struct landing *l, const char *dir, struct err *e) MUSTCHECK;
/* Moves everything to its place and closes. */
int landing_commit(struct landing *l, struct err *e) MUSTCHECK;
/* Removes what was written and closes; nothing after a commit. */
void landing_abort(struct landing *l);

#endif
