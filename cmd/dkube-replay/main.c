/*
 * dkube-replay — makes the plans of a recording again: finds which program wrote it and runs that
 * one, from the same folder, with --replay.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kube/replay.h"

enum { EXIT_USAGE = 2 };

/* The folder of this program. */
static const char *own_folder(struct arena *a)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (n <= 0) {
        return ".";
    }
    path[n] = '\0';
    *strrchr(path, '/') = '\0';
    return arena_strdup(a, path);
}

/* A file from elsewhere must not choose what is run. */
static bool is_ours(const char *name)
{
    static const char *const names[] = {"resource-controller", "run-controller", "model-controller",
                                        "deployment-controller"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct err e;
    const char *name;

    if (argc != 2 || argv[1][0] == '-') {
        FILE *out = argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr;

        fprintf(out, "Usage: dkube-replay FILE\n\n"
                     "Makes the plans again that a controller recorded with --record=FILE. Each "
                     "plan that has\nchanged is shown as a diff. Exit status: 0 none changed, 1 "
                     "some did, 2 FILE can not be\nreplayed. A controller of your own replays its "
                     "recordings by itself: PROGRAM --replay=FILE.\n");
        return out == stdout ? 0 : EXIT_USAGE;
    }
    if (replay_program(&a, argv[1], &name, &e) < 0) {
        fprintf(stderr, "dkube-replay: %s\n", e.text);
        return EXIT_USAGE;
    }
    if (!is_ours(name)) {
        fprintf(stderr, "dkube-replay: '%s' was recorded by '%s': use that program's --replay\n",
                argv[1], name);
        return EXIT_USAGE;
    }
    char *program = arena_printf(&a, "%s/%s", own_folder(&a), name);
    char *option = arena_printf(&a, "--replay=%s", argv[1]);

    execv(program, (char *[]){program, option, NULL});
    fprintf(stderr, "dkube-replay: cannot run %s, which recorded this: %s\n", program,
            strerror(errno));
    return EXIT_USAGE;
}
