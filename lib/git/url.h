/*
 * url.h — which repository addresses are accepted: http, https, and ssh as a URL or as
 * user@host:path.
 *
 * Everything else is refused with a sentence: file:, ext:, git:, a leading '-', credentials in the
 * URL, blanks and control characters, encoded line ends, queries and fragments. Pure.
 */
#ifndef DKUBE_GIT_URL_H
#define DKUBE_GIT_URL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

#define REPO_URL_MAX 2048

struct repo_url {
    bool ssh;
    char host[256];
};

/* ERR_INVALID, reason "InvalidURL"; `field` says where the user wrote it. Credentials are not
 * repeated. */
int repo_url_check(const char *url, const char *field, struct repo_url *ret,
                   struct err *e) MUSTCHECK;

/* For messages: without credentials, and shortened; arena. */
const char *repo_url_shown(struct arena *a, const char *url);

#endif
