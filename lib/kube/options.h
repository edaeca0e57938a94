/*
 * options.h — inside lib/kube: the command line of a controller program.
 *
 * "--name=value" or "--name value"; flags are "--name" or "--name=false". What is not known here
 * goes to the program's own option function. Strings are borrowed from argv and the environment.
 */
#ifndef DKUBE_KUBE_OPTIONS_H
#define DKUBE_KUBE_OPTIONS_H

#include "base/log.h"
#include "kube/controller.h"

struct options {
    const char *kubeconfig, *context, *listen, *lease_namespace, *poison_file;
    const char *record, *replay, *dump_cache; /* files; NULL: no */
    int64_t record_bytes;
    bool watch_http2, json, dry_run, leader_elect, log_json, version, help;
    enum log_level log_level;
    int64_t scale_timeouts;
};

/* Fills *ret with the defaults, then from argv; last asks the program to check. */
int options_parse(struct options *ret, int argc, char **argv, const struct program *p,
                  struct err *e) MUSTCHECK;

/* The text of --help, to standard output. */
void options_help(const struct program *p);

#endif
