/* secret.gen.h — what the cache keeps of a Secret.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_SECRET_GEN_H
#define DKUBE_API_SECRET_GEN_H

#include "api/rec.h"

extern const struct kind kind_secret;

enum {
    SECRET_TYPE = REC_META_COUNT,
};

static inline const char *secret_type(const struct rec *r)
{
    return rec_str(r, SECRET_TYPE);
}

static inline bool secret_type_set(const struct rec *r)
{
    return rec_has(r, SECRET_TYPE);
}

#endif
