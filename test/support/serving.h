/*
 * serving.h — a world with one Deployment in it: the model 'digits', its versions, the group and
 * what settles.
 */
#ifndef DKUBE_TEST_SERVING_H
#define DKUBE_TEST_SERVING_H

#include "support/world.h"
#include "controllers/deployment/serving.h"

/* Statuses of a replica. */
#define READY "{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}"
#define UNREADY "{'phase':'Running','conditions':[{'type':'Ready','status':'False'}]}"

extern const struct step_conf serving_conf;

void a_deployment(struct world *w, int generation, const char *spec, const char *status);
void a_version(struct world *w, int number, const char *stage, const char *ready);
/* A Deployment with these further fields of its spec, first generation, nothing planned yet. */
struct world given_deployment(const char *spec);
/* The replica as the plan made it, with this status. */
void a_replica(struct world *w, const char *name, const char *status);
/* The Deployment after its status has been written, with `admission` added to it. */
void settle(struct world *w, const char *spec, const char *admission);

#endif
