/*
 * state.c — what state a world is in: all that decides what may come, but for times, uids, versions
 * and serial numbers. Two worlds with equal numbers go on alike.
 *
 * Of the server: the objects and who owns what of them. Of the network: requests with their bodies,
 * replies, events still to be told. Of a program: what its cache shows, the keys in its queue, the
 * passes under way with what they are still to write, own writes it waits for. Left out is how long
 * timers still run: time passes only when nothing else can happen.
 */
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "kube/pass.h"
#include "sim/sim.h"

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t text(uint64_t h, const char *s)
{
    for (; s != NULL && *s != '\0'; s++) {
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    }
    return mix(h, 1);
}

static uint64_t version(struct world *w, const char *rv)
{
    return rv != NULL ? apisim_hash_version(w->api, strtoull(rv, NULL, 10)) : 0;
}

/* --- programs -------------------------------------------------------------------------------- */

struct sum {
    struct world *w;
    uint64_t h; /* a sum: the order does not count */
};

static uint64_t key_state(const struct queue_key *key)
{
    return text(text(key->who + 3, key->ns), key->name);
}

static void add_key(void *ctx, const struct queue_look *look)
{
    struct sum *s = ctx;

    s->h += mix(text(key_state(&look->key), look->state), look->failures > 0);
}

static void add_wait(void *ctx, const struct queue_key *key, const struct ryw_wait *wait,
                     int64_t since_ms UNUSED)
{
    struct sum *s = ctx;
    uint64_t h = text(key_state(key), wait->kind->kind);

    h = text(text(h, wait->ns), wait->name);
    s->h += mix(mix(h, version(s->w, wait->rv)), wait->gone * 2u + (wait->rv != NULL));
}

static void add_pass(struct sum *s, const struct pass_run *p)
{
    uint64_t h = mix(key_state(&p->key) + p->stage * 16u + p->waiting, (uint64_t)p->rounds);

    for (size_t i = p->op_at; i < p->plan.op_count; i++) {
        const struct op *op = &p->plan.ops[i];

        h = text(text(text(mix(h, op->verb), op->kind->kind), op->ns), op->name);
        h = op->body != NULL ? mix(h, apisim_hash_text(s->w->api, op->body, strlen(op->body))) : h;
    }
    h = mix(h, p->bad * 64u + p->answer_count * 8 + p->needs_open);
    s->h += h;
}

static void add_kind(struct sum *s, const struct prog *p, const struct shell_kind *sk)
{
    const struct kind *k = sk->watch->kind;
    struct cache_iter it = {0};
    const struct rec *r;
    uint64_t h = 0;

    while ((r = cache_next(p->caches, k, NULL, &it)) != NULL) {
        h += mix(version(s->w, rec_rv(r)), 5);
    }
    s->h += mix(text(h, k->kind), sk->synced * 2u + cache_is_steady(p->caches, k));
}

static uint64_t prog_state(struct world *w, const struct prog *p)
{
    struct sum s = {w, mix(p->id, p->alive * 2u + p->leads)};

    if (!p->alive) {
        return s.h;
    }
    queue_each(p->shell->queue, SIZE_MAX, add_key, &s);
    ryw_each(p->shell->ryw, SIZE_MAX, add_wait, &s);
    for (size_t i = 0; i < p->shell->slot_count; i++) {
        if (p->shell->slots[i].stage != STAGE_FREE) {
            add_pass(&s, &p->shell->slots[i]);
        }
    }
    for (size_t i = 0; i < p->shell->kind_count; i++) {
        add_kind(&s, p, &p->shell->kinds[i]);
    }
    s.h = mix(s.h, p->lease != NULL ? lease_state(p->lease) : 9);
    return mix(mix(s.h, p->id), p->frozen_until_ms > sim_now_ms);
}

/* --- the network ----------------------------------------------------------------------------- */

static uint64_t call_state(struct world *w, const struct call *c)
{
    uint64_t h = mix(c->ids[c->served], c->lost * 2u + c->unsent);

    h = mix(h, c->r.body != NULL ? apisim_hash_text(w->api, c->r.body, c->r.body_len) : 0);
    if (c->served) {
        h = mix(h, (uint64_t)c->reply.code);
        h = mix(h, c->lost ? 0 : apisim_hash_text(w->api, c->reply.body, c->reply.len));
    }
    return h;
}

static uint64_t stream_state(const struct http_stream *s)
{
    return mix(s->id, s->watch != NULL ? apisim_watch_hash(s->watch) : 1000);
}

/* --- all ------------------------------------------------------------------------------------- */

uint64_t world_state(struct world *w)
{
    uint64_t h = mix(apisim_hash(w->api), w->people_at * 8u + w->faults.fired), sum = 0;

    for (size_t i = 0; i < SIM_CALLS; i++) {
        sum += w->calls[i].of != NULL ? call_state(w, &w->calls[i]) : 0;
    }
    for (size_t i = 0; i < SIM_STREAMS; i++) {
        sum += w->streams[i].of != NULL ? stream_state(&w->streams[i]) : 0;
    }
    for (size_t i = 0; i < SIM_PROGRAMS && w->progs[i].program != NULL; i++) {
        sum += prog_state(w, &w->progs[i]);
    }
    for (size_t i = 0; i < w->run_count; i++) { /* what the oracle knows */
        sum += mix((uint64_t)w->runs[i].attempt * 64u + (uint64_t)w->runs[i].podded * 2,
                   w->runs[i].final != NULL);
    }
    for (size_t i = 0; i < w->cluster.node_count; i++) {
        sum = mix(sum, w->cluster.nodes[i].down_until_ms > 0);
    }
    return mix(h, sum);
}
