/*
 * mask.h — inside lib/kube: what a journal must not tell.
 *
 * The values of a Secret become keyed digests: the same value gives the same digest within one
 * journal, so that a plan that copies it replays, and nobody can try passwords against it, for the
 * key is never written. In free text, what follows a secret's usual names is blotted out. Pure but
 * for the key; results are arena memory.
 */
#ifndef DKUBE_KUBE_MASK_H
#define DKUBE_KUBE_MASK_H

#include "api/rec.h"

struct mask {
    unsigned char key[32];
};
void mask_init(struct mask *m); /* a random key */

bool kind_is_secret(const struct kind *k);

/* A Secret's JSON with data, stringData and annotations masked; of a body that is no object only
 * its digest. */
const char *mask_secret(const struct mask *m, struct arena *a, const char *body);

/* Text without passwords in URLs, bearer tokens and NAME=VALUE of secret-like names. Numbers stay:
 * they are metrics. */
const char *mask_text(struct arena *a, const char *text);

#endif
