/*
 * metered.h — inside lib/kube: a transport that counts what passes through another one
 * (rest_client_requests_total and its duration). Streams pass uncounted: their watchers have
 * figures.
 */
#ifndef DKUBE_KUBE_METERED_H
#define DKUBE_KUBE_METERED_H

#include "base/metrics.h"
#include "kube/transport.h"

struct metered;

/* All borrowed; host is a label. */
struct metered *metered_new(struct transport *below, struct metrics *m, const char *host);
struct transport *metered_transport(struct metered *t);
void metered_free(struct metered *t); /* when no reply can come any more */

#endif
