/* yaml.c — YAML documents as JSON. */
#include "base/attr.h"
#include "support/spec.h"
#include "yaml/yaml.h"

static struct arena a;

static const char *as_json(const char *text)
{
    const struct json *j;
    struct err e;

    if (yaml_parse(&a, text, strlen(text), &j, &e) < 0) {
        return arena_printf(&a, "%s: %s", e.reason, e.text);
    }
    return json_text(&a, j);
}

static void refused(const char *text, const char *why)
{
    const char *got = as_json(text);

    if (strncmp(got, "MalformedYAML: ", 15) != 0 || strstr(got, why) == NULL) {
        fail_msg("'%s' gave %s, not '%s'", text, got, why);
    }
}

TEST(a_kubeconfig_shaped_document_becomes_json)
{
    assert_string_equal(as_json("apiVersion: v1\nclusters:\n- name: c\n  cluster:\n"
                                "    server: https://127.0.0.1:6443\n    insecure: true\n"),
                        "{\"apiVersion\":\"v1\",\"clusters\":[{\"name\":\"c\",\"cluster\":{"
                        "\"server\":\"https://127.0.0.1:6443\",\"insecure\":true}}]}");
}

TEST(plain_scalars_follow_the_core_schema)
{
    static const char *const cases[][2] = {
        {"~", "null"},
        {"null", "null"},
        {"", "null"},
        {"True", "true"},
        {"FALSE", "false"},
        {"12", "12"},
        {"-7", "-7"},
        {"+5", "5"},
        {"0x1F", "31"},
        {"0o17", "15"},
        {"007", "7"},
        {"1.50", "1.50"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"5.", "5"},
        {"1e3", "1e3"},
        {"00.25", "0.25"},
        {"no", "\"no\""},
        {"on", "\"on\""},
        {"yes", "\"yes\""},
        {"1.2.3", "\"1.2.3\""},
        {"1e", "\"1e\""},
        {"0o8", "\"0o8\""},
        {"1_000", "\"1_000\""},
        {"2026-11-23", "\"2026-11-23\""},
        {"12:30", "\"12:30\""},
        {"nUll", "\"nUll\""},
        {".", "\".\""},
        {"+", "\"+\""},
        {"0x", "\"0x\""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *got = as_json(arena_printf(&a, "[%s]", cases[i][0]));
        const char *want = arena_printf(&a, *cases[i][0] != '\0' ? "[%s]" : "[]", cases[i][1]);

        assert_string_equal(got, want);
    }
}

TEST(quoted_block_and_tagged_scalars_are_strings)
{
    assert_string_equal(as_json("['12', \"true\", !!str 7, ! 8]"), "[\"12\",\"true\",\"7\",\"8\"]");
    assert_string_equal(as_json("a: |\n  1\n  2\nb: >-\n  x\n  y\n"),
                        "{\"a\":\"1\\n2\\n\",\"b\":\"x y\"}");
}

TEST(keys_are_strings_whatever_they_look_like)
{
    assert_string_equal(as_json("8080: a\ntrue: b\nno: c\n"),
                        "{\"8080\":\"a\",\"true\":\"b\",\"no\":\"c\"}");
}

TEST(an_alias_is_a_copy_of_its_anchor)
{
    assert_string_equal(as_json("a: &x {n: 1}\nb: [*x, *x]\n"),
                        "{\"a\":{\"n\":1},\"b\":[{\"n\":1},{\"n\":1}]}");
    assert_string_equal(as_json("- &x 1\n- &x 2\n- *x\n"), "[1,2,2]");
    assert_string_equal(as_json("- &k key\n- {*k : v}\n"), "[\"key\",{\"key\":\"v\"}]");
}

TEST(an_empty_document_is_null)
{
    assert_string_equal(as_json(""), "null");
    assert_string_equal(as_json("# nothing\n"), "null");
    assert_string_equal(as_json("---\n"), "null");
}

TEST(a_second_document_is_refused)
{
    refused("a: 1\n---\nb: 2\n", "line 2: a second document");
}

TEST(a_key_that_stands_twice_is_refused)
{
    refused("x: 0\ny:\n  a: 1\n  b: 2\n  a: 3\n", "line 3: a key stands twice");
    refused("{1: a, '1': b}", "a key stands twice");
}

TEST(what_json_cannot_hold_is_refused)
{
    refused("a: .inf\n", "infinity");
    refused("a: -.INF\n", "infinity");
    refused("a: .nan\n", "infinity");
    refused("a: 9223372036854775808\n", "64 bits");
    refused("? [a]\n: b\n", "a key must be a string");
    refused("- &k 7\n- {*k : v}\n", "a key must be a string");
    refused("a: \"\\0\"\n", "NUL");
    refused("a: !!binary aGk=\n", "a tag other");
    refused("a: !mine {}\n", "a tag other");
}

TEST(broken_aliases_are_refused)
{
    refused("a: *nowhere\n", "names no anchor");
    refused("a: &x [*x]\n", "inside its own anchor");
}

TEST(a_syntax_error_tells_its_line)
{
    refused("a: 1\nb: [1, 2\nc: 3\n", "line 3");
    refused("a: 'x\n", "line 2");
    refused("\ta: 1\n", "line 1");
}

TEST(deep_nesting_is_refused)
{
    char text[2 * (YAML_DEPTH + 1) + 1] = "";

    memset(text, '[', YAML_DEPTH);
    memset(text + YAML_DEPTH, ']', YAML_DEPTH);
    assert_string_equal(as_json(text), text);
    memset(text, '[', YAML_DEPTH + 1);
    memset(text + YAML_DEPTH + 1, ']', YAML_DEPTH + 1);
    refused(text, "nested too deeply");
}

TEST(aliases_cannot_explode)
{
    char *text = arena_strdup(&a, "- &a0 [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n");

    for (int i = 1; i < 12; i++) {
        text = arena_printf(&a, "%s- &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", text, i, i - 1,
                            i - 1, i - 1, i - 1, i - 1, i - 1);
    }
    refused(text, "larger than");
}

SPEC_MAIN()
