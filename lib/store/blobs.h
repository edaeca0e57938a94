/*
 * blobs.h — content on disk, named by its SHA-256, and who has put it.
 *
 *     blobs/ab/<sha>            content; the same for all namespaces, kept once
 *     ns/<ns>/blobs/ab/<sha>    an empty file: this namespace has sent that content itself
 *     ns/<ns>/trees/<sha>       manifests
 *     tmp/                      what is being written; emptied at the start
 *
 * Nothing appears under its name before it is complete: temporary file, fsync, rename, fsync of the
 * folder. Several writers of the same content are fine. A namespace reads only what its own trees
 * list and can list only what it has put. One process a folder (a lock says so); not thread-safe.
 */
#ifndef DKUBE_STORE_BLOBS_H
#define DKUBE_STORE_BLOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct blobs;
/* NULL with *e when the folder cannot be used, or another process has it. Owned by the caller. */
struct blobs *blobs_open(const char *root, struct err *e) MUSTCHECK;
void blobs_close(struct blobs *b);

/* One upload. A struct blob_in is owned between blobs_begin and blobs_commit or blobs_abort.
 * Errors: ERR_INVALID (DigestMismatch), ERR_RETRY (StoreFull, StoreFailed). */
struct blob_in;
struct blob_in *blobs_begin(struct blobs *b, const char *ns, const char *hex,
                            struct err *e) MUSTCHECK;
int blobs_add(struct blob_in *in, const void *p, size_t n, struct err *e) MUSTCHECK;
/* Frees `in` in any case. */
int blobs_commit(struct blob_in *in, struct err *e) MUSTCHECK;
void blobs_abort(struct blob_in *in); /* NULL is fine */

/* True when this namespace has put it; its size in *ret_size. */
bool blobs_has(struct blobs *b, const char *ns, const char *hex, int64_t *ret_size);

/* Keeps a manifest. ERR_INVALID: DigestMismatch, InvalidTree, or MissingBlob naming a file whose
 * content this namespace has not put. */
int blobs_put_tree(struct blobs *b, const char *ns, const char *hex, const char *text, size_t n,
                   struct err *e) MUSTCHECK;

/* Descriptors for reading, and the size; -1 when there is none for this namespace (errno is ENOENT,
 * or 0 for a tree that cannot be read), or none can be had now (errno says why). */
int blobs_read_tree(struct blobs *b, const char *ns, const char *hex, int64_t *ret_size) MUSTCHECK;
int blobs_read(struct blobs *b, const char *ns, const char *tree, const char *hex,
               int64_t *ret_size) MUSTCHECK;

/* A namespace's name: a DNS label. */
bool ns_valid(const char *ns);

#endif
