#include "kube/body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/span.h"
#include "json/jsonw.h"

const struct json *body_parse(struct arena *a, const char *text)
{
    const struct json *j = NULL;
    struct err e;

    if (json_parse(a, text, strlen(text), &j, &e) < 0 || json_kind(j) != JSON_OBJECT) {
        fprintf(stderr, "plan: a body is no JSON object: %.200s\n", text);
        abort();
    }
    return j;
}

/* --- writing ------------------------------------------------------------------------------- */

static void write_value(struct jsonw *w, const char *key, const struct json *j);

static void write_members(struct jsonw *w, const struct json *object, const char *const *skip)
{
    struct json_iter it = {0};

    while (json_next(object, &it)) {
        bool skipped = it.value == NULL;

        for (size_t i = 0; skip != NULL && skip[i] != NULL; i++) {
            skipped = skipped || strcmp(it.key, skip[i]) == 0;
        }
        if (!skipped) {
            write_value(w, it.key, it.value);
        }
    }
}

static void write_value(struct jsonw *w, const char *key, const struct json *j)
{
    if (json_kind(j) == JSON_OBJECT) {
        jsonw_obj(w, key);
        write_members(w, j, NULL);
        jsonw_end(w);
    } else if (json_kind(j) == JSON_ARRAY) {
        jsonw_arr(w, key);
        for (size_t i = 0; i < json_len(j); i++) {
            write_value(w, NULL, json_at(j, i));
        }
        jsonw_end(w);
    } else {
        jsonw_json(w, key, j);
    }
}

static void write_head(struct jsonw *w, const struct body_meta *m, const struct json *metadata)
{
    static const char *const ours[] = {"name", "namespace", "uid", NULL};
    const struct kind *k = m->kind;

    if (*k->group != '\0') {
        jsonw_fmt(w, "apiVersion", "%s/%s", k->group, k->version);
    } else {
        jsonw_str(w, "apiVersion", k->version);
    }
    jsonw_str(w, "kind", k->kind);
    jsonw_obj(w, "metadata");
    jsonw_str(w, "name", m->name);
    jsonw_opt(w, "namespace", k->namespaced ? m->ns : NULL);
    jsonw_opt(w, "uid", m->uid);
    jsonw_opt(w, "resourceVersion", m->rv);
    write_members(w, metadata, ours);
    jsonw_end(w);
}

const char *body_text(struct arena *a, const struct body_meta *m, const struct json *body)
{
    static const char *const ours[] = {"apiVersion", "kind", "metadata", NULL};
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    write_head(&w, m, json_key(body, "metadata"));
    write_members(&w, body, ours);
    jsonw_end(&w);
    return jsonw_text(&w);
}

const char *body_status(struct arena *a, const struct body_meta *m, const struct json *status)
{
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    write_head(&w, m, NULL);
    write_value(&w, "status", status);
    jsonw_end(&w);
    return jsonw_text(&w);
}

/* --- unchanged? ---------------------------------------------------------------------------- */

static bool map_covers(const struct rec *r, unsigned slot, const struct json *want)
{
    struct arena tmp CLEANUP(arena_done) = {0};
    struct json_iter it = {0};

    while (json_next(want, &it)) {
        enum json_kind kind = json_kind(it.value);
        const char *have = rec_map_get(r, slot, it.key);
        const char *text = kind == JSON_STRING ? json_as_str(it.value) : json_text(&tmp, it.value);

        if (kind == JSON_NULL ? have != NULL : have == NULL || !str_eq(have, text)) {
            return false;
        }
    }
    return true;
}

/* Lists that have no RAW row: strings, and objects by their uid (owner references). */
static bool list_covers(const struct rec *r, unsigned slot, const struct json *want)
{
    for (size_t i = 0; i < json_len(want); i++) {
        const struct json *w = json_at(want, i);
        const char *text = json_as_str(w) != NULL ? json_as_str(w) : json_str(w, "uid", NULL);
        bool found = text == NULL;

        for (uint32_t k = 0; k < rec_count(r, slot) && !found; k++) {
            found = str_eq(rec_text(r, slot, k), text);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

static bool time_covers(const struct rec *r, unsigned slot, const struct json *want)
{
    const char *s = json_as_str(want);
    int64_t ms;

    return s != NULL && clock_parse_rfc3339(s, &ms) == 0 && rec_has(r, slot) &&
           rec_int(r, slot) == ms;
}

static bool raw_covers(const struct rec *r, unsigned slot, const struct json *want)
{
    struct arena tmp CLEANUP(arena_done) = {0};

    return json_covers(rec_json(r, slot, &tmp), want);
}

static bool text_covers(const struct rec *r, unsigned slot, const struct json *want)
{
    struct arena tmp CLEANUP(arena_done) = {0};
    const char *s = json_kind(want) == JSON_STRING ? json_as_str(want) : json_text(&tmp, want);

    return rec_has(r, slot) && str_eq(rec_str(r, slot), s);
}

static bool number_covers(const struct rec *r, unsigned slot, const struct json *want)
{
    int64_t v;

    return json_as_int(want, &v) == 0 && rec_has(r, slot) && rec_int(r, slot) == v;
}

static bool flag_covers(const struct rec *r, unsigned slot, const struct json *want)
{
    bool flag;

    return json_as_flag(want, &flag) == 0 && rec_has(r, slot) && rec_bool(r, slot) == flag;
}

/* Row types that are not here are not compared: what they tell stands in a RAW row too. */
typedef bool covers_fn(const struct rec *r, unsigned slot, const struct json *want);
static covers_fn *const covers[] = {
    [REC_STR] = text_covers,  [REC_TEXT] = text_covers, [REC_INT] = number_covers,
    [REC_BOOL] = flag_covers, [REC_TIME] = time_covers, [REC_MAP] = map_covers,
    [REC_RAW] = raw_covers,   [REC_LIST] = NULL,        [REC_QTY] = NULL,
    [REC_OBJ] = NULL,         [REC_OWNED] = NULL,
};

static bool row_covers(const struct rec *r, unsigned slot, const struct row *row,
                       const struct json *want)
{
    if (slot == REC_OWNERS || slot == REC_FINALIZERS) {
        return list_covers(r, slot, want);
    }
    return covers[row->type] == NULL || covers[row->type](r, slot, want);
}

bool body_is_covered(const struct kind *k, const struct rec *live, const struct json *body)
{
    for (unsigned i = REC_LABELS; i < k->rows->count; i++) {
        const struct row *row = &k->rows->row[i];
        const struct json *want = json_get(body, row->path);

        if (want != NULL && !row_covers(live, i, row, want)) {
            return false;
        }
    }
    return true;
}

int rows_find(const struct rows *rows, const char *path, enum rec_type type)
{
    for (int i = 0; i < rows->count; i++) {
        if (rows->row[i].type == type && strcmp(rows->row[i].path, path) == 0) {
            return i;
        }
    }
    return -1;
}

/* --- what a manager owns (fieldsV1) ---------------------------------------------------------- */

/* "k:{…}": the element whose key members equal these; one that the body leaves to a default
 * matches. */
static const struct json *find_element(const struct json *array, const struct json *key)
{
    for (size_t i = 0; i < json_len(array); i++) {
        const struct json *element = json_at(array, i);
        struct json_iter it = {0};
        bool same = true;

        while (json_next(key, &it)) {
            const struct json *have = json_key(element, it.key);

            same = same && (have == NULL || json_equal(have, it.value));
        }
        if (same) {
            return element;
        }
    }
    return NULL;
}

static bool has_item(const struct json *array, const struct json *value)
{
    for (size_t i = 0; i < json_len(array); i++) {
        if (json_equal(json_at(array, i), value)) {
            return true;
        }
    }
    return false;
}

static bool owned_within(struct arena *a, const struct json *owned, const struct json *want);

static bool member_within(struct arena *a, const char *key, const struct json *below,
                          const struct json *want)
{
    const struct json *j = NULL;
    struct err e;

    if (strncmp(key, "f:", 2) == 0) {
        j = json_key(want, key + 2);
        return j != NULL && owned_within(a, below, j);
    }
    if (strncmp(key, "k:", 2) != 0 && strncmp(key, "v:", 2) != 0) {
        return true; /* "." is the parent itself; "i:" is not used for what we apply */
    }
    if (json_parse(a, key + 2, strlen(key + 2), &j, &e) < 0) {
        return true;
    }
    if (*key == 'v') {
        return has_item(want, j);
    }
    j = find_element(want, j);
    return j != NULL && owned_within(a, below, j);
}

static bool owned_within(struct arena *a, const struct json *owned, const struct json *want)
{
    struct json_iter it = {0};

    while (json_next(owned, &it)) {
        if (!member_within(a, it.key, it.value, want)) {
            return false;
        }
    }
    return true;
}

/* The same of a whole body that holds nothing but this status. */
static bool owned_within_status(struct arena *a, const struct json *owned,
                                const struct json *status)
{
    struct json_iter it = {0};

    while (json_next(owned, &it)) {
        bool here = strcmp(it.key, "f:status") == 0;

        if (here ? !owned_within(a, it.value, status) : strncmp(it.key, "f:", 2) == 0) {
            return false;
        }
    }
    return true;
}

bool body_drops_owned(const struct kind *k, const struct rec *live, const char *manager,
                      const char *subresource, const struct json *body)
{
    struct arena tmp CLEANUP(arena_done) = {0};
    int slot = rows_find(k->rows, "metadata.managedFields", REC_OWNED);

    for (uint32_t i = 0; slot >= 0 && i < rec_count(live, (unsigned)slot); i++) {
        const struct rec *entry = rec_item(live, (unsigned)slot, i);
        const struct json *fields;

        if (str_eq(rec_str(entry, REC_OWNED_MANAGER), manager) &&
            str_eq(rec_str(entry, REC_OWNED_SUBRESOURCE), subresource)) {
            fields = rec_json(entry, REC_OWNED_FIELDS, &tmp);
            if (*subresource != '\0' ? !owned_within_status(&tmp, fields, body)
                                     : !owned_within(&tmp, fields, body)) {
                return true;
            }
        }
    }
    return false;
}
