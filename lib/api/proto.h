/*
 * proto.h — where the declared fields of built-in kinds are in their protobuf form.
 *
 * A table of messages, made from lib/api/native.yaml by hack/gen-api (proto.gen.c): field numbers
 * and types, as the API's own descriptions say, and whether JSON shows a field that is empty or
 * zero. Fields that nobody declares are not in it. Static data, no errors, any thread.
 */
#ifndef DKUBE_API_PROTO_H
#define DKUBE_API_PROTO_H

#include "api/rec.h"

enum proto_type {
    PROTO_STRING,
    PROTO_INT32,
    PROTO_INT64,
    PROTO_BOOL,
    PROTO_TIME,       /* a message {1: seconds} */
    PROTO_STRINGS,    /* repeated */
    PROTO_MAP,        /* repeated {1: key, 2: string} */
    PROTO_QUANTITIES, /* repeated {1: key, 2: {1: string}} */
    PROTO_MESSAGE,
    PROTO_MESSAGES /* repeated */
};

struct proto_message;
struct proto_field {
    const char *name; /* as in JSON */
    uint32_t number;
    enum proto_type type;
    bool shown; /* JSON shows it when it is empty or zero, too */
    const struct proto_message *of;
};
struct proto_message {
    const char *name;
    const struct proto_field *field;
    uint16_t count;
};
struct proto_kind {
    const char *group, *version, *kind;
    const struct proto_message *message;
};

extern const struct proto_kind proto_kinds[]; /* up to one without a kind */
extern const struct proto_message *const proto_of_list_meta;
extern const struct proto_message *const proto_of_object_meta;
extern const struct proto_message *const proto_of_partial_object_metadata;
extern const struct proto_message *const proto_of_status;

/* The message of a kind's objects as the watch asks for them (of metadata alone:
 * PartialObjectMetadata); NULL: there is none, or not of all its rows. */
const struct proto_message *proto_message_of(const struct kind *k);

#endif
