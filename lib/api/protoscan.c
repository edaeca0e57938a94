/* protoscan.c — frames of a watch, objects of a page, and the envelope that both come in. */
#include "api/protoscan.h"

#include "api/protorec.h"
#include "api/wire.h"
#include "base/mem.h"

enum { KEEP_BYTES = 256 << 10, HEAD_BYTES = 4, FIRST_BYTES = 16 << 10 };
static const char magic[] = "k8s"; /* and its NUL */

/* Fields of the messages around an object. */
enum { UNKNOWN_TYPE = 1, UNKNOWN_RAW = 2, UNKNOWN_ENCODING = 3 };
enum { TYPE_META_KIND = 2, EVENT_TYPE = 1, EVENT_OBJECT = 2, EXTENSION_RAW = 1 };
enum { LIST_META = 1, LIST_ITEMS = 2 };

/* What comes next. */
enum part {
    PART_HEAD,  /* four bytes: a frame's length, or the magic */
    PART_FRAME, /* `want` bytes */
    PART_TAG,   /* of a field of the envelope or the list */
    PART_META,  /* `want` bytes: the list's own */
    PART_ITEM,  /* `want` bytes */
    PART_SKIP,  /* `want` bytes of no interest */
    PART_FAILED
};

struct protoscan {
    struct protoform *object, *mark, *meta;
    size_t max;
    enum protoscan_what what;
    enum part part;
    uint64_t want; /* bytes of this part */
    char *held;    /* its bytes so far, when it began in an earlier chunk */
    size_t held_n, held_cap;
    bool in_list, whole; /* of a page: within the list; it ended */
    uint64_t left;       /* bytes of the list to come */
    char *next, *rv;     /* of a page; owned */
};

/* What a bookmark is read for. */
enum { MARK_RV, MARK_NOTES };
static const struct row mark_row[] = {
    [MARK_RV] = {"metadata.resourceVersion", REC_STR, NULL},
    [MARK_NOTES] = {"metadata.annotations", REC_MAP, NULL},
};
static const struct rows mark_rows = {"mark", mark_row, ARRAY_LEN(mark_row)};

enum { META_RV, META_NEXT };
static const struct row meta_row[] = {
    [META_RV] = {"resourceVersion", REC_STR, NULL},
    [META_NEXT] = {"continue", REC_STR, NULL},
};
static const struct rows meta_rows = {"list", meta_row, ARRAY_LEN(meta_row)};

enum { STATUS_CODE, STATUS_REASON, STATUS_MESSAGE };
static const struct row status_row[] = {
    [STATUS_CODE] = {"code", REC_INT, NULL},
    [STATUS_REASON] = {"reason", REC_STR, NULL},
    [STATUS_MESSAGE] = {"message", REC_STR, NULL},
};
static const struct rows status_rows = {"status", status_row, ARRAY_LEN(status_row)};

struct protoscan *protoscan_new(const struct kind *k)
{
    const struct proto_message *m = proto_message_of(k);
    struct protoscan *s = NULL;

    if (m != NULL) {
        s = mem_alloc(sizeof *s);
        s->object = protoform_new(k->rows, m);
        s->mark = protoform_new(&mark_rows, m);
        s->meta = protoform_new(&meta_rows, proto_of_list_meta);
    }
    return s;
}

static void drop_held(struct protoscan *s)
{
    s->held_n = 0;
    if (s->held_cap > KEEP_BYTES) {
        mem_freep(&s->held);
        s->held_cap = 0;
    }
}

void protoscan_reset(struct protoscan *s, enum protoscan_what what, size_t max)
{
    drop_held(s);
    mem_freep(&s->next);
    mem_freep(&s->rv);
    s->what = what;
    s->max = max;
    s->part = PART_HEAD;
    s->want = HEAD_BYTES;
    s->in_list = s->whole = false;
    s->left = 0;
}

void protoscan_free(struct protoscan *s)
{
    if (s != NULL) {
        protoform_free(s->object);
        protoform_free(s->mark);
        protoform_free(s->meta);
        mem_free(s->held);
        mem_free(s->next);
        mem_free(s->rv);
        mem_free(s);
    }
}

static int malformed(struct protoscan *s, struct err *e)
{
    s->part = PART_FAILED;
    return err_set(e, ERR_INVALID, "MalformedProtobuf", "malformed protobuf around an object");
}

/* --- bytes ----------------------------------------------------------------------------------- */

static void hold(struct protoscan *s, struct span *chunk, size_t n)
{
    if (s->held_n + n > s->held_cap) {
        size_t cap = s->held_cap > 0 ? s->held_cap : FIRST_BYTES;

        while (cap < s->held_n + n) {
            cap *= 2;
        }
        s->held = mem_resize(s->held, cap);
        s->held_cap = cap;
    }
    memcpy(s->held + s->held_n, chunk->p, n);
    s->held_n += n;
    *chunk = (struct span){chunk->p + n, chunk->n - n};
}

/* The part's bytes in one piece, if they are there; what is held is only valid until the next. */
static bool take(struct protoscan *s, struct span *chunk, struct span *ret)
{
    uint64_t missing = s->want - s->held_n;

    if (s->held_n == 0 && chunk->n >= missing) {
        *ret = (struct span){chunk->p, (size_t)missing};
        *chunk = (struct span){chunk->p + missing, chunk->n - (size_t)missing};
        return true;
    }
    if (chunk->n > 0) {
        hold(s, chunk, chunk->n < missing ? chunk->n : (size_t)missing);
    }
    *ret = (struct span){s->held, s->held_n};
    return s->held_n == s->want;
}

/* --- an object ------------------------------------------------------------------------------- */

/* The one bytes field `number` of a message; others are passed over. */
static bool field_of(struct span s, uint32_t number, struct span *ret)
{
    while (s.n > 0) {
        uint32_t at;
        unsigned wire;

        if (!wire_tag(&s, &at, &wire) || (at == number && wire != WIRE_BYTES)) {
            return false;
        }
        if (at == number ? !wire_bytes(&s, ret) : !wire_skip(&s, at, wire)) {
            return false;
        }
    }
    return true;
}

/* Out of the envelope: the object's bytes, and its kind if that is asked for. */
static bool unwrap(struct span s, struct span *ret, struct span *ret_kind)
{
    struct span type = {"", 0}, encoding = {"", 0};

    *ret = (struct span){"", 0};
    if (s.n < sizeof magic || memcmp(s.p, magic, sizeof magic) != 0) {
        return false;
    }
    s = (struct span){s.p + sizeof magic, s.n - sizeof magic};
    if (ret_kind != NULL &&
        (!field_of(s, UNKNOWN_TYPE, &type) || !field_of(type, TYPE_META_KIND, ret_kind))) {
        return false;
    }
    return field_of(s, UNKNOWN_ENCODING, &encoding) && encoding.n == 0 &&
           field_of(s, UNKNOWN_RAW, ret);
}

static const char *text(struct arena *a, const char *s)
{
    return s != NULL ? arena_strndup(a, s, strlen(s)) : NULL;
}

bool proto_status(struct span body, struct arena *a, struct proto_event *ret)
{
    struct protoform *f = protoform_new(&status_rows, proto_of_status);
    struct span raw, kind = {"", 0};
    const struct rec *r;
    uint32_t size;
    struct err e;
    bool is = unwrap(body, &raw, &kind) && protoform_rec(f, raw, a, &r, &size, &e) == 0;

    if (is) {
        ret->kind = arena_strndup(a, kind.p, kind.n);
        ret->code = (int)rec_int_or(r, STATUS_CODE, 500);
        ret->reason = text(a, rec_str(r, STATUS_REASON));
        ret->message = text(a, rec_str(r, STATUS_MESSAGE));
    }
    protoform_free(f);
    return is;
}

static int read_mark(struct protoscan *s, struct span raw, struct arena *a, struct proto_event *ret,
                     struct err *e)
{
    const struct rec *r;
    uint32_t size;

    if (protoform_rec(s->mark, raw, a, &r, &size, e) < 0) {
        return -1;
    }
    ret->rv = rec_str(r, MARK_RV);
    ret->ends_list = str_eq(rec_map_get(r, MARK_NOTES, "k8s.io/initial-events-end"), "true");
    return 0;
}

static int read_object(struct protoscan *s, struct span raw, struct arena *a,
                       struct proto_event *ret, struct err *e)
{
    uint32_t size;

    if (protoform_rec(s->object, raw, a, &ret->object, &size, e) < 0) {
        return -1;
    }
    ret->rv = rec_rv(ret->object);
    return 0;
}

/* A WatchEvent {1: type, 2: {1: the object in its envelope}}. */
static int read_event(struct protoscan *s, struct span frame, struct arena *a,
                      struct proto_event *ret, struct err *e)
{
    struct span type = {"", 0}, extension = {"", 0}, object = {"", 0}, raw;

    if (!field_of(frame, EVENT_TYPE, &type) || !field_of(frame, EVENT_OBJECT, &extension) ||
        !field_of(extension, EXTENSION_RAW, &object)) {
        return malformed(s, e);
    }
    *ret = (struct proto_event){.type = arena_strndup(a, type.p, type.n)};
    if (str_eq(ret->type, "ERROR")) {
        return proto_status(object, a, ret) ? 0 : malformed(s, e);
    }
    if (!unwrap(object, &raw, NULL)) {
        return malformed(s, e);
    }
    return str_eq(ret->type, "ADDED") || str_eq(ret->type, "MODIFIED") ||
                   str_eq(ret->type, "DELETED")
               ? read_object(s, raw, a, ret, e)
               : read_mark(s, raw, a, ret, e);
}

/* --- a page ---------------------------------------------------------------------------------- */

static int read_meta(struct protoscan *s, struct span bytes, struct arena *a, struct err *e)
{
    const struct rec *r;
    uint32_t size;

    if (protoform_rec(s->meta, bytes, a, &r, &size, e) < 0) {
        return -1;
    }
    mem_freep(&s->next);
    mem_freep(&s->rv);
    s->next = mem_strdup(rec_str(r, META_NEXT));
    s->rv = mem_strdup(rec_str(r, META_RV));
    return 0;
}

static void next_field(struct protoscan *s)
{
    s->part = PART_TAG;
    s->want = UINT64_MAX;
    if (s->in_list && s->left == 0) {
        s->in_list = false;
        s->whole = true;
    }
}

/* A field of the envelope (after the magic) or of the list in it begins: what its value is. */
static bool enter(struct protoscan *s, uint32_t number, unsigned wire, uint64_t n)
{
    s->want = n;
    if (s->in_list) {
        if (n > s->left) {
            return false;
        }
        s->left -= n;
        s->part = wire != WIRE_BYTES     ? PART_SKIP
                  : number == LIST_META  ? PART_META
                  : number == LIST_ITEMS ? PART_ITEM
                                         : PART_SKIP;
        return number > LIST_ITEMS || wire == WIRE_BYTES;
    }
    s->part = PART_SKIP;
    if (number == UNKNOWN_RAW && wire == WIRE_BYTES && !s->whole) {
        s->in_list = true;
        s->left = n;
        next_field(s);
    }
    return number > UNKNOWN_ENCODING ||
           (wire == WIRE_BYTES && (number != UNKNOWN_ENCODING || n == 0));
}

/* Reads a tag with its length, as far as they have come: 1 it is there, 0 not yet, -1 malformed. */
static int read_tag(struct protoscan *s)
{
    struct span in = {s->held, s->held_n};
    uint32_t number;
    unsigned wire;
    uint64_t n = 0;

    if (!wire_tag(&in, &number, &wire)) {
        return s->held_n < VARINT_MAX ? 0 : -1;
    }
    if (wire == WIRE_GROUP || wire == WIRE_END_GROUP || wire > WIRE_FIXED32) {
        return -1; /* no list and no envelope has one */
    }
    if (wire == WIRE_FIXED64 || wire == WIRE_FIXED32) {
        n = wire == WIRE_FIXED64 ? 8 : 4;
    } else if (!wire_varint(&in, &n)) {
        return in.n < VARINT_MAX ? 0 : -1;
    }
    if (s->in_list) {
        if (s->held_n > s->left) {
            return -1;
        }
        s->left -= s->held_n;
    }
    s->held_n = 0;
    return enter(s, number, wire, wire == WIRE_VARINT ? 0 : n) ? 1 : -1;
}

/* --- the machine ----------------------------------------------------------------------------- */

/* Byte by byte: a tag is two to four of them. */
static int tag_bytes(struct protoscan *s, struct span *chunk, struct err *e)
{
    while (chunk->n > 0) {
        int r;

        hold(s, chunk, 1);
        r = read_tag(s);
        if (r != 0) {
            return r < 0 ? malformed(s, e) : 0;
        }
    }
    return 0;
}

static void skip_bytes(struct protoscan *s, struct span *chunk)
{
    size_t n = chunk->n < s->want ? chunk->n : (size_t)s->want;

    *chunk = (struct span){chunk->p + n, chunk->n - n};
    s->want -= n;
    if (s->want == 0) {
        next_field(s);
    }
}

static int read_head(struct protoscan *s, struct span head, struct err *e)
{
    const unsigned char *p = (const unsigned char *)head.p;

    if (s->what == PROTOSCAN_PAGE) {
        if (memcmp(p, magic, sizeof magic) != 0) {
            return malformed(s, e);
        }
        next_field(s);
        return 0;
    }
    s->part = PART_FRAME;
    s->want = (uint64_t)p[0] << 24 | (uint64_t)p[1] << 16 | (uint64_t)p[2] << 8 | p[3];
    return 0;
}

/* A part has come whole. 1: with it an event or an object. */
static int end_part(struct protoscan *s, struct span bytes, struct arena *a,
                    struct proto_event *ret, struct err *e)
{
    enum part part = s->part;
    int r = part == PART_HEAD    ? read_head(s, bytes, e)
            : part == PART_FRAME ? read_event(s, bytes, a, ret, e)
            : part == PART_META  ? read_meta(s, bytes, a, e)
                                 : read_object(s, bytes, a, ret, e);

    drop_held(s);
    if (r < 0) {
        s->part = PART_FAILED;
        return -1;
    }
    if (part == PART_FRAME) {
        s->part = PART_HEAD;
        s->want = HEAD_BYTES;
    } else if (part != PART_HEAD) {
        next_field(s);
    }
    return part == PART_FRAME || part == PART_ITEM;
}

int protoscan_feed(struct protoscan *s, struct span *chunk, struct arena *a,
                   struct proto_event *ret, struct err *e)
{
    struct span bytes;
    int r = 0;

    *ret = (struct proto_event){0};
    while (r == 0 && (chunk->n > 0 || s->want == 0)) {
        if (s->part == PART_FAILED) {
            return malformed(s, e);
        }
        if (s->part == PART_TAG) {
            r = tag_bytes(s, chunk, e);
        } else if (s->part == PART_SKIP) {
            skip_bytes(s, chunk);
        } else if (s->want > s->max) {
            s->part = PART_FAILED;
            return err_set(e, ERR_INVALID, "ValueTooLarge", "a value is larger than %zu bytes",
                           s->max);
        } else if (take(s, chunk, &bytes)) {
            r = end_part(s, bytes, a, ret, e);
        }
    }
    return r;
}

bool protoscan_page(const struct protoscan *s, struct arena *a, struct proto_page *ret)
{
    ret->next = text(a, s->next);
    ret->rv = text(a, s->rv);
    return s->whole && s->part == PART_TAG && s->held_n == 0;
}
