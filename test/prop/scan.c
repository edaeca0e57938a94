/* scan.c — laws of the push scanner: it reads as json_parse() and rec_build() do. */
#include "api/scan.h"

#include "api/kinds.gen.h"
#include "base/limits.h"
#include "json/json.h"
#include "support/prop.h"

static const struct kind *const kinds[] = {
    &kind_dkuberun, &kind_pool, &kind_pod, &kind_node, &kind_service, &kind_model,
};

/* --- random documents, of few keys, so that rows meet them and keys come twice -----------------
 */

static const char *const keys[] = {"a", "b",       "c",         "a\\u0062", "k.x",
                                   "",  "\\ud83d", "a\\u0000b", "\\u00e9",  "\xc3\xa9"};
static const char *const scalars[] = {
    "0",
    "-0",
    "17",
    "-3",
    "9223372036854775807",
    "9223372036854775808",
    "1e3",
    "-0.0",
    "1.50",
    "1E+400",
    "99999999999999999999999",
    "-9223372036854775809",
    "true",
    "false",
    "null",
    "\"\"",
    "\"500m\"",
    "\"4Gi\"",
    "\"2026-01-02T03:04:05Z\"",
    "\"x\\u0000y\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\ude00z\"",
    "\"\\ud83dq\"",
    "\"\\ud83d\\n\"",
    "\"\\ud83d\\u0041\"",
    "\"\\ud83d\\uffff\"",
    "\"\\/\\b\\f\\n\\r\\t\\\"\\\\\"",
    "\"\x7f\"",
    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
    "\"a long text without anything special in it\"",
    "\"\\u001f\\u0020\\u00ff\\u07ff\\u0800\\uffff\"",
    "18446744073709551616",
    "1.0",
    "2e0",
    "9007199254740993.0",
    "\"dkube-x\"",
    "\"Apply\"",
};

static const char *blank(struct dice *d)
{
    static const char *const some[] = {" ", "\n", "\t\r", "   "};

    return chance(d, 90) ? "" : some[roll(d, ARRAY_LEN(some))];
}

static const char *document(struct dice *d, struct arena *a, int depth)
{
    bool object = chance(d, 60);
    const char *text = "";

    if (depth == 0 || chance(d, 25)) {
        return arena_printf(a, "%s%s%s", blank(d), scalars[roll(d, ARRAY_LEN(scalars))], blank(d));
    }
    for (unsigned i = roll(d, 6); i > 0; i--) {
        const char *item = document(d, a, depth - 1);

        if (object) {
            item = arena_printf(a, "%s\"%s\"%s:%s", blank(d), keys[roll(d, ARRAY_LEN(keys))],
                                blank(d), item);
        }
        text = arena_printf(a, "%s%s%s", text, *text != '\0' ? "," : "", item);
    }
    return arena_printf(a, object ? "%s{%s%s}%s" : "%s[%s%s]%s", blank(d), text, blank(d),
                        blank(d));
}

/* --- random tables -----------------------------------------------------------------------------
 */

static const char *random_path(struct dice *d, struct arena *a)
{
    static const char *const segments[] = {"a", "b", "c", "ab", "k\\.x", "\xc3\xa9"};
    const char *path = "";

    for (unsigned i = roll(d, 4); i > 0; i--) {
        path = arena_printf(a, "%s%s%s", path, *path != '\0' ? "." : "",
                            segments[roll(d, ARRAY_LEN(segments))]);
    }
    return path;
}

static bool has_list(const struct row *row, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++) {
        if (row[i].type == REC_LIST && strcmp(row[i].path, path) == 0) {
            return true;
        }
    }
    return false;
}

static const struct rows *random_rows(struct dice *d, struct arena *a, int depth)
{
    size_t n = 1 + roll(d, 9), count = 0;
    struct row *row = arena_alloc(a, n * sizeof *row);
    struct rows *rows = arena_alloc(a, sizeof *rows);

    for (; count < n; count++) {
        row[count].path = random_path(d, a);
        row[count].type = (enum rec_type)roll(d, REC_OWNED);
        if (row[count].type == REC_LIST && (depth == 0 || has_list(row, count, row[count].path))) {
            row[count].type = REC_TEXT;
        }
        row[count].items = row[count].type == REC_LIST ? random_rows(d, a, depth - 1) : NULL;
    }
    *rows = (struct rows){"random", row, (uint16_t)n};
    return rows;
}

/* --- both ways ---------------------------------------------------------------------------------
 */

static bool all_blank(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0' || strchr(" \n\r\t", s.p[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* -1: refused; else the record's size. `most` is the longest chunk. */
static int64_t scanned(struct dice *d, struct arena *a, const struct rows *rows, struct span text,
                       const struct rec **ret, unsigned most)
{
    struct scan_part part = {"", rows};
    struct scan *s = scan_new(&part, 1, (size_t)limit(LIMIT_OBJECT_BYTES));
    uint32_t size = 0;
    int r = 0;
    struct err e;

    while (text.n > 0 && r >= 0) {
        size_t n = 1 + roll(d, most);
        char *copy = arena_memdup(a, text.p, n < text.n ? n : text.n);
        struct span chunk = {copy, n < text.n ? n : text.n};

        size_t taken = chunk.n;

        text = (struct span){text.p + chunk.n, text.n - chunk.n};
        if (r == 1) {
            r = all_blank(chunk) ? 1 : -1;
            continue;
        }
        r = scan_feed(s, &chunk, &e);
        if (r == 1) {
            size = 1;
            holds(scan_rec(s, 0, a, ret, &size, &e) == 0, "%s", e.text);
            r = all_blank(chunk) ? 1 : -1;
        }
        memset(copy, 0xdb, taken); /* nothing of a chunk may be kept by its address */
    }
    if (r == 0) {
        r = scan_end(s, &e);
        if (r == 1) {
            holds(scan_rec(s, 0, a, ret, &size, &e) == 0, "%s", e.text);
        }
    }
    scan_free(s);
    return r == 1 ? (int64_t)size : -1;
}

static int64_t parsed(struct arena *a, const struct rows *rows, struct span text,
                      const struct rec **ret)
{
    const struct json *j;
    uint32_t size = 0;
    struct err e;

    if (json_parse(a, text.p, text.n, &j, &e) < 0) {
        return -1;
    }
    holds(rec_build(a, rows, j, ret, &size, &e) == 0, "%s", e.text);
    return size;
}

static void both_agree(struct dice *d, struct arena *a, const struct rows *rows, struct span text)
{
    static const unsigned chunks[] = {1, 3, 20, 1000};
    const struct rec *want = NULL, *have = NULL;
    int64_t n = parsed(a, rows, text, &want);
    int64_t m = scanned(d, a, rows, text, &have, chunks[roll(d, ARRAY_LEN(chunks))]);

    holds(n == m, "json-c makes %lld bytes, the scanner %lld, of %.*s", (long long)n, (long long)m,
          (int)text.n, text.p);
    holds(n < 0 || memcmp(want, have, (size_t)n) == 0, "the records differ for %.*s", (int)text.n,
          text.p);
}

LAW(the_scanner_makes_the_record_of_the_parsed_document)
{
    for (int i = 0; i < 20; i++) {
        both_agree(d, a, random_rows(d, a, 2), span_of(document(d, a, 5)));
    }
}

LAW(any_kind_is_scanned_as_it_is_parsed)
{
    for (int i = 0; i < 10; i++) {
        both_agree(d, a, kinds[roll(d, ARRAY_LEN(kinds))]->rows, span_of(random_json(d, a, 6)));
    }
}

LAW(a_broken_document_is_refused_by_both_or_by_none)
{
    for (int i = 0; i < 20; i++) {
        static const char bytes[] = "{}[]\",:\\u0e1+-.tfn \x01\x80\xc3\xf0";
        char *text = arena_strdup(a, document(d, a, 4));
        size_t n = strlen(text);

        for (unsigned k = 0; k <= roll(d, 3) && n > 0; k++) {
            text[roll(d, (unsigned)n)] =
                chance(d, 20) ? (char)dice_bits(d) : bytes[roll(d, sizeof bytes)];
        }
        if (chance(d, 20)) {
            n = roll(d, (unsigned)n + 1);
        }
        both_agree(d, a, random_rows(d, a, 2), (struct span){text, n});
    }
}

LAW(entries_of_managed_fields_are_kept_when_they_are_ours)
{
    static const char *const managers[] = {"dkube-run", "kubectl", "dkube-"};
    const char *text = "";

    for (unsigned i = roll(d, 4); i > 0; i--) {
        const char *m = arena_printf(a, "\"manager\":\"%s\"", managers[roll(d, 3)]);
        const char *f = arena_printf(a, "\"fieldsV1\":%s", document(d, a, 3));

        text = arena_printf(a, "%s%s{%s,\"operation\":\"%s\",%s}", text, *text ? "," : "",
                            chance(d, 50) ? m : f, chance(d, 80) ? "Apply" : "Update",
                            chance(d, 50) ? f : m);
    }
    text = arena_printf(a, "{\"metadata\":{\"managedFields\":[%s],\"name\":\"x\"}}", text);
    if (strstr(text, "Apply") != NULL || chance(d, 50)) {
        both_agree(d, a, kind_model.rows, span_of(text));
    }
}

static struct span nested(struct arena *a, size_t depth, char open, char close, const char *inner)
{
    size_t n = strlen(inner);
    char *text = arena_alloc(a, 2 * depth + n + 1);

    memset(text, open, depth);
    memcpy(text + depth, inner, n);
    memset(text + depth + n, close, depth);
    return (struct span){text, 2 * depth + n};
}

LAW(both_refuse_the_same_depth)
{
    size_t depth = 9992 + roll(d, 16);

    if (law_seed % 20 != 0) {
        return; /* these are large */
    }
    both_agree(d, a, random_rows(d, a, 2), nested(a, depth, '[', ']', chance(d, 50) ? "1" : ""));
}

/* --- events and pages --------------------------------------------------------------------------
 */

static void feed(struct dice *d, struct scan *s, const char *text)
{
    struct err e;
    int r = 0;

    while (*text != '\0') {
        size_t n = 1 + roll(d, 5);
        struct span chunk = {text, n < strlen(text) ? n : strlen(text)};

        text += chunk.n;
        r = scan_feed(s, &chunk, &e);
        holds(r >= 0 && chunk.n == 0, "%s", r < 0 ? e.text : "bytes were left");
    }
    holds(r == 1, "no value ended");
}

static void same_rec(struct arena *a, const struct rows *rows, const char *text,
                     const struct rec *have, uint32_t size)
{
    const struct rec *want = NULL;
    int64_t n = parsed(a, rows, span_of(text), &want);

    holds(n == size && memcmp(want, have, size) == 0, "%s", text);
}

LAW(an_event_reads_alike_whether_its_type_comes_first_or_last)
{
    static const struct row row[] = {{"type", REC_STR, NULL},
                                     {"object.metadata.name", REC_STR, NULL}};
    static const struct rows rows = {"event", row, 2};
    const struct scan_part parts[] = {{"", &rows}, {"object", kind_model.rows}};
    struct scan *s = scan_new(parts, 2, 1 << 20);
    const char *object =
        arena_printf(a, "{\"metadata\":{\"name\":\"x\"},\"spec\":%s}", random_json(d, a, 3));

    for (int last = 0; last < 2; last++) {
        const char *type = last ? "" : "\"type\":\"ADDED\",";
        const char *text =
            arena_printf(a, "{%s\"object\":%s%s}", type, object, last ? ",\"type\":\"ADDED\"" : "");
        const struct rec *r;
        uint32_t size = 0;
        struct err e;

        feed(d, s, text);
        holds(scan_rec(s, 0, a, &r, &size, &e) == 0, "%s", text);
        holds(strcmp(rec_str(r, 0), "ADDED") == 0 && strcmp(rec_str(r, 1), "x") == 0, "%s", text);
        holds(scan_rec(s, 1, a, &r, &size, &e) == 0, "%s", text);
        same_rec(a, kind_model.rows, object, r, size);
    }
    scan_free(s);
}

struct page {
    struct arena *a;
    const char *item[8];
    size_t count, got;
};

static int take_item(void *ctx, struct scan *s, struct err *e)
{
    struct page *p = ctx;
    const struct rec *r;
    uint32_t size = 0;

    holds(p->got < p->count && scan_item(s, p->a, &r, &size, e) == 0, "too many elements");
    same_rec(p->a, kind_model.rows, p->item[p->got++], r, size);
    return 0;
}

LAW(a_page_hands_out_each_element_as_it_ends)
{
    const struct row row[] = {{"items", REC_LIST, kind_model.rows},
                              {"metadata.continue", REC_STR, NULL}};
    const struct rows rows = {"page", row, 2};
    const struct scan_part part = {"", &rows};
    struct scan *s = scan_new(&part, 1, 1 << 20);
    struct page p = {.a = a, .count = roll(d, 8)};
    const char *items = "";
    const struct rec *r;
    uint32_t size = 0;
    struct err e;

    for (size_t i = 0; i < p.count; i++) {
        p.item[i] =
            arena_printf(a, "{\"metadata\":{\"name\":\"x\"},\"status\":%s}", random_json(d, a, 3));
        items = arena_printf(a, "%s%s%s", items, i > 0 ? "," : "", p.item[i]);
    }
    scan_each(s, 0, take_item, &p);
    feed(d, s,
         chance(d, 50)
             ? arena_printf(a, "{\"items\":[%s],\"metadata\":{\"continue\":\"t\"}}", items)
             : arena_printf(a, "{\"metadata\":{\"continue\":\"t\"},\"items\":[%s]}", items));
    holds(p.got == p.count, "%zu of %zu", p.got, p.count);
    holds(scan_rec(s, 0, a, &r, &size, &e) == 0 && strcmp(rec_str(r, 1), "t") == 0, "no token");
    scan_free(s);
}

TEST(a_huge_string_is_kept_whole_and_skipped_whole)
{
    struct arena a = {0};
    struct dice d = {7};
    char *big = arena_alloc(&a, (3 << 20) + 1);

    memset(big, 'x', 3 << 20);
    for (int i = 0; i < 2; i++) {
        const char *text = arena_printf(&a, "{\"%s\":\"%s\",\"a\":1}", i == 0 ? "b" : "q", big);
        static const struct row row[] = {{"a", REC_INT, NULL}, {"b", REC_STR, NULL}};
        static const struct rows rows = {"two", row, 2};

        both_agree(&d, &a, &rows, span_of(text));
    }
    arena_done(&a);
}

TEST(what_is_truncated_is_never_a_record)
{
    static const char text[] = "{\"metadata\":{\"name\":\"x\\u00e9\",\"labels\":{\"a\":\"b\"}},"
                               "\"spec\":[1,-2.5e3,true,null]}";
    struct scan_part part = {"", kind_model.rows};
    struct err e;

    for (size_t n = 0; n < sizeof text - 1; n++) {
        struct scan *s = scan_new(&part, 1, 1000);
        struct span chunk = {text, n};

        assert_int_equal(scan_feed(s, &chunk, &e), 0);
        assert_int_equal(scan_end(s, &e), n == 0 ? 0 : -1);
        scan_free(s);
    }
}

static int refuse_item(void *ctx, struct scan *s UNUSED, struct err *e)
{
    int *left = ctx;

    return --*left > 0 ? 0 : err_set(e, ERR_CONFLICT, "Enough", "that is enough");
}

TEST(who_takes_the_elements_may_end_the_scan)
{
    const struct row row[] = {{"items", REC_LIST, kind_model.rows}};
    const struct rows rows = {"page", row, 1};
    const struct scan_part part = {"", &rows};
    struct scan *s = scan_new(&part, 1, 1 << 20);
    struct span chunk = span_of("{\"items\":[{},{},{}]}");
    struct err e;
    int left = 2;

    scan_each(s, 0, refuse_item, &left);
    assert_int_equal(scan_feed(s, &chunk, &e), -1);
    assert_string_equal(e.reason, "Enough");
    chunk = span_of("{}");
    assert_int_equal(scan_feed(s, &chunk, &e), -1); /* only a reset helps */
    assert_string_equal(e.reason, "Enough");
    assert_int_equal(scan_end(s, &e), -1);
    scan_reset(s);
    assert_int_equal(scan_feed(s, &chunk, &e), 1);
    scan_free(s);
    scan_free(NULL);
}

TEST(a_scanner_that_has_seen_nothing_ends_with_nothing)
{
    const struct scan_part part = {"", kind_model.rows};
    struct scan *s = scan_new(&part, 1, 100);
    struct span none = {NULL, 0};
    struct err e;

    assert_true(scan_is_idle(s));
    assert_int_equal(scan_feed(s, &none, &e), 0);
    assert_int_equal(scan_end(s, &e), 0);
    none = span_of("{\"a\\uD83D\\u0041\":1}x");
    assert_int_equal(scan_feed(s, &none, &e), 1);
    assert_int_equal(none.n, 1);
    assert_int_equal(scan_feed(s, &none, &e), -1);
    none = span_of("");
    assert_int_equal(scan_feed(s, &none, &e), -1); /* still, without a byte more */
    scan_free(s);
}

SPEC_MAIN()
