#include "controllers/mirror/resend.h"

#include "base/mem.h"
#include "base/span.h"

static void at_start_of(struct resend *s, size_t kind)
{
    mem_free(s->ns);
    mem_free(s->name);
    s->ns = s->name = NULL;
    s->kind = kind;
}

void resend_begin(struct resend *s)
{
    at_start_of(s, 0);
    s->going = true;
}

void resend_done(struct resend *s)
{
    at_start_of(s, 0);
    s->going = false;
}

static const char *text(const char *s)
{
    return s != NULL ? s : "";
}

/* The first in the sorted list behind what was handed in last. */
static size_t first_after(const struct resend *s, const struct rec **list, size_t count)
{
    size_t low = 0, high = count;

    while (s->name != NULL && low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(text(rec_namespace(list[mid])), text(s->ns));

        if (order == 0) {
            order = strcmp(rec_name(list[mid]), s->name);
        }
        if (order <= 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low;
}

static void sweep(struct arena *a, const struct caches *c, const struct mirror_kind *mk,
                  const struct resend_sink *to)
{
    size_t count;
    const struct rec **list = cache_list(a, c, &mk->kind, NULL, &count);
    const char **uids = arena_alloc(a, (count + 1) * sizeof *uids);

    for (size_t i = 0; i < count; i++) {
        uids[i] = rec_uid(list[i]);
    }
    to->sweep(to->ctx, mk, uids, count, cache_rv(c, &mk->kind));
}

/* How many of `room` are left. */
static size_t send_kind(struct resend *s, struct arena *a, const struct caches *c,
                        const struct resend_sink *to, size_t room)
{
    const struct mirror_kind *mk = &mirror_kinds[s->kind];
    size_t count, i;
    const struct rec **list = cache_list(a, c, &mk->kind, NULL, &count);

    for (i = first_after(s, list, count); i < count && room > 0; i++, room--) {
        to->put(to->ctx, mk, list[i]);
        if (room == 1) {
            at_start_of(s, s->kind);
            s->ns = mem_strdup(text(rec_namespace(list[i])));
            s->name = mem_strdup(rec_name(list[i]));
        }
    }
    if (room == 0) {
        return 0;
    }
    sweep(a, c, mk, to);
    at_start_of(s, s->kind + 1);
    return room - 1;
}

bool resend_step(struct resend *s, struct arena *a, const struct caches *c,
                 const struct resend_sink *to, size_t room)
{
    room = room < RESEND_STEP ? room : RESEND_STEP;
    while (s->going && room > 0) {
        room = send_kind(s, a, c, to, room);
        s->going = s->kind < MIRROR_KIND_COUNT;
    }
    return !s->going;
}

void resend_sweep(struct arena *a, const struct caches *c, const struct resend_sink *to)
{
    for (size_t i = 0; i < MIRROR_KIND_COUNT; i++) {
        sweep(a, c, &mirror_kinds[i], to);
    }
}
