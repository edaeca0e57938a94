/*
 * kubectl-dkube — the kubectl plugin: `kubectl dkube COMMAND`.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd/kubectl-dkube/complete.h"
#include "cmd/kubectl-dkube/lineage.h"
#include "cmd/kubectl-dkube/options.h"

static const char help[] =
    "Usage: kubectl dkube COMMAND [OPTION…]\n\n"
    "Commands:\n"
    "  lineage KIND/NAME   what made it: commit, data, image and command, as a tree\n"
    "                      KIND is deployment, run or version\n"
    "  version             the plugin's version\n\n"
    "Options:\n"
    "  -n, --namespace=NS  default: the context's namespace\n"
    "      --context=NAME  default: the kubeconfig's current context\n"
    "      --kubeconfig=F  default: $KUBECONFIG, then ~/.kube/config\n"
    "  -h, --help\n";

static int lineage(const struct options *o, const char *what)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct loop *l = loop_new();
    struct err e = {0};
    struct node *root = NULL;
    struct client *c = client_new(l, o->kubeconfig, o->context, "kubectl-dkube/" DKUBE_VERSION, &e);
    int rc = -1;

    if (c != NULL) {
        rc = lineage_tree(c, &a, o->ns != NULL ? o->ns : client_namespace(c), what, &root, &e);
    }
    if (rc == 0) {
        tree_draw(stdout, root);
    } else {
        fprintf(stderr, "error: %s\n", e.text);
    }
    client_free(c);
    loop_free(l);
    return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct options o = {0};

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
    if (strcmp(argv[optind], "lineage") != 0 || argc - optind != 2) {
        fprintf(stderr, "error: '%s': use lineage KIND/NAME, or see --help\n", argv[optind]);
        return 2;
    }
    return lineage(&o, argv[optind + 1]);
}
