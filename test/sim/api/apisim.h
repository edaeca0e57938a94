/*
 * apisim.h — a Kubernetes API server in memory: deterministic, without network, threads or a clock
 * of its own.
 *
 * It keeps objects of built-in kinds and of the CRDs it was given: resource versions, generations,
 * uids, finalizers, graceful deletion, preconditions, server-side apply with field managers and
 * conflicts, JSON and merge patches, the status sub-resource, paged lists, label selectors, watches
 * with bookmarks, initial events and 410. It does not authorise, runs no CEL and no controllers:
 * garbage collection and the deletion of namespaces are the caller's (world.c). That it answers as
 * the real one does is what test/integration/sim-conformance.t shows; docs/reference/simulator.md
 * lists the known differences. One thread; all replies are arena memory of the server and live
 * until apisim_reset().
 */
#ifndef DKUBE_SIM_APISIM_H
#define DKUBE_SIM_APISIM_H

#include "base/arena.h"
#include "sim/api/tree.h"

/* The kinds it knows: the built-in ones and the CRDs in files of a folder. Made once a process. */
struct api_types;
struct api_types *api_types_new(void);
/* One CustomResourceDefinition as YAML; -1: *why is static text. */
int api_types_add(struct api_types *types, const char *yaml, size_t n, const char **why);
int api_types_add_file(struct api_types *types, const char *path); /* -1: it was told */
int api_types_add_folder(struct api_types *types, const char *folder);
void api_types_free(struct api_types *types);

struct apisim;
struct apisim *apisim_new(const struct api_types *types); /* types are borrowed */
void apisim_free(struct apisim *s);
void apisim_reset(struct apisim *s); /* empty again, and all memory back */
void apisim_set_time(struct apisim *s, int64_t wall_ms);
struct arena *apisim_arena(struct apisim *s);

struct apisim_request {
    const char *method, *path, *content_type, *body; /* type and body may be NULL */
    size_t body_len;
};
struct apisim_reply {
    int code;
    const char *body; /* arena */
    size_t len;
};
void apisim_call(struct apisim *s, const struct apisim_request *r, struct apisim_reply *ret);

/* A watch, by its path with query; accept may ask for objects without managedFields (NULL: it does
 * not). NULL with the refusal in *ret. Freed by apisim_reset(). */
struct apisim_watch;
struct apisim_watch *apisim_watch_open(struct apisim *s, const char *path, const char *accept,
                                       struct apisim_reply *ret);
/* The next event as a line of JSON, or NULL when there is none now. A watch whose place in the
 * history has been forgotten gets an ERROR with code 410 and then nothing. */
const char *apisim_watch_next(struct apisim_watch *w);
size_t apisim_watch_pending(const struct apisim_watch *w); /* events to come */
bool apisim_watch_ready(struct apisim_watch *w);           /* is there one? cheap */
/* A bookmark at the server's present version, if all before it has been taken; else NULL. */
const char *apisim_watch_bookmark(struct apisim_watch *w);

/* Forgets the history up to now: older watches and continue tokens are 410. */
void apisim_compact(struct apisim *s);
uint64_t apisim_version(const struct apisim *s); /* the newest resource version */

/* --- for those who look from outside: no request, no cost ---------------------------------------
 */

struct apisim_object {
    struct apisim *of;
    const char *kind, *ns, *name, *uid;
    const struct tree *body; /* without managedFields */
    uint64_t version;
    const void *state; /* the server's own */
};
/* Objects of a kind (plural), in order of creation; false at the end. *at begins with 0. */
bool apisim_each(const struct apisim *s, const char *plural, size_t *at, struct apisim_object *ret);
bool apisim_find(const struct apisim *s, const char *plural, const char *ns, const char *name,
                 struct apisim_object *ret);
/* Its JSON, as a GET would show it; arena. */
const char *apisim_text(struct apisim *s, const struct apisim_object *o);
/* Is there an object with this uid, of any kind? */
bool apisim_has_uid(const struct apisim *s, const char *uid);
/* Hashes without times, uids and versions, so that equal states are equal numbers: of all objects
 * and who owns what of them; of the object that was written with this version; of a text. */
uint64_t apisim_hash(const struct apisim *s);
uint64_t apisim_hash_version(const struct apisim *s, uint64_t version);
uint64_t apisim_hash_text(struct apisim *s, const char *text, size_t n);
uint64_t apisim_watch_hash(const struct apisim_watch *w); /* of all that it is still to tell */

/* What the cluster's own parts do: the object's body is replaced, status and all; a deletion ends.
 * Both count as writes. */
void apisim_put(struct apisim *s, const char *plural, const char *ns, const char *name,
                const struct tree *body);
void apisim_remove(struct apisim *s, const char *plural, const char *ns, const char *name);

#endif
