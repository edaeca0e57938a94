/* normal.c — what two servers say, in one form: names and versions as places, no times. */
#include "sim/conformance/normal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "sim/api/tree.h"

struct view {
    struct arena *a;
    struct names *uids, *rvs;
};

/* The place of a name in the order in which this server told us names. */
static size_t place(struct names *n, const char *name)
{
    for (size_t i = n->count; i > 0; i--) {
        if (str_eq(n->list[i - 1], name)) {
            return i;
        }
    }
    if (n->count == n->cap) {
        n->cap = n->cap > 0 ? n->cap * 2 : 256;
        n->list = mem_resize(n->list, n->cap * sizeof(char *));
    }
    n->list[n->count++] = mem_strdup(name);
    return n->count;
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static const struct tree *sorted(struct arena *a, const struct tree *list)
{
    struct tree *out = jt_list(a);
    const char **texts = arena_alloc(a, (jt_len(list) + 1) * sizeof(*texts));

    for (uint32_t i = 0; i < jt_len(list); i++) {
        struct tree *entry = jt_dup(a, list->u.at[i].value);

        jt_set(a, entry, "time", NULL);
        texts[i] = jt_text(a, jt_canonical(a, entry));
    }
    qsort(texts, jt_len(list), sizeof(*texts), by_text);
    for (uint32_t i = 0; i < jt_len(list); i++) {
        jt_add(a, out, jt_str(a, texts[i]));
    }
    return out;
}

/* A pod has dozens of defaults that the simulated server does not know. */
static const struct tree *pod_gist(struct arena *a, const struct tree *pod)
{
    const struct tree *spec = jt_key(pod, "spec"), *status = jt_key(pod, "status");
    struct tree *out = jt_dup(a, pod), *s = jt_map(a), *t = jt_map(a);

    jt_set(a, s, "nodeName", jt_key(spec, "nodeName"));
    jt_set(a, s, "grace", jt_key(spec, "terminationGracePeriodSeconds"));
    jt_set(a, t, "phase", jt_key(status, "phase"));
    jt_set(a, t, "message", jt_key(status, "message"));
    jt_set(a, out, "spec", s);
    jt_set(a, out, "status", t);
    return out;
}

static void normal_meta(struct view *v, struct tree *meta, bool pod)
{
    static const char *const times[] = {"creationTimestamp", "deletionTimestamp"};
    struct arena *a = v->a;
    const char *uid = jt_get_str(meta, "uid", NULL),
               *rv = jt_get_str(meta, "resourceVersion", NULL);

    if (uid != NULL) {
        jt_set(a, meta, "uid", jt_int(a, (int64_t)place(v->uids, uid)));
    }
    if (rv != NULL) {
        jt_set(a, meta, "resourceVersion", jt_int(a, (int64_t)place(v->rvs, rv)));
    }
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        if (jt_key(meta, times[i]) != NULL) {
            jt_set(a, meta, times[i], jt_str(a, "some time"));
        }
    }
    for (uint32_t i = 0; i < meta->len;
         i++) { /* what an apply has emptied is now and then shown so */
        if (jt_len(meta->u.at[i].value) == 0 &&
            (meta->u.at[i].value->type == TREE_NULL || meta->u.at[i].value->type == TREE_MAP)) {
            jt_set(a, meta, meta->u.at[i--].key, NULL);
        }
    }
    if (jt_key(meta, "managedFields") != NULL) {
        jt_set(a, meta, "managedFields", pod ? NULL : sorted(a, jt_key(meta, "managedFields")));
    }
}

static const struct tree *normal_object(struct view *v, const struct tree *o)
{
    struct arena *a = v->a;
    bool pod = str_eq(jt_get_str(o, "kind", ""), "Pod");
    struct tree *out = jt_dup(a, pod ? pod_gist(a, o) : o), *meta;

    if (jt_key(o, "metadata") != NULL) {
        meta = jt_dup(a, jt_key(o, "metadata"));
        normal_meta(v, meta, pod);
        jt_set(a, out, "metadata", meta);
    }
    return out;
}

static const struct tree *normal_status(struct view *v, const struct tree *o)
{
    struct tree *out = jt_map(v->a);

    jt_set(v->a, out, "kind", jt_str(v->a, "Status"));
    if (jt_get_int(o, "code", 200) >= 400) {
        jt_set(v->a, out, "reason", jt_key(o, "reason"));
    }
    return out;
}

static const struct tree *normal_list(struct view *v, const struct tree *o)
{
    struct arena *a = v->a;
    struct tree *out = jt_map(a), *items = jt_list(a);
    const struct tree *list = jt_key(o, "items");

    for (uint32_t i = 0; i < jt_len(list); i++) {
        struct tree *item = jt_dup(a, list->u.at[i].value);

        jt_set(a, item, "kind", NULL);
        jt_set(a, item, "apiVersion", NULL);
        if (str_eq(jt_get_str(o, "kind", ""), "PodList")) {
            item = jt_dup(a, pod_gist(a, item));
        }
        struct tree *meta = jt_dup(a, jt_key(item, "metadata"));
        normal_meta(v, meta, str_eq(jt_get_str(o, "kind", ""), "PodList"));
        jt_set(a, item, "metadata", meta);
        jt_add(a, items, item);
    }
    jt_set(a, out, "kind", jt_key(o, "kind"));
    jt_set(a, out, "items", items);
    jt_set(a, out, "more", jt_bool(a, *jt_get_str(o, "metadata.continue", "") != '\0'));
    jt_set(a, out, "left", jt_get(o, "metadata.remainingItemCount"));
    return out;
}

const char *normal(struct arena *a, struct names *uids, struct names *rvs, const char *body,
                   size_t len)
{
    struct view view = {a, uids, rvs}, *v = &view;
    const struct tree *o = jt_parse(v->a, body, len);
    const char *kind = jt_get_str(o, "kind", "");

    if (o == NULL) {
        return "no JSON";
    }
    if (str_eq(kind, "Status")) {
        o = normal_status(v, o);
    } else if (jt_key(o, "items") != NULL) {
        o = normal_list(v, o);
    } else {
        o = normal_object(v, o);
    }
    return jt_text(v->a, jt_canonical(v->a, o));
}
