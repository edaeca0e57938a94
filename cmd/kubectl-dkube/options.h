/*
 * options.h — the plugin's own options, as commands and shell completion read them.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_OPTIONS_H
#define DKUBE_CMD_KUBECTL_DKUBE_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *ns, *context, *kubeconfig; /* borrowed from argv; NULL: not given */
    bool help, as_json;                    /* as_json: -o json */
};

/* Leaves `optind` at the first word that is no option; argv is permuted. complain: getopt says on
 * standard error what is wrong. -1: an unknown option, one without its value, or an -o
 * other than json. */
int options_parse(int argc, char **argv, bool complain, struct options *ret);

#endif
