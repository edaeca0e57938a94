#include "controllers/ledger/queue.h"

#include <stdlib.h>

#include "api/dkuberun.gen.h"
#include "base/clock.h"
#include "base/span.h"
#include "controllers/ledger/admit.h"

/* --- writing: always all that the ledger's manager owns --------------------------------------- */

static void begin(struct jsonw *w, struct plan *p)
{
    jsonw_init(w, p->a);
    jsonw_obj(w, NULL);
}

static void finish(struct jsonw *w, struct plan *p, const struct rec *run)
{
    jsonw_end(w);
    plan_status(p, &kind_dkuberun, run, LEDGER_MANAGER, jsonw_text(w));
}

/* The admission of an earlier attempt stays as its record. */
static void keep_admission(struct jsonw *w, const struct rec *run)
{
    if (dkuberun_status_admission_set(run)) {
        jsonw_json(w, "admission", json_get(dkuberun_status(run, w->a), "admission"));
    }
}

static void write_time(struct jsonw *w, const char *key, int64_t ms)
{
    if (ms > 0) {
        jsonw_str(w, key, clock_rfc3339(w->a, ms));
    }
}

static void write_queue(struct jsonw *w, const struct queue_fact *f, int64_t now_ms)
{
    jsonw_obj(w, "queue");
    write_time(w, "asOf", now_ms);
    write_time(w, "estimatedStart", f->start_ms);
    if (f->start_ms > 0) {
        jsonw_str(w, "confidence", f->learned ? "learned" : "bound");
    }
    if (f->blocker_count > 0) {
        jsonw_arr(w, "blockedBy");
        for (size_t i = 0; i < f->blocker_count && i < QUEUE_BLOCKERS; i++) {
            jsonw_fmt(w, NULL, "%s/%s", rec_namespace(f->blockers[i]), rec_name(f->blockers[i]));
        }
        jsonw_end(w);
        jsonw_int(w, "blockers", (int64_t)f->blocker_count);
    }
    jsonw_end(w);
}

void queue_leave(struct plan *p, const struct rec *run)
{
    struct jsonw w;

    begin(&w, p);
    keep_admission(&w, run);
    finish(&w, p, run);
}

void queue_admit(struct plan *p, const struct rec *run, const struct grant *g)
{
    struct jsonw w;

    begin(&w, p);
    jsonw_obj(&w, "admission");
    jsonw_int(&w, "attempt", dkuberun_status_attempt(run));
    jsonw_opt(&w, "pool", g->pool != NULL ? g->pool->name : NULL);
    jsonw_opt(&w, "type", g->count > 0 ? g->nodes[0]->type : NULL);
    jsonw_arr(&w, "nodes");
    for (int64_t i = 0; i < g->count; i++) {
        ledger_write_node(&w, g->nodes[i]->name, g->gpus);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    finish(&w, p, run);
}

void queue_recall(struct plan *p, const struct rec *run)
{
    const struct json *was = json_get(dkuberun_status(run, p->a), "admission");
    struct json_iter it = {0};
    struct jsonw w;

    if (dkuberun_status_admission_recalled(run)) {
        return;
    }
    begin(&w, p);
    jsonw_obj(&w, "admission");
    while (json_next(was, &it)) {
        if (!str_eq(it.key, "recalled")) {
            jsonw_json(&w, it.key, it.value);
        }
    }
    jsonw_bool(&w, "recalled", true);
    jsonw_end(&w);
    finish(&w, p, run);
}

/* --- does it matter? ------------------------------------------------------------------------- */

/* Exact near the front, by a tenth where starts are forecast, by a half behind them. */
static bool position_is_off(const struct rec *run, const struct queue_fact *f)
{
    int64_t was = dkuberun_status_position(run), off = llabs(f->position - was);

    if (was <= 10) {
        return off > 0;
    }
    return was <= QUEUE_FORECASTS ? off * 10 > was : off * 2 > was;
}

static bool start_has_moved(const struct rec *run, const struct queue_fact *f, int64_t now_ms)
{
    int64_t was = dkuberun_status_queue_estimated_start(run), moved = llabs(f->start_ms - was);
    int64_t left = was > now_ms ? was - now_ms : 0;

    if (was == 0 || f->start_ms == 0) {
        return was != f->start_ms;
    }
    return moved >= TELL_MOVED_MS && moved > left / 10;
}

static bool is_called(const struct rec *run, const char *full)
{
    size_t n = strlen(rec_namespace(run));

    return strncmp(full, rec_namespace(run), n) == 0 && full[n] == '/' &&
           str_eq(full + n + 1, rec_name(run));
}

static bool others_block(const struct rec *run, const struct queue_fact *f)
{
    uint32_t shown =
        f->blocker_count < QUEUE_BLOCKERS ? (uint32_t)f->blocker_count : QUEUE_BLOCKERS;

    if (dkuberun_status_queue_blocked_by_count(run) != shown ||
        dkuberun_status_queue_blockers(run) != (int64_t)f->blocker_count) {
        return true;
    }
    for (uint32_t i = 0; i < shown; i++) {
        if (!is_called(f->blockers[i], dkuberun_status_queue_blocked_by_at(run, i))) {
            return true;
        }
    }
    return false;
}

static bool is_news(const struct rec *run, const struct queue_fact *f, int64_t now_ms)
{
    bool learned = str_eq(dkuberun_status_queue_confidence(run), "learned");

    return position_is_off(run, f) || start_has_moved(run, f, now_ms) ||
           (f->start_ms > 0 && learned != f->learned) || others_block(run, f);
}

void queue_tell(struct plan *p, const struct rec *run, const struct queue_fact *f, int64_t now_ms)
{
    int64_t was = dkuberun_status_position(run), told = dkuberun_status_queue_as_of(run);
    bool enters = was == 0 || !dkuberun_status_queue_set(run);
    bool is_due =
        enters || (was == 1) != (f->position == 1) || now_ms - told >= TELL_MS || now_ms < told;
    struct jsonw w;

    if (!enters && !is_news(run, f, now_ms)) {
        return;
    }
    if (!is_due) {
        plan_wake_at(p, told + TELL_MS);
        return;
    }
    begin(&w, p);
    jsonw_int(&w, "position", f->position);
    write_queue(&w, f, now_ms);
    keep_admission(&w, run);
    finish(&w, p, run);
}
