/*
 * remote.h — one connection to a repository and the temporary bare copy behind it; used by repo.c.
 */
#ifndef DKUBE_GIT_REMOTE_H
#define DKUBE_GIT_REMOTE_H

#include <git2.h>

#include "git/repo.h"
#include "git/url.h"

struct remote { /* the caller's storage, between remote_open and remote_close */
    const struct repo_access *access;
    struct repo_url url;
    struct arena a;
    char home[256]; /* a temporary folder: the copy, and HOME for libgit2's known_hosts */
    git_repository *repo;
    git_remote *remote;
    const git_remote_head **heads; /* after remote_list; borrowed */
    size_t head_count;
    int asked;  /* times that credentials were asked for */
    bool large; /* more came than allowed */
};

int remote_open(struct remote *m, const struct repo_access *r, struct err *e) MUSTCHECK;
/* What the server advertises. */
int remote_list(struct remote *m, struct err *e) MUSTCHECK;
/* One advertised name with its history, or all branches and tags when it is NULL. After
 * remote_list. */
int remote_fetch(struct remote *m, const char *ref, struct err *e) MUSTCHECK;
void remote_close(struct remote *m);

#endif
