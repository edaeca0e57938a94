#include "yaml/yaml.h"

#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/span.h"
#include "yaml/scalar.h"

struct anchor {
    char *name;        /* arena */
    size_t start, end; /* its JSON within the output; end 0 while it is being read */
};

/* The document is written as JSON text while the events come; an alias copies a run of it. */
struct reader {
    yaml_parser_t parser;
    struct buf out;
    struct arena *a;
    struct anchor *anchors;
    size_t anchor_count;
    struct err *e;
};

static int refuse(struct reader *r, const yaml_mark_t *at, const char *what)
{
    return err_set(r->e, ERR_INVALID, "MalformedYAML", "line %zu: %s", at->line + 1, what);
}

static int put(struct reader *r, const char *s, size_t n)
{
    if (buf_add(&r->out, s, n) < 0) {
        return err_set(r->e, ERR_INVALID, "MalformedYAML", "the document is larger than %d bytes",
                       YAML_BYTES);
    }
    return 0;
}

static int next_event(struct reader *r, yaml_event_t *ev)
{
    if (yaml_parser_parse(&r->parser, ev)) {
        return 0;
    }
    if (r->parser.error == YAML_MEMORY_ERROR) {
        mem_exhausted();
    }
    return refuse(r, &r->parser.problem_mark,
                  r->parser.problem != NULL ? r->parser.problem : "malformed");
}

/* --- anchors ------------------------------------------------------------------------------- */

/* Returns the index of the new anchor, -1 for an unnamed one. */
static int begin_anchor(struct reader *r, const yaml_char_t *name)
{
    struct anchor *an;

    if (name == NULL) {
        return -1;
    }
    an = arena_push(r->a, (void **)&r->anchors, &r->anchor_count, sizeof *an);
    an->name = arena_strdup(r->a, (const char *)name);
    an->start = r->out.len;
    return (int)r->anchor_count - 1;
}

static void end_anchor(struct reader *r, int index)
{
    if (index >= 0) {
        r->anchors[index].end = r->out.len;
    }
}

static int put_alias(struct reader *r, const yaml_event_t *ev, bool as_key)
{
    const char *name = (const char *)ev->data.alias.anchor;

    for (size_t i = r->anchor_count; i > 0; i--) {
        const struct anchor *an = &r->anchors[i - 1];

        if (str_eq(an->name, name)) {
            struct arena copy CLEANUP(arena_done) = {0};
            size_t n = an->end - an->start;

            if (an->end == 0) {
                return refuse(r, &ev->start_mark, "an alias stands inside its own anchor");
            }
            if (as_key && r->out.data[an->start] != '"') {
                return refuse(r, &ev->start_mark, "a key must be a string");
            }
            return put(r, arena_memdup(&copy, r->out.data + an->start, n), n);
        }
    }
    return refuse(r, &ev->start_mark, "an alias names no anchor");
}

/* --- nodes --------------------------------------------------------------------------------- */

static bool core_tag(const yaml_char_t *tag, const char *word)
{
    static const char prefix[] = "tag:yaml.org,2002:";

    return strncmp((const char *)tag, prefix, sizeof prefix - 1) == 0 &&
           str_eq((const char *)tag + sizeof prefix - 1, word);
}

static bool is_string(const yaml_event_t *ev)
{
    const yaml_char_t *tag = ev->data.scalar.tag;

    return ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ||
           (tag != NULL && (str_eq((const char *)tag, "!") || core_tag(tag, "str")));
}

static bool known_scalar_tag(const yaml_char_t *tag)
{
    return tag == NULL || str_eq((const char *)tag, "!") || core_tag(tag, "str") ||
           core_tag(tag, "int") || core_tag(tag, "float") || core_tag(tag, "bool") ||
           core_tag(tag, "null");
}

static int put_scalar(struct reader *r, const yaml_event_t *ev, bool as_key)
{
    struct arena tmp CLEANUP(arena_done) = {0};
    struct span s = {(const char *)ev->data.scalar.value, ev->data.scalar.length};
    int anchor = begin_anchor(r, ev->data.scalar.anchor);
    const char *text, *why = NULL;

    if (!known_scalar_tag(ev->data.scalar.tag)) {
        return refuse(r, &ev->start_mark, "a tag other than those of the core schema");
    }
    if (memchr(s.p, '\0', s.n) != NULL) {
        return refuse(r, &ev->start_mark, "a string contains a NUL");
    }
    text = as_key || is_string(ev) ? scalar_string(&tmp, s.p) : scalar_plain(&tmp, s.p, &why);
    if (text == NULL) {
        return refuse(r, &ev->start_mark, why);
    }
    if (put(r, text, strlen(text)) < 0) {
        return -1;
    }
    end_anchor(r, anchor);
    return 0;
}

static int put_node(struct reader *r, const yaml_event_t *ev, int depth);

static int put_items(struct reader *r, int depth)
{
    for (bool first = true;; first = false) {
        yaml_event_t ev CLEANUP(yaml_event_delete) = {0};

        if (next_event(r, &ev) < 0) {
            return -1;
        }
        if (ev.type == YAML_SEQUENCE_END_EVENT) {
            return 0;
        }
        if ((!first && put(r, ",", 1) < 0) || put_node(r, &ev, depth + 1) < 0) {
            return -1;
        }
    }
}

static int put_key(struct reader *r, const yaml_event_t *ev, struct keys *keys)
{
    size_t start = r->out.len;
    int result;

    if (ev->type == YAML_ALIAS_EVENT) {
        result = put_alias(r, ev, true);
    } else if (ev->type == YAML_SCALAR_EVENT) {
        result = put_scalar(r, ev, true);
    } else {
        return refuse(r, &ev->start_mark, "a key must be a string");
    }
    if (result < 0) {
        return -1;
    }
    keys_add(keys, r->out.data + start, r->out.len - start);
    return put(r, ":", 1);
}

static int put_members(struct reader *r, int depth, const yaml_mark_t *at)
{
    struct keys keys CLEANUP(keys_done) = {0};

    for (bool first = true;; first = false) {
        yaml_event_t key CLEANUP(yaml_event_delete) = {0};
        yaml_event_t value CLEANUP(yaml_event_delete) = {0};

        if (next_event(r, &key) < 0) {
            return -1;
        }
        if (key.type == YAML_MAPPING_END_EVENT) {
            break;
        }
        if ((!first && put(r, ",", 1) < 0) || put_key(r, &key, &keys) < 0 ||
            next_event(r, &value) < 0 || put_node(r, &value, depth + 1) < 0) {
            return -1;
        }
    }
    if (!keys_differ(&keys)) {
        return refuse(r, at, "a key stands twice in the mapping that begins here");
    }
    return 0;
}

/* A sequence or a mapping. */
static int put_collection(struct reader *r, const yaml_event_t *ev, int depth)
{
    bool map = ev->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag = map ? ev->data.mapping_start.tag : ev->data.sequence_start.tag;
    int anchor =
        begin_anchor(r, map ? ev->data.mapping_start.anchor : ev->data.sequence_start.anchor);

    if (tag != NULL && !str_eq((const char *)tag, "!") && !core_tag(tag, map ? "map" : "seq")) {
        return refuse(r, &ev->start_mark, "a tag other than those of the core schema");
    }
    if (depth >= YAML_DEPTH) {
        return refuse(r, &ev->start_mark, "nested too deeply");
    }
    if (put(r, map ? "{" : "[", 1) < 0 ||
        (map ? put_members(r, depth, &ev->start_mark) : put_items(r, depth)) < 0 ||
        put(r, map ? "}" : "]", 1) < 0) {
        return -1;
    }
    end_anchor(r, anchor);
    return 0;
}

static int put_node(struct reader *r, const yaml_event_t *ev, int depth)
{
    if (ev->type == YAML_ALIAS_EVENT) {
        return put_alias(r, ev, false);
    }
    if (ev->type == YAML_SCALAR_EVENT) {
        return put_scalar(r, ev, false);
    }
    return put_collection(r, ev, depth);
}

/* The stream's events up to its end: at most one document. */
static int put_stream(struct reader *r)
{
    bool seen = false;

    for (;;) {
        yaml_event_t ev CLEANUP(yaml_event_delete) = {0};

        if (next_event(r, &ev) < 0) {
            return -1;
        }
        if (ev.type == YAML_STREAM_END_EVENT) {
            return seen ? 0 : put(r, "null", 4);
        }
        if (ev.type == YAML_DOCUMENT_START_EVENT && seen) {
            return refuse(r, &ev.start_mark, "a second document begins");
        }
        if (ev.type == YAML_DOCUMENT_START_EVENT) {
            seen = true;
        } else if (ev.type != YAML_STREAM_START_EVENT && ev.type != YAML_DOCUMENT_END_EVENT &&
                   put_node(r, &ev, 0) < 0) {
            return -1;
        }
    }
}

int yaml_parse(struct arena *a, const char *text, size_t n, const struct json **ret, struct err *e)
{
    struct arena tmp CLEANUP(arena_done) = {0};
    struct reader r = {.a = &tmp, .e = e};
    int result;

    if (n > YAML_BYTES) {
        return err_set(e, ERR_INVALID, "MalformedYAML", "the document is larger than %d bytes",
                       YAML_BYTES);
    }
    if (!yaml_parser_initialize(&r.parser)) {
        mem_exhausted();
    }
    buf_init(&r.out, YAML_BYTES);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, n);
    result = put_stream(&r);
    if (result == 0) {
        result = json_parse(a, buf_str(&r.out), r.out.len, ret, e);
    }
    buf_done(&r.out);
    yaml_parser_delete(&r.parser);
    return result;
}
