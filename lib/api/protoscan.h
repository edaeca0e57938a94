/*
 * protoscan.h — the push scanner for protobuf: bytes as they arrive, in any chunks, become events
 * of a watch or objects of a page, each as the flat record that scan.h makes of the JSON form.
 *
 * A watch is a row of frames (four bytes of length, a WatchEvent), a page a runtime.Unknown around
 * a list; what is in them is passed over by its length unless a row wants it. An object that lies
 * whole in a chunk is read where it lies, another one is put together first: that is all the memory
 * a scanner takes, at most its `max` bytes, given back when it was much. Owned by the caller, one
 * thread. Errors are ERR_INVALID: "MalformedProtobuf", "ValueTooLarge"; after one only
 * protoscan_reset() helps.
 */
#ifndef DKUBE_API_PROTOSCAN_H
#define DKUBE_API_PROTOSCAN_H

#include "api/proto.h"
#include "base/span.h"

struct protoscan;

enum protoscan_what { PROTOSCAN_EVENTS, PROTOSCAN_PAGE };

/* A scanner for objects of this kind; NULL: it cannot be had in protobuf, see proto_message_of().
 * The kind is borrowed. protoscan_reset() comes before the first bytes. */
struct protoscan *protoscan_new(const struct kind *k);
void protoscan_free(struct protoscan *s);

/* Forgets what was begun, for another stream of this sort and of objects (or events) of at most
 * `max` bytes. */
void protoscan_reset(struct protoscan *s, enum protoscan_what what, size_t max);

/* Does a stream that begins with this byte hold protobuf? What is JSON never does. */
static inline bool protoscan_begins(char first)
{
    return first == '\0' || first == 'k';
}

/* What has come: an event, or an object of a page (its type is NULL). Texts are arena memory. */
struct proto_event {
    const char *type;                    /* of an event: ADDED … */
    const char *rv;                      /* the object's resource version */
    bool ends_list;                      /* a bookmark with the mark of the initial events' end */
    const struct rec *object;            /* NULL for BOOKMARK and ERROR */
    const char *kind, *reason, *message; /* of an ERROR's Status */
    int code;
};

/* Takes bytes from the front of *chunk. 1: *ret has come, in the arena. 0: the chunk is used up.
 * -1: *e says why. */
int protoscan_feed(struct protoscan *s, struct span *chunk, struct arena *a,
                   struct proto_event *ret, struct err *e) MUSTCHECK;

/* A page that has come whole: its own fields, in the arena. False: it has not. */
struct proto_page {
    const char *next, *rv; /* the token of the next page; of the list */
};
bool protoscan_page(const struct protoscan *s, struct arena *a, struct proto_page *ret);

/* A Status as the API server answers in protobuf; false: the body is something else. */
bool proto_status(struct span body, struct arena *a, struct proto_event *ret);

#endif
