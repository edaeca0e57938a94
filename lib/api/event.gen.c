/* Made by hack/gen-api from lib/api/native.yaml; do not edit. */
#include "api/event.gen.h"

#include "base/attr.h"

static const struct row event_row[] = {
    REC_META_ROWS,
    {"metadata.managedFields", REC_OWNED, &rec_owned_rows},
    {"type", REC_STR, NULL},
    {"reason", REC_STR, NULL},
    {"action", REC_STR, NULL},
    {"note", REC_STR, NULL},
    {"regarding.kind", REC_STR, NULL},
    {"regarding.namespace", REC_STR, NULL},
    {"regarding.name", REC_STR, NULL},
    {"regarding.uid", REC_STR, NULL},
    {"eventTime", REC_TIME, NULL},
    {"series", REC_RAW, NULL},
};
static const struct rows event_rows = {
    .name = "event",
    .row = event_row,
    .count = ARRAY_LEN(event_row),
};

const struct kind kind_event = {
    .group = "events.k8s.io",
    .version = "v1",
    .kind = "Event",
    .plural = "events",
    .namespaced = true,
    .rows = &event_rows,
};
