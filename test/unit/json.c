/* json.c — reading and writing JSON. */
#include "json/json.h"

#include "base/attr.h"
#include "json/jsonw.h"
#include "support/spec.h"

static struct arena a;

static const struct json *parsed(const char *text)
{
    const struct json *j = NULL;
    struct err e;

    assert_ok(json_parse(&a, text, strlen(text), &j, &e), &e);
    return j;
}

static void refused(const char *text, size_t n)
{
    const struct json *j = NULL;
    struct err e;

    if (json_parse(&a, text, n, &j, &e) == 0) {
        fail_msg("'%.*s' was parsed", (int)n, text);
    }
    assert_string_equal(e.reason, "MalformedJSON");
    assert_int_equal(e.kind, ERR_INVALID);
}

TEST(scalars_are_read_by_dotted_path)
{
    const struct json *j = parsed("{\"spec\":{\"name\":\"x\",\"n\":7,\"f\":2.0,\"on\":true}}");

    assert_string_equal(json_str(j, "spec.name", "d"), "x");
    assert_int_equal(json_int(j, "spec.n", 0), 7);
    assert_int_equal(json_int(j, "spec.f", 0), 2);
    assert_true(json_flag(j, "spec.on", false));
}

TEST(absent_or_otherwise_typed_fields_give_the_default)
{
    const struct json *j = parsed("{\"s\":7,\"n\":\"7\",\"f\":1.5,\"null\":null,\"a\":[]}");

    assert_string_equal(json_str(j, "s", "d"), "d");
    assert_int_equal(json_int(j, "n", 9), 9);
    assert_int_equal(json_int(j, "f", 9), 9);
    assert_true(json_flag(j, "s", true));
    assert_string_equal(json_str(j, "a.b.c", "d"), "d");
    assert_null(json_get(j, "null"));
    assert_null(json_get(NULL, "a"));
}

TEST(a_dot_within_a_key_is_escaped_in_the_path)
{
    const struct json *j = parsed("{\"labels\":{\"dkube.io/run\":\"r1\"}}");

    assert_string_equal(json_str(j, "labels.dkube\\.io/run", ""), "r1");
    assert_null(json_get(j, "labels.dkube.io/run"));
    assert_string_equal(json_as_str(json_key(json_get(j, "labels"), "dkube.io/run")), "r1");
}

TEST(the_empty_path_is_the_value_itself)
{
    const struct json *j = parsed("7");

    assert_ptr_equal(json_get(j, ""), j);
    assert_int_equal(json_int(j, "", 0), 7);
}

TEST(the_kind_of_every_value_is_known)
{
    const struct json *j = parsed("[null,true,1,1.5,\"\",[],{}]");

    for (int i = 0; i < 7; i++) {
        assert_int_equal(json_kind(json_at(j, (size_t)i)), i);
    }
    assert_int_equal(json_len(j), 7);
    assert_null(json_at(j, 7));
    assert_int_equal(json_len(parsed("{}")), 0);
}

TEST(integers_keep_all_64_bits_and_refuse_more)
{
    const struct json *j = parsed("[9223372036854775807,-9223372036854775808,"
                                  "9223372036854775808,18446744073709551616,1e3,1e300]");
    int64_t v = 0;

    assert_int_equal(json_as_int(json_at(j, 0), &v), 0);
    assert_true(v == INT64_MAX);
    assert_int_equal(json_as_int(json_at(j, 1), &v), 0);
    assert_true(v == INT64_MIN);
    assert_int_equal(json_as_int(json_at(j, 2), &v), -1);
    assert_int_equal(json_as_int(json_at(j, 3), &v), -1);
    assert_int_equal(json_as_int(json_at(j, 4), &v), 0);
    assert_int_equal(v, 1000);
    assert_int_equal(json_as_int(json_at(j, 5), &v), -1);
}

TEST(members_come_in_document_order)
{
    const struct json *j = parsed("{\"b\":1,\"a\":null,\"c\":3}");
    struct json_iter it = {0};
    const char *keys = "";

    while (json_next(j, &it)) {
        keys = arena_printf(&a, "%s%s", keys, it.key);
    }
    assert_string_equal(keys, "bac");
    it = (struct json_iter){0};
    assert_false(json_next(parsed("[1]"), &it));
}

TEST(malformed_text_is_refused)
{
    static const char *const cases[] = {
        "",      "{",        "{\"a\":1,}", "[1,]",    "{'a':1}",     "nul",
        "NaN",   "Infinity", "-Infinity",  "[1] x",   "{} {}",       "\"a",
        "01",    "1.",       "+1",         "// c\n1", "\"\\x\"",     "{\"a\" 1}",
        "[NaN]", "TRUE",     "\"a\nb\"",   ".5",      "/**/1",       "None",
        "1e",    "-",        "[1",         "{\"a\":", "\"\\u12g4\"", "tru",
        "]",     "[1 2]",
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        refused(cases[i], strlen(cases[i]));
    }
    refused("\"\xff\"", 3);
    refused("[1]\0", 4);
}

TEST(blanks_around_the_document_are_fine)
{
    assert_int_equal(json_len(parsed(" \n\t[7]\r\n ")), 1);
    assert_int_equal(json_int(parsed("7 "), "", 0), 7);
}

TEST(deep_documents_are_refused)
{
    size_t most = 10000; /* as many as the API server takes */
    char *text = arena_alloc(&a, 2 * most + 3);

    memset(text, '[', most);
    memset(text + most, ']', most);
    assert_int_equal(json_len(parsed(text)), 1);
    memset(text, '[', most + 1);
    memset(text + most + 1, ']', most + 1);
    refused(text, 2 * most + 2);
}

TEST(a_million_brackets_are_refused_like_a_few_too_many)
{
    size_t n = 1000000;

    refused(memset(arena_alloc(&a, n), '[', n), n);
}

TEST(text_is_written_without_blanks_and_slashes_unescaped)
{
    assert_string_equal(json_text(&a, parsed("{ \"a\" : [ 1 , \"x/y\" ], \"b\": 1.50 }")),
                        "{\"a\":[1,\"x/y\"],\"b\":1.50}");
    assert_string_equal(json_text(&a, NULL), "null");
}

TEST(documents_are_equal_whatever_the_order_of_members)
{
    assert_true(json_equal(parsed("{\"a\":1,\"b\":[1,2]}"), parsed("{\"b\":[1,2],\"a\":1.0}")));
    assert_false(json_equal(parsed("{\"a\":1}"), parsed("{\"a\":1,\"b\":2}")));
    assert_false(json_equal(parsed("{\"a\":1,\"b\":2}"), parsed("{\"a\":1}")));
    assert_false(json_equal(parsed("[1,2]"), parsed("[2,1]")));
    assert_false(json_equal(parsed("[1]"), parsed("[1,1]")));
    assert_false(json_equal(parsed("\"1\""), parsed("1")));
    assert_false(json_equal(parsed("{\"a\":null}"), parsed("{\"b\":null}")));
}

static void covers(bool expected, const char *have, const char *want)
{
    if (json_covers(parsed(have), parsed(want)) != expected) {
        fail_msg("%s %s %s", have, expected ? "does not cover" : "covers", want);
    }
}

TEST(an_object_covers_the_leaves_that_are_asked_for)
{
    covers(true, "{\"a\":1,\"b\":{\"c\":2,\"d\":3}}", "{\"b\":{\"c\":2}}");
    covers(false, "{\"a\":1}", "{\"a\":2}");
    covers(false, "{\"a\":1}", "{\"b\":1}");
    covers(false, "{\"a\":\"1\"}", "{\"a\":1}");
    covers(true, "{\"a\":1}", "{}");
}

TEST(empty_absent_and_null_are_covered_alike)
{
    covers(true, "{}", "{\"a\":{},\"b\":[],\"c\":null}");
    covers(false, "{\"c\":1}", "{\"c\":null}");
    covers(false, "{\"b\":[1]}", "{\"b\":[]}");
    covers(false, "{\"a\":1}", "{\"a\":{}}");
}

TEST(plain_lists_must_be_equal_in_order)
{
    covers(true, "[1,2]", "[1,2]");
    covers(false, "[1,2]", "[2,1]");
    covers(false, "[1,2]", "[1]");
    covers(false, "[1]", "[1,2]");
    covers(true, "[{\"port\":80,\"protocol\":\"TCP\"}]", "[{\"port\":80}]");
}

TEST(elements_with_an_identity_may_stand_in_any_order)
{
    covers(true, "[{\"name\":\"a\",\"v\":1},{\"name\":\"b\",\"v\":2}]",
           "[{\"name\":\"b\",\"v\":2},{\"name\":\"a\"}]");
    covers(false, "[{\"name\":\"a\"},{\"name\":\"b\"}]", "[{\"name\":\"a\"}]");
    covers(false, "[{\"name\":\"a\"},{\"name\":\"b\"}]", "[{\"name\":\"a\"},{\"name\":\"c\"}]");
    covers(true, "[{\"name\":\"n1\",\"type\":\"a100\"},{\"name\":\"n2\",\"type\":\"a100\"}]",
           "[{\"name\":\"n2\",\"type\":\"a100\"},{\"name\":\"n1\",\"type\":\"a100\"}]");
}

TEST(conditions_of_other_writers_do_not_matter)
{
    covers(true, "[{\"type\":\"Ready\",\"status\":\"True\"},{\"type\":\"X\",\"status\":\"True\"}]",
           "[{\"type\":\"X\",\"status\":\"True\"}]");
    covers(false, "[{\"type\":\"Ready\",\"status\":\"True\"}]",
           "[{\"type\":\"Ready\",\"status\":\"False\"}]");
    covers(false, "[]", "[{\"type\":\"Ready\",\"status\":\"False\"}]");
}

SPEC_MAIN()
