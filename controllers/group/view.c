#include "api/deployment.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/namespace.gen.h"
#include "api/networkpolicy.gen.h"
#include "api/pool.gen.h"
#include "api/rolebinding.gen.h"
#include "api/serviceaccount.gen.h"
#include "api/user.gen.h"
#include "base/span.h"
#include "controllers/common/activity.h"
#include "controllers/group/group.h"
#include "controllers/user/user.h"

#define NAMED_AT_MOST 10

static const char *pool_of(const struct rec *group)
{
    const char *ref = group_spec_pool_ref(group);

    if (str_empty(ref)) {
        return str_eq(rec_name(group), GROUP_DEFAULT) ? "default" : NULL;
    }
    return ref;
}

static bool is_older(const struct rec *a, const struct rec *b)
{
    int64_t s = rec_created_ms(a), t = rec_created_ms(b);

    return s != t ? s < t : strcmp(rec_name(a), rec_name(b)) < 0;
}

static void gather_pool(const struct caches *c, struct group_view *v)
{
    struct cache_iter it = {0};
    const struct rec *g, *first = v->subject.live;

    v->pool_name = pool_of(v->subject.live);
    if (v->pool_name == NULL) {
        return;
    }
    v->pool = cache_get(c, &kind_pool, "", v->pool_name);
    while ((g = cache_next(c, &kind_group, NULL, &it)) != NULL) {
        if (str_eq(pool_of(g), v->pool_name) && is_older(g, first)) {
            first = g;
        }
    }
    v->pool_taken_by = first == v->subject.live ? NULL : rec_name(first);
}

static void gather_members(struct arena *a, const struct caches *c, struct group_view *v)
{
    const struct rec *live = v->subject.live;
    void *list = NULL;

    v->unknown = "";
    for (uint32_t i = 0; i < group_spec_users_count(live); i++) {
        const char *name = group_spec_users_at(live, i);
        const struct rec *u = cache_get(c, &kind_user, "", name);

        if (u == NULL) {
            v->unknown =
                arena_printf(a, "%s%s'%s'", v->unknown, *v->unknown != '\0' ? ", " : "", name);
        } else if (user_first(c, user_spec_username(u)) == u && !rec_is_deleted(u)) {
            *(const struct rec **)arena_push(a, &list, &v->member_count, sizeof(u)) = u;
        }
    }
    v->members = list;
}

static void gather_children(const struct caches *c, struct group_view *v)
{
    v->account = cache_get(c, &kind_serviceaccount, v->ns, RUN_ACCOUNT);
    v->policy = cache_get(c, &kind_networkpolicy, v->ns, NETWORK_POLICY);
    for (int i = 0; i < GROUP_ROLE_COUNT; i++) {
        v->bindings[i] =
            cache_get(c, &kind_rolebinding, v->ns, group_role_binding((enum group_role)i));
    }
}

static void name_holder(struct arena *a, struct group_view *v, const char *prefix,
                        const struct rec *r)
{
    if (v->active_runs + v->deployments <= NAMED_AT_MOST) {
        v->holders = arena_printf(a, "%s%s%s%s", v->holders, *v->holders != '\0' ? ", " : "",
                                  prefix, rec_name(r));
    }
}

/* Whoever works or serves in its namespace, with its account and on its GPUs. */
static void gather_holders(struct arena *a, const struct caches *c, struct group_view *v)
{
    struct cache_iter runs = {0}, serving = {0};
    const struct rec *r;

    v->holders = "";
    while ((r = cache_next(c, &kind_dkuberun, v->ns, &runs)) != NULL) {
        if (run_is_active(r)) {
            v->active_runs++;
            name_holder(a, v, "", r);
        }
    }
    while ((r = cache_next(c, &kind_deployment, v->ns, &serving)) != NULL) {
        v->deployments++;
        name_holder(a, v, "deployment/", r);
    }
}

bool group_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct group_view *v = view;
    const struct step_conf *conf = pass->conf;
    const struct rec *live = cache_get(c, &kind_group, "", pass->key.name);
    const char *of;

    v->subject = (struct subject){&kind_group, live, GROUP_STATUS, pass->now_ms};
    v->answers = pass->answers;
    v->system_ns = conf->system_ns;
    if (live == NULL) {
        return str_eq(pass->key.name, GROUP_DEFAULT);
    }
    v->ns = group_namespace_of(live);
    v->space = cache_get(c, &kind_namespace, "", v->ns);
    of = v->space != NULL ? rec_label(v->space, LABEL_GROUP) : NULL;
    v->is_space_orphan = !str_empty(of) && cache_get(c, &kind_group, "", of) == NULL;
    gather_pool(c, v);
    gather_members(a, c, v);
    gather_children(c, v);
    gather_holders(a, c, v);
    return true;
}

/* --- Whom an event concerns
 * ------------------------------------------------------------------------ */

static void enqueue_all(struct enqueuer *q, const struct caches *c)
{
    struct cache_iter it = {0};
    const struct rec *g;

    while ((g = cache_next(c, &kind_group, NULL, &it)) != NULL) {
        enqueue(q, "", rec_name(g));
    }
}

/* Groups compete for pools and namespaces, so an edit of one concerns them all. */
static void map_group(struct enqueuer *q, const struct caches *c, const struct rec *old,
                      const struct rec *now)
{
    enqueue(q, "", rec_name(now != NULL ? now : old));
    if (old == NULL || now == NULL || rec_generation(old) != rec_generation(now)) {
        enqueue_all(q, c);
    }
}

static void map_user(struct enqueuer *q, const struct caches *c, const struct rec *old,
                     const struct rec *now)
{
    if (old == NULL || now == NULL || rec_generation(old) != rec_generation(now) ||
        rec_is_deleted(old) != rec_is_deleted(now)) {
        enqueue_all(q, c);
    }
}

static void map_pool(struct enqueuer *q, const struct caches *c, const struct rec *old,
                     const struct rec *now)
{
    struct cache_iter it = {0};
    const struct rec *g;

    if (old != NULL && now != NULL) {
        return;
    }
    while ((g = cache_next(c, &kind_group, NULL, &it)) != NULL) {
        if (str_eq(pool_of(g), rec_name(now != NULL ? now : old))) {
            enqueue(q, "", rec_name(g));
        }
    }
}

static void enqueue_of_namespace(struct enqueuer *q, const struct caches *c, const char *ns)
{
    struct cache_iter it = {0};
    const struct rec *g;

    while ((g = cache_next(c, &kind_group, NULL, &it)) != NULL) {
        if (str_eq(group_namespace_of(g), ns)) {
            enqueue(q, "", rec_name(g));
        }
    }
}

static void map_namespace(struct enqueuer *q, const struct caches *c, const struct rec *old,
                          const struct rec *now)
{
    enqueue_of_namespace(q, c, rec_name(now != NULL ? now : old));
}

static void map_child(struct enqueuer *q, const struct caches *c, const struct rec *old,
                      const struct rec *now)
{
    enqueue_of_namespace(q, c, rec_namespace(now != NULL ? now : old));
}

static void map_run(struct enqueuer *q, const struct caches *c, const struct rec *old,
                    const struct rec *now)
{
    if (run_activity_changed(old, now)) {
        map_child(q, c, old, now);
    }
}

static void map_deployment(struct enqueuer *q, const struct caches *c, const struct rec *old,
                           const struct rec *now)
{
    if (old == NULL || now == NULL) {
        map_child(q, c, old, now);
    }
}

static const struct watch watches[] = {
    {.kind = &kind_group, .map = map_group},
    {.kind = &kind_user, .map = map_user},
    {.kind = &kind_pool, .map = map_pool},
    {.kind = &kind_namespace, .map = map_namespace},
    {.kind = &kind_dkuberun, .map = map_run},
    {.kind = &kind_deployment, .map = map_deployment},
    {.kind = &kind_serviceaccount, .selector = LABEL_MANAGED "=dkube", .map = map_child},
    {.kind = &kind_networkpolicy, .selector = LABEL_MANAGED "=dkube", .map = map_child},
    /* Rights that are to go are seen whatever labels they carry: all of them. */
    {.kind = &kind_rolebinding, .map = map_child},
};

const struct controller group_controller = {
    .name = "group",
    .manager = "dkube-resource-controller",
    .root = &kind_group,
    .start = {"", GROUP_DEFAULT},
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct group_view),
    .gather = group_gather,
    .plan = group_plan,
};
