#include <string.h>

#include "api/pod.gen.h"
#include "base/attr.h"
#include "base/span.h"
#include "controllers/dkuberun/dkuberun.h"
#include "controllers/dkuberun/part.h"

/* Words by which the API server's own admission says why; the code is 403 for all of them. */
static bool says(const struct refused *r, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(r->message, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Pod Security, admission policies and webhooks, LimitRanges, a quota that wants a value. */
static bool is_policy(const struct refused *r)
{
    static const char *const words[] = {"violates PodSecurity", "denied request",
                                        "denied the request",   "usage per ",
                                        "request ratio per ",   "failed quota"};

    return says(r, words, ARRAY_LEN(words));
}

static bool is_quota(const struct refused *r)
{
    static const char *const words[] = {"exceeded quota"};

    return says(r, words, ARRAY_LEN(words));
}

static struct finding PRINTF(4, 5)
    find(struct arena *a, enum run_signal signal, enum run_reason reason, const char *fmt, ...)
{
    struct finding f = {.signal = signal, .reason = reason};
    va_list ap;

    va_start(ap, fmt);
    f.message = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return f;
}

struct finding refusal_look(const struct run_view *v, struct arena *a, const struct kind *k,
                            const char *name)
{
    const struct refused *r = v->refused;
    struct finding f = {.signal = SIGNAL_NONE};
    const char *why, *what = k == &kind_pod ? "pod" : "Service of its workers";

    if (r == NULL || r->verb != OP_CREATE || r->kind != k || !str_eq(r->name, name)) {
        return f;
    }
    why = one_line(a, r->message);
    if (is_quota(r)) {
        return find(a, SIGNAL_NONE, REASON_QUOTA_EXCEEDED,
                    "the namespace's ResourceQuota has no room for the %s (%s); it holds no GPUs "
                    "and tries again; end other runs, lower spec.resources in a new run, or have "
                    "the quota raised",
                    what, why);
    }
    if (is_policy(r)) {
        return find(a, SIGNAL_FAILED, REASON_POLICY_DENIED,
                    "a policy of the cluster or namespace forbids the %s (%s); make a new run "
                    "that it allows, or ask an operator to change it",
                    what, why);
    }
    if (r->code != 403) {
        return find(a, SIGNAL_FAILED, REASON_POD_INVALID,
                    "the API server calls the %s invalid (%s); correct what it names in a new run",
                    what, why);
    }
    f = find(a, SIGNAL_NONE, REASON_POD_FORBIDDEN,
             "the API server does not allow the %s (%s); it holds no GPUs and tries again; an "
             "operator must allow it",
             what, why);
    f.needs_help = true;
    return f;
}
