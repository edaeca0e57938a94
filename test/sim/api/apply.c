/* apply.c — server-side apply. */
#include "sim/api/inside.h"

#include "base/span.h"

/* What of the applied object counts: not the server's metadata, not the other half. */
static const struct tree *config_of(struct apisim *s, const struct api_where *w,
                                    const struct tree *body)
{
    struct tree *out = jt_dup(&s->a, body), *meta = jt_dup(&s->a, jt_key(body, "metadata"));

    for (size_t i = 0; i < api_kept_meta_count; i++) {
        jt_set(&s->a, meta, api_kept_meta[i], NULL);
    }
    jt_set(&s->a, meta, "resourceVersion", NULL);
    jt_set(&s->a, out, "metadata", meta);
    if (meta->len == 0) {
        jt_set(&s->a, out, "metadata", NULL);
    }
    if (*w->sub == '\0' && w->type->status) {
        jt_set(&s->a, out, "status", NULL);
    } else if (*w->sub != '\0') {
        jt_set(&s->a, out, "spec", NULL);
        if (w->type->custom) {
            jt_set(&s->a, out, "metadata", NULL);
        }
    }
    return out;
}

/* The first field that the change takes from another manager. */
static const char *conflict(struct apisim *s, const struct api_where *w,
                            const struct api_state *was, const struct fields_diff *d)
{
    const struct fset *taken = fset_union(&s->a, d->changed, d->added);

    for (size_t i = 0; i < was->manager_count; i++) {
        const struct api_manager *m = &was->managers[i];
        const struct fset *both =
            api_is_manager(m, w, "Apply") ? NULL : fset_and(&s->a, m->set, taken);

        if (both != NULL) {
            return arena_printf(&s->a, "Apply failed with 1 conflict: conflict with \"%s\": %s",
                                m->name, fset_first(&s->a, both));
        }
    }
    return NULL;
}

static struct api_result check_name(const struct api_where *w, const struct tree *body)
{
    if (!str_eq(jt_get_str(body, "metadata.name", ""), w->name) ||
        !str_eq(jt_get_str(body, "metadata.namespace", w->ns), w->ns)) {
        return api_fail(400, "BadRequest", "the name of the object does not match the request");
    }
    return (struct api_result){.code = 200};
}

static struct api_result apply_new(struct apisim *s, const struct api_where *w,
                                   const struct tree *body)
{
    struct api_owners o = {.s = s, .w = w, .op = "Apply"};
    struct fields_diff none = {0};
    struct api_result r = api_check_namespace(s, w);

    if (schema_check_typed(&s->a, w->type->schema, config_of(s, w, body)) != NULL) {
        return api_fail(500, NULL, "failed to create typed patch object");
    }
    if (*jt_get_str(body, "metadata.uid", "") != '\0') {
        return api_fail(409, "Conflict",
                        "uid mismatch: the provided object specified a uid, and no existing object "
                        "was found");
    }
    if (*w->sub != '\0') {
        return api_not_found(s, w);
    }
    if (r.code != 201) {
        return r;
    }
    r = check_name(w, body);
    if (r.code != 200) {
        return r;
    }
    o.mine = fset_minus(&s->a, fields_of(&s->a, w->type->schema, config_of(s, w, body)),
                        s->types->strip);
    api_reckon(&o, NULL, &none);
    return api_add(s, w, body, w->name, o.list, o.count);
}

static const struct fset *owned_by_all(struct apisim *s, const struct api_where *w,
                                       const struct api_state *was, const struct fset *mine,
                                       const struct fset **ret_last)
{
    const struct fset *all = mine;

    *ret_last = NULL;
    for (size_t i = 0; i < was->manager_count; i++) {
        if (api_is_manager(&was->managers[i], w, "Apply")) {
            *ret_last = was->managers[i].set;
        } else {
            all = fset_union(&s->a, all, was->managers[i].set);
        }
    }
    return all;
}

static struct api_result apply_over(struct apisim *s, const struct api_where *w,
                                    const struct api_state *was, const struct tree *body)
{
    const struct schema *schema = w->type->schema;
    const struct tree *config = config_of(s, w, body);
    const struct tree *now = fields_merge(&s->a, schema, was->body, config);
    struct api_owners o = {.s = s, .w = w, .op = "Apply"};
    const struct fset *last, *all;
    struct fields_diff d;
    struct api_result r;
    const char *why = schema_check_typed(&s->a, schema, config);

    if (why != NULL) {
        return api_fail(500, NULL, why);
    }
    o.mine = fset_minus(&s->a, fields_of(&s->a, schema, config), s->types->strip);
    all = owned_by_all(s, w, was, o.mine, &last);
    now = fields_prune(&s->a, schema, now, last, all);
    d = fields_compare(&s->a, schema, was->body, now);
    why = w->force ? NULL : conflict(s, w, was, &d);
    if (why != NULL) {
        return api_fail(409, "Conflict", why);
    }
    r = check_name(w, jt_with(&s->a, body, "metadata.name",
                              jt_str(&s->a, jt_get_str(body, "metadata.name", was->name))));
    r = r.code == 200 ? api_check_meant(s, w, was, body, true) : r;
    if (r.code != 200) {
        return r;
    }
    api_reckon(&o, was, &d);
    return api_update(
        s, &(struct api_change_of){
               .w = w, .was = was, .body = now, .managers = o.list, .manager_count = o.count});
}

/* An object that nobody owns: all that is there belongs to "before-first-apply". */
static const struct api_state *with_owner(struct apisim *s, const struct api_where *w,
                                          const struct api_state *was)
{
    struct api_where before = *w;
    struct api_owners o = {.s = s, .w = &before, .op = "Update"};
    struct fields_diff d;
    struct api_state st = *was;

    if (was->manager_count > 0) {
        return was;
    }
    before.manager = "before-first-apply";
    d = fields_compare(&s->a, w->type->schema, w->type->blank,
                       *w->sub == '\0' ? jt_with(&s->a, was->body, "status", NULL)
                                       : config_of(s, w, was->body));
    api_reckon(&o, NULL, &d);
    st.managers = o.list;
    st.manager_count = o.count;
    api_forget_texts(&st);
    return arena_memdup(&s->a, &st, sizeof(st));
}

struct api_result api_apply(struct apisim *s, const struct api_where *w, const struct tree *config)
{
    const struct api_state *was = api_find(s, w->type, w->ns, w->name);
    struct api_result r = api_check_identity(w, config, true);

    if (was == NULL && *w->sub != '\0') {
        return api_not_found(s, w);
    }
    if (r.code == 200 && *w->manager == '\0') {
        r = api_fail(422, "Invalid", "fieldManager is required for apply patch");
    }
    if (r.code != 200 || was == NULL) {
        return r.code != 200 ? r : apply_new(s, w, config);
    }
    return apply_over(s, w, with_owner(s, w, was), config);
}
