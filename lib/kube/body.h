/*
 * body.h — inside lib/kube: request bodies of a plan, and whether they would change anything.
 *
 * Pure functions; results are arena memory. Bodies are parsed JSON objects.
 */
#ifndef DKUBE_KUBE_BODY_H
#define DKUBE_KUBE_BODY_H

#include "api/rec.h"

/* Where an object stands and which one it is; uid and rv NULL or "" are left out. */
struct body_meta {
    const struct kind *kind;
    const char *ns, *name, *uid;
    const char *rv; /* the state that the body was made from: another one is a 409 */
};

/* Parses a body; ends the process when it is not an object. */
const struct json *body_parse(struct arena *a, const char *text);

/* `body` with apiVersion, kind and metadata's name, namespace and uid, without nulls. */
const char *body_text(struct arena *a, const struct body_meta *m, const struct json *body);
/* A body of these and `status`, with the resource version. */
const char *body_status(struct arena *a, const struct body_meta *m, const struct json *status);

/* True when the rows that `live` keeps already hold every leaf of body. */
bool body_is_covered(const struct kind *k, const struct rec *live, const struct json *body);

/* True when `manager`, as an applier of the sub-resource ("" for the object), owns a leaf of `live`
 * that body does not have: then an apply would remove it. The whole body, or of the sub-resource
 * "status" what stands under that key. */
bool body_drops_owned(const struct kind *k, const struct rec *live, const char *manager,
                      const char *subresource, const struct json *body);

/* The slot of the row with this path and type, or -1. */
int rows_find(const struct rows *rows, const char *path, enum rec_type type);

#endif
