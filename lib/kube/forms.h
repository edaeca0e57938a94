/*
 * forms.h — inside lib/kube: in which forms a watch asks for its kind, and how an event in JSON
 * reads as the one that protobuf gives (api/protoscan.h).
 */
#ifndef DKUBE_KUBE_FORMS_H
#define DKUBE_KUBE_FORMS_H

#include "api/protoscan.h"
#include "api/scan.h"

/* The value of Accept, arena memory: of a watch, or of a page of a list. */
const char *forms_accept(struct arena *a, const struct kind *k, bool protobuf, bool list);

/* A scanner of events with objects of this kind, owned by the caller. */
struct scan *forms_json_scan(const struct kind *k);

/* Blanks between values are passed over; is what follows an object, as every event is? */
bool forms_begin_json(struct span *chunk);

/* The event that ended in it, in the arena. */
int forms_json_event(struct scan *s, struct arena *a, struct proto_event *ret,
                     struct err *e) MUSTCHECK;

#endif
