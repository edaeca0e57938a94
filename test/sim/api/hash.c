/* hash.c — of states: equal but for times, uids and versions are equal numbers. */
#include <string.h>

#include "base/span.h"
#include "sim/api/inside.h"

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
    const unsigned char *b = p;

    for (size_t i = 0; i < n; i++) {
        h = (h ^ b[i]) * 0x100000001b3u;
    }
    return h;
}

static bool is_masked(const char *key)
{
    static const char *const masked[] = {"uid", "resourceVersion", "time", "managedFields"};
    size_t n = strlen(key);

    for (size_t i = 0; i < ARRAY_LEN(masked); i++) {
        if (strcmp(key, masked[i]) == 0) {
            return true;
        }
    }
    return (n > 4 && strcmp(key + n - 4, "Time") == 0) ||
           (n > 9 && strcmp(key + n - 9, "Timestamp") == 0);
}

static uint64_t hash_tree(const struct tree *t)
{
    uint64_t h = 0xcbf29ce484222325u + (uint64_t)t->type;

    switch (t->type) {
    case TREE_NULL:
        return h;
    case TREE_BOOL:
        return mix(h, &t->u.flag, sizeof(t->u.flag));
    case TREE_INT:
        return mix(h, &t->u.n, sizeof(t->u.n));
    case TREE_REAL:
    case TREE_STR:
        return mix(h, t->u.s, t->len);
    case TREE_LIST:
    case TREE_MAP:
        break;
    }
    for (uint32_t i = 0; i < t->len; i++) {
        const struct jt_member *m = &t->u.at[i];

        if (t->type == TREE_LIST) {
            h = (h ^ hash_tree(m->value)) * 0x100000001b3u;
        } else {
            uint64_t one = mix(7, m->key, strlen(m->key));

            h += is_masked(m->key) ? one : one * (hash_tree(m->value) | 1);
        }
    }
    return h;
}

/* Who owns what; items are not told apart by uids. */
static uint64_t hash_set(const struct fset *f)
{
    uint64_t h = f->member;

    for (uint32_t i = 0; i < f->len; i++) {
        const char *pe = f->child[i].pe;
        size_t n = strncmp(pe, "k:{\"uid\"", 9) == 0 ? 9 : strlen(pe);

        h += mix(11, pe, n) * (hash_set(f->child[i].of) | 1);
    }
    return h;
}

static uint64_t hash_managers(const struct api_state *st)
{
    uint64_t h = 0;

    for (size_t i = 0; i < st->manager_count; i++) {
        const struct api_manager *m = &st->managers[i];
        uint64_t one = mix(13, m->name, strlen(m->name));

        one = mix(mix(one, m->op, strlen(m->op)), m->sub, strlen(m->sub));
        h += one * ((m->set != NULL ? hash_set(m->set) : 0) | 1);
    }
    return h;
}

uint64_t api_state_hash(const struct api_state *st)
{
    struct api_state *kept = (struct api_state *)st;

    if (kept->hash == 0) {
        uint64_t h = mix(0xcbf29ce484222325u, st->type->kind, strlen(st->type->kind));

        h = mix(mix(h, st->ns, strlen(st->ns)), st->name, strlen(st->name));
        kept->hash = h * ((hash_tree(st->body) + hash_managers(st)) | 1) + 1;
    }
    return kept->hash;
}

uint64_t apisim_hash(const struct apisim *s)
{
    uint64_t h = 0;

    for (size_t i = 0; i < s->count; i++) {
        h += api_state_hash(s->objects[i]);
    }
    return h;
}

uint64_t apisim_hash_version(const struct apisim *s, uint64_t version)
{
    size_t lo = 0, hi = s->event_count;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (s->events[mid].version < version) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < s->event_count && s->events[lo].version == version
               ? api_state_hash(s->events[lo].now) + (uint64_t)s->events[lo].change
               : 0;
}

uint64_t apisim_hash_text(struct apisim *s, const char *text, size_t n)
{
    const struct tree *t = n > 0 ? jt_parse(&s->a, text, n) : NULL;

    return t != NULL ? hash_tree(t) : mix(17, text, n);
}
