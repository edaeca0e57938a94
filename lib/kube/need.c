/* need.c — fetching what a plan needs: several requests at the same time, answers in their order.
 */
#include <inttypes.h>

#include "api/pod.gen.h"
#include "base/limits.h"
#include "base/probe.h"
#include "base/span.h"
#include "kube/client.h"
#include "kube/pass.h"

/* One request; arena of the pass, which does not end before all have been answered. */
struct fetch {
    struct pass_run *p;
    const struct need *need;
    struct answer *answer; /* its place, kept when it was sent */
};

static const char *need_path(struct arena *a, const struct need *n)
{
    if (n->verb == NEED_GET) {
        return kube_path(a, n->kind, n->ns, n->name, NULL, NULL);
    }
    const char *query = "";
    if (!str_empty(n->container)) {
        query = arena_printf(a, "container=%s&", url_escape(a, n->container));
    }
    if (n->tail_lines > 0) {
        query = arena_printf(a, "%stailLines=%" PRId64 "&", query, n->tail_lines);
    }
    query = arena_printf(a, "%slimitBytes=%" PRId64, query,
                         n->tail_bytes > 0 ? n->tail_bytes : (int64_t)65536);
    return kube_path(a, &kind_pod, n->ns, n->name, "log", query);
}

static bool same_need(const struct need *a, const struct need *b)
{
    return a->verb == b->verb && str_eq(a->ns, b->ns) && str_eq(a->name, b->name) &&
           (a->verb == NEED_GET ? a->kind == b->kind : str_eq(a->container, b->container));
}

/* An answer is here or asked for already. */
static bool is_asked(const struct pass_run *p, const struct need *n)
{
    for (size_t i = 0; i < p->answer_count; i++) {
        if (same_need(&p->answers[i].need, n)) {
            return true;
        }
    }
    return false;
}

static void send_due(struct pass_run *p);

/* Goes on when all replies are here. */
static void needs_done(struct pass_run *p)
{
    if (p->needs_open > 0) {
        return;
    }
    if (p->bad != WRITE_DONE) {
        pass_end_failed(p);
        return;
    }
    p->stage = STAGE_PLAN;
    pass_go_on(p);
}

static void on_fetched(void *ctx, const struct http_response *r)
{
    struct fetch *f = ctx;
    struct pass_run *p = f->p;
    PROBE4(reply, p->c->name, p->object, p->id, r->status);
    if (pass_is_transient(r) && f->need->verb == NEED_GET) {
        struct err e = {0};
        kube_error(r, arena_printf(&p->a, "get %s '%s'", f->need->kind->kind, f->need->name), &e);
        p->least_ms = r->retry_after_ms > p->least_ms ? r->retry_after_ms : p->least_ms;
        pass_fail(p, WRITE_RETRY, &e);
    }
    *f->answer = (struct answer){
        .need = *f->need,
        .status = r->status,
        .body = arena_strndup(&p->a, r->body != NULL ? r->body : "", r->body_len),
        .at_ms = p->s->t->wall_ms(p->s->t->self),
    };
    p->needs_open--;
    if (!p->needs_sending) { /* else it came while send_due() runs, which goes on */
        send_due(p);
        needs_done(p);
    }
}

static void send_one(struct pass_run *p, const struct need *n, struct answer *place)
{
    struct fetch *f = arena_alloc(&p->a, sizeof(*f));
    *f = (struct fetch){p, n, place};
    const struct http_request r = {
        .method = "GET",
        .path = need_path(&p->a, n),
        .accept = n->verb == NEED_LOG ? "*/*" : NULL,
    };
    p->needs_open++;
    PROBE4(send, p->c->name, p->object, r.method, r.path);
    p->s->t->send(p->s->t->self, &r, on_fetched, f);
}

/* Sends what may be sent now; one that failed ends it. Replies may come while it sends. */
static void send_due(struct pass_run *p)
{
    p->needs_sending = true;
    while (p->needs_sent < p->plan.need_count && p->bad == WRITE_DONE &&
           p->needs_open < (size_t)limit(LIMIT_NEEDS_AT_ONCE)) {
        const struct need *n = &p->plan.needs[p->needs_sent++];
        if (!is_asked(p, n)) {
            struct answer *place = &p->answers[p->answer_count++];
            place->need = *n;
            send_one(p, n, place);
        }
    }
    p->needs_sending = false;
}

/* The answers' array does not move while replies are to come: it has room for all. */
static void make_room(struct pass_run *p)
{
    size_t most = p->answer_count + p->plan.need_count;
    struct answer *all = arena_alloc(&p->a, (most + 1) * sizeof(*all));
    for (size_t i = 0; i < p->answer_count; i++) {
        all[i] = p->answers[i];
    }
    p->answers = all;
}

void needs_fetch(struct pass_run *p)
{
    make_room(p);
    p->waiting = true;
    send_due(p);
    needs_done(p);
}
