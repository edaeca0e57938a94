/*
 * gone.h — inside lib/kube: uids of objects that were removed lately, so that a write to one of
 * them is known to have been seen. The oldest are forgotten. One thread.
 */
#ifndef DKUBE_KUBE_GONE_H
#define DKUBE_KUBE_GONE_H

#include <stdbool.h>

#define TOMBSTONES 1024 /* uids remembered per kind */

struct tombstone; /* the set; NULL: empty */
/* uid: copied; NULL and what is too long for one are not remembered. */
void gone_remember(struct tombstone **set, const char *uid);
bool gone_has(struct tombstone *set, const char *uid);
void gone_free(struct tombstone *set);

#endif
