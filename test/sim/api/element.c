/* element.c — path elements: what members and items are called in sets of fields. */
#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "sim/api/fields.h"

/* They are few and stay, each once: a kind ("f:", "k:", "v:") and a text. */
static const char *path_element(const char *kind, const char *text)
{
    static struct known {
        struct known *next;
        char pe[];
    } * lists[4096];
    uint32_t h = (unsigned char)*kind;
    struct known **at, *k;

    for (const char *p = text; *p != '\0'; p++) {
        h = (h ^ (unsigned char)*p) * 0x01000193u;
    }
    at = &lists[(h ^ h >> 15) % ARRAY_LEN(lists)];
    for (k = *at; k != NULL; k = k->next) {
        if (k->pe[0] == *kind && strcmp(k->pe + 2, text) == 0) {
            return k->pe;
        }
    }
    k = mem_alloc(sizeof(*k) + strlen(text) + 3);
    memcpy(k->pe, kind, 2);
    memcpy(k->pe + 2, text, strlen(text));
    k->next = *at;
    *at = k;
    return k->pe;
}

const char *element_of_field(const char *name)
{
    return path_element("f:", name);
}

static const char *item_text(struct arena *a, const struct schema *s, const struct tree *item)
{
    struct tree *key = jt_map(a);

    if (s->list == LIST_SET) {
        return path_element("v:", jt_text(a, item));
    }
    for (size_t i = 0; i < ARRAY_LEN(s->keys) && s->keys[i] != NULL; i++) {
        const struct tree *v = jt_key(item, s->keys[i]);
        bool known;

        v = v != NULL ? v : schema_field(s->element, s->keys[i], &known)->dflt;
        if (v != NULL) {
            jt_set(a, key, s->keys[i], v);
        }
    }
    return path_element("k:", jt_text(a, key));
}

/* An item that is kept does not change, and it is nearly always one of the same list. */
const char *element_of_item(struct arena *a, const struct schema *s, const struct tree *item)
{
    struct tree *kept = (struct tree *)item;

    if (kept->pe == NULL || kept->pe_of != s) {
        kept->pe = item_text(a, s, item);
        kept->pe_of = s;
    }
    return kept->pe;
}
