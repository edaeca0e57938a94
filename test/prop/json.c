/* json.c — laws of reading, writing and comparing documents. */
#include "json/json.h"

#include "json/jsonw.h"
#include "support/prop.h"
#include "yaml/yaml.h"

static const struct json *parsed(struct arena *a, const char *text)
{
    const struct json *j = NULL;
    struct err e;

    holds(json_parse(a, text, strlen(text), &j, &e) == 0, "%s: %s", e.text, text);
    return j;
}

LAW(what_is_written_is_read_back)
{
    const struct json *j = parsed(a, random_json(d, a, 5));
    const char *text = json_text(a, j);

    holds(json_equal(j, parsed(a, text)), "%s", text);
    holds(strcmp(text, json_text(a, parsed(a, text))) == 0, "%s", text);
}

LAW(a_document_covers_itself_and_equals_itself)
{
    const struct json *j = parsed(a, random_json(d, a, 5));

    holds(json_equal(j, j), "%s", json_text(a, j));
    holds(json_covers(j, j), "%s", json_text(a, j));
}

/* A copy of the value with some object members left out. */
static void write_less(struct dice *d, struct jsonw *w, const char *key, const struct json *j)
{
    struct json_iter it = {0};

    if (json_kind(j) != JSON_OBJECT) {
        jsonw_json(w, key, j);
        return;
    }
    jsonw_obj(w, key);
    while (json_next(j, &it)) {
        if (chance(d, 60)) {
            write_less(d, w, it.key, it.value);
        }
    }
    jsonw_end(w);
}

LAW(an_object_covers_what_is_left_of_it)
{
    const struct json *j = parsed(a, random_json(d, a, 5));
    struct jsonw w;

    jsonw_init(&w, a);
    write_less(d, &w, NULL, j);
    holds(json_covers(j, parsed(a, jsonw_text(&w))), "%s does not cover %s", json_text(a, j),
          jsonw_text(&w));
}

LAW(equal_documents_cover_each_other_both_ways)
{
    const struct json *x = parsed(a, random_json(d, a, 2));
    const struct json *y = parsed(a, random_json(d, a, 2));

    if (json_equal(x, y)) {
        holds(json_covers(x, y) && json_covers(y, x), "%s %s", json_text(a, x), json_text(a, y));
    }
    holds(json_equal(x, y) == json_equal(y, x), "%s %s", json_text(a, x), json_text(a, y));
}

LAW(a_broken_document_is_refused_or_still_a_document)
{
    char *text = arena_strdup(a, random_json(d, a, 4));
    size_t n = strlen(text);
    const struct json *j = NULL;
    struct err e;

    for (unsigned i = 0; i <= roll(d, 3); i++) {
        text[roll(d, (unsigned)n)] = (char)dice_bits(d);
    }
    if (json_parse(a, text, n, &j, &e) == 0) {
        holds(json_equal(j, parsed(a, json_text(a, j))), "%s", json_text(a, j));
    } else {
        holds(strcmp(e.reason, "MalformedJSON") == 0, "%s", e.reason);
    }
}

LAW(yaml_reads_every_json_document_alike)
{
    const char *text = random_json(d, a, 5);
    const struct json *j = NULL;
    struct err e;

    holds(yaml_parse(a, text, strlen(text), &j, &e) == 0, "%s: %s", e.text, text);
    holds(json_equal(j, parsed(a, text)), "%s became %s", text, json_text(a, j));
}

LAW(no_bytes_break_the_yaml_reader)
{
    static const char *const pieces[] = {"- ",  "a",      ": ", "\n", "  ", "&x ",  "*x",
                                         "[",   "]",      "{",  "}",  ",",  "'",    "\"",
                                         "|\n", "!!str ", "? ", "#",  "\t", "---\n"};
    const char *text = "";
    const struct json *j = NULL;
    struct err e;

    for (unsigned i = roll(d, 30); i > 0; i--) {
        text = arena_printf(a, "%s%s", text, pieces[roll(d, ARRAY_LEN(pieces))]);
    }
    if (yaml_parse(a, text, strlen(text), &j, &e) == 0) {
        holds(json_equal(j, parsed(a, json_text(a, j))), "%s", text);
    } else {
        holds(e.kind == ERR_INVALID && *e.text != '\0', "%s", text);
    }
}

SPEC_MAIN()
