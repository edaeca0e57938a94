/*
 * err.h — one failure, carried by value; the same value feeds conditions, Events, logs and the work
 * queue.
 *
 * Functions that can fail return 0 or -1 and take `struct err *e` as their last parameter; e is
 * untouched on success and may not be NULL. `kind` decides what the work queue does, `reason`
 * (CamelCase) becomes Condition.reason, `text` the message: lower case, no full stop, the 'subject'
 * in quotes, and what to do about it. Callers that add context prefix it with err_in().
 */
#ifndef DKUBE_BASE_ERR_H
#define DKUBE_BASE_ERR_H

#include "base/attr.h"

enum err_kind {
    ERR_OK,
    ERR_RETRY,    /* transient: try again with back-off */
    ERR_CONFLICT, /* somebody else wrote: look again */
    ERR_NOT_FOUND,
    ERR_GONE,      /* the resource version is too old: relist */
    ERR_FORBIDDEN, /* our own rights do not suffice */
    ERR_INVALID,   /* the user must act: no requeue */
    ERR_BUG,       /* ours: logged loudly */
};

struct err {
    enum err_kind kind;
    const char *reason; /* borrowed, static */
    char text[512];
};

/* Fills *e; always returns -1, so `return err_set(e, …)` reads as the failure it is. */
int err_set(struct err *e, enum err_kind kind, const char *reason, const char *fmt, ...)
    PRINTF(4, 5);

/* Prefixes "context: " to e->text, cutting its end if need be; always returns -1. */
int err_in(struct err *e, const char *fmt, ...) PRINTF(2, 3);

/* Back to "no failure". */
void err_clear(struct err *e);

#endif
