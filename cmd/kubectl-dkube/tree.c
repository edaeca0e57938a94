#include "cmd/kubectl-dkube/tree.h"

#include <stdarg.h>
#include <string.h>

struct node *tree_add(struct arena *a, struct node *parent, const char *fmt, ...)
{
    struct node *n = arena_alloc(a, sizeof *n), **at;
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(a, fmt, ap);
    va_end(ap);
    for (char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f) {
            *p = '?';
        }
    }
    n->text = text;
    if (parent != NULL) {
        for (at = &parent->child; *at != NULL; at = &(*at)->next) {
        }
        *at = n;
    }
    return n;
}

static void draw_children(FILE *out, const struct node *n, const char *prefix)
{
    char deeper[256];

    for (const struct node *c = n->child; c != NULL; c = c->next) {
        fprintf(out, "%s%s %s\n", prefix, c->next != NULL ? "├─" : "└─", c->text);
        snprintf(deeper, sizeof deeper, "%.200s%s", prefix, c->next != NULL ? "│  " : "   ");
        draw_children(out, c, deeper);
    }
}

void tree_draw(FILE *out, const struct node *root)
{
    fprintf(out, "%s\n", root->text);
    draw_children(out, root, "");
}
