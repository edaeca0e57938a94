/*
 * plan.h — what a reconcile decides: operations, Events, needs and a wake-up, all arena memory.
 *
 *     view (borrowed from the cache) → plan() → operations as data → the one shell sends them
 *
 * A plan function is pure: no clock, no I/O, no globals; the same view gives the same plan. When it
 * returns, nothing in the plan points into the cache: names and bodies are copied into the arena
 * here.
 *
 * The write law: every write is safe to be sent twice.
 *   create   POST with a deterministic name; 409 → GET, and the controller's uid must be ours
 *   apply    server-side apply carrying metadata.uid; skipped when the cached object already covers
 *            every leaf of the body and this manager owns no other leaf ("unchanged")
 *   status   the same on the status sub-resource, with metadata.resourceVersion too, for the API
 *            server heeds no uid there
 *   delete   with preconditions.uid; a delete without uid cannot be expressed
 *   finalizer  JSON patch with `test` operations on uid and the entry
 */
#ifndef DKUBE_KUBE_PLAN_H
#define DKUBE_KUBE_PLAN_H

#include "api/rec.h"
#include "base/arena.h"
#include "json/jsonw.h"

enum op_verb { OP_CREATE, OP_APPLY, OP_STATUS, OP_DELETE, OP_PATCH };

struct op {
    enum op_verb verb;
    const struct kind *kind;
    const char *ns, *name,
        *uid;              /* uid "" only for OP_CREATE and a first OP_APPLY of mapped objects */
    const char *rv;        /* OP_DELETE, optional: preconditions.resourceVersion */
    const char *owner_uid; /* OP_CREATE: the controller's uid that a 409's object must carry */
    const char *manager;   /* field manager; NULL: the controller's own */
    const char *body;      /* serialised JSON; NULL for OP_DELETE without options */
    int64_t grace_s;       /* OP_DELETE: gracePeriodSeconds, -1 = the object's own */
};

enum event_type { EVENT_NORMAL, EVENT_WARNING };
struct event {
    enum event_type type;
    const struct kind *kind;
    const char *ns, *name, *uid, *rv;
    const char *reason, *action, *note;
};

enum need_verb { NEED_GET, NEED_LOG };
/* Something a plan must know before it can decide; the shell fetches it and plans again. */
struct need {
    enum need_verb verb;
    const struct kind *kind; /* NEED_GET: the object; NEED_LOG: ignored (a pod) */
    const char *ns, *name;
    const char *container; /* NEED_LOG */
    int64_t tail_bytes;    /* NEED_LOG: limitBytes of the last lines */
    int64_t tail_lines;
};
struct answer {
    struct need need;
    int status;       /* HTTP status; 0: no answer came */
    const char *body; /* arena; the object's JSON or the log text */
    int64_t at_ms;    /* wall clock */
};
struct answers {
    const struct answer *list;
    size_t count;
};

/* The operation that ended a key's last pass because the API server refused it (quota, policy,
 * invalid): a fact for the next plan, which may give back what it can not use. Told once and kept
 * in memory only: a plan that does not act on it sends the operation again, and is told again. */
struct refused {
    enum op_verb verb;
    const struct kind *kind;
    const char *ns, *name;
    int code;            /* HTTP status */
    const char *reason;  /* the server's: "Forbidden" */
    const char *message; /* the server's words; not empty */
};

struct plan {
    struct arena *a;
    const char *manager; /* the controller's field manager: the shell sets it after plan_init() */
    struct op *ops;
    size_t op_count;
    struct event *events;
    size_t event_count;
    struct need *needs;
    size_t need_count;
    int64_t wake_at_ms; /* wall clock; 0: only when something changes */
    size_t skipped;     /* writes that were not needed: a gauge, and what "settled" means */
};

void plan_init(struct plan *p, struct arena *a);

/* Bodies are JSON objects; apiVersion, kind, metadata.name, .namespace and .uid are added where
 * they are missing. A null leaf says that the field must not be there: it is compared, and never
 * sent. A body that is no JSON object is a programming error and ends the process. */

/* POST `body`. owner_uid: see struct op. */
void plan_create(struct plan *p, const struct kind *k, const char *ns, const char *name,
                 const char *owner_uid, const char *body);

/* Server-side apply of `body` on a child. live NULL: created by POST first (never for pods and jobs
 * that exist). Nothing happens when every leaf of body equals what `live` keeps in its rows (RAW,
 * MAP and scalars); fields that are not kept are not compared, so declare them in
 * lib/api/native.yaml. A leaf that only the POST wrote, and that later bodies leave out, stays. */
void plan_apply(struct plan *p, const struct kind *k, const struct rec *live, const char *owner_uid,
                const char *body);

/* Apply on the status sub-resource of `live`; `status` is the JSON object of status alone. Compared
 * with the RAW row "status" and with what this manager owns by the OWNED row. manager NULL: the
 * controller's own. Leaves once owned and now absent are removed: so always write all that this
 * manager owns. */
void plan_status(struct plan *p, const struct kind *k, const struct rec *live, const char *manager,
                 const char *status);

/* Writes key "ownerReferences" of a body's metadata: `owner` of kind k is its controller. */
void body_owner(struct jsonw *w, const struct kind *k, const struct rec *owner);

/* Nothing when live is NULL or already being deleted within grace_s seconds (-1: the object's own).
 */
void plan_delete(struct plan *p, const struct kind *k, const struct rec *live, int64_t grace_s);

/* Nothing when already so. Adding is refused silently on an object that is being deleted. */
void plan_finalizer_add(struct plan *p, const struct kind *k, const struct rec *live,
                        const char *f);
void plan_finalizer_drop(struct plan *p, const struct kind *k, const struct rec *live,
                         const char *f);

void plan_event(struct plan *p, const struct kind *k, const struct rec *about, enum event_type type,
                const char *reason, const char *fmt, ...) PRINTF(6, 7);

void plan_need_get(struct plan *p, const struct kind *k, const char *ns, const char *name);
void plan_need_log(struct plan *p, const char *ns, const char *pod, const char *container,
                   int64_t tail_lines);
/* The answer to an equal need, or NULL: then ask and return. */
const struct answer *answer_get(const struct answers *as, const struct kind *k, const char *ns,
                                const char *name);
const struct answer *answer_log(const struct answers *as, const char *ns, const char *pod,
                                const char *container);

/* Keeps the earliest of all wishes; 0 is ignored. */
void plan_wake_at(struct plan *p, int64_t wall_ms);

/* A child that the cache does not show, before a finalizer is dropped: it may live on without the
 * labels that its watch chooses by. Asks for it live, and deletes it if owner_uid is its
 * controller's. True when none of ours is left; else nothing tells when it is gone: wake up. */
bool plan_delete_unseen(struct plan *p, const struct answers *as, const struct kind *k,
                        const char *ns, const char *name, const char *owner_uid);

/* Nothing to write, to say or to ask: the object is settled. */
bool plan_is_empty(const struct plan *p);

/* --- Conditions (kstatus: Ready, Reconciling, Stalled)
 * --------------------------------------------- */

struct condition {
    const char *type;
    const char *status; /* "True" "False" "Unknown" */
    const char *reason; /* CamelCase, not empty */
    const char *message;
};
/* Writes key "conditions" of a status: observedGeneration = live's generation; lastTransitionTime
 * is kept from `live`'s RAW status where type and status are the same, else now_ms. */
void status_conditions(struct jsonw *w, const struct rec *live, unsigned status_slot,
                       const struct condition *list, size_t count, int64_t now_ms);

#endif
