/*
 * present.h — inside lib/kube: at which resource version an API server's history stands.
 *
 * After a restore of etcd from a backup it stands before what a watch has seen. A watch from such a
 * version is not refused: the server keeps silent until its history has come as far again, and what
 * happened until then is never told. So a watch that broke asks first: the answer is a consistent
 * read, of one object's metadata. A server that does not answer was away, and may come back with
 * another history that is already as long: then all is listed anew, as a server that has just
 * started asks of nearly every watch anyway (410). (`etcdutl snapshot restore --bump-revision
 * --mark-compacted` avoids all this; not everybody does.)
 */
#ifndef DKUBE_KUBE_PRESENT_H
#define DKUBE_KUBE_PRESENT_H

#include "api/rec.h"
#include "base/arena.h"
#include "kube/transport.h"

/* `ns` NULL: of all. The reply is for present_read(); transport.forget(ctx) takes it back. */
void present_ask(struct transport *t, const struct kind *k, const char *ns, http_done_fn *done,
                 void *ctx);

/* The version, in the arena; -1: no answer, or none that says it. */
int present_read(struct arena *a, const struct http_response *r, const char **ret,
                 struct err *e) MUSTCHECK;

/* No answer, or that of somebody in front of the server. */
bool present_is_away(const struct http_response *r);

/* This refusal of a list says as much: it asked for a version that is still to come. */
bool present_is_before(const struct err *e);

#endif
