/*
 * scanner.h — the push scanner's inside, shared by its two halves: scan.c finds the tokens, and
 * place.c knows where in the declared tables they are and keeps what is wanted (draft.h).
 *
 * See scan.h for what it does; nobody else includes this. All of it belongs to one thread.
 */
#ifndef DKUBE_API_SCANNER_H
#define DKUBE_API_SCANNER_H

#include "api/draft.h"
#include "api/scan.h"

enum { DEPTH_MAX = 10239, NOWHERE = -1 };

/* What is expected, or under way. */
enum state {
    VALUE,
    FIRST_VALUE,
    KEY,
    FIRST_KEY,
    COLON,
    AFTER,
    STRING,
    ESCAPE,
    HEX,
    NUMBER,
    WORD,
    DONE,
    FAILED
};

/* How far a number is. */
enum digits { MINUS, ZERO, WHOLE, POINT, FRACTION, EXP, EXP_SIGN, EXP_DIGITS };

struct where { /* the place of a value */
    const struct trie *trie;
    uint32_t cells; /* of the trie */
    int node;       /* NOWHERE: no row is interested */
    uint32_t entry; /* of a map; 0: none */
};

struct level { /* an open object or array in which something is wanted */
    struct where at;
    const struct trie *items; /* of a list */
    uint64_t serial;
    struct draft_mark mark; /* before the element, when they are handed out */
    uint32_t raw_start;
    bool object, map, raw, raw_here, comma, each;
};

struct scan {
    struct trie *trie;
    size_t max, bytes;
    unsigned max_depth, depth, live; /* open values; how many of them, from the root, are levels */
    uint64_t kinds[DEPTH_MAX / 64 + 1]; /* a bit for each open value: is it an object? */
    struct level *level;
    unsigned level_cap;
    enum state state;
    const char *why;
    struct draft d;
    struct where at; /* of the value that is under way */
    uint32_t root, token, raw_start, item_at;
    unsigned raw_on;
    uint64_t serial;
    bool begun, keep, key, raw_here, fraction;
    unsigned tail, hex_n, hex, high; /* UTF-8 bytes to come; of an escape */
    enum digits digits;
    const char *word;
    enum json_kind word_kind;
    int each_node; /* NOWHERE: lists are kept */
    scan_item_fn *each;
    void *each_ctx;
    struct err each_err;
    bool each_failed;
};

static inline void scan_fail(struct scan *s, const char *why)
{
    s->state = FAILED;
    s->why = why;
}

/* The value that is under way is in a place somebody may want. */
static inline bool scan_is_live(const struct scan *s)
{
    return s->depth == s->live;
}

/* A value begins here: false when it is too deep. */
bool place_begin(struct scan *s);
/* A scalar has come whole; what is kept of it is [token, len) of the texts. */
void place_scalar(struct scan *s, enum json_kind kind);
void place_open(struct scan *s, bool object);
void place_close(struct scan *s);

/* A key has come whole, in one piece or behind the texts from `token` on. */
void place_key(struct scan *s, struct span key);
void place_pieced_key(struct scan *s);

#endif
