#include "controllers/common/standing.h"

#include "base/clock.h"
#include "base/span.h"

struct standing standing_of(struct arena *a, enum standing_kind kind, const char *reason,
                            const char *fmt, ...)
{
    struct standing st = {.kind = kind, .reason = reason};
    va_list ap;

    va_start(ap, fmt);
    st.message = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return st;
}

struct seen condition_seen(struct arena *a, const struct subject *s, const char *type)
{
    const struct json *list = json_key(rec_json(s->live, s->status_slot, a), "conditions");
    struct seen seen = {0};

    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *c = json_at(list, i);

        if (!str_eq(json_str(c, "type", ""), type)) {
            continue;
        }
        seen.there = true;
        seen.is_true = str_eq(json_str(c, "status", ""), "True");
        seen.reason = arena_strdup(a, json_str(c, "reason", ""));
        seen.message = arena_strdup(a, json_str(c, "message", ""));
        seen.generation = json_int(c, "observedGeneration", 0);
        if (clock_parse_rfc3339(json_str(c, "lastTransitionTime", ""), &seen.since_ms) < 0) {
            seen.since_ms = 0;
        }
    }
    return seen;
}

static struct condition condition_of(const char *type, bool holds, const struct standing *st)
{
    bool say = holds || str_eq(type, "Ready");

    return (struct condition){type, holds ? "True" : "False", st->reason, say ? st->message : ""};
}

void status_begin(struct jsonw *w, struct plan *p, const struct subject *s,
                  const struct standing *st)
{
    bool moving = st->kind == STANDING_WAITING || st->kind == STANDING_RETRYING;
    bool stuck = st->kind == STANDING_STALLED || st->kind == STANDING_RETRYING;
    struct condition list[4] = {condition_of("Ready", st->kind == STANDING_READY, st),
                                condition_of("Reconciling", moving, st),
                                condition_of("Stalled", stuck, st)};
    size_t count = 3;

    if (st->extra != NULL) {
        list[count++] = *st->extra;
    }
    jsonw_init(w, p->a);
    jsonw_obj(w, NULL);
    jsonw_int(w, "observedGeneration", rec_generation(s->live));
    status_conditions(w, s->live, s->status_slot, list, count, s->now_ms);
}

static void say_change(struct plan *p, const struct subject *s, const struct standing *st)
{
    struct seen ready = condition_seen(p->a, s, "Ready");
    bool bad = st->kind == STANDING_STALLED || st->kind == STANDING_RETRYING;

    if (ready.there && ready.is_true == (st->kind == STANDING_READY) &&
        str_eq(ready.reason, st->reason)) {
        return;
    }
    plan_event(p, s->kind, s->live, bad ? EVENT_WARNING : EVENT_NORMAL, st->reason, "%s",
               st->message);
}

bool status_end(struct jsonw *w, struct plan *p, const struct subject *s, const struct standing *st)
{
    size_t before = p->op_count;

    jsonw_end(w);
    plan_status(p, s->kind, s->live, NULL, jsonw_text(w));
    if (p->op_count == before) {
        return true;
    }
    say_change(p, s, st);
    return false;
}
