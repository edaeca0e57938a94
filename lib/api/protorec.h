/*
 * protorec.h — from one object in protobuf to its flat record.
 *
 * A form is a table of rows compiled against a message of proto.h. The bytes must lie in one piece;
 * what no row wants is passed over by its length. The record has the same bytes as rec_build()
 * makes of the same object's JSON: fields that JSON would leave out are absent, text that is no
 * UTF-8 is mended as the API server does when it writes JSON. Forms are owned by the caller and
 * belong to one thread. Errors are ERR_INVALID: "MalformedProtobuf" (truncated, a wrong type, a
 * varint of more than 64 bits, a group that does not end), and those of rec_build().
 */
#ifndef DKUBE_API_PROTOREC_H
#define DKUBE_API_PROTOREC_H

#include "api/proto.h"
#include "base/span.h"

struct protoform;

/* NULL when a row has no field of its type in the message. Both tables are borrowed. */
struct protoform *protoform_new(const struct rows *rows, const struct proto_message *message);
void protoform_free(struct protoform *f);

/* The record of one object, in the arena; `bytes` is borrowed until it returns. */
int protoform_rec(struct protoform *f, struct span bytes, struct arena *a, const struct rec **ret,
                  uint32_t *ret_size, struct err *e) MUSTCHECK;

#endif
