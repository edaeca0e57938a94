#include "support/sh.h"

#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/arena.h"

extern char **environ;

int sh(const char *fmt, ...)
{
    struct arena a = {0};
    va_list ap;
    pid_t pid;
    int status = 0;
    va_start(ap, fmt);
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, arena_vprintf(&a, fmt, ap), NULL};
    va_end(ap);
    if (posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ) != 0 ||
        waitpid(pid, &status, 0) != pid) {
        abort();
    }
    arena_done(&a);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
