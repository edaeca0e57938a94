/*
 * pods.h — the benches' objects, made from their number alone: 10.8 KB pods of which each has its
 * own values where a real cluster's have, and the Services that own eight of them each. `served`:
 * as an API server shows it (uid, resourceVersion, managedFields, status); else as one is created.
 */
#ifndef DKUBE_TEST_PODS_H
#define DKUBE_TEST_PODS_H

#include <stdbool.h>

#include "base/buf.h"

enum { PODS_PER_PARENT = 8 };

/* One JSON object without a line end. In a served pod "resourceVersion" has ten digits and the
 * annotation "bench/sent" nineteen, so that both can be overwritten in place. */
void pods_pod(struct buf *b, int i, bool served);
void pods_status(struct buf *b, int i); /* {"status":…} of that pod, as a merge patch */
/* Where `,"managedFields":[…]` is in a served pod, and how long it is; 0: nowhere. */
size_t pods_managed(const char *text, size_t *ret_len);
void pods_parent(struct buf *b, int i, bool served);

#endif
