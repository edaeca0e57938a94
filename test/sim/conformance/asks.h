/*
 * asks.h — random requests to a Kubernetes API server, as sim-conformance.c sends them to a real
 * one and to the simulated one. Where a request names an object's uid or resourceVersion it holds a
 * mark, and each server is told its own: "@uid@", "@rv@", "@old@" (an earlier version).
 */
#ifndef DKUBE_SIM_ASKS_H
#define DKUBE_SIM_ASKS_H

#include "support/prop.h"

#define ASK_NAMES 4

enum ask_kind { ASK_CONFIGMAP, ASK_POD, ASK_WIDGET, ASK_KINDS };
struct ask {
    enum ask_kind kind;
    int name;                  /* of the object, "n0" …; -1: the collection */
    const char *method, *type; /* type: of the body, or NULL */
    const char *path, *body;   /* arena, with marks; body NULL: none */
    bool list;
};
extern const char *const ask_plurals[ASK_KINDS];
/* "/api/v1/namespaces/NS/pods". */
const char *ask_collection(struct arena *a, enum ask_kind k, const char *ns);
void ask_make(struct dice *d, struct arena *a, const char *ns, struct ask *ret);

#endif
