#include "api/recjson.h"

#include <string.h>

#include "api/recbuf.h"

/* A list of strings has rows of one path "". */
static bool is_scalar(const struct rows *items)
{
    return items->count == 1 && items->row[0].path[0] == '\0';
}

/* --- writing -------------------------------------------------------------------------------- */

static void write_list(struct jsonw *w, const struct row *row, const struct rec *r, unsigned slot)
{
    jsonw_arr(w, row->path);
    for (uint32_t i = 0; i < rec_count(r, slot); i++) {
        if (is_scalar(row->items)) {
            jsonw_str(w, NULL, rec_text(r, slot, i));
        } else {
            rec_json_write(w, NULL, row->items, rec_item(r, slot, i));
        }
    }
    jsonw_end(w);
}

static void write_map(struct jsonw *w, const struct row *row, const struct rec *r, unsigned slot)
{
    jsonw_obj(w, row->path);
    for (uint32_t i = 0; i < rec_count(r, slot); i++) {
        jsonw_str(w, rec_map_key(r, slot, i), rec_map_value(r, slot, i));
    }
    jsonw_end(w);
}

static void write_row(struct jsonw *w, const struct row *row, const struct rec *r, unsigned slot)
{
    switch (row->type) {
    case REC_STR:
    case REC_TEXT:
        jsonw_str(w, row->path, rec_str(r, slot));
        break;
    case REC_INT:
    case REC_TIME:
    case REC_QTY:
        jsonw_int(w, row->path, rec_int(r, slot));
        break;
    case REC_BOOL:
    case REC_OBJ:
        jsonw_bool(w, row->path, rec_bool(r, slot));
        break;
    case REC_LIST:
    case REC_OWNED:
        write_list(w, row, r, slot);
        break;
    case REC_MAP:
        write_map(w, row, r, slot);
        break;
    case REC_RAW:
        jsonw_raw(w, row->path, rec_str(r, slot), rec_str_len(r, slot));
        break;
    }
}

void rec_json_write(struct jsonw *w, const char *key, const struct rows *rows, const struct rec *r)
{
    jsonw_obj(w, key);
    for (unsigned i = 0; i < rows->count; i++) {
        if (rec_has(r, i)) {
            write_row(w, &rows->row[i], r, i);
        }
    }
    jsonw_end(w);
}

/* --- reading -------------------------------------------------------------------------------- */

static size_t read_rec(struct recbuf *b, const struct rows *rows, const struct json *j);

static void read_list(struct recbuf *b, struct place at, const struct json *j)
{
    const struct rows *items = at.row->items;
    size_t list = recbuf_list(b, json_len(j));

    for (size_t i = 0; i < json_len(j); i++) {
        const struct json *item = json_at(j, i);

        if (is_scalar(items)) {
            struct place one = recbuf_begin(b, items);

            if (json_as_str(item) != NULL) {
                recbuf_text(b, one, json_as_str(item), json_as_str_len(item));
            }
            recbuf_item(b, at, list, i, one.rec);
        } else {
            recbuf_item(b, at, list, i, read_rec(b, items, item));
        }
    }
    recbuf_count(b, at, list, json_len(j));
}

static void read_map(struct recbuf *b, struct place at, const struct json *j)
{
    struct json_iter it = {0};
    size_t n = 0, map;

    while (json_next(j, &it)) {
        n++;
    }
    map = recbuf_map(b, n);
    it = (struct json_iter){0};
    n = 0;
    while (json_next(j, &it)) {
        if (json_as_str(it.value) != NULL) {
            recbuf_pair(b, at, n++, map, (const char *const[]){it.key, json_as_str(it.value)});
        }
    }
    recbuf_count(b, at, map, n);
}

static void read_scalar(struct recbuf *b, struct place at, const struct json *j)
{
    int64_t v;
    bool flag;

    if (json_as_str(j) != NULL) {
        recbuf_text(b, at, json_as_str(j), json_as_str_len(j));
    } else if (json_as_flag(j, &flag) == 0) {
        recbuf_number(b, at, flag);
    } else if (json_as_int(j, &v) == 0) {
        recbuf_number(b, at, v);
    }
}

static void read_row(struct recbuf *b, struct place at, const struct json *j)
{
    if (at.row->type == REC_RAW) {
        const char *text = json_text(b->a, j);

        recbuf_text(b, at, text, strlen(text));
    } else if (at.row->type == REC_LIST || at.row->type == REC_OWNED) {
        read_list(b, at, j);
    } else if (at.row->type == REC_MAP) {
        read_map(b, at, j);
    } else {
        read_scalar(b, at, j);
    }
}

static size_t read_rec(struct recbuf *b, const struct rows *rows, const struct json *j)
{
    struct place at = recbuf_begin(b, rows);

    for (unsigned i = 0; i < rows->count; i++) {
        const struct json *value = json_key(j, rows->row[i].path);

        at.i = i;
        at.row = &rows->row[i];
        if (value != NULL) {
            read_row(b, at, value);
        }
    }
    return at.rec;
}

int rec_json_read(struct arena *a, const struct rows *rows, const struct json *j,
                  const struct rec **ret, struct err *e)
{
    struct recbuf b = {.a = a};
    uint32_t size;

    read_rec(&b, rows, j);
    return recbuf_seal(&b, ret, &size, e);
}
