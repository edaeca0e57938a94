/*
 * desk.h — a shell on a desk: one controller, caches filled by hand, and a transport that goes
 * nowhere.
 *
 * A root is the ConfigMap ns/r1 (uid root-uid), its child the Pod of the same name. What plan()
 * does is the test's: it sets d.planner. One desk a test: given…(), then desk_clear().
 */
#ifndef DKUBE_TEST_DESK_H
#define DKUBE_TEST_DESK_H

#include "api/kinds.gen.h"
#include "kube/shell.h"
#include "support/wire.h"

struct desk_view {
    const struct rec *root, *child;
    struct answers answers;
    const struct refused *refused;
    int64_t now_ms;
};

extern struct desk {
    struct wire w;
    struct caches *caches;
    struct shell *s;
    struct metrics *metrics;
    struct events *events;
    const struct program *program; /* what was given */
    const char *record;            /* set before given…(): a file to record to, or NULL */
    int64_t record_bytes;
    struct journal *journal;
    bool dry_run;        /* set before given…() */
    struct lease *lease; /* set before given…(): writes need it */
    struct arena a;      /* texts */
    void (*planner)(const struct desk_view *v, struct plan *p);
    int plans; /* how often plan() was called */
} d;

extern const struct controller
    root_controller; /* maps by itself and by owner; selects app=x pods */
extern const struct controller cluster_controller; /* root Pool, maps ConfigMaps by owner */
extern const struct controller singleton;          /* the key cluster, manager dkube-ledger */

void given(const struct controller *c);        /* nothing has synced, nobody acts */
void given_a_root(const struct controller *c); /* synced, acting, and r1 is there */
void lists_begin(void);
void lists_end(void);
void step(void);
void desk_clear(void);

/* {"metadata":{ns, name, uid, resourceVersion, label app=x, more}}; arena. */
const char *object(const char *name, const char *uid, const char *rv, const char *more);
const char *child(const char *rv);                       /* r1's Pod, owned by it */
void seen_first(const struct kind *k, const char *text); /* … in an initial list */
void seen(const struct kind *k, const char *text);       /* the watch tells of an object */
double result(const char *r);   /* passes of the root controller that ended so */
const char *metrics_text(void); /* all metrics; arena */

#define OWNED_BY_ROOT                                                                     \
    ",\"ownerReferences\":[{\"kind\":\"ConfigMap\",\"name\":\"r1\",\"uid\":\"root-uid\"," \
    "\"controller\":true}]"
#define CHILD_BODY "{\"metadata\":{\"name\":\"r1\",\"labels\":{\"app\":\"x\"}},\"spec\":{}}"
#define PODS "/api/v1/namespaces/ns/pods"
#define POST_PATH PODS "?fieldManager=dkube-prog"

/* Planners that several files use. */
void creates_a_child(const struct desk_view *v, struct plan *p);
void deletes_the_child(const struct desk_view *v, struct plan *p);
void applies_the_root(const struct desk_view *v, struct plan *p);

#endif
