/* program.c — a controller program: the real shell, caches, watches and lease over a transport that
 * puts every request and stream on the world's list. */
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define LEASE_NS "dkube-system"

/* --- the transport --------------------------------------------------------------------------- */

static const char *copy(struct world *w, const char *s)
{
    return arena_strdup(apisim_arena(w->api), s);
}

static void send_call(void *self, const struct http_request *r, http_done_fn *done, void *ctx)
{
    struct prog *p = self;
    struct world *w = p->w;
    int64_t timeout = r->timeout_ms > 0 ? r->timeout_ms : limit(LIMIT_REQUEST_MS);

    for (size_t i = 0; i < SIM_CALLS; i++) {
        struct call *c = &w->calls[i];

        if (c->of == NULL) {
            *c = (struct call){.of = p,
                               .done = done,
                               .ctx = ctx,
                               .deadline_ms = sim_now_ms + timeout,
                               .serial = ++w->serial};
            c->r = (struct apisim_request){.method = copy(w, r->method),
                                           .path = copy(w, r->path),
                                           .content_type = copy(w, r->content_type),
                                           .body_len = r->body_len};
            c->r.body =
                r->body != NULL ? arena_strndup(apisim_arena(w->api), r->body, r->body_len) : NULL;
            c->ids[0] = world_call_id(c, false);
            c->ids[1] = world_call_id(c, true);
            oracle_request(w, &c->r);
            return;
        }
    }
    world_fail(w, "more than %d requests are under way", SIM_CALLS);
}

static struct http_stream *open_stream(void *self, const struct http_request *r, http_data_fn *data,
                                       http_done_fn *done, void *ctx)
{
    struct prog *p = self;
    struct world *w = p->w;

    for (size_t i = 0; i < SIM_STREAMS; i++) {
        struct http_stream *s = &w->streams[i];

        if (s->of == NULL) {
            const char *seconds = strstr(r->path, "timeoutSeconds=");

            *s = (struct http_stream){.of = p,
                                      .path = copy(w, r->path),
                                      .accept = copy(w, r->accept),
                                      .data = data,
                                      .done = done,
                                      .ctx = ctx,
                                      .serial = ++w->serial};
            s->id = world_stream_id(s);
            s->ends_ms =
                sim_now_ms + (seconds != NULL ? strtoll(seconds + 15, NULL, 10) : 600) * 1000;
            return s;
        }
    }
    abort();
}

static void close_stream(void *self UNUSED, struct http_stream *s)
{
    s->of = NULL;
}

static void forget(void *self, void *ctx)
{
    struct prog *p = self;

    for (size_t i = 0; i < SIM_CALLS; i++) {
        if (p->w->calls[i].of == p && p->w->calls[i].ctx == ctx) {
            p->w->calls[i].of = NULL;
        }
    }
}

static int64_t wall(void *self UNUSED)
{
    return SIM_EPOCH_MS + sim_now_ms;
}

static int64_t boot(void *self UNUSED)
{
    return sim_now_ms;
}

/* --- life ------------------------------------------------------------------------------------ */

static void start_watches(struct prog *p)
{
    size_t n;
    const struct watch *const *ws = shell_watches(p->shell, &n);
    struct watch_sink sink = shell_sink(p->shell);

    p->watcher_count = 0;
    for (size_t i = 0; i < n; i++) {
        p->watchers[p->watcher_count++] =
            watcher_new(p->loop, &p->t, p->caches, ws[i]->kind, ws[i]->selector, ws[i]->ns, &sink);
    }
    for (size_t i = 0; i < n; i++) {
        watcher_start(p->watchers[i]);
    }
}

void prog_start(struct prog *p, bool with_lease)
{
    struct err e = {0};
    char identity[64];

    p->alive = true;
    p->leads = !with_lease;
    p->lives++;
    p->starts_ms = p->frozen_until_ms = 0;
    p->t = (struct transport){.self = p,
                              .send = send_call,
                              .stream = open_stream,
                              .stream_close = close_stream,
                              .forget = forget,
                              .wall_ms = wall,
                              .boot_ms = boot};
    p->loop = loop_new();
    p->caches = caches_new();
    snprintf(identity, sizeof(identity), "p%u-%u", p->id, p->lives);
    p->lease = with_lease ? lease_new(&p->t, &(struct lease_conf){.ns = LEASE_NS,
                                                                  .name = p->program->name,
                                                                  .identity = identity,
                                                                  .seed = p->id * 77 + p->lives})
                          : NULL;
    p->shell = shell_new(
        &(struct shell_conf){
            .transport = &p->t, .caches = p->caches, .program = p->program, .lease = p->lease},
        &e);
    if (p->shell == NULL) {
        fprintf(stderr, "%s\n", e.text);
        abort();
    }
    start_watches(p);
    shell_act(p->shell, p->leads);
    prog_step(p);
}

void prog_kill(struct prog *p)
{
    if (!p->alive) {
        return;
    }
    p->alive = false;
    for (size_t i = 0; i < p->watcher_count; i++) {
        watcher_free(p->watchers[i]);
    }
    shell_free(p->shell);
    lease_free(p->lease);
    caches_free(p->caches);
    loop_free(p->loop);
    for (size_t i = 0; i < SIM_CALLS; i++) {
        if (p->w->calls[i].of == p) {
            p->w->calls[i].of = NULL;
        }
    }
    p->lease = NULL;
    p->due_ms = 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* What the manager does between events. */
void prog_step(struct prog *p)
{
    int64_t lease_due = 0;

    if (!p->alive || p->frozen_until_ms > sim_now_ms) {
        return;
    }
    if (p->lease != NULL) {
        lease_due = lease_step(p->lease);
        if (lease_state(p->lease) == LEASE_HELD && !p->leads) {
            p->leads = true;
            shell_act(p->shell, true);
        } else if (lease_state(p->lease) == LEASE_LOST) {
            world_note(p->w, "p%u has lost its lease and ends", p->id);
            prog_kill(p);
            p->starts_ms = sim_now_ms + 1000;
            return;
        }
    }
    p->due_ms = earlier(shell_step(p->shell), lease_due);
}

int64_t prog_next_ms(struct prog *p)
{
    if (!p->alive) {
        return p->starts_ms;
    }
    if (p->frozen_until_ms > sim_now_ms) {
        return p->frozen_until_ms;
    }
    return earlier(p->due_ms, sim_loop_next_ms(p->loop));
}
