/*
 * write.h — inside lib/kube: the write law (plan.h). An operation becomes a request; its reply, or
 * the lack of one, becomes what the pass does next. Pure functions; results are arena memory.
 */
#ifndef DKUBE_KUBE_WRITE_H
#define DKUBE_KUBE_WRITE_H

#include "http/http.h"
#include "kube/plan.h"

/* The request of an operation; manager: the field manager when the operation names none. -1: an
 * operation that the law forbids (a delete without uid), ERR_BUG. */
int write_request(struct arena *a, const struct op *op, const char *manager,
                  struct http_request *ret, struct err *e);

enum write_next {
    WRITE_DONE,    /* it is as wanted; a wait says when the cache will show it */
    WRITE_LOOK,    /* create: the name exists, a GET tells whose it is */
    WRITE_UNKNOWN, /* perhaps: a live GET decides before the next plan */
    WRITE_STALE,   /* our picture is old: plan again */
    WRITE_RETRY,   /* surely not done, and may succeed later */
    WRITE_REFUSED, /* surely not done, and will not be until somebody changes something */
};

/* What a reply tells of the object. */
struct written {
    const char *uid, *rv;      /* NULL: it did not say */
    const char *owner;         /* its controller's uid; "": it has none */
    const struct json *labels; /* arena; NULL: none */
    bool gone;                 /* a delete: it is gone or on its way */
    bool marked;               /* the object has a deletionTimestamp */
};

enum write_next write_judge(struct arena *a, const struct op *op, const struct http_response *r,
                            struct written *ret, struct err *e);

/* The reply to the GET after WRITE_LOOK: ours is DONE, another's is REFUSED with reason NameTaken.
 */
enum write_next write_judge_owner(struct arena *a, const struct op *op,
                                  const struct http_response *r, struct written *ret,
                                  struct err *e);

/* A create found its object (WRITE_DONE), but no watch shows that: the operation that puts back the
 * labels which somebody took from it. False when it has all that the body gives it. */
bool write_relabel(struct arena *a, const struct op *create, const struct written *found,
                   struct op *ret);

/* uid, resourceVersion, controller, labels and mark of deletion of an object's JSON; -1 when it is
 * none. */
int written_parse(struct arena *a, const char *body, size_t len, struct written *ret);

const char *op_verb_name(enum op_verb v); /* "create" … */

#endif
