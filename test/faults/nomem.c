/* Memory that runs out: each allocation of a piece of work fails, those of libraries too; once, and
 * from then on. The process ends with one line and code 70, or the result is the same as ever;
 * never a crash and never another result. Each try is a child. Not for sanitizers: they own the
 * heap. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/kinds.gen.h"
#include "api/scan.h"
#include "base/attr.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "base/span.h"
#include "controllers/user/user.h"
#include "kube/client.h"
#include "kube/config.h"
#include "kube/exec.h"
#include "kube/queue.h"
#include "support/spec.h"
#include "support/web.h"
#include "support/world.h"
#include "yaml/yaml.h"

/* --- the heap, counted -------------------------------------------------------------------------
 */

static struct {
    bool on, ever; /* counting; failing from `at` on, not once */
    long count, at;
} heap;

static bool fails(void)
{
    if (!heap.on) {
        return false;
    }
    heap.count++;
    return heap.at > 0 && (heap.ever ? heap.count >= heap.at : heap.count == heap.at);
}

/* --- the works ----------------------------------------------------------------------------------
 */

static const char text_of_run[] =
    "{\"metadata\":{\"name\":\"r\",\"namespace\":\"n\",\"uid\":\"u\",\"resourceVersion\":\"7\","
    "\"labels\":{\"a\":\"b\",\"c\":\"d\"},\"finalizers\":[\"f\"]},\"spec\":{\"image\":\"i\","
    "\"command\":[\"x\",\"y\"],\"parameters\":[{\"name\":\"p\",\"value\":\"1\"}],\"gpus\":2,"
    "\"owner\":\"o\"},\"status\":{\"phase\":\"Queued\",\"conditions\":[{\"type\":\"Ready\","
    "\"status\":\"False\",\"lastTransitionTime\":\"2026-01-02T03:04:05Z\"}]}}";

static const char text_of_config[] =
    "current-context: m\ncontexts: [{name: m, context: {cluster: c, user: u}}]\n"
    "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority-data: aGVsbG8=}}]\n"
    "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./x,"
    " args: [a, b], env: [{name: N, value: v}]}}}]\n";

/* The result of a work is a text; NULL: an error that may be. */
typedef const char *work_fn(struct arena *a);

static const char *of_json(struct arena *a)
{
    const struct json *j;
    struct err e;

    return json_parse(a, text_of_run, strlen(text_of_run), &j, &e) == 0 ? json_text(a, j)
                                                                        : arena_strdup(a, e.text);
}

static const char *of_yaml(struct arena *a)
{
    const struct json *j;
    struct err e;
    int r = yaml_parse(a, text_of_config, strlen(text_of_config), &j, &e);

    return r == 0 ? json_text(a, j) : arena_strdup(a, e.text);
}

static const char *digest(struct arena *a, const void *p, size_t n)
{
    char hex[SHA256_HEX];

    sha256_hex(p, n, hex);
    return arena_strdup(a, hex);
}

static const char *of_a_record(struct arena *a)
{
    const struct json *j;
    const struct rec *r;
    uint32_t size;
    struct err e;

    if (json_parse(a, text_of_run, strlen(text_of_run), &j, &e) < 0 ||
        rec_build(a, kind_dkuberun.rows, j, &r, &size, &e) < 0) {
        return arena_strdup(a, e.text);
    }
    return digest(a, r, size);
}

static const char *of_a_scan(struct arena *a)
{
    const struct scan_part part = {"", kind_dkuberun.rows};
    struct span chunk = {text_of_run, sizeof text_of_run - 1};
    const struct rec *r;
    uint32_t size = 0;
    struct err e;
    struct scan *s = scan_new(&part, 1, 1 << 20);
    bool ok = scan_feed(s, &chunk, &e) == 1 && scan_rec(s, 0, a, &r, &size, &e) == 0;

    scan_free(s);
    return ok ? digest(a, r, size) : arena_strdup(a, e.text);
}

static const char *of_a_cache(struct arena *a)
{
    struct caches *c = caches_new();
    struct cache_change change;
    const struct json *j;
    struct err e;

    caches_add_kind(c, &kind_dkuberun);
    for (int i = 0; i < 40; i++) {
        const char *text = arena_printf(a,
                                        "{\"metadata\":{\"name\":\"r%d\",\"namespace\":\"n%d\","
                                        "\"uid\":\"u%d\",\"resourceVersion\":\"%d\"}}",
                                        i, i % 3, i, i + 1);
        if (json_parse(a, text, strlen(text), &j, &e) < 0 ||
            cache_apply(c, &kind_dkuberun, j, &change, &e) < 0) {
            return arena_strdup(a, e.text);
        }
    }
    cache_begin_relist(c, &kind_dkuberun, false);
    size_t n = cache_sweep(c, &kind_dkuberun, NULL, NULL);
    caches_free(c);
    return arena_printf(a, "%zu", n);
}

static const char *of_a_queue(struct arena *a)
{
    struct queue *q = queue_new(2);
    struct queue_key got;
    const char *order = "";

    for (int i = 0; i < 100; i++) {
        struct queue_key k = {(unsigned)i % 2, "n", arena_printf(a, "k%d", i)};
        if (i % 3 == 0) {
            queue_add_at(q, &k, i);
        } else {
            queue_add(q, &k, 0, i % 5 == 0);
        }
    }
    while (queue_take(q, 1000, &got)) {
        order = arena_printf(a, "%s%s ", order, got.name);
    }
    queue_free(q);
    return order;
}

static const char *of_a_kubeconfig(struct arena *a)
{
    struct config c;
    struct err e;
    char path[32];
    int fd = memfd_create("kubeconfig", 0); /* nothing is left where the process ends for want */
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    bool ok = fd >= 0 && write(fd, text_of_config, sizeof text_of_config - 1) > 0 &&
              config_load(a, path, NULL, &c, &e) == 0;

    close(fd);
    return ok ? arena_printf(a, "%s %s %s %s", c.server, c.ca.text, c.exec->args[1],
                             c.exec->env[0].name)
              : arena_strdup(a, e.text);
}

static const char *of_a_refusal(struct arena *a)
{
    static const char body[] =
        "{\"kind\":\"Status\",\"reason\":\"AlreadyExists\",\"message\":\"m\"}";
    struct http_response r = {.status = 409, .body = body, .body_len = sizeof body - 1};
    struct err e = {0};

    int refused = kube_error(&r, "create", &e);

    return arena_printf(a, "%d %s %s", refused, refused < 0 ? e.reason : "", e.text);
}

static const char *of_credentials(struct arena *a)
{
    static const char out[] =
        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\","
        "\"status\":{\"token\":\"t\",\"expirationTimestamp\":\"2026-01-02T03:04:05Z\"}}";
    struct credentials c;
    struct err e;

    return exec_parse(a, out, sizeof out - 1, &c, &e) == 0 ? c.token : arena_strdup(a, e.text);
}

static const char *planned(struct arena *a, struct world *w)
{
    const char *text = "";

    for (size_t i = 0; i < w->plan.op_count; i++) {
        const struct op *op = &w->plan.ops[i];
        text = arena_printf(a, "%s%d %s %s\n", text, (int)op->verb, op->name,
                            op->body != NULL ? op->body : "");
    }
    world_done(w);
    return text;
}

static const char *of_a_users_pass(struct arena *a)
{
    struct world w;

    world_init(&w, &user_controller, NULL);
    put(&w, &kind_user,
        "{'metadata':{'name':'ada'},'spec':{'username':'ada@x','roles':['operator']}}");
    reconcile(&w, "", "ada");
    return planned(a, &w);
}

static void on_reply(void *ctx, const struct http_response *r)
{
    struct loop **l = ctx;

    heap.on = false;
    if (r->status != 0) {
        printf("%d", r->status);
    }
    loop_stop(*l);
}

static int port;

static const char *of_a_request(struct arena *a)
{
    struct loop *l = loop_new();
    struct http *h = http_new(
        l, &(struct http_identity){.base_url = arena_printf(a, "http://127.0.0.1:%d", port)});
    struct http_request r = {.method = "POST", .path = "/x", .body = "{}", .body_len = 2};

    r.timeout_ms = 2000;
    r.content_type = "application/json";
    http_send(h, &r, on_reply, &l);
    loop_run(l);
    http_free(h);
    loop_free(l);
    return "";
}

/* --- the tries ----------------------------------------------------------------------------------
 */

struct outcome {
    int status; /* of waitpid() */
    char out[8192], err[1024];
    long count;
};

static void slurp(int fd, char *text, size_t size)
{
    ssize_t n = read(fd, text, size - 1);
    text[n > 0 ? n : 0] = '\0';
    close(fd);
}

static void child(work_fn *work, long at, bool ever, int count)
{
    struct arena a = {0};

    heap.at = at;
    heap.ever = ever;
    heap.count = 0;
    heap.on = true;
    mem_denied = fails;
    const char *text = work(&a);
    heap.on = false;
    if (write(count, &heap.count, sizeof heap.count) < 0) {
        _exit(99);
    }
    fputs(text, stdout);
    fflush(stdout);
    _exit(0);
}

static struct outcome try(work_fn *work, long at, bool ever)
{
    struct outcome o = {0};
    int out[2], err[2], count[2];

    assert_true(pipe(out) == 0 && pipe(err) == 0 && pipe(count) == 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        static char room[1 << 16];
        setvbuf(stdout, room, _IOFBF, sizeof room); /* stdio itself allocates nothing */
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        child(work, at, ever, count[1]);
    }
    close(out[1]);
    close(err[1]);
    close(count[1]);
    slurp(out[0], o.out, sizeof o.out);
    slurp(err[0], o.err, sizeof o.err);
    if (read(count[0], &o.count, sizeof o.count) != (ssize_t)sizeof o.count) {
        o.count = 0;
    }
    close(count[0]);
    assert_int_equal(waitpid(pid, &o.status, 0), pid);
    return o;
}

static void judge(const struct outcome *o, const char *want, bool may_fail, long at, bool ever)
{
    static const char line[] = "level=error msg=\"out of memory, ending\"\n";
    const char *how = ever ? "on" : "";

    if (WIFEXITED(o->status) && WEXITSTATUS(o->status) == 70) {
        if (strcmp(o->err, line) != 0) {
            fail_msg("allocation %ld%s: it says '%s'", at, how, o->err);
        }
        return;
    }
    if (!WIFEXITED(o->status) || WEXITSTATUS(o->status) != 0) {
        fail_msg("allocation %ld%s: it ended with status %x and said '%s'", at, how,
                 (unsigned)o->status, o->err);
    }
    if (strcmp(o->out, want) != 0 && !(may_fail && *o->out == '\0')) {
        fail_msg("allocation %ld%s: the result is '%s' in place of '%s'", at, how, o->out, want);
    }
}

/* At most `most` tries of either kind: a long work is sampled. */
static void torture(work_fn *work, bool may_fail, int most)
{
    struct outcome whole = try(work, 0, false);
    long step;

    if (whole.status != 0 || whole.count == 0) {
        fail_msg("with memory enough it ended with %x and said '%s'", (unsigned)whole.status,
                 whole.err);
    }
    assert_string_not_equal(whole.out, "");
    step = whole.count / most + 1;
    for (long at = 1; at <= whole.count; at += step) {
        for (int ever = 0; ever < 2; ever++) {
            struct outcome o = try(work, at, ever);
            judge(&o, whole.out, may_fail, at, ever);
        }
    }
}

#define WORK(sentence, work)       \
    TEST(sentence)                 \
    {                              \
        torture(work, false, 400); \
    }

WORK(json_is_parsed_and_written_whole_or_not_at_all, of_json)
WORK(yaml_is_read_whole_or_not_at_all, of_yaml)
WORK(a_record_is_built_whole_or_not_at_all, of_a_record)
WORK(an_object_is_scanned_whole_or_not_at_all, of_a_scan)
WORK(a_cache_loses_nothing, of_a_cache)
WORK(a_queue_loses_nothing, of_a_queue)
WORK(a_kubeconfig_is_read_whole_or_not_at_all, of_a_kubeconfig)
WORK(a_refusal_is_read_whole_or_not_at_all, of_a_refusal)
WORK(credentials_are_read_whole_or_not_at_all, of_credentials)
WORK(a_users_pass_plans_all_or_ends, of_a_users_pass)

static bool serve(void *ctx UNUSED, struct web_conn *c, const char *request UNUSED)
{
    web_reply(c, 201, NULL, "{}");
    return true;
}

TEST(a_request_is_answered_or_fails_or_the_process_ends)
{
    struct web *w = web_start(NULL, serve, NULL);

    port = web_port(w);
    torture(of_a_request, true, 25);
    web_stop(w);
}

SPEC_MAIN()
