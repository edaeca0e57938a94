/*
 * store — content-addressed data over HTTP for the pods of groups.
 */
#include <argp.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/log.h"
#include "cmd/store/service.h"

const char *argp_program_version = "store " DKUBE_VERSION;

struct conf {
    struct service_conf service;
    enum log_level level;
};

static error_t on_option(int key, char *arg, struct argp_state *state)
{
    struct conf *c = state->input;
    switch (key) {
    case 'r':
        c->service.root = arg;
        return 0;
    case 'l':
        c->service.listen = arg;
        return 0;
    case 'k':
        c->service.kubeconfig = arg;
        return 0;
    case 'v':
        if (log_level_parse(arg, &c->level) < 0) {
            argp_error(state, "--log-level is debug, info, warn or error");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"root", 'r', "DIR", 0, "folder that holds the content (needed)", 0},
        {"listen", 'l', "ADDR:PORT", 0, "where to serve, default 127.0.0.1:0", 0},
        {"kubeconfig", 'k', "FILE", 0, "the API server; default $KUBECONFIG, then the pod's", 0},
        {"log-level", 'v', "LEVEL", 0, "debug, info, warn or error", 0},
        {0}};
    static const struct argp argp = {
        options, on_option, NULL, "Keeps content for the pods of groups.", NULL, NULL, NULL};
    struct conf conf = {.service.listen = "127.0.0.1:0", .level = LOG_INFO};
    char port[16];
    struct rlimit no_core = {0, 0};
    struct err e;

    setrlimit(RLIMIT_CORE, &no_core);
    argp_parse(&argp, argc, argv, 0, NULL, &conf);
    log_init("store", conf.level, false);
    if (conf.service.root == NULL) {
        LOG_E("--root is missing: name the folder that holds the content", NULL);
        return 2;
    }
    struct service *s = service_start(&conf.service, &e);
    if (s == NULL) {
        LOG_E("cannot start", "reason", e.reason, "error", e.text, NULL);
        return 1;
    }
    snprintf(port, sizeof(port), "%d", service_port(s));
    LOG_I("serving", "listen", conf.service.listen, "port", port, "root", conf.service.root, NULL);
    service_run(s);
    LOG_I("ending", NULL);
    service_stop(s);
    return 0;
}
