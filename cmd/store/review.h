/*
 * review.h — who holds a token: TokenReview with the audience dkube-store, remembered for at most
 * 60 s.
 *
 * review_auth() is called on the server's thread and answers from memory or asks on the loop's
 * thread; all else belongs to the loop's thread. Tokens are kept as SHA-256 only. Refusals are not
 * remembered.
 */
#ifndef DKUBE_CMD_STORE_REVIEW_H
#define DKUBE_CMD_STORE_REVIEW_H

#include "http/loop.h"
#include "kube/client.h"
#include "store/server.h"

struct review;

/* loop and client are borrowed and outlive it. Owned by the caller. */
struct review *review_new(struct loop *l, struct client *c);
/* Where answers go; before the loop runs. */
void review_serve(struct review *r, struct server *s);
/* After the server has ended. */
void review_free(struct review *r);

/* A server_auth_fn; ctx is the struct review. */
bool review_auth(void *ctx, uint64_t ask, const char *token, struct server_verdict *ret);

#endif
