/*
 * wire.h — a transport that goes nowhere: it keeps each request until the test answers it, and its
 * clock is a number. It knows nothing of Kubernetes: the test says every word of a reply.
 */
#ifndef DKUBE_TEST_WIRE_H
#define DKUBE_TEST_WIRE_H

#include <stdbool.h>

#include "kube/transport.h"

#define WIRE_MAX 512

struct wire_request {
    char *method, *path, *type, *body; /* owned; "" where absent */
    int64_t timeout_ms;
    http_done_fn *done; /* NULL: answered */
    void *ctx;
};

struct wire {
    struct transport t;
    int64_t now_ms; /* both clocks */
    struct wire_request list[WIRE_MAX];
    size_t count;
    /* When set, each request is answered while it is sent: with this status and body. */
    int at_once;
    const char *at_once_body;
};

void wire_init(struct wire *w); /* the clock begins at 1,000,000 s */
void wire_done(struct wire *w);

/* The i-th request; the last one. Fails the test when there is none. */
const struct wire_request *wire_at(const struct wire *w, size_t i);
const struct wire_request *wire_last(const struct wire *w);
size_t wire_open(const struct wire *w); /* requests without an answer */

/* Answers the oldest open request. */
void wire_answer(struct wire *w, int status, const char *body);
void wire_answer_later(struct wire *w, int status, int64_t retry_after_ms);
void wire_lose(struct wire *w);  /* it was sent, no reply came */
void wire_break(struct wire *w); /* it was never sent */

/* Asserts what the last request was; body_part is searched in its body (NULL: any). */
void wire_expect(const struct wire *w, const char *method, const char *path, const char *body_part);

/* A Status of the API server, in static storage. */
const char *wire_status(int code, const char *reason, const char *message);

#endif
