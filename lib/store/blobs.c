#include "store/blobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/span.h"
#include "store/listing.h"
#include "store/tree.h"

enum { NAME = 192, SYNC_EVERY = 16 << 20, FOLDER = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

struct blobs {
    int root, lock;
    struct listings listings; /* trees read lately */
};

struct blob_in {
    struct blobs *b;
    int fd;
    char ns[64], hex[SHA256_HEX], temp[NAME];
    struct sha256 *hash;
    size_t unsynced;
};

bool ns_valid(const char *ns)
{
    size_t n = strlen(ns);
    return n > 0 && n < 64 && strspn(ns, "abcdefghijklmnopqrstuvwxyz0123456789-") == n &&
           ns[0] != '-' && ns[n - 1] != '-';
}

/* --- Names ---------------------------------------------------------------------------------------
 */

static void blob_name(char ret[NAME], const char *hex)
{
    snprintf(ret, NAME, "blobs/%.2s/%s", hex, hex);
}

static void marker_name(char ret[NAME], const char *ns, const char *hex)
{
    snprintf(ret, NAME, "ns/%s/blobs/%.2s/%s", ns, hex, hex);
}

static void tree_name(char ret[NAME], const char *ns, const char *hex)
{
    snprintf(ret, NAME, "ns/%s/trees/%s", ns, hex);
}

/* --- Writing -------------------------------------------------------------------------------------
 */

static int failed(const char *what, struct err *e)
{
    if (errno == ENOSPC || errno == EDQUOT) {
        return err_set(e, ERR_RETRY, "StoreFull",
                       "the store's disk is full; ask an operator for more room");
    }
    return err_set(e, ERR_RETRY, "StoreFailed", "the store cannot %s: %s", what, strerror(errno));
}

/* Makes the folders of `name`, so that they last: each parent of a new folder is synced. */
static int make_folders(int root, const char *name)
{
    char path[NAME];
    int before = root;
    bool ok = true;
    snprintf(path, sizeof(path), "%s", name);
    for (char *slash = strchr(path, '/'); slash != NULL && ok; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int made = mkdirat(root, path, 0750);
        int fd = made == 0 || errno == EEXIST ? openat(root, path, FOLDER) : -1;
        ok = fd >= 0 && (made != 0 || fsync(before) == 0);
        if (before != root) {
            close(before);
        }
        before = fd;
        *slash = '/';
    }
    if (before >= 0 && before != root) {
        close(before);
    }
    return ok ? 0 : -1;
}

static int sync_folder_of(int root, const char *name)
{
    const char *ignored;
    int fd = beneath_parent(root, name, false, &ignored);
    int r = fd >= 0 ? fsync(fd) : -1;
    if (fd >= 0) {
        close(fd);
    }
    return r;
}

static int temp_file(struct blobs *b, char ret_name[NAME])
{
    unsigned long long r[2];
    if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r)) {
        return -1;
    }
    snprintf(ret_name, NAME, "tmp/%016llx%016llx", r[0], r[1]);
    return openat(b->root, ret_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
}

/* The synced temporary file gets its name. */
static int settle(struct blobs *b, const char *temp, const char *name)
{
    if (make_folders(b->root, name) < 0) {
        return -1;
    }
    return renameat(b->root, temp, b->root, name) < 0 ? -1 : sync_folder_of(b->root, name);
}

static int mark(struct blobs *b, const char *ns, const char *hex)
{
    char name[NAME];
    marker_name(name, ns, hex);
    if (faccessat(b->root, name, F_OK, 0) == 0) {
        return 0;
    }
    if (make_folders(b->root, name) < 0) {
        return -1;
    }
    int fd = openat(b->root, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) {
        return -1;
    }
    close(fd);
    return sync_folder_of(b->root, name);
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, p, n);
        if (w < 0 && errno != EINTR) {
            return -1;
        }
        p += w > 0 ? w : 0;
        n -= w > 0 ? (size_t)w : 0;
    }
    return 0;
}

/* --- Uploads -------------------------------------------------------------------------------------
 */

static void in_free(struct blob_in *in)
{
    if (in->fd >= 0) {
        close(in->fd);
    }
    if (in->temp[0] != '\0') {
        unlinkat(in->b->root, in->temp, 0);
    }
    sha256_free(in->hash);
    mem_free(in);
}

struct blob_in *blobs_begin(struct blobs *b, const char *ns, const char *hex, struct err *e)
{
    struct blob_in *in = mem_alloc(sizeof(*in));
    in->b = b;
    snprintf(in->ns, sizeof(in->ns), "%s", ns);
    snprintf(in->hex, sizeof(in->hex), "%s", hex);
    in->hash = sha256_new();
    in->fd = temp_file(b, in->temp);
    if (in->fd < 0) {
        in->temp[0] = '\0';
        failed("write", e);
        in_free(in);
        return NULL;
    }
    return in;
}

int blobs_add(struct blob_in *in, const void *p, size_t n, struct err *e)
{
    sha256_add(in->hash, p, n);
    in->unsynced += n;
    if (write_all(in->fd, p, n) < 0 || (in->unsynced >= SYNC_EVERY && fdatasync(in->fd) < 0)) {
        return failed("write", e);
    }
    in->unsynced = in->unsynced >= SYNC_EVERY ? 0 : in->unsynced;
    return 0;
}

static int commit(struct blob_in *in, struct err *e)
{
    char hex[SHA256_HEX], name[NAME];
    sha256_finish(in->hash, hex);
    in->hash = NULL;
    if (!str_eq(hex, in->hex)) {
        return err_set(e, ERR_INVALID, "DigestMismatch",
                       "what came has the digest sha256:%s, not sha256:%s", hex, in->hex);
    }
    blob_name(name, hex);
    if (fsync(in->fd) < 0 || settle(in->b, in->temp, name) < 0) {
        return failed("keep it", e);
    }
    in->temp[0] = '\0';
    return mark(in->b, in->ns, hex) < 0 ? failed("keep it", e) : 0;
}

int blobs_commit(struct blob_in *in, struct err *e)
{
    int r = commit(in, e);
    in_free(in);
    return r;
}

void blobs_abort(struct blob_in *in)
{
    if (in != NULL) {
        in_free(in);
    }
}

bool blobs_has(struct blobs *b, const char *ns, const char *hex, int64_t *ret_size)
{
    char marker[NAME], name[NAME];
    struct stat st;
    marker_name(marker, ns, hex);
    blob_name(name, hex);
    if (faccessat(b->root, marker, F_OK, 0) < 0 || fstatat(b->root, name, &st, 0) < 0) {
        return false;
    }
    *ret_size = st.st_size;
    return true;
}

/* --- Trees ---------------------------------------------------------------------------------------
 */

static int check_files(struct blobs *b, const char *ns, const struct tree *t, struct err *e)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct tree_file *f = &t->files[i];
        int64_t size;
        if (!blobs_has(b, ns, f->hex, &size)) {
            return err_set(e, ERR_INVALID, "MissingBlob",
                           "the content of '%.200s' (%s) was not put by namespace '%s'", f->path,
                           f->hex, ns);
        }
        if (size != f->size) {
            return err_set(e, ERR_INVALID, "InvalidTree", "'%.200s' has %lld bytes, not %lld",
                           f->path, (long long)size, (long long)f->size);
        }
    }
    return 0;
}

static int keep_tree(struct blobs *b, const char *name, const char *text, size_t n, struct err *e)
{
    char temp[NAME];
    int fd = temp_file(b, temp), r = 0;
    if (fd < 0) {
        return failed("write", e);
    }
    if (write_all(fd, text, n) < 0 || fsync(fd) < 0 || settle(b, temp, name) < 0) {
        r = failed("keep it", e);
        unlinkat(b->root, temp, 0);
    }
    close(fd);
    return r;
}

int blobs_put_tree(struct blobs *b, const char *ns, const char *hex, const char *text, size_t n,
                   struct err *e)
{
    char have[SHA256_HEX], name[NAME];
    struct arena a = {0};
    struct tree t;
    sha256_hex(text, n, have);
    if (!str_eq(have, hex)) {
        return err_set(e, ERR_INVALID, "DigestMismatch",
                       "what came has the digest sha256:%s, not sha256:%s", have, hex);
    }
    tree_name(name, ns, hex);
    int r = tree_parse(&a, text, n, &t, e);
    if (r == 0) {
        r = check_files(b, ns, &t, e);
    }
    arena_done(&a);
    return r < 0 ? -1 : keep_tree(b, name, text, n, e);
}

static int open_file(struct blobs *b, const char *name, int64_t *ret_size)
{
    struct stat st;
    int fd = openat(b->root, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) < 0) {
        close(fd);
        return -1;
    }
    if (fd >= 0) {
        *ret_size = st.st_size;
    }
    return fd;
}

int blobs_read_tree(struct blobs *b, const char *ns, const char *hex, int64_t *ret_size)
{
    char name[NAME];
    tree_name(name, ns, hex);
    return open_file(b, name, ret_size);
}

int blobs_read(struct blobs *b, const char *ns, const char *tree, const char *hex,
               int64_t *ret_size)
{
    char name[NAME], marker[NAME];
    tree_name(name, ns, tree);
    marker_name(marker, ns, hex);
    if (faccessat(b->root, marker, F_OK, 0) < 0 ||
        !listings_have(&b->listings, b->root, name, hex)) {
        return -1;
    }
    blob_name(name, hex);
    return open_file(b, name, ret_size);
}

/* --- Life ----------------------------------------------------------------------------------------
 */

static int prepare(struct blobs *b, const char *root)
{
    b->root = open(root, FOLDER);
    b->lock = b->root >= 0 ? openat(b->root, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0640) : -1;
    if (b->lock < 0 || flock(b->lock, LOCK_EX | LOCK_NB) < 0) {
        return -1;
    }
    /* what an earlier process left unsynced lasts from here on */
    if (syncfs(b->root) < 0 || make_folders(b->root, "tmp/") < 0 ||
        make_folders(b->root, "blobs/") < 0 || make_folders(b->root, "ns/") < 0) {
        return -1;
    }
    int tmp = openat(b->root, "tmp", FOLDER);
    int r = tmp >= 0 ? beneath_clear(tmp) : -1;
    if (tmp >= 0) {
        close(tmp);
    }
    return r;
}

struct blobs *blobs_open(const char *root, struct err *e)
{
    struct blobs *b = mem_alloc(sizeof(*b));
    b->root = b->lock = -1;
    if (prepare(b, root) == 0) {
        return b;
    }
    if (errno == EWOULDBLOCK) {
        err_set(e, ERR_INVALID, "FolderInUse", "another store has the folder '%s'", root);
    } else {
        err_set(e, ERR_INVALID, "BadFolder", "the folder '%s' cannot be used: %s", root,
                strerror(errno));
    }
    blobs_close(b);
    return NULL;
}

void blobs_close(struct blobs *b)
{
    if (b == NULL) {
        return;
    }
    listings_done(&b->listings);
    if (b->lock >= 0) {
        close(b->lock);
    }
    if (b->root >= 0) {
        close(b->root);
    }
    mem_free(b);
}
