/*
 * checkout.h — the files of a git tree into a folder, by our own hand: nothing of the tree is
 * trusted.
 *
 * Folders are opened without following links, files must be new, links are made last and checked
 * one by one. Not thread-safe.
 */
#ifndef DKUBE_GIT_CHECKOUT_H
#define DKUBE_GIT_CHECKOUT_H

#include <git2.h>

#include "git/repo.h"

/* True for what no file of a tree may be called: "", ".", "..", names with '/', and all that some
 * file system takes for ".git". */
bool checkout_name_refused(const char *name);

/* Writes `tree`, or the single blob `entry` when tree is NULL, below `folder`. */
struct checkout {
    git_repository *repo;
    git_tree *tree;
    const git_tree_entry *entry;
    int folder;
};
int checkout_write(const struct checkout *c, struct repo_files *ret, struct err *e) MUSTCHECK;

#endif
