/*
 * benchkinds.h — the eight kinds that our subject of the benches watches. Of a pod the twelve
 * fields of test/bench/fields.txt are kept (and the metadata that every record has), of the others
 * the metadata.
 */
#ifndef DKUBE_TEST_BENCHKINDS_H
#define DKUBE_TEST_BENCHKINDS_H

#include "api/rec.h"

enum { BENCH_KINDS = 8 };
enum bench_pod_slot {
    BENCH_POD_ANNOTATIONS = REC_META_COUNT,
    BENCH_POD_NODE,
    BENCH_POD_CONTAINERS,
    BENCH_POD_PHASE,
    BENCH_POD_IP,
    BENCH_POD_CONDITIONS
};
enum bench_condition_slot { BENCH_CONDITION_TYPE, BENCH_CONDITION_STATUS };
enum bench_parent_slot { BENCH_PARENT_OWNED = REC_META_COUNT, BENCH_PARENT_STATUS };

extern const struct kind bench_kinds[BENCH_KINDS]; /* pods, their parents (Services), the rest */
#define BENCH_POD (&bench_kinds[0])
#define BENCH_PARENT (&bench_kinds[1])

#endif
