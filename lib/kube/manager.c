/* manager.c — a controller program from its command line to its exit status. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/process.h"
#include "base/span.h"
#include "kube/client.h"
#include "kube/metered.h"
#include "kube/options.h"
#include "kube/replay.h"
#include "kube/shell.h"
#include "serve/serve.h"

#ifndef DKUBE_VERSION
#define DKUBE_VERSION "unversioned"
#endif

enum { PUBLISH_MS = 2000, SNAPSHOT_BYTES = 8 << 20, EXIT_LOST = 1, EXIT_USAGE = 2 };

struct manager {
    struct program given; /* with defaults in place of NULLs */
    const struct program *program;
    struct options o;
    struct loop *loop;
    struct client *client;
    struct metered *metered;
    struct metrics *metrics;
    struct caches *caches;
    struct events *events;
    struct lease *lease; /* NULL without --leader-elect */
    struct quarantine *quarantine;
    struct journal *journal; /* NULL without --record */
    bool journal_told;       /* that it has ended */
    struct shell *shell;
    struct serve *serve;
    struct watcher **watchers;
    size_t watcher_count;
    struct loop_timer step, publish;
    char instance[192];
    uint64_t seed;         /* of what must be another in each process */
    const char *not_ready; /* as last published */
    enum lease_state lease_was;
    bool stopping, released;
    int64_t stop_by_ms;
    int status;
};

static const struct metric master = {
    .name = "leader_election_master_status",
    .help = "1 while this process holds the Lease",
    .type = METRIC_GAUGE,
    .labels = "name",
};
static const struct metric build = {
    .name = "dkube_build_info", .help = "1", .type = METRIC_GAUGE, .labels = "program,version"};
static const struct metric iterations = {
    .name = "dkube_loop_iterations_total",
    .help = "iterations of the event loop: all, slow, stuck",
    .type = METRIC_COUNTER,
    .labels = "kind",
};
static const struct metric watch_figures = {
    .name = "dkube_watch_total",
    .help = "what the watches did: events, relists, failures, bytes",
    .type = METRIC_COUNTER,
    .labels = "kind,what",
};

/* --- what the server shows ---------------------------------------------------------------------
 */

static void measure_watches(struct manager *m)
{
    size_t n;
    const struct watch *const *ws = shell_watches(m->shell, &n);
    for (size_t i = 0; i < n; i++) {
        struct watch_stats st;
        const char *kind = ws[i]->kind->kind;
        watcher_stats(m->watchers[i], &st);
        metrics_set(m->metrics, &watch_figures, (double)st.events, kind, "events", NULL);
        metrics_set(m->metrics, &watch_figures, (double)st.relists, kind, "relists", NULL);
        metrics_set(m->metrics, &watch_figures, (double)st.failures, kind, "failures", NULL);
        metrics_set(m->metrics, &watch_figures, (double)st.bytes, kind, "bytes", NULL);
    }
}

static bool leads(const struct manager *m)
{
    return m->lease == NULL || lease_state(m->lease) == LEASE_HELD;
}

static void measure(struct manager *m)
{
    struct loop_stats st;
    loop_stats(m->loop, &st);
    metrics_set(m->metrics, &iterations, (double)st.iterations, "all", NULL);
    metrics_set(m->metrics, &iterations, (double)st.slow, "slow", NULL);
    metrics_set(m->metrics, &iterations, (double)st.stuck, "stuck", NULL);
    metrics_set(m->metrics, &master, leads(m), m->program->name, NULL);
    measure_watches(m);
    shell_measure(m->shell);
    process_measure(m->metrics);
    if (m->program->measure != NULL) {
        m->program->measure(m->program->ctx, m->metrics);
    }
}

static void describe_watches(const struct manager *m, struct jsonw *w)
{
    size_t n;
    const struct watch *const *ws = shell_watches(m->shell, &n);
    int64_t now = clock_boot_ms();
    jsonw_arr(w, "watches");
    for (size_t i = 0; i < n && i < m->watcher_count; i++) {
        struct watch_stats st;
        watcher_stats(m->watchers[i], &st);
        jsonw_obj(w, NULL);
        jsonw_str(w, "kind", ws[i]->kind->kind);
        jsonw_opt(w, "selector", ws[i]->selector);
        jsonw_opt(w, "namespace", ws[i]->ns);
        jsonw_bool(w, "relisting", st.relisting);
        jsonw_bool(w, "absent", st.absent);
        jsonw_str(w, "resourceVersion", st.rv);
        jsonw_int(w, "events", (int64_t)st.events);
        jsonw_int(w, "relists", (int64_t)st.relists);
        jsonw_int(w, "failures", (int64_t)st.failures);
        jsonw_int(w, "silentMs", st.last_event_ms > 0 ? now - st.last_event_ms : -1);
        jsonw_end(w);
    }
    jsonw_end(w);
}

static const char *state_text(struct arena *a, const struct manager *m)
{
    struct jsonw w;
    jsonw_init(&w, a);
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "program", m->program->name);
    jsonw_str(&w, "version", m->program->version);
    jsonw_str(&w, "server", client_server(m->client));
    jsonw_bool(&w, "leads", leads(m));
    jsonw_str(&w, "holder", m->lease != NULL ? lease_holder(m->lease) : m->instance);
    jsonw_bool(&w, "stopping", m->stopping);
    shell_describe(m->shell, &w);
    describe_watches(m, &w);
    jsonw_end(&w);
    return arena_printf(a, "%s\n", jsonw_text(&w));
}

static void tell_journal(struct manager *m)
{
    struct journal_stats st;
    journal_stats(m->journal, &st);
    if (st.trouble != NULL && !m->journal_told) {
        m->journal_told = true;
        LOG_W("the recording has ended", "file", m->o.record, "error", st.trouble, NULL);
    }
}

static void publish(void *ctx)
{
    struct manager *m = ctx;
    CLEANUP(arena_done) struct arena a = {0};
    CLEANUP(buf_done) struct buf text;
    loop_stage(m->loop, "publish", NULL, NULL);
    buf_init(&text, SNAPSHOT_BYTES);
    measure(m);
    tell_journal(m);
    if (metrics_write(m->metrics, &text) < 0) {
        LOG_W("metrics exceed their bound", NULL);
    }
    serve_publish(m->serve, &(struct serve_snapshot){
                                .not_ready = m->not_ready,
                                .metrics = buf_str(&text),
                                .state = state_text(&a, m),
                            });
    loop_stage(m->loop, NULL, NULL, NULL);
    loop_timer_in(m->loop, &m->publish, PUBLISH_MS, publish, m);
}

/* A standby is ready: it takes over at once. */
static void check_ready(struct manager *m)
{
    const struct kind *waiting = NULL;
    const char *now = m->stopping                           ? "stopping\n"
                      : shell_is_synced(m->shell, &waiting) ? ""
                                                            : "lists are not complete yet\n";
    if (now != m->not_ready) {
        m->not_ready = now;
        publish(m);
    }
}

/* --- the loop ----------------------------------------------------------------------------------
 */

static void stop(struct manager *m, int status)
{
    m->status = status;
    loop_stop(m->loop);
}

static void follow_lease(struct manager *m)
{
    enum lease_state now = m->lease != NULL ? lease_state(m->lease) : m->lease_was;
    if (now == m->lease_was) {
        return;
    }
    m->lease_was = now;
    if (now == LEASE_HELD) {
        LOG_I("leading", "lease", m->program->name, "identity", m->instance, NULL);
        shell_act(m->shell, !m->stopping);
    } else if (now == LEASE_LOST) {
        LOG_E("the lease is lost", "holder", lease_holder(m->lease), "error",
              lease_trouble(m->lease), NULL);
        shell_act(m->shell, false);
        stop(m, EXIT_LOST);
    }
}

/* Passes end, Events go out, the lease is given away, then the loop stops. */
static void go_down(struct manager *m)
{
    struct events_stats ev;
    const struct transport *t = metered_transport(m->metered);
    bool late = t->boot_ms(t->self) >= m->stop_by_ms;
    events_stats(m->events, &ev);
    if (!late && (shell_in_flight(m->shell) > 0 || ev.in_flight > 0)) {
        return;
    }
    if (!m->released && m->lease != NULL) {
        m->released = true;
        lease_release(m->lease);
    }
    if (late || m->lease == NULL || lease_is_quiet(m->lease)) {
        LOG_I("stopped", NULL);
        stop(m, 0);
    }
}

static void on_wake(void *ctx UNUSED)
{
}

static void on_idle(void *ctx)
{
    struct manager *m = ctx;
    serve_beat(m->serve);
    int64_t lease_due = m->lease != NULL && !m->released ? lease_step(m->lease) : 0;
    follow_lease(m);
    int64_t due = shell_step(m->shell);
    due = lease_due > 0 && (due == 0 || lease_due < due) ? lease_due : due;
    check_ready(m);
    if (m->stopping) {
        go_down(m);
        due = due == 0 || m->stop_by_ms < due ? m->stop_by_ms : due;
    }
    if (due > 0) {
        loop_timer_at(m->loop, &m->step, due, on_wake, m);
    } else {
        loop_timer_clear(m->loop, &m->step);
    }
}

static void on_signal(void *ctx, int signo)
{
    struct manager *m = ctx;
    if (m->stopping) {
        stop(m, 128 + signo); /* asked twice */
        return;
    }
    LOG_I("stopping", "signal", strsignal(signo), NULL);
    struct transport *t = metered_transport(m->metered);
    m->stopping = true;
    m->stop_by_ms = t->boot_ms(t->self) + limit(LIMIT_SHUTDOWN_MS);
    shell_act(m->shell, false);
}

/* --- life --------------------------------------------------------------------------------------
 */

static void name_instance(struct manager *m, uint64_t *ret_seed)
{
    char host[100] = "localhost";
    const char *pod = getenv("POD_NAME");
    gethostname(host, sizeof(host) - 1);
    if (getrandom(ret_seed, sizeof(*ret_seed), 0) != sizeof(*ret_seed)) {
        *ret_seed = (uint64_t)getpid();
    }
    snprintf(m->instance, sizeof(m->instance), "%.100s_%016" PRIx64, str_empty(pod) ? host : pod,
             *ret_seed);
}

static int start_api(struct manager *m, struct err *e)
{
    char agent[128], controller[128];
    name_instance(m, &m->seed);
    snprintf(agent, sizeof(agent), "%s%s/%s", m->program->prefix, m->program->name,
             m->program->version);
    snprintf(controller, sizeof(controller), "%s/%s", m->program->domain, m->program->name);
    m->client = client_new(m->loop, m->o.kubeconfig, m->o.context, agent, e);
    if (m->client == NULL) {
        return -1;
    }
    client_watches_share(m->client, m->o.watch_http2);
    m->metered = metered_new(client_transport(m->client), m->metrics, client_server(m->client));
    struct transport *t = metered_transport(m->metered);
    m->events = events_new(t, controller, m->instance);
    if (m->o.leader_elect) {
        m->lease = lease_new(t, &(struct lease_conf){.ns = m->o.lease_namespace,
                                                     .name = m->program->name,
                                                     .identity = m->instance,
                                                     .seed = m->seed});
    }
    if (m->o.poison_file != NULL) {
        m->quarantine = quarantine_open(m->o.poison_file, t->wall_ms(t->self), e);
        return m->quarantine != NULL ? 0 : -1;
    }
    return 0;
}

static void on_dump(void *ctx, int signo UNUSED)
{
    struct manager *m = ctx;
    if (journal_dump(m->o.dump_cache, m->program, m->caches) < 0) {
        LOG_W("the cached objects can not be written", "file", m->o.dump_cache, NULL);
    }
}

static int start_shell(struct manager *m, struct err *e)
{
    size_t n;
    struct transport *t = metered_transport(m->metered);
    m->caches = caches_new();
    if (m->o.record != NULL) {
        m->journal = journal_open(m->o.record, m->o.record_bytes, m->program, m->caches, e);
        if (m->journal == NULL) {
            return -1;
        }
    }
    m->shell = shell_new(&(struct shell_conf){.transport = t,
                                              .caches = m->caches,
                                              .program = m->program,
                                              .metrics = m->metrics,
                                              .lease = m->lease,
                                              .quarantine = m->quarantine,
                                              .events = m->o.dry_run ? NULL : m->events,
                                              .dry_run = m->o.dry_run,
                                              .journal = m->journal,
                                              .loop = m->loop,
                                              .seed = m->seed},
                         e);
    if (m->shell == NULL) {
        return -1;
    }
    const struct watch *const *ws = shell_watches(m->shell, &n);
    struct watch_sink sink = shell_sink(m->shell);
    m->watchers = mem_alloc((n + 1) * sizeof(struct watcher *));
    for (m->watcher_count = 0; m->watcher_count < n; m->watcher_count++) {
        const struct watch *w = ws[m->watcher_count];
        m->watchers[m->watcher_count] =
            watcher_new(m->loop, t, m->caches, w->kind, w->selector, w->ns, &sink);
        if (shell_is_optional(m->shell, w->kind)) {
            watcher_optional(m->watchers[m->watcher_count]);
        }
        if (!m->o.json) {
            watcher_protobuf(m->watchers[m->watcher_count]);
        }
    }
    return 0;
}

static int start(struct manager *m, struct err *e)
{
    const struct rlimit none = {0, 0};
    char port[16];
    setrlimit(RLIMIT_CORE, &none);
    m->loop = loop_new();
    m->metrics = metrics_new();
    loop_signal(m->loop, SIGTERM, on_signal, m);
    loop_signal(m->loop, SIGINT, on_signal, m);
    if (m->o.dump_cache != NULL) {
        loop_signal(m->loop, SIGUSR1, on_dump, m);
    }
    if (start_api(m, e) < 0 || start_shell(m, e) < 0) {
        return -1;
    }
    m->serve = serve_start(m->o.listen, e);
    if (m->serve == NULL) {
        return -1;
    }
    snprintf(port, sizeof(port), "%d", serve_port(m->serve));
    LOG_I("started", "version", m->program->version, "server", client_server(m->client), "port",
          port, NULL);
    metrics_set(m->metrics, &build, 1, m->program->name, m->program->version, NULL);
    for (size_t i = 0; i < m->watcher_count; i++) {
        watcher_start(m->watchers[i]);
    }
    shell_act(m->shell, m->lease == NULL);
    check_ready(m);
    loop_idle(m->loop, on_idle, m);
    return 0;
}

/* The client goes before those who wait for its replies: none comes any more. */
static void finish(struct manager *m)
{
    serve_stop(m->serve);
    for (size_t i = 0; i < m->watcher_count; i++) {
        watcher_free(m->watchers[i]);
    }
    if (m->client != NULL) {
        client_free(m->client);
    }
    shell_free(m->shell);
    events_free(m->events);
    lease_free(m->lease);
    metered_free(m->metered);
    quarantine_close(m->quarantine);
    journal_close(m->journal);
    if (m->caches != NULL) {
        caches_free(m->caches);
    }
    metrics_free(m->metrics);
    loop_free(m->loop);
    mem_free(m->watchers);
}

static struct program with_defaults(const struct program *p)
{
    struct program q = *p;
    q.prefix = q.prefix != NULL ? q.prefix : "dkube-";
    q.domain = q.domain != NULL ? q.domain : "dkube.io";
    q.version = q.version != NULL ? q.version : DKUBE_VERSION;
    return q;
}

/* A journal's environment may be another than ours: then we begin anew with it. */
static int replay(const struct manager *m, char **argv)
{
    struct replay r;
    struct err e = {0};
    bool changed = false;
    if (replay_env(m->program, m->o.replay, &changed, &e) < 0) {
        fprintf(stderr, "%s: %s\n", m->program->name, e.text);
        return EXIT_USAGE;
    }
    if (changed) {
        execv("/proc/self/exe", argv);
    }
    if (replay_run(m->program, m->o.replay, stdout, &r, &e) < 0) {
        fprintf(stderr, "%s: %s\n", m->program->name, e.text);
        return EXIT_USAGE;
    }
    printf("%zu plans, %zu changed, %zu left out%s\n", r.plans, r.changed, r.skipped,
           r.unfinished ? ", the last one was not finished when it was recorded" : "");
    return r.changed == 0 ? 0 : 1;
}

int manager_main(int argc, char **argv, const struct program *p)
{
    struct manager m = {.given = with_defaults(p), .lease_was = LEASE_WAITING};
    m.program = &m.given;
    rec_set_own_managers(m.given.prefix);
    struct err e = {0};
    int bad = options_parse(&m.o, argc, argv, p, &e);
    log_init(p->name, m.o.log_level, m.o.log_json);
    if (bad < 0) {
        fprintf(stderr, "%s: %s\n", p->name, e.text);
        return EXIT_USAGE;
    }
    if (m.o.help || m.o.version) {
        if (m.o.help) {
            options_help(p);
        } else {
            printf("%s %s\n", p->name, m.given.version);
        }
        return 0;
    }
    if (m.o.replay != NULL) {
        return replay(&m, argv);
    }
    limits_scale(m.o.scale_timeouts);
    if (start(&m, &e) < 0) {
        LOG_E("cannot start", "reason", e.reason, "error", e.text, NULL);
        finish(&m);
        return EXIT_USAGE;
    }
    loop_run(m.loop);
    finish(&m);
    return m.status;
}
