/*
 * client.h — whole folders to and from the store, for programs that may wait.
 *
 * Every request reads the token file again, since kubelets replace it. While the store is away (it
 * restarts, the network fails) requests are repeated with back-off until `patience_ms` have passed
 * since one first failed. What comes is verified: no byte of a wrong digest is ever left in place.
 * Not thread-safe. Errors: ERR_INVALID (UnsuitableFile, NoSuchTree, Forbidden, …), ERR_RETRY
 * (StoreUnavailable, StoreFull).
 */
#ifndef DKUBE_STORE_CLIENT_H
#define DKUBE_STORE_CLIENT_H

#include "store/tree.h"

struct store_client;
struct store_client_conf { /* borrowed until store_client_free */
    const char *url;       /* http://host:port, no trailing slash */
    const char *ns;
    const char *token_file;
    int64_t patience_ms;
    struct tree_progress progress; /* fn may be NULL */
};
struct store_tree {
    char digest[TREE_DIGEST];
    int64_t size;
    size_t files;
};

struct store_client *store_client_new(const struct store_client_conf *conf);
void store_client_free(struct store_client *c);

/* Hashes the folder, sends what this namespace has not put yet, then the manifest. Safe to repeat.
 * ERR_NOT_FOUND, reason "EmptyFolder": it is missing or holds no file. */
int store_put(struct store_client *c, const char *dir, struct store_tree *ret,
              struct err *e) MUSTCHECK;

/* Fills the folder with the tree, all or nothing; what was in it goes away (landing.h). */
int store_get(struct store_client *c, const char *digest, const char *dir, struct store_tree *ret,
              struct err *e) MUSTCHECK;

#endif
