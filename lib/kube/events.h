/*
 * events.h — Kubernetes Events (events.k8s.io/v1) of a program, sent beside the passes.
 *
 * The same (object, type, reason, action, note) within ten minutes is one Event whose series count
 * is patched; an object may cause 25 requests in a row, then one in five minutes; what is over that
 * is counted, not sent. Events of cluster-scoped objects go to the namespace `default`. Names are
 * derived from the series, so a POST is safe to be sent twice. At most LIMIT_EVENTS_PENDING wait;
 * recording never blocks and never fails. The transport is borrowed; one thread.
 */
#ifndef DKUBE_KUBE_EVENTS_H
#define DKUBE_KUBE_EVENTS_H

#include "kube/plan.h"
#include "kube/transport.h"

struct events;

/* controller: reportingController ("dkube.io/<program>"); instance: of this process. Both copied.
 */
struct events *events_new(struct transport *t, const char *controller, const char *instance);
void events_free(struct events *ev); /* requests in flight must have ended or never will */

/* Copies `e`; it is sent by a later events_step(). */
void events_record(struct events *ev, const struct event *e);

/* Starts what is due; returns the boot time at which to call again, 0: when something is recorded.
 */
int64_t events_step(struct events *ev);

struct events_stats {
    size_t pending, in_flight, series;
    uint64_t recorded, sent, dropped; /* dropped: queue full, over the rate, or refused */
};
void events_stats(const struct events *ev, struct events_stats *ret);

#endif
