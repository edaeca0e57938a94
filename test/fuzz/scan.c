/* The push scanner beside json-c, in chunks of the size that the first byte says and in each split
 * in two. What json-c takes by its strictest rules, to 10,000 levels, makes the same record; what
 * either refuses makes none, but for the differences that is_known() lists. */
#include "api/scan.h"

#include <json-c/json.h>

#include "api/kinds.gen.h"
#include "json/json.h"
#include "support/fuzz.h"

static const struct row inner_row[] = {{"", REC_TEXT, NULL}, {"a", REC_RAW, NULL}};
static const struct rows inner = {"inner", inner_row, 2};
static const struct row row[] = {
    {"a", REC_STR, NULL},  {"a", REC_RAW, NULL},    {"a.b", REC_TEXT, NULL},
    {"a", REC_MAP, NULL},  {"b", REC_LIST, &inner}, {"a.b.c", REC_INT, NULL},
    {"b", REC_OBJ, NULL},  {"c", REC_QTY, NULL},    {"c", REC_TIME, NULL},
    {"c", REC_BOOL, NULL}, {"", REC_RAW, NULL},     {"metadata.name", REC_STR, NULL},
};
static const struct rows all = {"all", row, ARRAY_LEN(row)};

struct reading {
    const struct rec *rec;
    uint32_t size;
};

/* How long the pieces are: `first`, then `step` each. */
struct pieces {
    size_t first, step;
};

static int scan_all(struct arena *a, struct scan *s, struct span text, struct pieces by,
                    struct reading *ret)
{
    size_t n = by.first;
    struct err e;
    int r = 0;

    scan_reset(s);
    for (; text.n > 0 && r == 0; n = by.step) {
        n = n < text.n ? n : text.n;
        struct span chunk = {arena_memdup(a, text.p, n), n};

        r = scan_feed(s, &chunk, &e);
        text = (struct span){text.p + n - chunk.n, text.n - n + chunk.n};
    }
    while (r == 1 && text.n > 0) {
        r = *text.p != '\0' && strchr(" \n\r\t", *text.p) != NULL ? 1 : -1;
        text = (struct span){text.p + 1, text.n - 1};
    }
    r = r == 0 ? scan_end(s, &e) : r;
    if (r == 1) {
        law(scan_rec(s, 0, a, &ret->rec, &ret->size, &e) == 0, "%s", e.text);
    }
    return r == 1 ? 0 : -1;
}

static bool strictly_taken(struct span text)
{
    struct json_tokener *t = json_tokener_new_ex(10000);
    struct json_object *o;
    bool ok;

    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    o = json_tokener_parse_ex(t, text.p, (int)text.n);
    ok = json_tokener_get_error(t) == json_tokener_success;
    ok = ok && json_tokener_get_parse_end(t) == text.n;
    json_object_put(o);
    json_tokener_free(t);
    return ok;
}

/* What json-c takes by its strict rules although RFC 8259 refuses it: control characters in
 * strings; outside of them NaN, Infinity, words in capitals, other blanks, and numbers with leading
 * zeros or without digits on one side of the point. */
static bool is_known(struct span text)
{
    bool in = false;

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (in && c == '\\') {
            i++;
        } else if (c == '"') {
            in = !in;
        } else if (in ? c < 0x20 : c != '\0' && strchr("NITFUR\v\f.eE-0", c) != NULL) {
            return true;
        }
    }
    return false;
}

static void compare(struct arena *a, struct scan *s, struct span text, struct pieces by,
                    const struct reading *want)
{
    struct reading have = {0};
    int r = scan_all(a, s, text, by, &have);

    law(r == (want->rec != NULL ? 0 : -1), "pieces of %zu, %zu", by.first, by.step);
    law(r < 0 || (have.size == want->size && memcmp(have.rec, want->rec, have.size) == 0),
        "pieces of %zu, %zu", by.first, by.step);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const struct rows *tables[] = {&all, &all, kind_pod.rows, kind_dkuberun.rows};
    struct arena a = {0};
    struct reading want = {0};
    const struct json *j;
    struct err e;

    if (n < 1) {
        return 0;
    }
    const struct rows *rows = tables[data[0] % ARRAY_LEN(tables)];
    struct span text = {(const char *)data + 1, n - 1};

    if (json_parse(&a, text.p, text.n, &j, &e) == 0) {
        law(rec_build(&a, rows, j, &want.rec, &want.size, &e) == 0, "%s", e.text);
    } else {
        law(!strictly_taken(text) || is_known(text), "json-c takes it: %s", e.text);
    }
    const struct scan_part part = {"", rows};
    struct scan *s = scan_new(&part, 1, SIZE_MAX);

    compare(&a, s, text, (struct pieces){SIZE_MAX, 1}, &want);
    compare(&a, s, text, (struct pieces){1u + data[0] / 4, 1u + data[0] / 4}, &want);
    for (size_t i = 1; i < text.n; i += text.n < 200 ? 1 : text.n / 20) {
        compare(&a, s, text, (struct pieces){i, SIZE_MAX}, &want);
    }
    scan_free(s);
    arena_done(&a);
    return 0;
}

FUZZ_TARGET("scan", the_scanner_reads_as_json_c_does_whatever_the_pieces);
