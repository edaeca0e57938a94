/*
 * scan.h — the push scanner: bytes as they arrive, in any chunks, become flat records.
 *
 * No document is ever built: of each value only what a declared row wants is held until the value
 * ends; all else is checked and forgotten. The record has the same bytes as rec_build() makes of
 * the parsed document, and what json_parse() refuses is refused (RFC 8259, LIMIT_JSON_DEPTH,
 * UTF-8), with two known differences: a value is known to be malformed only when the bad byte
 * comes, so the elements of a page before it have been handed out; and in an entry of
 * managedFields whose "manager" is not ours, the rest of the entry is not read again when a second
 * "manager" follows.
 * A scanner is owned by its caller and belongs to one thread; memory is what the kept fields of one
 * value need, at most `max` bytes of input, and is given back when it was much. Errors are
 * ERR_INVALID: "MalformedJSON", "ValueTooLarge"; after one only scan_reset() helps.
 */
#ifndef DKUBE_API_SCAN_H
#define DKUBE_API_SCAN_H

#include "api/rec.h"
#include "api/shape.h"
#include "base/span.h"

struct scan;

/* A scanner of values of at most `max` bytes that fills the tables of the parts, each seen from its
 * prefix ("object" for what a watch event carries). The tables are borrowed. */
struct scan *scan_new(const struct scan_part *parts, size_t n, size_t max);
void scan_free(struct scan *s);

/* Hands out the elements of part 0's LIST row number `row` one by one, as they end, instead of
 * keeping them: fn calls scan_item(). Its -1 ends the scan as malformed with its *e. */
typedef int scan_item_fn(void *ctx, struct scan *s, struct err *e);
void scan_each(struct scan *s, unsigned row, scan_item_fn *fn, void *ctx);
int scan_item(struct scan *s, struct arena *a, const struct rec **ret, uint32_t *ret_size,
              struct err *e) MUSTCHECK;

/* Takes bytes from the front of *chunk. 1: a value ended and its records can be asked for until the
 * next call. 0: the chunk is used up. -1: *e says why. */
int scan_feed(struct scan *s, struct span *chunk, struct err *e) MUSTCHECK;

/* The input is at its end. 1: that ended a value (a bare number), 0: no value was open. */
int scan_end(struct scan *s, struct err *e) MUSTCHECK;

/* Between values: nothing of the next one has come. */
bool scan_is_idle(const struct scan *s);

/* Forgets what was begun, for another stream. */
void scan_reset(struct scan *s);

/* The record of one part of the value that ended. */
int scan_rec(struct scan *s, size_t part, struct arena *a, const struct rec **ret,
             uint32_t *ret_size, struct err *e) MUSTCHECK;

#endif
