/* secret.gen.h — what the cache keeps of a Secret.
 * Made by hack/gen-api from lib/api/native.yaml; do not edit. See api/rec.h. */
#ifndef DKUBE_API_SECRET_GEN_H
#define DKUBE_API_SECRET_GEN_H

#include "api/rec.h"

extern const struct kind kind_secret;

#endif
