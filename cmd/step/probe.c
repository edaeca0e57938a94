/* probe.c — the small helpers of a pod: is collect waiting, and the probe copied to where it can be
 * run. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/span.h"
#include "cmd/step/step.h"

#define PROBE "/usr/lib/dkube/probe"

int step_ready(const struct step *s, struct err *e)
{
    return access(s->ready_file, F_OK) == 0
               ? 0
               : err_set(e, ERR_RETRY, "NotReady", "collect does not wait yet");
}

static int copy(int from, int to)
{
    struct stat st;
    off_t at = 0;
    if (fstat(from, &st) < 0) {
        return -1;
    }
    while (at < st.st_size) {
        if (sendfile(to, from, &at, (size_t)(st.st_size - at)) <= 0) {
            return -1;
        }
    }
    return fchmod(to, 0755);
}

/* A temporary name first: an interrupted copy must not look like the probe. */
int step_install_probe(const struct step *s, struct err *e)
{
    const char *source = s->path != NULL ? s->path : PROBE;
    char temp[4096], name[4096];
    if (str_empty(s->argument)) {
        return err_set(e, ERR_INVALID, "InvalidConfig", "install-probe needs a folder");
    }
    snprintf(temp, sizeof(temp), "%s/.probe.part", s->argument);
    snprintf(name, sizeof(name), "%s/probe", s->argument);
    int from = open(source, O_RDONLY | O_CLOEXEC);
    int to = from >= 0 ? open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755) : -1;
    bool ok = to >= 0 && copy(from, to) == 0;
    int kept = errno;
    if (to >= 0) {
        ok = close(to) == 0 && ok && rename(temp, name) == 0;
    }
    if (from >= 0) {
        close(from);
    }
    return ok ? 0
              : err_set(e, ERR_RETRY, "InstallFailed", "'%s' cannot be copied to '%s': %s", source,
                        name, strerror(kept));
}
