/*
 * listing.h — which contents a manifest on disk lists, remembered for the few manifests read
 * lately, so that fetching a folder of n files does not read its manifest n times. Not thread-safe.
 */
#ifndef DKUBE_STORE_LISTING_H
#define DKUBE_STORE_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LISTINGS 8 /* the one unused longest makes room */

struct listing {
    char name[192];
    char (*hex)[64]; /* owned, sorted */
    size_t count;
    uint64_t used;
};
struct listings { /* zero-initialised is empty */
    struct listing slots[LISTINGS];
    uint64_t clock;
};

/* True when the manifest `name` below `root` exists and lists the content. Manifests never change.
 */
bool listings_have(struct listings *ls, int root, const char *name, const char *hex);
void listings_done(struct listings *ls);

#endif
