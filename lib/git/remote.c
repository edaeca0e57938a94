#include "git/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/span.h"
#include "git/net.h"

enum { SECRET_MAX = 65536 };

/* --- Credentials ---------------------------------------------------------------------------------
 */

/* A file of the Secret without its last line end; NULL when it is not there. */
static const char *secret(struct remote *m, const char *key)
{
    if (m->access->secret_dir == NULL) {
        return NULL;
    }
    char *text = arena_alloc(&m->a, SECRET_MAX + 1);
    int fd = open(arena_printf(&m->a, "%s/%s", m->access->secret_dir, key), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, SECRET_MAX) : -1;
    if (fd >= 0) {
        close(fd);
    }
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r')) {
        text[--n] = '\0';
    }
    return n > 0 ? text : NULL;
}

static bool has_secret(const struct remote *m, const char *key)
{
    char path[512];
    int n = m->access->secret_dir != NULL
                ? snprintf(path, sizeof(path), "%s/%s", m->access->secret_dir, key)
                : -1;
    return n > 0 && n < (int)sizeof(path) && access(path, R_OK) == 0;
}

static int on_credentials(git_credential **ret, const char *url UNUSED, const char *user,
                          unsigned allowed, void *ctx)
{
    struct remote *m = ctx;
    const char *name = user != NULL ? user : secret(m, "username");
    name = name != NULL ? name : "git";
    if (allowed & GIT_CREDENTIAL_USERNAME) {
        return git_credential_username_new(ret, name);
    }
    if (m->asked++ > 0) {
        return GIT_EAUTH;
    }
    if ((allowed & GIT_CREDENTIAL_SSH_KEY) && has_secret(m, "ssh-privatekey")) {
        const char *key = arena_printf(&m->a, "%s/ssh-privatekey", m->access->secret_dir);
        return git_credential_ssh_key_new(ret, name, NULL, key, NULL);
    }
    const char *password = secret(m, "password");
    password = password != NULL ? password : secret(m, "token");
    if ((allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) && password != NULL) {
        return git_credential_userpass_plaintext_new(ret, name, password);
    }
    m->asked = 0;
    return GIT_EAUTH;
}

/* --- Failures ------------------------------------------------------------------------------------
 */

static int refused_login(struct remote *m, const char *shown, struct err *e)
{
    if (m->asked > 0) {
        return err_set(e, ERR_INVALID, "UnknownRepository",
                       "%s: %s refuses the credentials of the Secret; renew them",
                       m->access->url_field, shown);
    }
    if (m->url.ssh) {
        return err_set(
            e, ERR_INVALID, "UnknownRepository",
            "%s: %s needs an ssh key; name a Secret with ssh-privatekey and known_hosts in "
            "secretRef",
            m->access->url_field, shown);
    }
    return err_set(e, ERR_INVALID, "UnknownRepository",
                   "%s: %s does not exist or needs credentials; correct it, or name a Secret with "
                   "username and password or token in secretRef",
                   m->access->url_field, shown);
}

static int network_fault(const struct remote *m, const char *shown, struct err *e)
{
    const char *words, *field = m->access->url_field;
    switch (net_fault(&words)) {
    case NET_UNKNOWN_HOST:
        return err_set(e, ERR_INVALID, "UnknownRepository", "%s: %s; correct the address", field,
                       words);
    case NET_REFUSED_ADDRESS:
        return err_set(e, ERR_INVALID, "AddressRefused",
                       "%s: %s, from which nothing is fetched; use the repository's own address",
                       field, words);
    case NET_UNREACHABLE:
        return err_set(e, ERR_RETRY, "FetchFailed", "%s: %s", field, words);
    case NET_LATE:
        return err_set(e, ERR_RETRY, "FetchFailed", "%s: %s took longer than %lld s", field, shown,
                       (long long)m->access->timeout_s);
    case NET_FINE:
        break;
    }
    return 0;
}

static bool says(const char *text, const char *what)
{
    return strcasestr(text, what) != NULL;
}

static int other_failure(const struct remote *m, const char *shown, const char *words,
                         struct err *e)
{
    const char *field = m->access->url_field;
    if (says(words, "status code: 404") || says(words, "not found") ||
        says(words, "content-type") || says(words, "does not appear to be a git repository") ||
        says(words, "status code: 410")) {
        return err_set(e, ERR_INVALID, "UnknownRepository",
                       "%s: %s is no git repository; correct it", field, shown);
    }
    if (says(words, "redirect")) {
        return err_set(
            e, ERR_INVALID, "UnknownRepository",
            "%s: %s answers with another address (a redirect), which is not followed; write "
            "the final one",
            field, shown);
    }
    if (says(words, "hostkey") || says(words, "host key")) {
        return err_set(e, ERR_INVALID, "UnknownRepository",
                       "%s: the host key of %s is not in known_hosts of the Secret in secretRef",
                       field, shown);
    }
    if (says(words, "certificate")) {
        return err_set(
            e, ERR_INVALID, "UnknownRepository",
            "%s: the certificate of %s is not trusted (%.100s); put the authority into ca.crt "
            "of the Secret in secretRef",
            field, shown, words);
    }
    return err_set(e, ERR_RETRY, "FetchFailed", "%s: %s cannot be fetched: %.200s", field, shown,
                   words);
}

static int failed(struct remote *m, int rc, struct err *e)
{
    const git_error *g = git_error_last();
    const char *words = g != NULL && g->message != NULL ? g->message : "no reason given";
    const char *shown = repo_url_shown(&m->a, m->access->url);
    if (m->large) {
        return err_set(e, ERR_INVALID, "TooLarge",
                       "%s: %s is larger than %lld GiB; keep data in a Dataset instead",
                       m->access->url_field, shown, (long long)(REPO_BYTES_MAX >> 30));
    }
    if (network_fault(m, shown, e) < 0) {
        return -1;
    }
    if (rc == GIT_EAUTH || says(words, "status code: 401") || says(words, "status code: 403")) {
        return refused_login(m, shown, e);
    }
    return other_failure(m, shown, words, e);
}

/* --- The connection ------------------------------------------------------------------------------
 */

static int on_progress(const git_indexer_progress *p, void *ctx)
{
    struct remote *m = ctx;
    const char *ignored;
    m->large = p->received_bytes > (size_t)REPO_BYTES_MAX;
    if (m->access->progress != NULL) {
        m->access->progress(m->access->ctx, (int64_t)p->received_bytes, p->received_objects,
                            p->total_objects);
    }
    return m->large || net_fault(&ignored) == NET_LATE ? -1 : 0;
}

static git_remote_callbacks callbacks(struct remote *m)
{
    git_remote_callbacks c;
    git_remote_init_callbacks(&c, GIT_REMOTE_CALLBACKS_VERSION);
    c.credentials = on_credentials;
    c.transfer_progress = on_progress;
    c.payload = m;
    return c;
}

int remote_list(struct remote *m, struct err *e)
{
    git_remote_connect_options o;
    git_remote_connect_options_init(&o, GIT_REMOTE_CONNECT_OPTIONS_VERSION);
    o.callbacks = callbacks(m);
    o.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    net_guard(m->access->timeout_s);
    int rc = git_remote_connect_ext(m->remote, GIT_DIRECTION_FETCH, &o);
    if (rc == 0) {
        rc = git_remote_ls(&m->heads, &m->head_count, m->remote);
    }
    return rc < 0 ? failed(m, rc, e) : 0;
}

int remote_fetch(struct remote *m, const char *ref, struct err *e)
{
    git_fetch_options o;
    char one[512], all[] = "+refs/heads/*:refs/heads/*", tags[] = "+refs/tags/*:refs/tags/*";
    char *specs[] = {all, tags};
    git_strarray list = {specs, 2};
    if (ref != NULL &&
        snprintf(one, sizeof(one), "+%s:refs/dkube/wanted", ref) < (int)sizeof(one)) {
        specs[0] = one;
        list.count = 1;
    }
    git_fetch_options_init(&o, GIT_FETCH_OPTIONS_VERSION);
    o.callbacks = callbacks(m);
    o.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    o.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    o.update_fetchhead = 0;
    net_guard(m->access->timeout_s);
    int rc = git_remote_download(m->remote, &list, &o);
    int r = rc < 0 ? failed(m, rc, e) : 0; /* before the guard forgets why */
    net_guard(0);
    return r;
}

/* --- Life ----------------------------------------------------------------------------------------
 */

/* HOME holds .ssh, a link to the Secret: libgit2 reads .ssh/known_hosts there and nowhere else. */
static int prepare_ssh(struct remote *m, struct err *e)
{
    if (m->url.ssh && !has_secret(m, "known_hosts")) {
        return err_set(e, ERR_INVALID, "UnknownRepository",
                       "%s is reached by ssh; name a Secret with ssh-privatekey and known_hosts in "
                       "secretRef",
                       m->access->url_field);
    }
    const char *link = arena_printf(&m->a, "%s/.ssh", m->home);
    if (m->url.ssh && symlink(m->access->secret_dir, link) < 0) {
        return err_set(e, ERR_RETRY, "FetchFailed", "'%s' cannot be written: %s", link,
                       strerror(errno));
    }
    return setenv("HOME", m->home, 1);
}

static int prepare(struct remote *m, struct err *e)
{
    const char *tmp = getenv("TMPDIR"), *copy;
    snprintf(m->home, sizeof(m->home), "%s/dkube-git-XXXXXX", str_empty(tmp) ? "/tmp" : tmp);
    if (mkdtemp(m->home) == NULL) {
        err_set(e, ERR_RETRY, "FetchFailed", "'%s' cannot be made: %s", m->home, strerror(errno));
        m->home[0] = '\0';
        return -1;
    }
    if (prepare_ssh(m, e) < 0) {
        return -1;
    }
    if (has_secret(m, "ca.crt") &&
        git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS,
                         arena_printf(&m->a, "%s/ca.crt", m->access->secret_dir), NULL) < 0) {
        return err_set(e, ERR_INVALID, "FetchFailed",
                       "ca.crt of the Secret in secretRef is no PEM file");
    }
    copy = arena_printf(&m->a, "%s/copy", m->home);
    int rc = git_repository_init(&m->repo, copy, 1);
    if (rc == 0) {
        rc = git_remote_create_anonymous(&m->remote, m->repo, m->access->url);
    }
    return rc < 0 ? failed(m, rc, e) : 0;
}

int remote_open(struct remote *m, const struct repo_access *r, struct err *e)
{
    *m = (struct remote){.access = r};
    net_guard(0);
    if (repo_url_check(r->url, r->url_field, &m->url, e) < 0) {
        return -1;
    }
    if (prepare(m, e) < 0) {
        remote_close(m);
        return -1;
    }
    return 0;
}

void remote_close(struct remote *m)
{
    net_guard(0);
    git_remote_free(m->remote);
    git_repository_free(m->repo);
    int fd = m->home[0] != '\0' ? open(m->home, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        if (beneath_clear(fd) == 0) {
            rmdir(m->home);
        }
        close(fd);
    }
    arena_done(&m->a);
}
