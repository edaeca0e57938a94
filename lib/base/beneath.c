#include "base/beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, DEPTH_MAX = 256 };

/* Closes and keeps errno. */
static void shut(int fd)
{
    int kept = errno;
    close(fd);
    errno = kept;
}

/* The next name of *path into `name`; false at the end or, with errno set, for a bad one. */
static bool next_name(const char **path, char name[NAME_MAX + 1])
{
    const char *slash = strchr(*path, '/');
    size_t n = slash != NULL ? (size_t)(slash - *path) : strlen(*path);
    errno = n > NAME_MAX ? ENAMETOOLONG : EXDEV;
    if (n == 0 || n > NAME_MAX || (n == 1 && (*path)[0] == '.') ||
        (n == 2 && (*path)[0] == '.' && (*path)[1] == '.')) {
        return false;
    }
    memcpy(name, *path, n);
    name[n] = '\0';
    *path += slash != NULL ? n + 1 : n;
    return true;
}

int beneath_parent(int root, const char *path, bool make, const char **ret_name)
{
    char name[NAME_MAX + 1];
    int at = fcntl(root, F_DUPFD_CLOEXEC, 3);
    const char *rest = path;
    while (at >= 0 && strchr(rest, '/') != NULL) {
        int down = -1;
        if (next_name(&rest, name) && (!make || mkdirat(at, name, 0755) == 0 || errno == EEXIST)) {
            down = openat(at, name, FOLDER);
        }
        shut(at);
        at = down;
    }
    const char *last = rest;
    if (at >= 0 && !next_name(&rest, name)) {
        shut(at);
        return -1;
    }
    *ret_name = last;
    return at;
}

static int walk_open(int root, const char *path, int flags)
{
    const char *name;
    int parent = beneath_parent(root, path, false, &name);
    int fd = parent >= 0 ? openat(parent, name, flags | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (parent >= 0) {
        shut(parent);
    }
    return fd;
}

int beneath_open(int root, const char *path, int flags)
{
    struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
    if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
        return walk_open(root, path, flags);
    }
    return fd;
}

static int clear(int folder, int depth);

static int remove_entry(int folder, const char *name, int depth)
{
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT) {
        return 0;
    }
    if (errno != EISDIR && errno != EPERM) {
        return -1;
    }
    int down = openat(folder, name, FOLDER);
    if (down < 0) {
        return -1;
    }
    int r = clear(down, depth + 1);
    shut(down);
    if (r == 0 && unlinkat(folder, name, AT_REMOVEDIR) < 0 && errno != EBUSY) {
        r = -1;
    }
    return r;
}

static int clear(int folder, int depth)
{
    int copy = depth < DEPTH_MAX ? openat(folder, ".", FOLDER) : -1, r = 0;
    DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
    if (d == NULL) {
        return -1;
    }
    for (struct dirent *each = readdir(d); each != NULL && r == 0; each = readdir(d)) {
        if (strcmp(each->d_name, ".") != 0 && strcmp(each->d_name, "..") != 0) {
            r = remove_entry(folder, each->d_name, depth);
        }
    }
    closedir(d);
    return r;
}

int beneath_clear(int folder)
{
    return clear(folder, 0);
}
