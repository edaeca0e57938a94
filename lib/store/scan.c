/* scan.c — a folder becomes a tree: every file below it is read once and hashed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/mem.h"
#include "store/tree.h"

enum { DEPTH_MAX = 128, CHUNK = 1 << 17 };

struct scan {
    struct arena *a;
    int root;
    void *files; /* struct tree_file, arena */
    size_t count;
    int64_t size;
    const struct tree_progress *progress;
    struct err *e;
};

/* Names may hold anything: what would upset a terminal is shown as '?'. */
static int unsuitable(struct scan *s, const char *path, const char *what)
{
    char *shown = arena_strdup(s->a, path);
    for (char *p = shown; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f) {
            *p = '?';
        }
    }
    return err_set(s->e, ERR_INVALID, "UnsuitableFile", "'%.200s' %s", shown, what);
}

static int cannot_read(struct scan *s, const char *path)
{
    if (errno == EXDEV || errno == ELOOP) {
        return unsuitable(s, path, "is a symbolic link that leads outside; copy the file instead");
    }
    if (errno == ENOENT) {
        return unsuitable(s, path, "is a symbolic link to nothing; remove it or write the file");
    }
    if (errno == EACCES) {
        return unsuitable(s, path,
                          "is not readable for the platform; write it with mode 0644, its "
                          "folder with 0755");
    }
    return err_set(s->e, ERR_RETRY, "ReadFailed", "'%s' cannot be read: %s", path, strerror(errno));
}

static int hash_file(struct scan *s, int fd, struct tree_file *f)
{
    char *chunk = mem_alloc(CHUNK);
    struct sha256 *h = sha256_new();
    ssize_t n;
    while ((n = read(fd, chunk, CHUNK)) > 0) {
        sha256_add(h, chunk, (size_t)n);
        f->size += n;
        s->size += n;
        if (s->progress != NULL && s->progress->fn != NULL) {
            s->progress->fn(s->progress->ctx, "reading", s->size, 0);
        }
    }
    int kept = errno;
    sha256_finish(h, f->hex);
    mem_free(chunk);
    errno = kept;
    return n < 0 ? cannot_read(s, f->path) : 0;
}

static int add_file(struct scan *s, const char *path)
{
    struct stat st;
    int fd = beneath_open(s->root, path, O_RDONLY | O_NOCTTY | O_NONBLOCK), r;
    if (fd < 0) {
        return cannot_read(s, path);
    }
    if (fstat(fd, &st) < 0) {
        r = cannot_read(s, path);
    } else if (S_ISDIR(st.st_mode)) {
        r = unsuitable(s, path, "is a symbolic link to a folder; copy the folder instead");
    } else if (!S_ISREG(st.st_mode)) {
        r = unsuitable(s, path, "is neither a file nor a folder");
    } else if (s->count == TREE_FILES_MAX) {
        r = unsuitable(s, path, "is one file too many; pack the files into fewer");
    } else {
        struct tree_file *f = arena_push(s->a, &s->files, &s->count, sizeof(*f));
        f->path = path;
        f->executable = (st.st_mode & S_IXUSR) != 0;
        r = hash_file(s, fd, f);
    }
    close(fd);
    return r;
}

static int scan_folder(struct scan *s, int folder, const char *prefix, int depth);

static int scan_below(struct scan *s, int folder, const char *name, const char *path, int depth)
{
    int down = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (down < 0) {
        return cannot_read(s, path);
    }
    return scan_folder(s, down, arena_printf(s->a, "%s/", path), depth + 1);
}

static int scan_entry(struct scan *s, int folder, const char *prefix, const char *name, int depth)
{
    const char *path = arena_printf(s->a, "%s%s", prefix, name);
    struct stat st;
    if (!tree_path_valid(path, strlen(path))) {
        return unsuitable(s, path,
                          "is not a name that can be kept: UTF-8 without control characters");
    }
    if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return cannot_read(s, path);
    }
    if (S_ISDIR(st.st_mode)) {
        return scan_below(s, folder, name, path, depth);
    }
    if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) {
        return unsuitable(s, path, "is neither a file nor a folder");
    }
    return add_file(s, path);
}

/* The next entry but "." and ".."; NULL at the end or, with errno set, when it cannot be read. */
static const char *next_name(DIR *d)
{
    errno = 0;
    struct dirent *each = readdir(d);
    while (each != NULL && (strcmp(each->d_name, ".") == 0 || strcmp(each->d_name, "..") == 0)) {
        each = readdir(d);
    }
    return each != NULL ? each->d_name : NULL;
}

/* Takes over the descriptor. */
static int scan_folder(struct scan *s, int folder, const char *prefix, int depth)
{
    DIR *d = depth < DEPTH_MAX ? fdopendir(folder) : NULL;
    const char *name;
    int r = 0;
    if (d == NULL) {
        close(folder);
        return unsuitable(s, prefix, "lies too deep");
    }
    while (r == 0 && (name = next_name(d)) != NULL) {
        r = scan_entry(s, dirfd(d), prefix, name, depth);
    }
    if (r == 0 && errno != 0) {
        r = cannot_read(s, prefix);
    }
    closedir(d);
    return r;
}

static int by_path(const void *x, const void *y)
{
    const struct tree_file *f = x, *g = y;
    return strcmp(f->path, g->path);
}

int tree_scan(struct arena *a, int dir, const struct tree_progress *progress, struct tree *ret,
              struct err *e)
{
    struct scan s = {.a = a, .root = dir, .progress = progress, .e = e};
    int top = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (top < 0) {
        return cannot_read(&s, ".");
    }
    if (scan_folder(&s, top, "", 0) < 0) {
        return -1;
    }
    if (s.count > 1) {
        qsort(s.files, s.count, sizeof(struct tree_file), by_path);
    }
    *ret = (struct tree){.files = s.files, .count = s.count, .size = s.size};
    return 0;
}
