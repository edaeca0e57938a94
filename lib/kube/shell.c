/* shell.c — what surrounds the passes: which keys an event concerns, when controllers start,
 * gauges. */
#include "kube/shell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/probe.h"
#include "base/span.h"
#include "kube/pass.h"

enum owner_slot { OWNER_UID, OWNER_NAME, OWNER_KIND, OWNER_CONTROLLER };

/* --- life --------------------------------------------------------------------------------------
 */

const struct shell_kind *shell_kind_of(const struct shell *s, const struct kind *k)
{
    for (size_t i = 0; i < s->kind_count; i++) {
        if (s->kinds[i].watch->kind == k) {
            return &s->kinds[i];
        }
    }
    return NULL;
}

static int kind_add(struct shell *s, const struct watch *w, struct err *e)
{
    struct shell_kind *have = (struct shell_kind *)shell_kind_of(s, w->kind);
    if (have == NULL) {
        caches_add_kind(s->conf.caches, w->kind);
        s->watches[s->kind_count] = w;
        s->kinds[s->kind_count++] = (struct shell_kind){.watch = w, .optional = w->optional};
        return 0;
    }
    if (!str_eq(have->watch->selector, w->selector) || !str_eq(have->watch->ns, w->ns)) {
        return err_set(e, ERR_BUG, "TwoWatches",
                       "two watches of %s differ: selector '%s' and '%s', namespace '%s' and '%s'",
                       w->kind->plural, have->watch->selector != NULL ? have->watch->selector : "",
                       w->selector != NULL ? w->selector : "",
                       have->watch->ns != NULL ? have->watch->ns : "", w->ns != NULL ? w->ns : "");
    }
    have->optional = have->optional && w->optional;
    return 0;
}

static int kinds_collect(struct shell *s, struct err *e)
{
    size_t all = 0;
    for (size_t i = 0; i < s->controller_count; i++) {
        all += s->controllers[i].c->watch_count;
    }
    s->kinds = mem_alloc((all + 1) * sizeof(*s->kinds));
    s->watches = mem_alloc((all + 1) * sizeof(struct watch *));
    for (size_t i = 0; i < s->controller_count; i++) {
        const struct controller *c = s->controllers[i].c;
        for (size_t j = 0; j < c->watch_count; j++) {
            if (kind_add(s, &c->watches[j], e) < 0) {
                return -1;
            }
        }
        caches_add_orders(s->conf.caches, c->orders);
    }
    return 0;
}

static void controller_init(struct shell *s, size_t i, const struct controller *c)
{
    char name[128];
    const struct program *p = s->conf.program;
    snprintf(name, sizeof(name), "%s%s", p->prefix != NULL ? p->prefix : "dkube-", p->name);
    s->controllers[i].c = c;
    meter_begin(s->conf.metrics, c->name);
    s->controllers[i].manager = mem_strdup(c->manager != NULL ? c->manager : name);
}

struct shell *shell_new(const struct shell_conf *conf, struct err *e)
{
    struct shell *s = mem_alloc(sizeof(*s));
    s->conf = *conf;
    s->t = conf->transport;
    s->controller_count = conf->program->count;
    s->controllers = mem_alloc((s->controller_count + 1) * sizeof(*s->controllers));
    s->queue = queue_new((unsigned)s->controller_count);
    s->ryw = ryw_new();
    s->refusals = refusals_new();
    for (size_t i = 0; i < s->controller_count; i++) {
        controller_init(s, i, conf->program->controllers[i]);
        queue_pause(s->queue, (unsigned)i, true);
    }
    s->slot_count = (size_t)limit(LIMIT_PASSES_IN_FLIGHT);
    s->slots = mem_alloc(s->slot_count * sizeof(*s->slots));
    if (kinds_collect(s, e) < 0) {
        shell_free(s);
        return NULL;
    }
    return s;
}

void shell_free(struct shell *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->slot_count; i++) {
        arena_done(&s->slots[i].a);
    }
    for (size_t i = 0; i < s->kind_count; i++) {
        mem_free(s->kinds[i].rv);
    }
    for (size_t i = 0; i < s->controller_count; i++) {
        mem_free(s->controllers[i].manager);
    }
    queue_free(s->queue);
    ryw_free(s->ryw);
    refusals_free(s->refusals);
    mem_free(s->slots);
    mem_free(s->kinds);
    mem_free(s->watches);
    mem_free(s->controllers);
    mem_free(s);
}

bool shell_is_optional(const struct shell *s, const struct kind *k)
{
    const struct shell_kind *sk = shell_kind_of(s, k);
    return sk != NULL && sk->optional;
}

const struct watch *const *shell_watches(const struct shell *s, size_t *ret_count)
{
    *ret_count = s->kind_count;
    return s->watches;
}

/* --- which keys an event concerns --------------------------------------------------------------
 */

struct enqueuer {
    struct shell *s;
    unsigned who;
    bool low;
};

void enqueue(struct enqueuer *q, const char *ns, const char *name)
{
    if (!str_empty(name)) {
        struct queue_key key = {q->who, ns != NULL ? ns : "", name};
        PROBE4(enqueue, q->s->controllers[q->who].c->name, key.ns, key.name, q->low);
        queue_add(q->s->queue, &key, q->s->t->boot_ms(q->s->t->self), q->low);
    }
}

void map_self(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
              const struct rec *now)
{
    const struct rec *r = now != NULL ? now : old;
    enqueue(q, rec_namespace(r), rec_name(r));
}

static void enqueue_owner(struct enqueuer *q, const struct rec *r)
{
    const struct kind *root = q->s->controllers[q->who].c->root;
    for (uint32_t i = 0; root != NULL && i < rec_count(r, REC_OWNERS); i++) {
        const struct rec *o = rec_item(r, REC_OWNERS, i);
        if (rec_bool(o, OWNER_CONTROLLER) && str_eq(rec_str(o, OWNER_KIND), root->kind)) {
            enqueue(q, root->namespaced ? rec_namespace(r) : "", rec_str(o, OWNER_NAME));
        }
    }
}

void map_owner(struct enqueuer *q, const struct caches *c UNUSED, const struct rec *old,
               const struct rec *now)
{
    enqueue_owner(q, old);
    enqueue_owner(q, now);
}

static bool same_map(const struct rec *a, const struct rec *b, unsigned slot)
{
    bool same = rec_count(a, slot) == rec_count(b, slot);
    for (uint32_t i = 0; same && i < rec_count(a, slot); i++) {
        same = str_eq(rec_map_value(a, slot, i), rec_map_get(b, slot, rec_map_key(a, slot, i)));
    }
    return same;
}

bool when_spec_changed(const struct rec *old, const struct rec *now)
{
    if (old == NULL || now == NULL || rec_generation(old) != rec_generation(now) ||
        rec_is_deleted(old) != rec_is_deleted(now) ||
        rec_count(old, REC_FINALIZERS) != rec_count(now, REC_FINALIZERS)) {
        return true;
    }
    for (uint32_t i = 0; i < rec_count(now, REC_FINALIZERS); i++) {
        if (!rec_has_finalizer(old, rec_text(now, REC_FINALIZERS, i))) {
            return true;
        }
    }
    return !same_map(old, now, REC_LABELS);
}

/* The version that a relist must not fall behind. */
static void note_rv(struct shell *s, const struct kind *k, const char *rv)
{
    struct shell_kind *sk = (struct shell_kind *)shell_kind_of(s, k);
    if (sk != NULL && sk->synced && !str_empty(rv) && rv_compare(rv, sk->rv) > 0) {
        mem_free(sk->rv);
        sk->rv = mem_strdup(rv);
    }
}

static void weigh(struct shell *s, const struct kind *k, const struct rec *old,
                  const struct rec *now)
{
    struct shell_kind *sk = (struct shell_kind *)shell_kind_of(s, k);
    if (sk != NULL) {
        sk->bytes += now != NULL ? rec_size(now) : 0;
        sk->bytes -= old != NULL ? rec_size(old) : 0;
    }
}

static void on_changed(void *ctx, const struct kind *k, const struct rec *old,
                       const struct rec *now, bool initial)
{
    struct shell *s = ctx;
    const struct rec *told = now != NULL ? now : old;
    PROBE4(event, k->kind, rec_namespace(told), rec_name(told), now != NULL ? rec_rv(now) : NULL);
    ryw_moved(s->ryw, k);
    note_rv(s, k, now != NULL ? rec_rv(now) : NULL);
    journal_change(s->conf.journal, k, old, now);
    weigh(s, k, old, now);
    for (size_t i = 0; i < s->controller_count; i++) {
        const struct controller *c = s->controllers[i].c;
        struct enqueuer q = {s, (unsigned)i, initial};
        for (size_t j = 0; j < c->watch_count; j++) {
            const struct watch *w = &c->watches[j];
            if (w->kind == k && w->map != NULL && (w->when == NULL || w->when(old, now))) {
                w->map(&q, s->conf.caches, old, now);
            }
        }
    }
}

static void on_advanced(void *ctx, const struct kind *k, const char *rv)
{
    struct shell *s = ctx;
    ryw_moved(s->ryw, k);
    note_rv(s, k, rv);
}

void shell_enqueue(struct shell *s, const char *controller, const char *ns, const char *name)
{
    for (size_t i = 0; i < s->controller_count; i++) {
        if (str_eq(s->controllers[i].c->name, controller)) {
            enqueue(&(struct enqueuer){s, (unsigned)i, false}, ns, name);
        }
    }
}

/* --- starting ----------------------------------------------------------------------------------
 */

static bool controller_is_synced(const struct shell *s, const struct controller *c)
{
    for (size_t i = 0; i < c->watch_count; i++) {
        if (!shell_kind_of(s, c->watches[i].kind)->synced) {
            return false;
        }
    }
    return true;
}

static void controllers_start(struct shell *s)
{
    for (size_t i = 0; i < s->controller_count; i++) {
        struct shell_controller *sc = &s->controllers[i];
        if (!sc->started && controller_is_synced(s, sc->c)) {
            sc->started = true;
            enqueue(&(struct enqueuer){s, (unsigned)i, false}, sc->c->start.ns, sc->c->start.name);
            LOG_I("controller is ready", "controller", sc->c->name, NULL);
        }
        queue_pause(s->queue, (unsigned)i, !s->acting || !sc->started);
    }
}

static void on_synced(void *ctx, const struct kind *k)
{
    struct shell *s = ctx;
    struct shell_kind *sk = (struct shell_kind *)shell_kind_of(s, k);
    const char *rv = cache_rv(s->conf.caches, k);
    if (sk == NULL) {
        return;
    }
    if (sk->synced && rv_compare(rv, sk->rv) < 0) {
        LOG_W("resource versions went back", "kind", k->kind, "from", sk->rv, "to", rv, NULL);
        ryw_clear_kind(s->ryw, k);
    }
    mem_free(sk->rv);
    sk->rv = mem_strdup(rv);
    sk->synced = true;
    sk->trouble = NULL;
    ryw_moved(s->ryw, k);
    controllers_start(s);
}

/* The same trouble again and again is told once. */
static void on_trouble(void *ctx, const struct kind *k, const struct err *e)
{
    struct shell_kind *sk = (struct shell_kind *)shell_kind_of(ctx, k);
    bool again = sk != NULL && str_eq(sk->trouble, e->reason);
    log_line(again ? LOG_DEBUG : LOG_WARN, "watch failed", "kind", k->kind, "reason", e->reason,
             "error", e->text, NULL);
    if (sk != NULL) {
        sk->trouble = e->reason;
    }
}

struct watch_sink shell_sink(struct shell *s)
{
    return (struct watch_sink){s, on_changed, on_synced, on_advanced, on_trouble};
}

void shell_act(struct shell *s, bool act)
{
    s->acting = act;
    controllers_start(s);
}

/* --- stepping ----------------------------------------------------------------------------------
 */

static void on_settled(void *ctx, const struct queue_key *key)
{
    struct shell *s = ctx;
    queue_add(s->queue, key, s->t->boot_ms(s->t->self), false);
}

static struct pass_run *slot_free(struct shell *s)
{
    for (size_t i = 0; i < s->slot_count; i++) {
        if (s->slots[i].stage == STAGE_FREE) {
            return &s->slots[i];
        }
    }
    return NULL;
}

static void count_taken(struct shell *s, unsigned who)
{
    struct queue_stats q;
    const char *name = s->controllers[who].c->name;
    queue_stats(s->queue, who, &q);
    metrics_observe(s->conf.metrics, &metric_queue_wait, (double)q.last_wait_ms / 1000, name, name,
                    NULL);
}

/* Starts passes until none is due, no slot is free, or the loop's others have waited long enough.
 */
static bool start_passes(struct shell *s)
{
    int64_t began = s->t->boot_ms(s->t->self), now = began;
    struct queue_key key;
    struct pass_run *p;
    while ((p = slot_free(s)) != NULL && queue_take(s->queue, now, &key)) {
        count_taken(s, key.who);
        pass_start(s, p, &key);
        now = s->t->boot_ms(s->t->self);
        if (now - began >= limit(LIMIT_SLOW_ITERATION_MS) / 2) {
            return true;
        }
    }
    return false;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

int64_t shell_step(struct shell *s)
{
    ryw_settled(s->ryw, s->conf.caches, on_settled, s);
    bool more = start_passes(s);
    int64_t events = s->conf.events != NULL ? events_step(s->conf.events) : 0;
    bool full = s->in_flight == s->slot_count; /* then a reply comes before the next pass */
    int64_t due = earlier(full ? 0 : queue_next_ms(s->queue), events);
    return more ? s->t->boot_ms(s->t->self) : due;
}

size_t shell_in_flight(const struct shell *s)
{
    return s->in_flight;
}

bool shell_is_idle(const struct shell *s)
{
    int64_t next = queue_next_ms(s->queue);
    if (s->in_flight > 0 || (next > 0 && next <= s->t->boot_ms(s->t->self))) {
        return false;
    }
    for (size_t i = 0; i < s->controller_count; i++) {
        struct queue_stats q;
        queue_stats(s->queue, (unsigned)i, &q);
        if (q.depth > 0 && s->controllers[i].started && s->acting) {
            return false;
        }
    }
    return true;
}

bool shell_is_synced(const struct shell *s, const struct kind **ret_waiting)
{
    for (size_t i = 0; i < s->kind_count; i++) {
        if (!s->kinds[i].synced) {
            if (ret_waiting != NULL) {
                *ret_waiting = s->kinds[i].watch->kind;
            }
            return false;
        }
    }
    return true;
}
