/* pass.c — one pass as a small state machine: settle, plan, fetch needs, write, end. */
#include "kube/pass.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/probe.h"
#include "base/span.h"
#include "http/loop.h"
#include "kube/client.h"

enum { UNSTEADY_MS = 1000, WAKE_LEAST_MS = 100, STALE_TOLD = 6 /* times in a row */ };

static void pass_go(struct pass_run *p);

static int64_t boot_ms(const struct shell *s)
{
    return s->t->boot_ms(s->t->self);
}

static int64_t wall_ms(const struct shell *s)
{
    return s->t->wall_ms(s->t->self);
}

void pass_warn(struct pass_run *p, const char *reason, const char *note)
{
    const struct kind *k = p->c->root;
    const struct rec *r =
        k != NULL ? cache_get(p->s->conf.caches, k, p->key.ns, p->key.name) : NULL;
    if (r == NULL || p->s->conf.events == NULL) {
        return;
    }
    events_record(p->s->conf.events, &(struct event){
                                         .type = EVENT_WARNING,
                                         .kind = k,
                                         .ns = rec_namespace(r),
                                         .name = rec_name(r),
                                         .uid = rec_uid(r),
                                         .rv = rec_rv(r),
                                         .reason = reason,
                                         .action = "Reconcile",
                                         .note = note,
                                     });
}

/* --- the end -----------------------------------------------------------------------------------
 */

static void slot_release(struct pass_run *p)
{
    struct shell *s = p->s;
    queue_done(s->queue, &p->key, boot_ms(s));
    arena_reset(&p->a);
    s->in_flight--;
    p->stage = STAGE_FREE;
    p->waiting = false;
}

static void count_result(struct pass_run *p, const char *result)
{
    struct metrics *m = p->s->conf.metrics;
    double took = (double)(boot_ms(p->s) - p->began_ms) / 1000;
    metrics_add(m, &metric_reconcile_total, 1, p->c->name, result, NULL);
    metrics_observe(m, &metric_reconcile_time, took, p->c->name, NULL);
    metrics_observe(m, &metric_queue_work, took, p->c->name, p->c->name, NULL);
    p->s->controllers[p->key.who].passes++;
}

/* Later, without having tried: no failure is counted. */
static void end_later(struct pass_run *p, int64_t at_ms)
{
    queue_add_at(p->s->queue, &p->key, at_ms);
    slot_release(p);
}

/* What every log line of a pass says of it. */
#define OF_PASS(p)                                                                        \
    "controller", (p)->c->name, "kind", (p)->c->root != NULL ? (p)->c->root->kind : NULL, \
        "object", (p)->object, "reconcileID", (p)->id

static void tell_failure(struct pass_run *p, int64_t pause)
{
    char ms[24];
    snprintf(ms, sizeof(ms), "%" PRId64, pause);
    if (p->bad == WRITE_STALE && queue_failures(p->s->queue, &p->key) < STALE_TOLD) {
        LOG_D("pass is stale", OF_PASS(p), "error", p->e.text, NULL);
        return;
    }
    LOG_W("pass failed", OF_PASS(p), "reason", p->e.reason != NULL ? p->e.reason : "", "error",
          p->e.text, "retry_ms", ms, NULL);
    if (p->bad == WRITE_REFUSED) {
        pass_warn(p, p->e.reason, p->e.text);
    }
}

void pass_end_failed(struct pass_run *p)
{
    struct shell *s = p->s;
    bool stale = p->bad == WRITE_STALE;
    int64_t pause = queue_retry(s->queue, &p->key, boot_ms(s), p->least_ms);
    tell_failure(p, pause);
    count_result(p, stale ? "requeue" : "error");
    if (!stale) {
        metrics_add(s->conf.metrics, &metric_reconcile_errors, 1, p->c->name, NULL);
    }
    if (p->bad == WRITE_REFUSED) {
        metrics_add(s->conf.metrics, &metric_reconcile_terminal, 1, p->c->name, NULL);
    }
    slot_release(p);
}

/* Keeps the worst: the verdicts are in rising order. */
void pass_fail(struct pass_run *p, enum write_next bad, const struct err *e)
{
    if (bad > p->bad) {
        p->bad = bad;
        p->e = *e;
    }
}

/* Events tell what has happened: not of objects whose operation was left out. */
static void tell_events(struct pass_run *p)
{
    for (size_t i = 0; i < p->plan.event_count && p->s->conf.events != NULL; i++) {
        bool happened = true;
        for (size_t j = 0; j < p->plan.op_count; j++) {
            happened =
                happened && !(p->failed[j] && str_eq(p->plan.ops[j].uid, p->plan.events[i].uid));
        }
        if (happened) {
            events_record(p->s->conf.events, &p->plan.events[i]);
        }
    }
}

static void end_planned(struct pass_run *p)
{
    struct shell *s = p->s;
    tell_events(p);
    if (p->bad != WRITE_DONE) {
        pass_end_failed(p);
        return;
    }
    queue_forget(s->queue, &p->key);
    if (p->plan.wake_at_ms > 0) {
        int64_t in = p->plan.wake_at_ms - wall_ms(s);
        queue_add_at(s->queue, &p->key, boot_ms(s) + (in > WAKE_LEAST_MS ? in : WAKE_LEAST_MS));
    }
    LOG_D("reconciled", OF_PASS(p), NULL);
    count_result(p, p->plan.wake_at_ms > 0 ? "requeue_after" : "success");
    slot_release(p);
}

/* --- requests ----------------------------------------------------------------------------------
 */

static void on_reply(void *ctx, const struct http_response *r)
{
    struct pass_run *p = ctx;
    PROBE4(reply, p->c->name, p->object, p->id, r->status);
    p->done(p, r);
}

static void ask(struct pass_run *p, const struct http_request *r, http_done_fn *done)
{
    p->waiting = true;
    p->done = done;
    PROBE4(send, p->c->name, p->object, r->method, r->path);
    p->s->t->send(p->s->t->self, r, on_reply, p);
}

static void get(struct pass_run *p, const char *path, http_done_fn *done)
{
    ask(p, &(struct http_request){.method = "GET", .path = path}, done);
}

/* It may be answered otherwise in a moment. */
bool pass_is_transient(const struct http_response *r)
{
    return r->status == 0 || r->status == 401 || r->status == 429 || r->status >= 500;
}

void pass_go_on(struct pass_run *p)
{
    p->waiting = false;
    pass_go(p);
}

/* --- settle: own writes first ------------------------------------------------------------------
 */

static bool is_shown(const struct shell *s, const struct kind *k, const char *ns,
                     const struct json *labels)
{
    const struct shell_kind *sk = shell_kind_of(s, k);
    return sk != NULL && (sk->watch->ns == NULL || str_eq(sk->watch->ns, ns)) &&
           selector_shows(sk->watch->selector, labels);
}

static void on_settle(void *ctx, const struct http_response *r)
{
    struct pass_run *p = ctx;
    struct shell *s = p->s;
    struct ryw_wait *w = &p->looked;
    struct written got = {0};
    struct err e = {0};
    int64_t now = boot_ms(s);
    bool found = r->status == 200 && written_parse(&p->a, r->body, r->body_len, &got) == 0;
    if (pass_is_transient(r)) {
        kube_error(r, "look at an own write", &e);
        p->least_ms = r->retry_after_ms;
        pass_fail(p, WRITE_RETRY, &e);
        pass_end_failed(p);
        return;
    }
    bool shown = found && is_shown(s, w->kind, w->ns, got.labels);
    w->gone = r->status == 404 || got.marked;
    w->uid = shown ? got.uid : NULL;
    w->rv = shown ? got.rv : NULL;
    ryw_found(s->ryw, s->conf.caches, &p->key, w, now);
    pass_go_on(p);
}

static void settle(struct pass_run *p)
{
    struct shell *s = p->s;
    struct ryw_wait w;
    int64_t now = boot_ms(s);
    switch (ryw_check(s->ryw, s->conf.caches, &p->key, now)) {
    case RYW_CLEAR:
        p->stage = STAGE_PLAN;
        return;
    case RYW_HOLD:
        end_later(p, ryw_due_ms(s->ryw, &p->key));
        return;
    case RYW_LOOK:
        if (ryw_look(s->ryw, &p->key, now, &w)) {
            p->looked = (struct ryw_wait){
                .kind = w.kind,
                .ns = arena_strdup(&p->a, w.ns),
                .name = arena_strdup(&p->a, w.name),
            };
            get(p, kube_path(&p->a, w.kind, w.ns, w.name, NULL, NULL), on_settle);
        }
        return;
    }
}

/* --- plan --------------------------------------------------------------------------------------
 */

static void drop_old_answers(struct pass_run *p, int64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->answer_count; i++) {
        if (now - p->answers[i].at_ms < limit(LIMIT_ANSWER_MS)) {
            p->answers[kept++] = p->answers[i];
        }
    }
    p->answer_count = kept;
}

static const char *poison_id(struct pass_run *p)
{
    const struct kind *k = p->c->root;
    const struct rec *r =
        k != NULL ? cache_get(p->s->conf.caches, k, p->key.ns, p->key.name) : NULL;
    return arena_printf(&p->a, "%s/%s", p->c->name, r != NULL ? rec_uid(r) : p->object);
}

static bool is_quarantined(struct pass_run *p, const char *id)
{
    struct quarantine *q = p->s->conf.quarantine;
    if (q != NULL && quarantine_crashed(q, id)) {
        metrics_set(p->s->conf.metrics, &metric_reconcile_panics, 1, p->c->name, NULL);
    }
    int64_t now = wall_ms(p->s), until = q != NULL ? quarantine_until_ms(q, id, now) : 0;
    if (until == 0) {
        return false;
    }
    LOG_E("object is quarantined", OF_PASS(p), NULL);
    pass_warn(p, "Quarantined",
              "planning this object ended the controller twice: it is left alone for ten minutes");
    metrics_add(p->s->conf.metrics, &metric_quarantined, 1, p->c->name, NULL);
    end_later(p, boot_ms(p->s) + until - now);
    return true;
}

/* Calls plan(); debug builds give it a copy of the view and poison it and the cache's old places
 * after. */
static void call_plan(struct pass_run *p, void *view)
{
#ifdef POISON_VIEWS
    void *copy = mem_alloc(p->c->view_size + 1);
    memcpy(copy, view, p->c->view_size);
    memset(view, 0xdb, p->c->view_size);
    p->c->plan(copy, &p->plan);
    memset(copy, 0xdb, p->c->view_size);
    mem_free(copy);
    caches_shake(p->s->conf.caches);
#else
    p->c->plan(view, &p->plan);
#endif
}

static void stage_is(const struct pass_run *p, const char *name)
{
    if (p->s->conf.loop != NULL) {
        loop_stage(p->s->conf.loop, name, p->c->name, p->object);
    }
}

static bool gather_and_plan(struct pass_run *p, const char *id)
{
    struct shell *s = p->s;
    struct quarantine *q = s->conf.quarantine;
    int64_t now = wall_ms(s);
    drop_old_answers(p, now);
    const struct pass pass = {
        .key = {p->key.ns, p->key.name},
        .now_ms = now,
        .answers = {p->answers, p->answer_count},
        .refused = p->refused,
        .conf = s->conf.program->conf,
    };
    void *view = arena_alloc(&p->a, p->c->view_size + 1);
    plan_init(&p->plan, &p->a);
    p->plan.manager = s->controllers[p->key.who].manager;
    if (q != NULL) {
        quarantine_enter(q, id);
    }
    journal_inputs(s->conf.journal, p->c, &pass);
    stage_is(p, "plan");
    bool is_there = p->c->gather(&p->a, s->conf.caches, &pass, view);
    if (is_there) {
        call_plan(p, view);
    }
    stage_is(p, NULL);
    PROBE4(plan, p->c->name, p->object, p->id, p->plan.op_count);
    if (q != NULL) {
        quarantine_leave(q);
    }
    journal_outcome(s->conf.journal, is_there ? &p->plan : NULL);
    return is_there;
}

static void plan(struct pass_run *p)
{
    struct shell *s = p->s;
    const char *id = poison_id(p);
    if (is_quarantined(p, id)) {
        return;
    }
    if (p->rounds == 0) {
        p->refused = refusals_take(s->refusals, &p->a, &p->key);
    }
    if (!gather_and_plan(p, id)) {
        end_planned(p);
        return;
    }
    s->controllers[p->key.who].skipped += p->plan.skipped;
    metrics_add(s->conf.metrics, &metric_skipped, (double)p->plan.skipped, p->c->name, NULL);
    p->needs_sent = p->op_at = 0;
    p->failed = arena_alloc(&p->a, p->plan.op_count + 1);
    if (p->plan.need_count == 0) {
        p->stage = STAGE_WRITE;
        return;
    }
    if (++p->rounds > limit(LIMIT_NEED_ROUNDS)) {
        struct err e;
        err_set(&e, ERR_BUG, "TooManyNeeds", "the plan still asks after %d rounds", p->rounds - 1);
        pass_fail(p, WRITE_RETRY, &e);
        pass_end_failed(p);
        return;
    }
    p->stage = STAGE_NEED;
}

/* --- writes ------------------------------------------------------------------------------------
 */

/* Notes what this write waits for, unless no watch would show it. */
static void remember(struct pass_run *p, const struct op *op, const struct written *w)
{
    struct shell *s = p->s;
    if (w->rv != NULL && !is_shown(s, op->kind, op->ns, w->labels)) {
        return;
    }
    if (w->gone && !caches_has_kind(s->conf.caches, op->kind)) {
        return;
    }
    ryw_add(s->ryw, s->conf.caches, &p->key,
            &(struct ryw_wait){
                .kind = op->kind,
                .ns = op->ns,
                .name = op->name,
                .uid = w->uid != NULL ? w->uid : op->uid,
                .rv = w->rv,
                .gone = w->gone,
            },
            boot_ms(s)); /* from the reply on: the request itself may have taken longer */
}

/* What was sent with dryRun=All: the server has checked it and kept nothing. */
static void tell_dry(const struct pass_run *p, const struct op *op, const struct err *e)
{
    LOG_I(e == NULL ? "would have been written" : "would have failed", OF_PASS(p), "verb",
          op_verb_name(op->verb), "of", op->kind->kind, "namespace", op->ns, "name", op->name,
          "error", e != NULL ? e->text : "", NULL);
}

/* A singleton leaves out one refused or stale operation; any other pass ends at it. */
static void write_failed(struct pass_run *p, enum write_next bad, const struct err *e)
{
    bool skip = p->c->root == NULL && (bad == WRITE_REFUSED || bad == WRITE_STALE);
    p->failed[p->op_at] = true;
    if (p->s->conf.dry_run) { /* what it needs may be what the operation before did not make */
        tell_dry(p, &p->plan.ops[p->op_at++], e);
        p->stage = STAGE_WRITE;
        pass_go_on(p);
        return;
    }
    pass_fail(p, bad, e);
    if (!skip) {
        pass_end_failed(p);
        return;
    }
    LOG_D("operation left out", OF_PASS(p), "error", e->text, NULL);
    p->op_at++;
    p->stage = STAGE_WRITE;
    pass_go_on(p);
}

/* The next plan of the key is told. */
static void keep_refusal(struct pass_run *p, const struct op *op, const struct http_response *r,
                         const struct err *e)
{
    const struct json *j = NULL;
    struct err ignored = {0};
    if (p->c->root == NULL) {
        return;
    }
    if (json_parse(&p->a, r->body != NULL ? r->body : "", r->body_len, &j, &ignored) < 0) {
        j = NULL;
    }
    refusals_keep(p->s->refusals, &p->key,
                  &(struct refused){
                      .verb = op->verb,
                      .kind = op->kind,
                      .ns = op->ns,
                      .name = op->name,
                      .code = r->status,
                      .reason = json_str(j, "reason", e->reason),
                      .message = json_str(j, "message", e->text),
                  });
}

static void write_next_step(struct pass_run *p, enum write_next next, const struct written *w,
                            const struct err *e)
{
    const struct op *op = &p->plan.ops[p->op_at];
    switch (next) {
    case WRITE_DONE:
        if (p->s->conf.dry_run) {
            tell_dry(p, op, NULL);
        } else {
            remember(p, op, w);
        }
        p->op_at++;
        p->stage = STAGE_WRITE;
        pass_go_on(p);
        return;
    case WRITE_LOOK:
        p->stage = STAGE_OWNER;
        pass_go_on(p);
        return;
    case WRITE_UNKNOWN:
        p->s->unknown++;
        remember(p, op, &(struct written){0});
        write_failed(p, next, e);
        return;
    case WRITE_STALE:
    case WRITE_RETRY:
    case WRITE_REFUSED:
        write_failed(p, next, e);
        return;
    }
}

static void on_write(void *ctx, const struct http_response *r)
{
    struct pass_run *p = ctx;
    const struct op *op = &p->plan.ops[p->op_at];
    struct written w;
    struct err e = {0};
    char code[12];
    snprintf(code, sizeof(code), "%d", r->status);
    metrics_add(p->s->conf.metrics, &metric_writes, 1, p->c->name, op_verb_name(op->verb),
                op->kind->kind, code, NULL);
    p->least_ms = r->retry_after_ms > p->least_ms ? r->retry_after_ms : p->least_ms;
    enum write_next next = write_judge(&p->a, op, r, &w, &e);
    if (next == WRITE_REFUSED) {
        keep_refusal(p, op, r, &e);
    }
    write_next_step(p, next, &w, &e);
}

/* What a create found is ours, but its watch's selector does not choose it: it would never be kept
 * or removed again. The operation becomes the one that mends that. */
static bool to_relabel(struct pass_run *p, const struct written *w)
{
    struct op *op = &p->plan.ops[p->op_at];
    return shell_kind_of(p->s, op->kind) != NULL && !is_shown(p->s, op->kind, op->ns, w->labels) &&
           write_relabel(&p->a, op, w, op);
}

static void on_owner(void *ctx, const struct http_response *r)
{
    struct pass_run *p = ctx;
    struct written w;
    struct err e = {0};
    enum write_next next = write_judge_owner(&p->a, &p->plan.ops[p->op_at], r, &w, &e);
    if (next == WRITE_DONE && to_relabel(p, &w)) {
        p->stage = STAGE_WRITE;
        pass_go_on(p);
        return;
    }
    write_next_step(p, next, &w, &e);
}

static bool is_steady(const struct shell *s, const struct kind *k)
{
    return k == NULL || !caches_has_kind(s->conf.caches, k) || cache_is_steady(s->conf.caches, k);
}

/* The time a write may take: what the lease leaves; 0: it must not be sent. */
static int64_t write_time(const struct shell *s)
{
    int64_t ms = limit(LIMIT_REQUEST_MS);
    int64_t left = s->conf.lease != NULL ? lease_left_ms(s->conf.lease) : ms;
    return left < ms ? left : ms;
}

static void write_op(struct pass_run *p)
{
    struct shell *s = p->s;
    struct http_request r;
    struct err e = {0};
    if (p->op_at == p->plan.op_count) {
        end_planned(p);
        return;
    }
    const struct op *op = &p->plan.ops[p->op_at];
    if (op->verb == OP_DELETE && (!is_steady(s, op->kind) || !is_steady(s, p->c->root))) {
        end_later(p, boot_ms(s) + UNSTEADY_MS);
        return;
    }
    if (write_request(&p->a, op, p->plan.manager, &r, &e) < 0) {
        write_failed(p, WRITE_REFUSED, &e);
        return;
    }
    if (s->conf.dry_run) {
        char glue = strchr(r.path, '?') != NULL ? '&' : '?';
        r.path = arena_printf(&p->a, "%s%cdryRun=All", r.path, glue);
    }
    r.timeout_ms = write_time(s);
    if (r.timeout_ms <= 0) {
        err_set(&e, ERR_RETRY, "LeaseLost", "the lease has no time left for a write");
        write_failed(p, WRITE_RETRY, &e);
        return;
    }
    ask(p, &r, on_write);
}

static void look_at_owner(struct pass_run *p)
{
    const struct op *op = &p->plan.ops[p->op_at];
    get(p, kube_path(&p->a, op->kind, op->ns, op->name, NULL, NULL), on_owner);
}

/* --- the machine -------------------------------------------------------------------------------
 */

/* Steps until a reply is awaited or the pass has ended. Replies may come while a request is sent
 * (in memory): then the loop below goes on, so that the stack does not grow. */
static void pass_go(struct pass_run *p)
{
    if (p->stepping) {
        return;
    }
    p->stepping = true;
    while (p->stage != STAGE_FREE && !p->waiting) {
        switch (p->stage) {
        case STAGE_FREE:
            break;
        case STAGE_SETTLE:
            settle(p);
            break;
        case STAGE_PLAN:
            plan(p);
            break;
        case STAGE_NEED:
            needs_fetch(p);
            break;
        case STAGE_WRITE:
            write_op(p);
            break;
        case STAGE_OWNER:
            look_at_owner(p);
            break;
        }
    }
    p->stepping = false;
}

/* Unlike those of any other pass or process: a counter, mixed (splitmix64). */
static void name_pass(struct pass_run *p)
{
    uint64_t x = p->s->conf.seed + ++p->s->serial * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    snprintf(p->id, sizeof(p->id), "%016" PRIx64, x ^ x >> 31);
}

void pass_start(struct shell *s, struct pass_run *p, const struct queue_key *key)
{
    struct arena a = p->a;
    *p = (struct pass_run){.s = s, .a = a, .stage = STAGE_SETTLE};
    p->key =
        (struct queue_key){key->who, arena_strdup(&p->a, key->ns), arena_strdup(&p->a, key->name)};
    p->c = s->controllers[key->who].c;
    p->object =
        str_empty(key->ns) ? p->key.name : arena_printf(&p->a, "%s/%s", p->key.ns, p->key.name);
    p->began_ms = boot_ms(s);
    name_pass(p);
    s->in_flight++;
    pass_go(p);
}
