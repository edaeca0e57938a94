/* patch.c — RFC 7386 and RFC 6902 on trees. */
#include <stdlib.h>
#include <string.h>

#include "sim/api/tree.h"

const struct tree *jt_merge_patch(struct arena *a, const struct tree *t, const struct tree *patch)
{
    struct tree *copy;

    if (!jt_is_map(patch)) {
        return patch->type == TREE_NULL ? NULL : patch;
    }
    copy = jt_dup(a, jt_is_map(t) ? t : NULL);
    for (uint32_t i = 0; i < patch->len; i++) {
        const char *key = patch->u.at[i].key;

        jt_set(a, copy, key, jt_merge_patch(a, jt_key(copy, key), patch->u.at[i].value));
    }
    return copy;
}

/* The place of a list's element; -1: none. */
static int64_t index_of(const struct tree *list, const char *key, bool adding)
{
    char *end;
    long i = strtol(key, &end, 10);

    if (adding && strcmp(key, "-") == 0) {
        return list->len;
    }
    if (*key == '\0' || *end != '\0' || i < 0 || i > (long)list->len ||
        (!adding && i == (long)list->len)) {
        return -1;
    }
    return i;
}

struct patch_op {
    const char *op;
    const struct tree *value;
};

static int patch_list(struct arena *a, struct tree *list, const char *key,
                      const struct patch_op *op)
{
    bool adding = strcmp(op->op, "add") == 0;
    int64_t i = index_of(list, key, adding);

    if (i < 0) {
        return -1;
    }
    if (strcmp(op->op, "test") == 0) {
        return jt_equal(list->u.at[i].value, op->value) ? 0 : -1;
    }
    if (strcmp(op->op, "replace") == 0) {
        list->u.at[i].value = op->value;
    } else if (adding) {
        jt_add(a, list, NULL);
        memmove(&list->u.at[i + 1], &list->u.at[i],
                (list->len - 1 - (uint32_t)i) * sizeof(*list->u.at));
        list->u.at[i].value = op->value;
    } else {
        list->len--;
        memmove(&list->u.at[i], &list->u.at[i + 1],
                (list->len - (uint32_t)i) * sizeof(*list->u.at));
    }
    return 0;
}

static int patch_map(struct arena *a, struct tree *map, const char *key, const struct patch_op *op)
{
    const struct tree *have = jt_key(map, key);

    if (strcmp(op->op, "test") == 0) {
        return jt_equal(have, op->value) ? 0 : -1;
    }
    if (have == NULL && strcmp(op->op, "remove") == 0) { /* replace adds what is missing */
        return -1;
    }
    jt_set(a, map, key, strcmp(op->op, "remove") == 0 ? NULL : op->value);
    return 0;
}

static const char *unescape_pointer(struct arena *a, const char *p, size_t n)
{
    char *out = arena_alloc(a, n + 1), *o = out;

    for (size_t i = 0; i < n; i++) {
        bool escaped = p[i] == '~' && i + 1 < n;

        *o++ = escaped ? (p[i + 1] == '1' ? '/' : '~') : p[i];
        i += escaped;
    }
    return out;
}

static int patch_at(struct arena *a, const struct tree *t, const char *path,
                    const struct patch_op *op, const struct tree **ret)
{
    size_t n = strcspn(path + 1, "/");
    const char *key = unescape_pointer(a, path + 1, n), *rest = path + 1 + n;
    struct tree *copy;
    const struct tree *below;
    int64_t i = 0;

    if (!jt_is_map(t) && !jt_is_list(t)) {
        return -1;
    }
    *ret = copy = jt_dup(a, t);
    if (*rest == '\0') {
        return t->type == TREE_LIST ? patch_list(a, copy, key, op) : patch_map(a, copy, key, op);
    }
    if (t->type == TREE_LIST && (i = index_of(t, key, false)) < 0) {
        return -1;
    }
    below = t->type == TREE_LIST ? t->u.at[i].value : jt_key(t, key);
    if (below == NULL || patch_at(a, below, rest, op, &below) < 0) {
        return -1;
    }
    if (t->type == TREE_LIST) {
        copy->u.at[i].value = below;
    } else {
        jt_set(a, copy, key, below);
    }
    return 0;
}

int jt_json_patch(struct arena *a, const struct tree *t, const struct tree *patch,
                  const struct tree **ret)
{
    *ret = t;
    for (uint32_t i = 0; i < jt_len(patch); i++) {
        const struct tree *step = patch->u.at[i].value;
        const struct patch_op op = {jt_get_str(step, "op", ""), jt_key(step, "value")};
        const char *path = jt_get_str(step, "path", "");

        if (*path != '/' || patch_at(a, *ret, path, &op, ret) < 0) {
            return -1;
        }
    }
    return 0;
}
