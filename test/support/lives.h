/*
 * lives.h — random lives of a cluster on paper, for laws of the ledger: nodes come, break and go,
 * pools are made, edited and deleted, runs and deployments come, start, end and start again,
 * strangers take GPUs. The same seed gives the same life. One at a time.
 */
#ifndef DKUBE_TEST_LIVES_H
#define DKUBE_TEST_LIVES_H

#include "support/paper.h"

#define LIVES_TEAMS 3
#define LIVES_RUNS 64 /* more than there ever are */

extern struct paper lives;

void lives_begin(unsigned seed);
void lives_crowd(void); /* runs, and now and then a pool and a deployment, before anybody looks */
void lives_go_on(void); /* one thing happens, a second later */
/* Of its attempt's worker i: its pod, or NULL; what it was given, or NULL and 0. */
const struct rec *lives_pod_of(const struct rec *run, uint32_t i);
const char *lives_node_of(const struct rec *run, uint32_t i);
int64_t lives_gpus_of(const struct rec *run, uint32_t i);

#endif
