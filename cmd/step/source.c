/* source.c — repositories: asked again with back-off while that may help. */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/landing.h"
#include "base/log.h"
#include "cmd/step/step.h"

enum { FIRST_PAUSE_MS = 1000, PAUSE_MAX_MS = 30000 };

/* True when it is worth another try, after a pause. */
static bool again(const struct step *s, int64_t began_ms, int64_t *pause_ms, const struct err *e)
{
    if (e->kind != ERR_RETRY || clock_boot_ms() - began_ms + *pause_ms > s->patience_s * 1000) {
        return false;
    }
    LOG_W("trying again", "error", e->text, NULL);
    struct timespec t = {.tv_sec = *pause_ms / 1000, .tv_nsec = *pause_ms % 1000 * 1000000};
    nanosleep(&t, NULL);
    *pause_ms = *pause_ms * 2 < PAUSE_MAX_MS ? *pause_ms * 2 : PAUSE_MAX_MS;
    return true;
}

static void prepare(const struct step *s, struct repo_access *r)
{
    r->url = s->url;
    r->secret_dir = s->secret_dir;
    r->timeout_s = s->timeout_s;
}

int source_resolve(const struct step *s, struct repo_access *r, const char *ref,
                   char ret_commit[REPO_COMMIT], struct err *e)
{
    struct progress p = {.what = ref};
    int64_t began = clock_boot_ms(), pause = FIRST_PAUSE_MS;
    prepare(s, r);
    r->progress = progress_repo;
    r->ctx = &p;
    for (;;) {
        if (repo_resolve(r, ref, ret_commit, e) == 0) {
            return 0;
        }
        if (!again(s, began, &pause, e)) {
            return -1;
        }
    }
}

static int export_once(const struct step *s, const struct repo_access *r, const char *commit,
                       const char *dir, struct err *e)
{
    struct landing l;
    struct repo_files files;
    char count[32], size[32];
    if (landing_begin(&l, dir, e) < 0) {
        return -1;
    }
    if (repo_export(r, commit, s->path != NULL ? s->path : ".", l.part, &files, e) < 0) {
        landing_abort(&l);
        return -1;
    }
    if (files.submodules > 0) {
        LOG_W("submodules are left out", "commit", commit, NULL);
    }
    snprintf(count, sizeof(count), "%lld", (long long)files.files);
    snprintf(size, sizeof(size), "%lld", (long long)files.bytes);
    LOG_I("fetched", "commit", commit, "files", count, "bytes", size, NULL);
    return landing_commit(&l, e);
}

int source_export(const struct step *s, struct repo_access *r, const char *commit, const char *dir,
                  struct err *e)
{
    struct progress p = {.what = commit};
    int64_t began = clock_boot_ms(), pause = FIRST_PAUSE_MS;
    prepare(s, r);
    r->progress = progress_repo;
    r->ctx = &p;
    for (;;) {
        if (export_once(s, r, commit, dir, e) == 0) {
            return 0;
        }
        if (!again(s, began, &pause, e)) {
            return -1;
        }
    }
}
