/*
 * watch.h — keeps one store of a cache equal to the API server: LIST + WATCH of one kind.
 *
 * WatchList first (sendInitialEvents, resourceVersion unset: a consistent read), paged LIST then
 * WATCH where the server refuses it (remembered per server). Bookmarks asked for; resourceVersion
 * advances with every event after the initial ones. 410 / Expired: relist in place, the old records
 * stay readable, the sweep of what was not seen again happens only at initial-events-end of the
 * same stream. 429, 5xx and broken connections keep the resourceVersion and back off 0.8 s × 2 up
 * to 30 s, jittered; a broken one asks the server where its history stands before it goes on
 * (present.h). An event ends where its JSON value or its frame ends, whatever the chunks. One
 * event over LIMIT_OBJECT_BYTES ends the stream.
 */
#ifndef DKUBE_KUBE_WATCH_H
#define DKUBE_KUBE_WATCH_H

#include "kube/cache.h"
#include "kube/transport.h"

struct watcher;

/* What a watcher tells. old/now are borrowed; both non-NULL for a change, now NULL for a deletion.
 * `initial` is true for events of an initial list. */
struct watch_sink {
    void *ctx;
    void (*changed)(void *ctx, const struct kind *k, const struct rec *old, const struct rec *now,
                    bool initial);
    void (*synced)(void *ctx, const struct kind *k); /* at the first sync and after each relist */
    void (*advanced)(void *ctx, const struct kind *k, const char *rv); /* the store has seen rv */
    void (*trouble)(void *ctx, const struct kind *k,
                    const struct err *e); /* for the log; retried */
};

struct watcher *watcher_new(struct loop *l, struct transport *t, struct caches *c,
                            const struct kind *k, const char *selector, const char *ns,
                            const struct watch_sink *sink);
/* The kind may come and go with its CustomResourceDefinition: when the server has said twice that
 * there is no such resource, the store is emptied (each object is told as deleted), the kind counts
 * as synced, and the server is asked again every LIMIT_WATCH_ABSENT_MS. Before watcher_start(). */
void watcher_optional(struct watcher *w);
/* Asks for protobuf, JSON where the server does not have it or once it sent it malformed, if all
 * that is kept of the kind can be had in it (api/proto.h); else does nothing. Before
 * watcher_start(). */
void watcher_protobuf(struct watcher *w);
void watcher_start(struct watcher *w);
void watcher_free(struct watcher *w);

struct watch_stats {
    bool synced, relisting, absent; /* absent: an optional kind that is not served now */
    const char *rv;                 /* borrowed until the next event */
    uint64_t events, relists, failures, bytes;
    int64_t last_event_ms; /* boot time */
};
void watcher_stats(const struct watcher *w, struct watch_stats *ret);

#endif
