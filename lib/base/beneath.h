/*
 * beneath.h — paths that somebody else named, opened so that they cannot leave a folder.
 *
 * Linux's openat2(RESOLVE_BENEATH) decides; where it is missing (old kernels, some sandboxes),
 * names are walked one by one and no symbolic link is followed at all. Descriptors are
 * close-on-exec and the caller's. Errors are errno; EXDEV and ELOOP mean that the path would have
 * led outside.
 */
#ifndef DKUBE_BASE_BENEATH_H
#define DKUBE_BASE_BENEATH_H

#include <stdbool.h>

#include "base/attr.h"

/* Opens an existing path below `root`. Symbolic links are followed only while they stay below. */
int beneath_open(int root, const char *path, int flags) MUSTCHECK;

/* Opens the folder that holds `path`, below `root`, following no link; `make` creates what is
 * missing (mode 0755). *ret_name is the last name, borrowed from `path`. */
int beneath_parent(int root, const char *path, bool make, const char **ret_name) MUSTCHECK;

/* Removes all that is in the folder, recursively, following no link. Mount points stay. */
int beneath_clear(int folder) MUSTCHECK;

#endif
