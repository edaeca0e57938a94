/*
 * repo.h — what the program step needs of git: the commit that a name stands for, and the files of
 * a commit.
 *
 * libgit2 without a git binary, hooks, configuration files, submodules or redirects. Addresses are
 * checked by url.h before and by net.h after name resolution. Credentials are files of a mounted
 * Secret: username and password, or token, or ssh-privatekey with known_hosts; ca.crt adds an
 * authority. They are only sent to the repository's own host. One thread; repo_begin() once. A full
 * copy is fetched: libgit2 1.5 knows no shallow ones.
 *
 * Errors are sentences that name the field that the user wrote. ERR_INVALID: InvalidURL,
 * UnknownRepository, AddressRefused, UnknownCommit, UnsafeContent, TooLarge. ERR_RETRY:
 * FetchFailed.
 */
#ifndef DKUBE_GIT_REPO_H
#define DKUBE_GIT_REPO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define REPO_BYTES_MAX (INT64_C(32) << 30) /* of a pack, and of the files of a commit */
#define REPO_FILES_MAX 500000
#define REPO_OBJECTS_MAX 20000000
#define REPO_COMMIT 41 /* 40 hexadecimal digits and NUL */

/* Told now and then while objects come. */
typedef void repo_progress_fn(void *ctx, int64_t bytes, int64_t objects, int64_t total_objects);

struct repo_access { /* all borrowed */
    const char *url;
    const char *url_field, *ref_field, *path_field; /* for messages: "spec.source.git.url" */
    const char *secret_dir;     /* files of the Secret; NULL or a missing folder: none */
    int64_t timeout_s;          /* of one fetch */
    repo_progress_fn *progress; /* may be NULL */
    void *ctx;
};

/* Initialises libgit2; allow_loopback is for tests. ERR_BUG when libgit2 refuses. */
int repo_begin(bool allow_loopback, struct err *e) MUSTCHECK;
void repo_end(void);

/* The commit of a branch, a tag, "HEAD", a full commit or one shortened to at least 7 digits. */
int repo_resolve(const struct repo_access *r, const char *ref, char ret_commit[REPO_COMMIT],
                 struct err *e) MUSTCHECK;

struct repo_files {
    int64_t files, bytes, submodules; /* submodules are left out */
};
/* Writes the files below `path` ("." for all) of a full commit into `folder`, an open descriptor.
 * Nothing leads outside: names like "..", ".git" and links that lead out of it are UnsafeContent.
 */
int repo_export(const struct repo_access *r, const char *commit, const char *path, int folder,
                struct repo_files *ret, struct err *e) MUSTCHECK;

#endif
