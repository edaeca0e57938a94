/* delete.c — deletion: graceful for pods, held up by finalizers for all. */
#include "sim/api/inside.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/span.h"

static const struct tree *set_deleted(struct apisim *s, const struct tree *body, int64_t at_ms,
                                      int64_t grace_s)
{
    body = jt_with(&s->a, body, "metadata.deletionTimestamp", jt_str(&s->a, api_time(s, at_ms)));
    return jt_with(&s->a, body, "metadata.deletionGracePeriodSeconds", jt_int(&s->a, grace_s));
}

const struct tree *api_mark_deleted(struct apisim *s, const struct tree *body, int64_t grace_s)
{
    int64_t generation = jt_get_int(body, "metadata.generation", 0);

    if (generation > 0) {
        body = jt_with(&s->a, body, "metadata.generation", jt_int(&s->a, generation + 1));
    }
    return set_deleted(s, body, s->now_ms + grace_s * 1000, grace_s);
}

static const struct api_state *store_body(struct apisim *s, const struct api_state *was,
                                          const struct tree *body)
{
    struct api_state st = *was;

    st.body = body;
    st.untidy = false;
    return api_store(s, was, &st);
}

static struct api_result gone(struct apisim *s, const struct api_state *was)
{
    const struct api_state *last = api_drop(s, was, was);

    return (struct api_result){.code = 200, .state = was->type->graceful ? last : NULL};
}

static int64_t pod_grace(const struct api_state *pod, int64_t asked)
{
    const char *phase = jt_get_str(pod->body, "status.phase", "");
    int64_t grace =
        asked >= 0 ? asked : jt_get_int(pod->body, "spec.terminationGracePeriodSeconds", 30);

    if (*jt_get_str(pod->body, "spec.nodeName", "") == '\0' || str_eq(phase, "Succeeded") ||
        str_eq(phase, "Failed")) {
        grace = 0;
    }
    return grace;
}

/* It is being deleted already: the time can only become shorter. */
static struct api_result delete_again(struct apisim *s, const struct api_state *was, int64_t asked)
{
    int64_t had = jt_get_int(was->body, "metadata.deletionGracePeriodSeconds", 0);
    bool held = jt_get(was->body, "metadata.finalizers") != NULL;
    int64_t at_ms = 0;

    if (asked < 0 || asked >= had) {
        return (struct api_result){.code = 200, .state = was};
    }
    (void)clock_parse_rfc3339(jt_get_str(was->body, "metadata.deletionTimestamp", ""), &at_ms);
    at_ms -= (had - asked) * 1000;
    if (asked > 0 && at_ms < s->now_ms) { /* that time has passed */
        asked = 1;
        at_ms = s->now_ms + 1000;
    }
    was = store_body(s, was, set_deleted(s, was->body, at_ms, asked));
    if (asked == 0 && !held) {
        return gone(s, was);
    }
    return (struct api_result){.code = 200, .state = was};
}

static struct api_result delete_pod(struct apisim *s, const struct api_state *was, int64_t asked)
{
    bool held = jt_get(was->body, "metadata.finalizers") != NULL;
    int64_t grace = pod_grace(was, asked);

    was = store_body(s, was, api_mark_deleted(s, was->body, grace));
    if (grace == 0 && !held) {
        return gone(s, was);
    }
    return (struct api_result){.code = 200, .state = was};
}

static struct api_result delete_other(struct apisim *s, const struct api_state *was)
{
    if (jt_get(was->body, "metadata.finalizers") == NULL) {
        return gone(s, was);
    }
    return (struct api_result){.code = 200,
                               .state = store_body(s, was, api_mark_deleted(s, was->body, 0))};
}

static struct api_result check_preconditions(struct apisim *s, const struct api_state *was,
                                             const struct tree *options)
{
    const char *uid = jt_get_str(options, "preconditions.uid", "");
    const char *rv = jt_get_str(options, "preconditions.resourceVersion", "");

    if (*uid != '\0' && !str_eq(uid, was->uid)) {
        return api_fail(409, "Conflict",
                        arena_printf(&s->a,
                                     "Precondition failed: UID in precondition: %s, UID in object "
                                     "meta: %s",
                                     uid, was->uid));
    }
    if (*rv != '\0' && !str_eq(rv, arena_printf(&s->a, "%" PRIu64, was->version))) {
        return api_fail(409, "Conflict", "Precondition failed: ResourceVersion in precondition");
    }
    return (struct api_result){.code = 200};
}

struct api_result api_delete(struct apisim *s, const struct api_where *w,
                             const struct tree *options)
{
    const struct api_state *was = api_find(s, w->type, w->ns, w->name);
    int64_t asked = jt_get_int(options, "gracePeriodSeconds", -1);
    struct api_result r;

    if (was == NULL) {
        return api_fail(404, "NotFound",
                        arena_printf(&s->a, "%s \"%s\" not found", w->type->plural, w->name));
    }
    r = check_preconditions(s, was, options);
    if (r.code != 200) {
        return r;
    }
    if (w->type->graceful && jt_get(was->body, "metadata.deletionTimestamp") != NULL) {
        return delete_again(s, was, asked);
    }
    if (w->type->graceful) {
        return delete_pod(s, was, asked);
    }
    if (jt_get(was->body, "metadata.deletionTimestamp") != NULL) {
        return (struct api_result){.code = 200,
                                   .state = was->untidy ? store_body(s, was, was->body) : was};
    }
    return delete_other(s, was);
}
