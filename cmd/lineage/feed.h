/*
 * feed.h — carries what the caches see into the mirror, and what the mirror committed into the
 * views.
 */
#ifndef DKUBE_CMD_LINEAGE_FEED_H
#define DKUBE_CMD_LINEAGE_FEED_H

#include "kube/controller.h"
#include "pg/mirror.h"

/* The mirror that all maps and gathers use from now on; borrowed. Call once, before the manager
 * runs. */
void feed_init(struct mirror *m);
void feed_done(void); /* after the manager has ended */

extern const struct controller feed_controller;

#endif
