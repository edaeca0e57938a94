/*
 * step — resolves, fetches, collects and imports in the pods of a group.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/span.h"
#include "cmd/step/options.h"

/* The subcommands that report. */
static const struct {
    const char *name;
    int (*fn)(struct step *s, const char **ret, struct err *e);
} commands[] = {{"resolve", step_resolve},
                {"fetch", step_fetch},
                {"collect", step_collect},
                {"import", step_import}};

/* SIGTERM may come at any moment: from here on it waits until collect takes it. */
static void hold_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void end(int signo)
{
    _exit(128 + signo);
}

/* The kernel keeps from a container's first process each signal that it has not asked for: it would
 * run on until the grace period is over. */
static void ask_for_signals(void)
{
    struct sigaction act = {.sa_handler = end};
    sigemptyset(&act.sa_mask);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
}

static int run(struct step *s, struct err *e)
{
    const char *allow = getenv("DKUBE_STEP_ALLOW_LOOPBACK"), *report = NULL;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (str_eq(commands[i].name, s->command)) {
            if (repo_begin(str_eq(allow, "1"), e) < 0 || step_configure(s, e) < 0 ||
                commands[i].fn(s, &report, e) < 0 || report_result(s, report, e) < 0) {
                return report_error(s, e);
            }
            LOG_I("done", "report", report, NULL);
            return 0;
        }
    }
    int r = str_eq(s->command, "ready") ? step_ready(s, e) : step_install_probe(s, e);
    if (r < 0) {
        LOG_E("failed", "error", e->text, NULL);
    }
    return r < 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct step s = {0};
    struct err e;
    struct rlimit no_core = {0, 0};
    if (argc > 1 && strcmp(argv[1], "collect") == 0) {
        hold_signals();
    } else {
        ask_for_signals();
    }
    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_CORE, &no_core);
    umask(022);
    step_defaults(&s);
    options_parse(argc, argv, &s);
    log_init("step", LOG_INFO, false);
    int status = run(&s, &e);
    repo_end();
    arena_done(&s.a);
    return status;
}
