#include "api/group.gen.h"
#include "api/namespace.gen.h"
#include "base/span.h"
#include "controllers/group/group.h"

static bool is_reserved(const struct group_view *v)
{
    return strncmp(v->ns, "kube-", 5) == 0 || str_eq(v->ns, "default") ||
           str_eq(v->ns, "dkube-shared") || str_eq(v->ns, v->system_ns);
}

static struct standing taken(const struct group_view *v, struct arena *a)
{
    const char *of = rec_label(v->space, LABEL_GROUP);
    const char *name = rec_name(v->subject.live);

    if (!str_empty(of) && !v->is_space_orphan) {
        return standing_of(a, STANDING_STALLED, "NamespaceTaken",
                           "the namespace '%s' is that of the Group '%s'; make this Group anew "
                           "with another spec.namespace",
                           v->ns, of);
    }
    return standing_of(a, STANDING_STALLED, "NamespaceTaken",
                       "the namespace '%s' exists already; label it " LABEL_ADOPT "=%s to let this "
                       "Group have it, or make the Group anew with another spec.namespace",
                       v->ns, name);
}

enum space_state group_space(const struct group_view *v, struct arena *a, struct standing *ret)
{
    const char *name = rec_name(v->subject.live);
    const char *of;

    if (is_reserved(v)) {
        *ret = standing_of(a, STANDING_STALLED, "NamespaceReserved",
                           "spec.namespace '%s' is reserved; make the Group anew with a namespace "
                           "of its own",
                           v->ns);
        return SPACE_REFUSED;
    }
    if (v->space == NULL) {
        *ret = standing_of(a, STANDING_WAITING, "MakingNamespace",
                           "the namespace '%s' is being made", v->ns);
        return SPACE_MISSING;
    }
    if (rec_is_deleted(v->space) || str_eq(namespace_status_phase(v->space), "Terminating")) {
        *ret = standing_of(a, STANDING_WAITING, "NamespaceTerminating",
                           "the namespace '%s' is being deleted; it is made anew when it is gone",
                           v->ns);
        return SPACE_ENDING;
    }
    of = rec_label(v->space, LABEL_GROUP);
    if (str_eq(of, name)) {
        return SPACE_OURS;
    }
    if (str_eq(rec_label(v->space, LABEL_ADOPT), name) && (str_empty(of) || v->is_space_orphan)) {
        *ret = standing_of(a, STANDING_WAITING, "Adopting", "the namespace '%s' is being adopted",
                           v->ns);
        return SPACE_TO_ADOPT;
    }
    *ret = taken(v, a);
    return SPACE_REFUSED;
}

struct standing group_standing(const struct group_view *v, struct arena *a)
{
    struct standing st = {0};

    if (group_space(v, a, &st) != SPACE_OURS) {
        return st;
    }
    if (v->pool_name == NULL) {
        return standing_of(a, STANDING_READY, "NoPool",
                           "the group has no GPUs, for spec.poolRef names no pool");
    }
    if (v->pool_taken_by != NULL) {
        return standing_of(a, STANDING_STALLED, "PoolTaken",
                           "spec.poolRef '%s' is the pool of the older Group '%s'; name another "
                           "pool, or take it from there first",
                           v->pool_name, v->pool_taken_by);
    }
    if (v->pool == NULL) {
        return standing_of(a, STANDING_WAITING, "PoolMissing",
                           "spec.poolRef names no Pool '%s'; make it, or correct the name",
                           v->pool_name);
    }
    return standing_of(a, STANDING_READY, "Available", "namespace, rights and pool are in place");
}
