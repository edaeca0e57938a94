/* report.c — the termination message, by which a pod tells its controller how it went. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/span.h"
#include "cmd/step/step.h"
#include "json/jsonw.h"

enum { MESSAGE_MAX = 4096, EXIT_USER = 1, EXIT_AGAIN = 75 };

static int write_message(const char *file, const char *text, struct err *e)
{
    size_t n = strlen(text);
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && write(fd, text, n) == (ssize_t)n;
    int kept = errno;
    if (fd >= 0) {
        close(fd);
    }
    return ok ? 0
              : err_set(e, ERR_RETRY, "ReportFailed", "'%s' cannot be written: %s", file,
                        strerror(kept));
}

int report_result(const struct step *s, const char *json, struct err *e)
{
    if (strlen(json) > MESSAGE_MAX) {
        return err_set(e, ERR_INVALID, "ReportTooLong",
                       "the report has %zu bytes, and %d are possible; use fewer outputs",
                       strlen(json), MESSAGE_MAX);
    }
    return write_message(s->report_file, json, e);
}

/* Controllers know few reasons; the sentence says the rest. */
static const char *public_reason(const struct step *s, const char *reason)
{
    static const char *const kept[] = {"UnknownRepository", "UnknownCommit", "UnknownPath",
                                       "InvalidConfig"};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        if (str_eq(reason, kept[i])) {
            return kept[i];
        }
    }
    if (str_eq(reason, "InvalidURL") || str_eq(reason, "AddressRefused")) {
        return "UnknownRepository";
    }
    return str_eq(s->command, "collect") ? "OutputUploadFailed" : "FetchFailed";
}

int report_error(const struct step *s, const struct err *e)
{
    struct arena a = {0};
    struct jsonw w;
    struct err ignored;
    const char *reason = public_reason(s, e->reason);
    jsonw_init(&w, &a);
    jsonw_obj(&w, NULL);
    jsonw_obj(&w, "error");
    jsonw_str(&w, "reason", reason);
    jsonw_str(&w, "message", e->text);
    jsonw_end(&w);
    jsonw_end(&w);
    LOG_E("failed", "reason", reason, "cause", e->reason, "error", e->text, NULL);
    if (write_message(s->report_file, jsonw_text(&w), &ignored) < 0) {
        LOG_E("cannot report", "error", ignored.text, NULL);
    }
    arena_done(&a);
    return e->kind == ERR_RETRY ? EXIT_AGAIN : EXIT_USER;
}
