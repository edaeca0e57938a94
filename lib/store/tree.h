/*
 * tree.h — the manifest of a folder: one line a file, "<mode> <size> <sha256> <path>\n", sorted by
 * the bytes of the path. One folder has exactly one text, so the text's SHA-256 names the content.
 *
 * Modes are 100644 and 100755; folders exist by the files in them. A path is relative UTF-8 without
 * control characters, empty names, "." and "..". What parses is canonical: order, form and limits
 * are checked, so equal content cannot have two digests. Everything is arena memory. Pure, but for
 * tree_scan().
 */
#ifndef DKUBE_STORE_TREE_H
#define DKUBE_STORE_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/sha256.h"

#define TREE_FILES_MAX 500000        /* more files in one folder are refused */
#define TREE_TEXT_MAX (64 << 20)     /* bytes of a manifest */
#define TREE_PATH_MAX 2048           /* bytes of a path */
#define TREE_DIGEST (7 + SHA256_HEX) /* "sha256:", 64 digits and NUL */

struct tree_file {
    const char *path;
    int64_t size;
    char hex[SHA256_HEX];
    bool executable;
};
struct tree {
    struct tree_file *files; /* sorted by path */
    size_t count;
    int64_t size; /* of all files */
};

/* True for 64 lower-case hexadecimal digits. */
bool hex_valid(const char *s);
/* The digits of "sha256:…"; NULL for anything else. Borrowed. */
const char *digest_hex(const char *digest);

bool tree_path_valid(const char *path, size_t n);

/* ERR_INVALID, reason "InvalidTree", names the line and what is wrong with it. */
int tree_parse(struct arena *a, const char *text, size_t n, struct tree *ret,
               struct err *e) MUSTCHECK;
/* The canonical text and its length. */
const char *tree_text(struct arena *a, const struct tree *t, size_t *ret_len);

/* Told now and then how far a long action is; may be NULL. total 0: not known yet. */
typedef void tree_progress_fn(void *ctx, const char *doing, int64_t bytes, int64_t total);
struct tree_progress {
    tree_progress_fn *fn;
    void *ctx;
};

/* Reads the whole folder `dir` (an open descriptor, borrowed) and hashes it. Symbolic links to
 * files that stay inside count as those files. ERR_INVALID, reason "UnsuitableFile", names what
 * cannot be kept: links to folders or outside, devices, unreadable files, bad names. */
int tree_scan(struct arena *a, int dir, const struct tree_progress *progress, struct tree *ret,
              struct err *e) MUSTCHECK;

#endif
