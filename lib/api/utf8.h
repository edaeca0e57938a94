/*
 * utf8.h — text as the API server would show it in JSON: each byte that belongs to no UTF-8
 * character is replaced by U+FFFD. The result is `text` itself when nothing is to be mended, else
 * arena memory.
 */
#ifndef DKUBE_API_UTF8_H
#define DKUBE_API_UTF8_H

#include "base/arena.h"
#include "base/span.h"

struct span utf8_mended(struct arena *a, struct span text);

#endif
