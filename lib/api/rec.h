/*
 * rec.h — a flat record: one cached object, holding only the fields that somebody declared.
 *
 * A record is one contiguous, relocatable block: a header, a presence bit and an 8-byte slot for
 * each declared row, then a heap of strings and list elements addressed by offsets from the
 * record's start. Records are immutable once sealed; the cache owns them and a plan borrows them
 * until it returns. Controllers never call this file: they read through the accessors that
 * hack/gen-api makes from crds/ and lib/api/native.yaml (lib/api/<kind>.gen.h).
 *
 * Which fields are kept is data, a `struct rows` table:
 *   STR INT BOOL  scalars                    TIME  RFC 3339 as milliseconds (INT slot)
 *   TEXT  a string or a number, as text (STR slot): quantities that are copied, int-or-string
 *   QTY   a Kubernetes quantity or integer, rounded up to a whole number (INT slot)
 *   LIST  array of objects, each an element with rows of its own; of scalars: rows with one path ""
 *   MAP   object of strings: elements (key, value)
 *   RAW   the subtree as JSON text without blanks, for comparing with what we would write
 *   OBJ   nothing but whether there is an object (BOOL slot)
 *   OWNED metadata.managedFields of our own appliers: elements with rows rec_owned_rows
 */
#ifndef DKUBE_API_REC_H
#define DKUBE_API_REC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "json/json.h"

enum rec_type {
    REC_STR,
    REC_TEXT,
    REC_INT,
    REC_BOOL,
    REC_TIME,
    REC_QTY,
    REC_LIST,
    REC_MAP,
    REC_RAW,
    REC_OBJ,
    REC_OWNED
};

struct rows;
struct row {
    const char *path; /* dotted from the parent; "" is the parent itself */
    enum rec_type type;
    const struct rows *items; /* LIST only */
};
struct rows {
    const char *name;
    const struct row *row;
    uint16_t count;
};

/* Where an object lives and how its URL is made. Static data, compared by address. */
struct kind {
    const char *group, *version, *kind, *plural; /* group "" is the core group */
    bool namespaced;
    const struct rows *rows; /* what the cache keeps of it */
};

/* Nothing but metadata is kept of it: it is watched as PartialObjectMetadata. */
bool kind_is_metadata_only(const struct kind *k);

/* Rows that every kind's table begins with, in this order. */
enum rec_meta_slot {
    REC_NAME,
    REC_NAMESPACE,
    REC_UID,
    REC_RV,
    REC_GENERATION,
    REC_CREATED,
    REC_DELETED,
    REC_LABELS,
    REC_FINALIZERS,
    REC_OWNERS,
    REC_META_COUNT
};
extern const struct rows rec_owner_rows; /* uid, name, kind, controller */
#define REC_META_ROWS                                                                     \
    {"metadata.name", REC_STR, 0}, {"metadata.namespace", REC_STR, 0},                    \
        {"metadata.uid", REC_STR, 0}, {"metadata.resourceVersion", REC_STR, 0},           \
        {"metadata.generation", REC_INT, 0}, {"metadata.creationTimestamp", REC_TIME, 0}, \
        {"metadata.deletionTimestamp", REC_TIME, 0}, {"metadata.labels", REC_MAP, 0},     \
        {"metadata.finalizers", REC_LIST, &rec_string_rows},                              \
    {                                                                                     \
        "metadata.ownerReferences", REC_LIST, &rec_owner_rows                             \
    }
extern const struct rows rec_meta_rows;   /* these alone, for kinds of which nothing else counts */
extern const struct rows rec_string_rows; /* one STR row with path "" */

/* Elements of an OWNED row: what each of our own server-side appliers owns. */
enum rec_owned_slot { REC_OWNED_MANAGER, REC_OWNED_SUBRESOURCE, REC_OWNED_FIELDS };
extern const struct rows rec_owned_rows; /* STR manager, STR subresource, RAW fieldsV1 */

/* Our own appliers are the field managers whose names begin so; "dkube-" until a program says
 * otherwise, before the first record is made. Borrowed. */
void rec_set_own_managers(const char *prefix);
bool rec_is_own_manager(const char *manager); /* NULL: false */

struct rec; /* a sealed record, or an element of one of its lists */

/* Builds the record of `object` in the arena. A declared field of another JSON type counts as
 * absent. ERR_INVALID/"ObjectTooLarge" past 4 GiB offsets; never partial. ret_size is the block's
 * size, for memcpy: a record works wherever it lies at an 8-byte boundary. */
int rec_build(struct arena *a, const struct rows *rows, const struct json *object,
              const struct rec **ret, uint32_t *ret_size, struct err *e) MUSTCHECK;

uint32_t rec_size(const struct rec *r);

/* Slot readers. Strings are borrowed from the record and NUL-terminated; absent reads as NULL, 0,
 * false, an empty list; so does everything of a NULL record. Elements of lists are read with the
 * same functions; an index past the end gives NULL. */
bool rec_has(const struct rec *r, unsigned slot);
const char *rec_str(const struct rec *r, unsigned slot);
uint32_t rec_str_len(const struct rec *r, unsigned slot);
int64_t rec_int(const struct rec *r, unsigned slot);
int64_t rec_int_or(const struct rec *r, unsigned slot, int64_t dflt);
bool rec_bool(const struct rec *r, unsigned slot);
uint32_t rec_count(const struct rec *r, unsigned slot);                     /* LIST, MAP */
const struct rec *rec_item(const struct rec *r, unsigned slot, uint32_t i); /* LIST */
const char *rec_text(const struct rec *r, unsigned slot, uint32_t i);       /* LIST of strings */
const char *rec_map_key(const struct rec *r, unsigned slot, uint32_t i);    /* MAP */
const char *rec_map_value(const struct rec *r, unsigned slot, uint32_t i);
const char *rec_map_get(const struct rec *r, unsigned slot, const char *key); /* NULL if absent */
const struct json *rec_json(const struct rec *r, unsigned slot, struct arena *a); /* RAW, parsed */

/* Metadata of any record. */
static inline const char *rec_name(const struct rec *r)
{
    return rec_str(r, REC_NAME);
}
static inline const char *rec_namespace(const struct rec *r)
{
    return rec_str(r, REC_NAMESPACE);
}
static inline const char *rec_uid(const struct rec *r)
{
    return rec_str(r, REC_UID);
}
static inline const char *rec_rv(const struct rec *r)
{
    return rec_str(r, REC_RV);
}
static inline int64_t rec_generation(const struct rec *r)
{
    return rec_int(r, REC_GENERATION);
}
static inline int64_t rec_created_ms(const struct rec *r)
{
    return rec_int(r, REC_CREATED);
}
static inline bool rec_is_deleted(const struct rec *r)
{
    return rec_has(r, REC_DELETED);
}
static inline const char *rec_label(const struct rec *r, const char *key)
{
    return rec_map_get(r, REC_LABELS, key);
}
bool rec_has_finalizer(const struct rec *r, const char *name);
/* The uid of the owner with controller: true; NULL when there is none. */
const char *rec_controller_uid(const struct rec *r);

/* Resource versions are text: by length, then bytes; <0, 0, >0. NULL and "" are lowest. */
int rv_compare(const char *a, const char *b);
/* True for a decimal without sign or leading zero (or ""). */
bool rv_is_valid(const char *rv);

/* "1", "500m", "1Gi", "1e3" → whole units rounded up; -1 for anything else or negative/overflow. */
int quantity_parse(const char *s, int64_t *ret_units);

#endif
