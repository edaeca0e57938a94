/* rec.c — laws of flat records, versions and quantities. */
#include "api/kinds.gen.h"

#include <inttypes.h>
#include <stdio.h>

#include "api/recjson.h"
#include "base/clock.h"
#include "base/span.h"
#include "kube/plan.h"
#include "support/prop.h"

static const struct kind *const kinds[] = {
    &kind_dkuberun, &kind_pool, &kind_dataset, &kind_deployment,
    &kind_pod,      &kind_node, &kind_service, &kind_serviceaccount,
};

/* --- random objects of a kind -------------------------------------------------------------- */

struct node { /* a document being put together */
    const char *key, *text;
    struct node *kids;
    size_t count;
};

static struct node *kid(struct arena *a, struct node *n, const char *key, size_t len)
{
    struct node *k;

    for (size_t i = 0; i < n->count; i++) {
        if (strlen(n->kids[i].key) == len && strncmp(n->kids[i].key, key, len) == 0) {
            return &n->kids[i];
        }
    }
    k = arena_push(a, (void **)&n->kids, &n->count, sizeof *k);
    k->key = arena_strndup(a, key, len);
    return k;
}

static void put(struct arena *a, struct node *n, const char *path, const char *text)
{
    while (*path != '\0' && n->text == NULL) {
        size_t len = strcspn(path, ".");

        n = kid(a, n, path, len);
        path += len + (path[len] == '.' ? 1 : 0);
    }
    if (n->count == 0) {
        n->text = text;
    }
}

static const char *node_text(struct arena *a, const struct node *n)
{
    const char *text = "";

    if (n->text != NULL) {
        return n->text;
    }
    for (size_t i = 0; i < n->count; i++) {
        text = arena_printf(a, "%s%s\"%s\":%s", text, i > 0 ? "," : "", n->kids[i].key,
                            node_text(a, &n->kids[i]));
    }
    return arena_printf(a, "{%s}", text);
}

static const char *random_object(struct dice *d, struct arena *a, const struct rows *rows);

static const char *quoted(struct arena *a, const char *s)
{
    struct jsonw w;

    jsonw_init(&w, a);
    jsonw_str(&w, NULL, s);
    return jsonw_text(&w);
}

static const char *random_many(struct dice *d, struct arena *a, const struct row *row)
{
    bool map = row->type == REC_MAP;
    const char *text = "";

    for (unsigned i = 0, n = roll(d, 4); i < n; i++) {
        const char *item = map ? arena_printf(a, "\"k%u/x\":%s", i, quoted(a, random_text(d, a, 6)))
                               : random_object(d, a, row->items);

        text = arena_printf(a, "%s%s%s", text, i > 0 ? "," : "", item);
    }
    return arena_printf(a, map ? "{%s}" : "[%s]", text);
}

static const char *random_value(struct dice *d, struct arena *a, const struct row *row)
{
    switch (row->type) {
    case REC_STR:
        return quoted(a, random_text(d, a, 9));
    case REC_TEXT:
        return chance(d, 50) ? "17" : "\"4Gi\"";
    case REC_INT:
        return arena_printf(a, "%" PRId64, (int64_t)dice_bits(d) >> roll(d, 64));
    case REC_BOOL:
        return chance(d, 50) ? "true" : "false";
    case REC_TIME:
        return quoted(a, clock_rfc3339(a, (int64_t)roll(d, 2000000000) * 1000));
    case REC_QTY:
        return arena_printf(a, "\"%um\"", roll(d, 5000));
    case REC_LIST:
    case REC_MAP:
        return random_many(d, a, row);
    case REC_OWNED:
        return "[]";
    case REC_RAW:
    case REC_OBJ:
    default:
        return "{\"x\":[1,{\"name\":\"y\"}]}";
    }
}

static unsigned odd_percent = 4;

/* Now and then a field is left out, null or of a type that nobody declared. */
static const char *random_object(struct dice *d, struct arena *a, const struct rows *rows)
{
    struct node root = {0};

    for (unsigned i = rows->count; i > 0;
         i--) { /* the deepest first, so that they are not cut off */
        const struct row *row = &rows->row[i - 1];
        const char *odd = chance(d, 50) ? "null" : "[[7]]";

        if (chance(d, 80)) {
            put(a, &root, row->path, chance(d, odd_percent) ? odd : random_value(d, a, row));
        }
    }
    return root.text != NULL || root.count > 0 ? node_text(a, &root) : "{}";
}

/* --- reading back --------------------------------------------------------------------------- */

static const struct json *parsed(struct arena *a, const char *text)
{
    const struct json *j = NULL;
    struct err e;

    holds(json_parse(a, text, strlen(text), &j, &e) == 0, "%s: %s", e.text, text);
    return j;
}

static const struct rec *built(struct arena *a, const struct rows *rows, const struct json *j)
{
    const struct rec *r = NULL;
    uint32_t size;
    struct err e;

    holds(rec_build(a, rows, j, &r, &size, &e) == 0, "%s", e.text);
    return r;
}

static bool reads_back(struct arena *a, const struct rec *r, const struct rows *rows,
                       const struct json *j);

static bool list_reads_back(struct arena *a, const struct rec *r, unsigned i, const struct row *row,
                            const struct json *want)
{
    for (size_t k = 0; k < json_len(want); k++) {
        if (!reads_back(a, rec_item(r, i, (uint32_t)k), row->items, json_at(want, k))) {
            return false;
        }
    }
    return rec_count(r, i) == json_len(want);
}

static bool map_reads_back(const struct rec *r, unsigned i, const struct json *want)
{
    struct json_iter it = {0};

    while (json_next(want, &it)) {
        if (!str_eq(rec_map_get(r, i, it.key), json_as_str(it.value))) {
            return false;
        }
    }
    return json_kind(want) == JSON_OBJECT || rec_count(r, i) == 0;
}

static bool number_reads_back(const struct rec *r, unsigned i, const struct row *row,
                              const struct json *want)
{
    const char *s = json_as_str(want);
    int64_t v = 0;
    bool there = false, flag = false;

    if (row->type == REC_INT) {
        there = json_as_int(want, &v) == 0;
    } else if (row->type == REC_BOOL) {
        there = json_as_flag(want, &flag) == 0;
        v = flag;
    } else if (row->type == REC_TIME) {
        there = s != NULL && clock_parse_rfc3339(s, &v) == 0;
    } else {
        there = json_kind(want) == JSON_OBJECT;
        v = 1;
    }
    return rec_has(r, i) == there && (!there || rec_int(r, i) == v);
}

static bool row_reads_back(struct arena *a, const struct rec *r, unsigned i, const struct row *row,
                           const struct json *want)
{
    switch (row->type) {
    case REC_STR:
        return str_eq(rec_str(r, i), json_as_str(want)) &&
               rec_has(r, i) == (json_kind(want) == JSON_STRING);
    case REC_INT:
    case REC_BOOL:
    case REC_TIME:
    case REC_OBJ:
        return number_reads_back(r, i, row, want);
    case REC_LIST:
        return list_reads_back(a, r, i, row, want);
    case REC_MAP:
        return map_reads_back(r, i, want);
    case REC_RAW:
        return json_equal(rec_json(r, i, a), want);
    case REC_TEXT:
    case REC_QTY:
    case REC_OWNED:
    default:
        return true;
    }
}

static bool reads_back(struct arena *a, const struct rec *r, const struct rows *rows,
                       const struct json *j)
{
    for (unsigned i = 0; i < rows->count; i++) {
        if (!row_reads_back(a, r, i, &rows->row[i], json_get(j, rows->row[i].path))) {
            print_error("row %s: ", rows->row[i].path);
            return false;
        }
    }
    return true;
}

LAW(every_declared_field_reads_back_as_the_document_has_it)
{
    const struct kind *k = kinds[roll(d, ARRAY_LEN(kinds))];
    const struct json *j = parsed(a, random_object(d, a, k->rows));

    holds(reads_back(a, built(a, k->rows, j), k->rows, j), "%s", json_text(a, j));
}

LAW(a_record_written_to_a_journal_reads_alike)
{
    const struct kind *k = kinds[roll(d, ARRAY_LEN(kinds))];
    const struct json *j = parsed(a, random_object(d, a, k->rows));
    const struct rec *r = built(a, k->rows, j), *again = NULL;
    struct jsonw w;
    struct err e;

    jsonw_init(&w, a);
    rec_json_write(&w, NULL, k->rows, r);
    const struct json *text = parsed(a, jsonw_text(&w));
    holds(rec_json_read(a, k->rows, text, &again, &e) == 0, "%s", e.text);
    jsonw_init(&w, a);
    rec_json_write(&w, NULL, k->rows, again);
    holds(json_equal(text, parsed(a, jsonw_text(&w))), "%s", json_text(a, text));
    holds(reads_back(a, again, k->rows, j), "%s", json_text(a, j));
}

LAW(a_record_reads_alike_wherever_it_lies)
{
    const struct kind *k = kinds[roll(d, ARRAY_LEN(kinds))];
    const struct json *j = parsed(a, random_object(d, a, k->rows));
    const struct rec *r = built(a, k->rows, j);
    uint32_t size = rec_size(r);
    const struct rec *moved = arena_memdup(a, r, size);

    memset((void *)(uintptr_t)r, 0xdb, size);
    holds(reads_back(a, moved, k->rows, j), "%s", json_text(a, j));
}

LAW(the_same_document_makes_the_same_bytes)
{
    const struct kind *k = kinds[roll(d, ARRAY_LEN(kinds))];
    const struct json *j = parsed(a, random_object(d, a, k->rows));
    const struct rec *x = built(a, k->rows, j), *y = built(a, k->rows, j);

    holds(rec_size(x) == rec_size(y) && memcmp(x, y, rec_size(x)) == 0, "%s", json_text(a, j));
}

LAW(any_document_at_all_makes_a_record)
{
    const struct kind *k = kinds[roll(d, ARRAY_LEN(kinds))];
    const struct json *j = parsed(a, random_json(d, a, 5));

    holds(reads_back(a, built(a, k->rows, j), k->rows, j), "%s", json_text(a, j));
}

/* --- the write law ---------------------------------------------------------------------------- */

LAW(applying_what_an_object_already_is_writes_nothing)
{
    const struct kind *k = kinds[roll(d, ARRAY_LEN(kinds))];
    const struct json *j;
    const char *text;
    struct plan p;

    odd_percent = 0; /* the API server keeps only what is well typed */
    text = random_object(d, a, k->rows);
    odd_percent = 4;
    j = parsed(a, text);
    if (json_kind(json_get(j, "metadata")) == JSON_OBJECT) {
        plan_init(&p, a);
        plan_apply(&p, k, built(a, k->rows, j), NULL, text);
        holds(p.skipped == 1 && plan_is_empty(&p), "%s", text);
    }
}

LAW(writing_the_status_that_is_there_writes_nothing)
{
    const char *status = random_json(d, a, 4);
    const struct json *j;
    struct plan p;

    if (*status == '{') {
        j = parsed(a, arena_printf(a, "{\"metadata\":{\"name\":\"m\"},\"status\":%s}", status));
        plan_init(&p, a);
        plan_status(&p, &kind_model, built(a, kind_model.rows, j), NULL, status);
        holds(p.skipped == 1, "%s", status);
    }
}

/* --- versions and quantities --------------------------------------------------------------------
 */

LAW(versions_are_ordered_like_numbers)
{
    uint64_t x = dice_bits(d) >> roll(d, 64), y = dice_bits(d) >> roll(d, 64);
    const char *s = arena_printf(a, "%" PRIu64, x), *t = arena_printf(a, "%" PRIu64, y);
    int order = rv_compare(s, t);

    holds((order < 0) == (x < y) && (order > 0) == (x > y), "%s %s", s, t);
    holds((rv_compare(t, s) > 0) == (order < 0), "%s %s", s, t);
    holds(rv_is_valid(s), "%s", s);
}

LAW(quantities_are_rounded_up)
{
    int64_t n = (int64_t)(dice_bits(d) >> (11 + roll(d, 50))), units = -1;
    const char *milli = arena_printf(a, "%" PRId64 "m", n);

    holds(quantity_parse(milli, &units) == 0, "%s", milli);
    holds(units == n / 1000 + (n % 1000 != 0), "%s became %" PRId64, milli, units);
    holds(quantity_parse(arena_printf(a, "%" PRId64 ".%03" PRId64, n / 1000, n % 1000), &units) ==
                  0 &&
              units == n / 1000 + (n % 1000 != 0),
          "%" PRId64, n);
}

LAW(no_text_breaks_the_quantity_parser)
{
    static const char letters[] = "0123456789.eEmkKiMGn+- ";
    char text[12] = "";
    int64_t units = -1;

    for (unsigned i = 0, n = roll(d, sizeof text - 1); i < n; i++) {
        text[i] = letters[roll(d, sizeof letters - 1)];
    }
    holds(quantity_parse(text, &units) < 0 ? units == -1 : units >= 0, "%s", text);
}

SPEC_MAIN()
