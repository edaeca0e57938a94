#include "base/landing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"

enum { FOLDER = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

static int bad(const char *dir, struct err *e)
{
    return err_set(e, ERR_INVALID, "BadFolder", "the folder '%s' cannot be written: %s", dir,
                   strerror(errno));
}

static bool goes_up(const char *dir)
{
    for (const char *s = strstr(dir, "/.."); s != NULL; s = strstr(s + 1, "/..")) {
        if (s[3] == '\0' || s[3] == '/') {
            return true;
        }
    }
    return false;
}

static int make_parents(const char *dir)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof(path), "%s", dir) >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) < 0 && errno != EEXIST) {
            return -1;
        }
        *slash = '/';
    }
    return mkdir(path, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

static int make_part(struct landing *l)
{
    unsigned long long r = 0;
    if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r)) {
        return -1;
    }
    snprintf(l->name, sizeof(l->name), ".dkube-%016llx", r);
    if (mkdirat(l->folder, l->name, 0755) < 0) {
        return -1;
    }
    l->part = openat(l->folder, l->name, FOLDER | O_NOFOLLOW);
    return l->part < 0 ? -1 : 0;
}

int landing_begin(struct landing *l, const char *dir, struct err *e)
{
    *l = (struct landing){.dir = dir, .folder = -1, .part = -1};
    if (dir[0] != '/' || dir[strspn(dir, "/.")] == '\0' || goes_up(dir)) {
        return err_set(e, ERR_INVALID, "BadFolder",
                       "the folder '%s' is not an absolute path below / without '..'", dir);
    }
    if (make_parents(dir) < 0 || (l->folder = open(dir, FOLDER)) < 0 ||
        beneath_clear(l->folder) < 0 || make_part(l) < 0) {
        bad(dir, e);
        landing_abort(l);
        return -1;
    }
    return 0;
}

static int move_all(struct landing *l)
{
    int copy = openat(l->part, ".", FOLDER), r = 0;
    DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
    if (d == NULL) {
        return -1;
    }
    for (struct dirent *each = readdir(d); each != NULL && r == 0; each = readdir(d)) {
        if (strcmp(each->d_name, ".") != 0 && strcmp(each->d_name, "..") != 0) {
            r = renameat(l->part, each->d_name, l->folder, each->d_name);
        }
    }
    closedir(d);
    return r;
}

static void shut(struct landing *l)
{
    if (l->part >= 0) {
        close(l->part);
    }
    if (l->folder >= 0) {
        close(l->folder);
    }
    l->part = l->folder = -1;
}

int landing_commit(struct landing *l, struct err *e)
{
    if (move_all(l) < 0 || unlinkat(l->folder, l->name, AT_REMOVEDIR) < 0) {
        bad(l->dir, e);
        landing_abort(l);
        return -1;
    }
    shut(l);
    return 0;
}

void landing_abort(struct landing *l)
{
    if (l->part >= 0 && beneath_clear(l->part) == 0) {
        (void)unlinkat(l->folder, l->name, AT_REMOVEDIR);
    }
    shut(l);
}
