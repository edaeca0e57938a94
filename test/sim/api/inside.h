/* inside.h — the simulated server's insides, shared by store.c, write.c, serve.c and watch.c. */
#ifndef DKUBE_SIM_INSIDE_H
#define DKUBE_SIM_INSIDE_H

#include "base/attr.h"
#include "sim/api/apisim.h"
#include "sim/api/fields.h"

struct api_native {
    const char *group, *version, *kind, *plural;
    bool namespaced, status;
    const char *blank;  /* what an object is before its first field is set */
    const char *fields; /* members of "properties" */
};
extern const struct api_native api_natives[];
extern const size_t api_native_count;
extern const char api_metadata_schema[];

struct api_type {
    const char *group, *version, *kind, *plural, *list_kind, *api_version;
    bool namespaced, status, custom;
    bool graceful;   /* pods: deletion takes its time */
    bool generation; /* has one */
    const struct schema *schema;
    const struct tree *blank;
    size_t index;
};
struct api_types {
    struct arena a;
    struct api_type *list;
    size_t count;
    const struct fset *strip; /* what nobody owns */
};

struct api_manager {
    const char *name, *op, *sub; /* op: Apply or Update */
    const struct fset *set;
    const struct tree *entry; /* as it is shown */
};

enum api_change { API_ADDED, API_MODIFIED, API_DELETED, API_CHANGES };

/* One state of an object; never changed. */
struct api_state {
    const struct api_type *type;
    const char *ns, *name, *uid;
    const struct tree *body; /* all but managedFields and resourceVersion */
    const struct api_manager *managers;
    size_t manager_count;
    uint64_t version;
    bool
        untidy; /* as stored it holds empty lists that nobody is shown: the next write changes it */
    const char *text, *bare; /* made when asked for; bare: without managedFields */
    const char *line[API_CHANGES][2];
    uint64_t hash; /* once it was asked for */
};

struct api_event {
    uint64_t version;
    enum api_change change;
    const struct api_state *now, *was; /* of DELETED: now is the last state with the new version */
};

struct apisim {
    struct arena a;
    const struct api_types *types;
    struct api_state **objects; /* those that are there; of all kinds, in order of creation */
    size_t count, cap;
    struct api_event *events;
    size_t event_count, event_cap;
    uint64_t version, compacted;
    uint64_t uids;
    int64_t now_ms;
    uint64_t epoch; /* of apisim_reset() */
};

/* --- store.c */
const struct api_type *api_type_of(const struct apisim *s, const char *group, const char *version,
                                   const char *plural);
struct api_state *api_find(const struct apisim *s, const struct api_type *type, const char *ns,
                           const char *name);
/* Takes a new state in place of `was` (NULL: a new object); it gets its version. */
const struct api_state *api_store(struct apisim *s, const struct api_state *was,
                                  const struct api_state *now);
/* The object goes; `last` is what its deletion event shows. */
const struct api_state *api_drop(struct apisim *s, const struct api_state *was,
                                 const struct api_state *last);
const char *api_text(struct apisim *s, const struct api_state *st);
/* As a watch tells of it; bare: without managedFields. */
const char *api_line(struct apisim *s, const struct api_state *st, enum api_change change,
                     bool bare);
void api_forget_texts(struct api_state *st); /* of a copy that is to be another */
const char *api_time(struct apisim *s, int64_t wall_ms);

/* --- hash.c */
uint64_t api_state_hash(const struct api_state *st);

/* --- write.c */
struct api_result {
    int code;
    const char *reason, *message;
    const struct api_state *state; /* what the reply shows; NULL: a Status */
};
struct api_where {
    const struct api_type *type;
    const char *ns, *name, *sub; /* "" where absent */
    const char *manager;
    bool force;
};
struct api_result api_fail(int code, const char *reason, const char *message);
struct api_result api_create(struct apisim *s, const struct api_where *w, const struct tree *body);
struct api_result api_replace(struct apisim *s, const struct api_where *w, const struct tree *body);
enum api_patch { PATCH_JSON, PATCH_MERGE };
struct api_result api_patch(struct apisim *s, const struct api_where *w, enum api_patch how,
                            const struct tree *patch);
struct api_result api_apply(struct apisim *s, const struct api_where *w, const struct tree *config);

/* What every change of an object goes through. */
struct api_change_of {
    const struct api_where *w;
    const struct api_state *was;
    const struct tree *body;            /* as wished */
    const struct api_manager *managers; /* after it; NULL: to be worked out */
    size_t manager_count;
};
struct api_result api_update(struct apisim *s, const struct api_change_of *c);

/* Managers after a change: others lose what changed, `w` gets it (Update) or owns `mine` (Apply).
 */
struct api_owners {
    struct apisim *s;
    const struct api_where *w;
    const char *op;
    const struct fset *mine; /* Apply: all that it owns now */
    struct api_manager *list;
    size_t count;
    bool found;
};
void api_reckon(struct api_owners *o, const struct api_state *was, const struct fields_diff *d);
bool api_is_manager(const struct api_manager *m, const struct api_where *w, const char *op);
extern const char *const api_kept_meta[]; /* what only the server sets */
extern const size_t api_kept_meta_count;
/* A body may name the uid and the version that it means. */
struct api_result api_check_meant(struct apisim *s, const struct api_where *w,
                                  const struct api_state *was, const struct tree *body,
                                  bool patches);
/* Kind, name and namespace; applies: of server-side apply, which reads the name later. */
struct api_result api_check_identity(const struct api_where *w, const struct tree *body,
                                     bool applies);
struct api_result api_check_namespace(struct apisim *s, const struct api_where *w);
struct api_result api_not_found(struct apisim *s, const struct api_where *w);
/* The object's first state; managers NULL: whoever posts it owns all. */
struct api_result api_add(struct apisim *s, const struct api_where *w, const struct tree *body,
                          const char *name, const struct api_manager *managers, size_t count);
const struct tree *api_tidy_meta(struct apisim *s, const struct tree *meta);

/* --- delete.c */
struct api_result api_delete(struct apisim *s, const struct api_where *w,
                             const struct tree *options);
/* Adds a deletionTimestamp and all that goes with it. */
const struct tree *api_mark_deleted(struct apisim *s, const struct tree *body, int64_t grace_s);

/* --- watch.c */
bool api_selects(const char *selector, const struct tree *body);

#endif
