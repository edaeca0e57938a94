/* write.c — creating, replacing, patching and applying: what a write makes of an object. */
#include "sim/api/inside.h"

#include <inttypes.h>
#include <string.h>

#include "base/span.h"

struct api_result api_fail(int code, const char *reason, const char *message)
{
    return (struct api_result){.code = code, .reason = reason, .message = message};
}

/* --- who owns what --------------------------------------------------------------------------- */

static const struct tree *entry_of(struct apisim *s, const struct api_type *t,
                                   const struct api_manager *m)
{
    struct tree *e = jt_map(&s->a);

    jt_set(&s->a, e, "manager", jt_str(&s->a, m->name));
    jt_set(&s->a, e, "operation", jt_str(&s->a, m->op));
    jt_set(&s->a, e, "apiVersion", jt_str(&s->a, t->api_version));
    jt_set(&s->a, e, "time", jt_str(&s->a, api_time(s, s->now_ms)));
    jt_set(&s->a, e, "fieldsType", jt_str(&s->a, "FieldsV1"));
    jt_set(&s->a, e, "fieldsV1", fset_tree(&s->a, m->set));
    if (*m->sub != '\0') {
        jt_set(&s->a, e, "subresource", jt_str(&s->a, m->sub));
    }
    return e;
}

bool api_is_manager(const struct api_manager *m, const struct api_where *w, const char *op)
{
    return str_eq(m->name, w->manager) && str_eq(m->op, op) && str_eq(m->sub, w->sub);
}

static void keep_manager(struct api_owners *o, const struct api_manager *was,
                         const struct fset *set)
{
    struct api_manager m = *was;

    if (fset_is_empty(set)) {
        return;
    }
    m.set = set;
    if (was->entry == NULL || !fset_equal(was->set, set)) {
        m.entry = entry_of(o->s, o->w->type, &m);
    }
    o->list[o->count++] = m;
}

void api_reckon(struct api_owners *o, const struct api_state *was, const struct fields_diff *d)
{
    struct arena *a = &o->s->a;
    size_t n = was != NULL ? was->manager_count : 0;
    const struct fset *taken = fset_union(a, d->changed, d->added);
    struct api_manager own = {.name = o->w->manager, .op = o->op, .sub = o->w->sub};

    o->list = arena_alloc(a, (n + 1) * sizeof(*o->list));
    for (size_t i = 0; i < n; i++) {
        const struct api_manager *m = &was->managers[i];

        if (!api_is_manager(m, o->w, o->op)) {
            const struct fset *left = fset_minus(a, fset_minus(a, m->set, taken), d->removed);

            keep_manager(o, m, fset_equal(left, m->set) ? m->set : left);
            continue;
        }
        own = *m;
    }
    if (o->mine == NULL && str_eq(o->op, "Update")) {
        const struct fset *set = fset_union(a, fset_minus(a, own.set, d->removed), taken);

        o->mine = fset_minus(a, set, o->s->types->strip);
    }
    keep_manager(o, &own, o->mine);
}

/* --- metadata -------------------------------------------------------------------------------- */

const char *const api_kept_meta[] = {"name",
                                     "namespace",
                                     "uid",
                                     "creationTimestamp",
                                     "deletionTimestamp",
                                     "deletionGracePeriodSeconds",
                                     "generation",
                                     "selfLink"};
const size_t api_kept_meta_count = ARRAY_LEN(api_kept_meta);

/* Empty lists and maps of metadata are not kept. */
const struct tree *api_tidy_meta(struct apisim *s, const struct tree *meta)
{
    static const char *const names[] = {"labels", "annotations", "finalizers", "ownerReferences"};
    struct tree *out = NULL;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct tree *v = jt_key(meta, names[i]);

        if (v != NULL && jt_len(v) == 0) {
            out = out != NULL ? out : jt_dup(&s->a, meta);
            jt_set(&s->a, out, names[i], NULL);
        }
    }
    return out != NULL ? out : meta;
}

/* The wished metadata with all that only the server sets as it was. */
static const struct tree *settle_meta(struct apisim *s, const struct tree *meta,
                                      const struct tree *was)
{
    struct tree *out = jt_dup(&s->a, meta);

    for (size_t i = 0; i < api_kept_meta_count; i++) {
        jt_set(&s->a, out, api_kept_meta[i], jt_key(was, api_kept_meta[i]));
    }
    jt_set(&s->a, out, "resourceVersion", NULL);
    jt_set(&s->a, out, "managedFields", NULL);
    return api_tidy_meta(s, out);
}

static bool has_item(const struct tree *list, const struct tree *item)
{
    for (uint32_t i = 0; i < jt_len(list); i++) {
        if (jt_equal(list->u.at[i].value, item)) {
            return true;
        }
    }
    return false;
}

static bool adds_finalizer(const struct tree *was, const struct tree *now)
{
    const struct tree *old = jt_get(was, "metadata.finalizers");
    const struct tree *new = jt_get(now, "metadata.finalizers");

    for (uint32_t i = 0; i < jt_len(new); i++) {
        if (!has_item(old, new->u.at[i].value)) {
            return true;
        }
    }
    return false;
}

/* Built-in kinds do not keep empty maps and lists either. */
static void drop_empty(struct apisim *s, struct tree *out)
{
    for (uint32_t i = 0; i < out->len;) {
        const struct jt_member *m = &out->u.at[i];
        bool half = str_eq(m->key, "spec") || str_eq(m->key, "status");
        bool group = m->value->type == TREE_MAP || m->value->type == TREE_LIST ||
                     m->value->type == TREE_NULL;

        if (group && jt_len(m->value) == 0 && !half) {
            jt_set(&s->a, out, m->key, NULL);
        } else {
            i++;
        }
    }
}

/* Pruned and defaulted: only what is not as it was. */
static const struct tree *conform(struct apisim *s, const struct api_type *t, struct tree *out,
                                  const struct tree *was)
{
    for (uint32_t i = 0; i < out->len;) {
        const char *key = out->u.at[i].key;
        const struct tree *v = out->u.at[i].value;
        bool known;
        const struct schema *of = schema_field(t->schema, key, &known);

        if (!known) {
            jt_set(&s->a, out, key, NULL);
            continue;
        }
        if (v != jt_key(was, key)) {
            out->u.at[i].value = schema_default(&s->a, of, schema_prune(&s->a, of, v));
        }
        i++;
    }
    return schema_default_top(&s->a, t->schema, out);
}

/* --- update ---------------------------------------------------------------------------------- */

static const struct tree *shape(struct apisim *s, const struct api_where *w,
                                const struct tree *body, const struct tree *was)
{
    struct tree *out = jt_dup(&s->a, body);
    const struct tree *meta = settle_meta(s, jt_key(body, "metadata"), jt_key(was, "metadata"));

    jt_set(&s->a, out, "metadata", meta);
    jt_set(&s->a, out, "apiVersion", jt_str(&s->a, w->type->api_version));
    jt_set(&s->a, out, "kind", jt_str(&s->a, w->type->kind));
    if (*w->sub == '\0' && w->type->status) {
        jt_set(&s->a, out, "status", jt_key(was, "status"));
    }
    if (*w->sub != '\0') {
        const struct tree *status = jt_key(out, "status");
        const struct tree *now = w->type->custom ? jt_key(was, "metadata") : meta;

        out = jt_dup(&s->a, was);
        jt_set(&s->a, out, "status", status);
        jt_set(&s->a, out, "metadata", now);
    }
    if (w->type->custom) {
        return conform(s, w->type, out, was);
    }
    drop_empty(s, out);
    return out;
}

static bool bumps_generation(const struct api_type *t, const struct tree *was,
                             const struct tree *now)
{
    if (!t->generation) {
        return false;
    }
    for (int pass = 0; pass < 2; pass++) {
        const struct tree *x = pass == 0 ? was : now, *y = pass == 0 ? now : was;

        for (uint32_t i = 0; i < x->len; i++) {
            const char *key = x->u.at[i].key;
            bool counts = t->custom
                              ? !(str_eq(key, "metadata") || (t->status && str_eq(key, "status")))
                              : str_eq(key, "spec");

            if (counts && !jt_equal(x->u.at[i].value, jt_key(y, key))) {
                return true;
            }
        }
    }
    return false;
}

static bool same_managers(const struct api_manager *x, size_t nx, const struct api_manager *y,
                          size_t ny)
{
    if (nx != ny) {
        return false;
    }
    for (size_t i = 0; i < nx; i++) {
        bool found = false;

        for (size_t j = 0; j < ny && !found; j++) {
            found = str_eq(x[i].name, y[j].name) && str_eq(x[i].op, y[j].op) &&
                    str_eq(x[i].sub, y[j].sub) && fset_equal(x[i].set, y[j].set);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static struct api_result check_update(struct apisim *s, const struct api_change_of *c,
                                      const struct tree *now)
{
    const char *why =
        c->w->type->custom ? schema_check_new(&s->a, c->w->type->schema, now, c->was->body) : NULL;

    if (why != NULL) {
        return api_fail(422, "Invalid", why);
    }
    if (jt_get(c->was->body, "metadata.deletionTimestamp") != NULL &&
        adds_finalizer(c->was->body, now)) {
        return api_fail(422, "Invalid",
                        "metadata.finalizers: no new finalizers can be added if the object is "
                        "being deleted");
    }
    return (struct api_result){.code = 200};
}

static const struct tree *with_generation(struct apisim *s, const struct tree *body)
{
    int64_t was = jt_get_int(body, "metadata.generation", 0);

    return jt_with(&s->a, body, "metadata.generation", jt_int(&s->a, was + 1));
}

/* A PUT that says nothing of the deletion does not end it, but nobody owns those fields any more.
 */
static const struct fset *left_out(struct apisim *s, const struct api_change_of *c)
{
    static const char *const fields[] = {"f:metadata/f:deletionTimestamp",
                                         "f:metadata/f:deletionGracePeriodSeconds"};
    bool blind = c->w->type->custom && *c->w->sub != '\0';

    return blind || jt_get(c->body, "metadata.deletionTimestamp") != NULL
               ? NULL
               : fset_of(&s->a, fields, ARRAY_LEN(fields));
}

struct api_result api_update(struct apisim *s, const struct api_change_of *c)
{
    const struct tree *was = c->was->body, *now = shape(s, c->w, c->body, was);
    struct api_result r;
    struct api_state st = *c->was;

    st.managers = c->managers;
    st.manager_count = c->manager_count;
    if (c->managers == NULL && c->was->manager_count == 0) {
        st.manager_count = 0; /* what nobody owned is not tracked until somebody applies */
    } else if (c->managers == NULL) {
        struct fields_diff d = fields_compare(&s->a, c->w->type->schema, was, now);
        d.removed = fset_union(&s->a, d.removed, left_out(s, c));
        struct api_owners o = {.s = s, .w = c->w, .op = "Update"};

        api_reckon(&o, c->was, &d);
        st.managers = o.list;
        st.manager_count = o.count;
    }
    r = check_update(s, c, now);
    if (r.code != 200) {
        return r;
    }
    if (bumps_generation(c->w->type, was, now)) {
        now = with_generation(s, now);
    }
    st.body = now;
    st.untidy = c->w->type->custom && c->managers != NULL && *c->w->sub == '\0' &&
                api_tidy_meta(s, jt_key(c->body, "metadata")) != jt_key(c->body, "metadata");
    r.state = c->was;
    if (!c->was->untidy && jt_equal(was, now) &&
        same_managers(c->was->managers, c->was->manager_count, st.managers, st.manager_count)) {
        return r;
    }
    if (jt_get(now, "metadata.deletionTimestamp") != NULL &&
        jt_get(now, "metadata.finalizers") == NULL &&
        jt_get_int(now, "metadata.deletionGracePeriodSeconds", 0) == 0) {
        api_drop(s, c->was, c->was);
        r.state = arena_memdup(&s->a, &st, sizeof(st));
        api_forget_texts((struct api_state *)r.state);
        return r;
    }
    r.state = api_store(s, c->was, &st);
    return r;
}

/* --- preconditions --------------------------------------------------------------------------- */

/* A body may name the uid and the version that it means. */
struct api_result api_check_meant(struct apisim *s, const struct api_where *w,
                                  const struct api_state *was, const struct tree *body,
                                  bool patches)
{
    bool blind = patches && w->type->custom && *w->sub != '\0'; /* it looks at no metadata */
    const char *uid = jt_get_str(body, "metadata.uid", "");
    const char *rv = jt_get_str(body, "metadata.resourceVersion", "");
    bool other_uid = *uid != '\0' && !str_eq(uid, was->uid) && !blind;

    if (other_uid && !patches) {
        return api_fail(409, "Conflict",
                        arena_printf(&s->a,
                                     "Operation cannot be fulfilled on %s \"%s\": Precondition "
                                     "failed: UID in precondition: %s, UID in object meta: %s",
                                     was->type->plural, was->name, uid, was->uid));
    }
    if (*rv != '\0' && !str_eq(rv, arena_printf(&s->a, "%" PRIu64, was->version))) {
        return api_fail(409, "Conflict",
                        "the object has been modified; please apply your changes to the latest "
                        "version and try again");
    }
    return other_uid ? api_fail(422, "Invalid", "metadata.uid: field is immutable")
                     : (struct api_result){.code = 200};
}

/* applies: server-side apply is stricter about the kind, and reads the name later. */
static bool is_at_path(const struct api_where *w, const struct tree *body)
{
    const char *name = jt_get_str(body, "metadata.name", w->name);
    const char *ns = jt_get_str(body, "metadata.namespace", w->ns);

    return (*w->name == '\0' || str_eq(name, w->name)) && str_eq(ns, w->ns);
}

struct api_result api_check_identity(const struct api_where *w, const struct tree *body,
                                     bool applies)
{
    const char *kind = jt_get_str(body, "kind", ""), *gv = jt_get_str(body, "apiVersion", "");
    bool other_kind = *kind != '\0' && !str_eq(kind, w->type->kind);
    bool other_version = *gv != '\0' && !str_eq(gv, w->type->api_version);
    bool unnamed = w->type->custom && (*kind == '\0' || *gv == '\0');

    if (!jt_is_map(body) || other_version || unnamed ||
        (other_kind && (applies || !w->type->custom))) {
        return api_fail(400, "BadRequest", "the kind or apiVersion is not that of the path");
    }
    if (!applies && !is_at_path(w, body)) {
        return api_fail(400, "BadRequest",
                        "the name or namespace of the object does not match the request");
    }
    if (other_kind && *w->sub == '\0') { /* a status write looks at nothing but the status */
        return api_fail(422, "Invalid", "kind: must be that of the path");
    }
    return (struct api_result){.code = 200};
}

struct api_result api_not_found(struct apisim *s, const struct api_where *w)
{
    return api_fail(404, "NotFound",
                    arena_printf(&s->a, "%s \"%s\" not found", w->type->plural, w->name));
}

/* --- create ---------------------------------------------------------------------------------- */

struct api_result api_check_namespace(struct apisim *s, const struct api_where *w)
{
    const struct api_type *t = api_type_of(s, "", "v1", "namespaces");
    const struct api_state *ns = *w->ns != '\0' ? api_find(s, t, "", w->ns) : NULL;

    if (*w->ns == '\0') {
        return (struct api_result){.code = 201};
    }
    if (ns == NULL) {
        return api_fail(404, "NotFound", arena_printf(&s->a, "namespaces \"%s\" not found", w->ns));
    }
    if (jt_get(ns->body, "metadata.deletionTimestamp") != NULL) {
        return api_fail(403, "Forbidden", "the namespace is being terminated");
    }
    return (struct api_result){.code = 201};
}

static const struct tree *new_meta(struct apisim *s, const struct api_where *w,
                                   const struct tree *body, const char *name, const char *uid)
{
    struct tree *m = jt_dup(&s->a, jt_key(body, "metadata"));

    for (size_t i = 0; i < api_kept_meta_count; i++) {
        jt_set(&s->a, m, api_kept_meta[i], NULL);
    }
    jt_set(&s->a, m, "resourceVersion", NULL);
    jt_set(&s->a, m, "managedFields", NULL);
    jt_set(&s->a, m, "name", jt_str(&s->a, name));
    if (*w->ns != '\0') {
        jt_set(&s->a, m, "namespace", jt_str(&s->a, w->ns));
    }
    jt_set(&s->a, m, "uid", jt_str(&s->a, uid));
    jt_set(&s->a, m, "creationTimestamp", jt_str(&s->a, api_time(s, s->now_ms)));
    if (w->type->generation) {
        jt_set(&s->a, m, "generation", jt_int(&s->a, 1));
    }
    return api_tidy_meta(s, m);
}

/* What a new object gets of the server besides metadata. */
static const struct tree *new_body(struct apisim *s, const struct api_type *t, struct tree *body)
{
    jt_set(&s->a, body, "apiVersion", jt_str(&s->a, t->api_version));
    jt_set(&s->a, body, "kind", jt_str(&s->a, t->kind));
    if (t->status) {
        jt_set(&s->a, body, "status", NULL);
    }
    if (t->custom) {
        return schema_default(&s->a, t->schema, schema_prune(&s->a, t->schema, body));
    }
    drop_empty(s, body);
    if (t->graceful) {
        const struct tree *b = body;

        if (jt_get(b, "spec.terminationGracePeriodSeconds") == NULL) {
            b = jt_with(&s->a, b, "spec.terminationGracePeriodSeconds", jt_int(&s->a, 30));
        }
        return jt_with(&s->a, b, "status.phase", jt_str(&s->a, "Pending"));
    }
    if (str_eq(t->kind, "Namespace")) {
        return jt_with(&s->a, body, "status.phase", jt_str(&s->a, "Active"));
    }
    return body;
}

/* The object's first state; managers NULL: whoever posts it owns all. */
struct api_result api_add(struct apisim *s, const struct api_where *w, const struct tree *body,
                          const char *name, const struct api_manager *managers, size_t count)
{
    const char *uid = arena_printf(&s->a, "00000000-0000-4000-8000-%012" PRIx64, s->uids + 1);
    struct tree *out = jt_dup(&s->a, body);
    struct api_state st = {
        .type = w->type, .ns = w->ns, .uid = uid, .managers = managers, .manager_count = count};
    const struct tree *body_meta = jt_key(body, "metadata");
    const char *why;

    st.name = arena_strdup(&s->a, name);
    st.ns = arena_strdup(&s->a, w->ns);
    jt_set(&s->a, out, "metadata", new_meta(s, w, body, name, uid));
    st.untidy = w->type->custom && managers != NULL && body_meta != NULL &&
                api_tidy_meta(s, body_meta) != body_meta;
    st.body = new_body(s, w->type, out);
    why = w->type->custom ? schema_check_new(&s->a, w->type->schema, st.body, NULL) : NULL;
    if (why != NULL) {
        return api_fail(422, "Invalid", why);
    }
    if (managers == NULL && *jt_get_str(body, "metadata.resourceVersion", "") != '\0') {
        return api_fail(500, NULL, "resourceVersion should not be set on objects to be created");
    }
    if (api_find(s, w->type, w->ns, name) != NULL) {
        return api_fail(409, "AlreadyExists",
                        arena_printf(&s->a, "%s \"%s\" already exists", w->type->plural, name));
    }
    if (managers == NULL) {
        const struct tree *claimed =
            w->type->status ? jt_with(&s->a, st.body, "status", jt_key(w->type->blank, "status"))
                            : st.body;
        struct fields_diff d = fields_compare(&s->a, w->type->schema, w->type->blank, claimed);
        struct api_owners o = {.s = s, .w = w, .op = "Update"};

        api_reckon(&o, NULL, &d);
        st.managers = o.list;
        st.manager_count = o.count;
    }
    s->uids++;
    return (struct api_result){.code = 201, .state = api_store(s, NULL, &st)};
}

struct api_result api_create(struct apisim *s, const struct api_where *w, const struct tree *body)
{
    const char *name = jt_get_str(body, "metadata.name", "");
    const char *prefix = jt_get_str(body, "metadata.generateName", "");
    struct api_result r = api_check_identity(w, body, false);

    if (r.code == 200) {
        r = api_check_namespace(s, w);
    }
    if (r.code != 201) {
        return r;
    }
    if (*name == '\0' && *prefix != '\0') {
        name = arena_printf(&s->a, "%s%05" PRIu64, prefix, s->version % 100000);
    }
    if (*name == '\0') {
        return api_fail(422, "Invalid", "metadata.name: name or generateName is required");
    }
    return api_add(s, w, body, name, NULL, 0);
}

/* --- replace and patch ----------------------------------------------------------------------- */

struct api_result api_replace(struct apisim *s, const struct api_where *w, const struct tree *body)
{
    const struct api_state *was = api_find(s, w->type, w->ns, w->name);
    struct api_result r = api_check_identity(w, body, false), meant;

    if (jt_get(body, "metadata.name") == NULL) {
        return api_fail(400, "BadRequest", "name must be provided");
    }
    if (r.code == 400 || was == NULL) {
        return r.code == 400 ? r : api_not_found(s, w);
    }
    meant = api_check_meant(s, w, was, body, false);
    if (meant.code != 200 || r.code != 200) {
        return meant.code != 200 ? meant : r;
    }
    if (w->type->custom && *jt_get_str(body, "metadata.resourceVersion", "") == '\0') {
        return api_fail(422, "Invalid",
                        "metadata.resourceVersion: must be specified for an update");
    }
    return api_update(s, &(struct api_change_of){.w = w, .was = was, .body = body});
}

/* The object as patches see it. */
static const struct tree *shown(struct apisim *s, const struct api_state *st)
{
    return jt_with(&s->a, st->body, "metadata.resourceVersion",
                   jt_fmt(&s->a, "%" PRIu64, st->version));
}

struct api_result api_patch(struct apisim *s, const struct api_where *w, enum api_patch how,
                            const struct tree *patch)
{
    const struct api_state *was = api_find(s, w->type, w->ns, w->name);
    const struct tree *now;
    struct api_result r;

    if (was == NULL) {
        return api_not_found(s, w);
    }
    if (how == PATCH_MERGE) {
        now = jt_merge_patch(&s->a, shown(s, was), patch);
    } else if (jt_json_patch(&s->a, shown(s, was), patch, &now) < 0) {
        return api_fail(422, "Invalid", "the patch could not be applied to the object");
    }
    r = api_check_identity(w, now, false);
    r = r.code == 200 ? api_check_meant(s, w, was, now, true) : r;
    if (r.code != 200) {
        return r;
    }
    return api_update(s, &(struct api_change_of){.w = w, .was = was, .body = now});
}
