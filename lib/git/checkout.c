#include "git/checkout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"

enum { DEPTH_MAX = 128, TARGET_MAX = 4095 };

struct link {
    const char *path, *target;
};

struct writer {
    const struct checkout *c;
    struct arena a;
    struct repo_files done;
    void *links; /* struct link, arena */
    size_t link_count;
    struct err *e;
};

/* --- Names ---------------------------------------------------------------------------------------
 */

/* Length of a character that HFS+ ignores in names: U+200C–F, U+202A–E, U+206A–F, U+FEFF. */
static size_t ignorable(const unsigned char *p)
{
    bool e280 = p[0] == 0xe2 && p[1] == 0x80 &&
                ((p[2] >= 0x8c && p[2] <= 0x8f) || (p[2] >= 0xaa && p[2] <= 0xae));
    bool e281 = p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xaa && p[2] <= 0xaf;
    bool bom = p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf;
    return e280 || e281 || bom ? 3 : 0;
}

/* The name as a careless file system sees it: cut at ':', without ignorable characters and trailing
 * dots and blanks. */
static void simplify(const char *name, char ret[256])
{
    size_t n = 0;
    for (const unsigned char *p = (const unsigned char *)name;
         *p != '\0' && *p != ':' && n < 255;) {
        size_t skip = ignorable(p);
        if (skip == 0) {
            ret[n++] = (char)*p;
        }
        p += skip > 0 ? skip : 1;
    }
    while (n > 0 && (ret[n - 1] == '.' || ret[n - 1] == ' ')) {
        n--;
    }
    ret[n] = '\0';
}

bool checkout_name_refused(const char *name)
{
    char plain[256];
    if (name[0] == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0 || strlen(name) > 255) {
        return true;
    }
    simplify(name, plain);
    return strcasecmp(plain, ".git") == 0 || strcasecmp(plain, "git~1") == 0;
}

/* --- Failures ------------------------------------------------------------------------------------
 */

static const char *shown(struct writer *w, const char *path)
{
    char *s = arena_strdup(&w->a, path);
    for (char *p = s; *p != '\0'; p++) {
        *p = (unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f ? '?' : *p;
    }
    return s;
}

static int unsafe(struct writer *w, const char *path, const char *what)
{
    return err_set(w->e, ERR_INVALID, "UnsafeContent", "the repository's '%.200s' %s",
                   shown(w, path), what);
}

static int cannot_write(struct writer *w, const char *path)
{
    if (errno == EEXIST || errno == ENOTDIR || errno == ELOOP) {
        return unsafe(w, path, "stands there twice");
    }
    return err_set(w->e, ERR_INVALID, "WriteFailed", "'%.200s' cannot be written: %s",
                   shown(w, path), strerror(errno));
}

static int too_large(struct writer *w)
{
    return err_set(w->e, ERR_INVALID, "TooLarge",
                   "the commit has more than %d files or %lld GiB; keep data in a Dataset instead",
                   REPO_FILES_MAX, (long long)(REPO_BYTES_MAX >> 30));
}

static int git_failed(struct writer *w, const char *path)
{
    const git_error *g = git_error_last();
    return err_set(w->e, ERR_RETRY, "FetchFailed",
                   "the repository's '%.200s' cannot be read: %.120s", shown(w, path),
                   g != NULL ? g->message : "no reason given");
}

/* --- Files ---------------------------------------------------------------------------------------
 */

static int write_bytes(int fd, const char *p, int64_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, p, (size_t)n);
        if (put < 0) {
            return -1;
        }
        p += put;
        n -= put;
    }
    return 0;
}

static int write_file(struct writer *w, int folder, const char *name, const char *path,
                      const git_tree_entry *entry)
{
    git_blob *blob = NULL;
    bool executable = git_tree_entry_filemode(entry) == GIT_FILEMODE_BLOB_EXECUTABLE;
    if (git_blob_lookup(&blob, w->c->repo, git_tree_entry_id(entry)) < 0) {
        return git_failed(w, path);
    }
    int64_t n = (int64_t)git_blob_rawsize(blob);
    w->done.bytes += n;
    int r = ++w->done.files > REPO_FILES_MAX || w->done.bytes > REPO_BYTES_MAX ? too_large(w) : 0;
    if (r == 0) {
        int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 || write_bytes(fd, git_blob_rawcontent(blob), n) < 0 ||
            fchmod(fd, executable ? 0755 : 0644) < 0) {
            r = cannot_write(w, path);
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    git_blob_free(blob);
    return r;
}

/* Remembered for the end. */
static int note_link(struct writer *w, const char *path, const git_tree_entry *entry)
{
    git_blob *blob = NULL;
    if (git_blob_lookup(&blob, w->c->repo, git_tree_entry_id(entry)) < 0) {
        return git_failed(w, path);
    }
    size_t n = (size_t)git_blob_rawsize(blob);
    int r = ++w->done.files > REPO_FILES_MAX ? too_large(w) : 0;
    if (r == 0 &&
        (n == 0 || n > TARGET_MAX || memchr(git_blob_rawcontent(blob), '\0', n) != NULL)) {
        r = unsafe(w, path, "is a symbolic link to nowhere");
    }
    if (r == 0) {
        struct link *l = arena_push(&w->a, &w->links, &w->link_count, sizeof(*l));
        l->path = path;
        l->target = arena_strndup(&w->a, git_blob_rawcontent(blob), n);
    }
    git_blob_free(blob);
    return r;
}

/* True when the target, read as text from the link's folder, climbs above the top. */
static bool climbs_out(const struct link *l)
{
    int depth = 0;
    for (const char *p = l->path; (p = strchr(p, '/')) != NULL; p++) {
        depth++;
    }
    if (l->target[0] == '/') {
        return true;
    }
    for (const char *p = l->target; *p != '\0' && depth >= 0;) {
        size_t n = strcspn(p, "/");
        bool up = n == 2 && p[0] == '.' && p[1] == '.', stays = n == 0 || (n == 1 && p[0] == '.');
        depth += up ? -1 : stays ? 0 : 1;
        p += n + (p[n] == '/' ? 1 : 0);
    }
    return depth < 0;
}

static int make_link(struct writer *w, const struct link *l)
{
    const char *name;
    if (climbs_out(l)) {
        return unsafe(w, l->path, "is a symbolic link that leads out of it");
    }
    int parent = beneath_parent(w->c->folder, l->path, false, &name);
    int r = parent < 0 || symlinkat(l->target, parent, name) < 0 ? cannot_write(w, l->path) : 0;
    if (parent >= 0) {
        close(parent);
    }
    return r;
}

/* With all links in place: links over links may lead out where none of them does alone. */
static int check_link(struct writer *w, const struct link *l)
{
    int fd = beneath_open(w->c->folder, l->path, O_PATH);
    if (fd >= 0) {
        close(fd);
        return 0;
    }
    return errno == EXDEV || errno == ELOOP
               ? unsafe(w, l->path, "is a symbolic link that leads out of it")
               : 0;
}

static int make_links(struct writer *w)
{
    const struct link *links = w->links;
    for (size_t i = 0; i < w->link_count; i++) {
        if (make_link(w, &links[i]) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < w->link_count; i++) {
        if (check_link(w, &links[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

/* --- Trees ---------------------------------------------------------------------------------------
 */

static int write_tree(struct writer *w, git_tree *tree, int folder, const char *prefix, int depth);

static int write_below(struct writer *w, int folder, const char *path, const git_tree_entry *entry,
                       int depth)
{
    const char *name = git_tree_entry_name(entry);
    git_tree *below = NULL;
    int down = mkdirat(folder, name, 0755) == 0
                   ? openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                   : -1;
    if (down < 0) {
        return cannot_write(w, path);
    }
    int r = git_tree_lookup(&below, w->c->repo, git_tree_entry_id(entry)) < 0
                ? git_failed(w, path)
                : write_tree(w, below, down, arena_printf(&w->a, "%s/", path), depth + 1);
    git_tree_free(below);
    close(down);
    return r;
}

static int write_entry(struct writer *w, int folder, const char *prefix,
                       const git_tree_entry *entry, int depth)
{
    const char *name = git_tree_entry_name(entry),
               *path = arena_printf(&w->a, "%s%s", prefix, name);
    if (checkout_name_refused(name)) {
        return unsafe(w, path, "has a name that is not allowed in a repository");
    }
    switch (git_tree_entry_filemode(entry)) {
    case GIT_FILEMODE_TREE:
        return write_below(w, folder, path, entry, depth);
    case GIT_FILEMODE_BLOB:
    case GIT_FILEMODE_BLOB_EXECUTABLE:
        return write_file(w, folder, name, path, entry);
    case GIT_FILEMODE_LINK:
        return note_link(w, path, entry);
    case GIT_FILEMODE_COMMIT:
        w->done.submodules++;
        return mkdirat(folder, name, 0755) < 0 ? cannot_write(w, path) : 0;
    case GIT_FILEMODE_UNREADABLE:
        break;
    }
    return unsafe(w, path, "is neither a file, a folder nor a link");
}

static int write_tree(struct writer *w, git_tree *tree, int folder, const char *prefix, int depth)
{
    if (depth > DEPTH_MAX || strlen(prefix) > 4000) {
        return unsafe(w, prefix, "lies too deep");
    }
    for (size_t i = 0; i < git_tree_entrycount(tree); i++) {
        if (write_entry(w, folder, prefix, git_tree_entry_byindex(tree, i), depth) < 0) {
            return -1;
        }
    }
    return 0;
}

int checkout_write(const struct checkout *c, struct repo_files *ret, struct err *e)
{
    struct writer w = {.c = c, .e = e};
    int r = c->tree != NULL ? write_tree(&w, c->tree, c->folder, "", 0)
                            : write_entry(&w, c->folder, "", c->entry, 0);
    if (r == 0) {
        r = make_links(&w);
    }
    *ret = w.done;
    arena_done(&w.a);
    return r;
}
