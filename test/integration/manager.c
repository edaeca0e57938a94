/*
 * manager.c — a whole controller program through manager_main against a real API server: it starts,
 * acts once, writes nothing twice, hands over, stops and survives its own crashes. KUBECONFIG must
 * be the one of a control plane that hack/envtest made.
 *
 * The program under test copies each root ConfigMap (label manager-test=root) into a child it owns.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/kinds.gen.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/span.h"
#include "json/jsonw.h"
#include "kube/client.h"
#include "kube/controller.h"
#include "support/fetch.h"
#include "support/plane.h"
#include "support/spec.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define LEASE "/apis/coordination.k8s.io/v1/namespaces/default/leases/copier"
#define FINALIZER "dkube.io/manager-test"

/* --- the program under test --------------------------------------------------------------------
 */

struct copy_view {
    const struct rec *root, *child;
};

static bool copy_gather(struct arena *a UNUSED, const struct caches *c, const struct pass *pass,
                        void *view)
{
    struct copy_view *v = view;
    char child[256];
    snprintf(child, sizeof(child), "%.200s-copy", pass->key.name);
    v->root = cache_get(c, &kind_configmap, pass->key.ns, pass->key.name);
    v->child = cache_get(c, &kind_configmap, pass->key.ns, child);
    return v->root != NULL;
}

static const char *copy_body(struct plan *p, const struct copy_view *v)
{
    struct jsonw w;
    jsonw_init(&w, p->a);
    jsonw_obj(&w, NULL);
    jsonw_obj(&w, "metadata");
    jsonw_fmt(&w, "name", "%s-copy", rec_name(v->root));
    jsonw_str(&w, "namespace", rec_namespace(v->root));
    jsonw_obj(&w, "labels");
    jsonw_str(&w, "manager-test", "child");
    jsonw_end(&w);
    jsonw_arr(&w, "ownerReferences");
    jsonw_obj(&w, NULL);
    jsonw_str(&w, "apiVersion", "v1");
    jsonw_str(&w, "kind", "ConfigMap");
    jsonw_str(&w, "name", rec_name(v->root));
    jsonw_str(&w, "uid", rec_uid(v->root));
    jsonw_bool(&w, "controller", true);
    jsonw_end(&w);
    jsonw_end(&w);
    jsonw_end(&w);
    jsonw_json(&w, "data", configmap_data(v->root, p->a));
    jsonw_end(&w);
    return jsonw_text(&w);
}

static void copy_plan(const void *view, struct plan *p)
{
    const struct copy_view *v = view;
    const char *poison = json_str(configmap_data(v->root, p->a), "poison", NULL);
    if (poison != NULL) {
        abort();
    }
    if (!rec_has_finalizer(v->root, FINALIZER) && !rec_is_deleted(v->root)) {
        plan_finalizer_add(p, &kind_configmap, v->root, FINALIZER);
    } else if (!rec_is_deleted(v->root)) {
        if (v->child == NULL) {
            plan_event(p, &kind_configmap, v->root, EVENT_NORMAL, "Copied", "copied to a child");
        }
        plan_apply(p, &kind_configmap, v->child, rec_uid(v->root), copy_body(p, v));
    } else if (v->child != NULL) {
        plan_delete(p, &kind_configmap, v->child, -1);
    } else {
        plan_finalizer_drop(p, &kind_configmap, v->root, FINALIZER);
    }
}

static void map_copy(struct enqueuer *q, const struct caches *c, const struct rec *old,
                     const struct rec *now)
{
    bool child = str_eq(rec_label(now != NULL ? now : old, "manager-test"), "child");
    (child ? map_owner : map_self)(q, c, old, now);
}

static const struct watch copy_watches[] = {
    {.kind = &kind_configmap, .selector = "manager-test", .map = map_copy}};
static const struct controller copier = {.name = "copier",
                                         .root = &kind_configmap,
                                         .watches = copy_watches,
                                         .watch_count = ARRAY_LEN(copy_watches),
                                         .view_size = sizeof(struct copy_view),
                                         .gather = copy_gather,
                                         .plan = copy_plan};

/* One of a kind that is not served at first. */
static bool idle_gather(struct arena *a UNUSED, const struct caches *c UNUSED,
                        const struct pass *pass UNUSED, void *view UNUSED)
{
    return false;
}

static void idle_plan(const void *view UNUSED, struct plan *p UNUSED)
{
}

static const struct watch idle_watches[] = {{.kind = &kind_pool, .map = map_self}};
static const struct controller idler = {.name = "idler",
                                        .root = &kind_pool,
                                        .watches = idle_watches,
                                        .watch_count = ARRAY_LEN(idle_watches),
                                        .gather = idle_gather,
                                        .plan = idle_plan};

/* One of a kind that comes and goes. */
static const struct watch guest_watches[] = {
    {.kind = &kind_user, .map = map_self, .optional = true}, {.kind = &kind_secret}};
static const struct controller host = {.name = "host",
                                       .root = &kind_user,
                                       .watches = guest_watches,
                                       .watch_count = ARRAY_LEN(guest_watches),
                                       .gather = idle_gather,
                                       .plan = idle_plan};

static int program_main(int port, const char *poison_file)
{
    static const struct controller *const list[] = {&copier, &idler, &host};
    static const struct program program = {
        .name = "copier", .controllers = list, .count = ARRAY_LEN(list)};
    char listen[64], poison[256];
    snprintf(listen, sizeof(listen), "--listen=127.0.0.1:%d", port);
    snprintf(poison, sizeof(poison), "--poison-file=%s", poison_file);
    char *argv[] = {(char *)"copier",
                    listen,
                    poison,
                    (char *)"--leader-elect",
                    (char *)"--lease-namespace=default",
                    (char *)"--scale-timeouts=5",
                    (char *)"--log-level=warn",
                    NULL};
    return manager_main((int)ARRAY_LEN(argv) - 1, argv, &program);
}

/* --- running it --------------------------------------------------------------------------------
 */

struct process {
    pid_t pid;
    int port;
};
static struct arena a;
static char poison_path[64];
static pid_t running[8]; /* what a failed test may leave behind */

static struct process started(void)
{
    struct process p = {.port = free_port()};
    snprintf(poison_path, sizeof(poison_path), "/tmp/dkube-manager-test-%d", (int)getpid());
    fflush(NULL);
    p.pid = fork();
    if (p.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(program_main(p.port, poison_path));
    }
    for (size_t i = 0; i < ARRAY_LEN(running); i++) {
        if (running[i] == 0) {
            running[i] = p.pid;
            return p;
        }
    }
    fail_msg("too many processes");
    return p;
}

static void forget(pid_t pid)
{
    for (size_t i = 0; i < ARRAY_LEN(running); i++) {
        running[i] = running[i] == pid ? 0 : running[i];
    }
}

static void given_nothing_runs(void)
{
    for (size_t i = 0; i < ARRAY_LEN(running); i++) {
        if (running[i] != 0) {
            kill(running[i], SIGKILL);
            waitpid(running[i], NULL, 0);
            running[i] = 0;
        }
    }
    arena_reset(&a);
}

/* Its exit status, or 128 + the signal. */
static int ended(struct process *p)
{
    int status = 0;
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    forget(p->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int stopped(struct process *p, int signo)
{
    kill(p->pid, signo);
    return ended(p);
}

static bool shows(const struct process *p, const char *path, const char *what)
{
    return strstr(fetch(&a, p->port, "GET", path), what) != NULL;
}

#define eventually(condition)                                \
    do {                                                     \
        int64_t until_ = clock_boot_ms() + 20000;            \
        while (!(condition)) {                               \
            if (clock_boot_ms() > until_) {                  \
                fail_msg("not within 20 s: %s", #condition); \
            }                                                \
            usleep(50000);                                   \
        }                                                    \
    } while (0)

static bool leads(const struct process *p)
{
    return shows(p, "/debug/state", "\"leads\":true");
}

/* --- an outsider -------------------------------------------------------------------------------
 */

/* The reply's body; "" for an error. A loop and a client of its own each time: they are cheap. */
static const char *call(const char *method, const char *path, const char *body)
{
    struct err e = {0};
    const char *text = "";
    size_t n;
    struct loop *l = loop_new();
    struct client *c = client_new(l, NULL, NULL, "outsider", &e);
    struct http_request r = {.method = method, .path = path, .body = body};
    if (c == NULL) {
        fail_msg("%s", e.text);
    }
    if (body != NULL) {
        r.body_len = strlen(body);
        r.content_type = strcmp(method, "PATCH") == 0 ? "application/merge-patch+json"
                         : body[0] == '{'             ? "application/json"
                                                      : "application/yaml";
    }
    if (client_wait(c, &a, &r, &text, &n, &e) < 0) {
        text = "";
    }
    client_free(c);
    loop_free(l);
    return text;
}

static void given_a_root(const char *name, const char *data)
{
    call("POST", MAPS,
         arena_printf(&a,
                      "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"manager-test\":\"root\"}},"
                      "\"data\":{%s}}",
                      name, data));
}

static bool has(const char *path, const char *what)
{
    return strstr(call("GET", path, NULL), what) != NULL;
}

static bool is_gone(const char *path)
{
    return call("GET", path, NULL)[0] == '\0';
}

static const char *version(const char *path)
{
    const struct json *j = NULL;
    struct err e;
    const char *text = call("GET", path, NULL);
    assert_ok(json_parse(&a, text, strlen(text), &j, &e), &e);
    return json_str(j, "metadata.resourceVersion", "");
}

/* --- the sentences (they run in the order of the file or its reverse: each stands alone) -------
 */

TEST(a_root_gets_its_finalizer_its_child_and_an_event)
{
    given_nothing_runs();
    struct process p = started();
    given_a_root("one", "\"k\":\"v1\"");
    eventually(has(MAPS "/one-copy", "\"k\":\"v1\""));
    assert_true(has(MAPS "/one", FINALIZER));
    eventually(has("/apis/events.k8s.io/v1/namespaces/default/events", "copied to a child"));
    call("PATCH", MAPS "/one", "{\"data\":{\"k\":\"v2\"}}");
    eventually(has(MAPS "/one-copy", "\"k\":\"v2\""));
    call("DELETE", MAPS "/one", NULL);
    eventually(is_gone(MAPS "/one-copy") && is_gone(MAPS "/one"));
    assert_int_equal(stopped(&p, SIGTERM), 0);
}

TEST(a_child_that_somebody_deletes_comes_back)
{
    given_nothing_runs();
    struct process p = started();
    given_a_root("two", "\"k\":\"v\"");
    eventually(has(MAPS "/two-copy", "\"k\":\"v\""));
    call("DELETE", MAPS "/two-copy", NULL);
    eventually(has(MAPS "/two-copy", "\"k\":\"v\""));
    assert_int_equal(stopped(&p, SIGTERM), 0);
}

TEST(a_restart_over_settled_objects_writes_nothing)
{
    given_nothing_runs();
    struct process p = started();
    given_a_root("three", "\"k\":\"v\"");
    eventually(has(MAPS "/three-copy", "\"k\":\"v\""));
    assert_int_equal(stopped(&p, SIGTERM), 0);
    const char *root = version(MAPS "/three"), *child = version(MAPS "/three-copy");
    p = started();
    eventually(shows(&p, "/metrics", "dkube_writes_skipped_total{controller=\"copier\"}"));
    assert_false(shows(&p, "/metrics", "dkube_writes_total{"));
    assert_string_equal(version(MAPS "/three"), root);
    assert_string_equal(version(MAPS "/three-copy"), child);
    assert_int_equal(stopped(&p, SIGTERM), 0);
}

TEST(a_program_that_stops_gives_its_lease_away)
{
    given_nothing_runs();
    struct process p = started();
    eventually(leads(&p));
    assert_int_equal(stopped(&p, SIGTERM), 0);
    assert_true(has(LEASE, "\"leaseDurationSeconds\":1"));
    assert_true(has(LEASE, "\"holderIdentity\":\"\""));
    struct process next = started();
    eventually(leads(&next));
    assert_int_equal(stopped(&next, SIGTERM), 0);
}

TEST(a_standby_is_ready_writes_nothing_and_takes_over_from_a_killed_leader)
{
    given_nothing_runs();
    struct process leader = started();
    eventually(leads(&leader));
    struct process standby = started();
    eventually(shows(&standby, "/debug/state", "\"kind\":\"ConfigMap\",\"synced\":true"));
    assert_false(leads(&standby));
    assert_int_equal(stopped(&leader, SIGKILL), 128 + SIGKILL);
    given_a_root("four", "\"k\":\"v\"");
    eventually(has(MAPS "/four-copy", "\"k\":\"v\""));
    eventually(leads(&standby));
    assert_int_equal(stopped(&standby, SIGTERM), 0);
}

TEST(a_leader_that_slept_past_its_lease_exits_and_writes_nothing)
{
    given_nothing_runs();
    struct process leader = started();
    eventually(leads(&leader));
    kill(leader.pid, SIGSTOP);
    struct process next = started();
    eventually(leads(&next));
    kill(leader.pid, SIGCONT);
    assert_int_equal(ended(&leader), 1);
    eventually(leads(&next));
    assert_int_equal(stopped(&next, SIGTERM), 0);
}

TEST(an_object_that_ends_the_process_twice_is_set_aside_and_the_others_go_on)
{
    given_nothing_runs();
    unlink(poison_path);
    given_a_root("bad", "\"poison\":\"yes\"");
    for (int i = 0; i < 2; i++) {
        struct process p = started();
        assert_int_equal(ended(&p), 128 + SIGABRT);
    }
    struct process p = started();
    given_a_root("five", "\"k\":\"v\"");
    eventually(has(MAPS "/five-copy", "\"k\":\"v\""));
    eventually(has("/apis/events.k8s.io/v1/namespaces/default/events", "\"Quarantined\""));
    eventually(shows(&p, "/metrics", "dkube_quarantined_total{controller=\"copier\"} 1"));
    call("DELETE", MAPS "/bad", NULL);
    assert_int_equal(stopped(&p, SIGTERM), 0);
    unlink(poison_path);
}

TEST(a_kind_that_is_not_served_yet_holds_up_only_its_own_controller)
{
    given_nothing_runs();
    struct process p = started();
    eventually(shows(&p, "/debug/state", "\"name\":\"copier\",\"started\":true"));
    assert_true(shows(&p, "/debug/state", "\"name\":\"idler\",\"started\":false"));
    assert_true(shows(&p, "/readyz", "503"));
    assert_true(shows(&p, "/healthz", "200"));
    assert_int_equal(stopped(&p, SIGTERM), 0);
}

#define CRDS "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
#define USERS "/apis/dkube.io/v1alpha1/users"
#define USER_STATE(n) "\"kind\":\"User\",\"synced\":true,\"steady\":true,\"objects\":" n

static void users_come(void)
{
    call("POST", CRDS, plane_file(&a, "crds/user.yaml"));
    eventually(!is_gone(USERS));
    eventually(call("POST", USERS,
                    "{\"apiVersion\":\"dkube.io/v1alpha1\",\"kind\":\"User\",\"metadata\":"
                    "{\"name\":\"ann\"},\"spec\":{\"username\":\"ann\",\"roles\":"
                    "[\"operator\"]}}")[0] != '\0');
}

TEST(an_optional_kind_is_watched_while_its_definition_is_there)
{
    given_nothing_runs();
    struct process p = started();
    eventually(shows(&p, "/debug/state", "\"name\":\"host\",\"started\":true"));
    assert_true(shows(&p, "/debug/state", USER_STATE("0")));
    users_come();
    eventually(shows(&p, "/debug/state", USER_STATE("1")));
    call("DELETE", CRDS "/users.dkube.io", NULL);
    eventually(shows(&p, "/debug/state", USER_STATE("0")));
    eventually(is_gone(USERS));
    users_come();
    eventually(shows(&p, "/debug/state", USER_STATE("1")));
    call("DELETE", CRDS "/users.dkube.io", NULL);
    eventually(is_gone(USERS));
    assert_int_equal(stopped(&p, SIGTERM), 0);
}

/* The process's memory is looked through for a value that only the Secret holds. */
static bool remembers(pid_t pid, const char *what)
{
    static char piece[1 << 20];
    char path[64], line[256];
    bool found = false;
    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "re");
    snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
    int mem = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(maps != NULL && mem >= 0);
    while (!found && fgets(line, sizeof(line), maps) != NULL) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx rw", &from, &to) == 2 && strstr(line, " rw-p ") != NULL) {
            for (; from < to && !found; from += sizeof(piece) / 2) {
                size_t n = to - from < sizeof(piece) ? to - from : sizeof(piece);
                ssize_t got = pread(mem, piece, n, (off_t)from);
                found = got > 0 && memmem(piece, (size_t)got, what, strlen(what)) != NULL;
            }
        }
    }
    fclose(maps);
    close(mem);
    return found;
}

TEST(of_watched_secrets_no_value_reaches_the_process)
{
    given_nothing_runs();
    struct process p = started(); /* before this process has seen the value, for it is its copy */
    eventually(shows(&p, "/debug/state", "\"kind\":\"Secret\",\"synced\":true"));
    call("POST", "/api/v1/namespaces/default/secrets",
         "{\"metadata\":{\"name\":\"far-away-name\"},\"stringData\":{\"k\":"
         "\"far-away-value\"}}");
    eventually(remembers(p.pid, "far-away-name"));
    assert_false(remembers(p.pid, "ZmFyLWF3YXktdmFsdW")); /* the value, as it would come */
    assert_int_equal(stopped(&p, SIGTERM), 0);
    call("DELETE", "/api/v1/namespaces/default/secrets/far-away-name", NULL);
}

/* Passes and Events end before the Lease is given away. */
TEST(the_lease_is_given_away_after_the_last_write)
{
    given_nothing_runs();
    struct process p = started();
    eventually(leads(&p));
    for (int i = 0; i < 30; i++) {
        given_a_root(arena_printf(&a, "last-%d", i), "\"k\":\"v\"");
    }
    assert_int_equal(stopped(&p, SIGTERM), 0);
    assert_true(has(LEASE, "\"holderIdentity\":\"\""));
    const char *end = version(LEASE);
    int written = 0;
    for (int i = 0; i < 30; i++) {
        const char *copy = arena_printf(&a, MAPS "/last-%d-copy", i);
        if (!is_gone(copy)) {
            assert_true(rv_compare(version(copy), end) < 0);
            written++;
        }
    }
    assert_true(written > 0);
}

/* Each served metric stands in the document, with its help. */
TEST(the_reference_lists_every_metric_that_is_served)
{
    given_nothing_runs();
    const char *doc = plane_file(&a, "docs/reference/metrics.md");
    struct process p = started();
    int metrics = 0;
    eventually(shows(&p, "/metrics", "dkube_passes_in_flight 0"));
    const char *at = fetch(&a, p.port, "GET", "/metrics");
    while ((at = strstr(at, "# HELP ")) != NULL) {
        at += strlen("# HELP ");
        size_t name = strcspn(at, " "), line = strcspn(at, "\n");
        const char *row = arena_printf(&a, "| `%.*s` |", (int)name, at);
        const char *help = arena_printf(&a, " | %.*s |", (int)(line - name - 1), at + name + 1);
        if (strstr(doc, row) == NULL || strstr(doc, help) == NULL) {
            fail_msg("docs/reference/metrics.md does not say: %.*s", (int)line, at);
        }
        metrics++;
    }
    assert_in_range(metrics, 20, 100);
    assert_int_equal(stopped(&p, SIGTERM), 0);
}

/* What boards for controller-runtime ask for. */
TEST(boards_made_for_controller_runtime_find_their_metrics)
{
    static const char *const asked[] = {
        "controller_runtime_reconcile_total{controller=\"copier\",result=\"requeue_after\"} 0",
        "controller_runtime_reconcile_errors_total{controller=\"copier\"}",
        "controller_runtime_terminal_reconcile_errors_total{controller=\"copier\"}",
        "controller_runtime_reconcile_panics_total{controller=\"copier\"}",
        "controller_runtime_reconcile_timeouts_total{controller=\"copier\"}",
        "controller_runtime_reconcile_time_seconds_bucket{controller=\"copier\",le=\"0.005\"}",
        "controller_runtime_max_concurrent_reconciles{controller=\"copier\"}",
        "controller_runtime_active_workers{controller=\"copier\"}",
        "workqueue_depth{name=\"copier\",controller=\"copier\",priority=\"0\"}",
        "workqueue_depth{name=\"copier\",controller=\"copier\",priority=\"-100\"}",
        "workqueue_adds_total{name=\"copier\",controller=\"copier\"}",
        "workqueue_retries_total{name=\"copier\",controller=\"copier\"}",
        "workqueue_queue_duration_seconds_bucket{name=\"copier\",controller=\"copier\",le=",
        "workqueue_work_duration_seconds_bucket{name=\"copier\",controller=\"copier\",le=",
        "workqueue_unfinished_work_seconds{name=\"copier\",controller=\"copier\"}",
        "workqueue_longest_running_processor_seconds{name=\"copier\",controller=\"copier\"}",
        "rest_client_requests_total{code=\"201\",method=\"POST\",host=",
        "rest_client_request_duration_seconds_bucket{verb=\"POST\",host=",
        "rest_client_request_size_bytes_sum{verb=\"POST\",host=",
        "rest_client_response_size_bytes_sum{verb=\"POST\",host=",
        "leader_election_master_status{name=\"copier\"} 1",
        "process_resident_memory_bytes",
        "process_cpu_seconds_total",
        "process_open_fds",
        "process_start_time_seconds",
    };
    given_nothing_runs();
    struct process p = started();
    given_a_root("boards", "\"k\":\"v\"");
    eventually(has(MAPS "/boards-copy", "\"k\":\"v\""));
    eventually(shows(&p, "/metrics", "workqueue_work_duration_seconds_bucket{name=\"copier\""));
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        if (!shows(&p, "/metrics", asked[i])) {
            fail_msg("/metrics has no %s", asked[i]);
        }
    }
    call("DELETE", MAPS "/boards", NULL);
    eventually(is_gone(MAPS "/boards"));
    assert_int_equal(stopped(&p, SIGTERM), 0);
}

TEST(the_state_tells_the_age_of_each_watch)
{
    given_nothing_runs();
    struct process p = started();
    eventually(shows(&p, "/debug/state",
                     "\"watches\":[{\"kind\":\"ConfigMap\",\"selector\":"
                     "\"manager-test\",\"relisting\":false"));
    assert_true(shows(&p, "/debug/state", "\"silentMs\":"));
    assert_int_equal(stopped(&p, SIGTERM), 0);
}

TEST(help_and_mistakes_are_answered_without_a_server)
{
    static const struct program program = {.name = "copier"};
    char *wrong[] = {(char *)"copier", (char *)"--no-such-thing", NULL};
    char *level[] = {(char *)"copier", (char *)"--log-level=loud", NULL};
    char *missing[] = {(char *)"copier", (char *)"--kubeconfig", NULL};
    char *file[] = {(char *)"copier", (char *)"--kubeconfig=/nonexistent", NULL};
    assert_int_equal(manager_main(2, wrong, &program), 2);
    assert_int_equal(manager_main(2, level, &program), 2);
    assert_int_equal(manager_main(2, missing, &program), 2);
    assert_int_equal(manager_main(2, file, &program), 2);
}

SPEC_MAIN()
