#include "api/coderepo.gen.h"
#include "api/group.gen.h"
#include "controllers/coderepo/coderepo.h"

bool coderepo_gather(struct arena *a, const struct caches *c, const struct pass *pass, void *view)
{
    struct coderepo_view *v = view;
    const struct rec *live = cache_get(c, &kind_coderepo, pass->key.ns, pass->key.name);

    if (live == NULL) {
        return false;
    }
    v->subject = (struct subject){&kind_coderepo, live, CODEREPO_STATUS, pass->now_ms};
    v->conf = pass->conf;
    v->refused = pass->refused;
    v->group = group_of_namespace(c, pass->key.ns);
    v->pod_name = arena_printf(a, "%s-head-%lld", rec_name(live), (long long)rec_generation(live));
    v->named = cache_get(c, &kind_pod, pass->key.ns, v->pod_name);
    v->pods = cache_owned(a, c, &kind_pod, rec_uid(live), &v->pod_count);
    return true;
}

static const struct watch watches[] = {
    {.kind = &kind_coderepo, .map = map_self},
    {.kind = &kind_pod, .selector = LABEL_PART_OF "=dkube", .map = map_owner},
    {.kind = &kind_group},
};

const struct controller coderepo_controller = {
    .name = "coderepo",
    .manager = "dkube-model-controller",
    .root = &kind_coderepo,
    .watches = watches,
    .watch_count = ARRAY_LEN(watches),
    .view_size = sizeof(struct coderepo_view),
    .gather = coderepo_gather,
    .plan = coderepo_plan,
};
