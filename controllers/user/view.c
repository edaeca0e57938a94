#include <stdlib.h>

#include "api/clusterrolebinding.gen.h"
#include "api/dkuberun.gen.h"
#include "api/group.gen.h"
#include "api/user.gen.h"
#include "base/span.h"
#include "controllers/common/activity.h"
#include "controllers/common/child.h"
#include "controllers/user/user.h"

static bool is_older(const struct rec *a, const struct rec *b)
{
    int64_t s = rec_created_ms(a), t = rec_created_ms(b);

    return s != t ? s < t : strcmp(rec_name(a), rec_name(b)) < 0;
}

const struct rec *user_first(const struct caches *c, const char *username)
{
    struct cache_iter it = {0};
    const struct rec *u, *first = NULL;

    while ((u = cache_next(c, &kind_user, NULL, &it)) != NULL) {
        if (str_eq(user_spec_username(u), username) && (first == NULL || is_older(u, first))) {
            first = u;
        }
    }
    return first;
}

bool user_has_role(const struct rec *user, const char *role)
{
    for (uint32_t i = 0; i < user_spec_roles_count(user); i++) {
        if (str_eq(user_spec_roles_at(user, i), role)) {
            return true;
        }
    }
    return false;
}

static bool is_member(const struct rec *group, const char *user)
{
    for (uint32_t i = 0; i < group_spec_users_count(group); i++) {
        if (str_eq(group_spec_users_at(group, i), user)) {
            return true;
        }
    }
    return false;
}

static void gather_groups(struct arena *a, const struct caches *c, struct user_view *v)
{
    size_t n = 0;
    const struct rec **all = cache_list(a, c, &kind_group, NULL, &n);
    void *names = NULL;

    for (size_t i = 0; i < n; i++) {
        if (is_member(all[i], rec_name(v->subject.live))) {
            *(const char **)arena_push(a, &names, &v->group_count, sizeof(char *)) =
                rec_name(all[i]);
        }
    }
    v->groups = names;
}

static int64_t count_runs(const struct caches *c, const char *username)
{
    struct cache_iter it = {0};
    const struct rec *r;
    int64_t n = 0;

    while ((r = cache_next(c, &kind_dkuberun, NULL, &it)) != NULL) {
        n += run_is_active(r) && str_eq(dkuberun_spec_owner(r), username);
    }
    return n;
}

bool user_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct user_view *v = view;
    const struct rec *live = cache_get(c, &kind_user, "", pass->key.name);
    const struct rec *first;

    if (live == NULL) {
        return false;
    }
    v->subject = (struct subject){&kind_user, live, USER_STATUS, pass->now_ms};
    first = user_first(c, user_spec_username(live));
    v->first = first == live ? NULL : first;
    gather_groups(a, c, v);
    v->active_runs = count_runs(c, user_spec_username(live));
    if (!str_empty(user_spec_default_group(live))) {
        v->default_group = cache_get(c, &kind_group, "", user_spec_default_group(live));
    }
    v->binding_name = arena_printf(a, OPERATOR_ROLE "-%s", rec_name(live));
    v->binding = cache_get(c, &kind_clusterrolebinding, "", v->binding_name);
    return true;
}

/* --- Whom an event concerns
 * ------------------------------------------------------------------------ */

static void enqueue_named(struct enqueuer *q, const struct caches *c, const char *username)
{
    struct cache_iter it = {0};
    const struct rec *u;

    while ((u = cache_next(c, &kind_user, NULL, &it)) != NULL) {
        if (str_eq(user_spec_username(u), username)) {
            enqueue(q, "", rec_name(u));
        }
    }
}

static void map_user(struct enqueuer *q, const struct caches *c, const struct rec *old,
                     const struct rec *now)
{
    enqueue(q, "", rec_name(now != NULL ? now : old));
    if (old == NULL || now == NULL) {
        enqueue_named(q, c, user_spec_username(now != NULL ? now : old));
    }
}

static void enqueue_members(struct enqueuer *q, const struct rec *group)
{
    for (uint32_t i = 0; group != NULL && i < group_spec_users_count(group); i++) {
        enqueue(q, "", group_spec_users_at(group, i));
    }
}

static void map_group(struct enqueuer *q, const struct caches *c, const struct rec *old,
                      const struct rec *now)
{
    struct cache_iter it = {0};
    const struct rec *u;

    if (old != NULL && now != NULL && rec_generation(old) == rec_generation(now)) {
        return;
    }
    enqueue_members(q, old);
    enqueue_members(q, now);
    while ((u = cache_next(c, &kind_user, NULL, &it)) != NULL) {
        if (str_eq(user_spec_default_group(u), rec_name(now != NULL ? now : old))) {
            enqueue(q, "", rec_name(u));
        }
    }
}

static void map_run(struct enqueuer *q, const struct caches *c, const struct rec *old,
                    const struct rec *now)
{
    if (run_activity_changed(old, now)) {
        enqueue_named(q, c, dkuberun_spec_owner(now != NULL ? now : old));
    }
}

static const struct watch watches[] = {
    {.kind = &kind_user, .map = map_user},
    {.kind = &kind_group, .map = map_group},
    {.kind = &kind_dkuberun, .map = map_run},
    {.kind = &kind_clusterrolebinding, .selector = LABEL_MANAGED "=dkube", .map = map_owner},
};

const struct controller user_controller = {
    .name = "user",
    .manager = "dkube-resource-controller",
    .root = &kind_user,
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct user_view),
    .gather = user_gather,
    .plan = user_plan,
};
