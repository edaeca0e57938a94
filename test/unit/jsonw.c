/* jsonw.c — writing one JSON document. */
#include "json/jsonw.h"

#include "support/spec.h"

static struct arena a;

static const char *string_of(const char *s)
{
    struct jsonw w;

    jsonw_init(&w, &a);
    jsonw_str(&w, NULL, s);
    return jsonw_text(&w);
}

TEST(a_document_is_written_without_blanks)
{
    struct jsonw w;

    jsonw_init(&w, &a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "kind", "Pod");
    jsonw_arr(&w, "args");
    jsonw_str(&w, NULL, "-x");
    jsonw_obj(&w, NULL);
    jsonw_end(&w);
    jsonw_int(&w, NULL, INT64_MIN);
    jsonw_end(&w);
    jsonw_bool(&w, "on", false);
    jsonw_fmt(&w, "f", "%d%%", 5);
    jsonw_raw(&w, "raw", "[1]", 3);
    jsonw_end(&w);
    assert_string_equal(jsonw_text(&w),
                        "{\"kind\":\"Pod\",\"args\":[\"-x\",{},-9223372036854775808],"
                        "\"on\":false,\"f\":\"5%\",\"raw\":[1]}");
}

TEST(null_is_written_and_optional_strings_are_left_out)
{
    struct jsonw w;

    jsonw_init(&w, &a);
    jsonw_obj(&w, NULL);
    jsonw_opt(&w, "a", NULL);
    jsonw_opt(&w, "b", "");
    jsonw_str(&w, "c", NULL);
    jsonw_opt(&w, "d", "x");
    jsonw_end(&w);
    assert_string_equal(jsonw_text(&w), "{\"c\":null,\"d\":\"x\"}");
}

TEST(strings_are_escaped)
{
    assert_string_equal(string_of("a\"b\\c\n\t\x01\x7f/"),
                        "\"a\\\"b\\\\c\\u000a\\u0009\\u0001\\u007f/\"");
    assert_string_equal(string_of("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
                        "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

TEST(invalid_utf8_becomes_replacement_characters)
{
    assert_string_equal(string_of("a\xff"), "\"a\xef\xbf\xbd\"");
    assert_string_equal(string_of("\xc3"), "\"\xef\xbf\xbd\"");
    assert_string_equal(string_of("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
    assert_string_equal(string_of("\xed\xa0\x80x"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx\"");
    assert_string_equal(string_of("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST(a_parsed_value_can_be_written_into_a_document)
{
    const struct json *j;
    struct jsonw w;
    struct err e;

    assert_ok(json_parse(&a, "{\"x\": [1, null]}", 16, &j, &e), &e);
    jsonw_init(&w, &a);
    jsonw_arr(&w, NULL);
    jsonw_json(&w, NULL, j);
    jsonw_json(&w, NULL, NULL);
    jsonw_end(&w);
    assert_string_equal(jsonw_text(&w), "[{\"x\":[1,null]},null]");
}

TEST(an_untouched_writer_holds_nothing)
{
    struct jsonw w;

    jsonw_init(&w, &a);
    assert_string_equal(jsonw_text(&w), "");
}

SPEC_MAIN()
