/* forms.c — JSON and protobuf, asked for and read alike. */
#include "kube/forms.h"

#include <string.h>

#include "base/limits.h"

/* What an event says beside the object that it carries. An ERROR carries a Status. */
enum { EVENT_TYPE, EVENT_KIND, EVENT_CODE, EVENT_REASON, EVENT_MESSAGE, EVENT_RV, EVENT_END };
static const struct row event_row[] = {
    [EVENT_TYPE] = {"type", REC_STR, NULL},
    [EVENT_KIND] = {"object.kind", REC_STR, NULL},
    [EVENT_CODE] = {"object.code", REC_INT, NULL},
    [EVENT_REASON] = {"object.reason", REC_STR, NULL},
    [EVENT_MESSAGE] = {"object.message", REC_STR, NULL},
    [EVENT_RV] = {"object.metadata.resourceVersion", REC_STR, NULL},
    [EVENT_END] = {"object.metadata.annotations.k8s\\.io/initial-events-end", REC_STR, NULL},
};
static const struct rows event_rows = {"event", event_row, ARRAY_LEN(event_row)};
enum { PART_EVENT, PART_OBJECT, PART_COUNT };

struct scan *forms_json_scan(const struct kind *k)
{
    const struct scan_part parts[PART_COUNT] = {
        [PART_EVENT] = {"", &event_rows}, [PART_OBJECT] = {"object", k->rows}};
    return scan_new(parts, PART_COUNT, (size_t)limit(LIMIT_OBJECT_BYTES));
}

static bool has_object(const char *type)
{
    return str_eq(type, "ADDED") || str_eq(type, "MODIFIED") || str_eq(type, "DELETED");
}

bool forms_begin_json(struct span *chunk)
{
    while (chunk->n > 0 && strchr(" \n\r\t", *chunk->p) != NULL && *chunk->p != '\0') {
        *chunk = (struct span){chunk->p + 1, chunk->n - 1};
    }
    return chunk->n == 0 || *chunk->p == '{';
}

int forms_json_event(struct scan *s, struct arena *a, struct proto_event *ret, struct err *e)
{
    const struct rec *event, *object = NULL;
    uint32_t size;
    if (scan_rec(s, PART_EVENT, a, &event, &size, e) < 0 ||
        (has_object(rec_str(event, EVENT_TYPE)) &&
         scan_rec(s, PART_OBJECT, a, &object, &size, e) < 0)) {
        return -1;
    }
    *ret = (struct proto_event){.type = rec_str(event, EVENT_TYPE),
                                .rv = rec_str(event, EVENT_RV),
                                .ends_list = str_eq(rec_str(event, EVENT_END), "true"),
                                .object = object,
                                .kind = rec_str(event, EVENT_KIND),
                                .reason = rec_str(event, EVENT_REASON),
                                .message = rec_str(event, EVENT_MESSAGE),
                                .code = (int)rec_int_or(event, EVENT_CODE, 500)};
    return 0;
}

static bool keeps_owned(const struct kind *k)
{
    for (uint16_t i = 0; i < k->rows->count; i++) {
        if (k->rows->row[i].type == REC_OWNED) {
            return true;
        }
    }
    return false;
}

/* managedFields stay away where the server can leave them out and nobody keeps them; a server that
 * does not know the parameter ignores it, or takes the next. Of a kind of which metadata alone is
 * kept nothing else is sent. Protobuf comes first where it is wanted: what nobody keeps is passed
 * over there. */
const char *forms_accept(struct arena *a, const struct kind *k, bool protobuf, bool list)
{
    static const char *const part[] = {";as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
                                       ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"};
    static const char drop[] = ";drop=metadata.managedFields";
    const char *as = kind_is_metadata_only(k) ? part[list] : "";
    const char *json = arena_printf(a, "application/json%s", as);
    if (!keeps_owned(k)) {
        json = arena_printf(a, "%s%s,%s", json, drop, json);
    }
    return protobuf ? arena_printf(a, "application/vnd.kubernetes.protobuf%s,%s", as, json) : json;
}
