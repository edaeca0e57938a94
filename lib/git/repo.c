#include "git/repo.h"

#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/span.h"
#include "git/checkout.h"
#include "git/net.h"
#include "git/remote.h"

/* --- What a name stands for ----------------------------------------------------------------------
 */

static bool is_hex(const char *s, size_t least)
{
    size_t n = strlen(s);
    return n >= least && n < REPO_COMMIT && strspn(s, "0123456789abcdef") == n;
}

static const git_remote_head *find(const struct remote *m, const char *name)
{
    for (size_t i = 0; i < m->head_count; i++) {
        if (strcmp(m->heads[i]->name, name) == 0) {
            return m->heads[i];
        }
    }
    return NULL;
}

/* A branch before a tag; of an annotated tag the commit. */
static const git_remote_head *find_named(struct arena *a, const struct remote *m, const char *ref)
{
    static const char *const forms[] = {"refs/heads/%s", "refs/tags/%s^{}", "refs/tags/%s"};
    const git_remote_head *h = NULL;
    if (strcmp(ref, "HEAD") == 0) {
        return find(m, ref);
    }
    if (strncmp(ref, "refs/", 5) == 0) {
        h = find(m, arena_printf(a, "%s^{}", ref));
        return h != NULL ? h : find(m, ref);
    }
    for (size_t i = 0; i < ARRAY_LEN(forms) && h == NULL; i++) {
        const char *mark = strchr(forms[i], '%');
        h = find(m, arena_printf(a, "%.*s%s%s", (int)(mark - forms[i]), forms[i], ref, mark + 2));
    }
    return h;
}

static int unknown(const struct repo_access *r, const char *ref, struct err *e)
{
    struct arena a = {0};
    err_set(
        e, ERR_INVALID, "UnknownCommit",
        "%s '%.100s' is no branch, tag or commit of %s; look at the repository, or push it first",
        r->ref_field, ref, repo_url_shown(&a, r->url));
    arena_done(&a);
    return -1;
}

/* Not advertised by name: everything is fetched, and the commit looked up. */
static int look_up(struct remote *m, const char *ref, char ret_commit[REPO_COMMIT], struct err *e)
{
    git_oid id;
    git_commit *commit = NULL;
    size_t n = strlen(ref);
    if (remote_fetch(m, NULL, e) < 0) {
        return -1;
    }
    if (git_oid_fromstrn(&id, ref, n) < 0) {
        return unknown(m->access, ref, e);
    }
    int rc = git_commit_lookup_prefix(&commit, m->repo, &id, n);
    if (rc == GIT_EAMBIGUOUS) {
        return err_set(e, ERR_INVALID, "UnknownCommit",
                       "%s '%.100s' is the beginning of several commits; write more digits",
                       m->access->ref_field, ref);
    }
    if (rc < 0) {
        return unknown(m->access, ref, e);
    }
    git_oid_tostr(ret_commit, REPO_COMMIT, git_commit_id(commit));
    git_commit_free(commit);
    return 0;
}

static bool ref_valid(const char *ref)
{
    return !str_empty(ref) && ref[0] != '-' && strlen(ref) < 256 && strstr(ref, "..") == NULL &&
           strstr(ref, "@{") == NULL && strcspn(ref, " ~^:?*[\\\x7f") == strlen(ref) &&
           strcspn(ref, "\t\r\n\x1b") == strlen(ref);
}

static int resolve(struct remote *m, const char *ref, char ret_commit[REPO_COMMIT], struct err *e)
{
    struct arena a = {0};
    if (remote_list(m, e) < 0) {
        return -1;
    }
    const git_remote_head *h = find_named(&a, m, ref);
    arena_done(&a);
    for (size_t i = 0; i < m->head_count && h == NULL && is_hex(ref, REPO_COMMIT - 1); i++) {
        h = git_oid_streq(&m->heads[i]->oid, ref) == 0 ? m->heads[i] : NULL;
    }
    if (h != NULL) {
        git_oid_tostr(ret_commit, REPO_COMMIT, &h->oid);
        return 0;
    }
    return is_hex(ref, 7) ? look_up(m, ref, ret_commit, e) : unknown(m->access, ref, e);
}

int repo_resolve(const struct repo_access *r, const char *ref, char ret_commit[REPO_COMMIT],
                 struct err *e)
{
    struct remote m;
    if (!ref_valid(ref)) {
        return err_set(
            e, ERR_INVALID, "UnknownCommit",
            "%s is no name of a branch, tag or commit; write for example main or 3f2a9c1",
            r->ref_field);
    }
    if (remote_open(&m, r, e) < 0) {
        return -1;
    }
    int rc = resolve(&m, ref, ret_commit, e);
    remote_close(&m);
    return rc;
}

/* --- Files ---------------------------------------------------------------------------------------
 */

/* Where the commit is the tip of something, only that is fetched. */
static const char *ref_of(const struct remote *m, const git_oid *id)
{
    for (size_t i = 0; i < m->head_count; i++) {
        const char *name = m->heads[i]->name;
        bool peeled = strstr(name, "^{}") != NULL;
        if (strncmp(name, "refs/", 5) == 0 && !peeled && git_oid_equal(&m->heads[i]->oid, id)) {
            return name;
        }
    }
    return NULL;
}

static int write_path(struct remote *m, git_tree *top, const char *path, struct checkout *c,
                      struct repo_files *ret, struct err *e)
{
    git_tree_entry *entry = NULL;
    git_tree *below = NULL;
    c->tree = top;
    if (!str_eq(path, ".") && !str_empty(path)) {
        if (git_tree_entry_bypath(&entry, top, path) < 0) {
            return err_set(e, ERR_INVALID, "UnknownPath", "%s '%.200s' is not in the commit",
                           m->access->path_field, path);
        }
        c->entry = entry;
        c->tree = NULL;
        if (git_tree_entry_type(entry) == GIT_OBJECT_TREE &&
            git_tree_lookup(&below, m->repo, git_tree_entry_id(entry)) == 0) {
            c->tree = below;
        }
    }
    int r = checkout_write(c, ret, e);
    git_tree_free(below);
    git_tree_entry_free(entry);
    return r;
}

struct export
{
    const char *commit, *path;
    int folder;
};

static int export(struct remote *m, const struct export *x, struct repo_files *ret, struct err *e)
{
    git_oid id;
    git_commit *commit = NULL;
    git_tree *top = NULL;
    if (git_oid_fromstr(&id, x->commit) < 0) {
        return unknown(m->access, x->commit, e);
    }
    if (remote_list(m, e) < 0 || remote_fetch(m, ref_of(m, &id), e) < 0) {
        return -1;
    }
    int r = git_commit_lookup(&commit, m->repo, &id) < 0 || git_commit_tree(&top, commit) < 0
                ? unknown(m->access, x->commit, e)
                : 0;
    if (r == 0) {
        struct checkout c = {.repo = m->repo, .folder = x->folder};
        r = write_path(m, top, x->path, &c, ret, e);
    }
    git_tree_free(top);
    git_commit_free(commit);
    return r;
}

/* "." or a relative path of plain names. */
static bool path_valid(const char *path)
{
    for (const char *p = path; !str_eq(path, ".") && p != NULL;) {
        size_t n = strcspn(p, "/");
        char name[256];
        if (n >= sizeof(name)) {
            return false;
        }
        memcpy(name, p, n);
        name[n] = '\0';
        if (checkout_name_refused(name)) {
            return false;
        }
        p = p[n] == '/' ? p + n + 1 : NULL;
    }
    return true;
}

int repo_export(const struct repo_access *r, const char *commit, const char *path, int folder,
                struct repo_files *ret, struct err *e)
{
    struct remote m;
    struct export x = {.commit = commit, .path = path, .folder = folder};
    if (!path_valid(path)) {
        return err_set(e, ERR_INVALID, "UnknownPath",
                       "%s is no relative path of plain names; write for example data/train",
                       r->path_field);
    }
    if (remote_open(&m, r, e) < 0) {
        return -1;
    }
    int rc = export(&m, &x, ret, e);
    remote_close(&m);
    return rc;
}

/* --- Life ----------------------------------------------------------------------------------------
 */

int repo_begin(bool allow_loopback, struct err *e)
{
    static const int levels[] = {GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
                                 GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL};
    bool ok = git_libgit2_init() >= 0 && net_register(allow_loopback) == 0;
    for (size_t i = 0; i < ARRAY_LEN(levels) && ok; i++) {
        ok = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "") == 0;
    }
    ok = ok && git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECTS, (size_t)REPO_OBJECTS_MAX) == 0 &&
         git_libgit2_opts(GIT_OPT_SET_USER_AGENT, "dkube-step/" DKUBE_VERSION) == 0;
    return ok ? 0 : err_set(e, ERR_BUG, "FetchFailed", "libgit2 cannot be initialised");
}

void repo_end(void)
{
    git_libgit2_shutdown();
}
