#include "cmd/step/options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *argp_program_version = "step " DKUBE_VERSION;

enum {
    OPT_URL = 256,
    OPT_REF,
    OPT_COMMIT,
    OPT_PATH,
    OPT_CONFIG,
    OPT_TOKEN,
    OPT_SECRET,
    OPT_REPORT,
    OPT_READY,
    OPT_PATIENCE,
    OPT_TIMEOUT
};

static const struct argp_option options[] = {
    {"url", OPT_URL, "URL", 0, "repository: http, https or ssh", 0},
    {"ref", OPT_REF, "NAME", 0, "branch or tag, default HEAD", 0},
    {"commit", OPT_COMMIT, "COMMIT", 0, "commit, branch or tag; goes before --ref", 0},
    {"path", OPT_PATH, "PATH", 0,
     "import: the folder in the repository, default .; install-probe: the probe itself", 0},
    {"config", OPT_CONFIG, "FILE", 0, "configuration, instead of $DKUBE_STEP", 0},
    {"token-file", OPT_TOKEN, "FILE", 0, "the store's token", 0},
    {"git-secret-dir", OPT_SECRET, "DIR", 0, "files of the repository's Secret", 0},
    {"termination-log", OPT_REPORT, "FILE", 0, "where the report goes", 0},
    {"ready-file", OPT_READY, "FILE", 0, "what collect makes when it waits", 0},
    {"patience", OPT_PATIENCE, "SECONDS", 0, "how long to try again, default 300", 0},
    {"timeout", OPT_TIMEOUT, "SECONDS", 0, "of one fetch of a repository, default 3600", 0},
    {0}};

static const char doc[] =
    "resolve: the commit that a branch, tag or commit of --url stands for.\n"
    "fetch: code and inputs of a run into their folders.\n"
    "collect: waits for SIGTERM, then stores the outputs of a run.\n"
    "import: a folder of a repository into the store.\n"
    "ready: succeeds once collect waits.\n"
    "install-probe DIR: copies the probe into DIR.\v"
    "DKUBE_STEP holds JSON: {\"namespace\",\"store\",\"code\":{\"url\",\"commit\",\"dir\"},"
    "\"inputs\":[{\"digest\",\"dir\"}],\"outputs\":[{\"name\",\"dir\"}]}. Exit status 1: correct "
    "what the "
    "report names; 75: trying again may help.";

static int64_t seconds(const char *arg, struct argp_state *state)
{
    char *end = NULL;
    long v = strtol(arg, &end, 10);
    if (end == arg || *end != '\0' || v < 0 || v > 86400) {
        argp_error(state, "'%s' is no number of seconds from 0 to 86400", arg);
    }
    return v;
}

static error_t on_text(int key, char *arg, struct step *s)
{
    const char **const texts[] = {&s->url,        &s->ref,         &s->commit,
                                  &s->path,       &s->config_file, &s->token_file,
                                  &s->secret_dir, &s->report_file, &s->ready_file};
    if (key < OPT_URL || key > OPT_READY) {
        return ARGP_ERR_UNKNOWN;
    }
    *texts[key - OPT_URL] = arg;
    return 0;
}

static error_t on_argument(char *arg, struct argp_state *state, struct step *s)
{
    static const char *const names[] = {"resolve", "fetch", "collect",
                                        "import",  "ready", "install-probe"};
    if (s->command != NULL) {
        if (s->argument != NULL || strcmp(s->command, "install-probe") != 0) {
            argp_error(state, "'%s' is one argument too many", arg);
        }
        s->argument = arg;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(arg, names[i]) == 0) {
            s->command = arg;
            return 0;
        }
    }
    argp_error(state, "there is no subcommand '%s'", arg);
    return EINVAL;
}

static error_t on_option(int key, char *arg, struct argp_state *state)
{
    struct step *s = state->input;
    switch (key) {
    case OPT_PATIENCE:
        s->patience_s = seconds(arg, state);
        return 0;
    case OPT_TIMEOUT:
        s->timeout_s = seconds(arg, state);
        return 0;
    case ARGP_KEY_ARG:
        return on_argument(arg, state, s);
    case ARGP_KEY_END:
        if (s->command == NULL) {
            argp_error(state, "which subcommand?");
        }
        return 0;
    default:
        return on_text(key, arg, s);
    }
}

void options_parse(int argc, char **argv, struct step *s)
{
    static const struct argp argp = {
        options, on_option, "resolve|fetch|collect|import|ready|install-probe [DIR]", doc, NULL,
        NULL,    NULL};
    argp_parse(&argp, argc, argv, 0, NULL, s);
}
