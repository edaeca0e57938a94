/*
 * protoform.h — inside lib/api: rows compiled against a message, for protorec.c alone.
 *
 * Each wanted field has a cell; an element of a list has a form, and so cells, of its own. Cells
 * stand in preorder, so that those of all that is below a field are the ones up to `end`.
 */
#ifndef DKUBE_API_PROTOFORM_H
#define DKUBE_API_PROTOFORM_H

#include "api/protorec.h"

struct want { /* a field that some row wants */
    const struct proto_field *f;
    uint16_t cell;
    struct wants *below;     /* PROTO_MESSAGE: what is wanted inside it */
    struct protoform *items; /* of an element of a list */
};

struct wants { /* of one message */
    struct want *list;
    uint32_t top;       /* the highest wanted number */
    uint8_t *by_number; /* place in the list and one, 0: nobody wants it */
    uint8_t count;
};

static inline struct want *want_of(const struct wants *w, uint32_t number)
{
    return number <= w->top && w->by_number[number] != 0 ? &w->list[w->by_number[number] - 1]
                                                         : NULL;
}

struct protocells;
struct protoform {
    const struct rows *rows;
    struct wants *root; /* NULL: the element is a string, in cell 0 */
    uint16_t *row_cell;
    struct want **row_want; /* NULL: the row is cell 0 */
    uint16_t cells;
    struct protocells *work; /* of a whole object's form, made when it is first used */
};

void protocells_free(struct protocells *c);

#endif
