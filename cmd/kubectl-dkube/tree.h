/*
 * tree.h — a small tree of text lines, drawn with box characters. Nodes and texts are arena memory.
 */
#ifndef DKUBE_CMD_KUBECTL_DKUBE_TREE_H
#define DKUBE_CMD_KUBECTL_DKUBE_TREE_H

#include <stdio.h>

#include "base/arena.h"

struct node {
    const char *text;
    struct node *child, *next;
};

/* Adds a child behind its siblings; parent NULL makes a root. Control characters become '?', so
 * that no object's text can steer the reader's terminal. */
struct node *tree_add(struct arena *a, struct node *parent, const char *fmt, ...) PRINTF(3, 4);
void tree_draw(FILE *out, const struct node *root);

#endif
