#include "controllers/group/group.h"

void group_say(const struct group_view *v, struct plan *p, struct standing st)
{
    struct standing unused;
    bool known = *v->unknown == '\0';
    struct condition members = {
        "MembersKnown", known ? "True" : "False", known ? "AllKnown" : "UnknownUser",
        known ? ""
              : arena_printf(p->a,
                             "spec.users names %s, but there is no such User; make it, or remove "
                             "the name",
                             v->unknown)};
    enum space_state space = group_space(v, p->a, &unused);
    struct jsonw w;

    st.extra = &members;
    status_begin(&w, p, &v->subject, &st);
    if (space == SPACE_OURS || space == SPACE_TO_ADOPT) {
        jsonw_str(&w, "namespace", v->ns);
    }
    if (v->pool != NULL && v->pool_taken_by == NULL) {
        jsonw_str(&w, "pool", v->pool_name);
    }
    jsonw_int(&w, "activeRuns", v->active_runs);
    (void)status_end(&w, p, &v->subject, &st);
}
