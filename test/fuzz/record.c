/* The flat record of each generated kind: written back as JSON and built again it reads the same,
 * wherever it lies. */
#include <json-c/json.h>

#include "api/kinds.gen.h"
#include "base/clock.h"
#include "support/fuzz.h"

static const struct kind *const kinds[] = {
    &kind_dkuberun, &kind_pod,  &kind_deployment, &kind_pool,  &kind_group,
    &kind_user,     &kind_node, &kind_dataset,    &kind_event, &kind_artifactversion,
    &kind_service,  &kind_role, &kind_lease,
};

static struct json_object *written(const struct rec *r, const struct rows *rows);

static struct json_object *text_value(const char *s, uint32_t n)
{
    return json_object_new_string_len(s, (int)n);
}

static struct json_object *list_value(const struct rec *r, unsigned i, const struct row *row)
{
    struct json_object *list = json_object_new_array();

    for (uint32_t k = 0; k < rec_count(r, i); k++) {
        const struct rows *items = row->type == REC_OWNED ? &rec_owned_rows : row->items;
        struct json_object *item = written(rec_item(r, i, k), items);

        if (row->type == REC_OWNED) {
            json_object_object_add(item, "operation", json_object_new_string("Apply"));
        }
        json_object_array_add(list, item);
    }
    return list;
}

static struct json_object *map_value(const struct rec *r, unsigned i)
{
    struct json_object *map = json_object_new_object();

    for (uint32_t k = 0; k < rec_count(r, i); k++) {
        json_object_object_add(map, rec_map_key(r, i, k),
                               json_object_new_string(rec_map_value(r, i, k)));
    }
    return map;
}

static struct json_object *row_value(const struct rec *r, unsigned i, const struct row *row)
{
    struct arena a = {0};
    struct json_object *o = NULL;

    switch (row->type) {
    case REC_STR:
    case REC_TEXT:
        return text_value(rec_str(r, i), rec_str_len(r, i));
    case REC_INT:
    case REC_QTY:
        return json_object_new_int64(rec_int(r, i));
    case REC_BOOL:
        return json_object_new_boolean(rec_bool(r, i));
    case REC_TIME:
        o = json_object_new_string(clock_rfc3339_micro(&a, rec_int(r, i)));
        break;
    case REC_LIST:
    case REC_OWNED:
        return list_value(r, i, row);
    case REC_MAP:
        return map_value(r, i);
    case REC_RAW:
        o = json_object_get((struct json_object *)(uintptr_t)rec_json(r, i, &a));
        break;
    case REC_OBJ:
    default:
        return json_object_new_object();
    }
    arena_done(&a);
    return o;
}

/* Puts the value at a dotted path below *root, making objects on the way. */
static void put_at(struct json_object **root, const char *path, struct json_object *value)
{
    struct json_object *at = *root, *next;
    char seg[320];

    if (*path == '\0') {
        json_object_put(*root);
        *root = value;
        return;
    }
    for (;;) {
        size_t n = 0;

        for (; *path != '\0' && *path != '.'; path++) {
            path += *path == '\\' && path[1] == '.' ? 1 : 0;
            seg[n++] = *path;
        }
        seg[n] = '\0';
        if (*path++ == '\0') {
            break;
        }
        if (!json_object_object_get_ex(at, seg, &next)) {
            next = json_object_new_object();
            json_object_object_add(at, seg, next);
        }
        at = next;
    }
    json_object_object_add(at, seg, value);
}

static unsigned segments(const char *path)
{
    unsigned n = *path != '\0';

    for (; *path != '\0'; path++) {
        n += *path == '.';
    }
    return n;
}

/* Objects that are only known to be there come first, whole subtrees last, the widest at the end.
 */
static struct json_object *written(const struct rec *r, const struct rows *rows)
{
    struct json_object *o = json_object_new_object();

    for (unsigned round = 0; round < 10; round++) {
        for (unsigned i = 0; i < rows->count; i++) {
            const struct row *row = &rows->row[i];
            unsigned turn = row->type == REC_OBJ   ? segments(row->path)
                            : row->type != REC_RAW ? 4
                                                   : 9 - segments(row->path);

            if (turn == round && rec_has(r, i)) {
                put_at(&o, row->path, row_value(r, i, row));
            }
        }
    }
    return o;
}

static void check(struct arena *a, const struct kind *k, const struct json *j)
{
    const struct rec *r, *again;
    const struct json *back;
    uint32_t size, size_again;
    struct err e;

    law(rec_build(a, k->rows, j, &r, &size, &e) == 0, "%s", e.text);
    law(rec_size(r) == size, "%u and %u", rec_size(r), size);
    struct rec *moved = arena_memdup(a, r, size);
    struct json_object *o = written(moved, k->rows);
    const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);

    law(json_parse(a, text, strlen(text), &back, &e) == 0, "%s: %s", e.text, text);
    law(rec_build(a, k->rows, back, &again, &size_again, &e) == 0, "%s", e.text);
    struct json_object *o2 = written(again, k->rows);
    const char *text2 = json_object_to_json_string_ext(o2, JSON_C_TO_STRING_PLAIN);

    /* what was dropped from a list or a map leaves a little room in the first */
    law(size_again <= size && strcmp(text, text2) == 0, "%s: %s becomes %s", k->kind, text, text2);
    json_object_put(o2);
    json_object_put(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = {0};
    const struct json *j;
    struct err e;

    if (n > 1 && json_parse(&a, (const char *)data + 1, n - 1, &j, &e) == 0) {
        check(&a, kinds[data[0] % ARRAY_LEN(kinds)], j);
    }
    arena_done(&a);
    return 0;
}

FUZZ_TARGET("record", a_record_written_back_builds_the_same_record);
