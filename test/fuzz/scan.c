/* Fuzz target: the push scanner beside json_parse() and rec_build(), for a chunk size that the
 * first byte says. For clang -fsanitize=fuzzer,address,undefined. */
#include "api/scan.h"

#include <stdlib.h>
#include <string.h>

#include "api/kinds.gen.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct row inner_row[] = {{"", REC_TEXT, NULL}, {"a", REC_RAW, NULL}};
static const struct rows inner = {"inner", inner_row, 2};
static const struct row row[] = {
    {"a", REC_STR, NULL},  {"a", REC_RAW, NULL},    {"a.b", REC_TEXT, NULL},
    {"a", REC_MAP, NULL},  {"b", REC_LIST, &inner}, {"a.b.c", REC_INT, NULL},
    {"b", REC_OBJ, NULL},  {"c", REC_QTY, NULL},    {"c", REC_TIME, NULL},
    {"c", REC_BOOL, NULL}, {"", REC_RAW, NULL},     {"metadata.name", REC_STR, NULL},
};
static const struct rows all = {"all", row, ARRAY_LEN(row)};

static int scan_all(struct arena *a, const struct rows *rows, struct span text, size_t step,
                    const struct rec **ret, uint32_t *size)
{
    const struct scan_part part = {"", rows};
    struct scan *s = scan_new(&part, 1, SIZE_MAX);
    struct err e;
    int r = 0;

    while (text.n > 0 && r == 0) {
        size_t n = step < text.n ? step : text.n;
        struct span chunk = {arena_memdup(a, text.p, n), n};

        r = scan_feed(s, &chunk, &e);
        text = (struct span){text.p + n - chunk.n, text.n - n + chunk.n};
    }
    while (r == 1 && text.n > 0) {
        r = *text.p != '\0' && strchr(" \n\r\t", *text.p) != NULL ? 1 : -1;
        text = (struct span){text.p + 1, text.n - 1};
    }
    r = r == 0 ? scan_end(s, &e) : r;
    if (r == 1 && scan_rec(s, 0, a, ret, size, &e) < 0) {
        abort();
    }
    scan_free(s);
    return r == 1 ? 0 : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct rows *tables[3];
    struct arena a = {0};
    const struct json *j;
    const struct rec *want, *have;
    uint32_t want_size, have_size;
    struct err e;

    if (n < 1) {
        return 0;
    }
    tables[0] = tables[1] = &all;
    tables[2] = kind_pod.rows;
    const struct rows *rows = tables[data[0] % 3];
    struct span text = {(const char *)data + 1, n - 1};
    int refused = json_parse(&a, text.p, text.n, &j, &e);

    if (refused == 0 && rec_build(&a, rows, j, &want, &want_size, &e) < 0) {
        abort();
    }
    if (scan_all(&a, rows, text, 1 + data[0] / 3 % 17, &have, &have_size) != refused) {
        abort();
    }
    if (refused == 0 && (want_size != have_size || memcmp(want, have, want_size) != 0)) {
        abort();
    }
    arena_done(&a);
    return 0;
}
