#include "kube/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/recjson.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/span.h"
#include "kube/journal.h"
#include "kube/script.h"
#include "kube/write.h"

enum { FILE_MAX = 1 << 30 };

struct player {
    const struct program *p;
    struct caches *caches;
    struct arena a;                 /* of one plan: from its inputs to its outcome */
    struct script now;              /* what the plan says today */
    const char *at;                 /* "CONTROLLER NS/NAME at TIME" */
    bool open;                      /* a plan was made and its outcome is to come */
    const struct kind *learned[32]; /* of needs and operations: some are not watched */
    size_t learned_count;
    size_t line;
    FILE *out;
    struct replay *ret;
};

/* --- the file ----------------------------------------------------------------------------------
 */

static int read_journal(const char *path, struct buf *ret, struct err *e)
{
    char piece[65536];
    size_t n;
    int r = 0;
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return err_set(e, ERR_INVALID, "BadJournal", "cannot read '%s': %s", path, strerror(errno));
    }
    while (r == 0 && (n = fread(piece, 1, sizeof(piece), f)) > 0) {
        r = buf_add(ret, piece, n);
    }
    bool bad = ferror(f) != 0;
    fclose(f);
    return r == 0 && !bad ? 0
                          : err_set(e, ERR_INVALID, "BadJournal", "cannot read '%s' whole", path);
}

/* The next line of *rest, which is moved on; false at the end. */
static bool next_line(struct span *rest, struct span *ret)
{
    const char *nl = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
    if (rest->n == 0) {
        return false;
    }
    size_t n = nl != NULL ? (size_t)(nl - rest->p) : rest->n;
    *ret = (struct span){rest->p, n};
    n += nl != NULL;
    *rest = (struct span){rest->p + n, rest->n - n};
    return true;
}

static int header(struct arena *a, const char *path, struct span *rest, const struct json **ret,
                  struct err *e)
{
    struct span line;
    if (!next_line(rest, &line) || json_parse(a, line.p, line.n, ret, e) < 0 ||
        json_int(*ret, "journal", 0) != 1) {
        return err_set(e, ERR_INVALID, "BadJournal", "'%s' is no journal", path);
    }
    return 0;
}

int replay_program(struct arena *a, const char *path, const char **ret_name, struct err *e)
{
    struct buf text CLEANUP(buf_done);
    const struct json *head;
    buf_init(&text, FILE_MAX);
    if (read_journal(path, &text, e) < 0) {
        return -1;
    }
    struct span rest = {text.data, text.len};
    if (header(a, path, &rest, &head, e) < 0) {
        return -1;
    }
    *ret_name = arena_strdup(a, json_str(head, "program", ""));
    return 0;
}

int replay_env(const struct program *p, const char *path, bool *ret_changed, struct err *e)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct buf text CLEANUP(buf_done);
    const struct json *head;
    buf_init(&text, FILE_MAX);
    if (read_journal(path, &text, e) < 0) {
        return -1;
    }
    struct span rest = {text.data, text.len};
    if (header(&a, path, &rest, &head, e) < 0) {
        return -1;
    }
    *ret_changed = false;
    for (const char *const *name = p->env; name != NULL && *name != NULL; name++) {
        const char *value = json_as_str(json_key(json_key(head, "env"), *name));
        if (!str_eq(getenv(*name), value)) {
            *ret_changed = true;
            value != NULL ? setenv(*name, value, 1) : unsetenv(*name);
        }
    }
    return 0;
}

/* --- objects -----------------------------------------------------------------------------------
 */

static int bad_line(const struct player *r, const char *what, const char *name, struct err *e)
{
    return err_set(e, ERR_INVALID, "BadJournal", "line %zu: this program has no %s '%.80s'",
                   r->line, what, name != NULL ? name : "");
}

static const struct kind *find_kind(struct player *r, const char *name)
{
    for (size_t i = 0; i < r->p->count; i++) {
        const struct controller *c = r->p->controllers[i];
        for (size_t k = 0; k < c->watch_count; k++) {
            if (str_eq(journal_kind(&r->a, c->watches[k].kind), name)) {
                return c->watches[k].kind;
            }
        }
    }
    for (size_t i = 0; i < r->learned_count; i++) {
        if (str_eq(journal_kind(&r->a, r->learned[i]), name)) {
            return r->learned[i];
        }
    }
    return NULL;
}

static int put(struct player *r, const struct json *j, struct err *e)
{
    struct arena tmp CLEANUP(arena_done) = {0};
    const struct kind *k = find_kind(r, json_str(j, "put", NULL));
    struct cache_change ch = {0};
    const struct rec *rec;
    if (k == NULL) {
        return bad_line(r, "kind", json_str(j, "put", NULL), e);
    }
    if (rec_json_read(&tmp, k->rows, json_key(j, "o"), &rec, e) < 0 ||
        cache_apply_rec(r->caches, k, rec, &ch, e) < 0) {
        return -1;
    }
    if (ch.now == NULL) { /* the server's history went back */
        cache_remove(r->caches, k, rec_namespace(rec), rec_name(rec));
        return cache_apply_rec(r->caches, k, rec, &ch, e);
    }
    return 0;
}

static int drop(struct player *r, const struct json *j, struct err *e)
{
    const struct kind *k = find_kind(r, json_str(j, "drop", NULL));
    if (k == NULL) {
        return bad_line(r, "kind", json_str(j, "drop", NULL), e);
    }
    cache_remove(r->caches, k, json_str(j, "ns", NULL), json_str(j, "name", ""));
    return 0;
}

/* --- plans -------------------------------------------------------------------------------------
 */

/* False: its kind is not known, because the plan that asked is in the part before. */
static bool read_answer(struct player *r, const struct json *j, struct answer *ret)
{
    const char *get = json_str(j, "get", NULL);
    *ret = (struct answer){
        .need = {.verb = get != NULL ? NEED_GET : NEED_LOG,
                 .kind = get != NULL ? find_kind(r, get) : NULL,
                 .ns = json_str(j, "ns", ""),
                 .name = json_str(j, "name", ""),
                 .container = json_str(j, "container", NULL)},
        .status = (int)json_int(j, "status", 0),
        .body = json_str(j, "body", ""),
        .at_ms = json_int(j, "at", 0),
    };
    return get == NULL || ret->need.kind != NULL;
}

static bool read_answers(struct player *r, const struct json *list, struct answers *ret)
{
    struct answer *as = arena_alloc(&r->a, (json_len(list) + 1) * sizeof(*as));
    bool known = true;
    *ret = (struct answers){as, json_len(list)};
    for (size_t i = 0; i < json_len(list); i++) {
        known = read_answer(r, json_at(list, i), &as[i]) && known;
    }
    return known;
}

static bool read_refused(struct player *r, const struct json *j, const struct refused **ret)
{
    if (j == NULL) {
        return true;
    }
    struct refused *f = arena_alloc(&r->a, sizeof(*f));
    *f = (struct refused){
        .kind = find_kind(r, json_str(j, "kind", NULL)),
        .ns = json_str(j, "ns", ""),
        .name = json_str(j, "name", ""),
        .code = (int)json_int(j, "code", 0),
        .reason = json_str(j, "reason", ""),
        .message = json_str(j, "message", ""),
    };
    while (f->verb < OP_PATCH && !str_eq(op_verb_name(f->verb), json_str(j, "verb", ""))) {
        f->verb++;
    }
    *ret = f;
    return f->kind != NULL;
}

static const struct controller *find_controller(const struct program *p, const char *name)
{
    for (size_t i = 0; i < p->count; i++) {
        if (str_eq(p->controllers[i]->name, name)) {
            return p->controllers[i];
        }
    }
    return NULL;
}

static const char *manager_of(struct player *r, const struct controller *c)
{
    const char *prefix = r->p->prefix != NULL ? r->p->prefix : "dkube-";
    return c->manager != NULL ? c->manager : arena_printf(&r->a, "%s%s", prefix, r->p->name);
}

static void learn(struct player *r, const struct kind *k)
{
    for (size_t i = 0; i < r->learned_count; i++) {
        if (r->learned[i] == k) {
            return;
        }
    }
    if (r->learned_count < ARRAY_LEN(r->learned)) {
        r->learned[r->learned_count++] = k;
    }
}

/* Kinds that are asked for or written, and not watched: later lines name them. */
static void learn_kinds(struct player *r, const struct plan *p)
{
    for (size_t i = 0; i < p->op_count; i++) {
        learn(r, p->ops[i].kind);
    }
    for (size_t i = 0; i < p->need_count; i++) {
        if (p->needs[i].verb == NEED_GET) {
            learn(r, p->needs[i].kind);
        }
    }
}

static void plan_again(struct player *r, const struct controller *c, const struct pass *pass)
{
    struct plan plan;
    void *view = arena_alloc(&r->a, c->view_size + 1);
    plan_init(&plan, &r->a);
    plan.manager = manager_of(r, c);
    bool is_there = c->gather(&r->a, r->caches, pass, view);
    if (is_there) {
        c->plan(view, &plan);
    }
    learn_kinds(r, &plan);
    script_of(&r->a, is_there ? &plan : NULL, NULL, &r->now);
}

static int inputs(struct player *r, const struct json *j, struct err *e)
{
    const struct controller *c = find_controller(r->p, json_str(j, "plan", NULL));
    struct pass pass = {
        .key = {json_str(j, "ns", ""), json_str(j, "name", "")},
        .now_ms = json_int(j, "now", 0),
        .conf = r->p->conf,
    };
    if (c == NULL) {
        return bad_line(r, "controller", json_str(j, "plan", NULL), e);
    }
    bool known = read_answers(r, json_key(j, "answers"), &pass.answers);
    if (!read_refused(r, json_key(j, "refused"), &pass.refused) || !known) {
        r->ret->skipped++;
        return 0;
    }
    r->at = arena_printf(&r->a, "%s %s%s%s at %s", c->name, pass.key.ns,
                         str_empty(pass.key.ns) ? "" : "/", pass.key.name,
                         clock_rfc3339_micro(&r->a, pass.now_ms));
    r->ret->plans++;
    r->open = true;
    plan_again(r, c, &pass);
    return 0;
}

static void outcome(struct player *r, const struct json *j)
{
    const struct json *out = json_key(j, "out");
    const char **lines = arena_alloc(&r->a, (json_len(out) + 1) * sizeof(*lines));
    struct script was = {lines, json_len(out)};
    for (size_t i = 0; i < was.count; i++) {
        const char *text = json_as_str(json_at(out, i));
        lines[i] = text != NULL ? text : "";
    }
    r->open = false;
    if (!script_equal(&was, &r->now)) {
        r->ret->changed++;
        fprintf(r->out, "line %zu: %s\n", r->line, r->at);
        script_diff(r->out, &was, &r->now);
    }
}

static int play(struct player *r, struct span line, struct err *e)
{
    const struct json *j;
    if (!r->open) {
        arena_reset(&r->a);
    }
    if (json_parse(&r->a, line.p, line.n, &j, e) < 0) {
        return err_in(e, "line %zu", r->line);
    }
    if (json_key(j, "put") != NULL) {
        return put(r, j, e);
    }
    if (json_key(j, "drop") != NULL) {
        return drop(r, j, e);
    }
    if (json_key(j, "plan") != NULL) {
        return inputs(r, j, e);
    }
    if (json_key(j, "out") != NULL && r->open) {
        outcome(r, j);
    }
    return 0;
}

static int play_all(struct player *r, struct span rest, struct err *e)
{
    struct span line;
    for (r->line = 2; next_line(&rest, &line); r->line++) {
        bool cut = rest.n == 0 && (line.n == 0 || line.p[line.n - 1] != '}');
        if (cut) { /* the program was killed while it wrote */
            return 0;
        }
        if (play(r, line, e) < 0) {
            return -1;
        }
    }
    return 0;
}

int replay_run(const struct program *p, const char *path, FILE *out, struct replay *ret,
               struct err *e)
{
    struct buf text CLEANUP(buf_done);
    struct arena a CLEANUP(arena_done) = {0};
    struct player r = {.p = p, .out = out, .ret = ret};
    const struct json *head;
    *ret = (struct replay){0};
    buf_init(&text, FILE_MAX);
    if (read_journal(path, &text, e) < 0) {
        return -1;
    }
    struct span rest = {text.data, text.len};
    if (header(&a, path, &rest, &head, e) < 0) {
        return -1;
    }
    if (!str_eq(json_str(head, "program", NULL), p->name)) {
        return err_set(e, ERR_INVALID, "BadJournal", "'%s' was recorded by %s, not by %s", path,
                       json_str(head, "program", "?"), p->name);
    }
    r.caches = caches_new();
    for (size_t i = 0; i < p->count; i++) {
        for (size_t k = 0; k < p->controllers[i]->watch_count; k++) {
            caches_add_kind(r.caches, p->controllers[i]->watches[k].kind);
        }
        caches_add_orders(r.caches, p->controllers[i]->orders);
    }
    int result = play_all(&r, rest, e);
    ret->unfinished = r.open;
    caches_free(r.caches);
    arena_done(&r.a);
    return result;
}
