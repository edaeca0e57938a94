#include "api/recbuf.h"

#include <string.h>

#include "base/clock.h"
#include "base/span.h"

static const struct row string_row[] = {{"", REC_STR, NULL}};
const struct rows rec_string_rows = {"string", string_row, ARRAY_LEN(string_row)};

enum { OWNER_UID, OWNER_NAME, OWNER_KIND, OWNER_CONTROLLER };
static const struct row owner_row[] = {
    [OWNER_UID] = {"uid", REC_STR, NULL},
    [OWNER_NAME] = {"name", REC_STR, NULL},
    [OWNER_KIND] = {"kind", REC_STR, NULL},
    [OWNER_CONTROLLER] = {"controller", REC_BOOL, NULL},
};
const struct rows rec_owner_rows = {"owner", owner_row, ARRAY_LEN(owner_row)};

static const struct row owned_row[] = {
    [REC_OWNED_MANAGER] = {"manager", REC_STR, NULL},
    [REC_OWNED_SUBRESOURCE] = {"subresource", REC_STR, NULL},
    [REC_OWNED_FIELDS] = {"fieldsV1", REC_RAW, NULL},
};
const struct rows rec_owned_rows = {"owned", owned_row, ARRAY_LEN(owned_row)};

bool kind_is_metadata_only(const struct kind *k)
{
    for (uint16_t i = 0; i < k->rows->count; i++) {
        if (strncmp(k->rows->row[i].path, "metadata.", 9) != 0) {
            return false;
        }
    }
    return true;
}

static const struct row meta_row[] = {REC_META_ROWS};
const struct rows rec_meta_rows = {"metadata", meta_row, ARRAY_LEN(meta_row)};

/* --- building -------------------------------------------------------------------------------- */

static size_t add_rec(struct recbuf *b, const struct rows *rows, const struct json *j);

static const char *own_managers = "dkube-";

void rec_set_own_managers(const char *prefix)
{
    own_managers = prefix;
}

bool rec_is_own_manager(const char *manager)
{
    return manager != NULL && strncmp(manager, own_managers, strlen(own_managers)) == 0;
}

static bool is_ours(const struct json *managed)
{
    return rec_is_own_manager(json_str(managed, "manager", "")) &&
           str_eq(json_str(managed, "operation", ""), "Apply");
}

static void set_list(struct recbuf *b, struct place at, const struct row *row,
                     const struct json *array)
{
    size_t n = json_len(array), kept = 0, index;

    if (json_kind(array) != JSON_ARRAY) {
        return;
    }
    index = recbuf_list(b, n);
    for (size_t i = 0; i < n; i++) {
        if (row->type == REC_LIST || is_ours(json_at(array, i))) {
            recbuf_item(b, at, index, kept++, add_rec(b, row->items, json_at(array, i)));
        }
    }
    recbuf_count(b, at, index, kept);
}

/* A string, or a number as it was written; NULL for all else. */
static const char *text_of(struct arena *a, const struct json *j)
{
    enum json_kind kind = json_kind(j);

    return kind == JSON_INT || kind == JSON_DOUBLE ? json_text(a, j) : json_as_str(j);
}

static void set_map(struct recbuf *b, struct place at, const struct json *object)
{
    struct json_iter it = {0};
    size_t n = 0, kept = 0, index;

    if (json_kind(object) != JSON_OBJECT) {
        return;
    }
    while (json_next(object, &it)) {
        n++;
    }
    index = recbuf_map(b, n);
    it = (struct json_iter){0};
    while (json_next(object, &it)) {
        const char *value = text_of(b->a, it.value);

        if (value != NULL) {
            recbuf_pair(b, at, kept++, index, (const char *const[]){it.key, value});
        }
    }
    recbuf_count(b, at, index, kept);
}

static void set_time(struct recbuf *b, struct place at, const struct json *j)
{
    const char *s = json_as_str(j);
    int64_t ms;

    if (s != NULL && clock_parse_rfc3339(s, &ms) == 0) {
        recbuf_number(b, at, ms);
    }
}

static void set_quantity(struct recbuf *b, struct place at, const struct json *j)
{
    const char *s = text_of(b->a, j);
    int64_t units;

    if (s != NULL && quantity_parse(s, &units) == 0) {
        recbuf_number(b, at, units);
    }
}

static void set_string(struct recbuf *b, struct place at, const struct json *j, bool numbers)
{
    const char *s = numbers ? text_of(b->a, j) : json_as_str(j);

    if (s != NULL) {
        recbuf_text(b, at, s, json_kind(j) == JSON_STRING ? json_as_str_len(j) : strlen(s));
    }
}

static void set_raw(struct recbuf *b, struct place at, const struct json *j)
{
    const char *text;

    if (j != NULL) {
        text = json_text(b->a, j);
        recbuf_text(b, at, text, strlen(text));
    }
}

static void set_row(struct recbuf *b, struct place at, const struct row *row, const struct json *j)
{
    int64_t v;
    bool flag;

    switch (row->type) {
    case REC_STR:
    case REC_TEXT:
        set_string(b, at, j, row->type == REC_TEXT);
        break;
    case REC_INT:
        if (json_as_int(j, &v) == 0) {
            recbuf_number(b, at, v);
        }
        break;
    case REC_BOOL:
        if (json_as_flag(j, &flag) == 0) {
            recbuf_number(b, at, flag);
        }
        break;
    case REC_TIME:
        set_time(b, at, j);
        break;
    case REC_QTY:
        set_quantity(b, at, j);
        break;
    case REC_LIST:
    case REC_OWNED:
        set_list(b, at, row, j);
        break;
    case REC_MAP:
        set_map(b, at, j);
        break;
    case REC_RAW:
        set_raw(b, at, j);
        break;
    case REC_OBJ:
        if (json_kind(j) == JSON_OBJECT) {
            recbuf_number(b, at, 1);
        }
        break;
    }
}

static size_t add_rec(struct recbuf *b, const struct rows *rows, const struct json *j)
{
    struct place at = recbuf_begin(b, rows);

    for (unsigned i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];

        at.i = i;
        set_row(b, at, row, json_get(j, row->path));
    }
    return at.rec;
}

int rec_build(struct arena *a, const struct rows *rows, const struct json *object,
              const struct rec **ret, uint32_t *ret_size, struct err *e)
{
    struct recbuf b = {.a = a};

    add_rec(&b, rows, object);
    return recbuf_seal(&b, ret, ret_size, e);
}

/* --- reading --------------------------------------------------------------------------------- */

static const char *bytes(const struct rec *r)
{
    return (const char *)r;
}

uint32_t rec_size(const struct rec *r)
{
    return r->size;
}

bool rec_has(const struct rec *r, unsigned slot)
{
    uint64_t word;

    if (r == NULL || slot >= r->count) {
        return false;
    }
    memcpy(&word, bytes(r) + sizeof *r + slot / 64 * 8, sizeof word);
    return (word >> slot % 64 & 1) != 0;
}

static union slot slot_of(const struct rec *r, unsigned slot)
{
    union slot s = {0};

    if (rec_has(r, slot)) {
        memcpy(&s, bytes(r) + sizeof *r + r->words * 8u + slot * sizeof s, sizeof s);
    }
    return s;
}

const char *rec_str(const struct rec *r, unsigned slot)
{
    return rec_has(r, slot) ? bytes(r) + slot_of(r, slot).ref.at : NULL;
}

uint32_t rec_str_len(const struct rec *r, unsigned slot)
{
    return slot_of(r, slot).ref.n;
}

int64_t rec_int(const struct rec *r, unsigned slot)
{
    return slot_of(r, slot).number;
}

int64_t rec_int_or(const struct rec *r, unsigned slot, int64_t dflt)
{
    return rec_has(r, slot) ? rec_int(r, slot) : dflt;
}

bool rec_bool(const struct rec *r, unsigned slot)
{
    return rec_int(r, slot) != 0;
}

uint32_t rec_count(const struct rec *r, unsigned slot)
{
    return slot_of(r, slot).ref.n;
}

const struct rec *rec_item(const struct rec *r, unsigned slot, uint32_t i)
{
    union slot s = slot_of(r, slot);
    uint32_t at;

    if (i >= s.ref.n) {
        return NULL;
    }
    memcpy(&at, bytes(r) + s.ref.at + i * sizeof at, sizeof at);
    return (const struct rec *)(const void *)(bytes(r) + at);
}

const char *rec_text(const struct rec *r, unsigned slot, uint32_t i)
{
    return rec_str(rec_item(r, slot, i), 0);
}

static bool map_pair(const struct rec *r, unsigned slot, uint32_t i, struct pair *ret)
{
    union slot s = slot_of(r, slot);

    if (i >= s.ref.n) {
        return false;
    }
    memcpy(ret, bytes(r) + s.ref.at + i * sizeof *ret, sizeof *ret);
    return true;
}

const char *rec_map_key(const struct rec *r, unsigned slot, uint32_t i)
{
    struct pair p;

    return map_pair(r, slot, i, &p) ? bytes(r) + p.key : NULL;
}

const char *rec_map_value(const struct rec *r, unsigned slot, uint32_t i)
{
    struct pair p;

    return map_pair(r, slot, i, &p) ? bytes(r) + p.value : NULL;
}

const char *rec_map_get(const struct rec *r, unsigned slot, const char *key)
{
    for (uint32_t i = 0; i < rec_count(r, slot); i++) {
        if (strcmp(rec_map_key(r, slot, i), key) == 0) {
            return rec_map_value(r, slot, i);
        }
    }
    return NULL;
}

const struct json *rec_json(const struct rec *r, unsigned slot, struct arena *a)
{
    const struct json *j = NULL;
    struct err e;

    if (!rec_has(r, slot) || json_parse(a, rec_str(r, slot), rec_str_len(r, slot), &j, &e) < 0) {
        return NULL;
    }
    return j;
}

bool rec_has_finalizer(const struct rec *r, const char *name)
{
    for (uint32_t i = 0; i < rec_count(r, REC_FINALIZERS); i++) {
        if (str_eq(rec_text(r, REC_FINALIZERS, i), name)) {
            return true;
        }
    }
    return false;
}

const char *rec_controller_uid(const struct rec *r)
{
    for (uint32_t i = 0; i < rec_count(r, REC_OWNERS); i++) {
        const struct rec *owner = rec_item(r, REC_OWNERS, i);

        if (rec_bool(owner, OWNER_CONTROLLER)) {
            return rec_str(owner, OWNER_UID);
        }
    }
    return NULL;
}
