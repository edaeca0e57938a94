#include "api/coderepo.gen.h"
#include "base/clock.h"
#include "controllers/coderepo/coderepo.h"

const char *coderepo_pod(const struct coderepo_view *v, struct arena *a)
{
    const struct rec *live = v->subject.live;
    const char *args[] = {
        "resolve", "--url", coderepo_spec_url(live), "--ref", coderepo_spec_branch(live), NULL};
    struct step_pod sp = {
        .child = {.ns = rec_namespace(live),
                  .name = v->pod_name,
                  .group = v->group,
                  .owner_kind = &kind_coderepo,
                  .owner = live,
                  .labels = {{LABEL_PART_OF, "dkube"},
                             {LABEL_ROLE, "head"},
                             {"dkube.io/coderepo", rec_name(live)}}},
        .conf = v->conf,
        .container = CODEREPO_CONTAINER,
        .args = args,
        .secret = coderepo_spec_secret_ref_name(live),
        .deadline_s = CODEREPO_DEADLINE_S,
    };

    return step_pod_body(a, &sp);
}

bool coderepo_say(const struct coderepo_view *v, struct plan *p, const struct standing *st,
                  const char *head, int64_t fetched_ms)
{
    const struct rec *live = v->subject.live;
    int64_t then = fetched_ms != 0 ? fetched_ms : coderepo_status_last_fetched(live);
    struct jsonw w;

    status_begin(&w, p, &v->subject, st);
    jsonw_opt(&w, "head", head != NULL ? head : coderepo_status_head(live));
    if (then != 0) {
        jsonw_str(&w, "lastFetched", clock_rfc3339(p->a, then));
    }
    return status_end(&w, p, &v->subject, st);
}
