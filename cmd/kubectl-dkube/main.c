/*
 * kubectl-dkube — the kubectl plugin: `kubectl dkube COMMAND`.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/kubectl-dkube/commands.h"
#include "cmd/kubectl-dkube/complete.h"
#include "cmd/kubectl-dkube/session.h"

static const char help[] =
    "Usage: kubectl dkube COMMAND [OPTION…]\n\n"
    "Commands:\n"
    "  why RUN             what a run waits for, who holds the GPUs, when it starts\n"
    "  queue POOL          what runs and waits in a pool, as a timeline\n"
    "  top                 the pools, what is in use of them, and who waits\n"
    "  verify              do the laws of the GPU ledger hold here? Exit code 1: no\n"
    "  lineage KIND/NAME   what made it: commit, data, image and command, as a tree\n"
    "                      KIND is deployment, run or version\n"
    "  version             the plugin's version\n\n"
    "Options:\n"
    "  -n, --namespace=NS  default: the context's namespace\n"
    "  -o, --output=json   why, top and verify: for programs\n"
    "      --context=NAME  default: the kubeconfig's current context\n"
    "      --kubeconfig=F  default: $KUBECONFIG, then ~/.kube/config\n"
    "  -h, --help\n";

static int run(const struct command *cmd, const struct options *o, const char *what)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct loop *l = loop_new();
    struct err e = {0};
    struct session s = {.a = &a, .as_json = o->as_json, .now_ms = clock_wall_ms()};
    int rc = -1;

    s.c = client_new(l, o->kubeconfig, o->context, "kubectl-dkube/" DKUBE_VERSION, &e);
    if (s.c != NULL) {
        s.ns = o->ns != NULL ? o->ns : client_namespace(s.c);
        rc = cmd->fn(&s, what, &e);
    }
    if (rc < 0) {
        fprintf(stderr, "error: %s\n", e.text);
    }
    client_free(s.c);
    loop_free(l);
    return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    const struct command *cmd;

    if (strstr(argv[0], "kubectl_complete") != NULL) {
        return complete(argc, argv);
    }
    if (options_parse(argc, argv, true, &o) < 0) {
        fprintf(stderr, "see kubectl dkube --help\n");
        return 2;
    }
    if (o.help || optind >= argc) {
        fputs(help, o.help ? stdout : stderr);
        return o.help ? 0 : 2;
    }
    if (strcmp(argv[optind], "version") == 0) {
        puts("kubectl-dkube " DKUBE_VERSION);
        return 0;
    }
    cmd = command_called(argv[optind]);
    if (cmd == NULL) {
        fprintf(stderr, "error: there is no command '%s'; see kubectl dkube --help\n",
                argv[optind]);
        return 2;
    }
    if (argc - optind - 1 != (cmd->takes != NULL)) {
        fprintf(stderr, "error: use kubectl dkube %s%s%s, or see --help\n", cmd->name,
                cmd->takes != NULL ? " " : "", cmd->takes != NULL ? cmd->takes : "");
        return 2;
    }
    return run(cmd, &o, argv[optind + 1]);
}
