/*
 * figures.h — what the mirror does, as metrics, and its troubles as log lines.
 */
#ifndef DKUBE_CMD_LINEAGE_FIGURES_H
#define DKUBE_CMD_LINEAGE_FIGURES_H

#include "base/metrics.h"
#include "pg/mirror.h"

/* Call it every few seconds from one thread: it logs what is new since the last time. */
void figures_measure(struct mirror *mirror, struct metrics *m);

#endif
