/*
 * refused.h — inside lib/kube: what the API server refused, kept from the pass that was ended by it
 * to the key's next one.
 *
 * At most one a key: a pass ends at the first. Nothing here outlives the process, and nothing needs
 * to: a plan that was not told sends the operation again and is refused again. Texts are copied.
 * One thread.
 */
#ifndef DKUBE_KUBE_REFUSED_H
#define DKUBE_KUBE_REFUSED_H

#include "kube/plan.h"
#include "kube/queue.h"

struct refusals;
struct refusals *refusals_new(void); /* owned */
void refusals_free(struct refusals *l);

/* Replaces what is kept for the key. */
void refusals_keep(struct refusals *l, const struct queue_key *key, const struct refused *r);
/* What is kept for the key, in `a`, and forgets it; NULL: nothing. */
const struct refused *refusals_take(struct refusals *l, struct arena *a,
                                    const struct queue_key *key);
size_t refusals_count(const struct refusals *l);

#endif
