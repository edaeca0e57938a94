#include "cmd/kubectl-dkube/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

int options_parse(int argc, char **argv, bool complain, struct options *ret)
{
    static const struct option longs[] = {{"namespace", required_argument, NULL, 'n'},
                                          {"context", required_argument, NULL, 'c'},
                                          {"kubeconfig", required_argument, NULL, 'k'},
                                          {"output", required_argument, NULL, 'o'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int ch;

    opterr = complain;
    while ((ch = getopt_long(argc, argv, "n:o:h", longs, NULL)) != -1) {
        if (ch == 'n') {
            ret->ns = optarg;
        } else if (ch == 'c') {
            ret->context = optarg;
        } else if (ch == 'k') {
            ret->kubeconfig = optarg;
        } else if (ch == 'h') {
            ret->help = true;
        } else if (ch == 'o' && strcmp(optarg, "json") == 0) {
            ret->as_json = true;
        } else if (ch == 'o') {
            if (complain) {
                fprintf(stderr, "error: -o '%s': the one format is json\n", optarg);
            }
            return -1;
        } else {
            return -1;
        }
    }
    return 0;
}
