/*
 * step.h — what DKube runs in the pods of a group: resolve, fetch, collect, import.
 *
 * Configuration comes from the environment (DKUBE_STEP, JSON) and from options, which win. Each
 * subcommand is a function of the configuration that writes its report and returns the exit status:
 * 0, 1 when the user must act, 75 when trying again may help. One thread.
 */
#ifndef DKUBE_CMD_STEP_STEP_H
#define DKUBE_CMD_STEP_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "git/repo.h"
#include "store/client.h"

#define STEP_LIST_MAX 256

struct step_input {
    const char *digest, *dir;
};
struct step_output {
    const char *name, *dir;
};
struct step {
    struct arena a;                 /* holds the texts that are not options */
    const char *command, *argument; /* of the command line */
    const char *url, *ref, *commit, *path;
    const char *code_dir; /* fetch: where the commit's files go; NULL: there is no code */
    const char *ns, *store;
    struct step_input inputs[STEP_LIST_MAX];
    size_t input_count;
    struct step_output outputs[STEP_LIST_MAX];
    size_t output_count;
    const char *config_file, *token_file, *secret_dir, *report_file, *ready_file;
    int64_t patience_s; /* the store may be away so long; a repository is asked again so long */
    int64_t timeout_s;  /* of one fetch of a repository */
};

/* conf.c: defaults, then DKUBE_STEP or the file; options already set win. ERR_INVALID
 * "InvalidConfig". */
void step_defaults(struct step *s);
int step_configure(struct step *s, struct err *e) MUSTCHECK;

/* report.c: the termination message, at most 4096 bytes. */
int report_result(const struct step *s, const char *json, struct err *e) MUSTCHECK;
/* Writes {"error": …}, logs it, and returns the exit status. */
int report_error(const struct step *s, const struct err *e);

/* progress.c: a line in the log every few seconds of a long transfer, with its rate. */
struct progress {
    const char *what; /* borrowed */
    int64_t began_ms, said_ms, said_bytes;
};
void progress_say(struct progress *p, const char *doing, int64_t bytes, int64_t total);
void progress_tree(void *ctx, const char *doing, int64_t bytes,
                   int64_t total); /* tree_progress_fn */
void progress_repo(void *ctx, int64_t bytes, int64_t objects, int64_t total_objects);

/* source.c: repositories, asked again while that may help. */
int source_resolve(const struct step *s, struct repo_access *r, const char *ref,
                   char ret_commit[REPO_COMMIT], struct err *e) MUSTCHECK;
/* Fills `dir`, all or nothing. */
int source_export(const struct step *s, struct repo_access *r, const char *commit, const char *dir,
                  struct err *e) MUSTCHECK;

/* The subcommands: *ret is the report (arena). */
int step_resolve(struct step *s, const char **ret, struct err *e) MUSTCHECK;
int step_fetch(struct step *s, const char **ret, struct err *e) MUSTCHECK;
int step_import(struct step *s, const char **ret, struct err *e) MUSTCHECK;
/* Waits for SIGTERM, which must be blocked already, before it does anything. */
int step_collect(struct step *s, const char **ret, struct err *e) MUSTCHECK;

/* probe.c */
int step_ready(const struct step *s, struct err *e) MUSTCHECK; /* has collect begun to wait? */
int step_install_probe(const struct step *s,
                       struct err *e) MUSTCHECK; /* copies the probe into a folder */

#endif
