/* log.c — one line an event, which no input can forge. */
#include "base/log.h"

#include <stdlib.h>
#include <unistd.h>

#include "json/json.h"
#include "support/spec.h"

static char line[LOG_LINE_MAX + 1];

/* What `say` writes to standard error. */
static const char *captured(void (*say)(void))
{
    int ends[2], saved = dup(STDERR_FILENO);
    ssize_t n;

    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    say();
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    n = read(ends[0], line, LOG_LINE_MAX);
    close(ends[0]);
    line[n > 0 ? n : 0] = '\0';
    return line;
}

static void say_simple(void)
{
    LOG_I("reconciled", "kind", "Pool", "object", "two words", "empty", "", "none", NULL, NULL);
}

static void say_forged(void)
{
    LOG_W("a\nlevel=error msg=forged", "k", "v\" x=\"y\\\x01", NULL);
}

static char long_value[2 * LOG_LINE_MAX];
static void say_long(void)
{
    memset(long_value, '"', sizeof long_value - 1);
    LOG_E("long", "a", long_value, "b", "next", "c", "next", "d", "next", "e", "next", "f", "next",
          "g", "next", "h", "next", NULL);
}

static void say_debug(void)
{
    LOG_D("quiet", NULL);
}

TEST(fields_stand_in_order_and_are_quoted_where_needed)
{
    log_init("spec", LOG_INFO, false);
    assert_non_null(strstr(captured(say_simple), "level=info program=spec msg=reconciled kind=Pool "
                                                 "object=\"two words\" empty=\"\" none=\"\"\n"));
    assert_memory_equal(line, "ts=", 3);
}

TEST(no_input_can_forge_a_line)
{
    log_init("spec", LOG_INFO, false);
    captured(say_forged);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    assert_non_null(strstr(line, "msg=\"a\\u000alevel=error msg=forged\""));
    assert_non_null(strstr(line, "k=\"v\\\" x=\\\"y\\\\\\u0001\"\n"));
}

static const struct json *as_json(struct arena *a)
{
    const struct json *j = NULL;
    struct err e;

    assert_ok(json_parse(a, line, strlen(line), &j, &e), &e);
    return j;
}

TEST(a_line_can_be_json)
{
    struct arena a CLEANUP(arena_done) = {0};

    log_init("spec", LOG_INFO, true);
    captured(say_forged);
    assert_string_equal(json_str(as_json(&a), "msg", ""), "a\nlevel=error msg=forged");
    assert_string_equal(json_str(as_json(&a), "level", ""), "warn");
}

TEST(a_long_line_is_cut_and_still_whole)
{
    struct arena a CLEANUP(arena_done) = {0};

    log_init("spec", LOG_INFO, true);
    captured(say_long);
    assert_true(strlen(line) <= LOG_LINE_MAX);
    assert_int_equal(line[strlen(line) - 1], '\n');
    assert_string_equal(json_str(as_json(&a), "msg", ""), "long");
    log_init("spec", LOG_INFO, false);
    captured(say_long);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void say_invalid(void)
{
    LOG_W("bad", "k", "a\xff\xc3z\xed\xa0\x80", "good", "\xc3\xa9\xf0\x9f\x90\x99", NULL);
}

TEST(what_is_no_utf8_becomes_a_replacement_character)
{
    struct arena a CLEANUP(arena_done) = {0};

    log_init("spec", LOG_INFO, true);
    captured(say_invalid);
    assert_string_equal(json_str(as_json(&a), "k", ""), "a\xef\xbf\xbd\xef\xbf\xbdz"
                                                        "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
    assert_string_equal(json_str(as_json(&a), "good", ""), "\xc3\xa9\xf0\x9f\x90\x99");
    log_init("spec", LOG_INFO, false);
    assert_null(strchr(captured(say_invalid), '\xff'));
}

static size_t shift;
static void say_wide(void)
{
    memset(long_value, 'x', shift);
    for (size_t i = shift; i + 4 < sizeof long_value; i += 4) {
        memcpy(long_value + i, "\xf0\x9f\x90\x99", 5);
    }
    LOG_E("wide", "a", long_value, NULL);
}

TEST(a_long_line_is_not_cut_inside_a_character)
{
    struct arena a CLEANUP(arena_done) = {0};

    log_init("spec", LOG_INFO, true);
    for (shift = 0; shift < 4; shift++) {
        captured(say_wide);
        assert_string_equal(json_str(as_json(&a), "msg", ""), "wide");
    }
}

TEST(lines_below_the_level_are_not_written)
{
    log_init("spec", LOG_INFO, false);
    assert_string_equal(captured(say_debug), "");
    log_init("spec", LOG_DEBUG, false);
    assert_non_null(strstr(captured(say_debug), "level=debug"));
}

TEST(levels_are_parsed_by_name)
{
    enum log_level level = LOG_INFO;

    assert_int_equal(log_level_parse("warn", &level), 0);
    assert_int_equal(level, LOG_WARN);
    assert_int_equal(log_level_parse("loud", &level), -1);
    assert_int_equal(level, LOG_WARN);
}

SPEC_MAIN()
