/*
 * script.h — inside lib/kube: a plan as lines of text, one fact a line, for people and for
 * comparing.
 *
 *     apply ConfigMap default/hello manager=website
 *       data.index.html = "<h1>Hello</h1>\n"
 *     wake 2026-01-01T00:00:00.000000Z
 *
 * Pure; results are arena memory.
 */
#ifndef DKUBE_KUBE_SCRIPT_H
#define DKUBE_KUBE_SCRIPT_H

#include <stdio.h>

#include "kube/mask.h"
#include "kube/plan.h"

struct script {
    const char **lines; /* arena */
    size_t count;
};

/* p NULL: gather found nothing to plan. mask NULL: Secrets are shown as they are (a replay's are
 * masked already). */
void script_of(struct arena *a, const struct plan *p, const struct mask *mask, struct script *ret);

bool script_equal(const struct script *a, const struct script *b);

/* Writes the lines that only one has, "- " before a's and "+ " before b's, with the operation they
 * belong to. */
void script_diff(FILE *out, const struct script *a, const struct script *b);

#endif
