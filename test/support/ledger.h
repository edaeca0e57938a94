/*
 * ledger.h — a cluster on paper for the specs of the ledger: nodes, pools, groups, runs,
 * deployments and pods by short names, one world `w` at a time, and what the ledger made of them.
 */
#ifndef DKUBE_TEST_LEDGER_H
#define DKUBE_TEST_LEDGER_H

#include "support/paper.h"

extern struct paper w;

void a_node(const char *name, const char *type, int capacity, int allocatable, bool ready);
void node(const char *name, int gpus);
void later(void);
void pool(const char *name, const char *spec);
void group(const char *name, const char *pool_ref);
void put_run(const char *ns, const char *name, int gpus, int priority, const char *status);
void run(const char *ns, const char *name, int gpus);
void limited_run(const char *ns, const char *name, int gpus, const char *max_runtime);
void becomes(const char *ns, const char *name, int gpus, const char *phase, int attempt);
void deployment(const char *ns, const char *name, int gpus, int replicas);
void pod_of(const char *ns, const char *name, const char *node_name, int gpus, const char *phase,
            const char *owner_uid);
void stranger(const char *name, const char *node_name, int gpus);
const char *uid_of(const char *ns, const char *name);
void begin(void);
void ledger_settles(void);
const char *of_pool(const char *name, const char *path);
const char *of_run(const char *ns, const char *name, const char *path);
const char *of_deployment(const char *ns, const char *name, const char *path);
const char *ready_reason(const char *name);
void expect(const char *have, const char *want);

#endif
