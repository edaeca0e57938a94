/*
 * resend.h — hands everything that is cached in to the mirror again, a step at a time, so that its
 * bounded queue never overflows by it; then, kind by kind, says what there is, so that the rest is
 * marked as deleted. Touches no database: the sink does. One thread; nothing of the cache is kept
 * between steps.
 */
#ifndef DKUBE_CONTROLLERS_MIRROR_RESEND_H
#define DKUBE_CONTROLLERS_MIRROR_RESEND_H

#include "controllers/mirror/mirror.h"
#include "kube/cache.h"

#define RESEND_STEP 2000 /* objects of one step at most, so that the loop goes on */

/* Who takes what is handed in. */
struct resend_sink {
    void *ctx;
    void (*put)(void *ctx, const struct mirror_kind *mk, const struct rec *r);
    /* All objects of the kind that there are at resource version rv; uids and rv borrowed. */
    void (*sweep)(void *ctx, const struct mirror_kind *mk, const char *const *uids, size_t count,
                  const char *rv);
};

/* Where it is. Zeroed: nothing to do. */
struct resend {
    bool going;
    size_t kind;
    char *ns, *name; /* the last one handed in of that kind; owned */
};

/* From the beginning, whatever was under way. */
void resend_begin(struct resend *s);
/* Hands in at most `room` things. True when all is done (or nothing was to do). */
bool resend_step(struct resend *s, struct arena *a, const struct caches *c,
                 const struct resend_sink *to, size_t room);
/* Sweeps every kind at once, and hands in nothing. */
void resend_sweep(struct arena *a, const struct caches *c, const struct resend_sink *to);
void resend_done(struct resend *s); /* frees */

#endif
