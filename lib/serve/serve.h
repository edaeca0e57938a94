/*
 * serve.h — the small HTTP server of a program: /healthz /readyz /metrics /debug/state.
 *
 * libwebsockets runs in a thread of its own (at most 64 descriptors) and answers from a snapshot
 * that the program publishes: texts, copied under a lock. /healthz is 503 when the last heartbeat
 * is older than LIMIT_HEARTBEAT_MS, /readyz is 503 with a sentence until the program says it is
 * ready. /debug/state answers callers on this machine alone (kubectl port-forward is one): 403 for
 * others. GET and HEAD only. Never expose it beyond the cluster.
 */
#ifndef DKUBE_SERVE_SERVE_H
#define DKUBE_SERVE_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct serve;

/* listen: "ADDR:PORT" or "[ADDR]:PORT"; port 0 takes a free one. NULL with *e when it cannot. The
 * first heartbeat is now. */
struct serve *serve_start(const char *listen, struct err *e) MUSTCHECK;
/* 127.0.0.0/8 or ::1, also as IPv6 writes the former. */
bool serve_is_loopback(const char *address);
int serve_port(const struct serve *s);
void serve_stop(struct serve *s); /* joins the thread; NULL is fine */

/* From any one thread: the loop is alive. Cheap. */
void serve_beat(struct serve *s);

/* From any one thread; all copied. A NULL text keeps the former one. not_ready: the sentence of
 * /readyz's 503; "" is ready. metrics: text format 0.0.4; state: JSON. */
struct serve_snapshot {
    const char *not_ready, *metrics, *state;
};
void serve_publish(struct serve *s, const struct serve_snapshot *snap);

#endif
