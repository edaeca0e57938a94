/*
 * sim-conformance — is the simulated API server like the real one? The same random requests go to
 * both; code, reason, object (managed fields and all), order of resource versions, lists and watch
 * events are compared. KUBECONFIG: a control plane without controllers, with the CRD widgets.yaml.
 *
 *     sim-conformance [N [SEED]]      TAP; the first differences are printed in full
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/span.h"
#include "kube/client.h"
#include "sim/api/apisim.h"
#include "sim/conformance/asks.h"
#include "sim/conformance/normal.h"

enum { LANES = 8, ROUND = 20, PATIENCE = 500, TOLD = 12 };

struct known { /* an object, as the last reply told of it */
    char *uid, *rv, *old;
};
struct heard { /* events of one watch, normal form */
    const char **list;
    size_t count;
};
struct lane;
struct eye { /* one kind watched on both servers */
    struct lane *l;
    enum ask_kind kind;
    struct http_stream *stream;
    struct apisim_watch *watch;
    const char *query;
    char *line; /* of the real stream, so far */
    size_t len;
    struct heard heard[SIDES];
    char *rv[SIDES];
    bool ready[SIDES];   /* all that was there at first has been told */
    bool initial;        /* the first events are in no order … */
    size_t first[SIDES]; /* … so many of them */
    struct loop_timer timer;
};
struct lane {
    struct run *run;
    char ns[32];
    struct dice dice;
    struct arena a; /* of a round */
    struct apisim *sim;
    struct names uids[SIDES], rvs[SIDES];
    struct known known[ASK_KINDS][ASK_NAMES + 1][SIDES];
    struct eye eyes[ASK_KINDS];
    struct ask ask;
    struct loop_timer timer;
    uint64_t asked, wanted;
    int waited, number, age;
    bool stray; /* the two differ: this lane begins anew */
};
struct run {
    struct loop *loop;
    struct client *client;
    struct transport *t;
    struct lane lanes[LANES];
    int busy;
    uint64_t requests, events, differences, codes[600];
};

static void lane_next(void *ctx);
static void renew(struct lane *l);

/* --- what we know of an object -------------------------------------------------------------------
 */

static void take(char **to, const char *fresh)
{
    mem_free(*to);
    *to = mem_strdup(fresh);
}

static void learn(struct lane *l, enum side side, enum ask_kind kind, const char *body, size_t len)
{
    const struct tree *o = jt_parse(&l->a, body, len);
    const char *name = jt_get_str(o, "metadata.name", ""), *rv;
    struct known *k;

    if (*name != 'n' || name[1] < '0' || name[1] > '0' + ASK_NAMES ||
        (rv = jt_get_str(o, "metadata.resourceVersion", NULL)) == NULL) {
        return;
    }
    k = &l->known[kind][name[1] - '0'][side];
    if (!str_eq(k->rv, rv)) {
        mem_free(k->old);
        k->old = k->rv;
        k->rv = mem_strdup(rv);
    }
    take(&k->uid, jt_get_str(o, "metadata.uid", ""));
}

/* Marks become what this server calls it. */
static const char *told(struct lane *l, enum side side, const char *text)
{
    const struct known *k = &l->known[l->ask.kind][l->ask.name < 0 ? 0 : l->ask.name][side];
    const struct {
        const char *mark, *value;
    } marks[] = {{"@uid@", k->uid != NULL ? k->uid : "22222222-2222-4222-8222-222222222222"},
                 {"@rv@", k->rv != NULL ? k->rv : "1"},
                 {"@old@", k->old != NULL ? k->old : "1"}};

    for (size_t i = 0; text != NULL && i < ARRAY_LEN(marks); i++) {
        const char *at;

        while ((at = strstr(text, marks[i].mark)) != NULL) {
            text = arena_printf(&l->a, "%.*s%s%s", (int)(at - text), text, marks[i].value,
                                at + strlen(marks[i].mark));
        }
    }
    return text;
}

/* --- differences -------------------------------------------------------------------------------
 */

static void PRINTF(2, 3) differ(struct lane *l, const char *fmt, ...)
{
    va_list ap;

    if (l->stray) {
        return; /* one leads to another */
    }
    l->stray = true;
    if (++l->run->differences > TOLD) {
        return;
    }
    printf("# lane %s, request %" PRIu64 ": ", l->ns, l->asked);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
    fflush(stdout);
}

/* Where to look: a little before they differ. */
static size_t same_for(const char *x, const char *y)
{
    size_t n = 0;

    while (x[n] != '\0' && x[n] == y[n]) {
        n++;
    }
    return n > 100 ? n - 100 : 0;
}

static void compare_reply(struct lane *l, const struct http_response *real,
                          const struct apisim_reply *sim)
{
    const char *x = normal(&l->a, &l->uids[REAL], &l->rvs[REAL], real->body, real->body_len);
    const char *y = normal(&l->a, &l->uids[SIM], &l->rvs[SIM], sim->body, sim->len);

    if (real->status != sim->code || !str_eq(x, y)) {
        size_t from = same_for(x, y);

        differ(l, "%s %s %s %s\n#   real %d %.600s\n#   sim  %d %.600s\n#   (%.*s)", l->ask.method,
               l->ask.path, l->ask.type != NULL ? l->ask.type : "",
               l->ask.body != NULL ? l->ask.body : "", real->status, x + from, sim->code, y + from,
               real->status >= 400 ? (int)real->body_len : 0, real->body);
    }
}

/* --- watches ------------------------------------------------------------------------------------
 */

static void hear(struct eye *e, enum side side, const char *line, size_t len)
{
    struct lane *l = e->l;
    const struct tree *event = jt_parse(&l->a, line, len), *o = jt_key(event, "object");
    const char *type = jt_get_str(event, "type", ""), *rv;
    const char **slot;

    rv = jt_get_str(o, "metadata.resourceVersion", NULL);
    if (str_eq(type, "BOOKMARK")) {
        if (!e->ready[side]) { /* the end of what was there at first; others come when they like */
            e->ready[side] = true;
            e->first[side] = e->heard[side].count;
            take(&e->rv[side], rv);
        }
        return;
    }
    if (rv != NULL && e->ready[side]) {
        take(&e->rv[side], rv);
    }
    slot = arena_push(&l->a, (void **)&e->heard[side].list, &e->heard[side].count, sizeof(*slot));
    const char *text = jt_text(&l->a, o);
    *slot = arena_printf(&l->a, "%s %s", type, text);
}

static int on_data(void *ctx, const char *p, size_t n)
{
    struct eye *e = ctx;

    e->line = mem_resize(e->line, e->len + n + 1);
    memcpy(e->line + e->len, p, n);
    e->len += n;
    for (;;) {
        char *end = memchr(e->line, '\n', e->len);

        if (end == NULL) {
            return 0;
        }
        hear(e, REAL, e->line, (size_t)(end - e->line));
        e->len -= (size_t)(end + 1 - e->line);
        memmove(e->line, end + 1, e->len);
    }
}

static void open_again(void *ctx);

static void on_end(void *ctx, const struct http_response *r)
{
    struct eye *e = ctx;

    e->stream = NULL;
    if (r->status == 429) { /* the server has just learned of the kind */
        loop_timer_in(e->l->run->loop, &e->timer, 300, open_again, e);
        return;
    }
    differ(e->l, "the real watch of %s ended: %d %s %.*s", ask_plurals[e->kind], r->status,
           r->error != NULL ? r->error : "", (int)r->body_len, r->body);
}

static void open_eye(struct eye *e, bool initial)
{
    struct lane *l = e->l;
    struct apisim_reply r;
    const char *path = ask_collection(&l->a, e->kind, l->ns);
    const char *how = initial ? "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan" : "";

    e->initial = initial;
    e->ready[REAL] = e->ready[SIM] = !initial;
    e->first[REAL] = e->first[SIM] = 0;
    e->len = 0;
    e->heard[REAL] = e->heard[SIM] = (struct heard){0};
    e->stream = l->run->t->stream(
        l->run->t->self,
        &(struct http_request){
            .method = "GET",
            .path = arena_printf(&l->a, "%s?watch=1&allowWatchBookmarks=true%s%s%s%s", path,
                                 initial ? "" : "&resourceVersion=", initial ? "" : e->rv[REAL],
                                 how, e->query)},
        on_data, on_end, e);
    e->watch = apisim_watch_open(
        l->sim,
        arena_printf(&l->a, "%s?watch=1&allowWatchBookmarks=true%s%s%s%s", path,
                     initial ? "" : "&resourceVersion=", initial ? "" : e->rv[SIM], how, e->query),
        NULL, &r);
}

static void open_again(void *ctx)
{
    struct eye *e = ctx;

    if (e->stream == NULL) {
        open_eye(e, e->initial);
    }
}

static void close_eye(struct eye *e)
{
    if (e->stream != NULL) {
        e->l->run->t->stream_close(e->l->run->t->self, e->stream);
    }
    e->stream = NULL;
    e->watch = NULL;
}

static const char *normal_event(struct lane *l, enum side side, const char *text)
{
    size_t type = strcspn(text, " ");
    const char *object = text + type + 1;

    return arena_printf(&l->a, "%.*s %s", (int)type, text,
                        normal(&l->a, &l->uids[side], &l->rvs[side], object, strlen(object)));
}

static int by_name(const void *x, const void *y)
{
    const char *a = strstr(*(const char *const *)x, "\"name\":\"n");
    const char *b = strstr(*(const char *const *)y, "\"name\":\"n");

    return a != NULL && b != NULL ? strncmp(a, b, 10) : 0;
}

static void compare_eye(struct eye *e)
{
    struct lane *l = e->l;
    struct heard *real = &e->heard[REAL], *sim = &e->heard[SIM];

    if (e->initial) {
        for (int side = 0; side < SIDES; side++) {
            qsort(e->heard[side].list, e->first[side], sizeof(*e->heard[side].list), by_name);
        }
        e->initial = false;
    }
    for (size_t i = 0; i < real->count || i < sim->count; i++) {
        const char *x = i < real->count ? normal_event(l, REAL, real->list[i]) : "nothing";
        const char *y = i < sim->count ? normal_event(l, SIM, sim->list[i]) : "nothing";

        l->run->events++;
        if (!str_eq(x, y)) {
            differ(l, "event %zu of %s%s\n#   real %s\n#   sim  %s", i, ask_plurals[e->kind],
                   e->query, x, y);
        }
    }
    *real = *sim = (struct heard){0};
}

/* --- a round: requests, then what the watches told ---------------------------------------------
 */

static bool is_complete(struct lane *l)
{
    for (int i = 0; i < ASK_KINDS; i++) {
        struct eye *e = &l->eyes[i];
        const char *line;

        while (e->watch != NULL && (line = apisim_watch_next(e->watch)) != NULL) {
            hear(e, SIM, line, strlen(line));
        }
        if (e->heard[REAL].count < e->heard[SIM].count) {
            return false;
        }
    }
    return true;
}

/* Now and then a watch is opened anew: from where it was, or with all there is, or another
 * selector. */
static void blink(struct lane *l)
{
    static const char *const queries[] = {"", "", "&labelSelector=app%3Da",
                                          "&labelSelector=%21tier"};

    for (int i = 0; i < ASK_KINDS; i++) {
        struct eye *e = &l->eyes[i];

        if (e->stream == NULL || chance(&l->dice, 15)) {
            bool anew = chance(&l->dice, 50) || e->stream == NULL || e->rv[REAL] == NULL ||
                        e->rv[SIM] == NULL;

            close_eye(e);
            if (anew) {
                e->query = queries[roll(&l->dice, ARRAY_LEN(queries))];
            }
            open_eye(e, anew);
        }
    }
}

/* The real server opens a watch in its own time: nothing is asked meanwhile. */
static void await_eyes(void *ctx)
{
    struct lane *l = ctx;

    for (int i = 0; i < ASK_KINDS; i++) {
        if (!l->eyes[i].ready[REAL] && !l->stray) {
            loop_timer_in(l->run->loop, &l->timer, 3, await_eyes, l);
            return;
        }
    }
    lane_next(l);
}

static void end_round(void *ctx)
{
    struct lane *l = ctx;

    if (!is_complete(l) && ++l->waited < PATIENCE) {
        loop_timer_in(l->run->loop, &l->timer, 10, end_round, l);
        return;
    }
    l->waited = 0;
    for (int i = 0; i < ASK_KINDS; i++) {
        compare_eye(&l->eyes[i]);
    }
    arena_reset(&l->a);
    blink(l);
    l->asked++; /* the round is over */
    await_eyes(l);
}

static void on_reply(void *ctx, const struct http_response *real)
{
    struct lane *l = ctx;
    struct apisim_reply sim = {0};
    const char *body = told(l, SIM, l->ask.body);

    apisim_set_time(l->sim, clock_wall_ms());
    apisim_call(l->sim,
                &(struct apisim_request){.method = l->ask.method,
                                         .path = l->ask.path,
                                         .content_type = l->ask.type,
                                         .body = body,
                                         .body_len = body != NULL ? strlen(body) : 0},
                &sim);
    l->run->requests++;
    l->run->codes[real->status < 600 ? real->status : 0]++;
    compare_reply(l, real, &sim);
    if (real->status < 400 && !l->ask.list) {
        learn(l, REAL, l->ask.kind, real->body, real->body_len);
    }
    if (sim.code < 400 && !l->ask.list) {
        learn(l, SIM, l->ask.kind, sim.body, sim.len);
    }
    l->asked++;
    lane_next(l);
}

static void lane_next(void *ctx)
{
    struct lane *l = ctx;
    const char *body;

    if (l->asked >= l->wanted) {
        if (--l->run->busy == 0) {
            loop_stop(l->run->loop);
        }
        return;
    }
    if (l->stray) {
        renew(l);
        return;
    }
    if (l->asked % (ROUND + 1) == ROUND) {
        end_round(l);
        return;
    }
    ask_make(&l->dice, &l->a, l->ns, &l->ask);
    body = told(l, REAL, l->ask.body);
    l->run->t->send(l->run->t->self,
                    &(struct http_request){.method = l->ask.method,
                                           .path = l->ask.path,
                                           .content_type = l->ask.type,
                                           .body = body,
                                           .body_len = body != NULL ? strlen(body) : 0},
                    on_reply, l);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static const struct api_types *load_types(void)
{
    struct api_types *types = api_types_new();

    if (api_types_add_file(types, "test/sim/conformance/widgets.yaml") < 0) {
        exit(1);
    }
    return types;
}

static void names_clear(struct names *n)
{
    for (size_t i = 0; i < n->count; i++) {
        mem_free(n->list[i]);
    }
    n->count = 0;
}

static void on_renewed(void *ctx, const struct http_response *r)
{
    struct lane *l = ctx;

    if (r->status != 201) {
        fprintf(stderr, "namespace %s: %d %.*s\n", l->ns, r->status, (int)r->body_len, r->body);
        exit(1);
    }
    for (int k = 0; k < ASK_KINDS; k++) {
        l->eyes[k].query = "";
        open_eye(&l->eyes[k], true);
    }
    await_eyes(l);
}

/* A namespace of its own on both servers. */
static void renew(struct lane *l)
{
    struct apisim_reply reply;
    const char *body;

    for (int k = 0; k < ASK_KINDS; k++) {
        take(&l->eyes[k].rv[REAL], NULL);
        take(&l->eyes[k].rv[SIM], NULL);
        close_eye(&l->eyes[k]);
        loop_timer_clear(l->run->loop, &l->eyes[k].timer);
    }
    for (int side = 0; side < SIDES; side++) {
        names_clear(&l->uids[side]);
        names_clear(&l->rvs[side]);
    }
    memset(l->known, 0, sizeof(l->known));
    l->stray = false;
    snprintf(l->ns, sizeof(l->ns), "c-%d-%d-%d", (int)getpid(), l->number, l->age++);
    body = arena_printf(
        &l->a, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"}}",
        l->ns);
    apisim_reset(l->sim);
    apisim_call(l->sim,
                &(struct apisim_request){"POST", "/api/v1/namespaces", "application/json", body,
                                         strlen(body)},
                &reply);
    l->run->t->send(l->run->t->self,
                    &(struct http_request){.method = "POST",
                                           .path = "/api/v1/namespaces",
                                           .content_type = "application/json",
                                           .body = body,
                                           .body_len = strlen(body)},
                    on_renewed, l);
}

static void start_lane(struct run *r, const struct api_types *types, int i, uint64_t seed,
                       uint64_t n)
{
    struct lane *l = &r->lanes[i];

    l->run = r;
    l->number = i;
    l->wanted = n;
    l->dice.state = seed * 1000003 + (uint64_t)i;
    l->sim = apisim_new(types);
    for (int k = 0; k < ASK_KINDS; k++) {
        l->eyes[k] = (struct eye){.l = l, .kind = (enum ask_kind)k};
    }
    renew(l);
}

int main(int argc, char **argv)
{
    static struct run r;
    uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 6000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const struct api_types *types = load_types();
    struct err e;

    r.loop = loop_new();
    r.client = client_new(r.loop, NULL, NULL, "sim-conformance", &e);
    if (r.client == NULL) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    r.t = client_transport(r.client);
    r.busy = LANES;
    for (int i = 0; i < LANES; i++) {
        start_lane(&r, types, i, seed, n / LANES * (ROUND + 1) / ROUND);
    }
    loop_run(r.loop);
    printf("# %" PRIu64 " requests, %" PRIu64 " events, %" PRIu64 " differences, seed %" PRIu64
           "; codes",
           r.requests, r.events, r.differences, seed);
    for (int i = 0; i < 600; i++) {
        if (r.codes[i] > 0) {
            printf(" %d:%" PRIu64, i, r.codes[i]);
        }
    }
    printf("\n%sok 1 - the simulated server answers as the real one does\n1..1\n",
           r.differences > 0 ? "not " : "");
    return r.differences > 0 ? 1 : 0;
}
