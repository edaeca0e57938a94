#include "kube/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/recjson.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/span.h"
#include "kube/script.h"
#include "kube/write.h"

struct journal {
    char *path, *old_path; /* owned */
    int fd;
    int64_t max_bytes, part_bytes; /* of the two parts together; of this one */
    const struct program *program;
    const struct caches *caches;
    struct mask mask;
    struct arena a; /* of one line */
    bool filling;   /* a part's first lines are being written */
    bool pending;   /* inputs without their outcome: no new part in between */
    struct journal_stats stats;
};

const char *journal_kind(struct arena *a, const struct kind *k)
{
    return k->group[0] == '\0' ? k->kind : arena_printf(a, "%s.%s", k->kind, k->group);
}

/* --- lines -------------------------------------------------------------------------------------
 */

static void give_up(struct journal *j, const char *why)
{
    j->stats.trouble = why;
    if (j->fd >= 0) {
        close(j->fd);
        j->fd = -1;
    }
}

/* A line stands whole or not at all: what there is can be replayed. */
static void write_line(struct journal *j, const char *p, size_t n, int64_t before)
{
    while (n > 0 && j->fd >= 0) {
        ssize_t w = write(j->fd, p, n);
        if (w < 0 && errno != EINTR) {
            bool full = errno == ENOSPC || errno == EDQUOT;
            (void)!ftruncate(j->fd, before);
            give_up(j, full ? "the journal's disk is full" : "the journal can not be written");
        } else if (w > 0) {
            p += w;
            n -= (size_t)w;
        }
    }
}

static struct jsonw begin(struct journal *j)
{
    struct jsonw w;
    arena_reset(&j->a);
    jsonw_init(&w, &j->a);
    jsonw_obj(&w, NULL);
    return w;
}

static void end(struct journal *j, struct jsonw *w)
{
    jsonw_end(w);
    const char *text = arena_printf(&j->a, "%s\n", jsonw_text(w));
    size_t n = strlen(text);
    j->part_bytes += (int64_t)n;
    j->stats.bytes += n;
    if (j->filling && j->part_bytes > j->max_bytes / 2) {
        give_up(j, "the objects alone exceed half of the journal's bound");
        return;
    }
    write_line(j, text, n, j->part_bytes - (int64_t)n);
}

/* --- parts -------------------------------------------------------------------------------------
 */

static void write_header(struct journal *j)
{
    struct jsonw w = begin(j);
    jsonw_int(&w, "journal", 1);
    jsonw_str(&w, "program", j->program->name);
    jsonw_str(&w, "version", j->program->version);
    jsonw_str(&w, "began", clock_rfc3339(&j->a, clock_wall_ms()));
    jsonw_obj(&w, "env");
    for (const char *const *name = j->program->env; name != NULL && *name != NULL; name++) {
        jsonw_str(&w, *name, getenv(*name));
    }
    jsonw_end(&w);
    end(j, &w);
}

static void put(struct journal *j, const struct kind *k, const struct rec *r)
{
    struct jsonw w = begin(j);
    jsonw_str(&w, "put", journal_kind(&j->a, k));
    rec_json_write(&w, "o", k->rows, r);
    end(j, &w);
}

static void put_all(struct journal *j, const struct kind *k)
{
    struct cache_iter it = {0};
    const struct rec *r;
    while ((r = cache_next(j->caches, k, NULL, &it)) != NULL) {
        put(j, k, r);
    }
}

static bool is_first(const struct journal *j, const struct controller *c, size_t at)
{
    for (size_t i = 0; i < j->program->count; i++) {
        const struct controller *other = j->program->controllers[i];
        for (size_t k = 0; k < other->watch_count; k++) {
            if (other == c && k == at) {
                return true;
            }
            if (other->watches[k].kind == c->watches[at].kind) {
                return false;
            }
        }
    }
    return false;
}

static void put_kinds(struct journal *j)
{
    for (size_t i = 0; i < j->program->count; i++) {
        const struct controller *c = j->program->controllers[i];
        for (size_t k = 0; k < c->watch_count; k++) {
            const struct kind *kind = c->watches[k].kind;
            if (is_first(j, c, k) && caches_has_kind(j->caches, kind)) {
                put_all(j, kind);
            }
        }
    }
}

static int open_part(struct journal *j)
{
    if (j->fd >= 0) {
        close(j->fd);
    }
    if (rename(j->path, j->old_path) < 0 && errno != ENOENT) {
        j->fd = -1;
        return -1;
    }
    j->fd = open(j->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    j->part_bytes = 0;
    j->stats.parts++;
    return j->fd < 0 ? -1 : 0;
}

static void next_part(struct journal *j)
{
    if (j->pending || j->part_bytes <= j->max_bytes / 2) {
        return;
    }
    if (open_part(j) < 0) {
        give_up(j, "the journal's next part can not be made");
        return;
    }
    j->filling = true;
    write_header(j);
    put_kinds(j);
    j->filling = false;
}

/* --- the verbs ---------------------------------------------------------------------------------
 */

struct journal *journal_open(const char *path, int64_t max_bytes, const struct program *p,
                             const struct caches *c, struct err *e)
{
    struct journal *j = mem_alloc(sizeof(*j));
    j->path = mem_strdup(path);
    j->old_path = mem_alloc(strlen(path) + sizeof(".old"));
    memcpy(j->old_path, path, strlen(path));
    memcpy(j->old_path + strlen(path), ".old", sizeof(".old"));
    j->fd = -1;
    j->max_bytes = max_bytes;
    j->program = p;
    j->caches = c;
    mask_init(&j->mask);
    if (open_part(j) < 0) {
        err_set(e, ERR_INVALID, "BadJournal", "cannot record to '%s': %s", path, strerror(errno));
        journal_close(j);
        return NULL;
    }
    write_header(j);
    return j;
}

void journal_close(struct journal *j)
{
    if (j == NULL) {
        return;
    }
    if (j->fd >= 0) {
        close(j->fd);
    }
    arena_done(&j->a);
    mem_free(j->path);
    mem_free(j->old_path);
    mem_free(j);
}

int journal_dump(const char *path, const struct program *p, const struct caches *c)
{
    struct arena a CLEANUP(arena_done) = {0};
    struct err e;
    const char *part = arena_printf(&a, "%s.part", path);
    struct journal *j = journal_open(part, INT64_MAX, p, c, &e);
    if (j == NULL) {
        return -1;
    }
    put_kinds(j);
    int r = j->stats.trouble == NULL && rename(part, path) == 0 ? 0 : -1;
    if (r < 0) {
        unlink(part);
    }
    journal_close(j);
    return r;
}

static bool is_on(const struct journal *j)
{
    return j != NULL && j->fd >= 0;
}

void journal_change(struct journal *j, const struct kind *k, const struct rec *old,
                    const struct rec *now)
{
    if (!is_on(j)) {
        return;
    }
    if (now != NULL) {
        put(j, k, now);
    } else {
        struct jsonw w = begin(j);
        jsonw_str(&w, "drop", journal_kind(&j->a, k));
        jsonw_opt(&w, "ns", rec_namespace(old));
        jsonw_str(&w, "name", rec_name(old));
        end(j, &w);
    }
    next_part(j);
}

static void write_answer(struct journal *j, struct jsonw *w, const struct answer *a)
{
    bool secret = a->need.verb == NEED_GET && kind_is_secret(a->need.kind);
    jsonw_obj(w, NULL);
    jsonw_opt(w, "get", a->need.verb == NEED_GET ? journal_kind(&j->a, a->need.kind) : NULL);
    jsonw_opt(w, "ns", a->need.ns);
    jsonw_str(w, "name", a->need.name);
    jsonw_opt(w, "container", a->need.container);
    jsonw_int(w, "status", a->status);
    jsonw_int(w, "at", a->at_ms);
    jsonw_str(w, "body",
              secret ? mask_secret(&j->mask, &j->a, a->body) : mask_text(&j->a, a->body));
    jsonw_end(w);
}

static void write_refused(struct journal *j, struct jsonw *w, const struct refused *r)
{
    jsonw_obj(w, "refused");
    jsonw_str(w, "verb", op_verb_name(r->verb));
    jsonw_str(w, "kind", journal_kind(&j->a, r->kind));
    jsonw_opt(w, "ns", r->ns);
    jsonw_str(w, "name", r->name);
    jsonw_int(w, "code", r->code);
    jsonw_str(w, "reason", r->reason);
    jsonw_str(w, "message", r->message);
    jsonw_end(w);
}

void journal_inputs(struct journal *j, const struct controller *c, const struct pass *pass)
{
    if (!is_on(j)) {
        return;
    }
    struct jsonw w = begin(j);
    jsonw_str(&w, "plan", c->name);
    jsonw_opt(&w, "ns", pass->key.ns);
    jsonw_str(&w, "name", pass->key.name);
    jsonw_int(&w, "now", pass->now_ms);
    if (pass->answers.count > 0) {
        jsonw_arr(&w, "answers");
        for (size_t i = 0; i < pass->answers.count; i++) {
            write_answer(j, &w, &pass->answers.list[i]);
        }
        jsonw_end(&w);
    }
    if (pass->refused != NULL) {
        write_refused(j, &w, pass->refused);
    }
    end(j, &w);
    j->pending = true;
    j->stats.plans++;
}

void journal_outcome(struct journal *j, const struct plan *p)
{
    struct script s;
    if (!is_on(j)) {
        return;
    }
    struct jsonw w = begin(j);
    script_of(&j->a, p, &j->mask, &s);
    jsonw_arr(&w, "out");
    for (size_t i = 0; i < s.count; i++) {
        jsonw_str(&w, NULL, s.lines[i]);
    }
    jsonw_end(&w);
    end(j, &w);
    j->pending = false;
    next_part(j);
}

void journal_stats(const struct journal *j, struct journal_stats *ret)
{
    *ret = j != NULL ? j->stats : (struct journal_stats){0};
}
